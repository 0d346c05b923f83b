"""The section of posts that come again: a first line with name and schedule, lines like ``text:`` below it. Pure.

```
- Friday cake: every Friday 9:00
    channels: bluesky-main, mastodon-main
    text: The weekend cake is here.
      It has plums in it.
    image: cake.jpg
```
Bullets, indentation and blank lines help, and none of them is needed: a text goes on until a line begins with another known word, a
template begins, or the section ends. Texts, image names, alt texts and links keep the owner's own characters; what stands in braces
in them is for ``mesh.rulebook.variables``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mesh.rulebook.lines import Line
from mesh.rulebook.model import Channel, Template, Wrong, quote
from mesh.rulebook.near import did_you_mean, nearest
from mesh.rulebook.schedule_words import EXAMPLE, begins_like_a_schedule, crons_of
from mesh.rulebook.variables import fill_link, turns, wrongs_in

TellAt = Callable[[int, str], None]

_KEYS = {
    "when": "when schedule wann zeitplan",
    "text": "text",
    "channels": "channels channel kanäle kanal",
    "image": "image images",
    "alt text": "alt_text alt-text alttext alt alternativtext bildbeschreibung",
    "link": "link links",
}
_MAYBE = {
    "image": "picture pictures photo photos foto fotos bild bilder",
    "text": "caption beitrag",
    "link": "url webseite",
}
_KEY = {word.replace("_", " "): key for key, words in _KEYS.items() for word in words.split()}
_MAYBE_KEY = {word: key for key, words in _MAYBE.items() for word in words.split()}
_BEGINS = re.compile(r"[\"']?([^\W\d_]+(?:[ -][^\W\d_]+)?)[\"']?\s*[:=\t]\s*(.*)")
_MARK = re.compile(r"[:：﹕∶=\t|]")
_COLON = re.compile(r"(?<!\d):|:(?!\d)|\t")
_SCHEDULE_WITHIN = re.compile(r"\b(?:every|each|jede[nrsm]?|täglich|werktags|daily|cron\s?\()(?!\w)", re.IGNORECASE)
_LONGEST_NAME = 60
_VARYING = {"text", "image", "alt text", "link"}
_ANY_DAY = date(2027, 1, 1)


@dataclass
class _Draft:
    """A template being read. ``fields`` holds each word's lines, ``numbers`` where they stand; ``open_key`` is the one that goes on."""

    name: str
    words: str
    first: Line
    words_line: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    open_key: str = ""
    broken: bool = False

    def add(self, key: str, text: str, line: Line) -> None:
        self.fields.setdefault(key, []).append(text)
        self.numbers.setdefault(key, []).append(line.number)


class Recurring:
    """Takes the section's lines one after the other; ``tell`` hears of every mistake with its line."""

    def __init__(self, tell: TellAt) -> None:
        self._tell = tell
        self._drafts: list[_Draft] = []

    def may_end_at(self, line: Line) -> bool:
        """A heading or a rule there ends the section; further in, it is a line of a text."""
        draft = self._drafts[-1] if self._drafts else None
        return draft is None or not draft.open_key or line.indent <= draft.first.indent

    def lists_names(self, lines: Sequence[Line], index: int) -> bool:
        """ "Channels:" may head the section of that name, or the list of a template's own: then bare names stand below it."""
        following = next((line.plain for line in lines[index + 1 : index + 6] if line.plain), "")
        return (
            bool(self._drafts)
            and _key_in(lines[index]) == "channels"
            and re.fullmatch(r"[\w-]+", following) is not None
        )

    def pause(self) -> None:
        """The section is left; what comes if it is entered again belongs to no earlier text."""
        if self._drafts:
            self._drafts[-1].open_key = ""

    def take(self, lines: Sequence[Line], index: int) -> None:
        line = lines[index]
        draft = self._drafts[-1] if self._drafts else None
        if draft is not None and draft.open_key and self._goes_on(draft, lines, index):
            return
        if not line.plain:
            return
        key = _key_in(line) if draft else ""
        if draft and key:
            self._set(draft, key, line)
        elif draft and not draft.words and begins_like_a_schedule(line.plain):
            draft.words, draft.words_line = line.plain, line.number
        elif draft and self._is_stray(draft, lines, index):
            draft.broken = True
            self._tell(line.number, _stray(line))
        else:
            name, words = _head(line.plain)
            self._drafts.append(_Draft(name, words, line, line.number))

    def finish(self, channels: Mapping[str, Channel]) -> tuple[Template, ...]:
        """What could be read whole; the others have been told."""
        found: dict[str, Template] = {}
        for draft in self._drafts:
            template = self._template(draft, channels)
            if template is None:
                continue
            known = found.get(template.name.casefold())
            if known is not None:
                self._tell(
                    template.line,
                    f"there is a recurring post {quote(template.name)} already in line {known.line}; give this one another name",
                )
                continue
            found[template.name.casefold()] = template
        return tuple(found.values())

    def _goes_on(self, draft: _Draft, lines: Sequence[Line], index: int) -> bool:
        """Whether the line belongs to what is open; then it is put there."""
        line, opened = lines[index], draft.lines[draft.open_key]
        if line.is_note:
            return True
        if draft.open_key in {"channels", "image"}:  # a list below its word, a name to the line
            several_words = " " in line.plain and draft.open_key == "channels"
            if not line.plain or _key_in(line) or ":" in line.plain or several_words:
                return False
            draft.add(draft.open_key, line.own, line)
            return True
        if line.is_blank:
            draft.add(draft.open_key, "", line)
            return True
        if _key_in(line, within_text=True) or _begins_template(draft, opened, lines, index):
            return False
        doubt = _doubt(line) if line.indent <= opened.indent and not line.is_blank else ""
        if doubt:
            draft.broken = True
            self._tell(line.number, f"{doubt} If it belongs to the text, indent it further than “{draft.open_key}:”")
            return True
        same_list = line.bullet and line.bullet == opened.bullet and line.indent == opened.indent
        draft.add(draft.open_key, line.own if same_list else line.raw.strip(), line)
        return True

    def _set(self, draft: _Draft, key: str, line: Line) -> None:
        parts = _MARK.split(line.own, maxsplit=1)
        value = parts[1].strip() if len(parts) > 1 else ""
        draft.open_key = ""
        if key == "when":
            if draft.words:
                draft.broken = True
                self._tell(line.number, f"{quote(draft.name)} says twice when it comes; keep one of them")
            draft.words, draft.words_line = line.plain.partition(":")[2].strip() or value, line.number
            return
        if key in draft.fields:
            draft.broken = True
            self._tell(line.number, f"{quote(draft.name)} has “{key}:” twice; keep one of them")
            return
        draft.add(key, value, line)
        draft.lines[key] = line
        if key in {"text", "alt text"} or not value:
            draft.open_key = key if key != "link" else ""

    def _is_stray(self, draft: _Draft, lines: Sequence[Line], index: int) -> bool:
        """A line that is neither known word nor the first line of another template."""
        line = lines[index]
        name, words = _head(line.plain)
        if begins_like_a_schedule(words) and name:
            return False
        if _follows_key(lines, index) and not _misspelt_key(line):
            return False
        return line.indent > draft.first.indent or bool(_misspelt_key(line)) or not words

    def _template(self, draft: _Draft, channels: Mapping[str, Channel]) -> Template | None:
        said = quote(draft.name)
        good = not draft.broken
        values = {key: "\n".join(lines).strip("\n") for key, lines in draft.fields.items()}

        def wrong(line: int, message: str) -> None:
            nonlocal good
            good = False
            self._tell(line, message)

        if not draft.name:
            wrong(draft.first.number, f"give it a name, like “Friday cake: {draft.words[:40] or EXAMPLE}”")
        elif len(draft.name) > _LONGEST_NAME:
            wrong(draft.first.number, f"{said} is too long for a name: {len(draft.name)} characters of {_LONGEST_NAME}")
        crons: tuple[str, ...] = ()
        try:
            crons = crons_of(draft.words)
        except Wrong as error:
            wrong(draft.words_line, f"{said}: {error}")
        for key, value in values.items():
            if not value.strip():
                rest = (
                    "leave the line out to have it drafted" if key == "text" else "leave the line out if there is none"
                )
                wrong(draft.lines[key].number, f"{said}: “{key}:” says nothing; write it behind the colon, or {rest}")
        for key in _VARYING & set(draft.fields):
            text = "\n".join(draft.fields[key])
            for at, message in wrongs_in(text):
                wrong(draft.numbers[key][text.count("\n", 0, at)], f"{said}: {message}")
        link = _no_link(values.get("link", ""))
        if link:
            better = (
                f"; did you mean https://{link}?"
                if re.fullmatch(r"[\w-]+(\.[\w-]+)+(/\S*)?", link)
                else ", like https://cafe.example"
            )
            wrong(
                draft.lines["link"].number,
                f"{said}: {quote(link)} is no link{better if '?' in better else '; write it in full' + better}",
            )
        names: list[str] = []
        for name in _channel_names(values.get("channels", "")):
            if name in {"all", "alle"} and channels:
                names += channels
            elif name in channels:
                names.append(name)
            else:
                hint = did_you_mean(name, channels) if channels else "register it below a heading “Channels”"
                wrong(draft.lines["channels"].number, f"{said}: {quote(name)} is no channel of this doc; {hint}")
        if not good:
            return None
        return Template(
            name=draft.name,
            crons=crons,
            words=draft.words,
            line=draft.first.number,
            text=values.get("text", ""),
            channels=tuple(dict.fromkeys(names)),
            image=values.get("image", "").replace("\n", ", "),
            alt=values.get("alt text", ""),
            link=values.get("link", ""),
        )


def _no_link(value: str) -> str:
    """What is no link of all that it stands for, "" where each is one."""
    each = (fill_link(value, _ANY_DAY, turn) for turn in range(turns(value)))
    return next((link for link in each if link and not re.fullmatch(r"https?://[^\s<>\"]+", link)), "")


def _head(plain: str) -> tuple[str, str]:
    """Name and schedule of a first line; either may be ""."""
    found = _COLON.search(plain) or re.search(r"\s-\s", plain)
    if found is not None and (begins_like_a_schedule(plain[found.end() :]) or not _SCHEDULE_WITHIN.match(plain)):
        return plain[: found.start()].strip(" \"'"), plain[found.end() :].replace("\t", " ").strip(" \"':")
    within = _SCHEDULE_WITHIN.search(plain)
    if within is not None:
        return plain[: within.start()].strip(" \"',-"), plain[within.start() :].strip()
    if begins_like_a_schedule(plain) and any(letter.isdigit() for letter in plain):
        return "", plain
    return plain.strip(" \"':"), ""  # "Friday cake" is a name


def _key_in(line: Line, *, within_text: bool = False) -> str:
    """The known word that the line begins with. In a text "Photo: Inès" is a credit, "photo: cake.jpg" is not."""
    found = _BEGINS.match(line.plain)
    if found is None:
        return ""
    word = found[1].lower()
    maybe = _MAYBE_KEY.get(word, "")
    if within_text and not re.fullmatch(r"https?://\S+|.*\.(?:jpe?g|png|gif|webp|heic)\b.*", found[2], re.IGNORECASE):
        maybe = ""
    return _KEY.get(word, "") or maybe


def _misspelt_key(line: Line) -> str:
    found = _BEGINS.match(line.plain)
    if found is None or begins_like_a_schedule(found[2]) or found[1].lower() in _KEY:
        return ""
    return nearest(found[1], _KEYS, alike=0.75) or nearest(found[1], _KEY, alike=0.85)


def _follows_key(lines: Sequence[Line], index: int) -> bool:
    """The next line that is not blank begins with a known word: this one is a template's first."""
    following = next((line for line in lines[index + 1 : index + 6] if line.plain), None)
    return following is not None and bool(_key_in(following, within_text=True))


def _begins_template(draft: _Draft, opened: Line, lines: Sequence[Line], index: int) -> bool:
    """Another template's first line, seen from within a text: no further in than the last, and with a schedule or known words below."""
    line = lines[index]
    if not line.plain or line.indent > draft.first.indent:
        return False
    name, words = _head(line.plain)
    if name and words:
        try:
            crons_of(words)
        except Wrong:
            listed = bool(line.bullet) and line.bullet == draft.first.bullet
            if begins_like_a_schedule(words) and (listed or _follows_key(lines, index)):
                return True
        else:
            return True
    sibling = bool(line.bullet) and bool(draft.first.bullet) and line.indent < opened.indent
    return sibling and (bool(words) or _follows_key(lines, index))


def _doubt(line: Line) -> str:
    """A line of a text that was hardly meant to be posted."""
    if word := _misspelt_key(line):
        return f"{quote(line.plain)}: did you mean “{word}:”?"
    if not begins_like_a_schedule(line.plain) or not any(letter.isdigit() for letter in line.plain):
        return ""
    try:
        crons_of(line.plain)
    except Wrong:
        return ""
    return (
        f"{quote(line.plain)} looks like a schedule; write it behind the name, like “Friday cake: {line.plain[:40]}”."
    )


def _stray(line: Line) -> str:
    if word := _misspelt_key(line):
        return f"{quote(line.plain)}: did you mean “{word}:”?"
    return f"{quote(line.plain)} says nothing to me here; begin it with text:, channels:, image:, alt text: or link:"


def _channel_names(value: str) -> list[str]:
    return [
        name
        for part in re.split(r"[,;\n\t|]|\s(?:and|und)\s|\s&\s", value)
        if (name := Line(0, part).plain.strip(" \"'").lower())
    ]
