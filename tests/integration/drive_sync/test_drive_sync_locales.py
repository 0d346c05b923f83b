"""One plan, typed as people type at home, is one plan: whatever the sheet's country and time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from drive_sync_desk import RULES, Desk

from mesh.posts import Plan, plan_row
from mesh.rulebook import parse_rules

TYPED = {
    "en_US": ("3/27/2027", "9:30 PM"),
    "de_DE": ("27.03.2027", "21:30"),
    "ja_JP": ("2027年3月27日", "21:30"),
    "pt_BR": ("27/03/2027", "21:30"),
    "en_GB": ("27/03/2027", "21:30"),
}
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Auckland")
AS_TEXT = ("'27.03.2027", "'21h30")  # an apostrophe makes any cell a text


@pytest.mark.parametrize(("locale", "zone"), list(zip(TYPED, ZONES, strict=True)))
def test_every_countrys_way_gives_the_same_moment(desk: Desk, locale: str, zone: str) -> None:
    desk.act("reset", locale=locale, time_zone=zone)
    for text, (day, clock) in {"typed": TYPED[locale], "as text": AS_TEXT}.items():
        desk.add({"text": text, "date": day, "time": clock})

    desk.settle()

    rulebook, _ = parse_rules(RULES, default_zone="Europe/Berlin")
    plans = [plan_row(row, rulebook) for row in desk.mirrored().values()]
    meant = datetime(2027, 3, 27, 21, 30, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    assert [plan.planned_at if isinstance(plan, Plan) else plan for plan in plans] == [meant, meant]
