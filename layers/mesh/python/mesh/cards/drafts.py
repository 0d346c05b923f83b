"""What a card shows of a draft: the words per channel, what to look at, the files it was made with. Pure; nothing in it decides anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from mesh.cards.model import Brake, first_words
from mesh.ledger.items import Status
from mesh.ledger.proposals import STAND_IN, DraftState, Mark, Proposal, Source
from mesh.schedule_time import planned_moment, say_with_zone
from networks import NAMES

OPEN = "Open the draft"
TRY_AGAIN = "Try again, or write it yourself"
AI_SAYS: Mapping[Source, str] = {
    Source.NOTE: "AI wrote this from your note; nothing is posted until you accept and approve.",
    Source.BATCH: "AI wrote this from your plan; nothing is posted until you accept and approve.",
    Source.TEMPLATE: "AI wrote this for your recurring post; nothing is posted until you accept and approve.",
}
STAND_IN_SAYS = (
    "Written by the stand-in of this computer, not by a model; nothing is posted until you accept and approve."
)
_SEVERAL_SAYS = "AI wrote these from your notes; nothing is posted until you accept and approve."


@dataclass(frozen=True)
class Words:
    """One text and the channels that get it; ``channels`` is "" where the note names none."""

    channels: str
    text: str


@dataclass(frozen=True)
class DraftPost:
    """One draft on a card. ``failed`` is the sentence on why there is none, "" for one that is there; ``link`` its page for this recipient.

    ``goes`` is "" where no time was named. ``files`` are the owner's own names of what was added.
    """

    post_id: str
    about: str
    goes: str
    words: tuple[Words, ...]
    marks: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    alt: str = ""
    failed: str = ""
    says: str = ""
    link: str = ""

    @property
    def opening(self) -> str:
        """Its first words, or what was asked for."""
        return first_words(next((one.text for one in self.words if one.text), "")) or self.about


@dataclass(frozen=True)
class DraftCard:
    """One message. ``planned`` is how many posts a batch's plan had, 0 for no batch."""

    posts: tuple[DraftPost, ...]
    brake: Brake = field(default_factory=Brake)
    planned: int = 0

    @property
    def ready(self) -> tuple[DraftPost, ...]:
        return tuple(post for post in self.posts if not post.failed)

    @property
    def title(self) -> str:
        there, several = len(self.ready), len(self.posts) > 1
        if self.planned:
            return (
                f"{there} of {self.planned} drafts are here" if there < self.planned else f"All {there} drafts are here"
            )
        if not there:
            return f"{len(self.posts)} notes could not be drafted" if several else "A note could not be drafted"
        return f"{there} drafts wait for you" if there > 1 else "A draft waits for you"

    @property
    def subject(self) -> str:
        first = (self.ready or self.posts)[0]
        return f"{self.title}: “{first.opening}”" if first.opening else self.title

    @property
    def says(self) -> str:
        """Once for all of them."""
        found = {post.says for post in self.ready}
        if found == {STAND_IN_SAYS} or len(self.ready) == 1:
            return found.pop()
        return _SEVERAL_SAYS if found else ""

    def shortened(self, most_characters: int) -> DraftCard:
        """For a message that would be too long: each text's beginning, and where the rest is."""
        posts = tuple(
            replace(post, words=tuple(_short(one, most_characters) for one in post.words)) for post in self.posts
        )
        return replace(self, posts=posts)


def draft_post(status: Status, zone: ZoneInfo, now: datetime) -> DraftPost:
    """Of an item with a proposal that is READY or FAILED."""
    proposal = status.proposal
    assert proposal is not None
    note, wording = proposal.note, proposal.current
    failed = proposal.state is DraftState.FAILED
    marks = wording.marks if wording is not None and not failed else ()
    return DraftPost(
        post_id=status.post_id,
        about=first_words(note.text),
        goes=_goes(proposal, zone, now),
        words=() if failed else words_of(proposal),
        marks=tuple(dict.fromkeys(map(say_mark, marks))),
        files=tuple(one.name for one in note.uploads),
        alt=wording.alt if wording is not None and not failed else "",
        failed=(proposal.error or "The drafting did not work.") if failed else "",
        says=say_author(proposal),
    )


def say_author(proposal: Proposal) -> str:
    """Who wrote the chosen wording, where no person did."""
    wording = proposal.current
    if wording is not None and wording.model == STAND_IN:
        return STAND_IN_SAYS
    return AI_SAYS[proposal.note.source]


def words_of(proposal: Proposal) -> tuple[Words, ...]:
    """The chosen wording's texts, each once, under the names of all channels that get it."""
    wording = proposal.current
    if wording is None:
        return ()
    channels = proposal.settled.channels if proposal.settled is not None else proposal.note.channels
    found: dict[str, list[str]] = {}
    for channel in channels:
        found.setdefault(wording.texts.get(channel) or wording.text, []).append(channel)
    return tuple(Words(", ".join(names), text) for text, names in found.items()) or (Words("", wording.text),)


def say_mark(mark: Mark) -> str:
    """ "Please check: the price 4,90 € is not in your note"."""
    where = f" ({mark.channel})" if mark.channel else ""
    return f"{'To be mended' if mark.stops else 'Please check'}{where}: {mark.message}"


def usual_network(channel: str) -> str:
    """The network that a channel is named after (``x-main``, ``bluesky``); "" where its name does not say."""
    name = channel.partition("-")[0]
    return name if name in NAMES else ""


def _goes(proposal: Proposal, zone: ZoneInfo, now: datetime) -> str:
    stands = proposal.settled or proposal.note
    try:
        day, clock = (
            datetime.fromisoformat(stands.date).date(),
            datetime.fromisoformat(f"2000-01-01T{stands.time}").time(),
        )
        return say_with_zone(planned_moment(day, clock, zone).at, zone, now=now)
    except (ValueError, OverflowError):
        return ""


def _short(words: Words, most_characters: int) -> Words:
    if len(words.text) <= most_characters:
        return words
    return replace(words, text=f"{words.text[:most_characters]}… (the rest is on its page)")
