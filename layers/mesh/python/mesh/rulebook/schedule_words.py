"""When a post comes again, in words (English, German) or as cron: into EventBridge Scheduler's expressions. Pure.

The words are read as a bag, not as a sentence: times, weekdays, days of the month and months, in any order. What a cron
cannot count (every second Friday) is refused with the nearest thing that it can.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time

from mesh.cron import fires_at_all, read_cron
from mesh.rulebook.days import MONTHS
from mesh.rulebook.hours import times_in
from mesh.rulebook.model import Wrong, quote
from mesh.rulebook.near import nearest
from mesh.rulebook.vocabulary import (
    CLEAR,
    COUNTED,
    FULL,
    KIND,
    KNOWN,
    ORDINALS,
    PART_OF_DAY,
    WEEK,
    WEEKDAYS,
    WEEKEND,
    WORDS,
    WORKING,
)

MOST_A_DAY = 24
EXAMPLE = "every Friday 9:00"
_DAY_OF_YEAR = re.compile(r"\b(?:on|am)\s(?:the\s)?(\d{1,2}\.\d{1,2})(?![\d.:])")
_BARE_CRON = re.compile(r"(?=.*[*?])[\d*?,/#a-z-]+(?: [\d*?,/#a-z-]+){4,5}")
_FROM_TO = "{}: from when to when? Write “Monday to Friday 9:00”, and times one by one: “every day at 9:00 and 17:00”"


@dataclass
class _Bag:
    """What the words say. ``nths`` are ordinals in words; ``days`` numbers that can only be a day of the month."""

    weekdays: list[str] = field(default_factory=list)
    grouped: str = ""
    nths: list[int] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    months: list[int] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    counted: bool = False


def begins_like_a_schedule(text: str) -> bool:
    """For telling a template's first line from a line of a text, also where the rest cannot be read."""
    word = re.match(r"\s*(cron\s*\(|[^\W\d_]+)", text.lower())
    if word is None:
        return False
    return word[1].startswith("cron") or KIND.get(word[1]) in {"every", "fortnight"} or word[1] in CLEAR


def crons_of(words: str) -> tuple[str, ...]:
    """One expression where one can say it. Wrong, in words and with a suggestion, for what is no schedule."""
    text = " ".join(words.lower().split())
    if not text:
        raise Wrong(f"it does not say when it comes; write it like “{EXAMPLE}”")
    if text.startswith("cron") or _BARE_CRON.fullmatch(text):
        return (_cron(text, words),)
    text = re.sub(r"\([^()]*\)", " ", text)  # a comment
    text = _DAY_OF_YEAR.sub(r" \1. ", text)
    times, rest = _take_times(text)
    _refuse_counting(text, words)
    bag = _sorted_out(rest, words)
    days = _day_fields(bag, words)
    if not times:
        raise Wrong(f"{quote(words)} does not say at what time; write the time like 9:00, as in “{EXAMPLE}”")
    months = ",".join(str(month) for month in sorted(set(bag.months))) or "*"
    crons = tuple(
        f"cron({clock} {day} {months} {weekday} *)" for day, weekday in days for clock in _clock_fields(times)
    )
    for cron in crons:
        _refuse_never(cron, words)
    return crons


def _cron(text: str, words: str) -> str:
    inside = text.removeprefix("cron").strip(" :=()").upper()
    if len(inside.split()) == 5:
        raise Wrong(
            f"{quote(words)} has five parts and needs six, like cron(0 9 ? * FRI *); or write it like “{EXAMPLE}”"
        )
    cron = f"cron({' '.join(inside.split())})"
    _refuse_never(cron, words)
    return cron


def _refuse_never(expression: str, words: str) -> None:
    try:
        cron = read_cron(expression)
    except ValueError as error:
        raise Wrong(f"{quote(words)}: {error}") from None
    if len(cron.times) > MOST_A_DAY:
        raise Wrong(f"{quote(words)} comes {len(cron.times)} times a day; {MOST_A_DAY} is the most")
    if not fires_at_all(cron):
        raise Wrong(
            f"{quote(words)} never comes: no calendar has that day; write “on the last day of every month”, or another day"
        )


def _take_times(text: str) -> tuple[list[time], str]:
    """The times of day, and the words without them. A bare number is a time behind "at" or "um", else a day."""
    blanked = re.sub(
        r"\d{1,2}\.\d{1,2}\.(?:\d{2,4})?|\d{4}-\d{2}-\d{2}|\d+/\d+(?:/\d+)?|\b\d+(?:st|nd|rd|th)\b|\b\d+\.(?!\d)|\b\d{3,}\b",
        _blank,
        text,
    )
    times: list[time] = []
    behind_at = 0
    for found in times_in(blanked):
        before = blanked[: found.start].rstrip()
        again = behind_at and re.fullmatch(r"\s*(?:,|&|and|und)\s*", blanked[behind_at : found.start])
        if found.plain and not re.search(r"(?:^|\s)(?:at|um|@)$", before) and not again:
            continue
        times.append(found.at)
        behind_at = found.end
        text = text[: found.start] + _blank_text(text[found.start : found.end]) + text[found.end :]
    return sorted(set(times)), text


def _blank(found: re.Match[str]) -> str:
    return _blank_text(found[0])


def _blank_text(text: str) -> str:
    return " " * len(text)


def _sorted_out(text: str, words: str) -> _Bag:
    bag = _Bag()
    span_from = ""
    last = ""
    for word in WORDS.findall(text):
        if word in WEEKDAYS:
            (day,) = WEEKDAYS[word]
            bag.weekdays += _span(span_from, day) if span_from else [day]
            last, span_from = day, ""
            continue
        if span_from:
            raise Wrong(_FROM_TO.format(quote(words)))
        if word in WORKING or word in WEEKEND:
            bag.weekdays += WORKING.get(word) or WEEKEND[word]
            bag.grouped = word
        elif word in MONTHS:
            bag.months.append(MONTHS[word])
        elif word in ORDINALS:
            bag.nths.append(ORDINALS[word])
        elif KIND.get(word) == "through":
            if not last:
                raise Wrong(_FROM_TO.format(quote(words)))
            span_from = last
        elif word in KIND:
            bag.kinds.add(KIND[word])
        elif word.rstrip(".").isdecimal() or re.fullmatch(r"\d+(?:st|nd|rd|th)", word):
            _number(bag, word, words)
        elif re.match(r"\d", word):
            _date(bag, word, words)
        elif word != ".":
            near = nearest(word, [one for one in KNOWN if one[0] in word[:2]], alike=0.7)
            hint = f"did you mean “{near}”?" if near else f"write it like “{EXAMPLE}”"
            hint = "write the time like 9:00 or 21:00" if word in PART_OF_DAY else hint
            raise Wrong(f"{quote(words)}: {quote(word)} says nothing to me; {hint}")
        last = ""
    if span_from:
        raise Wrong(_FROM_TO.format(quote(words)))
    return bag


def _span(first: str, last: str) -> list[str]:
    """Monday to Friday; over the end of the week too. The first is there already."""
    start, length = WEEK.index(first), (WEEK.index(last) - WEEK.index(first)) % 7
    return [WEEK[(start + passed) % 7] for passed in range(1, length + 1)]


def _number(bag: _Bag, word: str, words: str) -> None:
    number = int(re.sub(r"\D", "", word)[:6])
    if 2000 <= number < 2100:
        raise Wrong(
            f"{quote(words)} is one day only; put it into the sheet as a row, or leave the year out to have it every year"
        )
    if not 0 < number < 32:
        raise Wrong(
            f"{quote(words)}: {word[:10]} is no day of a month and no time; write it like “every month on the 15th at 9:00”"
        )
    bag.counted = bag.counted or word.isdecimal()
    bag.days.append(number)


def _date(bag: _Bag, word: str, words: str) -> None:
    one, two, *year = (int(part) for part in re.split(r"[./-]", word.strip(".")))
    if year:
        raise Wrong(
            f"{quote(words)} is one day only; put it into the sheet as a row, or leave the year out to have it every year"
        )
    if "/" in word and one != two and max(one, two) <= 12:
        raise Wrong(
            f"{quote(words)}: {word} may be day or month first; write it like “every year on 24 December at 9:00”"
        )
    day, month = (two, one) if "/" in word and two > 12 else (one, two)
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        raise Wrong(f"{quote(words)}: {word} is no day of a year; write it like “every year on 24 December at 9:00”")
    bag.days.append(day)
    bag.months.append(month)


def _refuse_counting(text: str, words: str) -> None:
    """What a cron has no memory for: every second Friday, every three days, twice a month."""
    said, tokens = quote(words), WORDS.findall(text)
    kinds = {KIND.get(token, "") for token in tokens}
    monthly = "month" in kinds or any(token in MONTHS for token in tokens)
    named = next((WEEKDAYS[token][0] for token in tokens if token in WEEKDAYS), "FRI")
    day = FULL[WEEK.index(named)]
    found = COUNTED.search(text)
    unit = KIND.get(found[1], "") if found else ""
    if "fortnight" in kinds or unit == "week" or (found and found[1] in WEEKDAYS and not monthly):
        raise Wrong(
            f"{said}: weeks cannot be counted; write “first and third {day} of the month 9:00”, or “every {day} 9:00”"
        )
    if unit == "day" and not monthly:
        raise Wrong(f"{said}: days cannot be counted; name the weekdays, like “every Monday and Thursday 9:00”")
    if unit == "month" or "quarter" in kinds:
        raise Wrong(
            f"{said}: months cannot be counted; name them, like “on the 1st of January, April, July and October at 9:00”"
        )
    if unit == "year":
        raise Wrong(f"{said}: years cannot be counted; write it like “every year on 24 December at 9:00”")
    if "hour" in kinds:
        raise Wrong(f"{said}: write the times of day, like “every day at 9:00 and 17:00”")
    if "times" in kinds:
        raise Wrong(f"{said}: on which days? Name them, like “every Monday and Thursday 9:00”")


def _day_fields(bag: _Bag, words: str) -> list[tuple[str, str]]:
    """Day of month and day of week, as often as it takes."""
    said = quote(words)
    if (
        bag.weekdays
        and bag.days
        and not bag.counted
        and max(bag.days) <= 5
        and (bag.kinds & {"month", "every"} or bag.months)
    ):
        bag.nths, bag.days = [*bag.nths, *bag.days], []  # "1st Monday of the month"
    if bag.weekdays and bag.counted:
        raise Wrong(f"{said}: is {bag.days[0]} a time? Write it like {bag.days[0]}:00, as in “{EXAMPLE}”")
    if bag.weekdays and bag.days:
        raise Wrong(
            f"{said} names a weekday and a day of the month; write one of them, like “{EXAMPLE}” or “every month on the 15th at 9:00”"
        )
    if bag.weekdays and bag.nths:
        return _nth_fields(bag, said)
    if bag.weekdays:
        return [_listed(bag.weekdays)]
    numbers = {*bag.days, *(nth for nth in bag.nths if nth)}
    if numbers or bag.nths:
        listed = [(",".join(str(day) for day in sorted(numbers)), "?")] if numbers else []
        return [*listed, *([("L", "?")] if 0 in bag.nths else [])]
    if "day" in bag.kinds:
        return [("*", "?")]
    for kind, example in _WHICH_DAY.items():
        if kind in bag.kinds or (kind == "month" and bag.months):
            raise Wrong(f"{said}: on which day? Write it like “{example}”")
    raise Wrong(f"{said} does not say on which days; write it like “{EXAMPLE}” or “every day 9:00”")


_WHICH_DAY = {
    "week": "every Friday 9:00",
    "month": "every month on the 15th at 9:00",
    "year": "every year on 24 December at 9:00",
}


def _nth_fields(bag: _Bag, said: str) -> list[tuple[str, str]]:
    if bag.grouped:
        if bag.nths == [1] and bag.grouped in WORKING:
            return [("1W", "?")]
        raise Wrong(
            f"{said}: of such days only the first can be found; write “on the last day of every month”, or name a weekday"
        )
    numbers = [(WEEK.index(day) + 1) % 7 + 1 for day in dict.fromkeys(bag.weekdays)]
    return [("?", f"{number}#{nth}" if nth else f"{number}L") for nth in dict.fromkeys(bag.nths) for number in numbers]


def _listed(days: Sequence[str]) -> tuple[str, str]:
    ordered = [day for day in WEEK if day in days]
    start = WEEK.index(ordered[0])
    if len(ordered) == len(WEEK):
        return "*", "?"
    if len(ordered) > 2 and ordered == list(WEEK[start : start + len(ordered)]) and ordered[-1] != "SUN":
        return "?", f"{ordered[0]}-{ordered[-1]}"
    return "?", ",".join(ordered)  # Sunday is EventBridge's first day, so that a range does not reach it


def _clock_fields(times: Sequence[time]) -> list[str]:
    """Minutes and hours: 9:00 and 17:00 in one expression, 9:00 and 17:30 in two."""
    hours: dict[int, list[int]] = {}
    for at in times:
        hours.setdefault(at.minute, []).append(at.hour)
    minutes: dict[tuple[int, ...], list[int]] = {}
    for minute, of in hours.items():
        minutes.setdefault(tuple(of), []).append(minute)
    return [f"{','.join(map(str, sorted(several)))} {','.join(map(str, of))}" for of, several in minutes.items()]
