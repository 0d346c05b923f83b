"""Every state and failure there is has its sentence, and each reads as a person would say it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from drive_sync.sentences import Halts, good_until, sentence
from mesh.ledger.items import (
    Approval,
    Asking,
    Booked,
    CardSent,
    ChannelProblem,
    Flag,
    FlagState,
    Head,
    HeadState,
    Hold,
    PackageRef,
    Queued,
    State,
    Status,
)

NOW = datetime(2027, 3, 20, 8, 0, tzinfo=UTC)
EARLIER, LATER = "2027-03-20T07:00:00+00:00", "2027-03-20T09:30:00+00:00"
ZONE = ZoneInfo("Europe/Berlin")
HORIZON = timedelta(days=14)
APPROVAL = Approval(revision="r", by="ada@example.test", how="mail", at=EARLIER)
HOLD = Hold(by="ada@example.test", how="mail", at=EARLIER)
PACKAGE = PackageRef(source_revision="s", revision="r")
ASKED = Asking(revision="r", round_id="r_1", reason="new", at=EARLIER)
WINDOW = "outside the posting window 10:30-21:00"
LATE = Asking(revision="r", round_id="r_2", reason="late", at="2027-03-20T07:30:00+00:00")


def status(**changes: Any) -> Status:
    base = Status(
        post_id="p_1",
        due_at="2027-03-26T08:00:00+00:00",
        channels=("bluesky-main", "mastodon-main"),
        source_revision="s",
    )
    return base.model_copy(update={"package": PACKAGE, **changes})


def head(state: HeadState, channel: str = "bluesky-main", **more: Any) -> Head:
    return Head(post_channel=f"p_1#{channel}", state=state, revision="r", **more)


def both(state: HeadState, **more: Any) -> tuple[Head, Head]:
    return head(state, **more), head(state, "mastodon-main", **more)


CASES: list[tuple[Status, tuple[Head, ...], str]] = [
    (status(package=None), (), "Being prepared"),
    (
        status(package=None, due_at="2027-06-01T08:00:00+00:00"),
        (),
        "Planned. Its preview is made on Tuesday 18 May, 10:00",
    ),
    (status(), (), "Ready. The mail asking for your approval comes in a few minutes"),
    (status(asked=ASKED), (), "Waiting for your approval; the mail is on its way"),
    (
        status(asked=ASKED, card=CardSent(round_id="r_1", error="the address bounces")),
        (),
        "Waiting for your approval, but nobody could be asked: the address bounces. Tick the post to be asked again.",
    ),
    (
        status(asked=ASKED, card=CardSent(round_id="r_1", sent_at=EARLIER, error="ben@example.test: refused")),
        (),
        "Waiting for your approval (mail of Sat 20 Mar, 08:00; not to ben@example.test: refused)",
    ),
    (
        status(asked=ASKED, card=CardSent(round_id="r_1", sent_at=EARLIER)),
        (),
        "Waiting for your approval (mail of Sat 20 Mar, 08:00)",
    ),
    (
        status(asked=ASKED, due_at="2027-03-20T06:00:00+00:00"),
        (),
        "Not sent: nobody approved it in time. The mail's button still sends it.",
    ),
    (
        status(flag=Flag(state=FlagState.HAND, at=LATER), asked=ASKED),
        (),
        "A tick alone approves nothing: a mail with the preview is on its way",
    ),
    (
        status(approval=APPROVAL.model_copy(update={"revision": "old"})),
        (),
        "Changed since it was approved: it will not go out until it is approved again",
    ),
    (status(approval=APPROVAL), (), "Approved by ada@example.test (Sat 20 Mar, 08:00)"),
    (
        status(approval=APPROVAL),
        (head(HeadState.READY, detail="the tick is gone"),),
        "Approved by ada@example.test (Sat 20 Mar, 08:00), not sent: the tick is gone",
    ),
    (
        status(approval=APPROVAL, asked=LATE),
        (),
        "Not sent: its time has passed. A mail asks whether it shall still go out.",
    ),
    (
        status(approval=APPROVAL, state=State.QUEUED, queued_for=LATER),
        (),
        "Booked for Sat 20 Mar, 10:30, not Fri 26 Mar, 09:00 as planned",
    ),
    (status(approval=APPROVAL, state=State.QUEUED, queued_for=LATER, due_at=LATER), (), "Booked for Sat 20 Mar, 10:30"),
    (
        status(
            approval=APPROVAL,
            state=State.QUEUED,
            queued_for=LATER,
            queued=(
                Queued(channel="bluesky-main", at=LATER, why=WINDOW),
                Queued(channel="mastodon-main", at=LATER, why=WINDOW),
            ),
            due_at="2027-03-20T05:00:00+00:00",
        ),
        (),
        "Booked for Sat 20 Mar, 10:30, not 06:00 as planned: outside the posting window 10:30-21:00",
    ),
    (
        status(
            approval=APPROVAL,
            state=State.QUEUED,
            queued_for=LATER,
            queued=(
                Queued(channel="bluesky-main", at=LATER),
                Queued(
                    channel="mastodon-main",
                    at="2027-03-20T09:35:00+00:00",
                    why="5 minutes between posts on one channel",
                ),
            ),
            due_at=LATER,
        ),
        (),
        "Booked: bluesky-main for Sat 20 Mar, 10:30; "
        "mastodon-main for Sat 20 Mar, 10:35, not 10:30 as planned: 5 minutes between posts on one channel",
    ),
    (
        status(
            approval=APPROVAL.model_copy(update={"now": True}),
            state=State.QUEUED,
            queued_for=LATER,
            queued=(Queued(channel="bluesky-main", at=LATER, why=WINDOW),),
        ),
        (),
        "Booked for Sat 20 Mar, 10:30, as you wanted it at once: outside the posting window 10:30-21:00",
    ),
    (
        status(approval=APPROVAL),
        (head(HeadState.RETRY, detail="the sign-in has ended"),),
        "bluesky-main: will be tried again when bluesky-main works again (the sign-in has ended)",
    ),
    (
        status(approval=APPROVAL, held=HOLD),
        (),
        "Held by ada@example.test since Sat 20 Mar, 08:00. Nothing goes out until you release it.",
    ),
    (status(approval=APPROVAL), both(HeadState.OPEN), "bluesky-main: being posted; mastodon-main: being posted"),
    (
        status(approval=APPROVAL),
        both(HeadState.SENT, posted_url="https://a.example/1"),
        "Posted: https://a.example/1 https://a.example/1",
    ),
    (
        status(approval=APPROVAL),
        both(HeadState.SENT),
        "Posted: bluesky-main (found by you) mastodon-main (found by you)",
    ),
    (
        status(approval=APPROVAL, source_revision="newer"),
        both(HeadState.SENT, posted_url="https://a.example/1"),
        "Posted: https://a.example/1 https://a.example/1\nThe row was changed after it was posted; what is out stays as it was.",
    ),
    (
        status(approval=APPROVAL),
        (
            head(HeadState.SENT, posted_url="https://a.example/1"),
            head(HeadState.READY, "mastodon-main", booking=Booked(name="b", at=LATER, attempt=1)),
        ),
        "bluesky-main: posted https://a.example/1; "
        "mastodon-main: booked for Sat 20 Mar, 10:30, not Fri 26 Mar, 09:00 as planned",
    ),
    (
        status(approval=APPROVAL, held=HOLD),
        (head(HeadState.SENT, posted_url="https://a.example/1"), head(HeadState.READY, "mastodon-main")),
        "bluesky-main: posted https://a.example/1; mastodon-main: waiting\n"
        "Held by ada@example.test since Sat 20 Mar, 08:00: the rest does not go out until you release it.",
    ),
    (
        status(approval=APPROVAL),
        (head(HeadState.RETRY, next_at=LATER, detail="too many posts"),),
        "bluesky-main: will be tried again at Sat 20 Mar, 10:30 (too many posts)",
    ),
    (status(approval=APPROVAL), (head(HeadState.UNKNOWN),), "bluesky-main: not known yet whether it is out; checking"),
    (
        status(approval=APPROVAL),
        (head(HeadState.UNKNOWN, asked_at=EARLIER),),
        "bluesky-main: nobody can tell whether it is out; please look there and answer the mail of Sat 20 Mar, 08:00",
    ),
    (
        status(approval=APPROVAL),
        (head(HeadState.FAILED, detail="the text is too long"),),
        "bluesky-main: not posted, the text is too long",
    ),
    (status(approval=APPROVAL), (head(HeadState.FAILED),), "bluesky-main: not posted, the network refused it"),
    (
        status(approval=APPROVAL),
        (head(HeadState.BROKEN),),
        "bluesky-main: its record is damaged, nothing goes out there until somebody looks",
    ),
    (
        status(row_problems=(ChannelProblem(code="c", message="date: write the day"),), package=None),
        (),
        "Please mend: date: write the day",
    ),
    (
        Status(post_id="p_1", broken=True),
        (),
        "The record of this post is damaged: nothing goes out until somebody looks.",
    ),
]


@pytest.mark.parametrize(("one", "heads", "said"), CASES, ids=[case[2][:40] for case in CASES])
def test_the_row_says(one: Status, heads: tuple[Head, ...], said: str) -> None:
    assert sentence(one, heads, ZONE, NOW, HORIZON) == said


def test_a_tick_by_hand_names_the_posts_own_page_and_no_link_that_approves() -> None:
    ticked = status(flag=Flag(state=FlagState.HAND, at=LATER), asked=ASKED)
    said = sentence(ticked, (), ZONE, NOW, HORIZON, door="https://approve.example.test/")
    assert said == (
        "A tick alone approves nothing: a mail with the preview is on its way, or look here: "
        "https://approve.example.test/post/p_1"
    )


JARGON = re.compile(
    r"\b(None|head|revision|null|enum|State|flag|stamp|retry|unknown|lease|p_1)\b|[{}<>_]|[a-z]+-[a-z]+#"
)


def every_status() -> list[Status]:
    """Every combination of what can be set on a post."""
    return [
        status(
            package=package, approval=approval, held=held, flag=flag, asked=asked, card=card, due_at=due,
            state=state, queued_for=LATER if state is State.QUEUED else None,
        )
        for package, approval, held, flag, asked, card, due, state in product(
            (None, PACKAGE),
            (None, APPROVAL),
            (None, HOLD),
            (None, Flag(state=FlagState.HAND, at=LATER), Flag(state=FlagState.WRITTEN, at=EARLIER)),
            (None, ASKED, LATE),
            (None, CardSent(round_id="r_1", sent_at=EARLIER)),
            ("2027-03-20T06:00:00+00:00", "2027-03-26T08:00:00+00:00", None),
            (State.DRAFT, State.QUEUED, State.SENT, State.FAILED),
        )
    ]  # fmt: skip


def test_no_combination_of_states_is_without_words_or_in_ours() -> None:
    headings = [
        (),
        *(((head(one),)) for one in HeadState),
        *((head(one), head(two, "mastodon-main")) for one, two in product(HeadState, HeadState)),
    ]
    halts = Halts({"by": "ada", "at": EARLIER}, {"bluesky-main": {"detail": "the sign-in has ended"}})
    seen = set()
    for number, one in enumerate(every_status()):
        heads = headings[number % len(headings)]
        for over in (Halts(), halts):
            text = sentence(one, heads, ZONE, NOW, HORIZON, over)
            seen.add(text)
            assert text
            assert text[0].isupper() or text.startswith(("bluesky-main", "mastodon-main"))
            assert not JARGON.search(text), text
    assert len(seen) > 60


def test_what_time_alone_will_change_is_known_beforehand() -> None:
    waiting = status(asked=ASKED, card=CardSent(round_id="r_1", sent_at=EARLIER))
    turn = good_until(waiting, NOW, HORIZON)
    assert turn == datetime(2027, 3, 26, 8, tzinfo=UTC)
    assert sentence(waiting, (), ZONE, turn - timedelta(seconds=1), HORIZON) == sentence(
        waiting, (), ZONE, NOW, HORIZON
    )
    assert sentence(waiting, (), ZONE, turn + timedelta(seconds=1), HORIZON) != sentence(
        waiting, (), ZONE, NOW, HORIZON
    )
    assert good_until(waiting, turn + timedelta(seconds=1), HORIZON) is None
    assert good_until(status(approval=APPROVAL), NOW, HORIZON) is None
    far = status(package=None, due_at="2027-06-01T08:00:00+00:00")
    assert good_until(far, NOW, HORIZON) == datetime(2027, 5, 18, 8, tzinfo=UTC)
