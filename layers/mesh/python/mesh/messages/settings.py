"""What a function needs in its environment to send messages."""

from __future__ import annotations

from mesh.settings import Settings


class OfficeSettings(Settings):
    """``recipients`` are mail addresses separated by commas; ``approve_url`` is the base of every signed link.

    ``compose_url`` is the base of the links where notes are written, ``compose_secret`` names their key; "" where there are none.
    ``slack_secret`` is the name of Slack's
    secret, "" where nothing goes to Slack. ``receipts``: "each" tells of every post at once, "digest" leaves those that went well to the
    weekly digest. ``mail_set`` is the name of SES's configuration set, "" where mails go without one.
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
    slack_secret: str = ""
    compose_url: str = ""
    compose_secret: str = ""
    receipts: str = "digest"
    mail_set: str = ""

    @property
    def people(self) -> tuple[str, ...]:
        return addresses(self.recipients)


def addresses(listed: str) -> tuple[str, ...]:
    """Those of a list with commas, each once, in their order."""
    return tuple(dict.fromkeys(address for part in listed.split(",") if (address := part.strip())))
