"""A test of the whole way of a mail: event, notifier, signing key, SES, and its links to the door. To one recipient; no post is touched."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

from local.checks.looking import Subject, looking
from local.checks.model import Finding, State
from local.checks.values import listed
from local.setup.answering import SetupError
from mesh.bus import Bus
from mesh.errors import BusError
from mesh.events import Trouble
from mesh.ledger.values import pack, unpack

NAME = "test mail"
SAID = (
    "This is a test from setting up: nothing is wrong, and no post is touched. "
    "Open the link to hold everything, at the end of this mail: a page with a button shows that links work. "
    "Looking changes nothing; leave the button alone."
)
_LOOKS, _APART_SECONDS = 30, 2.0


def recipient(answer: str, people: Sequence[str]) -> str | Finding:
    """Whom ``answer`` means: an address, or "yes" where only one could be meant. Its links are signed for a recipient: others get none."""
    if answer.lower() in ("yes", "y", "true", "1"):
        if len(people) == 1:
            return people[0]
        return Finding(
            NAME, State.DOUBTFUL, f"to whom? There are {listed(list(people))}", "name one of them, and go on"
        )
    found = [one for one in people if one.lower() == answer.lower()]
    if found:
        return found[0]
    said = f"{answer} is none of those who approve, and only their links open the page"
    return Finding(NAME, State.DOUBTFUL, said, f"name one of {listed(list(people))}")


def send(events: Any, subject: Subject, to: str, pause: Callable[[float], None] = time.sleep) -> Finding:
    """Told by the notifier to this one alone; waits a minute at most for SES to take it. Each test is a cause of its own."""
    cause = f"test#{secrets.token_hex(4)}"
    try:
        Bus(events, subject.prefix).put([Trouble(cause=cause, message=SAID, only_for=to)])
    except BusError as error:
        raise SetupError(f"the event bus did not take the test ({error}); try again in a minute") from error
    found: list[Finding] = []
    with looking(NAME, "dynamodb:GetItem", found):
        for _ in range(_LOOKS):
            told = subject.client("dynamodb").get_item(
                TableName=f"{subject.prefix}-runtime", Key=pack({"pk": cause}), ConsistentRead=True
            )
            if "Item" in told:
                return _judged(to, str(unpack(told["Item"])["refused"]))
            pause(_APART_SECONDS)
        said = f"SES has not taken the one to {to} within a minute"
        fix = f"make doctor ENV={subject.environment} says what is wrong; a message that waits goes out by itself"
        return Finding(NAME, State.BAD, said, fix)
    return found[0]


def _judged(to: str, refused: str) -> Finding:
    if refused:
        fix = "see what stands under sender, SES sandbox and suppression list"
        return Finding(NAME, State.BAD, refused, fix)
    said = (
        f"SES has taken it, to {to} alone: “A test: your mails arrive” comes within minutes. Open the link at its end: "
        "a page with a button is what you should see. Not there, and not among spam: ask whoever runs that mailbox"
    )
    return Finding(NAME, State.GOOD, said)
