"""What a draft may say: everything that the note, the voice doc and the rules doc say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from draft_helper.guard_addresses import addresses_in
from draft_helper.guard_words import fold, words_in
from draft_helper.material import Material
from mesh.text_figures import Figure, figures_in

_NUMBERS = {"number", "price", "percent", "hour", "year"}


@dataclass(frozen=True)
class Known:
    """``note`` is what was asked for, in words; ``public`` what the business's own documents say. ``goes_on`` is the note's day, if any."""

    note: str
    public: str
    today: date
    goes_on: date | None = None
    time: str = ""

    def has(self, figure: Figure) -> bool:
        """Whether it, or what means the same, was said."""
        kind, value = figure.kind, figure.value
        if (kind, value) in self._figures:
            return True
        if kind == "number":
            return str(value[0]) in self._numbers
        if kind in {"price", "percent"}:  # of a bare number somebody may have made an amount
            return ("number", value[:1]) in self._figures
        if kind == "hour":
            return ("time", (value[0], 0)) in self._figures or str(value[0]) in self._numbers
        if kind == "time":
            return value[1] == 0 and ("hour", value[:1]) in self._figures
        if kind == "date":
            return self._has_day(value)
        if kind == "year":
            return value[0] in (self.today.year, self.today.year + 1) or str(value[0]) in self._numbers
        if kind == "day":
            return ("date", _day_and_month(self.today + timedelta(days=int(value[0])))) in self._figures
        return kind == "weekday" and value[0] in self._weekdays

    @cached_property
    def text(self) -> str:
        return f"{self.note}\n{self.public}"

    @cached_property
    def in_note(self) -> frozenset[tuple[str, str]]:
        """Kind and value of its addresses."""
        return frozenset((one.kind, one.value) for one in addresses_in(self.note))

    @cached_property
    def in_public(self) -> frozenset[tuple[str, str]]:
        return frozenset((one.kind, one.value) for one in addresses_in(self.public))

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word.folded for word in words_in(self.text))

    @cached_property
    def folded(self) -> str:
        return fold(self.text)

    @cached_property
    def _figures(self) -> frozenset[tuple[str, tuple[int | str, ...]]]:
        found = {(figure.kind, figure.value) for figure in figures_in(f"{self.text}\n{self.time}")}
        if self.goes_on is not None:
            found |= {("date", _day_and_month(self.goes_on)), ("number", (str(self.goes_on.year),))}
        return frozenset(found)

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return frozenset(str(value[0]) for kind, value in self._figures if kind in _NUMBERS)

    @cached_property
    def _weekdays(self) -> frozenset[int]:
        """Of the days that were named, by the year in which they come next."""
        found = {self.goes_on.weekday()} if self.goes_on is not None else set()
        for kind, value in self._figures:
            if kind == "date" and value[0] != "either":
                found |= {day.weekday() for day in _next(int(value[0]), int(value[1]), self.today)}
            elif kind == "day":
                found.add((self.today + timedelta(days=int(value[0]))).weekday())
        return frozenset(found)

    def _has_day(self, value: Sequence[int | str]) -> bool:
        """3/4 may be in March or in April: it is known by either."""
        either = ("either", *sorted(int(part) for part in value if part != "either"))
        if value[0] != "either":
            return ("date", either) in self._figures
        return any(
            tuple(sorted(one)) == either[1:] for kind, one in self._figures if kind == "date" and "either" not in one
        )


def known_of(material: Material) -> Known:
    note, book, voice = material.note, material.rulebook, material.voice
    goes_on = None
    with suppress(ValueError):
        goes_on = date.fromisoformat(note.date)
    templates = (part for one in book.templates for part in (one.name, one.words, one.text, one.alt, one.link))
    channels = (part for one in book.channels.values() for part in (one.name, one.account, one.host))
    return Known(
        note=_joined((note.text, note.link, note.alt)),
        public=_joined((book.about, voice.prose, *voice.always_say, *templates, *channels)),
        today=material.today,
        goes_on=goes_on,
        time=note.time,
    )


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)


def _day_and_month(day: date) -> tuple[int, int]:
    return day.day, day.month


def _next(day: int, month: int, today: date) -> list[date]:
    for year in (today.year, today.year + 1):
        with suppress(ValueError):
            found = date(year, month, day)
            if found >= today:
                return [found]
    return []
