"""The story's last step: the month's recap comes on its first Monday, and says what the story knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from local.story_world import World

Step = Callable[[str, bool, str], None]


def month_is_told(world: World, step: Step) -> None:
    """Moves on to the next first Monday, 9:00: the recap of the month before comes, once, with a picture and no way to act."""
    monday = first_monday_after(world.stack.now(), world.zone)
    world.to(monday + timedelta(minutes=5))
    last = monday.astimezone(world.zone).date().replace(day=1) - timedelta(days=1)
    out = world.out_in_month_of(last)
    posts = len({place.partition("#")[0] for place in out})
    came = [mail for mail in world.mailbox.every() if mail.text.startswith(f"{last:%B %Y} on social media")]
    told = came[0].text if came else ""
    right = len(came) == 1 and not came[0].links and came[0].pictures == int(bool(out))
    right = right and _figure(told, "Posts that went out") == posts and _figure(told, "Appearances") == len(out)
    step("the month's recap came on its first Monday, and its figures are those of the month", right, f"{posts} posts")


def first_monday_after(now: datetime, zone: ZoneInfo) -> datetime:
    """9:00 by the business's clock on a month's first Monday that is still to come."""
    day = now.astimezone(zone).date()
    while True:
        moment = datetime.combine(_first_monday(day), time(9), zone)
        if moment > now:
            return moment
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _first_monday(day: date) -> date:
    first = day.replace(day=1)
    return first + timedelta(days=-first.weekday() % 7)


def _figure(text: str, label: str) -> int:
    found = re.search(rf"^{label}: ([\d,]+)", text, re.MULTILINE)
    return int(found[1].replace(",", "")) if found else 0
