"""What a press on a draft's page does, pure: the post's item and what was typed in, the item as it shall be and what to say out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from approve_handler.draft_form import MOST_BYTES, MOST_CHARACTERS, Typed, words
from approve_handler.draft_times import as_written, read_slot
from mesh.ledger.items import Status, Wanted
from mesh.ledger.proposals import DRAFTING, DraftState, Mark, Note, Proposal, Settled, Wording
from mesh.schedule_time import Moment, say_with_zone

MODEL = "model"
MOST_WORDINGS = 9  # of the model's, for one draft
_KEPT_EDITS = 4  # of people's wordings; the oldest leaves
_TWO_MORE = 2


class Press(StrEnum):
    ACCEPT = "accept"
    SAVE = "save"
    OTHERS = "others"
    AGAIN = "again"
    DISCARD = "discard"


class Fate(StrEnum):
    """How a press on a draft ended."""

    DONE = "done"
    ALREADY = "already"  # it was accepted or discarded before
    DRAFTING = "drafting"
    CHANGED = "changed"  # the page showed another draft than stands now
    REFUSED = "refused"  # ``Ruling.sentences`` say what is to be mended
    SAME = "same"  # nothing was typed that does not stand already
    GONE = "gone"


@dataclass(frozen=True)
class Ruling:
    """``after`` is None where nothing is to be changed. ``note`` is on a change of the clocks."""

    fate: Fate
    after: Status | None = None
    sentences: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Hand:
    """Who presses, when, and under which trace what follows is to be found."""

    by: str
    at: datetime
    zone: ZoneInfo
    trace_id: str = ""


def digest(proposal: Proposal) -> str:
    """Another one as soon as anything that the page shows is another: but for what a check of somebody's own words finds meanwhile, which
    takes nothing from what they go on typing. A press is ruled on by the marks there are then.
    """
    shown = {"state", "wordings", "chosen", "settled", "error", "wants"}
    found_later = {"wordings": {"__all__": {"marks", "checked"}}}
    said = proposal.model_dump(mode="json", include=shown, exclude=found_later)
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def in_force(proposal: Proposal) -> Settled:
    """Day, time, channels and link as they stand now: the note's, or what was set in their place."""
    note = proposal.note
    return proposal.settled or Settled(date=note.date, time=note.time, channels=note.channels, link=note.link)


def stops(marks: Sequence[Mark], channels: Sequence[str]) -> tuple[str, ...]:
    """What must be mended before it can be accepted; a channel that it does not go to is in nobody's way."""
    return tuple(dict.fromkeys(mark.message for mark in marks if mark.stops and concerns(mark, channels)))


def concerns(mark: Mark, channels: Sequence[str]) -> bool:
    return not mark.channel or mark.channel in channels


def rule(before: Status | None, typed: Typed, hand: Hand) -> Ruling:
    """Looked at again at every try of the transaction."""
    proposal = before.proposal if before is not None and not before.broken else None
    if before is None or proposal is None or (before.open != DRAFTING and proposal.state not in _OVER):
        return Ruling(Fate.GONE)
    if proposal.state in _OVER:
        return Ruling(Fate.ALREADY, sentences=(say_over(proposal, hand.zone),))
    if proposal.state is DraftState.REQUESTED:
        return Ruling(Fate.DRAFTING)
    if digest(proposal) != typed.shown:
        return Ruling(Fate.CHANGED)
    if typed.do == Press.DISCARD:
        over = _decided(proposal, DraftState.DISCARDED, hand)
        return _done(before, over, hand, open=None)
    if problems := _unfit(proposal, typed):
        return Ruling(Fate.REFUSED, sentences=problems)
    settled, note, slot_problem = _settled(proposal, typed, hand)
    edited = _edited(proposal, typed, hand).model_copy(update={"settled": settled})
    if typed.do == Press.ACCEPT:
        return _accept(before, edited, settled, hand, note, slot_problem)
    if typed.do in {Press.OTHERS, Press.AGAIN} or typed.uses is not None:
        return _drafted_again(before, edited, typed, hand)
    if slot_problem and (typed.date, typed.time) != _named(proposal):
        return Ruling(Fate.REFUSED, sentences=(slot_problem,))
    if edited == proposal:
        return Ruling(Fate.SAME, note=note)
    ready = edited.model_copy(update={"state": DraftState.READY, "error": ""})
    return replace(_done(before, ready, hand), note=note)


_OVER = frozenset({DraftState.ACCEPTED, DraftState.DISCARDED})


def say_over(proposal: Proposal, zone: ZoneInfo) -> str:
    """Who decided it, and when."""
    what = "accepted" if proposal.state is DraftState.ACCEPTED else "discarded"
    when = f" ({say_with_zone(datetime.fromisoformat(proposal.decided_at), zone)})" if proposal.decided_at else ""
    return f"{proposal.decided_by or 'Somebody'} {what} this draft{when}."


def _unfit(proposal: Proposal, typed: Typed) -> tuple[str, ...]:
    found = []
    if typed.characters > MOST_CHARACTERS:
        found.append(
            f"All words together are {typed.characters:,} characters; {MOST_CHARACTERS:,} are the most. Please shorten them."
        )
    elif typed.size_bytes > MOST_BYTES:
        found.append("There are more emoji in it than can be kept. Please take some out.")
    strange = [name for name in typed.channels if name not in proposal.note.channels]
    if strange:
        found.append(f"Channels: “{strange[0][:40]}” is none of the note's. Untick it, or write a new note for it.")
    return tuple(found)


def _named(proposal: Proposal) -> tuple[str, str]:
    stands = in_force(proposal)
    return stands.date, stands.time


def _settled(proposal: Proposal, typed: Typed, hand: Hand) -> tuple[Settled | None, str, str]:
    """What stands in the note's place, a sentence on the clocks, and one on why day and time will not do."""
    day, clock = as_written(typed.date, typed.time)
    if typed.do != Press.ACCEPT and typed.offered == f"{day} {clock}":  # our own proposal, which nobody has agreed to
        day, clock = _named(proposal)
    told = Settled(date=day, time=clock, channels=typed.channels, link=typed.link)
    found = read_slot(typed.date, typed.time, hand.at, hand.zone)
    note, problem = (found.note, "") if isinstance(found, Moment) else ("", found)
    return (proposal.settled if told == in_force(proposal) else told), note, problem


def _accept(
    before: Status, edited: Proposal, settled: Settled | None, hand: Hand, note: str, slot_problem: str
) -> Ruling:
    stands = settled or in_force(edited)
    wording = edited.current
    problems = [slot_problem] if slot_problem else []
    if not stands.channels:
        problems.append("Channels: tick at least one.")
    image = _image_cell(edited.note)
    texts = {name: text for name, text in (wording.texts if wording else {}).items() if name in stands.channels}
    if wording is None or not (wording.text or texts or image or stands.link):
        problems.append("Text: there is nothing to post; write the post's text.")
    problems += stops(wording.marks, stands.channels) if wording is not None else ()
    if problems or wording is None:
        return Ruling(Fate.REFUSED, sentences=tuple(problems))
    found = read_slot(stands.date, stands.time, hand.at, hand.zone)
    assert isinstance(found, Moment)
    wanted = Wanted(
        by=hand.by,
        date=stands.date,
        time=stands.time,
        text=wording.text,
        texts=texts,
        channels=", ".join(stands.channels),
        image=image,
        alt=wording.alt,
        link=stands.link,
        note=f"Drafted from a note of {edited.note.by}",
    )
    over = _decided(edited, DraftState.ACCEPTED, hand)
    # The draft's card is none of the post's: who is asked about the post is yet to come.
    done = _done(before, over, hand, wanted=wanted, open="1", due_at=found.at.isoformat(), card=None)
    return replace(done, note=note)


def _image_cell(note: Note) -> str:
    """What the row's image cell names: the note's own pictures, then those that were uploaded."""
    uploads = [one.cell for one in note.uploads if one.kind == "image"]
    return ", ".join([*([note.image] if note.image else []), *uploads])


def _drafted_again(before: Status, edited: Proposal, typed: Typed, hand: Hand) -> Ruling:
    """Other words: one that is there already, two more of the model's, or another try after a failure."""
    if (number := typed.uses) is not None:
        if number >= len(edited.wordings):
            return Ruling(Fate.CHANGED)
        return _done(before, edited.model_copy(update={"chosen": number}), hand)
    mine = sum(wording.by == MODEL for wording in edited.wordings)
    wants = edited.wants
    if typed.do == Press.OTHERS:
        wants = mine + _TWO_MORE
        if wants > MOST_WORDINGS:
            said = (
                f"{mine} wordings are there already. Use one of them and change it, or write a new note that says more."
            )
            return Ruling(Fate.REFUSED, sentences=(said,))
    asked = {"state": DraftState.REQUESTED, "wants": wants, "tries": 0, "error": "", "lease_until": None}
    # Where no draft was there yet, its card is still to come.
    card = before.card if edited.wordings else None
    return _done(before, edited.model_copy(update=asked), hand, card=card)


def _decided(proposal: Proposal, state: DraftState, hand: Hand) -> Proposal:
    over = {"state": state, "decided_by": hand.by, "decided_at": hand.at.isoformat(), "lease_until": None}
    return proposal.model_copy(update=over)


def _done(before: Status, proposal: Proposal, hand: Hand, **changes: object) -> Ruling:
    after = before.model_copy(update={"proposal": proposal, "trace_id": hand.trace_id, **changes})
    return Ruling(Fate.DONE, after)


# words


def _edited(proposal: Proposal, typed: Typed, hand: Hand) -> Proposal:
    """With what was typed as a wording of its own, chosen; as it was where nothing was typed that does not stand already."""
    base = proposal.current or blank(proposal)
    texts = {name: text for name, text in typed.texts.items() if name in proposal.note.channels and text != typed.text}
    asks = typed.do in {Press.OTHERS, Press.AGAIN} or typed.uses is not None
    kept_as_note = proposal.current is None and not asks  # then the note is to be the text
    if not kept_as_note and (typed.text, texts, typed.alt) == (words(base.text), own_texts(base), words(base.alt)):
        return proposal
    mine = Wording(
        text=typed.text,
        texts=texts,
        alt=typed.alt,
        marks=marks_left(base, typed.text, texts, proposal.note.channels),
        by=hand.by,
        at=hand.at.isoformat(),
        checked=False,
    )
    if proposal.current is not None and base.by == hand.by:  # one's own edit is edited on
        wordings = tuple(mine if n == proposal.chosen else one for n, one in enumerate(proposal.wordings))
        return proposal.model_copy(update={"wordings": wordings})
    edits = [n for n, one in enumerate(proposal.wordings) if one.by != MODEL]
    kept = [one for n, one in enumerate(proposal.wordings) if len(edits) < _KEPT_EDITS or n != edits[0]]
    return proposal.model_copy(update={"wordings": (*kept, mine), "chosen": len(kept)})


def blank(proposal: Proposal) -> Wording:
    """Where nothing was drafted: the note itself, to be written on."""
    note = proposal.note
    return Wording(text=note.text, alt=note.alt, by=note.by, at=note.at)


def own_texts(wording: Wording) -> dict[str, str]:
    """Of the channels whose text is another than everybody's."""
    common, texts = words(wording.text), {name: words(text) for name, text in wording.texts.items()}
    return {name: text for name, text in texts.items() if text and text != common}


def marks_left(base: Wording, text: str, texts: dict[str, str], channels: Sequence[str]) -> tuple[Mark, ...]:
    """The marks that still hold after an edit: of words nobody touched, and of quotes that are still there."""
    left = []
    for mark in base.marks:
        names = [mark.channel] if mark.channel else list(channels)
        was = [own_texts(base).get(name, words(base.text)) for name in names]
        now = [texts.get(name, text) for name in names]
        if was == now or (mark.quote and any(mark.quote in words for words in now)):
            left.append(mark)
    return tuple(left)
