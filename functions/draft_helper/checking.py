"""Words that a person typed are read by the same guards as the model's. What they find is stored with them; no model is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from draft_helper import guards
from draft_helper.decide import Checked, with_checks
from draft_helper.failing import CannotDraft
from draft_helper.gathering import gather
from draft_helper.material import Material
from draft_helper.wiring import Parts
from mesh.ledger import Act, Status
from mesh.ledger.proposals import Mark, Note, Proposal, Wording

_WHY: Mapping[str, str] = {
    "no-rules": "there is no rules doc",
    "rules-unusable": "the rules doc names a time zone that nobody knows",
    "no-channel": "none of its channels is in the rules doc",
    "sheet-unreadable": "the copy of your sheet cannot be read",
}


def check(parts: Parts, before: Status, proposal: Proposal, now: datetime, trace_id: str) -> Status | None:
    """The item as it stands then; None where somebody was faster: their own press has what they wrote checked.

    Doubt where it cannot be read now, which the sweep tries again.
    """
    try:
        found = checked(gather(parts, proposal.note, now, files=False).material, proposal)
    except CannotDraft as error:
        found = tuple(Checked(one, (*one.marks, _not_checked(error))) for one in proposal.unchecked)
    act = Act("draft checked", by="draft-helper", at=now, trace_id=trace_id)
    return parts.ledger.change_status(
        before.post_id, act, lambda one: with_checks(one, found), read={before.post_id: before}
    )


def checked(material: Material, proposal: Proposal) -> tuple[Checked, ...]:
    """What the guards find in each wording that they have not read. Pure."""
    as_set = replace(material, note=_as_set(proposal))
    return tuple(Checked(one, _marks(as_set, one)) for one in proposal.unchecked)


def _marks(material: Material, wording: Wording) -> tuple[Mark, ...]:
    return tuple(dict.fromkeys(guards.recheck(material, wording)))


def _as_set(proposal: Proposal) -> Note:
    """The note with the day, time and link that somebody set in its place; a channel that is unticked may be ticked again."""
    note, settled = proposal.note, proposal.settled
    if settled is None:
        return note
    return note.model_copy(update={"date": settled.date, "time": settled.time, "link": settled.link})


def _not_checked(error: CannotDraft) -> Mark:
    why = _WHY.get(error.failure.code, "what they are compared with cannot be read")
    return Mark(code="not-checked", message=f"These words could not be checked against your rules: {why}.")
