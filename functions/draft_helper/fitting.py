"""Whether an answer fits every channel it is for, by the measuring code of the sender. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from draft_helper.answers import Answer
from draft_helper.material import Material
from draft_helper.scope import channels_of
from mesh.fitting import composer_of, problems_of
from mesh.ledger.proposals import Mark
from networks.model import Problem

_MENDED_BY_WORDS = ("too-long", "too-many-hashtags", "too-many-mentions", "too-many-links", "too-many-cashtags")


@dataclass(frozen=True)
class Overshoot:
    """``over`` counts in ``unit``, the network's own; ``message`` is its sentence with the numbers."""

    channel: str
    message: str
    over: int
    unit: str


def overshoots(material: Material, answer: Answer) -> tuple[Overshoot, ...]:
    """What other words would mend, channel by channel; () where they fit. Each channel's own text, the note's link and pictures."""
    return tuple(
        Overshoot(channel, problem.message, problem.overshoot, _unit(problem))
        for channel, problem in _problems(material, answer)
        if _by_words(problem)
    )


def stopping(found: Sequence[Overshoot]) -> tuple[Mark, ...]:
    """As marks for the owner: a draft that fits nowhere cannot be accepted as it is."""
    return tuple(
        Mark(
            code="too-long" if "too long" in one.message else "too-many",
            message=one.message,
            channel=one.channel,
            stops=True,
        )
        for one in found
    )


def beyond_words(material: Material, answer: Answer) -> tuple[tuple[str, Problem], ...]:
    """What no wording mends: a picture that a network needs, a link that nobody can open. Alt texts are the guards' to tell."""
    return tuple(
        (channel, problem)
        for channel, problem in _problems(material, answer)
        if not _by_words(problem) and problem.code != "alt-missing"
    )


def _problems(material: Material, answer: Answer) -> Iterator[tuple[str, Problem]]:
    for channel in channels_of(material):
        composer = composer_of(channel, material.rulebook)
        for problem in problems_of(composer, answer.on(channel.name), material.note.link, answer.alts):
            yield channel.name, problem


def _by_words(problem: Problem) -> bool:
    return problem.code in _MENDED_BY_WORDS or problem.code == "alt-too-long"


def _unit(problem: Problem) -> str:
    """The sentence of a length names its unit first: "12 characters too long for …"."""
    if problem.code == "alt-too-long":
        return "characters"
    if problem.code != "too-long":
        return problem.code.removeprefix("too-many-")
    words = problem.message.split()
    return words[1] if words[1].endswith("s") else f"{words[1]}s"
