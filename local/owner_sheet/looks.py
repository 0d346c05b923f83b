"""How each column of the tab Posts looks: its format, width, list, and the colours of the status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mesh.posts import OVERRIDE_PREFIX

Json = dict[str, Any]

DATE: Json = {"type": "DATE", "pattern": "yyyy-mm-dd"}
TIME: Json = {"type": "TIME", "pattern": "hh:mm"}
TEXT: Json = {"type": "TEXT", "pattern": "@"}  # what is typed stays as typed: =, +49 and 1/2 too
CHECKBOX: Json = {"condition": {"type": "BOOLEAN"}, "strict": True, "showCustomUi": True}
USUAL_WIDTH_PX = 100


@dataclass(frozen=True)
class Look:
    """``number`` is a Google number format; ``kinds`` are the types that an owner may have chosen in its place."""

    width_px: int
    number: Json | None = None
    kinds: frozenset[str] = frozenset()
    wrap: bool = False
    checkbox: bool = False
    guarded: str = ""
    """What the warning says before somebody types into the column; "" where everybody may."""


_TEXT = frozenset({"TEXT"})
_GUARD = "The scheduler writes this column: "
LOOKS: Mapping[str, Look] = {
    "post_id": Look(
        90, TEXT, _TEXT, guarded=_GUARD + "each row's own number. Changing it makes a new post of the row."
    ),
    "date": Look(105, DATE, frozenset({"DATE", "DATE_TIME"})),
    "time": Look(70, TIME, frozenset({"TIME", "DATE_TIME"})),
    "text": Look(420, TEXT, _TEXT, wrap=True),
    "channels": Look(170, TEXT, _TEXT, wrap=True),
    "image": Look(150, TEXT, _TEXT),
    "alt text": Look(240, TEXT, _TEXT, wrap=True),
    "link": Look(180, TEXT, _TEXT),
    "approved": Look(85, checkbox=True),
    "approved for": Look(110, TEXT, _TEXT, guarded=_GUARD + "what exactly was approved."),
    "status": Look(280, wrap=True, guarded=_GUARD + "how the post stands."),
    "note": Look(180, TEXT, _TEXT, wrap=True),
}
_OVERRIDE = Look(320, TEXT, _TEXT, wrap=True)


def look_of(title: str) -> Look | None:
    """None for a column of the owner's own: it is left alone."""
    return LOOKS.get(title) or (_OVERRIDE if title.startswith(OVERRIDE_PREFIX) else None)


def channel_list(channels: Sequence[str]) -> Json:
    """A list to choose from that only warns: several channels in one cell, with commas, stand in no list."""
    return {
        "condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": name} for name in channels]},
        "inputMessage": "One channel of the rules doc, or several with commas between.",
        "strict": False,
        "showCustomUi": True,
    }


_RED, _ORANGE, _YELLOW = (0.96, 0.80, 0.80), (0.99, 0.90, 0.80), (1.0, 0.95, 0.80)
_GREEN, _BLUE, _GREY = (0.85, 0.92, 0.83), (0.81, 0.89, 0.95), (0.85, 0.85, 0.87)

COLOURS: Sequence[tuple[str, str, tuple[float, float, float]]] = (
    # The first that fits counts: what needs the owner comes before what goes well.
    ("TEXT_STARTS_WITH", "Please mend", _RED),
    ("TEXT_CONTAINS", "is damaged", _RED),
    ("TEXT_CONTAINS", "not posted,", _RED),
    ("TEXT_CONTAINS", "nobody can tell", _RED),
    ("TEXT_STARTS_WITH", "Not ", _RED),
    ("TEXT_CONTAINS", "Not on ", _ORANGE),
    ("TEXT_CONTAINS", "not known yet", _ORANGE),
    ("TEXT_CONTAINS", "tried again", _ORANGE),
    ("TEXT_STARTS_WITH", "Changed since", _ORANGE),
    ("TEXT_STARTS_WITH", "A tick alone", _YELLOW),
    ("TEXT_STARTS_WITH", "Waiting", _YELLOW),
    ("TEXT_STARTS_WITH", "Ready", _YELLOW),
    ("TEXT_STARTS_WITH", "Held", _GREY),
    ("TEXT_STARTS_WITH", "Posted", _GREEN),
    ("TEXT_STARTS_WITH", "Booked", _BLUE),
    ("TEXT_STARTS_WITH", "Approved", _BLUE),
)
"""Condition, text, colour (red, green, blue from 0 to 1), in the words of the status sentences."""


def colour_rule(condition: str, text: str, colour: tuple[float, float, float], area: Json) -> Json:
    """A ConditionalFormatRule."""
    red, green, blue = colour
    return {
        "ranges": [area],
        "booleanRule": {
            "condition": {"type": condition, "values": [{"userEnteredValue": text}]},
            "format": {"backgroundColor": {"red": red, "green": green, "blue": blue}},
        },
    }
