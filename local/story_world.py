"""The story's hands and eyes: types in the sheet, reads mails, presses buttons, moves the clock, looks at the public feeds.

It sees only what people see, and the tables where it checks the books.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from local.operator.books import Books
from local.operator.verify_audit import verify
from local.stack import HERE, PREFIX, Stack
from local.story_mail import Link, Mail, Mailbox
from mesh.approvals import Action
from mesh.clock import aware
from mesh.ledger.values import unpack
from mesh.ledger.verify import Finding
from mesh.posts import Row, read_row
from mesh.schedule_time import planned_moment


class StoryError(Exception):
    """The story cannot go on."""


@dataclass(frozen=True)
class Scan:
    opened: int
    approved: int


_PATIENCE_SECONDS = 240.0  # with everything on two busy cores


class World:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.zone = ZoneInfo(stack.zone)
        self.kills = 0
        self.mailbox = Mailbox(stack)
        self._cards: list[Mail] = []
        self.digests: list[Mail] = []
        self._dynamodb = stack.client("dynamodb")
        self._began = stack.now()

    # time

    def wall_clock(self) -> str:
        return f"{self.stack.now().astimezone(self.zone):%a %d %b %H:%M}"

    def settle(self) -> None:
        self.stack.idle(_PATIENCE_SECONDS)

    def move_clock(self, moment: datetime) -> None:
        """Without waiting for what it sets off."""
        self.stack.post(f"{self.stack.aws}/_local/clock", {"to": moment.isoformat()})

    def to(self, moment: datetime) -> None:
        self.stack.to(moment)
        self.settle()

    def forward(self, span: timedelta) -> None:
        self.to(self.stack.now() + span)

    def sync(self) -> None:
        """What the five-minute polls would do next, done now: the sheet, the sweep, the sheet."""
        for schedule in ("drive-sync", "sweep", "drive-sync"):
            self.stack.fire(f"{PREFIX}-{schedule}")
            self.settle()

    # the sheet

    def rows(self) -> list[dict[str, Any]]:
        grid = self.stack.get(f"{self.stack.sheets}/owner/grid")
        rows = [dict(zip(grid["header"], row, strict=False)) for row in grid["rows"]]
        return [{**row, "number": number} for number, row in enumerate(rows) if row.get("text") or row.get("date")]

    def row(self, post_id: str) -> dict[str, Any]:
        return next(row for row in self.rows() if row["post_id"] == post_id)

    def text(self, post_id: str) -> str:
        return str(self.row(post_id)["text"])

    def status(self, post_id: str) -> str:
        return str(self.row(post_id)["status"])

    def type(self, post_id: str, column: str, value: str) -> None:
        self.stack.post(
            f"{self.stack.sheets}/owner/cell", {"row": self.row(post_id)["number"], "column": column, "value": value}
        )

    def row_at(self, day: int, at: str) -> str:
        """The id of the sample's post on its ``day`` (0 = the first) at a time."""
        wanted = (self._began.astimezone(self.zone).date() + timedelta(days=day)).isoformat()
        found = [row["post_id"] for row in self.rows() if (row["date"], row["time"]) == (wanted, at)]
        if not found:
            raise StoryError(f"the calendar has no post on {wanted} at {at}")
        return str(found[0])

    def planned(self, post_id: str) -> datetime:
        row = self.plain_row(post_id)
        return planned_moment(datetime.fromisoformat(row.date).date(), time.fromisoformat(row.time), self.zone).at

    def plain_row(self, post_id: str) -> Row:
        cells = self.row(post_id)
        return read_row({name: value for name, value in cells.items() if name != "number"})

    def flagged(self) -> set[str]:
        return {row["post_id"] for row in self.rows() if row["approved"] is True and row["approved for"]}

    # mails and pages

    def new_cards(self, containing: str = "") -> list[Mail]:
        """Cards that came since the last look (with ``containing``: those about one post)."""
        mails = self.mailbox.fresh()
        self.digests += [mail for mail in mails if mail.is_digest]
        fresh = [mail for mail in mails if mail.is_card]
        self._cards += fresh
        return [card for card in fresh if containing in card.posts] if containing else fresh

    def newest_card(self) -> Mail:
        return self._cards[-1]

    @property
    def cards(self) -> list[Mail]:
        """Every mail that was read so far, oldest first."""
        return list(self._cards)

    def scan(self, cards: list[Mail]) -> Scan:
        """As mail scanners do: HEAD and GET every link."""
        opened = 0
        for card in cards:
            for link in card.links:
                for method in ("HEAD", "GET", "GET"):
                    httpx.request(method, self.mailbox.address(link), timeout=30, **HERE)
                opened += 1
        self.settle()
        return Scan(opened, sum(1 for status in self._items("status") if status.get("approval")))

    def approve(self, cards: list[Mail], but: set[str] | frozenset[str] = frozenset()) -> set[str]:
        """Open each post's link and press the button; the first card by its "approve all" where nothing is left out."""
        approved: set[str] = set()
        for card in cards:
            whole = next(
                (link for link in card.links if link.token.action is Action.REVIEW and len(link.token.posts) > 1), None
            )
            if whole is not None and not but & set(card.posts):
                self._press(whole)
                approved |= {post_id for post_id, _ in whole.token.posts}
                continue
            for link in card.links:
                wanted = link.token.action is Action.REVIEW and len(link.token.posts) == 1
                if wanted and link.token.posts[0][0] not in but:
                    self._press(link)
                    approved.add(link.token.posts[0][0])
        return approved

    def press(self, post_id: str, action: str) -> None:
        """The newest card's button of that kind for a post."""
        for card in reversed(self._cards):
            for link in card.links:
                if link.token.action.value == action and [key for key, _ in link.token.posts] == [post_id]:
                    self._press(link)
                    return
        raise StoryError(f"no card has a {action} button for {post_id}")

    def _press(self, link: Link) -> None:
        """A human: opens the page, then presses its main button. A page that only offers a way back is left alone."""
        page = self.mailbox.open(link)
        if page.status != 200:
            raise StoryError(f"the page of a {link.token.action} link answered {page.status}")
        own = [form for form in page.forms if form.address == page.address]
        if not own:
            return
        answer = self.mailbox.press(own[0])
        if answer.status not in {200, 303}:
            raise StoryError(f"pressing {link.token.action} answered {answer.status}")

    # the networks

    def feed(self) -> list[dict[str, Any]]:
        return list(self.stack.get(f"{self.stack.networks['bluesky']}/_local/feed"))

    def published(self, post_id: str) -> list[dict[str, Any]]:
        """What the public sees that begins as this row does."""
        text = self.text(post_id)
        return [post for post in self.feed() if _plain(post["text"]).startswith(_plain(text)[:60])]

    def channels(self, post_id: str) -> list[str]:
        return [name.strip() for name in self.row(post_id)["channels"].split(",")]

    def is_out_once(self, post_id: str) -> bool:
        return len(self.published(post_id)) == len(self.channels(post_id))

    def public_text_is_current(self, post_id: str) -> bool:
        return all(_plain(post["text"]).startswith(_plain(self.text(post_id))) for post in self.published(post_id))

    def hold_answer_on(self, network: str) -> None:
        """The next post takes effect there and its answer is withheld."""
        order = {"match": r"POST .*(putRecord|/api/v1/statuses)", "count": 1, "do": "hold-after", "seconds": 120}
        self.stack.post(f"{self._origin(network)}/_local/faults", order)

    def wait_for_held_request(self, network: str) -> bool:
        answer = self.stack.get(f"{self._origin(network)}/_local/holding?timeout_seconds=30", 40)
        return bool(answer["holding"] if isinstance(answer, dict) else answer)

    def release_answers(self, network: str) -> None:
        self.stack.post(f"{self._origin(network)}/_local/release", {})

    def _origin(self, network: str) -> str:
        return self.stack.networks[network]

    def kill(self, function: str) -> int:
        killed = int(self.stack.post(f"{self.stack.aws}/_local/kill", {"function": function})["killed"])
        self.kills += killed
        return killed

    # the books

    def _items(self, table: str) -> list[dict[str, Any]]:
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=f"{PREFIX}-{table}")
        return [unpack(item) for page in pages for item in page["Items"]]

    def heads(self) -> list[dict[str, Any]]:
        return [item for item in self._items("sends") if item["attempt"] == 0]

    def bookings(self) -> list[str]:
        pages = self.stack.client("scheduler").get_paginator("list_schedules").paginate(GroupName=f"{PREFIX}-bookings")
        return [schedule["Name"] for page in pages for schedule in page["Schedules"]]

    def bookings_of(self, post_id: str) -> list[str]:
        return [name for name in self.bookings() if name.startswith(post_id.replace("_", "_"))]

    def booked_posts(self) -> set[str]:
        return {
            head["post_channel"].split("#")[0]
            for head in self.heads()
            if head.get("booking") or head["state"] == "sent"
        }

    def booked_for(self, post_id: str) -> datetime:
        times = [
            head["booking"]["at"]
            for head in self.heads()
            if head["post_channel"].startswith(f"{post_id}#") and head.get("booking")
        ]
        if not times:
            raise StoryError(f"{post_id} is not booked: {self.status(post_id)}")
        return aware(datetime.fromisoformat(min(times)))

    def sent_at(self) -> list[datetime]:
        """When each try that succeeded did, by the stack's clock, over all posts and channels."""
        tries = [item for item in self._items("sends") if item["attempt"] > 0 and item.get("sent_at")]
        return [aware(datetime.fromisoformat(one["sent_at"])) for one in tries]

    def went_out(self, post_id: str) -> str:
        """Weekday and time, in the business's zone, of a post's first publishing; "" where it is not out."""
        sent = [
            item["sent_at"]
            for item in self._items("sends")
            if item["post_channel"].startswith(f"{post_id}#") and item.get("sent_at")
        ]
        return f"{aware(datetime.fromisoformat(min(sent))).astimezone(self.zone):%a %H:%M}" if sent else ""

    def sundays(self) -> list[datetime]:
        """Every Sunday, 18:00, of the business's that has passed since the story began."""
        day, found = self._began.astimezone(self.zone).date(), []
        while (at := datetime.combine(day, time(18), self.zone).astimezone(UTC)) <= self.stack.now():
            found += [at] if day.weekday() == 6 and at > self._began else []
            day += timedelta(days=1)
        return found

    def out_in_the_week_to(self, sunday: datetime) -> set[str]:
        """The posts of which anything was published in the week up to then, by the business's clock."""
        day = sunday.astimezone(self.zone).date() - timedelta(days=7)
        begins = datetime.combine(day, time(18), self.zone)
        moments = [
            (item["post_channel"].split("#")[0], aware(datetime.fromisoformat(item["sent_at"])))
            for item in self._items("sends")
            if item.get("sent_at")
        ]
        return {post_id for post_id, at in moments if begins <= at < sunday}

    def out_in_month_of(self, day: date) -> list[str]:
        """Every ``post#channel`` that went out in that month, by the business's clock."""
        tries = [item for item in self._items("sends") if item["attempt"] > 0 and item.get("sent_at")]
        days = [(one, aware(datetime.fromisoformat(one["sent_at"])).astimezone(self.zone)) for one in tries]
        return [one["post_channel"] for one, at in days if (at.year, at.month) == (day.year, day.month)]

    def statuses(self) -> dict[str, dict[str, Any]]:
        return {item["post_id"]: item for item in self._items("status")}

    def run_up_to(self, end: datetime, leave: set[str]) -> int:
        """From booking to booking, at most twelve hours at a time, polls coalesced; new cards are approved but for ``leave``."""
        moved = 0
        while self.stack.now() < end:
            now = self.stack.now()
            times = [
                aware(datetime.fromisoformat(head["booking"]["at"])) for head in self.heads() if head.get("booking")
            ]
            ahead = sorted(moment for moment in times if moment > now)
            goal = min([end, now + timedelta(hours=12), *(moment + timedelta(seconds=20) for moment in ahead[:1])])
            self.to(goal)
            moved += 1
            self.approve(self.new_cards(), but=leave)
            self.settle()
        return moved

    def run_to_the_end(self, leave: set[str]) -> int:
        last = max(self.planned(row["post_id"]) for row in self.rows() if _readable(row))
        moved = self.run_up_to(last + timedelta(hours=3), leave)
        for _ in range(3):
            self.forward(timedelta(minutes=10))
        self.sync()
        return moved

    def broken_chains(self) -> tuple[Finding, ...]:
        """What is wrong with the audit, of any subject."""
        return verify(Books(self._dynamodb, PREFIX)).findings

    def audit_of(self, post_id: str) -> list[dict[str, Any]]:
        """Everything about a post and its channels, in order of time."""
        rows = [row for row in self._items("audit") if row["subject"].split("#")[0] == post_id]
        return sorted(rows, key=lambda row: str(row["seq"]))

    def invocations_about(self, post_id: str) -> list[str]:
        """The last line each invocation logged about a post. A page's address is a signed link: its path is left out."""
        found = []
        for one in self.stack.get(f"{self.stack.aws}/_local/invocations")["invocations"]:
            lines = [line for line in one["log"].splitlines() if post_id in line]
            if lines:
                cause = one["trigger"].split(" /")[0]
                found.append(f"{one['at']} {one['function']} ({one['outcome']}, {cause}): {lines[-1][:400]}")
        return found

    def dead_letters(self) -> int:
        queues = self.stack.client("sqs")
        url = queues.get_queue_url(QueueName=f"{PREFIX}-dead-letters")["QueueUrl"]
        answer = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def utc_now(self) -> datetime:
        return self.stack.now().astimezone(UTC)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _readable(row: dict[str, Any]) -> bool:
    try:
        datetime.fromisoformat(f"{row['date']}T{row['time']}")
    except ValueError:
        return False
    return True
