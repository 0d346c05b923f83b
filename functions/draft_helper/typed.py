"""What somebody typed into the form: read, judged in sentences, and made into a note. Nothing typed is ever lost or cut. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from draft_helper.visit import Visit
from mesh.cells import cell_text, read_clock, read_day, two_days
from mesh.ids import BATCH, POST, derived_id
from mesh.ledger.proposals import Note, Source, Upload
from mesh.rulebook import Rulebook
from mesh.schedule_time import planned_moment

LONGEST_NOTE_CHARACTERS = 5_000
LONGEST_LINK_CHARACTERS = 2_000
MOST_UPLOADS = 10
_MOST_LISTED = 50  # of what a form of ours could hold; more is nobody's press
_LONGEST_NAME = 100
_YEARS = range(2000, 2100)
_UPLOAD_ID = re.compile(r"[a-z0-9]{8,40}")
_FORM_ID = re.compile(r"[A-Za-z0-9_-]{8,40}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ADDRESS = re.compile(r"https?://[^\s/?#]+\.[^\s/?#]+\S*", re.IGNORECASE)


@dataclass(frozen=True)
class Added:
    """A file that was added: its id, and the name it had where it came from."""

    upload_id: str
    name: str


@dataclass(frozen=True)
class Typed:
    """The form as it stands. ``form`` is its own id, so that a second press of the same form is the same note."""

    form: str = ""
    text: str = ""
    channels: tuple[str, ...] = ()
    date: str = ""
    time: str = ""
    link: str = ""
    several: bool = False
    added: tuple[Added, ...] = ()


@dataclass(frozen=True)
class Problem:
    """``field`` is the form's own name of what has to be mended."""

    field: str
    sentence: str


def read_typed(visit: Visit) -> Typed:
    """Half characters and control characters, which nobody types, are left out; all else stays as it is."""
    return Typed(
        form=form if _FORM_ID.fullmatch(form := visit.one("form")) else "",
        text=cell_text(visit.one("text")).strip(),
        channels=tuple(
            dict.fromkeys(cell_text(name).strip()[:60] for name in visit.fields.get("channel", ())[:_MOST_LISTED])
        ),
        date=cell_text(visit.one("date")).strip()[:60],
        time=cell_text(visit.one("time")).strip()[:60],
        link=cell_text(visit.one("link")).strip()[: 2 * LONGEST_LINK_CHARACTERS],
        several=visit.one("kind") == "several",
        added=tuple(
            {one.upload_id: one for one in map(_added, visit.fields.get("upload", ())[:_MOST_LISTED]) if one}.values()
        ),
    )


def _added(value: str) -> Added | None:
    the_id, _, name = value.partition(" ")
    return Added(the_id, plain_name(name)) if _UPLOAD_ID.fullmatch(the_id) else None


def plain_name(name: str) -> str:
    """A file's name without its folders, fit to be read in a sentence."""
    last = re.split(r"[/\\]", cell_text(name))[-1]
    return " ".join(last.split())[:_LONGEST_NAME] or "a file"


def problems(typed: Typed, rulebook: Rulebook, zone: ZoneInfo, now: datetime) -> tuple[Problem, ...]:
    """Everything that has to be mended before the note can be taken, each with the way to mend it."""
    found = [*_text_problems(typed), *_channel_problems(typed, rulebook), *_time_problems(typed, zone, now)]
    if typed.link and (len(typed.link) > LONGEST_LINK_CHARACTERS or not _ADDRESS.fullmatch(link_of(typed.link))):
        found.append(
            Problem("link", f"{_quote(typed.link)} is no web address; write one, like https://cafe.example/menu.")
        )
    if len(typed.added) > MOST_UPLOADS:
        found.append(
            Problem(
                "files",
                f"{len(typed.added)} files are more than the {MOST_UPLOADS} that a note can have; take some away.",
            )
        )
    return tuple(found)


def _text_problems(typed: Typed) -> list[Problem]:
    length = len(typed.text)
    if length > LONGEST_NOTE_CHARACTERS:
        over = length - LONGEST_NOTE_CHARACTERS
        most = f"{LONGEST_NOTE_CHARACTERS:,} are the most"
        said = f"The note has {length:,} characters; {most}. Take {over:,} out, or add the long part as a PDF."
        return [Problem("text", said)]
    if not typed.text and typed.several:
        return [Problem("text", "Say in a few words what the posts are to be about, and how many you want.")]
    if not typed.text and not typed.added:
        return [Problem("text", "The note is empty. Write a few words, or add a photo.")]
    return []


def _channel_problems(typed: Typed, rulebook: Rulebook) -> list[Problem]:
    known = ", ".join(sorted(rulebook.channels)) or "none yet"
    unknown = [name for name in typed.channels if name not in rulebook.channels]
    found = [
        Problem("channel", f"{_quote(name)} is not in your rules doc (there: {known}); choose among those.")
        for name in unknown
    ]
    if not typed.channels and rulebook.channels:
        found.append(Problem("channel", "Choose at least one channel."))
    return found


def _time_problems(typed: Typed, zone: ZoneInfo, now: datetime) -> list[Problem]:
    found = []
    day, clock = read_day(typed.date), read_clock(typed.time)
    if typed.date and len(either := two_days(typed.date)) == 2:
        readings = " or ".join(f"{one.day} {one:%B}" for one in either)
        found.append(Problem("date", f"{_quote(typed.date)} can be {readings}; write it like {either[0].isoformat()}."))
    elif typed.date and (day is None or day.year not in _YEARS):
        found.append(
            Problem(
                "date",
                f"{_quote(typed.date)} is no date of these years; write it like {now.astimezone(zone):%Y-%m-%d}.",
            )
        )
    elif day is not None and _over(day, clock, zone, now):
        today = f"{now.astimezone(zone):%H:%M on %-d %B}"
        found.append(
            Problem("date", f"{_named(day, clock)} is over (it is {today}); choose a later time, or leave it empty.")
        )
    if typed.time and clock is None:
        found.append(Problem("time", f"{_quote(typed.time)} is no time; write it like 09:00."))
    return found


def _over(day: date, clock: time | None, zone: ZoneInfo, now: datetime) -> bool:
    if clock is None:
        return day < now.astimezone(zone).date()
    return planned_moment(day, clock, zone).at <= now


def _named(day: date, clock: time | None) -> str:
    named = f"{day.day} {day:%B %Y}"
    return f"{named}, {clock:%H:%M}," if clock is not None else named


def clock_note(day: str, clock: str, zone: ZoneInfo) -> str:
    """What a change of the clocks does to a note's own time; "" on every other day."""
    read, at = read_day(day), read_clock(clock)
    return planned_moment(read, at, zone).note if read is not None and at is not None else ""


def link_of(text: str) -> str:
    """An address as it is typed, "cafe.example/menu" among them, with the scheme that is meant."""
    return text if not text or _SCHEME.match(text) else f"https://{text}"


def note_of(typed: Typed, uploads: tuple[Upload, ...], by: str, now: datetime) -> Note:
    """Of what has no ``problems``."""
    day, clock = read_day(typed.date), read_clock(typed.time)
    return Note(
        text=typed.text,
        channels=typed.channels,
        uploads=uploads,
        date=day.isoformat() if day is not None else "",
        time=f"{clock:%H:%M}" if clock is not None else "",
        link=link_of(typed.link),
        by=by,
        at=now.isoformat(),
        source=Source.BATCH if typed.several else Source.NOTE,
    )


def draft_id(typed: Typed, by: str) -> str:
    """The id of the note's future post, or of its batch: as random as the form's own id.

    The same for the same form with the same in it; whoever goes back and writes something else into the same form has written another note.
    """
    said = json.dumps([by, asdict(typed)], sort_keys=True, ensure_ascii=True)
    return derived_id(BATCH if typed.several else POST, said)


def as_mapping(typed: Typed) -> Mapping[str, str]:
    """What of it was typed by hand, by field: for a page that can only give it back."""
    return {"Note": typed.text, "Day": typed.date, "Time": typed.time, "Link": typed.link}


def _quote(text: str) -> str:
    return f"“{text[:40]}{'…' if len(text) > 40 else ''}”"
