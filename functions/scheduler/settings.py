"""The scheduler's environment."""

from __future__ import annotations

from datetime import timedelta

from mesh.settings import Settings


class SchedulerSettings(Settings):
    status_table: str
    sends_table: str
    audit_table: str
    runtime_table: str
    posts_bucket: str
    rules_bucket: str
    booking_group: str
    booking_role_arn: str
    bus_arn: str
    dead_letters_arn: str
    quiet_minutes: int = 10
    horizon_days: int = 14

    @property
    def quiet(self) -> timedelta:
        return timedelta(minutes=self.quiet_minutes)

    @property
    def horizon(self) -> timedelta:
        return timedelta(days=self.horizon_days)
