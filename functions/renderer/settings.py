"""The renderer's environment."""

from __future__ import annotations

from mesh.settings import Settings


class RendererSettings(Settings):
    status_table: str
    audit_table: str
    posts_bucket: str
    rules_bucket: str
