"""What one row of the sheet means: its cells, its plan, its source revision. Pure."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from mesh.ledger.items import ChannelProblem
from mesh.rulebook import Channel, Rulebook
from mesh.schedule_time import planned_moment, serial_to_date, serial_to_time

Cell = str | int | float | bool | None

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
_YEARS = range(2000, 2100)
OVERRIDE_PREFIX = "text: "
_MIRRORED = (
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
    "note",
)
_DATE_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y")
_FIRST_DAY, _LAST_DAY = 36_526, 73_051  # serials of 2000-01-01 and 2100-01-01
_SHORT_MINUTES = re.compile(r"\d[:.]\d(?!\d)")  # 9.3 is what is left of 9.30 typed as a number, or of 9.03
_FOCUS = re.compile(r"(.+\.\w{1,5})\s+\((top|bottom|left|right|centre|center)\)", re.IGNORECASE)
_TIME_FORMATS = ("%H:%M", "%H.%M", "%I %p", "%I:%M %p", "%I%p", "%I:%M%p", "%H:%M:%S")


@dataclass(frozen=True)
class Row:
    """The owner's cells of one row as text; dates ISO and times HH:MM where they could be read.

    ``images`` maps each image's name to its MD5 in Drive ("" when there is no such file): drive-sync adds it.
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
    def image_names(self) -> tuple[str, ...]:
        """Without the words that say which side of a picture is to stay."""
        return tuple(name for name, _ in self._named_images)

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
        post_id=_text(clean.get("post_id")).strip(),
        date=_date_text(clean.get("date")),
        time=_time_text(clean.get("time")),
        text=_text(clean.get("text")).strip(),
        channels=_text(clean.get("channels")).strip(),
        image=_text(clean.get("image")).strip(),
        alt=_text(clean.get("alt text")).strip(),
        link=_text(clean.get("link")).strip(),
        approved=clean.get("approved") is True or _text(clean.get("approved")).strip().upper() == "TRUE",
        stamp=_text(clean.get("approved for")).strip(),
        note=_text(clean.get("note")).strip(),
        status=_text(clean.get("status")),
        overrides={
            name[len(OVERRIDE_PREFIX) :].strip(): _text(value).strip()
            for name, value in clean.items()
            if name.startswith(OVERRIDE_PREFIX) and _text(value).strip()
        },
    )


def plan_row(row: Row, rulebook: Rulebook) -> Plan | tuple[ChannelProblem, ...]:
    """The plan, or every problem of the row at once, each naming the column and the fix."""
    problems: list[ChannelProblem] = []
    day = _parse_date(row.date, problems)
    clock = _parse_time(row.time, problems)
    channels = _channels(row.channels, rulebook, problems)
    if not row.text and not row.overrides and not row.image and not row.link:
        problems.append(_problem("text-missing", "text: there is nothing to post; write the post's text"))
    for name in row.image_names:
        if not row.images.get(name):
            message = f"image: there is no file {name} in the folder; put it there or correct the name"
            problems.append(_problem("image-missing", message))
    if problems or day is None or clock is None:
        return tuple(problems)
    moment = planned_moment(day, clock, rulebook.zone)
    return Plan(row, moment.at, moment.note, channels, _source_revision(row, moment.at, rulebook, channels))


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


def stamp(post_id: str, revision: str) -> str:
    """What stands in "approved for": a misplaced one approves nothing."""
    return f"{post_id}:{revision}"


# the mirror


def write_csv(rows: Iterable[Row]) -> bytes:
    """``posts.csv``: RFC 4180, UTF-8, owner's columns, flag, stamp and image hashes; same rows, same bytes."""
    ordered = list(rows)
    names = sorted({name for row in ordered for name in row.overrides})
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*_MIRRORED, "image hashes", *(OVERRIDE_PREFIX + name for name in names)])
    for row in ordered:
        hashes = json.dumps(dict(sorted(row.images.items())), ensure_ascii=False) if row.images else ""
        flag = "TRUE" if row.approved else "FALSE"
        cells = [
            row.post_id,
            row.date,
            row.time,
            row.text,
            row.channels,
            row.image,
            row.alt,
            row.link,
            flag,
            row.stamp,
            row.note,
        ]
        writer.writerow([*cells, hashes, *(row.overrides.get(name, "") for name in names)])
    return out.getvalue().encode("utf-8", "surrogatepass")


def read_csv(data: bytes) -> Iterator[Row]:
    """What ``write_csv`` wrote."""
    for cells in csv.DictReader(io.StringIO(data.decode("utf-8", "surrogatepass"), newline="")):
        row = read_row({name: value for name, value in cells.items() if name is not None})
        yield replace(row, images=json.loads(cells.get("image hashes") or "{}"))


# cells


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def _date_text(value: Cell) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return serial_to_date(value).isoformat()
        except (ValueError, OverflowError):
            return _text(value)
    text = _text(value).strip()
    found = _read_date(text)
    return found.isoformat() if found else text


def _time_text(value: Cell) -> str:
    """A number is a time of day, or a moment of this age. Others were typed in a cell without a time format: 9 is not midnight."""
    if (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and (0 <= value < 1 or _FIRST_DAY <= value < _LAST_DAY)
    ):
        try:
            return serial_to_time(value).strftime("%H:%M")
        except (ValueError, OverflowError):
            return _text(value)
    text = _text(value).strip()
    found = _read_time(text)
    return found.strftime("%H:%M") if found else text


def _read_date(text: str) -> date | None:
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None


def _read_time(text: str) -> time | None:
    if _SHORT_MINUTES.search(text):
        return None
    for form in _TIME_FORMATS:
        try:
            return datetime.strptime(text.upper(), form).time()  # noqa: DTZ007 - a wall clock's time
        except ValueError:
            continue
    return None


def _parse_date(text: str, problems: list[ChannelProblem]) -> date | None:
    found = _read_date(text)
    if found is not None and found.year not in _YEARS:
        problems.append(_problem("date-unreadable", f"date: {_quote(text)} is not in this century; correct the year"))
        return None
    if found is None:
        message = (
            f"date: {_quote(text)} is no date; write it like 2026-12-25"
            if text
            else "date: write the day, like 2026-12-25"
        )
        problems.append(_problem("date-unreadable", message))
    return found


def _parse_time(text: str, problems: list[ChannelProblem]) -> time | None:
    found = _read_time(text)
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
