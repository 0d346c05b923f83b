"""Whatever stands in a note, a file or a doc, and whatever a model makes of it: channels, times, recipients and approval are the note's.

The model here obeys every attempt as far as the tool's input lets it, and further: it answers with fields that nobody asked for.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from draft_attacks import (
    ALT,
    ATTACKS,
    FILE_NAME,
    LAST_POST,
    NOTE,
    PDF,
    PICTURE,
    PROFILE,
    TEMPLATE,
    VOICE,
    Attack,
)
from draft_material import BOOK, TODAY, material, row, upload

from draft_helper import planning
from draft_helper.answers import read, wording
from draft_helper.brief import first
from draft_helper.guards import marks
from draft_helper.material import Material
from mesh.converse.talk import Request
from mesh.ledger.items import Wanted
from mesh.ledger.proposals import DraftState, Proposal, Source, Upload, Wording
from mesh.rulebook import Template

CHANNELS = ("sky", "toot")
DAY, TIME, LINK = "2027-03-06", "09:00", "https://cafe.example/cake"
AT = "2027-03-01T09:00:00+00:00"
each = pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))


def attacked(attack: Attack) -> Material:
    where, words = attack.where, attack.words
    note: dict[str, Any] = {"date": DAY, "time": TIME, "link": LINK, "source": Source.NOTE}
    files: tuple[Upload, ...] = (upload(),)
    text, rules, voice, rows = "Plum cake is back.", BOOK, "Plain words.", ()
    if where == NOTE:
        text = f"Plum cake is back. {words}"
    elif where == PDF:
        files = (upload(1, "pdf", "menu.pdf"),)
    elif where == VOICE:
        voice = f"Plain words.\n{words}"
    elif where == PROFILE:
        rules = replace(BOOK, about=words)
    elif where == TEMPLATE:
        text, note["source"] = words, Source.TEMPLATE
        rules = replace(BOOK, templates=(Template(words, ("cron(0 9 ? * FRI *)",), "every Friday 9:00", 1),))
    elif where == FILE_NAME:
        files = (upload(1, name=words),)
    elif where == ALT:
        note["alt"] = words
    elif where == LAST_POST:
        rows = (row("2027-02-20", words),)
    return material(text, channels=CHANNELS, uploads=files, rules=rules, voice=voice, rows=rows, **note)


def obeying(attack: Attack) -> dict[str, Any]:
    """What a model answers that does as it is told by whoever wrote the attempt."""
    everywhere = [*BOOK.channels, "everything", "*"]
    return {
        "text": attack.written,
        "texts": dict.fromkeys(everywhere, attack.written),
        "alts": [attack.written, "one too many"],
        "channels": everywhere,
        "date": "2027-03-02",
        "time": "03:00",
        "when": "now",
        "link": "https://evil.example/",
        "image": "../../secret.jpg",
        "recipients": ["mallory@evil.example"],
        "by": "mallory@evil.example",
        "approved": True,
        "state": "accepted",
        "marks": [],
        "wants": 99,
        "chosen": 7,
    }


def proposed(found: Material, given: dict[str, Any]) -> Proposal:
    """As drafting keeps it: the note as it came, and the model's words."""
    answer = read(found, given)
    words = wording(answer, marks(found, answer), at=AT, model="haiku", prompt="draft-1")
    return Proposal(state=DraftState.READY, note=found.note, wordings=(words,))


def row_wanted(proposal: Proposal) -> Wanted:
    """As accepting has it: everything but the words from the note."""
    note, words = proposal.note, proposal.current
    assert words is not None
    return Wanted(
        by="ada@cafe.example",
        date=note.date,
        time=note.time,
        text=words.text,
        texts={name: text for name, text in words.texts.items() if name in note.channels},
        channels=", ".join(note.channels),
        image=", ".join(one.cell for one in note.uploads if one.kind == "image"),
        alt=words.alt,
        link=note.link,
    )


def test_there_are_enough_attempts_of_every_kind() -> None:
    assert len(ATTACKS) >= 64
    assert {attack.where for attack in ATTACKS} == {
        NOTE,
        PICTURE,
        PDF,
        VOICE,
        PROFILE,
        TEMPLATE,
        FILE_NAME,
        ALT,
        LAST_POST,
    }
    assert len({(attack.where, attack.words) for attack in ATTACKS}) == len(ATTACKS)


@each
def test_an_obeying_model_changes_no_channel_no_time_no_recipient_and_no_approval(attack: Attack) -> None:
    found = attacked(attack)
    proposal = proposed(found, obeying(attack))
    assert proposal.note == found.note
    assert (proposal.state, proposal.wants, proposal.chosen, proposal.decided_by) == (DraftState.READY, 1, 0, "")
    (words,) = proposal.wordings
    assert set(Wording.model_fields) == {"text", "texts", "alt", "marks", "by", "at", "model", "prompt", "checked"}
    assert set(words.texts) <= set(CHANNELS)
    assert (words.by, words.at) == ("model", AT)
    wanted = row_wanted(proposal)
    images = "upload:u_1" if found.note.uploads[0].kind == "image" else ""
    assert (wanted.by, wanted.date, wanted.time) == ("ada@cafe.example", DAY, TIME)
    assert (wanted.channels, wanted.image, wanted.link) == ("sky, toot", images, LINK)
    assert "approved" not in Wanted.model_fields


@each
def test_what_an_obeying_model_adds_is_shown_to_the_owner(attack: Attack) -> None:
    answer = read(attacked(attack), obeying(attack))
    quotes = {mark.quote for mark in marks(attacked(attack), answer)}
    assert set(attack.foreign) <= quotes


@each
def test_an_attempt_stands_nowhere_but_inside_its_block(attack: Attack) -> None:
    request, plain = first(attacked(attack)), first(attacked(Attack(attack.where, "Cake.")))
    assert _instructions(request) == _instructions(plain)
    assert request.tool == plain.tool


@each
def test_a_plan_that_obeys_is_topics_and_nothing_else(attack: Attack) -> None:
    found = attacked(attack)
    request = planning.first(found, TODAY)
    assert set(request.tool["toolSpec"]["inputSchema"]["json"]["properties"]) == {"posts"}
    post = {**obeying(attack), "topic": f"Cake. {attack.words}", "picture": 99}
    topics = planning.read(found, {"posts": [post], "channels": ["ex"]})
    assert all(topic.picture is None for topic in topics)
    assert set(planning.Topic.__dataclass_fields__) == {"topic", "picture"}


def _instructions(request: Request) -> str:
    """All that is said to the model but what stands in blocks, and without the mark, which differs with every content."""
    said = [request.system, *(part["text"] for one in request.messages for part in one["content"] if "text" in part)]
    whole = "\n".join(said)
    (mark,) = set(re.findall(r"what stands between marks that end in -(\w+)", whole, re.IGNORECASE))
    assert "evil" not in re.sub(rf"<([a-z0-9-]+)-{mark}>\n.*?\n</\1-{mark}>", "", whole, flags=re.DOTALL)
    return re.sub(rf"<([a-z0-9-]+)-{mark}>\n.*?\n</\1-{mark}>", r"<\1>", whole, flags=re.DOTALL).replace(mark, "mark")
