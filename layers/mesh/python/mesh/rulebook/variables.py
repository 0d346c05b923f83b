"""Words in braces in a recurring post, which stand for something else each time: ``{date}``, ``{weekday}``, ``{week}``, lists. Pure.

``{rotate: croissant, plum cake, rye}`` is each of them in turn. Double braces stand for single ones: ``{{dish}}`` is posted as
``{dish}``. Braces around anything that begins with no letter, and braces without their other half, are the owner's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote as percent_quoted

from mesh.rulebook.model import Template, quote
from mesh.rulebook.near import nearest

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TAGE = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_MONTHS = (  # strftime's would follow the machine's locale
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONATE = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)

_SAYS: dict[str, Callable[[date], str]] = {
    "date": lambda day: f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
    "date: short": lambda day: f"{day.day} {_MONTHS[day.month - 1]}",
    "date: iso": date.isoformat,
    "weekday": lambda day: _DAYS[day.weekday()],
    "week": lambda day: str(day.isocalendar().week),
    "datum": lambda day: f"{day.day}. {_MONATE[day.month - 1]} {day.year}",
    "datum: kurz": lambda day: f"{day.day}. {_MONATE[day.month - 1]}",
    "datum: iso": date.isoformat,
    "wochentag": lambda day: _TAGE[day.weekday()],
    "woche": lambda day: str(day.isocalendar().week),
}
_ROTATES = ("rotate", "wechsel")
_BRACES = re.compile(r"\{\{([^{}]*)\}\}|\{([^{}]*)\}")
_WORD = re.compile(r"\s*([^\W\d_][^:：{}\n]*?)\s*(?:[:：]\s*(.*?)\s*)?", re.DOTALL)
_UNFINISHED = re.compile(rf"\{{\s*({'|'.join(_ROTATES)})\b", re.IGNORECASE)
_IN_A_LINK = ":/?#[]@!$&'()*+,;=%~"


@dataclass(frozen=True)
class _Part:
    """``own`` is the owner's, ``plain`` where it is in no braces; else ``word`` is in ``_SAYS``, or ``options`` are taken in turn.

    ``wrong`` says why it stands for nothing.
    """

    at: int
    own: str = ""
    plain: bool = False
    word: str = ""
    options: tuple[str, ...] = ()
    wrong: str = ""


def fill(text: str, day: date, turn: int) -> str:
    """``turn`` counts the template's posts. What stands for nothing stays as it is written."""
    return "".join(_said(part, day, turn) for part in _parts(text))


def fill_link(text: str, day: date, turn: int) -> str:
    """As ``fill``, with what an address cannot hold written as it is written there: ``20%20March``."""
    if not _BRACES.search(text):
        return text
    return "".join(part.own or percent_quoted(_said(part, day, turn), safe=_IN_A_LINK) for part in _parts(text))


def filled(template: Template, day: date, turn: int) -> tuple[str, str, str, str]:
    """Text, image, alt text and link of the post of that day."""
    text, image, alt = (fill(one, day, turn) for one in (template.text, template.image, template.alt))
    return text, image, alt, fill_link(template.link, day, turn)


def varies(template: Template) -> bool:
    """Whether any of its words stands for another each time."""
    return any("{" in one for one in (template.text, template.image, template.alt, template.link))


def turns(text: str) -> int:
    """How many posts show every word of its lists; 1 where there is none."""
    return max((len(part.options) for part in _parts(text)), default=1) or 1


def wrongs_in(text: str) -> list[tuple[int, str]]:
    """Where something in braces stands for nothing, and what to write instead."""
    found = []
    for part in _parts(text):
        if part.wrong:
            found.append((part.at, part.wrong))
        elif part.plain and (open_one := _UNFINISHED.search(part.own)):
            word = open_one[1].lower()
            message = f"“{{{word}” has no end, or braces within its braces; write it like {_like(word)}"
            found.append((part.at + open_one.start(), message))
    return found


def _parts(text: str) -> Iterator[_Part]:
    last = 0
    for found in _BRACES.finditer(text):
        if found.start() > last:
            yield _Part(last, own=text[last : found.start()], plain=True)
        last = found.end()
        if found[1] is not None:
            yield _Part(found.start(), own=f"{{{found[1]}}}")
        else:
            yield _read(found[0], found[2], found.start())
    if last < len(text):
        yield _Part(last, own=text[last:], plain=True)


def _read(whole: str, inside: str, at: int) -> _Part:
    found = _WORD.fullmatch(inside)
    if found is None or (found[2] is None and "\n" in inside):
        return _Part(at, own=whole)
    word, form = found[1].casefold(), " ".join((found[2] or "").casefold().split())
    if word in _ROTATES:
        options = _options(found[2] or "")
        wrong = "" if len(options) > 1 else f"“{{{word}}}” needs two or more to take turns; write it like {_like(word)}"
        return _Part(at, own="" if options else whole, options=options, wrong=wrong)
    key = f"{word}: {form}" if form else word
    if key in _SAYS:
        return _Part(at, word=key)
    return _Part(at, own=whole, wrong=_unknown(word, form, inside))


def _options(listed: str) -> tuple[str, ...]:
    """With upright bars between them where one of them has a comma."""
    parts = (" ".join(part.split()) for part in listed.split("|" if "|" in listed else ","))
    return tuple(part for part in parts if part)


def _said(part: _Part, day: date, turn: int) -> str:
    if part.options:
        return part.options[turn % len(part.options)]
    return _SAYS[part.word](day) if part.word else part.own


def _like(word: str) -> str:
    return "{wechsel: Croissant, Pflaumenkuchen}" if word == "wechsel" else "{rotate: croissant, plum cake}"


def _unknown(word: str, form: str, inside: str) -> str:
    inside = " ".join(inside.split())
    said, literal = quote(f"{{{inside}}}"), quote(f"{{{{{inside}}}}}")
    close = nearest(word, [*(key for key in _SAYS if ":" not in key), *_ROTATES])
    if form and word in _SAYS:
        meant = "known are " + ", ".join(f"{{{key}}}" for key in _SAYS if key.partition(":")[0] == word)
    elif close:
        meant = f"did you mean {_like(close) if close in _ROTATES else f'{{{close}}}'}?"
    else:
        meant = "known are {date}, {weekday}, {week} and {rotate: …}"
    return f"{said} stands for nothing; {meant}{'' if meant.endswith('?') else '.'} To have the braces posted, write {literal}"
