"""The tables of docs/cost.md, between two marks: written by ``make cost OPTIONS=--page``, never by hand."""

from __future__ import annotations

from typing import Any

from local import ROOT
from local.cost.bill import make_bill
from local.cost.hammering import hits_of
from local.cost.standing import Standing
from local.cost.telling import bill_notes, bill_table, functions_table, hits_table

PAGE = ROOT / "docs" / "cost.md"
BEGIN, END = "<!-- counted: make cost OPTIONS=--page -->", "<!-- end of what was counted -->"


class PageError(Exception):
    """The page has lost its marks."""


def write_page(kept: dict[str, Any], standing: Standing) -> None:
    text = PAGE.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise PageError(f"{PAGE.name} must hold “{BEGIN}” and “{END}” once each")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{counted_part(kept, standing)}{END}{rest.partition(END)[2]}")


def counted_part(kept: dict[str, Any], standing: Standing) -> str:
    parts: list[str] = []
    for name, counted in kept.get("months", {}).items():
        bill = make_bill(counted, standing)
        parts += [
            f"## A month of {name} on three channels",
            "",
            *bill_table(bill),
            "",
            *(f"* {note}" for note in bill_notes(bill, counted)),
            "",
        ]
        parts += [f"### Its functions ({name})", "", *functions_table(bill, counted), ""]
    if kept.get("hostile"):
        hits = hits_of(kept["hostile"], standing.memory_mb)
        parts += ["## A stranger who hammers the doors all month, US dollars", "", *hits_table(hits), ""]
    return "\n".join(["", *parts])
