"""approve-handler's environment."""

from __future__ import annotations

from mesh.settings import Settings


class ApproveSettings(Settings):
    """``approve_url`` is the base of the links where something stands before the Function URL; "" otherwise."""

    status_table: str
    sends_table: str
    audit_table: str
    runtime_table: str
    posts_bucket: str
    signing_secret: str
    approve_url: str = ""
