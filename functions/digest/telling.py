"""The lists in words: what the digest shows of each, with its buttons. Pure; pictures and packages are read already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from digest.decide import ChannelHealth, Coming, Failed, Gathered, Lists, Posted, Question, due_of
from digest.summing import empty, needed, subject, summary, title
from mesh.approvals import Action
from mesh.batches import is_batch
from mesh.cards.digest import Digest, Entry, Part, Picture, Press
from mesh.cards.drafts import OPEN, draft_post
from mesh.cards.model import ANSWERS, first_words
from mesh.cards.plan_words import plan_button, plan_title
from mesh.ledger.items import Status
from mesh.messages.bounced import COMPLAINT, Bounced
from mesh.messages.standing import asks_late
from mesh.packages import Manifest
from mesh.schedule_time import say, say_with_zone

MOST_WAITING = 10
MOST_POSTED = 20
MOST_OTHERS = 10
MOST_COMING = 40
_WHOLE_CHARACTERS = 400
_BEGINNING_CHARACTERS = 200
_FAR_YEAR = 9999
_One = TypeVar("_One")


@dataclass(frozen=True)
class Shown:
    """What was read of the posts that are shown, by (post_id, revision). What could not be read is missing: it costs its words alone.

    ``revisions`` are those that went out or failed, by post.
    """

    manifests: Mapping[tuple[str, str], Manifest] = field(default_factory=dict)
    pictures: Mapping[tuple[str, str], Picture] = field(default_factory=dict)
    revisions: Mapping[str, str] = field(default_factory=dict)


NOTHING_SHOWN = Shown()


def settled(found: Lists) -> dict[str, tuple[str, ...]]:
    """The posts whose heads say what revision went out or failed, with the channels to look at."""
    out = [(one.post_id, channel) for one in found.posted[:MOST_POSTED] for channel, _ in one.out]
    out += [(one.post_id, channel) for one in found.failed[:MOST_OTHERS] for channel, _ in one.why]
    channels: dict[str, tuple[str, ...]] = {}
    for post_id, channel in out:
        channels[post_id] = (*channels.get(post_id, ()), channel)
    return channels


def to_read(found: Lists, revisions: Mapping[str, str]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The packages that are shown with a picture, in the order in which pictures matter, and those of which only words are."""
    waiting = [*found.late[:MOST_WAITING], *found.waiting[:MOST_WAITING], *found.held[:MOST_OTHERS]]
    pictured = [(status.post_id, status.current_revision or "") for status in waiting]
    pictured += [(one.status.post_id, one.head.revision) for one in found.questions[:MOST_OTHERS]]
    settled_posts = [
        *(one.post_id for one in found.failed[:MOST_OTHERS]),
        *(one.post_id for one in found.posted[:MOST_POSTED]),
    ]
    pictured += [(post_id, revisions.get(post_id, "")) for post_id in settled_posts]
    listed = [(one.status.post_id, one.status.current_revision or "") for one in found.coming[:MOST_COMING]]
    known = dict.fromkeys(pair for pair in pictured if pair[1])
    return list(known), [pair for pair in dict.fromkeys(listed) if pair[1] and pair not in known]


def tell(found: Gathered, listed: Lists, shown: Shown = NOTHING_SHOWN) -> Digest:
    """The whole digest, but for what is each recipient's own. Each part only where it has something."""
    told = _Telling(found, shown)
    key = f"{found.week.day_of(found.week.ends):%Y-%m-%d}"
    counts = needed(found, listed)
    if empty(found, listed):
        return Digest(
            key,
            subject(found, listed, counts),
            title(counts),
            summary(found, listed),
            news=(*told.health(listed), *told.unread()),
        )
    needs = (
        told.part("Past their time: still send them?", listed.late, MOST_WAITING, told.late, _WAIT_HERE),
        told.part("Waiting for your approval", listed.waiting, MOST_WAITING, told.waiting, _WAIT_HERE),
        told.part("Did these go out?", listed.questions, MOST_OTHERS, told.question, _ASKED),
        told.part("Rows to mend", listed.problems, MOST_OTHERS, told.problem, _MEND_HERE),
        told.part("Channels that need you", [one for one in listed.health if one.needs], 20, told.channel),
        told.part("On hold, and their time comes", listed.held, MOST_OTHERS, told.held, _HELD_HERE),
        told.part("Drafts to look at", listed.drafts, MOST_OTHERS, told.draft, "each in a mail of its own"),
        told.part("Mails that come back", sorted(found.bounced.items()), 10, told.bounced),
        told.part("Damaged records", listed.damaged, 5, told.damaged),
        Part("From earlier weeks", left=listed.older, where="in the sheet: never approved, or never mended"),
    )
    news = (
        told.part("What went out", listed.posted, MOST_POSTED, told.posted, _OUT_HERE),
        told.part("What failed, and why", listed.failed, MOST_OTHERS, told.failed),
        told.coming(listed.coming),
        *told.health(listed),
        *told.unread(),
    )
    return Digest(
        key,
        subject(found, listed, counts),
        title(counts),
        summary(found, listed),
        tuple(part for part in needs if part.entries or part.left),
        tuple(part for part in news if part.entries or part.left),
    )


_WAIT_HERE = "in the sheet: their status begins with “Waiting for your approval” or “Not sent”"
_MEND_HERE = "in the sheet: their status begins with “Please mend”"
_HELD_HERE = "in the sheet: their status begins with “Held by”"
_OUT_HERE = "in the sheet: their status begins with “Posted”"
_NO_RULES = "Your rules doc: there is no copy of it that can be read, so channels may be missing here."
_ASKED = "each in a mail of its own"


class _Telling:
    def __init__(self, found: Gathered, shown: Shown) -> None:
        self._found = found
        self._shown = shown
        self._zone: ZoneInfo = found.week.zone
        self._statuses = {status.post_id: status for status in found.statuses}

    def part(
        self,
        heading: str,
        listed: Sequence[_One],
        most: int,
        entry: Callable[[_One], Entry],
        where: str = "in the sheet",
    ) -> Part:
        entries = tuple(entry(one) for one in islice(listed, most))
        return Part(heading, entries, len(listed) - len(entries), where)

    # what needs somebody

    def late(self, status: Status) -> Entry:
        missed = (
            "It was approved, and its time passed before it could go out."
            if asks_late(status) and status.approval is not None
            else "Nobody approved it in time."
        )
        return self._waiting(status, f"Was planned for {self._due(status)}", (missed,), "Still send it")

    def waiting(self, status: Status) -> Entry:
        return self._waiting(status, self._due(status), (), "Approve")

    def _waiting(self, status: Status, head: str, lines: tuple[str, ...], label: str) -> Entry:
        revision = status.current_revision or ""
        pair = (status.post_id, revision)
        manifest = self._shown.manifests.get(pair)
        words, whole = _text(manifest)
        said = [*lines, f"For {', '.join(status.going)}."] if status.going else list(lines)
        said += [f"Not on {one.channel}: {one.message}" for one in status.left_out]
        card = status.card
        if card is not None and card.sent_at is None and card.error:
            said.append(f"Nobody could be asked by its own card: {card.error}.")
        if not whole:
            said.append("All of it is on its page: look there before you say yes." if words else "Its page shows it.")
        presses = (
            Press(label, Action.REVIEW, (pair,), "go"),
            Press("Hold it", Action.HOLD, (pair,), "stop"),
        )
        picture = self._shown.pictures.get(pair)
        seen = whole and (picture is not None or not _pictures(manifest))
        return Entry(head, words, tuple(said), presses=presses, picture=picture, pair=pair, whole=seen)

    def question(self, one: Question) -> Entry:
        pair = (one.status.post_id, one.head.revision)
        words, _ = _text(self._shown.manifests.get(pair), one.head.channel)
        began = say_with_zone(datetime.fromisoformat(one.head.since or one.head.asked_at or ""), self._zone)
        lines = (
            f"Handed over on {began}, and no answer came back that could be trusted.",
            "Please look there. Nothing is sent again until you say what you see.",
        )
        presses = tuple(
            Press(label, Action(action), (pair,), "way", one.head.channel, one.head.attempts)
            for action, label in ANSWERS.items()
        )
        title = f"Did this go out on {one.head.channel}?"
        return Entry(title, first_words(words), lines, presses=presses, picture=self._shown.pictures.get(pair))

    def problem(self, status: Status) -> Entry:
        lines = tuple(dict.fromkeys(_sentence(problem.message) for problem in status.problems))
        lines += ("It is on hold as well.",) if status.held is not None else ()
        return Entry(f"The row of {self._due(status)}" if _has_time(status) else "A row without a time", lines=lines)

    def held(self, status: Status) -> Entry:
        held = status.held
        assert held is not None
        pair = (status.post_id, status.current_revision or "")
        words, _ = _text(self._shown.manifests.get(pair))
        since = say(datetime.fromisoformat(held.at), self._zone, now=self._found.now)
        lines = (f"{held.by} put it on hold on {since}. It does not go out until it is released.",)
        presses = (Press("Look at it and release it", Action.RELEASE, (pair,)),)
        picture = self._shown.pictures.get(pair)
        return Entry(self._due(status), first_words(words), lines, presses=presses, picture=picture)

    def draft(self, status: Status) -> Entry:
        proposal = status.proposal
        assert proposal is not None
        pair = ((status.post_id, ""),)
        if is_batch(status.post_id):
            return Entry(plan_title(proposal), presses=(Press(plan_button(proposal), Action.DRAFT, pair),))
        post = draft_post(status, self._zone, self._found.now)
        title = "A note could not be drafted" if post.failed else "A draft"
        lines = [f"Would go out {post.goes}."] if post.goes else []
        lines += [_sentence(post.failed)] if post.failed else []
        return Entry(title, post.opening, tuple(lines), presses=(Press(OPEN, Action.DRAFT, pair),))

    def channel(self, one: ChannelHealth) -> Entry:
        return Entry(one.channel, lines=(_sentence(one.says[:1].upper() + one.says[1:]), one.needs))

    def bounced(self, item: tuple[str, Bounced]) -> Entry:
        address, one = item
        said = f"{one.sentence[:1].upper()}{one.sentence[1:]}, so for some weeks none are sent to it."
        fix = "Take that mark away there" if one.kind == COMPLAINT else "Correct the address"
        return Entry(address, lines=(said, f"{fix}, or name another one."))

    def damaged(self, status: Status) -> Entry:
        line = "Nothing of it goes out until somebody has looked. Ask whoever looks after the scheduler."
        return Entry(f"The record of post {status.post_id} is damaged", lines=(line,))

    # what happened, what comes

    def posted(self, one: Posted) -> Entry:
        pair = (one.post_id, self._shown.revisions.get(one.post_id, ""))
        words, _ = _text(self._shown.manifests.get(pair))
        ways = tuple((channel, url) for channel, url in one.out if url.startswith(("https://", "http://")))
        unseen = [channel for channel, url in one.out if not url.startswith(("https://", "http://"))]
        lines = (f"On {', '.join(unseen)}; the address there is not known.",) if unseen else ()
        when = say(one.at, self._zone, now=self._found.now)
        return Entry(when, first_words(words), lines, ways, picture=self._shown.pictures.get(pair))

    def failed(self, one: Failed) -> Entry:
        revision = self._shown.revisions.get(one.post_id, "")
        words, _ = _text(self._shown.manifests.get((one.post_id, revision)))
        lines = [
            f"Not posted on {channel}: {_sentence(why) if why else 'the network refused it.'}"
            for channel, why in one.why
        ]
        status = self._statuses.get(one.post_id)
        presses: tuple[Press, ...] = ()
        if status is not None and status.gone_at is None:
            lines.append("To try again, give its row a time to come and approve it again.")
            approval = status.approval
            if status.approved and approval is not None and not approval.now and status.held is None:
                pair = (status.post_id, approval.revision)
                presses = (Press("Try again now", Action.SEND_NOW, (pair,)),)
        else:
            lines.append("Its row is gone from the sheet; nothing more of it goes out.")
        picture = self._shown.pictures.get((one.post_id, revision))
        when = say(one.at, self._zone, now=self._found.now)
        return Entry(when, first_words(words), tuple(lines), presses=presses, picture=picture)

    def coming(self, listed: Sequence[Coming]) -> Part:
        entries = tuple(map(self._coming, listed[:MOST_COMING]))
        until = self._found.week.day_of(self._found.coming.ends)
        heading = f"Coming until Sunday {until.day} {until:%B}"
        return Part(heading, entries, len(listed) - len(entries), "in the sheet", short=True)

    def _coming(self, one: Coming) -> Entry:
        status, wall = one.status, one.at.astimezone(self._zone)
        words, _ = _text(self._shown.manifests.get((status.post_id, status.current_revision or "")))
        if not words and status.proposal is not None and status.current_revision is None:
            words = draft_post(status, self._zone, self._found.now).opening
        channels = ", ".join(status.channels)
        return Entry(
            f"{wall:%H:%M}",
            first_words(words),
            tuple(filter(None, (channels, one.standing))),
            above=f"{wall:%A} {wall.day} {wall:%B}",
        )

    def health(self, listed: Lists) -> tuple[Part, ...]:
        """In one line where all is well."""
        if not listed.health:
            return ()
        if all(one.works for one in listed.health) and len(listed.health) > 1:
            said = [f"{one.channel} ({one.says})" for one in listed.health]
            return (Part("Channels", (Entry("Nothing is wrong.", lines=tuple(said)),), short=True),)
        entries = tuple(Entry(one.channel, lines=(_sentence(one.says),)) for one in listed.health)
        return (Part("Channels", entries, short=True),)

    def unread(self) -> tuple[Part, ...]:
        said = [*self._found.happened.incomplete, *([] if self._found.rulebook is not None else [_NO_RULES])]
        return (Part("What could not be read", tuple(map(Entry, said)), short=True),) if said else ()

    def _due(self, status: Status) -> str:
        return say(due_of(status), self._zone, now=self._found.now) if _has_time(status) else "without a time"


def _has_time(status: Status) -> bool:
    return due_of(status).year < _FAR_YEAR


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _pictures(manifest: Manifest | None) -> int:
    """How many different ones go out."""
    if manifest is None:
        return 0
    return len({image.sha256 for channel in manifest.channels.values() for image in channel.every_image})


def _text(manifest: Manifest | None, channel: str = "") -> tuple[str, bool]:
    """What is shown of the words, and whether that and one picture are all that goes out."""
    if manifest is None:
        return "", False
    packed = [manifest.channels[channel]] if channel in manifest.channels else list(manifest.channels.values())
    texts = list(dict.fromkeys(one.text for one in packed))
    first = texts[0] if texts else ""
    hidden = manifest.link and any(manifest.link not in one.text for one in packed)
    if len(texts) == 1 and len(first) <= _WHOLE_CHARACTERS:
        return first, not hidden and _pictures(manifest) <= 1
    return (first if len(first) <= _BEGINNING_CHARACTERS else f"{_cut(first)}…"), False


def _cut(text: str) -> str:
    """Its beginning, at a blank where there is one."""
    head, blank, _ = text[:_BEGINNING_CHARACTERS].rpartition(" ")
    return head if blank and len(head) > _BEGINNING_CHARACTERS // 2 else text[:_BEGINNING_CHARACTERS]
