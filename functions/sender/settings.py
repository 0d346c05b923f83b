"""What the sender needs to know of its surroundings."""

from __future__ import annotations

from mesh.settings import Settings


class SenderSettings(Settings):
    status_table: str
    sends_table: str
    audit_table: str
    runtime_table: str
    posts_bucket: str
    rules_bucket: str
    drive_secret: str
    channel_secrets_prefix: str
    sheet_id: str
    drive_folder_id: str
