"""One note from brief to marks, and what came of it. The model is whatever answers a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from draft_helper import answers, brief, fitting, guards
from draft_helper.material import Material
from mesh.converse.talk import Reply, Request
from mesh.errors import MeshError
from mesh.ledger.proposals import Mark, Note
from mesh.posts import Row
from mesh.rulebook import parse_rules
from mesh.voice import read_voice

FOLDER = Path(__file__).parent
Ask = Callable[[Request], Reply]


@dataclass(frozen=True)
class Case:
    """``keeps``: what a draft of this note is to say as it stands there."""

    name: str
    material: Material
    keeps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """``fit_first``: every channel takes the first answer; ``fit``: it, or the one after the repair. ``error``: no answer could be used."""

    name: str
    fit_first: bool = False
    fit: bool = False
    marks: tuple[Mark, ...] = ()
    lost: tuple[str, ...] = ()
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    text: str = ""
    prompt: str = ""
    error: str = ""
    over: tuple[str, ...] = ()


def cases(folder: Path = FOLDER) -> Iterator[Case]:
    """Of every file, in order. ValueError where a file's docs have mistakes: a set that is misread compares nothing."""
    for file in sorted(folder.glob("*.json")):
        said = json.loads(file.read_text("utf-8"))
        rulebook, problems = parse_rules("\n".join(said["rules"]), default_zone="UTC")
        if problems:
            raise ValueError(f"{file.name}: {problems[0].message}")
        voice = read_voice("\n".join(said["voice"]))[0]
        today = date.fromisoformat(said["today"])
        rows = tuple(
            Row(date=day, time="09:00", text=text, channels=", ".join(rulebook.channels)) for day, text in said["posts"]
        )
        for one in said["notes"]:
            yield Case(
                f"{file.stem}: {one['name']}",
                Material(_note(one), rulebook, voice, today, rows),
                tuple(one.get("keeps", ())),
            )


def judge(case: Case, ask: Ask) -> Verdict:
    """As drafting does it: one answer, and one repair where it does not fit."""
    replies: list[Reply] = []
    try:
        verdict = _judged(case, ask, replies)
    except MeshError as error:
        verdict = Verdict(case.name, error=f"{type(error).__name__}: {error}")
    return replace(
        verdict,
        calls=len(replies),
        tokens_in=sum(one.tokens_in for one in replies),
        tokens_out=sum(one.tokens_out for one in replies),
    )


def _judged(case: Case, ask: Ask, replies: list[Reply]) -> Verdict:
    found = case.material
    request = brief.first(found)
    replies.append(ask(request))
    answer = answers.read(found, replies[-1].given)
    first_over = over = fitting.overshoots(found, answer)
    if over:
        request = brief.repair(request, replies[-1], over)
        replies.append(ask(request))
        answer = answers.read(found, replies[-1].given)
        over = fitting.overshoots(found, answer)
    said = "\n".join((answer.text, *answer.texts.values()))
    return Verdict(
        name=case.name,
        fit_first=not first_over,
        fit=not over,
        marks=guards.marks(found, answer),
        lost=tuple(words for words in case.keeps if words not in said),
        text=said,
        prompt=request.prompt,
        over=tuple(one.message for one in over),
    )


def _note(said: dict[str, Any]) -> Note:
    return Note(
        text=said["text"],
        channels=tuple(said["channels"]),
        date=said.get("date", ""),
        time=said.get("time", ""),
        link=said.get("link", ""),
        by="owner@business.example",
        at="2027-03-01T08:00:00+00:00",
    )
