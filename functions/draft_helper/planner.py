"""Makes a batch's plan: the model gives topics and which picture goes with which; count, days, times and channels are code's alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from draft_helper import answers, brief, planning
from draft_helper.drafting import time_left
from draft_helper.failing import CannotDraft, of_model
from draft_helper.gathering import gather
from draft_helper.material import Material
from draft_helper.metering import Meter
from draft_helper.wiring import Parts
from mesh.batches import LONGEST_TOPIC_CHARACTERS, pictures_of
from mesh.converse.model import Malformed, ModelError, Unready
from mesh.ids import POST, random_id
from mesh.ledger.proposals import Planned, Proposal, Spent, Upload

_NOTHING_SAID = "Your note says nothing to plan posts from. Write it again with what they are to be about."


class NoPlan(Exception):
    """No plan will come of it as it is; ``sentence`` says why and what to do, to its owner."""

    def __init__(self, sentence: str) -> None:
        super().__init__("no plan")
        self.sentence = sentence


@dataclass(frozen=True)
class Made:
    """``remark`` is what its owner should know of the plan, "" for nothing; ``planner`` who made it."""

    plan: tuple[Planned, ...]
    remark: str
    spent: Spent
    planner: str


def make(parts: Parts, proposal: Proposal, now: datetime, context: Any) -> Made:
    """NoPlan where none will come of it; raises what may be tried again: the model is busy or down, something cannot be read now."""
    asked = planning.asked(proposal.note.text)
    try:
        gathered = gather(parts, proposal.note, now)
        material = gathered.material
        channels = channels_of(material)
        meter = Meter(parts, now, time_left(context), proposal.spent)
        topics = _topics(material, asked.count, meter)
    except CannotDraft as error:
        raise NoPlan(as_of_a_plan(error.failure.sentence)) from error
    except brief.NothingSaid as error:
        raise NoPlan(_NOTHING_SAID) from error
    slots = planning.timetable(len(topics), asked.days, material.rulebook, material.rows, now, parts.zone)
    pictures = dealt([topic.picture for topic in topics], pictures_of(proposal), asked.pictures)
    plan = tuple(
        Planned(
            post_id=random_id(POST),
            topic=topic.topic[:LONGEST_TOPIC_CHARACTERS],
            date=slots[number][0].isoformat() if number < len(slots) else "",
            time=f"{slots[number][1]:%H:%M}" if number < len(slots) else "",
            channels=channels,
            uploads=(picture,) if picture is not None else (),
        )
        for number, (topic, picture) in enumerate(zip(topics, pictures, strict=True))
    )
    said = [
        *asked.told,
        remark(asked.count, len(plan), len(slots)),
        unknown_channels(material),
        *(mark.message for mark in gathered.marks),
    ]
    return Made(plan, " ".join(filter(None, said)), meter.spent, parts.settings.writer)


def channels_of(material: Material) -> tuple[str, ...]:
    """Those of the note that the rules doc has; a note that names none is for all there are."""
    known = material.rulebook.channels
    wanted = [name.strip().lower() for name in material.note.channels]
    return tuple(dict.fromkeys(name for name in wanted if name in known)) or tuple(known)


def unknown_channels(material: Material) -> str:
    """What is said of those that the rules doc has not, "" for none."""
    names = [name for name in material.note.channels if name.strip().lower() not in material.rulebook.channels]
    return f"Not in your rules doc, and left out: {', '.join(names)}." if names else ""


def dealt(chosen: Sequence[int | None], pictures: Sequence[Upload], wanted: int) -> list[Upload | None]:
    """Each post's picture: the model's choice as far as there is such a picture, and as many posts with one as were asked for.

    ``wanted`` 0: nobody said how many. A picture goes with one post, as long as the owner does not say otherwise.
    """
    most = min(wanted, len(pictures)) if wanted else len(pictures)
    found: list[Upload | None] = []
    left = list(range(len(pictures)))
    for number in chosen:
        take = number is not None and number in left and most > 0
        if take and number is not None:
            left.remove(number)
            most -= 1
        found.append(pictures[number] if take and number is not None else None)
    for place, picture in enumerate(found):  # asked for, and not chosen
        if wanted and picture is None and most > 0 and left:
            found[place] = pictures[left.pop(0)]
            most -= 1
    return found


def remark(wanted: int, planned: int, placed: int) -> str:
    """What became of the wish where it did not come true to the letter."""
    said = []
    if planned < wanted:
        said.append(f"You asked for {wanted} posts, and there were ideas for {planned}. You can add others below.")
    if placed < planned:
        missing = planned - placed
        posts = "post has" if missing == 1 else "posts have"
        said.append(
            f"{missing} {posts} no day yet: your posting hours and blackout days leave no other. Please choose one."
        )
    return " ".join(said)


def as_of_a_plan(sentence: str) -> str:
    """The sentence of a draft's failure, on a page whose button has another name."""
    return sentence.replace("“Try again”", "“Plan again”")


def _topics(material: Material, count: int, meter: Meter) -> Sequence[planning.Topic]:
    """As many as were asked for at most. NoPlan for what the model will not do; Unready passes."""

    def check(given: Mapping[str, Any]) -> object:
        try:
            found = planning.read(material, given)
        except answers.Malformed as error:
            raise Malformed("the plan has the wrong shape") from error
        if not found:
            raise Malformed("the plan has no post")
        return found

    request = planning.first(material, material.today, most=count)
    try:
        reply = meter.ask(request, check, first=True)
    except Unready:
        raise
    except ModelError as error:
        raise NoPlan(as_of_a_plan(of_model(error, meter.parts.settings.model).sentence)) from error
    return planning.read(material, reply.given)[:count]
