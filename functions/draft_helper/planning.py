"""PLACEHOLDER."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from draft_helper import answers
from draft_helper.material import Material, Request
from mesh.posts import Row
from mesh.rulebook import Rulebook

_WORDS = {"no": 0, "zero": 0, "two": 2, "three": 3, "five": 5}


@dataclass(frozen=True)
class Asked:
    count: int
    pictures: int | None
    days: int
    wanted: int


@dataclass(frozen=True)
class Topic:
    topic: str
    picture: int | None


def asked(text: str) -> Asked:
    found = re.search(r"(\w+) posts", text)
    wanted = _WORDS.get(found[1], int(found[1]) if found[1].isdigit() else 3) if found else 3
    pictures = re.search(r"(\w+) with photos", text)
    return Asked(min(wanted, 14), _WORDS.get(pictures[1]) if pictures else None, 14, wanted)


def first(material: Material, today: date, most: int = 14) -> Request:
    messages = [{"role": "user", "content": [{"text": f"{most}: {material.note.text}"}]}]
    return Request("", messages, {"toolSpec": {"name": "plan"}}, "plan-1", "plan", 1000)


def read(material: Material, given: Mapping[str, Any]) -> tuple[Topic, ...]:
    if not isinstance(given.get("posts"), list):
        raise answers.Malformed("no posts")
    return tuple(Topic(str(one["topic"]), one.get("picture")) for one in given["posts"])


def timetable(
    count: int, span: int, rulebook: Rulebook, rows: Sequence[Row], now: datetime, zone: ZoneInfo
) -> tuple[tuple[date, time], ...]:
    today = now.astimezone(zone).date()
    return tuple((today + timedelta(days=1 + number * span // count), time(9)) for number in range(count))
