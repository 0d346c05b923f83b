"""Figures in a text: numbers, amounts of money, percentages, days, weekdays and times, each as a value that can be compared. Pure.

"2,60 €" and "€2.60" are one amount, "9am" and "09:00" one time, "12. März" and "12 March" one day. English and German words are read,
weekdays and months in some more languages; figures of every script are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import regex

from mesh.number_words import NUMBER_WORDS
from mesh.rulebook.days import MONTHS

_WEEKDAYS = {
    form: day
    for day, forms in enumerate(
        (
            "monday mondays montag montags lundi lunes lunedì segunda-feira maandag",
            "tuesday tuesdays dienstag dienstags mardi martes martedì terça-feira dinsdag",
            "wednesday wednesdays mittwoch mittwochs mercredi miércoles mercoledì quarta-feira woensdag",
            "thursday thursdays donnerstag donnerstags jeudi jueves giovedì quinta-feira donderdag",
            "friday fridays freitag freitags vendredi viernes venerdì sexta-feira vrijdag",
            "saturday saturdays samstag samstags sonnabend samedi sábado sabato zaterdag",
            "sunday sundays sonntag sonntags dimanche domingo domenica zondag",
        )
    )
    for form in forms.split()
}
_MORE = (
    "janvier enero gennaio|février febrero febbraio|mars marzo|avril abril aprile|mayo maggio|juin junio giugno|juillet julio luglio|"
    "août agosto|septembre septiembre settembre|octobre octubre ottobre|novembre noviembre|décembre diciembre dicembre"
)
_MORE_MONTHS = {name: number for number, names in enumerate(_MORE.split("|"), start=1) for name in names.split()}
_ALL_MONTHS = {**MONTHS, **_MORE_MONTHS}
_DAY_WORDS = {"tomorrow": 1, "übermorgen": 2, "yesterday": -1, "gestern": -1, "tonight": 0}
_SIGNS = {"€": "eur", "eur": "eur", "euro": "eur", "euros": "eur", "$": "usd", "usd": "usd", "dollar": "usd", "dollars": "usd"} | {
    "£": "gbp", "gbp": "gbp", "pound": "gbp", "pounds": "gbp", "chf": "chf", "franken": "chf", "fr.": "chf", "¥": "jpy", "yen": "jpy",
    "kr": "kr", "zł": "pln", "₹": "inr", "rs": "inr", "cent": "cent", "cents": "cent", "aed": "aed", "درهم": "aed", "ريال": "sar",
}  # fmt: skip
_MONTH = "|".join(sorted(map(regex.escape, _ALL_MONTHS), key=len, reverse=True))
_SIGN = "|".join(sorted(map(regex.escape, _SIGNS), key=len, reverse=True))
_AMOUNT = r"(?:\d{1,3}(?:[.,'’\u202f\u00a0 ]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2}(?!\d))?)"
_CLOCK = r"(?P<hour{n}>[01]?\d|2[0-4])(?:[:.h](?P<minute{n}>[0-5]\d))?"
_HALF = r"(?P<half{n}>[ap]\.?\s?m\b\.?|uhr\b|h\b|o['’]clock\b)"
_PATTERN = regex.compile(
    rf"""
    (?P<iso>\b(?P<year>\d{{4}})-(?P<imonth>\d{{1,2}})-(?P<iday>\d{{1,2}})\b)
    |(?P<dotted>(?<![\d.,])(?P<dday>0?[1-9]|[12]\d|3[01])\.\s?(?P<dmonth>0?[1-9]|1[0-2])\.(?:\s?(?P<dyear>\d{{4}}|\d{{2}}))?(?!\d))
    |(?P<fraction>(?<![\d/.,])(?:[1-9]/[2-9]|24/7)(?![\d/]))
    |(?P<slashed>(?<![\d/])(?P<one>\d{{1,2}})/(?P<two>\d{{1,2}})(?:/(?P<syear>\d{{4}}|\d{{2}}))?(?![\d/]))
    |(?P<named>\b(?P<nday>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s?(?:of\s|de\s)?(?P<nmonth>{_MONTH})\b\.?)
    |(?P<monthfirst>\b(?P<mmonth>{_MONTH})\.?\s(?P<mday>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:]))
    |(?P<range>(?<![\d.,:€$£])\b{_CLOCK.format(n="1")}(?:\s?{_HALF.format(n="1")})?\s?(?:-|–|—|to|till|until|bis|and|und)\s?
        {_CLOCK.format(n="2")}\s?{_HALF.format(n="2")})
    |(?P<span>(?<![\d.,:€$£])\b(?P<from>[01]?\d|2[0-4])\s?(?:-|–|to|till|until|bis)\s?(?P<till>[01]?\d|2[0-4])\b(?![.,:]?\d|\s?(?:%|{_SIGN})))
    |(?P<time>(?<![\d.,:€$£])\b(?:{_CLOCK.format(n="3")}\s?{_HALF.format(n="3")}|(?P<hour4>[01]?\d|2[0-4])[:h](?P<minute4>[0-5]\d))(?![\d:]))
    |(?P<noon>\b(?:noon|midday|midnight|mittags?|mitternachts?)\b)
    |(?P<percent>(?P<pvalue>{_AMOUNT})\s?(?:%|٪|percent\b|per\scent\b|prozent\b|pour\scent\b|por\sciento\b))
    |(?P<price>(?P<before>(?:{_SIGN}))\s?(?P<bvalue>{_AMOUNT})|(?P<avalue>{_AMOUNT})(?:,-|,–)?\s?(?P<after>{_SIGN})(?!\p{{L}}))
    |(?P<number>(?<!\p{{L}}){_AMOUNT})
    |(?P<word>\b(?:{"|".join([*_WEEKDAYS, *NUMBER_WORDS, *_DAY_WORDS])})\b)
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_KEYCAP = regex.compile(r"[0-9#*]\ufe0f?\u20e3")


@dataclass(frozen=True)
class Figure:
    """``quote`` is how it stands there; ``value`` is the same for what means the same.

    ``kind``: number, price (with its currency), percent, date (day and month; sorted where either may be first), day (from today),
    year (of a date), weekday, time, hour (of a span like 9 to 18, which may be of something else).
    """

    kind: str
    value: tuple[int | str, ...]
    quote: str
    start: int
    end: int


def figures_in(text: str) -> Iterator[Figure]:
    """In their order; what is part of one is not found again as another."""
    plain = _KEYCAP.sub(lambda found: " " * len(found.group()), _ascii_figures(text))
    for found in _PATTERN.finditer(plain):
        quote = text[found.start() : found.end()].strip().rstrip(".")
        for kind, value in _read(found):
            yield Figure(kind, value, quote, found.start(), found.end())


def _read(found: regex.Match[str]) -> Iterator[tuple[str, tuple[int | str, ...]]]:
    if found["range"]:
        half = found["half1"] or found["half2"]  # "7-9 pm": what stands behind the second is meant of both
        yield "time", _hours(found["hour1"], found["minute1"], half)
        yield "time", _hours(found["hour2"], found["minute2"], found["half2"])
    elif found["span"]:
        yield "hour", (int(found["from"]),)
        yield "hour", (int(found["till"]),)
    else:
        yield next(read(found) for name, read in _READ.items() if found[name] is not None)
        if year := found["year"] or found["dyear"] or found["syear"]:
            yield "year", (int(year if len(year) == 4 else f"20{year}"),)


def _ascii_figures(text: str) -> str:
    """The figures of every script as 0 to 9; as long as before."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)


def _day(day: str, month: int | str) -> tuple[str, tuple[int | str, ...]]:
    return "date", (int(day), int(month))


def _slashed(found: regex.Match[str]) -> tuple[str, tuple[int | str, ...]]:
    return "date", ("either", *sorted((int(found["one"]), int(found["two"]))))


def _hours(hour: str, minute: str | None, half: str | None) -> tuple[int | str, ...]:
    hours = int(hour) % 24
    if half and half[0].lower() in "ap" and hours <= 12:
        hours = hours % 12 + (12 if half[0].lower() == "p" else 0)
    return hours, int(minute or 0)


def _time(found: regex.Match[str]) -> tuple[str, tuple[int | str, ...]]:
    if found["hour4"] is not None:
        return "time", _hours(found["hour4"], found["minute4"], None)
    return "time", _hours(found["hour3"], found["minute3"], found["half3"])


def _noon(found: regex.Match[str]) -> tuple[str, tuple[int | str, ...]]:
    return "time", (0 if "nacht" in found["noon"].lower() or "night" in found["noon"].lower() else 12, 0)


def _price(found: regex.Match[str]) -> tuple[str, tuple[int | str, ...]]:
    sign = _SIGNS[(found["before"] or found["after"]).lower()]
    return "price", (amount(found["bvalue"] or found["avalue"]), sign)


def _word(found: regex.Match[str]) -> tuple[str, tuple[int | str, ...]]:
    word = found["word"].lower()
    if word in _WEEKDAYS:
        return "weekday", (_WEEKDAYS[word],)
    if word in _DAY_WORDS:
        return "day", (_DAY_WORDS[word],)
    return "number", (str(NUMBER_WORDS[word]),)


def amount(text: str) -> str:
    """The value in one spelling: 1.200,50 and 1,200.50 are "1200.5"."""
    digits = regex.sub(r"['’\u202f\u00a0 ]", "", text)
    decimals = regex.search(r"[.,](\d{1,2})$", digits)
    whole = regex.sub(r"[.,]", "", digits[: decimals.start()] if decimals else digits).lstrip("0") or "0"
    part = decimals[1].rstrip("0") if decimals else ""
    return f"{whole}.{part}" if part else whole


_READ: Mapping[str, Callable[[regex.Match[str]], tuple[str, tuple[int | str, ...]]]] = {
    "iso": lambda found: _day(found["iday"], found["imonth"]),
    "dotted": lambda found: _day(found["dday"], found["dmonth"]),
    "fraction": lambda found: ("number", (found["fraction"],)),
    "slashed": _slashed,
    "named": lambda found: _day(found["nday"], _ALL_MONTHS[found["nmonth"].lower()]),
    "monthfirst": lambda found: _day(found["mday"], _ALL_MONTHS[found["mmonth"].lower()]),
    "time": _time,
    "noon": _noon,
    "percent": lambda found: ("percent", (amount(found["pvalue"]),)),
    "price": _price,
    "number": lambda found: ("number", (amount(found["number"]),)),
    "word": _word,
}
