"""drive-sync's environment."""

from __future__ import annotations

from mesh.settings import Settings


class DriveSyncSettings(Settings):
    status_table: str
    sends_table: str
    audit_table: str
    runtime_table: str
    posts_bucket: str
    rules_bucket: str
    drive_secret: str
    sheet_id: str
    drive_folder_id: str
    horizon_days: int = 14
    tab: str = "Posts"
    approve_url: str = ""  # the base of the pages where posts are approved
