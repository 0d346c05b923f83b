"""What differs by a spreadsheet's locale: order of day, month and year, decimal sign, names of months.

Source: Unicode CLDR's short date patterns, number symbols and month names, which Sheets follows. A locale that is not
here reads as its language's first one does, and a language that is not here as British English.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Order = Literal["mdy", "dmy", "ymd"]
_ENGLISH = "january february march april may june july august september october november december"


@dataclass(frozen=True)
class Locale:
    """`separators`: what may stand between the numbers of a date besides `-` in ISO dates."""

    order: Order
    date_pattern: str
    short_pattern: str
    """Of a date typed without its year."""
    separators: str = "/.-"
    decimal: str = "."
    months: tuple[str, ...] = field(default=())
    currencies: str = "$€£"

    @property
    def group(self) -> str:
        """Between thousands."""
        return "," if self.decimal == "." else "."

    def month(self, name: str) -> int:
        """1 to 12 for a month's name or an abbreviation of it, in the locale's language or in English; 0 for none."""
        wanted = name.casefold().rstrip(".")
        for months in (self.months, tuple(_ENGLISH.split())):
            for number, month in enumerate(months, 1):
                if len(wanted) >= 3 and (month.startswith(wanted) or wanted in _SHORT.get(month, ())):
                    return number
        return 0


def _named(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_SHORT = {"märz": ("mrz", "maerz"), "september": ("sept",), "settembre": ("sett",), "maart": ("mrt",)}
_GERMAN = _named("januar februar märz april mai juni juli august september oktober november dezember")
_FRENCH = _named("janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
_SPANISH = _named("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre")
_PORTUGUESE = _named("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro")
_ITALIAN = _named("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre")
_DUTCH = _named("januari februari maart april mei juni juli augustus september oktober november december")

_DOTTED = Locale("dmy", "dd.MM.yyyy", "dd.MM", decimal=",")
_SLASHED = Locale("dmy", "dd/MM/yyyy", "dd/MM", decimal=",")
_YEAR_FIRST = Locale("ymd", "yyyy/MM/dd", "MM/dd", currencies="$€£¥￥")
_BRITISH = Locale("dmy", "dd/MM/yyyy", "dd/MM")
_LOCALES = {
    "en_US": Locale("mdy", "M/d/yyyy", "M/d", separators="/-"),
    "en": Locale("mdy", "M/d/yyyy", "M/d", separators="/-"),
    "en_CA": Locale("ymd", "yyyy-MM-dd", "MM-dd", separators="/-"),
    "de": Locale("dmy", "dd.MM.yyyy", "dd.MM", separators="./-", decimal=",", months=_GERMAN),
    "de_CH": Locale("dmy", "dd.MM.yyyy", "dd.MM", months=_GERMAN),
    "fr": Locale("dmy", "dd/MM/yyyy", "dd/MM", decimal=",", months=_FRENCH),
    "fr_CA": Locale("ymd", "yyyy-MM-dd", "MM-dd", decimal=",", months=_FRENCH),
    "es": Locale("dmy", "dd/MM/yyyy", "dd/MM", decimal=",", months=_SPANISH),
    "es_MX": Locale("dmy", "dd/MM/yyyy", "dd/MM", months=_SPANISH),
    "it": Locale("dmy", "dd/MM/yyyy", "dd/MM", decimal=",", months=_ITALIAN),
    "nl": Locale("dmy", "dd-MM-yyyy", "dd-MM", decimal=",", months=_DUTCH),
    "pt": Locale("dmy", "dd/MM/yyyy", "dd/MM", decimal=",", months=_PORTUGUESE, currencies="R$€£"),
    "sv": Locale("ymd", "yyyy-MM-dd", "MM-dd", decimal=","),
    "ja": _YEAR_FIRST,
    "zh": _YEAR_FIRST,
    "ko": _YEAR_FIRST,
    **dict.fromkeys(("pl", "ru", "cs", "da", "fi", "nb", "no", "tr", "uk"), _DOTTED),
    **dict.fromkeys(("el", "id", "vi", "ca"), _SLASHED),
}


def locale_of(name: str) -> Locale:
    """By the API's name: `de_DE`, `pt_BR`, `ja`."""
    language = name.partition("_")[0]
    if name not in _LOCALES and language == "en":
        return _BRITISH
    return _LOCALES.get(name) or _LOCALES.get(language) or _BRITISH
