"""The digest's environment."""

from __future__ import annotations

from mesh.messages.settings import OfficeSettings


class DigestSettings(OfficeSettings):
    """What every sender of messages needs, and where the rules doc lies."""

    rules_bucket: str
