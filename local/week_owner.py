"""The owner of the week: types in the sheet, reads the mails, opens links and presses. What was done and shown goes into the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from local.story_mail import Link, Mail
from local.story_world import World
from local.week_plan import Deed, Happening, Intent, Week, moment_of, number_in, numbered, wall
from local.week_presses import Presses
from local.week_record import May, Post
from local.week_rules import Doc, edit_of
from local.week_stack import WeekStack
from mesh.approvals import ANSWERS, Action


@dataclass
class Later:
    """A mail put aside: read again at ``at``."""

    at: datetime
    mail: Mail


class Owner:
    """``log`` takes one line for each thing done, with the numbers of the posts it is about."""

    def __init__(
        self,
        world: World,
        stack: WeekStack,
        week: Week,
        posts: dict[int, Post],
        doc: Doc,
        log: Callable[[str, list[int]], None],
    ) -> None:
        self.world = world
        self.posts = posts
        self.doc = doc
        self.order: list[int] = []
        self.mails: list[tuple[Mail, list[int]]] = []
        self._stack = stack
        self.presses = Presses(world, posts, log)
        self._week = week
        self._log = log
        self._free = list(week.free_slots)
        self._first_zone = doc.now.zone
        self._later: list[Later] = []
        self._read = 0
        self._edits = 0
        self._before_edit: dict[int, str] = {}

    @property
    def now(self) -> datetime:
        return self._stack.now()

    def _dice(self, *of: object) -> Random:
        return Random(f"{self._week.seed} {of}")

    # what the plan says

    def do(self, one: Happening) -> None:
        """One deed; nothing where it makes no sense any more (the post is out, or its row is gone)."""
        post = self.posts.get(one.number)
        match one.what:
            case Deed.SORT:
                self._sort(one)
            case Deed.HOLD_ALL:
                self._everything(release=False)
            case Deed.RELEASE_ALL:
                self._everything(release=True)
            case Deed.WINDOW | Deed.BLACKOUT | Deed.GAP | Deed.ZONE:
                self._edit_rules(Deed(one.what), one.detail)
            case Deed.HOLD | Deed.RELEASE | Deed.NOW if post is not None and not post.gone:
                self._by_mail(post, Deed(one.what))
            case _ if post is not None and not post.gone and not self._is_out(post):
                self._in_sheet(post, one)
        by_mail = {Deed.HOLD, Deed.RELEASE, Deed.NOW, Deed.HOLD_ALL, Deed.RELEASE_ALL}
        self.settle(by_sheet=one.what not in by_mail)

    def settle(self, *, by_sheet: bool = True) -> None:
        now = self.now
        for post in self.posts.values():
            post.settle(now, by_sheet=by_sheet)

    def _is_out(self, post: Post) -> bool:
        return any(number_in(entry["text"]) == post.number for entry in self.world.feed())

    # the sheet

    def _grid(self) -> dict[int, dict[str, object]]:
        return {number_in(str(row["text"])): row for row in self.world.rows()}

    def type(self, post: Post, column: str, value: str) -> None:
        row = self._grid()[post.number]["number"]
        self._stack.post(f"{self._stack.sheets}/owner/cell", {"row": row, "column": column, "value": value})
        post.cells[column] = value

    def _in_sheet(self, post: Post, one: Happening) -> None:
        row = self._grid()[post.number]
        match one.what:
            case Deed.EDIT:
                self._before_edit[post.number] = post.cells["text"]
                self._edits += 1
                self.type(post, "text", f"{post.cells['text']} ({self._edits})")
                self._log(f"edits the text (mark {self._edits})", [post.number])
            case Deed.UNDO:
                before = self._before_edit.pop(post.number, None)
                if before is not None:
                    self.type(post, "text", before)
                    self._log("undoes the edit", [post.number])
            case Deed.MOVE | Deed.RETIME:
                self._move(post, one, far=one.what is Deed.RETIME)
            case Deed.DELETE:
                self._delete(post, row)
            case Deed.COPY:
                self._copy(post, row, one)
            case Deed.TICK if row["approved"] is not True:
                self._tick(row, value=True)
                self._log("ticks the box by hand", [post.number])
            case Deed.UNTICK if row["approved"] is True and row["approved for"]:
                self._tick(row, value=False)
                post.stopped = "untick"
                self._log("takes the tick away", [post.number])
            case _:
                return

    def _tick(self, row: Mapping[str, object], *, value: bool) -> None:
        told = {"row": row["number"], "column": "approved", "value": value}
        self._stack.post(f"{self._stack.sheets}/owner/cell", told)

    def _ahead(self, after: datetime) -> list[tuple[datetime, datetime]]:
        """Free slots: each as the plan has it, and the moment that its clock time means where the business is now."""
        here = [
            (slot, slot.astimezone(self._first_zone).replace(tzinfo=self.world.zone).astimezone(UTC))
            for slot in self._free
        ]
        return [(slot, at) for slot, at in here if after < at < self._week.end]

    def _move(self, post: Post, one: Happening, *, far: bool) -> None:
        """Earlier or later, to a free slot that is still ahead: within hours, or ``far``, in another week."""
        planned, now = moment_of(post.cells, self.world.zone), self.now
        ahead = self._ahead(now + timedelta(minutes=2))
        near = [one for one in ahead if (abs(one[1] - planned) < timedelta(hours=8)) is not far] or ahead
        if not near:
            return
        slot, at = near[int(one.chance[0] * len(near))]
        self._free.remove(slot)
        for column, value in wall(at, self.world.zone).items():
            self.type(post, column, value)
        how = "earlier" if at < planned else "later"
        self._log(f"moves it {how}, to {post.cells['date']} {post.cells['time']}", [post.number])

    def _delete(self, post: Post, row: Mapping[str, object]) -> None:
        self._stack.remove(f"{self._stack.sheets}/owner/rows/{row['number']}")
        post.gone = True
        self.order.remove(post.number)
        self._log("deletes the row", [post.number])

    def _copy(self, post: Post, row: Mapping[str, object], one: Happening) -> None:
        """A copy below, given its own number, words and time: at once, or after a poll saw it as it was."""
        ahead = self._ahead(self.now + timedelta(hours=1))
        if not ahead:
            return
        at = int(str(row["number"]))
        self._stack.post(f"{self._stack.sheets}/owner/copy-row", {"row": at, "to": at + 1})
        if one.chance[0] < 0.5:
            self._stack.fire("ss-drive-sync")
            self.world.settle()
        number = max(self.posts) + 1
        slot, moment = ahead[int(one.chance[1] * len(ahead))]
        self._free.remove(slot)
        cells = {**post.cells, "text": numbered(number, post.cells["text"]), **wall(moment, self.world.zone)}
        for column in ("text", "date", "time"):
            told = {"row": at + 1, "column": column, "value": cells[column]}
            self._stack.post(f"{self._stack.sheets}/owner/cell", told)
        self.posts[number] = Post(number, cells, Intent.APPROVE, self.world.zone.key)
        self.order.insert(self.order.index(post.number) + 1, number)
        self._log(
            f"copies the row; the copy is No. {number}, for {cells['date']} {cells['time']}", [post.number, number]
        )

    def _sort(self, one: Happening) -> None:
        column = ("date", "text", "post_id", "channels")[int(one.chance[0] * 4)]
        told = {"column": column, "descending": one.chance[1] < 0.4}
        self._stack.post(f"{self._stack.sheets}/owner/sort", told)
        self.order = [number_in(str(row["text"])) for row in self.world.rows()]
        self._log(f"sorts the sheet by {column}", [])

    # the rules doc

    def _edit_rules(self, what: Deed, told: str) -> None:
        rules = self.doc.edit(since=self.now, **edit_of(what, told, self.doc.now))
        address = f"{self._stack.sheets}/owner/rules"
        doc = self._stack.requests.get(address).raise_for_status().text
        self._stack.requests.put(address, content=rules.typed_into(doc).encode()).raise_for_status()
        self._log(f"edits the rules: {what} ({told})", [])
        if what is Deed.ZONE:  # in a calm hour: seen before anything else happens
            self.world.zone = rules.zone
            for post in self.posts.values():
                post.zone = rules.zone.key
            self._stack.fire("ss-drive-sync")
            self.world.settle()

    # the mails

    def read_mails(self) -> int:
        """New mails, and those put aside whose time has come; how many links were pressed."""
        by_id = {post.post_id: post.number for post in self.posts.values() if post.post_id}
        pressed = 0
        now = self.now
        due = [later.mail for later in self._later if later.at <= now]
        self._later = [later for later in self._later if later.at > now]
        for mail in due:
            pressed += self._read_one(mail, by_id)
        for mail in self.world.mailbox.fresh():
            numbers = [by_id[post_id] for post_id in mail.posts if post_id in by_id]
            self.mails.append((mail, numbers))
            self._log(f"gets a mail: {mail.subject}", numbers)
            self._read += 1
            dice = self._dice("reads", self._read)
            if dice.random() < 0.3:
                self._later.append(Later(now + timedelta(minutes=dice.randint(5, 150)), mail))
            else:
                pressed += self._read_one(mail, by_id)
        self.settle(by_sheet=False)
        return pressed

    def _read_one(self, mail: Mail, by_id: Mapping[str, int]) -> int:
        """Where the pages answer nothing but errors, it is tried again later, as long as the mail is not two days old."""
        before = self.presses.unanswered
        pressed = self._react(mail, by_id)
        if self.presses.unanswered > before and self.now < datetime.fromisoformat(mail.at) + timedelta(days=2):
            self._later.append(Later(self.now + timedelta(minutes=45), mail))
        return pressed

    @property
    def next_mail_at(self) -> datetime | None:
        return min((later.at for later in self._later), default=None)

    def _react(self, mail: Mail, by_id: Mapping[str, int]) -> int:
        if mail.is_digest:  # whoever presses the buttons of every card has nothing left to press in it
            return 0
        questions = mail.links_of(*ANSWERS)
        if questions:
            return self._answer(mail, questions, by_id)
        if not mail.is_card:
            return 0
        late = mail.subject.startswith("Too late") or "missed their time" in mail.subject
        wanted = [post_id for post_id in mail.posts if self._wants(by_id.get(post_id), late=late)]
        whole = [link for link in mail.links_of(Action.REVIEW) if len(link.token.posts) > 1]
        if whole and len(wanted) == len(mail.posts) and self._dice("all", mail.seq).random() < 0.6:
            return int(self.presses.approve(whole[0]))
        return sum(
            self.presses.approve(link)
            for link in mail.links_of(Action.REVIEW)
            if len(link.token.posts) == 1 and link.token.posts[0][0] in wanted
        )

    def _wants(self, number: int | None, *, late: bool) -> bool:
        post = self.posts.get(number or 0)
        if post is None or post.gone or post.intent is Intent.NEVER or post.stopped:
            return False
        return not late or self._dice("late", post.number, len(post.approvals)).random() < 0.6

    def _answer(self, mail: Mail, links: list[Link], by_id: Mapping[str, int]) -> int:
        """What became of a try: the owner looks at the channel and says what is there. Some never answer."""
        token = links[0].token
        number = by_id.get(token.posts[0][0], 0)
        if self._dice("answers", mail.seq).random() < 0.2:
            return 0
        there = any(
            number_in(entry["text"]) == number and channel_of(entry) == token.channel for entry in self.world.feed()
        )
        stopped = number not in self.posts or self.posts[number].may() is May.NO
        says = Action.FOUND if there else Action.NOT_THERE if stopped else Action.SEND_AGAIN
        (link,) = [link for link in links if link.token.action is says]
        title = self.presses.plainly(link)
        self._log(f"answers “{says}” about {token.channel}: {title}", [number])
        return 1

    def _by_mail(self, post: Post, what: Deed) -> None:
        """Hold, release or send now, by the newest card about the post."""
        action = {Deed.HOLD: Action.HOLD, Deed.NOW: Action.SEND_NOW, Deed.RELEASE: Action.HOLD}[what]
        links = [
            link
            for mail, _ in self.mails
            for link in mail.links_of(action)
            if [post_id for post_id, _ in link.token.posts] == [post.post_id]
        ]
        if not links or (what is Deed.RELEASE and not post.stopped):
            return
        if what is Deed.NOW:
            if not post.stopped and post.intent is Intent.APPROVE:
                self.presses.approve(links[-1])
            return
        self.presses.hold(post, links[-1], release=what is Deed.RELEASE)

    def _everything(self, *, release: bool) -> None:
        links = [link for mail, _ in self.mails for link in mail.links_of(Action.HOLD_EVERYTHING)]
        if links and release == (self.presses.everything_held_since is not None):
            self.presses.hold_everything(links[-1], release=release)


_CHANNEL_OF = {
    ("bluesky", "moewe.test"): "bluesky-main",
    ("bluesky", "backstube.test"): "bluesky-second",
    ("mastodon", "moewe"): "mastodon-main",
}


def channel_of(entry: Mapping[str, object]) -> str:
    """The channel a public post is on."""
    return _CHANNEL_OF.get((str(entry["network"]), str(entry["account"])), "another account")
