"""approve-handler's environment."""

from __future__ import annotations

from mesh.door.devices import on_list
from mesh.settings import Settings


class ApproveSettings(Settings):
    """``approve_url`` is the base of the links where something stands before the Function URL; "" otherwise.

    ``recipients`` are mail addresses separated by commas: those who may decide. ``slack_secret``
    is the name of Slack's secret, "" where Slack is not set up. ``first_press`` is "button", or "code" where a device's first press
    wants six digits from a mail beside it.
    """

    status_table: str
    sends_table: str
    audit_table: str
    runtime_table: str
    posts_bucket: str
    signing_secret: str
    recipients: str
    approve_url: str = ""
    slack_secret: str = ""
    first_press: str = "button"

    def one_of_us(self, recipient: str) -> str:
        """The address as the list has it now; "" where it is not on it."""
        return on_list(self.recipients, recipient)
