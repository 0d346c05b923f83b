"""The renderer's environment."""

from __future__ import annotations

from mesh.settings import Settings


class RendererSettings(Settings):
    status_table: str
    audit_table: str
    posts_bucket: str
    rules_bucket: str
    render_cache_bucket: str
    link_pages: str = ""  # an origin that stands in for the web where there is none
