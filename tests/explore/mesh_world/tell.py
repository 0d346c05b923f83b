"""A failing history, told so that a person can follow it, and the figures of a search."""

from __future__ import annotations

from typing import Any

from exploring.engine import Bound
from exploring.search import Result, Violation, written


def story(name: str, bound: Bound, violation: Violation) -> str:
    """Numbered lines: who did what, and what befell it; then what should not have come of it, and how to run it again."""
    width = max((len(line.who) for line in violation.story), default=0)
    lines = [f"{name}:"]
    for number, line in enumerate(violation.story, 1):
        lines.append(f"{number:4}  {line.who:{width}}  {line.text}")
        if line.befell:
            lines.append(f"{'':{width + 8}}>> {str(line.befell).upper()}")
    lines += [f"   ✗ {complaint}" for complaint in violation.complaints]
    lines.append(f"again: {name} | {bound.preemptions},{bound.faults} | {written(violation.path)}")
    return "\n".join(lines)


def figures(name: str, result: Result) -> dict[str, Any]:
    """For ``build/explore.json``."""
    return {
        "name": name,
        "bound": {"preemptions": result.bound.preemptions, "faults": result.bound.faults},
        "histories": result.histories,
        "states": result.states,
        "calls": result.calls,
        "ends": result.ends,
        "exhausted": result.exhausted,
        "seconds": round(result.seconds, 2),
        "violations": [list(violation.complaints) for violation in result.violations],
    }


def line(name: str, result: Result, *, sampled: bool = False) -> str:
    """One line for the terminal."""
    bound = result.bound
    whole = "some at random" if sampled else "all" if result.exhausted else "NOT ALL"
    mark = "✗" if result.violations else "✓"
    return (
        f"{mark} {name}: {whole} with up to {bound.preemptions} preemptions and {bound.faults} faults: {result.histories:,} histories, "
        f"{result.states:,} states, {result.ends:,} ends, {len(result.violations)} violations ({result.seconds:.0f} s)"
    )
