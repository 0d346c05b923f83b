"""Drafts by the model."""

from __future__ import annotations

from .model import DRAFTS, Defect

DEFECTS: tuple[Defect, ...] = (
    Defect(
        "a draft has words for channels that its note does not name",
        "functions/draft_helper/answers.py",
        "    for channel in channels_of(material):",
        "    for channel in material.rulebook.channels.values():",
        DRAFTS,
    ),
    Defect(
        "a number of the note makes any amount known",
        "functions/draft_helper/known.py",
        '            return ("number", value[:1]) in self._figures',
        "            return str(value[0]) in self._numbers",
        DRAFTS,
    ),
    Defect(
        "a private number from the note is not asked about",
        "functions/draft_helper/guards.py",
        '    if public or (in_note and one.kind == "link"):',
        "    if public or in_note:",
        DRAFTS,
    ),
    Defect(
        "the prompt grants the room that the link takes",
        "functions/draft_helper/brief.py",
        '    beside = composer.measure("x", link, image_count=count)',
        '    beside = composer.measure("x")',
        DRAFTS,
    ),
    Defect(
        "a planned post goes on a day that is closed",
        "functions/draft_helper/timetable.py",
        "                if effective_time(moment.at, rulebook, now=now).at == moment.at:",
        "                if moment.at > now:",
        DRAFTS,
    ),
)
