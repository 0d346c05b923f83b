"""Findings as lines of a screen, as JSON and as an exit code. Pure."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import Any

from local.checks.model import Finding, State

_MARKS = {
    State.GOOD: "ok   ",
    State.BAD: "BAD  ",
    State.DOUBTFUL: "look ",
    State.UNKNOWN: "?    ",
    State.LATER: "later",
}
_COUNTED = {
    State.BAD: "to mend",
    State.DOUBTFUL: "to look at",
    State.UNKNOWN: "not asked",
    State.LATER: "for later",
    State.GOOD: "good",
}
GOOD, MENDING, UNASKED = 0, 1, 2
_COMMANDS = ("make ", "aws ")
_NARROWEST = 20


def line(finding: Finding, columns: int = 0, indent: str = "") -> str:
    """One finding; its fix stands on a line of its own. ``columns``: how wide the screen is, 0 for a file."""
    told = wrapped(f"{finding.name}: {finding.said}", f"{indent}{_MARKS[finding.state]} ", columns)
    if not finding.fix or finding.state is State.GOOD:
        return told
    return f"{told}\n{wrapped(finding.fix, f'{indent}      -> ', columns)}"


def wrapped(text: str, before: str, columns: int) -> str:
    """Broken between words, what follows standing under what came first. A command stays whole: it is there to be copied."""
    first, *rest = text.split("\n")
    if columns <= len(before) + _NARROWEST or first.startswith(_COMMANDS):
        lines = [before + first]
    else:
        beneath = " " * len(before)
        lines = textwrap.wrap(
            first,
            columns - 1,  # a full line lets some terminals begin another
            initial_indent=before,
            subsequent_indent=beneath,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join((*lines, *rest))


def summary(findings: Sequence[Finding]) -> str:
    counts = Counter(one.state for one in findings)
    told = [f"{counts[state]} {words}" for state, words in _COUNTED.items() if counts[state]]
    return ("All is well: " if code(findings) == GOOD else "") + ", ".join(told) + "."


def code(findings: Sequence[Finding]) -> int:
    """0 when nothing is to do, 1 when something is, 2 when something could not be asked and nothing else is known to be wrong."""
    states = {one.state for one in findings}
    if states & {State.BAD, State.DOUBTFUL}:
        return MENDING
    return UNASKED if State.UNKNOWN in states else GOOD


def as_json(name: str, findings: Sequence[Finding]) -> dict[str, Any]:
    told = [{"name": one.name, "state": one.state.value, "said": one.said, "fix": one.fix} for one in findings]
    return {"stack": name, "code": code(findings), "findings": told}
