"""The table at the story's end: every post, what was to happen and what did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from local.story_world import World


def print_table(world: World, not_expected: set[str], tell: Callable[[str], None]) -> int:
    """How many posts are not as they should be: missing, doubled, or out without being approved."""
    statuses = world.statuses()
    heads = {head["post_channel"]: head for head in world.heads()}
    rows = world.rows()
    feed = world.feed()
    wrong = 0
    counts = {"posts": len(rows), "posts x channels": 0, "approved": 0, "sent": 0, "held": 0, "not sent": 0}
    tell("")
    tell(f"  {'planned':<17}{'channels':<40}{'out':>5}  what happened")
    for row in sorted(rows, key=lambda row: (row["date"], row["time"])):
        post_id = row["post_id"]
        status = statuses.get(post_id, {})
        mine = [heads[key] for key in heads if key.startswith(f"{post_id}#")]
        channels = world.channels(post_id)
        urls = [head["posted_url"] for head in mine if head["state"] == "sent"]
        public = _public(row, feed)
        mendable = str(row["status"]).startswith("Please mend")
        to_come = not mendable and world.planned(post_id) > world.stack.now()  # a recurring post's next one
        expected = 0 if post_id in not_expected or mendable or to_come else len(channels)
        right = len(public) == len(urls) == expected and set(urls) == {post["url"] for post in public}
        wrong += not right
        counts["posts x channels"] += len(channels)
        counts["approved"] += bool(status.get("approval"))
        counts["sent"] += len(urls)
        counts["held"] += bool(status.get("held"))
        counts["not sent"] += not urls
        mark = " " if right else "✗"
        tell(
            f"{mark} {row['date']} {row['time']:<6}{', '.join(channels):<40}{len(public):>2}/{len(channels):<2}  {_short(row)}"
        )
    tell("")
    tell("  " + " · ".join(f"{count} {name}" for name, count in counts.items()))
    late = _lateness(world)
    if late:
        tell(
            f"  lateness against the booking: median {late[len(late) // 2]:.0f} s, worst {late[-1]:.0f} s, of the stack's clock"
        )
    return wrong


def _public(row: dict[str, Any], feed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    start = " ".join(str(row["text"]).split())[:60]
    return [post for post in feed if " ".join(str(post["text"]).split()).startswith(start)]


def _short(row: dict[str, Any]) -> str:
    status = str(row["status"]).replace("\n", " ")
    return status if len(status) <= 88 else status[:87] + "…"


def _lateness(world: World) -> list[float]:
    """Seconds between a send's booking and its publishing, of posts sent at their first try."""
    found = []
    for head in world.heads():
        booking = head.get("booking")
        if head["state"] == "sent" and head["attempts"] == 1 and booking and head.get("since"):
            found.append(
                (datetime.fromisoformat(head["since"]) - datetime.fromisoformat(booking["at"])).total_seconds()
            )
    return sorted(found)
