"""A test of the whole way of a mail: event, notifier, signing key, SES, and its links to the door. No post is touched."""

from __future__ import annotations

import secrets

from local.checks.model import Finding, State
from local.setup.answering import SetupError
from mesh.bus import Bus
from mesh.errors import BusError
from mesh.events import Trouble

NAME = "test mail"
SAID = (
    "This is a test from setting up: nothing is wrong, and no post is touched. "
    "Open the link to hold everything, at the end of this mail: a page with a button shows that links work. "
    "Looking changes nothing; leave the button alone."
)


def send(events: object, prefix: str, people: int) -> Finding:
    """Told by the notifier as every trouble is, at once. Each test is a cause of its own, so that it is said again."""
    try:
        Bus(events, prefix).put([Trouble(cause=f"test#{secrets.token_hex(4)}", message=SAID)])
    except BusError as error:
        raise SetupError(f"the event bus did not take the test ({error}); try again in a minute") from error
    many = f"all {people} recipients" if people > 1 else "the recipient"
    return Finding(
        NAME,
        State.GOOD,
        f"is on its way to {many}: “A test: your mails arrive”, within a minute or two; its link must open a page. "
        "None there after five minutes, not among spam either: make doctor says why",
    )
