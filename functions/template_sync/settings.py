"""template-sync's environment."""

from __future__ import annotations

from datetime import timedelta

from mesh.settings import Settings


class TemplateSettings(Settings):
    """``target_arn`` is what its schedules wake: this function. ``template_days`` is how far ahead a row is wanted where the
    rules doc does not say.
    """

    status_table: str
    audit_table: str
    rules_bucket: str
    template_group: str
    template_role_arn: str
    target_arn: str
    dead_letters_arn: str
    template_days: int = 7

    @property
    def lead(self) -> timedelta:
        return timedelta(days=self.template_days)
