"""What a brief tells of the business: who it is, how it sounds, what it posted lately. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from draft_helper.material import Material
from mesh.posts import Row

POSTS = 8
_POST_CHARACTERS = 600
_LISTED = 60


def told(material: Material) -> Mapping[str, str]:
    """Blocks by name, in their order; "" where there is nothing to tell."""
    voice = material.voice
    return {
        "business": material.rulebook.about,
        "voice": voice.prose,
        "never-say": "\n".join(voice.never_say[:_LISTED]),
        "always-mention": "\n".join(voice.always_say[:_LISTED]),
        "last-posts": "\n\n---\n\n".join(shortened(row.text, _POST_CHARACTERS) for row in last_posts(material)),
    }


def last_posts(material: Material) -> list[Row]:
    """Those with words whose day has come, the newest first."""
    today = material.today.isoformat()
    out = [row for row in material.rows if row.text.strip() and date_of(row) is not None and row.date <= today]
    return sorted(out, key=lambda row: (row.date, row.time), reverse=True)[:POSTS]


def date_of(row: Row) -> date | None:
    try:
        return date.fromisoformat(row.date)
    except ValueError:
        return None


def shortened(text: str, most: int) -> str:
    """Whole where it is within ``most`` characters, else cut at a word, and said so."""
    if len(text) <= most:
        return text
    kept = text[:most].rsplit(None, 1)[0] if " " in text[:most] else text[:most]
    return f"{kept.rstrip()} […]"


def say_day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
