"""What a press on a plan's page does, pure: the batch's item and what was typed in, the item as it shall be and what to say out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from approve_handler.draft_times import read_slot
from approve_handler.plan_form import Line, Press, TypedPlan
from mesh.batches import LONGEST_TOPIC_CHARACTERS, MOST_POSTS, pictures_of, plan_digest
from mesh.cells import read_clock, read_day
from mesh.ids import POST, random_id
from mesh.ledger.items import Status
from mesh.ledger.proposals import DRAFTING, DraftState, Planned, Proposal


class Fate(StrEnum):
    """How a press ended."""

    DONE = "done"
    SAME = "same"  # nothing was typed that does not stand already
    CHANGED = "changed"  # the page showed another plan than stands now
    REFUSED = "refused"  # ``Ruling.sentences`` say what is to be mended
    ALREADY = "already"  # it was decided before
    GONE = "gone"


@dataclass(frozen=True)
class Hand:
    """Who presses, and when; ``zone`` is the business's."""

    by: str
    at: datetime
    zone: ZoneInfo
    trace_id: str = ""


@dataclass(frozen=True)
class Ruling:
    """``after`` is None where nothing is to be changed. ``asks``: the machine is to be started."""

    fate: Fate
    after: Status | None = None
    sentences: tuple[str, ...] = ()
    asks: bool = False


def rule(before: Status | None, typed: TypedPlan, hand: Hand) -> Ruling:
    """One press on the batch as it is. A button nobody knows saves what was typed."""
    proposal = batch_in(before)
    if before is None or proposal is None:
        return Ruling(Fate.GONE)
    if typed.do == Press.DISCARD:
        return _discard(before, proposal, hand)
    if proposal.state not in {DraftState.READY, DraftState.FAILED}:
        return Ruling(Fate.ALREADY)
    if typed.shown != plan_digest(proposal):
        return Ruling(Fate.CHANGED)
    if typed.do == Press.AGAIN:
        update = {"state": DraftState.REQUESTED, "error": "", **_asked_by(hand)}
        return Ruling(Fate.DONE, _after(before, proposal, update, hand), asks=True)
    plan, wrong = read_lines(proposal, typed.lines, hand)
    drafts = typed.do == Press.DRAFT
    if drafts and not plan and not wrong:
        wrong = ("There is no post left in the plan. Write what one is to be about, or press “Discard”.",)
    if wrong:
        return Ruling(Fate.REFUSED, sentences=wrong)
    if drafts:
        update = {"state": DraftState.ACCEPTED, "plan": plan, "error": "", **_asked_by(hand)}
        return Ruling(Fate.DONE, _after(before, proposal, update, hand), asks=True)
    if plan == proposal.plan:
        return Ruling(Fate.SAME)
    state = DraftState.READY if plan else proposal.state
    update = {"state": state, "plan": plan, "error": "" if plan else proposal.error}
    return Ruling(Fate.DONE, _after(before, proposal, update, hand))


def batch_in(status: Status | None) -> Proposal | None:
    return status.proposal if status is not None and not status.broken else None


def under_way(status: Status) -> bool:
    """Its posts are being drafted, or about to be."""
    proposal = batch_in(status)
    return proposal is not None and proposal.state is DraftState.ACCEPTED and status.open == DRAFTING


def read_lines(proposal: Proposal, lines: Sequence[Line], hand: Hand) -> tuple[tuple[Planned, ...], tuple[str, ...]]:
    """The plan as typed, and what is wrong with it, by the number of the post on the page. Nothing but what stands in the form is typed:
    channels, and a post's id, are the plan's own."""
    known = {one.post_id: one for one in proposal.plan}
    pictures = {upload.upload_id: upload for upload in pictures_of(proposal)}
    channels = proposal.plan[0].channels if proposal.plan else proposal.note.channels
    plan: list[Planned] = []
    wrong: list[str] = []
    for number, line in enumerate(lines, start=1):
        if line.out:
            continue
        trouble = _wrong(line, hand)
        wrong += [f"Post {number}{one}" for one in trouble]
        if trouble:
            continue
        before = known.pop(line.post_id, None)
        day, clock = read_day(line.date), read_clock(line.time)
        plan.append(
            Planned(
                post_id=before.post_id if before is not None else random_id(POST),
                topic=line.topic,
                date=day.isoformat() if day is not None else "",
                time=f"{clock:%H:%M}" if clock is not None else "",
                channels=before.channels if before is not None else channels,
                uploads=(pictures[line.picture],) if line.picture in pictures else (),
            )
        )
    if len(plan) > MOST_POSTS:
        wrong.append(
            f"A plan has {MOST_POSTS} posts at most, and these are {len(plan)}: leave {len(plan) - MOST_POSTS} out."
        )
    return tuple(plan), tuple(wrong)


def _wrong(line: Line, hand: Hand) -> list[str]:
    """What is to be mended, each to be said behind "Post 2". A post without a day is asked about when its draft is accepted."""
    found = []
    if not line.topic:
        found.append(": say what it is to be about, or tick “Leave this one out”.")
    if len(line.topic) > LONGEST_TOPIC_CHARACTERS:
        over = len(line.topic) - LONGEST_TOPIC_CHARACTERS
        found.append(f": its topic is {over} characters too long; {LONGEST_TOPIC_CHARACTERS} are the most.")
    slot = read_slot(line.date, line.time, hand.at, hand.zone) if line.date or line.time else ""
    if isinstance(slot, str) and slot:
        found.append(f", {slot[0].lower()}{slot[1:]}")
    return found


def _discard(before: Status, proposal: Proposal, hand: Hand) -> Ruling:
    """What is being drafted stays on the index until the machine has discarded its posts too."""
    if proposal.state is DraftState.DISCARDED or before.open != DRAFTING:
        return Ruling(Fate.ALREADY)
    drafted = proposal.state is DraftState.ACCEPTED
    update = {"state": DraftState.DISCARDED, "decided_by": hand.by, "decided_at": hand.at.isoformat()}
    after = _after(before, proposal, update, hand)
    return Ruling(Fate.DONE, after if drafted else after.model_copy(update={"open": None}), asks=drafted)


def _asked_by(hand: Hand) -> dict[str, object]:
    return {
        "decided_by": hand.by,
        "decided_at": hand.at.isoformat(),
        "tries": 0,
        "lease_until": None,
        "lease_by": "",
    }


def _after(before: Status, proposal: Proposal, update: Mapping[str, object], hand: Hand) -> Status:
    changed = {"proposal": proposal.model_copy(update=update), "trace_id": hand.trace_id or before.trace_id}
    return before.model_copy(update=changed)
