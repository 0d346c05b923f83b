"""Every post at the time it will go, and why; what is wrong with its row; and when the tables are read again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from local.console import StackAddresses
from local.console.glance import chips
from local.console.judged import judge, told
from local.console.plan import Plan
from local.console.planned import clock_changes, closed_days, planned
from local.console.reading import Reading, as_read
from local.console.runs import Runs
from local.console.stack import Stack
from mesh.ledger.items import ChannelProblem, read_head, read_status
from mesh.ledger.proposals import DraftState, Note, Proposal
from mesh.posts import read_row
from mesh.rulebook import Rulebook, parse_rules
from tests.browser.fake_stack import RULES, FakeStack, cafe, plan_rows

BERLIN = "Europe/Berlin"
STRICT = f"Posting window: 07:00-21:00\nMinimum gap: 1 hour\nBlackout days: 2027-04-02\n\n{RULES}"
READY = {"package": {"source_revision": "s", "revision": "r"}}
APPROVED = {**READY, "approval": {"revision": "r", "by": "anna", "how": "mail", "at": "2027-03-15T07:00:00+00:00"}}


def rules(text: str = STRICT) -> Rulebook:
    return parse_rules(text, default_zone=BERLIN)[0]


def item(post_id: str, due: str, **more: Any) -> dict[str, Any]:
    usual = {"post_id": post_id, "due_at": due, "channels": ["bluesky-main"], "source_revision": "s", "open": "1"}
    return {**usual, **more}


def shown(items: Sequence[Mapping[str, Any]], heads: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    by_post: dict[str, list[Any]] = {}
    for one in map(read_head, heads):
        by_post.setdefault(one.post_id, []).append(one)
    return planned([read_status(one) for one in items], by_post, rules(), {}, [])


def test_a_post_goes_when_the_rules_let_it() -> None:
    found = shown(
        [
            item("early", "2027-03-16T02:00:00+00:00"),
            item("fine", "2027-03-17T08:00:00+00:00"),
            item("gap", "2027-03-17T08:05:00+00:00"),
            item("closed", "2027-04-02T08:00:00+00:00"),
        ]
    )
    assert [(one["goes_at"], one["why"]) for one in found] == [
        ("2027-03-16T06:00:00+00:00", "outside the posting window 07:00-21:00"),
        ("2027-03-17T08:00:00+00:00", ""),
        ("2027-03-17T09:00:00+00:00", "60 minutes between posts on one channel"),
        ("2027-04-03T05:00:00+00:00", "Friday 2 April is a blackout day"),
    ]


def test_what_is_booked_and_out_says_when_and_others_keep_away_from_it() -> None:
    booking = {"name": "b", "at": "2027-03-17T10:00:00+00:00", "attempt": 1, "why": "60 minutes between posts"}
    head = {"attempt": 0, "revision": "r"}
    found = shown(
        [
            item("a-out", "2027-03-17T08:00:00+00:00", state="sent", **APPROVED),
            item("b-booked", "2027-03-17T09:30:00+00:00", state="queued", **APPROVED),
            item("c-after", "2027-03-17T10:15:00+00:00"),
        ],
        [
            {**head, "post_channel": "a-out#bluesky-main", "state": "sent", "since": "2027-03-17T08:00:20+00:00"},
            {**head, "post_channel": "b-booked#bluesky-main", "state": "ready", "booking": booking},
        ],
    )
    assert [(one["state"], one["goes_at"], one["why"]) for one in found] == [
        ("out", "2027-03-17T08:00:00+00:00", ""),
        ("approved", "2027-03-17T10:00:00+00:00", "60 minutes between posts"),
        ("draft", "2027-03-17T11:00:00+00:00", "60 minutes between posts on one channel"),
    ]


def test_the_state_is_what_matters_most() -> None:
    due = "2027-03-17T08:00:00+00:00"
    problem = [{"channel": "", "code": "date-unreadable", "message": "date: “x” is no date; write it like 2026-12-25"}]
    held = {"by": "anna", "how": "mail", "at": due}
    failed = {"post_channel": "failed#bluesky-main", "attempt": 0, "revision": "r", "state": "failed", "detail": "no"}
    found = shown(
        [
            item("draft", due),
            item("failed", due, state="failed", **APPROVED),
            item("held", due, held=held, **APPROVED),
            item("mend", "9999-12-31T00:00:00+00:00", row_problems=problem),
            item("waits", due, **READY),
            item("yes", due, **APPROVED),
            item("gone", due, gone_at=due, state="gone"),
            {**item("idea", due), "wanted": {"by": "x", "date": "2027-03-17", "time": "09:00"}},
        ],
        [failed],
    )
    assert {one["post_id"]: one["state"] for one in found} == {
        "draft": "draft", "failed": "failed", "held": "held", "mend": "mend", "waits": "waits", "yes": "approved",
    }  # fmt: skip
    mend = found[-1]
    assert (mend["cell_at"], mend["goes_at"]) == (None, None)
    assert mend["problems"] == [
        {"column": "date", "channel": "", "what": "“x” is no date", "fix": "write it like 2026-12-25", "remark": False}
    ]


def test_a_problem_leads_to_its_cell() -> None:
    def column(code: str, message: str = "Something.", header: Sequence[str] = ()) -> str:
        return str(told(ChannelProblem(channel="x-main", code=code, message=message), header)["column"])

    assert column("too-long") == "text"
    assert column("too-long", header=["Text: x-main"]) == "text: x-main"
    assert column("image-too-small") == "image"
    assert column("alt-too-long") == "alt text"
    assert column("clash") == "time"
    assert column("any", "link: no address; write one") == "link"
    assert column("unheard-of") == ""


def test_days_off_and_changes_of_the_clocks_are_named() -> None:
    assert closed_days(rules(), date(2027, 3, 30), date(2027, 4, 3)) == {"2027-04-02": "a blackout day"}
    year = clock_changes(ZoneInfo(BERLIN), date(2027, 1, 1), date(2027, 12, 31))
    assert year == {"2027-03-28": "the clocks go forward", "2027-10-31": "the clocks go back"}
    assert clock_changes(ZoneInfo("Asia/Singapore"), date(2027, 1, 1), date(2027, 12, 31)) == {}


def asked(stack: FakeStack) -> dict[str, Any]:
    """What the page is told."""

    async def inside() -> dict[str, Any]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(stack.app())) as client:
            where = StackAddresses("http://s", "http://s", "http://s", "http://s/f", time_zone=BERLIN)
            servers = Stack(where, client)
            return await Plan(servers, Reading(servers, Runs(servers))).whole()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(inside())).result()


def test_the_page_is_told_the_networks_and_the_days_beside_the_posts() -> None:
    stack = cafe()
    plan_rows(stack, [{"date": "2027-03-16"}])
    told = asked(stack)
    assert [one["post_id"] for one in told["posts"]] == ["p000"]
    assert told["networks"] == {"bluesky-main": "bluesky", "mastodon-main": "mastodon"}
    assert told["turns"] == {"2027-03-28": "the clocks go forward"}


def test_a_channels_own_text_is_what_is_judged_for_it() -> None:
    cells = {"date": "2027-06-01", "time": "09:00", "channels": "bluesky-main, mastodon-main"}
    fits = {**cells, "text": "y" * 320, "text: bluesky-main": "Short."}
    long = {**cells, "text": "Short.", "text: bluesky-main": "y" * 320}
    assert judge(read_row(fits), rules()) == ()
    assert [one.channel for one in judge(read_row(long), rules())] == ["bluesky-main"]


def test_rows_without_a_package_are_judged_by_the_networks_usual_limits() -> None:
    stack = cafe()
    plan_rows(
        stack,
        [
            {"date": "2027-06-01", "text": "x" * 320, "channels": "bluesky-main, mastodon-main"},
            {"date": "2027-06-02", "image": "nowhere.jpg"},
            {"date": "2027-06-03", "text": "y" * 320, "item": {"package": {"source_revision": "s2", "revision": "r"}}},
        ],
    )
    posts = asked(stack)["posts"]
    assert [(one["state"], one["to_mend"], [p["column"] for p in one["problems"]]) for one in posts] == [
        ("later", "later", ["text"]),
        ("later", "later", ["image"]),
        ("waits", "", []),
    ]
    assert posts[0]["problems"][0]["channel"] == "bluesky-main"
    assert "20 characters too long" in posts[0]["problems"][0]["what"]


def test_what_the_month_calls_to_mend_is_what_a_glance_counts() -> None:
    problem = [{"channel": "", "code": "never", "message": "no minute is left to it"}]
    left_out = {"source_revision": "s", "revision": "r", "problems": [{**problem[0], "channel": "bluesky-main"}]}
    due, far = "2027-03-17T08:00:00+00:00", "2027-06-17T08:00:00+00:00"
    held = {"by": "anna", "how": "mail", "at": due}
    accepted = Proposal(state=DraftState.ACCEPTED, note=Note(text="Cake", at=due, by="anna")).model_dump(mode="json")
    statuses = [
        item("now", due, row_problems=problem),
        item("held", due, row_problems=problem, held=held),
        item("accepted", due, channels=[], row_problems=problem, proposal=accepted),
        item("far", far, row_problems=problem, open=None),
        item("partly", due, package=left_out),
        item("half out", due, channels=["bluesky-main", "x-main"], row_problems=problem),
        item("gone", due, row_problems=problem, gone_at=due),
        item("fine", due),
    ]
    head = {"post_channel": "half out#x-main", "attempt": 0, "revision": "r", "state": "sent", "since": due}
    months = {one["post_id"]: one["to_mend"] for one in shown(statuses, [head])}
    assert months == {
        "now": "now", "held": "now", "accepted": "now", "far": "later", "partly": "part", "half out": "part", "fine": "",
    }  # fmt: skip
    read = as_read(statuses, [head], [], datetime(2027, 3, 15, 7, tzinfo=UTC))
    (glance,) = (one for one in chips(read.open, ZoneInfo(BERLIN)) if one["kind"] == "mend")
    assert sorted(glance["ids"]) == sorted(post_id for post_id, to_mend in months.items() if to_mend == "now")


def test_three_hundred_posts_are_reckoned_in_a_moment() -> None:
    items = [item(f"p{n:03d}", datetime(2027, 3, 1 + n // 10, 8, tzinfo=UTC).isoformat()) for n in range(300)]
    found = shown(items)
    assert len({one["goes_at"] for one in found}) == 300
