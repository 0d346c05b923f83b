"""Whether a draft says nearly what another post says on the same channel: of the last 90 days, or one to come. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from draft_helper.answers import Answer
from draft_helper.business import date_of, say_day
from draft_helper.material import Material
from draft_helper.scope import channels_of
from mesh.lint import nearly_the_same
from mesh.posts import Row
from mesh.rulebook import Channel

LOOKED_BACK = timedelta(days=90)
_QUOTE_CHARACTERS = 80


def repeats(material: Material, answer: Answer) -> Iterator[tuple[str, str]]:
    """Channel, "" where it is of all, and the sentence: the nearest such post of each channel, with its day and its beginning."""
    near = sorted(_near(material), key=lambda one: abs(one[0] - material.today))
    channels = channels_of(material)
    told: dict[tuple[date, str], list[Channel]] = {}
    for channel in channels:
        for day, row in near:
            if _is_on(row, channel) and nearly_the_same(row.text_for(channel), answer.on(channel.name)):
                told.setdefault((day, row.text_for(channel)), []).append(channel)
                break
    for (day, text), same in told.items():
        tense = (
            "is planned for" if day > material.today else "was posted on" if day < material.today else "is of today,"
        )
        message = f"This is nearly the post that {tense} {say_day(day)}: “{_begins(text)}”."
        yield from [("", message)] if len(same) == len(channels) else ((channel.name, message) for channel in same)


def _near(material: Material) -> Iterator[tuple[date, Row]]:
    for row in material.rows:
        day = date_of(row)
        if day is not None and day >= material.today - LOOKED_BACK:
            yield day, row


def _is_on(row: Row, channel: Channel) -> bool:
    return channel.name in {name.strip().lower() for name in re.split(r"[,;\n]", row.channels)}


def _begins(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _QUOTE_CHARACTERS else f"{text[: _QUOTE_CHARACTERS - 1]}…"
