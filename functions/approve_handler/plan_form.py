"""What the form of a plan's page says. Pure: fields in, frozen values out, whatever somebody sends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mesh.batches import LONGEST_TOPIC_CHARACTERS, MOST_POSTS
from mesh.cells import cell_text

DO = "do"  # the field of the button that was pressed
_LONGEST_TYPED = 4 * LONGEST_TOPIC_CHARACTERS  # so much comes back to be shortened; what is longer nobody typed
ROWS = MOST_POSTS + 1  # a row more than a plan may have: to say that it is one too many


class Press(StrEnum):
    DRAFT = "draft"
    SAVE = "save"
    AGAIN = "again"
    DISCARD = "discard"


@dataclass(frozen=True)
class Line:
    """One post as it was typed. ``post_id`` is "" for one that is added, ``picture`` an upload's id or "". ``out``: leave it out."""

    post_id: str = ""
    topic: str = ""
    date: str = ""
    time: str = ""
    picture: str = ""
    out: bool = False

    @property
    def blank(self) -> bool:
        """Nobody wrote anything into the row for another post."""
        return not (self.post_id or self.topic or self.picture)


@dataclass(frozen=True)
class TypedPlan:
    """``shown`` is the digest of the plan that the page showed."""

    do: str = ""
    shown: str = ""
    lines: tuple[Line, ...] = ()


def field(name: str, number: int) -> str:
    """A field's name in the row of that number, from 0."""
    return f"{name}-{number}"


def read_plan(fields: Iterable[tuple[str, str]]) -> TypedPlan:
    """The first of each field counts; unknown ones are left out, and so are rows in which nothing stands."""
    first: dict[str, str] = {}
    for name, value in fields:
        first.setdefault(name, value)

    def said(name: str, number: int) -> str:
        return " ".join(cell_text(first.get(field(name, number), "")[:_LONGEST_TYPED]).split())

    lines = (
        Line(
            post_id=said("id", number),
            topic=said("topic", number),
            date=said("date", number),
            time=said("time", number),
            picture=said("picture", number),
            out=bool(said("out", number)),
        )
        for number in range(ROWS)
    )
    return TypedPlan(
        do=first.get(DO, "")[:20],
        shown=first.get("shown", "")[:64],
        lines=tuple(line for line in lines if not line.blank),
    )
