"""Reads a calendar: a user's own CSV file, or the sample business.

What can be read is loaded, whatever else is wrong: a cell that is wrong goes into the sheet as it stands (its row's
status will say so there too) and is named by row, column and remedy. Only a file of which nothing can be loaded is an
error.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from local.calendar_cells import CellError, parse_channels, parse_date, parse_time, shown, split_moment
from local.calendar_file import Record, decode, read_records, width
from local.calendar_model import SHEET_HEADER, Calendar, CalendarError, Problem
from local.calendar_weeks import blackout_days, day_of, first_monday, start_of

__all__ = ["Calendar", "CalendarError", "Problem", "fill", "load_sample", "parse_calendar", "read_calendar"]

SAMPLES = Path(__file__).parent / "samples"

_SYNONYMS = {
    "post_id": ("post_id", "post id", "id"),
    "date": ("date", "day", "datum", "tag", "planned date"),
    "time": ("time", "uhrzeit", "zeit", "planned time"),
    "text": ("text", "caption", "message", "post", "copy", "content"),
    "channels": ("channels", "channel", "kanal", "kanäle"),
    "image": ("image", "images", "picture", "photo", "file", "media", "bild"),
    "alt text": ("alt text", "alt", "alt_text", "alttext", "image description"),
    "link": ("link", "url"),
    "note": ("note", "notes", "notiz", "comment"),
}
_REQUIRED = ("date", "time", "text")
_THE_MESH_WRITES = ("approved", "approved for", "status")


@dataclass(frozen=True)
class _Columns:
    """Which cell of a record is which column: ``places`` by the sheet's name."""

    places: Mapping[str, int]
    problems: tuple[Problem, ...]
    ignored: tuple[str, ...]

    def values(self, record: Record) -> dict[str, str]:
        return {name: record.cells[n].strip() if n < len(record.cells) else "" for name, n in self.places.items()}


def read_calendar(path: Path, *, zone: ZoneInfo, now: datetime, channels: Collection[str]) -> Calendar:
    """The user's calendar at ``path``; images are looked for beside it. CalendarError where nothing can be loaded.

    ``now`` (aware) decides what is past, in the owner's ``zone``; ``channels`` are the names the rules doc knows.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CalendarError(f"{path} is not there; give the path of a CSV file") from None
    except IsADirectoryError:
        raise CalendarError(f"{path} is a folder; give the CSV file in it") from None
    except OSError as error:
        raise CalendarError(f"{path} cannot be read ({error.strerror}); check that you may read it") from error
    text, notes = decode(content, path.name)
    calendar = parse_calendar(text, path.name, zone=zone, now=now, channels=channels, folder=path.parent)
    return replace(calendar, notes=notes + calendar.notes)


def parse_calendar(
    text: str, name: str, *, zone: ZoneInfo, now: datetime, channels: Collection[str], folder: Path
) -> Calendar:
    """As ``read_calendar``, of text already decoded; ``folder`` is where the images are looked for."""
    records, problems = read_records(text)
    columns = _columns(records[0], name)
    problems += columns.problems
    if len(records) == 1:
        raise CalendarError(f"{name} has a header and no rows; write a row per post under it")
    rows: list[dict[str, str]] = []
    images: dict[str, Path] = {}
    ids: dict[str, int] = {}
    for record in records[1:]:
        values = columns.values(record)
        found = list(_surplus(record, records[0]))
        found += _check_id(values, record.number, ids)
        found += _check_moment(values, record.number, zone, now, columns.places)
        if "text" in values and not values["text"] and not values.get("image"):
            found.append(Problem(record.number, "text", "is empty", "write what the post says"))
        found += _check_channels(values, record.number, channels)
        found += _check_image(values, record.number, folder, images)
        problems += found
        rows.append({name: value for name, value in values.items() if value})
    extra = tuple(name for name in columns.places if name not in SHEET_HEADER)
    notes = (f"not loaded, the mesh writes them: {', '.join(columns.ignored)}",) if columns.ignored else ()
    return Calendar(tuple(rows), images, SHEET_HEADER + extra, tuple(sorted(problems, key=_by_row)), notes)


def _by_row(problem: Problem) -> int:
    return problem.row or 0


def _columns(header: Record, name: str) -> _Columns:
    meanings = {synonym: column for column, synonyms in _SYNONYMS.items() for synonym in synonyms}
    places: dict[str, int] = {}
    problems: list[Problem] = []
    ignored: list[str] = []
    for place, title in enumerate(title.strip() for title in header.cells):
        plain = " ".join(title.lower().split())
        column = meanings.get(plain) or meanings.get(plain.replace("_", " ")) or title
        if not title:
            continue
        if plain.replace("_", " ") in _THE_MESH_WRITES:
            ignored.append(title)
        elif column in places:
            first = header.cells[places[column]].strip()
            problems.append(
                Problem(
                    header.number,
                    title,
                    f"means {column} like the column {first}",
                    "rename or remove one; the first was taken",
                )
            )
        else:
            places[column] = place
    if not any(column in places for column in _SYNONYMS):
        raise CalendarError(
            f"{name}: row {header.number} is no header: none of {', '.join(_REQUIRED)}, channels is among its cells "
            f"({shown(', '.join(header.cells))}); make the first line date,time,text,channels,image,alt text,link"
        )
    for column in _REQUIRED:
        if column not in places:
            names = ", ".join(_SYNONYMS[column])
            problems.append(
                Problem(
                    None, column, "the column is missing", f"name one of the columns {column} (read as such: {names})"
                )
            )
    return _Columns(places, tuple(problems), tuple(ignored))


def _surplus(record: Record, header: Record) -> Sequence[Problem]:
    cells, titles = width(record.cells), len(header.cells)
    if cells <= titles:
        return ()
    what = f"has {cells} cells under a header of {titles}"
    return (
        Problem(
            record.number, None, what, 'put a cell that holds the separator in "…"; the cells beyond were left out'
        ),
    )


def _check_id(values: dict[str, str], row: int, ids: dict[str, int]) -> Sequence[Problem]:
    post_id = values.get("post_id", "")
    if not post_id:
        return ()
    if post_id not in ids:
        ids[post_id] = row
        return ()
    values["post_id"] = ""
    what = f"{shown(post_id)} is the id of row {ids[post_id]} too"
    return (Problem(row, "post_id", what, "empty the cell; this row was loaded without it and gets its own"),)


def _check_moment(
    values: dict[str, str], row: int, zone: ZoneInfo, now: datetime, places: Mapping[str, int]
) -> Sequence[Problem]:
    """Writes date and time as the sheet wants them; what cannot be read stays as it is."""
    problems: list[Problem] = []
    if values.get("date") and not values.get("time"):
        values["date"], at = split_moment(values["date"])
        if at:
            values["time"] = at
    day = at_time = None
    try:
        if "date" in places:
            day = parse_date(values["date"])
            values["date"] = day.isoformat()
    except CellError as error:
        problems.append(Problem(row, "date", error.what, error.fix))
    try:
        if "time" in places or values.get("time"):
            at_time = parse_time(values.get("time", ""))
            values["time"] = f"{at_time:%H:%M}"
    except CellError as error:
        problems.append(Problem(row, "time", error.what, error.fix))
    if day is None or at_time is None:
        return problems
    # A time in a gap or fold is off by an hour at most here; the mesh itself decides on those.
    if datetime.combine(day, at_time, zone) < now:
        today = now.astimezone(zone)
        what = f"{day.isoformat()} {at_time:%H:%M} is past (it is {today:%Y-%m-%d %H:%M} now)"
        problems.append(Problem(row, "date", what, "write a date to come"))
    return problems


def _check_channels(values: dict[str, str], row: int, known: Collection[str]) -> Sequence[Problem]:
    if "channels" not in values:
        return ()
    values["channels"], unknown = parse_channels(values["channels"], known)
    choice = f"write one of {', '.join(known)}, or add it to the rules" if known else "add it to the rules"
    return [Problem(row, "channels", f"{shown(channel)} is no channel here", choice) for channel in unknown]


def _check_image(values: dict[str, str], row: int, folder: Path, images: dict[str, Path]) -> Sequence[Problem]:
    """Writes the file's name alone, as it will lie in the sheet's folder, and notes the file in ``images``."""
    wanted = values.get("image", "")
    if not wanted:
        return ()
    if re.match(r"https?://", wanted):
        return (
            Problem(
                row,
                "image",
                f"{shown(wanted)} is a web address",
                "download the picture, put it beside the CSV file and write its name",
            ),
        )
    try:
        path = _beside(folder, wanted)
    except (OSError, ValueError):  # a name no file system takes
        path = None
    if path is None:
        return (
            Problem(
                row,
                "image",
                f"there is no file {shown(wanted)} beside the CSV file",
                f"put it into {folder} or correct the name",
            ),
        )
    if path.name in images and images[path.name] != path:
        what = f"{shown(wanted)} has the same name as another picture, {images[path.name]}"
        return (Problem(row, "image", what, "rename one; both would be one file in the sheet's folder"),)
    values["image"] = path.name
    images[path.name] = path
    return ()


def _beside(folder: Path, wanted: str) -> Path | None:
    for place in (folder, folder / "images"):
        path = place / wanted.replace("\\", os.sep)
        if path.is_file():
            return path.resolve()
    return None


def fill(text: str, names: Mapping[str, str]) -> str:
    """``{name}`` replaced for the known names; any other brace stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda match: names.get(match[1], match[0]), text)


def load_sample(name: str, today: date, zone: ZoneInfo) -> Calendar:
    """The sample business ``name`` laid around the zone's next clock change (``calendar_weeks``).

    ``rules`` still holds the placeholders of the channels' accounts and hosts, for ``fill``. ``start`` is 08:00 on the
    first Monday.
    """
    folder = SAMPLES / name
    if not (folder / "calendar.csv").is_file():
        there = ", ".join(sorted(path.parent.name for path in SAMPLES.glob("*/calendar.csv")))
        raise CalendarError(f"there is no sample named {name}; there is {there}")
    monday = first_monday(today, zone)
    records, _ = read_records((folder / "calendar.csv").read_text("utf-8"))
    header, *posts = records
    rows: list[dict[str, str]] = []
    images: dict[str, Path] = {}
    for post in posts:
        values = dict(zip(header.cells, post.cells, strict=True))
        values["date"] = day_of(monday, int(values.pop("week")), values.pop("day")).isoformat()
        if values["image"]:
            images[values["image"]] = folder / "images" / values["image"]
        rows.append({column: values[column] for column in SHEET_HEADER if values.get(column)})
    names = {"time_zone": zone.key, "blackout_days": ", ".join(day.isoformat() for day in blackout_days(monday))}
    return Calendar(
        tuple(rows),
        images,
        rules=fill((folder / "rules.txt").read_text("utf-8"), names),
        voice=(folder / "voice.txt").read_text("utf-8"),
        start=start_of(monday, zone),
    )
