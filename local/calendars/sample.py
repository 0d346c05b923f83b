"""The sample businesses: calendars that always lie ahead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from local.calendars.csv_file import read_records
from local.calendars.model import SHEET_HEADER, Calendar
from local.calendars.weeks import blackout_days, day_of, first_monday, start_of
from local.samples import business_of

FOLDER = Path(__file__).parent.parent / "samples"


def fill(text: str, names: Mapping[str, str]) -> str:
    """``{name}`` replaced for the known names; any other brace stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda match: names.get(match[1], match[0]), text)


def load_sample(name: str, today: date, zone: ZoneInfo, *, recurring: bool = True) -> Calendar:
    """The sample business ``name`` laid around the zone's next clock change (``calendar_weeks``).

    ``rules`` still holds the placeholders of the channels' accounts and hosts, for ``fill``. ``start`` is 08:00 on the
    first Monday. ``recurring=False`` leaves the recurring posts out of them, for who knows every row by heart. CalendarError names
    the samples there are.
    """
    business_of(name)
    folder = FOLDER / name
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
    day_off, _ = days_off = blackout_days(monday)
    names = {
        "time_zone": zone.key,
        "blackout_days": ", ".join(day.isoformat() for day in days_off),
        "day_off": day_off.isoformat(),
        "new_year": f"{day_off.year}-12-31 to {day_off.year + 1}-01-03",
    }
    return Calendar(
        tuple(rows),
        images,
        rules=fill(rules if recurring else rules.partition("Recurring posts\n")[0], names),
        voice=(folder / "voice.txt").read_text("utf-8"),
        start=start_of(monday, zone),
    )
