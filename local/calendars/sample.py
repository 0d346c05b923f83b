"""The sample business: a calendar that always lies ahead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from local.calendars.csv_file import read_records
from local.calendars.model import SHEET_HEADER, Calendar, CalendarError
from local.calendars.weeks import blackout_days, day_of, first_monday, start_of

SAMPLES = Path(__file__).parent.parent / "samples"


def fill(text: str, names: Mapping[str, str]) -> str:
    """``{name}`` replaced for the known names; any other brace stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda match: names.get(match[1], match[0]), text)


def load_sample(name: str, today: date, zone: ZoneInfo, *, recurring: bool = True) -> Calendar:
    """The sample business ``name`` laid around the zone's next clock change (``calendar_weeks``).

    ``rules`` still holds the placeholders of the channels' accounts and hosts, for ``fill``. ``start`` is 08:00 on the
    first Monday. ``recurring=False`` leaves the recurring posts out of them, for who knows every row by heart.
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
        values = dict(zip(map(str, header.cells), map(str, post.cells), strict=True))
        values["date"] = day_of(monday, int(values.pop("week")), values.pop("day")).isoformat()
        if values["image"]:
            images[values["image"]] = folder / "images" / values["image"]
        rows.append({column: values[column] for column in SHEET_HEADER if values.get(column)})
    rules = (folder / "rules.txt").read_text("utf-8")
    names = {"time_zone": zone.key, "blackout_days": ", ".join(day.isoformat() for day in blackout_days(monday))}
    return Calendar(
        tuple(rows),
        images,
        rules=fill(rules if recurring else rules.partition("Recurring posts\n")[0], names),
        voice=(folder / "voice.txt").read_text("utf-8"),
        start=start_of(monday, zone),
    )
