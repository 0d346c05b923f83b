"""Counts, spans of time and money as people say them. Pure."""

from __future__ import annotations

from datetime import date

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_LEAST_MICRO_USD = 10_000  # a cent: below it "less than" is said


def number(count: int) -> str:
    return f"{count:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """ "no posts", "1 post", "1,200 posts"."""
    many = many or f"{one}s"
    return f"no {many}" if count == 0 else f"{number(count)} {one if count == 1 else many}"


def span(seconds: int) -> str:
    """ "less than a minute", "25 minutes", "3 hours", "2 days": to the unit that says enough, half and more rounded up."""
    if seconds < _MINUTE:
        return "less than a minute"
    for unit, name, most in ((_MINUTE, "minute", 90 * _MINUTE), (_HOUR, "hour", 36 * _HOUR)):
        if seconds < most:
            return counted((seconds + unit // 2) // unit, name)
    return counted((seconds + _DAY // 2) // _DAY, "day")


def dollars(micro_usd: int) -> str:
    """In cents, half and more rounded up; a part of a cent is not called nothing."""
    if 0 < micro_usd < _LEAST_MICRO_USD:
        return "less than US$0.01"
    cents = (micro_usd + _LEAST_MICRO_USD // 2) // _LEAST_MICRO_USD
    return f"US${cents // 100:,}.{cents % 100:02}"


def month(day: date) -> str:
    return f"{day:%B %Y}"


def weekday(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def micro_usd(dollars_text: str) -> int:
    """Of a price like "0.015"."""
    whole, _, part = dollars_text.partition(".")
    return int(whole) * 1_000_000 + int(f"{part:0<6}"[:6])
