"""A draft's way from noted to READY or FAILED, and what the sweep does with those that stand about. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from draft_helper.failing import GAVE_UP, Failure
from mesh.batches import is_batch
from mesh.ledger import Status
from mesh.ledger.proposals import DraftState, Mark, Note, Proposal, Source, Spent, Wording

LEASE = timedelta(seconds=150)  # longer than the function may run
TRIES = 5
"""How often the model is asked in vain before a human is told; each sweep may be one."""
CARD_OVERDUE = timedelta(minutes=5)
CARD_WANTED_FOR = timedelta(days=1)
CHECK_WANTED_FOR = timedelta(days=1)
MOST_AT_ONCE = 10  # each is an invocation of its own
BY_MODEL = "model"


@dataclass(frozen=True)
class Begin:
    """To be drafted now. ``leased`` is the item with the lease taken."""

    leased: Status


@dataclass(frozen=True)
class GiveUp:
    """It was begun too often and never came to an end."""

    failed: Status


@dataclass(frozen=True)
class Look:
    """It is there, and somebody changed its words: they are to be checked."""

    proposal: Proposal


@dataclass(frozen=True)
class Leave:
    """Nothing to do, and why."""

    reason: str


@dataclass(frozen=True)
class Checked:
    """What the guards found in a person's ``wording``, as it was when they read it."""

    wording: Wording
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Made:
    """What came of a try. ``waits``: what was in its way may be gone in a while. ``channels`` are those it was written for, ``checked``
    people's wordings beside it."""

    wordings: tuple[Wording, ...] = ()
    spent: Spent = field(default_factory=Spent)
    failure: Failure | None = None
    waits: bool = False
    channels: tuple[str, ...] = ()
    checked: tuple[Checked, ...] = ()


def what_to_do(status: Status | None, now: datetime) -> Begin | GiveUp | Look | Leave:
    if status is None or status.broken or status.proposal is None:
        return Leave("there is no such draft")
    proposal = status.proposal
    if proposal.state is DraftState.READY and proposal.unchecked:
        return Look(proposal)
    if proposal.state is not DraftState.REQUESTED:
        return Leave(f"it is {proposal.state.value}")
    if _is_leased(proposal, now):
        return Leave("somebody is drafting it")
    if proposal.tries >= TRIES:
        return GiveUp(_ended(status, Made(failure=GAVE_UP), now))
    until = (now + LEASE).isoformat()
    return Begin(_with(status, lease_until=until, tries=proposal.tries + 1))


def with_lease(before: Status | None, now: datetime) -> Status | None:
    """The item with the lease taken, or None where it is no longer to be drafted, or another was first."""
    found = what_to_do(before, now)
    return found.leased if isinstance(found, Begin) else None


def given_up(before: Status | None, now: datetime) -> Status | None:
    found = what_to_do(before, now)
    return found.failed if isinstance(found, GiveUp) else None


def with_made(before: Status | None, lease: str, made: Made, now: datetime) -> Status | None:
    """The item with what came of the try under this lease; None where it was discarded meanwhile, or another has it by now."""
    proposal = before.proposal if before is not None else None
    if (
        before is None
        or proposal is None
        or proposal.state is not DraftState.REQUESTED
        or proposal.lease_until != lease
    ):
        return None
    return _put_off(before, made) if waits(proposal, made) else _ended(before, made, now)


def with_checks(before: Status | None, checked: Sequence[Checked]) -> Status | None:
    """The item with what was found; None where it was decided or is being drafted meanwhile, or those words are no longer there."""
    proposal = before.proposal if before is not None else None
    if before is None or proposal is None or proposal.state is not DraftState.READY:
        return None
    wordings = _marked(proposal.wordings, checked)
    return None if wordings == proposal.wordings else _with(before, wordings=wordings)


def waits(proposal: Proposal, made: Made) -> bool:
    """It stays wanted, for the sweep: unless that was tried often enough."""
    return made.waits and proposal.tries < TRIES


def written_by_model(wordings: Iterable[Wording]) -> int:
    return sum(1 for one in wordings if one.by == BY_MODEL)


def _put_off(status: Status, made: Made) -> Status:
    assert status.proposal is not None
    wordings, spent = _gained(status.proposal, made)
    return _with(status, note=_note(status.proposal, made), lease_until=None, wordings=wordings, spent=spent)


def _ended(status: Status, made: Made, now: datetime) -> Status:
    """READY where there is anything to be accepted, though fewer than were asked for; FAILED where there is nothing."""
    proposal = status.proposal
    assert proposal is not None
    wordings, spent = _gained(proposal, made)
    state = DraftState.READY if made.failure is None or wordings else DraftState.FAILED
    return _with(
        status,
        state=state,
        note=_note(proposal, made),
        lease_until=None,
        tries=0 if made.failure is None else proposal.tries,
        error=made.failure.sentence if made.failure is not None else "",
        ended_at=now.isoformat(),
        wants=max(1, written_by_model(wordings)) if made.failure is not None else proposal.wants,
        wordings=wordings,
        spent=spent,
    )


def _note(proposal: Proposal, made: Made) -> Note:
    """One that named no channel, as where the rules doc had none yet, names those it was drafted for: it can be accepted for them."""
    note = proposal.note
    return note if note.channels else note.model_copy(update={"channels": made.channels})


def _gained(proposal: Proposal, made: Made) -> tuple[tuple[Wording, ...], Spent]:
    spent = proposal.spent
    both = Spent(**{name: getattr(spent, name) + getattr(made.spent, name) for name in Spent.model_fields})
    return (*_marked(proposal.wordings, made.checked), *made.wordings), both


def _marked(wordings: Iterable[Wording], checked: Sequence[Checked]) -> tuple[Wording, ...]:
    """One that was changed since it was read waits on."""

    def marked(wording: Wording) -> Wording:
        found = next((one.marks for one in checked if one.wording == wording), None)
        return wording if found is None else wording.model_copy(update={"marks": found, "checked": True})

    return tuple(map(marked, wordings))


def _with(status: Status, **changed: object) -> Status:
    assert status.proposal is not None
    return status.model_copy(update={"proposal": status.proposal.model_copy(update=changed)})


def _is_leased(proposal: Proposal, now: datetime) -> bool:
    return proposal.lease_until is not None and datetime.fromisoformat(proposal.lease_until) > now


# the sweep


@dataclass(frozen=True)
class Card:
    """Drafts whose card nobody has seen: one card, of one batch where ``batch_id`` is not ""."""

    batch_id: str
    post_ids: tuple[str, ...]


@dataclass(frozen=True)
class Swept:
    """``wanted`` are to be drafted or checked, oldest first; ``cards`` to be sent; ``batches`` to be looked at by who knows them."""

    wanted: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    batches: tuple[Status, ...] = ()


def swept(statuses: Sequence[Status], now: datetime) -> Swept:
    """A batch's machine sees to its posts and their card; when it is done they are like all others."""
    known = [status for status in statuses if not status.broken and status.proposal is not None]
    batches = tuple(status for status in known if is_batch(status.post_id))
    under_way = {status.post_id for status in batches}
    drafts = [status for status in known if not is_batch(status.post_id) and _batch_of(status) not in under_way]
    wanted = [one.post_id for one in drafts if _is_wanted(one, now)]
    cards: dict[str, list[str]] = {}
    for status in drafts:
        if _lacks_card(status, now):
            cards.setdefault(_batch_of(status), []).append(status.post_id)
    return Swept(
        wanted=tuple(wanted[:MOST_AT_ONCE]),
        cards=tuple(Card(batch_id, tuple(post_ids)) for batch_id, post_ids in cards.items()),
        batches=batches,
    )


def _is_wanted(status: Status, now: datetime) -> bool:
    """A check that cannot be done is not tried for ever."""
    todo = what_to_do(status, now)
    if isinstance(todo, Look):
        newest = max(datetime.fromisoformat(one.at) for one in todo.proposal.unchecked)
        return now - newest <= CHECK_WANTED_FOR
    return not isinstance(todo, Leave)


def _batch_of(status: Status) -> str:
    proposal = status.proposal
    return proposal.note.batch_id if proposal is not None and proposal.note.source is Source.BATCH else ""


def _lacks_card(status: Status, now: datetime) -> bool:
    proposal = status.proposal
    if proposal is None or proposal.state not in {DraftState.READY, DraftState.FAILED}:
        return False
    if status.card is not None or proposal.ended_at is None:
        return False
    age = now - datetime.fromisoformat(proposal.ended_at)
    return CARD_OVERDUE <= age <= CARD_WANTED_FOR
