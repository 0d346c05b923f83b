"""One typed cell: what it holds, what typing makes of a text, and how a cell reads back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from local.clock import now
from local.sheets import formulas, patterns, serials
from local.sheets.typed_numbers import typed_number
from local.sheets.wire import Json, invalid

Scalar = str | int | float | bool | None
Render = Literal["FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"]
RENDER_OPTIONS = ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")
DATE_RENDER_OPTIONS = ("SERIAL_NUMBER", "FORMATTED_STRING")
INPUT_OPTIONS = ("RAW", "USER_ENTERED")
MAX_CELL_CHARACTERS = 50_000


@dataclass(frozen=True, slots=True)
class Cell:
    """`value` is what the cell is worth, `formula` what was typed if it was one. A date is a number with a format."""

    value: Scalar = None
    formula: str | None = None
    format: Json | None = None
    validation: Json | None = None
    note: str | None = None

    @property
    def is_blank(self) -> bool:
        return self.value is None

    @property
    def is_bare(self) -> bool:
        """Nothing at all worth keeping."""
        return self == EMPTY

    @property
    def number_format(self) -> Json | None:
        return (self.format or {}).get("numberFormat")

    @property
    def is_checkbox(self) -> bool:
        return ((self.validation or {}).get("condition") or {}).get("type") == "BOOLEAN"

    @property
    def error_type(self) -> str | None:
        """Google's word for the error a formula shows."""
        if self.formula is None or not isinstance(self.value, str):
            return None
        return formulas.ERROR_TYPES.get(self.value)


EMPTY = Cell()


def raw(cell: Cell, value: Any) -> Cell:
    """The cell after a RAW write: stored as given, nothing parsed; the empty string empties it."""
    if isinstance(value, bool):
        return replace(cell, value=value, formula=None)
    if isinstance(value, int | float):
        return replace(cell, value=_number(value), formula=None)
    if not isinstance(value, str):
        raise invalid(f"Invalid values: {value!r} is no string, number or boolean")
    if len(value) > MAX_CELL_CHARACTERS:
        raise invalid("Your input contains more than the maximum of 50000 characters in a single cell.")
    return replace(cell, value=value or None, formula=None)


def user_entered(cell: Cell, value: Any, locale: str) -> Cell:
    """The cell after a person typed that: numbers, booleans, dates, times and formulas are recognized."""
    if not isinstance(value, str) or value == "":
        return raw(cell, value)
    raw(cell, value)
    number_format = cell.number_format or {}
    if value.startswith("'"):
        return replace(cell, value=value[1:] or None, formula=None)
    if number_format.get("type") == "TEXT":
        return replace(cell, value=value, formula=None)
    if value.startswith("=") and len(value) > 1:
        return replace(cell, value=formulas.result(value), formula=value)
    if value.strip().upper() in ("TRUE", "FALSE"):
        return replace(cell, value=value.strip().upper() == "TRUE", formula=None)
    numeric = typed_number(value.strip(), locale) or serials.typed(value, locale, now().year)
    if numeric is None:
        return replace(cell, value=value, formula=None)
    number, kind, pattern = numeric
    typed = replace(cell, value=_number(number), formula=None)
    if kind and not number_format:
        typed = replace(typed, format={**(cell.format or {}), "numberFormat": {"type": kind, "pattern": pattern}})
    return typed


def from_extended(cell: Cell, extended: Json | None) -> Cell:
    """The cell after `userEnteredValue`; a stringValue can never become a formula."""
    if not extended:
        return replace(cell, value=None, formula=None)
    if len(extended) != 1:
        raise invalid("Invalid value at 'user_entered_value': exactly one kind of value must be set.")
    (kind, value), *_ = extended.items()
    if kind == "formulaValue" and isinstance(value, str):
        formula = value if value.startswith("=") else f"={value}"
        return replace(cell, value=formulas.result(formula), formula=formula)
    expected: dict[str, type | tuple[type, ...]] = {"stringValue": str, "numberValue": (int, float), "boolValue": bool}
    if kind not in expected or not isinstance(value, expected[kind]) or (kind == "numberValue" and value is True):
        raise invalid(f"Invalid value at 'user_entered_value.{kind}': {value!r}")
    return raw(cell, value)


def to_extended(value: Scalar) -> Json | None:
    """A value as an ExtendedValue message; None for an empty cell."""
    if value is None:
        return None
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}


def rendered(cell: Cell, render: str, date_render: str, locale: str) -> Scalar:
    """The cell in a ValueRange; an empty one is the empty string."""
    if render == "FORMULA" and cell.formula is not None:
        return cell.formula
    if cell.value is None:
        return ""
    is_date = (cell.number_format or {}).get("type") in patterns.DATE_TYPES
    if render == "FORMATTED_VALUE" or (is_date and date_render == "FORMATTED_STRING"):
        return formatted(cell, locale)
    return cell.value


def formatted(cell: Cell, locale: str) -> str:
    """The text a person sees."""
    if cell.value is None:
        return ""
    if isinstance(cell.value, bool):
        return "TRUE" if cell.value else "FALSE"
    if isinstance(cell.value, str):
        return cell.value
    return patterns.shown(cell.value, cell.number_format, locale)


def _number(value: float) -> float | int:
    """Doubles, as Sheets keeps them; a whole one travels as 1, not 1.0."""
    as_float = float(value)
    if as_float != as_float or as_float in (float("inf"), float("-inf")):
        raise invalid("Invalid value: not a finite number.")
    return int(as_float) if as_float.is_integer() and abs(as_float) < 1e15 else as_float
