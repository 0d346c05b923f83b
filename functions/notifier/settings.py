"""The notifier's environment."""

from __future__ import annotations

from mesh.messages.settings import OfficeSettings


class NotifierSettings(OfficeSettings):
    """What every sender of messages needs, and no more."""
