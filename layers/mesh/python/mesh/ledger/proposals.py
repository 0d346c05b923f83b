"""A draft: what somebody noted, what the model proposed, what became of it. It stands in its post's item before there is a row. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from mesh.ledger.item import Item

DRAFTING = "draft"
"""``Status.open`` while a draft is wanted, being made, or waits for its owner: a partition of the open index of its own."""

STAND_IN = "stand-in"
"""``Wording.model`` and ``Proposal.planner`` where no model was asked: on one computer, something else answers in its place."""


class DraftState(StrEnum):
    REQUESTED = "requested"  # noted; whoever has the lease is drafting it
    READY = "ready"  # the owner is to accept, edit or discard it
    FAILED = "failed"  # no draft could be made, ``error`` says why; the note stays, and can be tried again
    ACCEPTED = "accepted"
    DISCARDED = "discarded"


class Source(StrEnum):
    """What a draft was asked for by."""

    NOTE = "note"
    TEMPLATE = "template"  # a recurring post without a text of its own
    BATCH = "batch"


class Upload(Item):
    """A file somebody added: ``uploads/<upload_id>`` in the posts bucket. ``kind`` is image or pdf, ``name`` the owner's own, ``md5`` its
    bytes', by which the mirror and the gate know an image."""

    upload_id: str
    kind: str
    name: str
    mime: str
    size: int
    md5: str

    @property
    def cell(self) -> str:
        """How the row's image cell names it."""
        return f"upload:{self.upload_id}"


class Note(Item):
    """What was asked for, as it came: never changed, but that one without ``channels`` gets those it is drafted for. ``date`` (ISO) and
    ``time`` (HH:MM) are the asker's, "" where none was named.

    ``image`` are names of pictures in the folder, as the row's cell has them, and ``alt`` their description: a recurring post's own.
    """

    text: str
    channels: tuple[str, ...] = ()
    uploads: tuple[Upload, ...] = ()
    date: str = ""
    time: str = ""
    link: str = ""
    image: str = ""
    alt: str = ""
    by: str
    at: str
    source: Source = Source.NOTE
    batch_id: str = ""


class Mark(Item):
    """What its owner should look at before accepting. ``code`` names the guard, ``quote`` the words in question, ``channel`` whose text
    it is, "" for all. ``stops``: it must be mended before the draft can be accepted."""

    code: str
    message: str
    channel: str = ""
    quote: str = ""
    stops: bool = False


class Wording(Item):
    """One proposal: ``text`` for every channel but those in ``texts``, which have one of their own. ``by`` is "model" or who edited it.

    ``model`` and ``prompt`` (its version) are of the model's; "" for one that a person wrote. ``checked``: the guards have read it; the
    model's are never kept without, a person's are for a moment.
    """

    text: str
    texts: Mapping[str, str] = Field(default_factory=dict)
    alt: str = ""
    marks: tuple[Mark, ...] = ()
    by: str
    at: str
    model: str = ""
    prompt: str = ""
    checked: bool = True


class Settled(Item):
    """Where and when it goes as a person set it on the draft's page, in place of what the note says. ``date`` ISO, ``time`` HH:MM."""

    date: str = ""
    time: str = ""
    channels: tuple[str, ...] = ()
    link: str = ""


class Planned(Item):
    """One post of a batch's plan: what it is to be about, and when it would go. ``post_id`` is its draft's, made with the plan."""

    post_id: str
    topic: str
    date: str
    time: str
    channels: tuple[str, ...] = ()
    uploads: tuple[Upload, ...] = ()


class Spent(Item):
    """What a draft has cost so far. ``micro_usd`` is in millionths of a US dollar, by the dated table of prices."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    micro_usd: int = 0


class Proposal(Item):
    """``wordings`` are the newest last; ``chosen`` is the index of the one that is shown first, and accepted.

    ``lease_until``: somebody is drafting until then. ``wants`` is how many wordings were asked for so far. ``tries`` counts those of the
    model that came to nothing since a human last asked; ``ended_at`` is when it last became READY or FAILED. READY with an ``error`` has
    wordings, and says why no more of them could be made. ``decided_by`` and ``decided_at`` are of the decision. ``plan`` is a batch's,
    whose item has the batch's id and no wordings: READY shows it to be edited, ACCEPTED has it drafted, each post in an item of its own.
    ``settled`` is None as long as the note's day, channels and link stand. ``planner`` is the model that made the plan.
    ``lease_by`` is the run that has a batch's lease; ``error`` of a READY plan is what its owner should know of it.
    """

    state: DraftState
    note: Note
    wordings: tuple[Wording, ...] = ()
    chosen: int = 0
    wants: int = 1
    plan: tuple[Planned, ...] = ()
    planner: str = ""
    lease_until: str | None = None
    lease_by: str = ""
    tries: int = 0
    error: str = ""
    ended_at: str | None = None
    spent: Spent = Spent()
    settled: Settled | None = None
    decided_by: str = ""
    decided_at: str | None = None

    @property
    def current(self) -> Wording | None:
        return self.wordings[self.chosen] if 0 <= self.chosen < len(self.wordings) else None

    @property
    def unchecked(self) -> tuple[Wording, ...]:
        """What people wrote that no guard has read yet."""
        return tuple(one for one in self.wordings if not one.checked)
