"""The voice doc: plain text on how the business sounds, and what it never or always says. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_CHARACTERS = 12_000
"""Of the prose: what every draft is made with, about six pages."""
_MOST_READ_CHARACTERS = 200_000
_MOST_LISTED = 200
_EXAMPLE = "docs/voice.md has an example to copy"
_LINE_ENDS = re.compile(r"\r\n|[\r\n\v\f\u0085\u2028\u2029]")
# The joiners inside emoji stay; so does everything else that somebody can see.
_UNSEEN = dict.fromkeys(
    map(ord, "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
)
_SPACES = re.compile(r"[^\S\n]+")
_BULLET = re.compile(r"^[\s\-*+•·‣◦●○■▪–—]+")
_LISTS = {
    "never": "never say|never use|never write|we never say|do not say|don't say|nie sagen|niemals sagen|sag nie|sage nie",
    "always": "always say|always mention|always use|always write|we always say|immer sagen|immer erwähnen|sag immer|sage immer",
}
_LIST_LINE = re.compile(
    rf"[\"']?(?:(?P<never>{_LISTS['never']})|(?P<always>{_LISTS['always']}))[\"']?\s?[:：=]\s*(?P<words>.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Voice:
    """``prose`` is the doc without its lists, at most ``LONGEST_CHARACTERS``; the lists are in the owner's spelling, without doubles."""

    prose: str = ""
    never_say: tuple[str, ...] = ()
    always_say: tuple[str, ...] = ()


@dataclass(frozen=True)
class VoiceProblem:
    """``line`` counts from 1; ``message`` says what is wrong and what to do."""

    line: int
    message: str


def read_voice(text: str) -> tuple[Voice, tuple[VoiceProblem, ...]]:
    """What could be read, and what is wrong in plain words. No text raises; what is cut off is told."""
    problems: list[VoiceProblem] = []
    said: dict[str, dict[str, str]] = {"never": {}, "always": {}}
    prose: list[tuple[int, str]] = []
    for number, raw in enumerate(_LINE_ENDS.split(text[:_MOST_READ_CHARACTERS]), start=1):
        line = _SPACES.sub(" ", raw.translate(_UNSEEN).replace("\x00", " ")).strip()
        found = _LIST_LINE.match(_BULLET.sub("", line[:200]).replace("’", "'"))
        if found is None:
            prose.append((number, line))
            continue
        kind = "never" if found["never"] else "always"
        words = _listed(_mark_split(line))
        if not words:
            problems.append(
                VoiceProblem(number, f"“{line[:40]}” names nothing; write the words behind the colon, with commas")
            )
        for word in words:
            said[kind].setdefault(word.casefold(), word)
    problems += _too_many(said)
    kept, cut = _capped(prose, unread=len(text[_MOST_READ_CHARACTERS:]))
    if cut:
        problems.append(cut)
    elif not kept and not any(said.values()):
        problems.append(VoiceProblem(1, f"the voice doc is empty; write a few sentences on how you sound: {_EXAMPLE}"))
    never, always = (tuple(said[kind].values())[:_MOST_LISTED] for kind in ("never", "always"))
    return Voice(kept, never, always), tuple(sorted(problems, key=lambda problem: problem.line))


def _mark_split(line: str) -> str:
    return re.split(r"[:：=]", line, maxsplit=1)[1]


def _listed(words: str) -> list[str]:
    """Parted by commas and semicolons, but not inside quotes; quotes and a last full stop are dress."""
    found = re.findall(r"[\"“”„«»]([^\"“”„«»]+)[\"“”„«»]|([^,;\"“”„«»]+)", words.strip().removesuffix("."))
    return [word for quoted, plain in found if (word := (quoted or plain).strip(" '‘’.,;"))]


def _too_many(said: dict[str, dict[str, str]]) -> list[VoiceProblem]:
    return [
        VoiceProblem(
            1,
            f"“{kind} say” lists {len(words)} things; the first {_MOST_LISTED} count, take {len(words) - _MOST_LISTED} away",
        )
        for kind, words in said.items()
        if len(words) > _MOST_LISTED
    ]


def _capped(prose: list[tuple[int, str]], *, unread: int) -> tuple[str, VoiceProblem | None]:
    """At most two blank lines in a row, and at most so many characters: whole words, and the line where it stops is told."""
    lines: list[tuple[int, str]] = []
    for number, line in prose:
        if line or (lines and any(before for _, before in lines[-2:])):
            lines.append((number, line))
    while lines and not lines[-1][1]:
        lines.pop()
    whole = "\n".join(line for _, line in lines)
    size = len(whole) + unread
    if size <= LONGEST_CHARACTERS:
        return whole, None
    kept = whole[:LONGEST_CHARACTERS]
    last_word = re.search(r"\S{1,80}$", kept)
    if last_word is not None and not whole[LONGEST_CHARACTERS : LONGEST_CHARACTERS + 1].isspace():
        kept = kept[: last_word.start()]
    kept = kept.rstrip()
    number = lines[kept.count("\n")][0] if lines else 1
    over = size - LONGEST_CHARACTERS
    message = f"the voice doc has {size:,} characters and {LONGEST_CHARACTERS:,} count: take {over:,} away"
    return kept, VoiceProblem(number, f"{message}; drafts follow it up to this line")
