"""Makes a batch's plan: the model gives topics and which picture goes with which; count, days, times and channels are code's alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from draft_helper import answers, planning
from draft_helper.drafting import time_left
from draft_helper.failing import CannotDraft, of_model
from draft_helper.gathering import gather
from draft_helper.material import Material
from draft_helper.metering import Meter
from draft_helper.model import Malformed, ModelError, Unready
from draft_helper.wiring import Parts
from mesh.batches import LONGEST_TOPIC_CHARACTERS, MOST_POSTS, new_planned_id, pictures_of
from mesh.ledger.proposals import Planned, Proposal, Spent, Upload

_NONE_ASKED = (
    "Your note asks for no post at all. Write it again, and say how many you would like, as in “five posts for the spring sale”."
)


class NoPlan(Exception):
    """No plan will come of it as it is; ``sentence`` says why and what to do, to its owner."""

    def __init__(self, sentence: str) -> None:
        super().__init__("no plan")
        self.sentence = sentence


@dataclass(frozen=True)
class Made:
    """``remark`` is what its owner should know of the plan, "" for nothing."""

    plan: tuple[Planned, ...]
    remark: str
    spent: Spent


def make(parts: Parts, proposal: Proposal, now: datetime, context: Any) -> Made:
    """NoPlan where none will come of it; raises what may be tried again: the model is busy or down, something cannot be read now."""
    asked = planning.asked(proposal.note.text)
    if asked.count < 1:
        raise NoPlan(_NONE_ASKED)
    try:
        gathered = gather(parts, proposal.note, now)
        material = gathered.material
        channels = channels_of(material)
        meter = Meter(parts, now, time_left(context), proposal.spent)
        topics = _topics(material, asked.count, meter)
    except CannotDraft as error:
        raise NoPlan(as_of_a_plan(error.failure.sentence)) from error
    slots = planning.timetable(len(topics), asked.days, material.rulebook, material.rows, now, parts.zone)
    pictures = dealt([topic.picture for topic in topics], pictures_of(proposal), asked.pictures)
    plan = tuple(
        Planned(
            post_id=new_planned_id(),
            topic=topic.topic[:LONGEST_TOPIC_CHARACTERS],
            date=_iso(slots[number][0]) if number < len(slots) else "",
            time=_clock(slots[number][1]) if number < len(slots) else "",
            channels=channels,
            uploads=(picture,) if picture is not None else (),
        )
        for number, (topic, picture) in enumerate(zip(topics, pictures, strict=True))
    )
    said = [remark(asked.wanted, len(plan), len(slots)), *(mark.message for mark in gathered.marks)]
    return Made(plan, " ".join(filter(None, said)), meter.spent)


def channels_of(material: Material) -> tuple[str, ...]:
    """Those of the note that the rules doc has. NoPlan where it has none of them."""
    wanted, known = material.note.channels, material.rulebook.channels
    found = tuple(name for name in wanted if name in known)
    if found:
        return found
    there = ", ".join(sorted(known)) or "none yet"
    named = f"None of its channels ({', '.join(wanted)})" if wanted else "No channel was chosen, and none"
    raise NoPlan(f"{named} is in your rules doc (there: {there}). Write the note again, and choose channels that are there.")


def dealt(chosen: Sequence[int | None], pictures: Sequence[Upload], wanted: int | None) -> list[Upload | None]:
    """Each post's picture: the model's choice as far as there is such a picture, and as many posts with one as were asked for.

    ``wanted`` None: nobody said how many. A picture goes with one post, as long as the owner does not say otherwise.
    """
    most = len(pictures) if wanted is None else min(wanted, len(pictures))
    found: list[Upload | None] = []
    left = list(range(len(pictures)))
    for number in chosen:
        take = number is not None and number in left and most > 0
        if take and number is not None:
            left.remove(number)
            most -= 1
        found.append(pictures[number] if take and number is not None else None)
    for place, picture in enumerate(found):  # asked for, and not chosen
        if wanted is not None and picture is None and most > 0 and left:
            found[place] = pictures[left.pop(0)]
            most -= 1
    return found


def remark(wanted: int, planned: int, placed: int) -> str:
    """What became of the wish where it did not come true to the letter."""
    said = []
    if wanted > MOST_POSTS:
        said.append(f"You asked for {wanted} posts, and a plan has {MOST_POSTS} at most: write another note for the others.")
    elif planned < wanted:
        said.append(f"You asked for {wanted} posts, and there were ideas for {planned}. You can add others below.")
    if placed < planned:
        missing = planned - placed
        posts = "post has" if missing == 1 else "posts have"
        said.append(f"{missing} {posts} no day yet: your posting hours and blackout days leave no other. Please choose one.")
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


def _iso(day: date | str) -> str:
    return day if isinstance(day, str) else day.isoformat()


def _clock(at: time | str) -> str:
    return at if isinstance(at, str) else f"{at:%H:%M}"
