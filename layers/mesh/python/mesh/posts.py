"""What one row of the sheet means: its cells, its plan, its source revision. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from mesh.cells import Cell, cell_text, clock_text, day_text, read_clock, read_day, two_days
from mesh.ledger.items import ChannelProblem
from mesh.rulebook import Channel, Rulebook
from mesh.schedule_time import planned_moment
from mesh.uploads import is_upload

COLUMNS = (
    "post_id",
    "date",
    "time",
    "text",
    "channels",
    "image",
    "alt text",
    "link",
    "approved",
    "approved for",
    "status",
    "note",
)
OVERRIDE_PREFIX = "text: "
IMAGES_AT_MOST = 20  # the most any network takes
UNUSABLE = "!"  # begins what stands for the hash of a file that is no picture we take; the rest says why
_YEARS = range(2000, 2100)
_POST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FOCUS = re.compile(r"(.+\.\w{1,5}|upload:\s*[\w-]+)\s+\((top|bottom|left|right|centre|center)\)", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """The owner's cells of one row as text; dates ISO and times HH:MM where they could be read.

    ``images`` maps each image's name to its MD5 in Drive, or in S3 for an upload: drive-sync adds it. "" when there is no such file; what
    begins with ``UNUSABLE`` says why the file is no picture for us.
    """

    post_id: str = ""
    date: str = ""
    time: str = ""
    text: str = ""
    channels: str = ""
    image: str = ""
    alt: str = ""
    link: str = ""
    approved: bool = False
    stamp: str = ""
    note: str = ""
    status: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)

    @property
    def blank(self) -> bool:
        """Nothing of the owner's is in it (a ticked or unticked box alone is nothing)."""
        return not any(
            (self.date, self.time, self.text, self.channels, self.image, self.alt, self.link, *self.overrides.values())
        )

    @property
    def repeats_header(self) -> bool:
        """A second header: somebody pasted another plan with its first line, or set one above."""
        return (self.date.lower(), self.time.lower(), self.text.lower()) == ("date", "time", "text")

    @property
    def image_names(self) -> tuple[str, ...]:
        """Without the words that say which side of a picture is to stay; ``IMAGES_AT_MOST`` of them."""
        return tuple(name for name, _ in self._named_images[:IMAGES_AT_MOST])

    @property
    def image_focus(self) -> Mapping[str, str]:
        """The side that stays where a picture must be cut, by name, for those with a word behind: ``cake.jpg (top)``."""
        return {name: word for name, word in reversed(self._named_images) if word}

    @property
    def _named_images(self) -> list[tuple[str, str]]:
        return [_named_image(name) for part in re.split(r"[,;\n]", self.image) if (name := part.strip())]

    def text_for(self, channel: Channel) -> str:
        """The row's text, or the one it has for this channel alone: in a column of the channel's name, else of its network's."""
        return self.overrides.get(channel.name) or self.overrides.get(channel.network) or self.text

    @property
    def content(self) -> str:
        """A hash of everything of the owner's in the row but id, flag and stamp: what makes a copy tell from its original."""
        plain = [self.date, self.time, self.text, self.channels, self.image, self.alt, self.link, self.note]
        return _digest([plain, sorted(self.overrides.items())])


@dataclass(frozen=True)
class Plan:
    """A row that can be made into posts: where and when it goes, and what it is made of."""

    row: Row
    planned_at: datetime
    time_note: str
    channels: tuple[Channel, ...]
    source_revision: str


def read_row(cells: Mapping[str, Cell]) -> Row:
    """One row of ``values.get`` (unformatted, serial dates), by header. Never raises: what cannot be read stays as its text."""
    clean = {name.strip().lower(): value for name, value in cells.items()}
    return Row(
        post_id=cell_text(clean.get("post_id")).strip(),
        date=day_text(clean.get("date")),
        time=clock_text(clean.get("time")),
        text=cell_text(clean.get("text")).strip(),
        channels=cell_text(clean.get("channels")).strip(),
        image=cell_text(clean.get("image")).strip(),
        alt=cell_text(clean.get("alt text")).strip(),
        link=cell_text(clean.get("link")).strip(),
        approved=clean.get("approved") is True or cell_text(clean.get("approved")).strip().upper() == "TRUE",
        stamp=cell_text(clean.get("approved for")).strip(),
        note=cell_text(clean.get("note")).strip(),
        status=cell_text(clean.get("status")),
        overrides={
            name[len(OVERRIDE_PREFIX) :].strip(): cell_text(value).strip()
            for name, value in clean.items()
            if name.startswith(OVERRIDE_PREFIX) and cell_text(value).strip()
        },
    )


def plan_row(row: Row, rulebook: Rulebook) -> Plan | tuple[ChannelProblem, ...]:
    """The plan, or every problem of the row at once, each naming the column and the fix."""
    if row.repeats_header:
        return (_problem("header-again", "this row repeats the header; delete it, or write a post into it"),)
    problems: list[ChannelProblem] = []
    day = _parse_date(row.date, problems)
    clock = _parse_time(row.time, problems)
    channels = _channels(row.channels, rulebook, problems)
    if not row.text and not row.overrides and not row.image and not row.link:
        problems.append(_problem("text-missing", "text: there is nothing to post; write the post's text"))
    problems += _image_problems(row)
    if problems or day is None or clock is None:
        return tuple(problems)
    moment = planned_moment(day, clock, rulebook.zone)
    return Plan(row, moment.at, moment.note, channels, _source_revision(row, moment.at, rulebook, channels))


def _image_problems(row: Row) -> list[ChannelProblem]:
    found = []
    count = len(row._named_images)
    if count > IMAGES_AT_MOST:
        message = f"image: {count} names are more than any network takes; keep {IMAGES_AT_MOST} at most"
        found.append(_problem("images-too-many", message))
    for name in row.image_names:
        known = row.images.get(name, "")
        if not known and is_upload(name):
            message = f"image: nothing was uploaded as {_quote(name)}; copy its whole name, or put the picture into the folder"
            found.append(_problem("image-missing", message))
        elif not known:
            message = f"image: there is no file {_quote(name)} in the folder; put it there or correct the name"
            found.append(_problem("image-missing", message))
        elif known.startswith(UNUSABLE):
            found.append(_problem("image-unusable", f"image: {_quote(name)} {known.removeprefix(UNUSABLE)}"))
    return found


def _source_revision(row: Row, planned_at: datetime, rulebook: Rulebook, channels: tuple[Channel, ...]) -> str:
    """The owner's inputs, hashed (ARCHITECTURE section 1): content, images' hashes, planned time, channels with account and host.

    What came later, like ``focus``, is in it only where the owner uses it: what was approved before stays approved.
    """
    focus = {"focus": sorted(row.image_focus.items())} if row.image_focus else {}
    return _digest(
        {
            "v": 1,
            "post_id": row.post_id,
            "text": row.text,
            "overrides": sorted(row.overrides.items()),
            "alt": row.alt,
            "link": row.link,
            "images": [(name, row.images.get(name, "")) for name in row.image_names],
            "planned_at": planned_at.isoformat(),
            "zone": rulebook.time_zone,
            "channels": [(channel.name, channel.network, channel.account, channel.host) for channel in channels],
            **focus,
        }
    )


def _named_image(text: str) -> tuple[str, str]:
    """The file's name, and the word behind it or ""."""
    found = _FOCUS.fullmatch(text)
    if found is None:
        return text, ""
    word = found[2].lower()
    return found[1], "centre" if word == "center" else word


def is_post_id(text: str) -> bool:
    """Can it be an id of ours? It becomes part of keys, names and addresses: what cannot counts as none."""
    return _POST_ID.fullmatch(text) is not None


def stamp(post_id: str, revision: str) -> str:
    """What stands in "approved for": a misplaced one approves nothing."""
    return f"{post_id}:{revision}"


def _parse_date(text: str, problems: list[ChannelProblem]) -> date | None:
    found = read_day(text)
    if found is not None and found.year in _YEARS:
        return found
    if found is not None:
        message = f"date: {_quote(text)} is not in this century; correct the year"
    elif not text:
        message = "date: write the day, like 2026-12-25"
    elif either := two_days(text):
        readings = " or ".join(f"{day.day} {day:%B}" for day in either)
        message = f"date: {_quote(text)} can be {readings}; write it like {either[0].isoformat()}"
    else:
        message = f"date: {_quote(text)} is no date; write it like 2026-12-25"
    problems.append(_problem("date-unreadable", message))
    return None


def _parse_time(text: str, problems: list[ChannelProblem]) -> time | None:
    found = read_clock(text)
    if found is None:
        message = (
            f"time: {_quote(text)} is no time; write it like 09:00" if text else "time: write the time, like 09:00"
        )
        problems.append(_problem("time-unreadable", message))
    return found


def _channels(text: str, rulebook: Rulebook, problems: list[ChannelProblem]) -> tuple[Channel, ...]:
    names = list(dict.fromkeys(name.lower() for part in re.split(r"[,;\n]", text) if (name := part.strip())))
    if not names:
        problems.append(_problem("channels-missing", "channels: name at least one channel of your rules doc"))
    found: list[Channel] = []
    for name in names:
        channel = rulebook.channels.get(name)
        if channel is not None:
            found.append(channel)
            continue
        known = ", ".join(sorted(rulebook.channels)) or "none yet"
        problems.append(
            _problem("channel-unknown", f"channels: {_quote(name)} is not in your rules doc (there: {known})")
        )
    return tuple(found)


def _problem(code: str, message: str) -> ChannelProblem:
    return ChannelProblem(code=code, message=message)


def _quote(text: str) -> str:
    return f"“{text[:40]}”"


def _digest(value: object) -> str:
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
