"""A stack that has run for months: what a page has to keep up with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.browser.fake_stack import HEADER, FakeStack, cafe

STATUSES = [
    "Waiting for your approval (mail of 9:12)",
    "Booked for Fri 09:00",
    "Posted: http://127.0.0.1:9/profile/moewe/post/1",
    "312 characters, 12 too many for bluesky-main",
    "On hold by anna@moewe.example since Monday",
]
TYPES = ["ss.calendar.changed", "ss.package.wanted", "ss.package.ready", "ss.review.requested", "ss.approved", "ss.send",
         "ss.sent", "ss.failed"]  # fmt: skip


def busy(rows: int = 300, events: int = 2000, mails: int = 400, posts: int = 300) -> FakeStack:
    """The café's own rows, over and over on later days: their texts, pictures and channels, in every status."""
    stack = cafe()
    sample = stack.rows
    stack.rows = []
    for n in range(rows):
        row = dict(zip(HEADER, sample[n % len(sample)], strict=True))
        day = date.fromisoformat(str(row["date"])) + timedelta(days=40 * (n // len(sample)))
        stack.rows.append(
            [*{**row, "post_id": f"b{n:04d}e1", "date": day.isoformat(), "status": STATUSES[n % 5]}.values()]
        )
    happen(stack, events)
    for n in range(mails):
        stack.send_mail(
            f"{n % 9 + 1} posts wait for your approval", f"Fresh rolls from seven. Approve: {n}", "<p>Fresh rolls</p>"
        )
    stack.posts = [feed_post(n) for n in range(posts)]
    return stack


def happen(stack: FakeStack, events: int) -> None:
    for n in range(events):
        post_id = stack.value(n % len(stack.rows), "post_id")
        stack.happen(TYPES[n % len(TYPES)], post_id=post_id, channel="bluesky-main", trace_id=f"t{n // 8}")


def feed_post(n: int) -> dict[str, Any]:
    return {"network": ("bluesky", "mastodon")[n % 2], "account": "m", "id": f"at://did:plc:moewe/x/{n}", "images": [], "link": "",
            "url": f"http://127.0.0.1:9/{n}", "created_at": "2027-03-15T08:30:00Z", "text": f"Fresh rolls from seven, {n}."}  # fmt: skip


def burst(stack: FakeStack) -> None:
    """What one answer may bring at most in a busy minute: 100 events, 20 changed rows, 5 mails."""
    happen(stack, 100)
    for row in range(20):
        stack.set(row * 7, "status", f"Posted: http://127.0.0.1:9/post/{len(stack.events)}-{row}")
    for _ in range(5):
        stack.send_mail("Posted: the rolls", "They are out.")
