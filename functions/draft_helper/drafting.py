"""From a noted wish to a stored draft: under a lease, by the model, checked, and told when it is there or cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from draft_helper import answers, brief, checking, fitting, guards
from draft_helper.decide import (
    Begin,
    Checked,
    GiveUp,
    Leave,
    Look,
    Made,
    given_up,
    waits,
    what_to_do,
    with_lease,
    with_made,
    written_by_model,
)
from draft_helper.failing import CannotDraft, Failure, nothing_said, of_model, storage_busy
from draft_helper.gathering import Gathered, gather
from draft_helper.material import Material
from draft_helper.metering import Meter
from draft_helper.scope import channels_of
from draft_helper.wiring import Parts
from mesh import clock, log
from mesh.converse.model import NEEDED_MILLISECONDS, Malformed, ModelError, Unready
from mesh.converse.talk import Request
from mesh.errors import Doubt, MeshError
from mesh.events import DraftReady, DraftRequested
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DraftState, Wording

_LOG = log.logger("draft-helper")
_BY = "draft-helper"
Left = Callable[[], int]


@dataclass(frozen=True)
class Outcome:
    """What became of one draft. ``state`` is a ``DraftState``, "" where there is no such draft; ``code`` why there is none, or no more.

    ``ended``: this call brought it to its end. ``in_batch``: its batch sees to its card. ``checked``: it was there, and what a person
    changed in it was read.
    """

    post_id: str
    state: str
    code: str = ""
    ended: bool = False
    in_batch: bool = False
    checked: bool = False


def requested(parts: Parts, detail: DraftRequested, context: Any) -> None:
    """Draft each, then say in one event which came to an end. What waits, or found no time any more, is left to the sweep.

    An ExceptionGroup at the end when a post failed unexpectedly: the others are done.
    """
    left = time_left(context)
    ended: list[str] = []
    counts: Counter[str] = Counter()
    failures: list[Exception] = []
    for post_id in dict.fromkeys(detail.post_ids):
        if left() < NEEDED_MILLISECONDS:
            counts["no time left"] += 1
            continue
        try:
            outcome = draft_one(parts, post_id, detail.trace_id, context)
        except (Unready, Doubt):
            counts["waits"] += 1
            continue
        except Exception as error:  # noqa: BLE001 - one post's failure must not stop the others; all are raised below
            failures.append(error)
            counts["broke"] += 1
            continue
        counts[_said(outcome)] += 1
        if outcome.ended and not outcome.in_batch:
            ended.append(post_id)
    parts.bus.put([DraftReady(post_ids=ended, trace_id=detail.trace_id)])
    summary = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    log.line(
        _LOG, "drafts", got=detail.detail_type, outcome=summary, **{**log.about(detail), "count": len(detail.post_ids)}
    )
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(detail.post_ids)} drafts", failures)


def _said(outcome: Outcome) -> str:
    if outcome.checked:
        return "checked"
    if not outcome.ended:
        return "left alone"
    return f"{outcome.state} ({outcome.code})" if outcome.code else outcome.state


def draft_one(parts: Parts, post_id: str, trace_id: str, context: Any) -> Outcome:
    """Draft one note, unless it is drafted, or somebody is at it; of one that is drafted, check what a person changed. Safe to be repeated.

    Raises, with the lease given back, what may go away by itself: ``Throttled``, ``Unavailable`` and ``TimedOut`` of the model, ``Doubt``
    of the tables and the mirror; after some tries the draft has failed instead. Everything else that stands in the way is stored in words.
    """
    now = clock.now()
    before = parts.ledger.status(post_id)
    todo = what_to_do(before, now)
    if isinstance(todo, Leave):
        return _outcome(post_id, before)
    if isinstance(todo, Look):
        assert before is not None
        after = checking.check(parts, before, todo.proposal, now, trace_id)
        return replace(_outcome(post_id, after or before), checked=after is not None)
    if isinstance(todo, GiveUp):
        act = Act("draft failed", by=_BY, at=now, trace_id=trace_id)
        after = parts.ledger.change_status(post_id, act, lambda one: given_up(one, now), read=_read(before))
        return _outcome(post_id, after or before, "gave-up", ended=after is not None)
    assert isinstance(todo, Begin)
    act = Act("drafting began", by=_BY, at=now, trace_id=trace_id)
    leased = parts.ledger.change_status(post_id, act, lambda one: with_lease(one, now), read=_read(before))
    if leased is None:  # another was first
        return _outcome(post_id, before)
    made, error = _made(parts, leased, now, time_left(context))
    return _stored(parts, leased, made, error, trace_id)


def time_left(context: Any) -> Left:
    """The invocation's remaining milliseconds; plenty where nobody counts."""
    return context.get_remaining_time_in_millis if context is not None else lambda: 900_000


def _read(before: Status | None) -> Mapping[str, Status]:
    return {before.post_id: before} if before is not None else {}


def _stored(parts: Parts, leased: Status, made: Made, error: MeshError | None, trace_id: str) -> Outcome:
    now, proposal = clock.now(), leased.proposal
    assert proposal is not None
    lease = proposal.lease_until or ""
    action = "draft failed"
    if waits(proposal, made):
        action = "drafting put off"
    elif made.failure is None or made.wordings or proposal.wordings:
        action = "draft ready"
    act = Act(action, by=_BY, at=now, trace_id=trace_id)
    after = parts.ledger.change_status(
        leased.post_id, act, lambda one: with_made(one, lease, made, now), read=_read(leased)
    )
    if error is not None and waits(proposal, made):
        raise error
    code = made.failure.code if made.failure is not None else ""
    return _outcome(leased.post_id, after or parts.ledger.status(leased.post_id), code, ended=after is not None)


def _outcome(post_id: str, status: Status | None, code: str = "", *, ended: bool = False) -> Outcome:
    proposal = status.proposal if status is not None and not status.broken else None
    if proposal is None:
        return Outcome(post_id, "")
    ended = ended and proposal.state in {DraftState.READY, DraftState.FAILED}
    return Outcome(post_id, proposal.state.value, code, ended=ended, in_batch=bool(proposal.note.batch_id))


def _made(parts: Parts, leased: Status, now: datetime, left: Left) -> tuple[Made, MeshError | None]:
    """What could be made, whatever came in between; and the error that is worth another try."""
    proposal = leased.proposal
    assert proposal is not None
    meter = Meter(parts, now, left)
    wordings: list[Wording] = []
    channels: tuple[str, ...] = ()
    checked: tuple[Checked, ...] = ()

    def came(failure: Failure | None = None, *, waits: bool = False) -> Made:
        return Made(tuple(wordings), meter.spent, failure, waits, channels, checked)

    try:
        if written_by_model(proposal.wordings) < proposal.wants:
            gathered = gather(parts, proposal.note, now)
            channels = tuple(channel.name for channel in channels_of(gathered.material))
            checked = checking.checked(gathered.material, proposal)
            while written_by_model([*proposal.wordings, *wordings]) < proposal.wants:
                if left() < NEEDED_MILLISECONDS:
                    return came(storage_busy(), waits=True), None
                wordings.append(_wording(gathered, [*proposal.wordings, *wordings], meter))
    except CannotDraft as error:
        return came(error.failure), None
    except ModelError as error:
        failure = of_model(error, parts.settings.model)
        return came(failure, waits=isinstance(error, Unready)), error
    except Doubt as error:
        return came(storage_busy(), waits=True), error
    return came(), None


def _wording(gathered: Gathered, earlier: Sequence[Wording], meter: Meter) -> Wording:
    """One proposal; one that is too long is sent back once, with by how much. What still is too long is shown with that."""
    material = gathered.material
    check = _checks(material)
    try:
        request = brief.first(material, earlier)
    except brief.NothingSaid as error:
        raise CannotDraft(nothing_said()) from error
    reply = meter.ask(request, check, first=True)
    answer, prompt = answers.read(material, reply.given), request.prompt
    over = fitting.overshoots(material, answer)
    if over and meter.left() >= NEEDED_MILLISECONDS:
        repair = brief.repair(request, reply, over)
        mended = _mended(repair, material, meter)
        if mended is not None:
            left_over = fitting.overshoots(material, mended)
            if sum(one.over for one in left_over) < sum(one.over for one in over):
                answer, over, prompt = mended, left_over, repair.prompt
    marks = (*fitting.stopping(over), *gathered.marks, *guards.marks(material, answer))
    return answers.wording(
        answer,
        tuple(dict.fromkeys(marks)),
        at=clock.now().isoformat(),
        model=meter.parts.settings.writer,
        prompt=prompt,
    )


def _mended(repair: Request, material: Material, meter: Meter) -> answers.Answer | None:
    """None where the model did not get as far: what it wrote first is shown then."""
    try:
        return answers.read(material, meter.ask(repair, _checks(material), first=False).given)
    except ModelError:
        return None


def _checks(material: Material) -> Callable[[Mapping[str, Any]], object]:
    def check(given: Mapping[str, Any]) -> object:
        try:
            return answers.read(material, given)
        except answers.Malformed as error:
            raise Malformed("the model's answer has the wrong shape") from error

    return check
