"""Number formats: showing a number, date or time by a pattern, as a sheet shows it."""

from __future__ import annotations

import re
from datetime import datetime

from local.sheets import serials
from local.sheets.locales import locale_of
from local.sheets.wire import Json

DATE_TYPES = ("DATE", "TIME", "DATE_TIME")

_DATE_TOKEN = re.compile(r'"[^"]*"|\\.|am/pm|AM/PM|a/p|A/P|\[h+\]|y+|M+|m+|d+|h+|H+|s+|.', re.DOTALL)
_NUMBER_CORE = re.compile(r"[#0,.?]+(?:E\+0+)?")
_SIGNIFICANT_DIGITS = 10
_POINT_AND_COMMA = str.maketrans(",.", ".,")


def shown(value: float, number_format: Json | None, locale: str) -> str:
    """The number as text. Without a format as "General": up to ten digits, no trailing zeros."""
    kind = (number_format or {}).get("type", "")
    pattern = (number_format or {}).get("pattern") or _default_pattern(kind, locale)
    if kind in DATE_TYPES:
        try:
            return _dated(serials.to_datetime(value), value, pattern)
        except OverflowError:
            return general(value)
    text = general(value) if not pattern or kind in ("", "TEXT") else _numbered(value, pattern)
    return text if locale_of(locale).decimal == "." else text.translate(_POINT_AND_COMMA)


def general(value: float) -> str:
    """15 for 15.0, 0.0009765625, 1E+15."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.{_SIGNIFICANT_DIGITS}g}".replace("e", "E")


def _default_pattern(kind: str, locale: str) -> str:
    return {
        "DATE": serials.default_date_pattern(locale),
        "TIME": "h:mm:ss am/pm",
        "DATE_TIME": serials.default_date_pattern(locale) + " h:mm:ss",
        "NUMBER": "#,##0.00",
        "PERCENT": "0.00%",
        "CURRENCY": "$#,##0.00",
        "SCIENTIFIC": "0.00E+00",
    }.get(kind, "")


def _dated(moment: datetime, serial: float, pattern: str) -> str:
    tokens: list[str] = _DATE_TOKEN.findall(pattern)
    twelve_hours = any(token.lower() in ("am/pm", "a/p") for token in tokens)
    parts = []
    for position, token in enumerate(tokens):
        if token[0] == "m" and _is_minute(tokens, position):
            parts.append(str(moment.minute).zfill(min(len(token), 2)))
        else:
            parts.append(_date_part(moment, serial, token, twelve_hours))
    return "".join(parts)


def _date_part(moment: datetime, serial: float, token: str, twelve_hours: bool) -> str:
    width = min(len(token), 2)
    hour = (moment.hour % 12 or 12) if twelve_hours else moment.hour
    match token[0].lower() if not token.startswith("[") else "[":
        case "y":
            return str(moment.year) if len(token) > 2 else str(moment.year % 100).zfill(2)
        case "m":
            return _named(moment, token, moment.month, "%b", "%B")
        case "d":
            return _named(moment, token, moment.day, "%a", "%A")
        case "h":
            return str(hour).zfill(width)
        case "s":
            return str(moment.second).zfill(width)
        case "a" if "/" in token:
            return ("AM" if moment.hour < 12 else "PM")[: 1 if len(token) == 3 else 2]
        case "[":
            return str(int(serial * 24)).zfill(len(token) - 2)
        case '"':
            return token[1:-1]
        case "\\":
            return token[1:]
        case _:
            return token


def _named(moment: datetime, token: str, number: int, short: str, full: str) -> str:
    if len(token) >= 4:
        return moment.strftime(full)
    return moment.strftime(short) if len(token) == 3 else str(number).zfill(len(token))


def _is_minute(tokens: list[str], position: int) -> bool:
    """`m` is a minute right after hours or right before seconds, else a month."""
    letters = [token for token in tokens if token[0].isalpha() or token[0] == "["]
    here = sum(1 for token in tokens[:position] if token[0].isalpha() or token[0] == "[")
    before = letters[here - 1][0] if here else ""
    after = letters[here + 1][0] if here + 1 < len(letters) else ""
    return before in ("h", "H", "[") or after == "s"


def _numbered(value: float, pattern: str) -> str:
    sections = pattern.split(";")
    negative_section = value < 0 and len(sections) > 1
    section = sections[1] if negative_section else sections[0]
    core = _NUMBER_CORE.search(section)
    if not core:
        return _literal(section)
    amount = abs(value) * (100 if "%" in section else 1)
    spec = core.group()
    digits, _, exponent = spec.partition("E")
    whole, _, fraction = digits.partition(".")
    if exponent:
        text = f"{amount:.{len(fraction)}E}"
    else:
        grouping = "," if "," in whole else ""
        text = f"{amount:{grouping}.{len(fraction)}f}"
        while fraction.endswith("#") and text.endswith("0"):
            fraction, text = fraction[:-1], text[:-1]
        text = text.rstrip(".")
        least_digits = whole.count("0")
        if least_digits > len(text.partition(".")[0]):
            text = text.zfill(len(text) + least_digits - len(text.partition(".")[0]))
    sign = "-" if value < 0 and not negative_section else ""
    return sign + _literal(section[: core.start()]) + text + _literal(section[core.end() :])


def _literal(text: str) -> str:
    return re.sub(r"\\(.)|\[\$([^\]-]*)[^\]]*\]", lambda found: found[1] or found[2] or "", text).replace('"', "")
