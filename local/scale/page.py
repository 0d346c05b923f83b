"""The two generated parts of docs/scale.md: what is counted, by ``python -m local.generate``, and what ``make scale`` simulated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from local import ROOT
from local.scale.measured import measured
from local.scale.morning import Morning
from local.scale.steps import Step
from local.scale.telling import counted_lines, outcome_row, outcome_table, title

PAGE = Path("docs") / "scale.md"
COUNTED = ("<!-- counted: python -m local.generate -->", "<!-- end of what was counted -->")
SIMULATED = ("<!-- simulated: make scale OPTIONS=--page -->", "<!-- end of what was simulated -->")
Row = tuple[str, ...]


class PageError(Exception):
    """The page has lost its marks."""


def with_counted(text: str) -> str:
    """The page with today's templates, quotas and prices in it."""
    return _between(text, COUNTED, counted_lines(measured()))


def with_simulated(text: str, told: Sequence[tuple[Step, Row]]) -> str:
    return _between(text, SIMULATED, simulated_lines(told))


def simulated_lines(told: Sequence[tuple[Step, Row]]) -> list[str]:
    lines: list[str] = []
    for (shape, posts), group in groupby(told, key=lambda one: (one[0].house.shape, one[0].house.posts_a_month)):
        lines += [f"### {title(shape, posts)}", "", *outcome_table(row for _, row in group)]
    return lines


def row_of(step: Step) -> Row:
    return outcome_row(step, Morning(step.house).live())


def rows_on(text: str) -> list[Row]:
    """Those of the page's simulated tables, without heads."""
    part = text.partition(SIMULATED[0])[2].partition(SIMULATED[1])[0]
    lines = re.findall(r"^\| [\d,]+ \|.*$", part, re.MULTILINE)
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def read_page() -> str:
    return (ROOT / PAGE).read_text("utf-8")


def _between(text: str, marks: tuple[str, str], lines: Iterable[str]) -> str:
    begin, end = marks
    if text.count(begin) != 1 or text.count(end) != 1:
        raise PageError(f"{PAGE.name} must hold “{begin}” and “{end}” once each")
    before, _, rest = text.partition(begin)
    body = "\n".join(lines).rstrip("\n")
    return f"{before}{begin}\n\n{body}\n\n{end}{rest.partition(end)[2]}"
