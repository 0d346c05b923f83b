"""What happened, counted."""

from __future__ import annotations

from .model import MESH, RECKONED, Defect

DEFECTS: tuple[Defect, ...] = (
    # what happened, counted
    Defect(
        "what was found the day after counts as late",
        f"{MESH}/reckoning/model.py",
        "        return self.due is None or (self.began or self.at) <= self.due + ON_TIME",
        "        return self.due is None or self.at <= self.due + ON_TIME",
        RECKONED,
    ),
    Defect(
        "days are counted in UTC",
        f"{MESH}/span.py",
        "        return moment.astimezone(self.zone).date()",
        "        return moment.date()",
        RECKONED,
    ),
    Defect(
        "the time to approval is a mean",
        f"{MESH}/reckoning/figures.py",
        "    return (twice + _SECOND) // (2 * _SECOND)",
        "    return (2 * sum(spans, timedelta()) + len(spans) * _SECOND) // (2 * len(spans) * _SECOND)",
        RECKONED,
    ),
    Defect(
        "the first try of an edited version counts as a retry",
        f"{MESH}/reckoning/reading.py",
        '        elif item["key_at"] != item["started_at"]:',
        "        else:",
        RECKONED,
    ),
    Defect(
        "an approval's time runs from the last reminder",
        f"{MESH}/reckoning/approvals.py",
        "            if decided or entry.instead_of != entry.revision:",
        "            if entry.revision:",
        RECKONED,
    ),
    Defect(
        "what was asked before the month is not looked for",
        f"{MESH}/reckoning/approvals.py",
        "            if not known:",
        "            if False:",
        RECKONED,
    ),
    Defect(
        "a failure that was mended still stands",
        f"{MESH}/reckoning/reading.py",
        "        stands = last[one.place] is one and head.state is HeadState.FAILED",
        "        stands = last[one.place] is one",
        RECKONED,
    ),
    Defect(
        "the month's end belongs to both months",
        f"{MESH}/ledger/records.py",
        "(aware(span.ends) - timedelta(microseconds=1)).isoformat()",
        "aware(span.ends).isoformat()",
        RECKONED,
    ),
    Defect(
        "a row taken out of the history is passed over",
        f"{MESH}/reckoning/entries.py",
        "if count < last - first + 1)",
        "if count > last - first + 1)",
        RECKONED,
    ),
)
