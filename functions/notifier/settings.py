"""The notifier's environment."""

from __future__ import annotations

from mesh.settings import Settings


class NotifierSettings(Settings):
    """``recipients`` are mail addresses separated by commas; ``approve_url`` is the base of every signed link.

    ``compose_url`` is the base of the links where notes are written, "" where there is none. ``slack_secret`` is the name of Slack's
    secret, "" where nothing goes to Slack.
    """

    status_table: str
    sends_table: str
    audit_table: str
    runtime_table: str
    posts_bucket: str
    signing_secret: str
    approve_url: str
    mail_from: str
    recipients: str
    sheet_url: str = ""
    receipts: str = "each"
    slack_secret: str = ""
    compose_url: str = ""

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(address for part in self.recipients.split(",") if (address := part.strip()))
