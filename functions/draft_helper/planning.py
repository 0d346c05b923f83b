"""A batch: what was asked for, what the model is asked, and what is read of its answer. Pure.

How many posts and over how many days is read from the note by code; the model proposes topics, and which picture goes with which. Days
and times are ``mesh``'s own: see ``draft_helper.timetable``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from draft_helper import business
from draft_helper.answers import Malformed, cleaned
from draft_helper.asked import MOST_POSTS, Asked, asked
from draft_helper.asking import plan_tool
from draft_helper.brief import noted, shown
from draft_helper.material import Material
from draft_helper.prompting import blocks, filled, mark_for
from draft_helper.scope import pictures_shown
from draft_helper.timetable import timetable
from mesh.converse.talk import Request

LONGEST_TOPIC_CHARACTERS = 600
_TOKENS_A_POST = 160
_TOKENS = 400


@dataclass(frozen=True)
class Topic:
    """``picture`` is the index, from 0, of the picture among the note's uploaded ones; None for a post without one."""

    topic: str
    picture: int | None = None


def first(material: Material, today: date, most: int = MOST_POSTS) -> Request:
    """As many topics as the note asks for, ``most`` at most. NothingSaid where the note is empty."""
    wanted = asked(material.note.text)
    count = min(wanted.count, most)
    note, about = noted(material), business.told(material)
    mark = mark_for([*about.values(), *note.values()])
    posts = f"{count} post" if count == 1 else f"{count} posts"
    return Request(
        system=filled(
            "plan-1",
            {"count": posts, "facts": _facts(material, wanted, today), "mark": mark, "business": blocks(mark, about)},
        ),
        messages=(
            {
                "role": "user",
                "content": [
                    *shown(material),
                    {
                        "text": filled(
                            "ask-plan-1",
                            {"material": blocks(mark, note), "count": posts, "pictures": _pictures(material, wanted)},
                        )
                    },
                ],
            },
        ),
        tool=plan_tool(count, pictures_shown(material)),
        prompt="plan-1",
        purpose="plan",
        most_tokens=_TOKENS + _TOKENS_A_POST * count,
    )


def read(material: Material, given: object, most: int = MOST_POSTS) -> tuple[Topic, ...]:
    """The topics in their order, not more than were asked for; a picture goes with one post only. Malformed where there is none."""
    posts = given.get("posts") if isinstance(given, Mapping) else None
    if not isinstance(posts, list):
        raise Malformed("the plan has no list of posts")
    pictures = _indexes(material)
    topics: list[Topic] = []
    for post in posts[: min(asked(material.note.text).count, most)]:
        words = post.get("topic") if isinstance(post, Mapping) else None
        if not isinstance(words, str):
            raise Malformed("a post of the plan has no topic")
        if topic := business.shortened(" ".join(cleaned(words[:10_000]).split()), LONGEST_TOPIC_CHARACTERS):
            number = post.get("picture")
            topics.append(Topic(topic, pictures.pop(number, None) if type(number) is int else None))
    if not topics:
        raise Malformed("the plan has no topic")
    return tuple(topics)


def _indexes(material: Material) -> dict[int, int]:
    """Of the picture that was shown under a number, its place among the uploaded ones."""
    uploads = [upload.upload_id for upload in material.note.uploads if upload.kind == "image"]
    seen = [file.upload.upload_id for file in material.files if file.upload.kind == "image"]
    return {number: uploads.index(one) for number, one in enumerate(seen, start=1) if one in uploads}


def _facts(material: Material, wanted: Asked, today: date) -> str:
    facts = [f"\nToday is {business.say_day(today)}. The posts come over {wanted.days} days."]
    if wanted.pictures and not pictures_shown(material):
        facts.append(
            f"{wanted.pictures} of the posts will have a picture that is not there yet: say in their topics what it could show."
        )
    return "\n".join(facts)


def _pictures(material: Material, wanted: Asked) -> str:
    count = pictures_shown(material)
    if not count:
        return ""
    how_many = f"{min(wanted.pictures, count)} of the posts have" if wanted.pictures else "Posts can have"
    return f' {how_many} one of the {count} pictures: give its number in "picture", each picture once, where it fits the topic.'


__all__ = ["MOST_POSTS", "Asked", "Malformed", "Topic", "asked", "first", "read", "timetable"]
