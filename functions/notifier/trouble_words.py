"""What the troubles are called, and what a message about some of them says. Pure.

A cause begins with its kind: ``late#p_7k2m9qf4#x-main#...``. Every kind that any function emits is in ``KINDS`` and in docs/troubles.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class Kind:
    """``one`` and ``many`` name it in subjects: {name} is what the cause names second, {n} how many. ``over``: that it has ended."""

    one: str
    many: str = ""
    over: str = ""
    urgent: bool = False


KINDS: Mapping[str, Kind] = {
    "late": Kind("A post is late", "{n} posts are late", urgent=True),
    "unknown": Kind("Did a post go out?", "Did {n} posts go out?", urgent=True),
    "pause": Kind("{name} is paused", "{n} channels are paused", over="{name} works again"),
    "ahead": Kind("Something will keep a post back", "{n} things will keep posts back"),
    "ends": Kind("{name}'s sign-in ends soon", "{n} sign-ins end soon"),
    "package-broken": Kind(
        "A post was not sent: its preview is damaged", "{n} posts were not sent: their previews are damaged"
    ),
    "otherwise": Kind("A post is out, but not as it should be", "{n} posts are out, but not as they should be"),
    "damaged": Kind("A record of a post is damaged", "Records of {n} posts are damaged"),
    "never": Kind("No time is left for some posts", "No time is left for some posts"),
    "clock": Kind("A computer told a wrong time"),
    "posts-unreadable": Kind("The copy of your sheet cannot be read"),
    "rules-unreadable": Kind("The copy of your rules doc cannot be read"),
    "sweep-silent": Kind("Nobody looks after your posts just now", over="Your posts are looked after again"),
    "tick-silent": Kind("The daily look ahead was not done", over="The daily look ahead is done again"),
    "sheet-unreachable": Kind("Your sheet cannot be read", over="Your sheet can be read again"),
    "sheet-not-shared": Kind("Your sheet is not shared any more"),
    "sheet-broken": Kind("Your sheet has something to mend"),
    "sheet-doubled": Kind("Your sheet has a column twice"),
    "sheet-too-long": Kind("Your sheet holds too much"),
    "drive-secret": Kind("The scheduler cannot sign in at Google"),
    "cell-hit": Kind("Please look at a row of your sheet", "Please look at {n} rows of your sheet"),
    "row-refuses": Kind(
        "A row of your sheet does not keep what is written", "{n} rows of your sheet do not keep what is written"
    ),
    "rules-twice": Kind("There are two rules docs"),
    "rules-gone": Kind("Your rules doc is gone", over="Your rules doc is there again"),
    "rules-doc": Kind("Your rules doc has something to mend"),
    "rules-too-big": Kind("Your rules doc is too long"),
    "voice-doc": Kind("Your voice doc has something to mend"),
    "voice-too-big": Kind("Your voice doc is too long"),
    "recurring-often": Kind("A recurring post comes very often", "{n} recurring posts come very often"),
    "batch-stopped": Kind("Drafting has come to a halt"),
    "bounced": Kind("Mails to somebody come back", "Mails to {n} people come back"),
    "test": Kind("A test: your mails arrive", urgent=True),
}
_OTHER = Kind("Something needs you", "{n} things need you")
_MOST_SHOWN = 40  # sentences in one message
_LONGEST_SENTENCE = 600


@dataclass(frozen=True)
class Entry:
    """One trouble as it is told. ``before``: how often it was told already; ``ended``: that it is over."""

    cause: str
    said: str
    before: int = 0
    ended: bool = False


@dataclass(frozen=True)
class Section:
    """All of one kind: ``title`` and sentences, how many more there are, and ``common``: how all of them end, said once."""

    title: str
    sentences: tuple[str, ...]
    more: int = 0
    common: str = ""


def kind_of(cause: str) -> str:
    return cause.partition("#")[0]


def urgent(cause: str) -> bool:
    """It is told at once; everything else waits some minutes for what belongs to it."""
    return KINDS.get(kind_of(cause), _OTHER).urgent


def subject(entries: Sequence[Entry], over: Mapping[str, int]) -> str:
    """What it is, in the order of what matters most: "12 posts are late; x-main is paused"."""
    titles = [section.title for section in sections(entries, over)]
    if len(titles) > 2:
        return f"{titles[0]}; {titles[1]}; and {len(titles) - 2} more"
    if len(titles) == 1 and len(entries) == 1 and not over and not entries[0].ended and entries[0].before:
        return f"Still: {titles[0]}"
    return "; ".join(titles)


def sections(entries: Sequence[Entry], over: Mapping[str, int]) -> list[Section]:
    """By kind, those that ended last. ``over`` are counted and not shown."""
    made: list[Section] = []
    left = _MOST_SHOWN
    open_ones = sorted((entry for entry in entries if not entry.ended), key=lambda entry: _place(entry.cause))
    by_kind = {kind: list(group) for kind, group in groupby(open_ones, key=lambda entry: kind_of(entry.cause))}
    for kind in sorted({*by_kind, *over}, key=_place):
        found = by_kind.get(kind, [])
        shown = found[:left]
        left -= len(shown)
        count = len(found) + over.get(kind, 0)
        sentences, common = _apart(list(map(_sentence, shown)))
        made.append(Section(_title(kind, found, count), sentences, count - len(shown), common))
    ended = [entry for entry in entries if entry.ended]
    if ended:
        made.append(_over(ended))
    return made


def _title(kind: str, found: Sequence[Entry], count: int) -> str:
    words = KINDS.get(kind, _OTHER)
    if count == 1 and found:
        return words.one.format(name=_name(found[0].cause))
    return words.many.format(n=count) if words.many else words.one


def _over(ended: Sequence[Entry]) -> Section:
    if len(ended) == 1:
        return Section(_line_of_an_end(ended[0]), (_sentence(ended[0]),))
    title = f"{len(ended)} troubles are over"
    sentences, common = _apart([f"{_line_of_an_end(entry)}. {_sentence(entry)}" for entry in ended[:_MOST_SHOWN]])
    return Section(title, sentences, max(0, len(ended) - _MOST_SHOWN), common)


def _apart(said: list[str]) -> tuple[tuple[str, ...], str]:
    """Each without the sentences in which all of them end, such as what is to be done about it; and those once."""
    split = [_ENDS.split(one) for one in said]
    common: list[str] = []
    while len(said) > 1 and all(len(parts) > 1 for parts in split) and len({parts[-1] for parts in split}) == 1:
        common.insert(0, split[0][-1])
        split = [parts[:-1] for parts in split]
    return tuple(" ".join(parts) for parts in split), " ".join(common)


_ENDS = re.compile(r"(?<=[.?!]) (?=[A-Z“])")  # from one sentence to the next


def _line_of_an_end(entry: Entry) -> str:
    words = KINDS.get(kind_of(entry.cause), _OTHER)
    return (words.over or "Something is well again").format(name=_name(entry.cause))


def _sentence(entry: Entry) -> str:
    said = entry.said if len(entry.said) <= _LONGEST_SENTENCE else f"{entry.said[:_LONGEST_SENTENCE]}…"
    return f"Still so: {said}" if entry.before and not entry.ended else said


def more(count: int) -> str:
    """Behind the sentences of a section that does not show all."""
    return f"And {count} more: the column “status” of your sheet says how each post stands."


def in_plain(made: Iterable[Section]) -> list[str]:
    """The parts of a plain text."""
    parts: list[str] = []
    for section in made:
        lines = [f"== {section.title}", *(f"* {sentence}" for sentence in section.sentences)]
        lines += [f"* {more(section.more)}"] if section.more else []
        parts.append("\n".join([*lines, *([section.common] if section.common else [])]))
    return parts


def _name(cause: str) -> str:
    parts = cause.split("#")
    return parts[1] if len(parts) > 1 else ""


_ORDER = {kind: number for number, kind in enumerate(KINDS)}


def _place(cause: str) -> tuple[int, str]:
    kind = kind_of(cause)
    return _ORDER.get(kind, len(_ORDER)), kind
