"""Which approvals count, and which asking each of them answers. Pure; docs/figures.md says it in the owner's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mesh.reckoning.entries import Entry, What
from mesh.reckoning.model import Approved


class Unsure(ValueError):
    """What was asked before these entries has to be read too."""


def approved(entries: Sequence[Entry], *, whole: bool) -> list[Approved]:
    """One post's approvals, from its entries in the chain's order. ``whole``: nothing comes before them; else Unsure where it matters.

    An asking about another version than the one before, or after a decision, begins anew; one about the same version that still waits
    is a reminder, and the first of them is what the approval answers. What was answered by an approval is not answered again; and a
    click on what stands approved already, with nothing asked since, approves nothing more: it is not counted.
    """
    found: list[Approved] = []
    known = whole or (bool(entries) and entries[0].number == 1)
    about, answered, decided = "", False, False
    asked_at: datetime | None = None
    for entry in entries:
        if entry.what is What.HELD:
            decided = True
        elif entry.what is What.ASKED:
            if decided or entry.instead_of != entry.revision:
                known, about, asked_at, answered, decided = True, entry.revision, entry.at, False, False
        elif entry.what is What.APPROVED:
            if not known:
                raise Unsure(entry.post_id)
            asked = about == entry.revision
            answers = asked and not answered
            if answers or entry.instead_of != entry.revision:
                found.append(Approved(entry.post_id, entry.at, entry.by, entry.how, asked_at if answers else None))
            answered, decided = answered or asked, True
    return found
