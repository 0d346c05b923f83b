"""``docs/moves.md``: every reason for which the scheduler does something or nothing, made of the catalogue that it uses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from scheduler.channels import NUDGE_AFTER, SEND_AT_ONCE
from scheduler.reasons import CATALOGUE, Code
from scheduler.troubles import TOLD_AFTER
from sender.decide import ATTEMPT_LIMIT, BACKOFF, SOONEST

_FACTS = {"to": "Monday, 07:00", "why": "outside the posting window 07:00-21:00", "channel": "bluesky-main"}
_GROUPS = (
    ("What is done with a post", Code.PACKAGE_WANTED),
    ("Why a post waits", Code.DAMAGED),
    ("When it goes out on a channel", Code.ON_TIME),
    ("When you are asked whether it shall still go", Code.TIME_PASSED),
    ("Why nothing happens on a channel", Code.SENT),
    ("Why a booking is taken back", Code.CHANNEL_OUT),
)


def moves_page() -> str:
    """Markdown. Same code, same page."""
    waits = ", ".join(_minutes(wait) for wait in BACKOFF)
    return "\n".join(
        [
            "# Why a post goes out, waits or is asked about",
            "",
            "Made by `python -m local.generate` from the reasons the scheduler uses; `make test` holds the two together.",
            "",
            "Whatever the scheduler decides about a post, or about one channel of it, has one of these reasons. Its sentence stands in",
            "the post's history (`make history POST=p_…`) beside what was done, and, where it says so below, in the row's status, on",
            "the card or in a message. The log has one line for each move that changes something, with the post's id, the channel and",
            "the code, and never a word of the post. A booking's reason is also why the row names another time than yours: “Booked for",
            "Fri 26 Mar, 07:00, not 03:00 as planned: outside the posting window 07:00-21:00”. In the sentences below times, rules and",
            "channels are examples.",
            "",
            *[line for title, first in _GROUPS for line in _section(title, first)],
            "## Trying again",
            "",
            "A try that certainly did nothing is followed by another: at the time the network itself names, else after",
            f"{waits}, and so on at that pace, each wait up to a fifth longer; never sooner than after {_minutes(SOONEST)}, and never",
            f"before the network's own time. After {ATTEMPT_LIMIT} tries since the newest approval it has failed, and its owner is told.",
            "No try goes out later than the late rule allows, counted from the minute the post was first booked for on that channel, or",
            "from the newest click: then its owner is asked instead. A try that may have worked is only looked for, never repeated on a",
            "guess.",
            "",
            f"What is due in less than {_minutes(SEND_AT_ONCE)} is sent without a booking. What nothing took up within",
            f"{_minutes(NUDGE_AFTER)} is said again by the next sweep; {_minutes(TOLD_AFTER)} after its time the owner is told what stands",
            "in the way.",
            "",
        ]
    )


def _section(title: str, first: Code) -> Iterator[str]:
    starts = {code for _, code in _GROUPS}
    codes = list(CATALOGUE)
    begin = codes.index(first)
    end = next((place for place in range(begin + 1, len(codes)) if codes[place] in starts), len(codes))
    yield f"## {title}"
    yield ""
    yield "| code | move | sentence | when | where you see it | what to do |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for code in codes[begin:end]:
        words = CATALOGUE[code]
        said = words.said.format(**_FACTS)
        yield f"| `{code}` | {words.move} | {said} | {words.when} | {words.seen} | {words.to_do or 'nothing'} |"
    yield ""


def _minutes(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes % 60 == 0 and minutes > 60:
        return f"{minutes // 60} hours"
    return "an hour" if minutes == 60 else f"{minutes} minute{'s' if minutes != 1 else ''}"
