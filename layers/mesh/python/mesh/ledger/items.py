"""The shapes of the items in ``ss-status`` and ``ss-sends``, and what follows from them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from pydantic import Field, ValidationError

from mesh.ledger.item import Item
from mesh.ledger.proposals import Proposal


class AuditHead(Item):
    """The last row of a subject's chain: its number and its hash."""

    seq: int = 0
    hash: str = ""


class State(StrEnum):
    """A post's derived state, over all its channels."""

    DRAFT = "draft"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"
    GONE = "gone"


class ChannelProblem(Item):
    """Why a post cannot go out, in the owner's words. ``channel`` is empty where the row itself is at fault."""

    channel: str = ""
    code: str
    message: str


class PackageRef(Item):
    """The package of one source revision: a revision, or the problems that prevent one.

    With a revision, ``problems`` are of the channels that are left out of it. ``remarks`` keep nothing back and are worth knowing before.
    """

    source_revision: str
    revision: str | None = None
    problems: tuple[ChannelProblem, ...] = ()
    remarks: tuple[ChannelProblem, ...] = ()


class Approval(Item):
    revision: str
    by: str
    how: str
    at: str
    now: bool = False  # "send now": due at the moment of the click


class Hold(Item):
    by: str
    how: str
    at: str


class FlagState(StrEnum):
    PENDING = "pending"  # the approval stands; drive-sync is to write flag and stamp
    WRITTEN = "written"
    CLEARED = "cleared"
    HAND = "hand"  # a person ticked the box: that asks for a card and approves nothing


class Flag(Item):
    """``again``: the tick may stand in the sheet from before, so that one found taken away was taken away before the click."""

    state: FlagState
    at: str
    again: bool = False


class Asking(Item):
    """What the scheduler last asked about. ``instead_of`` is the revision that was approved or shown before; "" for the first.

    ``shown``: a card of an earlier round about this very revision went out. ``reminders`` counts those about this revision.
    """

    revision: str
    round_id: str
    reason: str
    at: str
    goes_at: str | None = None  # the effective time as it stood then, and why it is not the planned one
    why: str = ""
    instead_of: str = ""
    shown: bool = False
    reminders: int = 0


class CardSent(Item):
    """``sent_to`` is to how many people it went; 0 where nobody counted."""

    round_id: str
    sent_at: str | None = None
    error: str = ""
    sent_to: int = 0


class Says(StrEnum):
    """What the owner can say of a try whose fate nobody could prove."""

    FOUND = "found"
    NOT_THERE = "not-there"
    SEND_AGAIN = "send-again"


class Answer(Item):
    """The owner's answer about one try on one channel; it says nothing about any other try."""

    channel: str
    revision: str
    attempt: int
    says: Says
    by: str
    how: str
    at: str


class Shown(Item):
    """The version whose status stands in the sheet, and that sentence. ``until``: from then on time alone makes it another one."""

    version: int
    text: str
    until: str | None = None


class Wanted(Item):
    """A row that an accepted draft or a recurring post wants in the sheet: its cells as they are written there.

    ``date`` is ISO, ``time`` HH:MM. ``texts`` are of channels with a column of their own. ``tried_at``: an insertion may be on its way
    since then. ``inserted_at``: the row was there, and is never inserted again, also where its owner deletes it.
    """

    by: str
    date: str
    time: str
    text: str = ""
    texts: Mapping[str, str] = Field(default_factory=dict)
    channels: str = ""
    image: str = ""
    alt: str = ""
    link: str = ""
    note: str = ""
    tried_at: str | None = None
    inserted_at: str | None = None


class Queued(Item):
    """On which channel it goes out when. ``why`` it is not at its planned time; "" where it is."""

    channel: str
    at: str
    why: str = ""


class Status(Item):
    """One post. ``version`` rises with every change that others must see; ``open`` is "1" until its last status is in the sheet.

    ``open`` is ``DRAFTING`` for a draft (``proposal``) that nobody accepted or discarded yet: it has no row, and is no post so far.

    ``queued_for`` is the first of ``queued``.
    ``asks_at``: its card waits for the others until then. ``released_at``: a hold ended then without an approval that stands.
    """

    post_id: str
    version: int = 0
    state: State = State.DRAFT
    open: str | None = "1"
    due_at: str | None = None
    channels: tuple[str, ...] = ()
    source_revision: str | None = None
    source_at: str | None = None
    row_problems: tuple[ChannelProblem, ...] = ()
    package: PackageRef | None = None
    approval: Approval | None = None
    held: Hold | None = None
    flag: Flag | None = None
    asked: Asking | None = None
    card: CardSent | None = None
    asks_at: str | None = None
    released_at: str | None = None
    answers: tuple[Answer, ...] = ()
    queued_for: str | None = None
    queued: tuple[Queued, ...] = ()
    gone_at: str | None = None
    wanted: Wanted | None = None
    proposal: Proposal | None = None
    trace_id: str = ""
    shown: Shown | None = None
    audit: AuditHead = AuditHead()
    broken: bool = Field(default=False, exclude=True)  # the item in the table has a shape that no code writes

    def answer_about(self, head: Head) -> Answer | None:
        """The owner's answer about the head's latest try, if there is one."""
        tried = (head.channel, head.revision, head.attempts)
        return next((one for one in self.answers if (one.channel, one.revision, one.attempt) == tried), None)

    @property
    def awaited(self) -> bool:
        """Its row is still to be put into the sheet."""
        return self.wanted is not None and self.wanted.inserted_at is None

    @property
    def current_revision(self) -> str | None:
        """The revision of the package that belongs to the current source, or None while there is none."""
        package = self.package
        if package is None or package.source_revision != self.source_revision:
            return None
        return package.revision

    @property
    def left_out(self) -> tuple[ChannelProblem, ...]:
        """Why the current package leaves channels out; nothing where there is no package, or none of the current source."""
        return self.package.problems if self.package is not None and self.current_revision is not None else ()

    @property
    def going(self) -> tuple[str, ...]:
        """The channels the post goes to: its own, but for those that its package leaves out."""
        out = {problem.channel for problem in self.left_out}
        return tuple(channel for channel in self.channels if channel not in out)

    @property
    def approved(self) -> bool:
        """An approval stands: it names the current package's revision (ARCHITECTURE section 5)."""
        return self.approval is not None and self.approval.revision == self.current_revision

    @property
    def cleared(self) -> bool:
        """Approved, held by nobody, and flag and stamp are in the sheet."""
        written = self.flag is not None and self.flag.state is FlagState.WRITTEN
        return self.approved and self.held is None and written

    @property
    def problems(self) -> tuple[ChannelProblem, ...]:
        """What the owner has to mend, in the row or in the package of the current source."""
        package = self.package
        if package is not None and package.source_revision == self.source_revision:
            return self.row_problems + package.problems
        return self.row_problems


class HeadState(StrEnum):
    READY = "ready"
    OPEN = "open"
    SENT = "sent"
    RETRY = "retry"
    UNKNOWN = "unknown"
    FAILED = "failed"
    BROKEN = "broken"  # never written: how an item with a shape that no code writes is read


OVERDUE = timedelta(minutes=3)
"""From then on after a booking's minute the sweep sees to its post, and says again in its turn what was lost or held up: what is delivered
later than that sends nothing, so that an hour's deliveries that come all at once are no burst."""


class Booked(Item):
    """The one-off schedule that will wake the sender. ``why`` it is not for the planned time; "" where it is."""

    name: str
    at: str
    attempt: int
    why: str = ""


class Head(Item):
    """Where one post stands on one channel (``attempt`` 0). ``attempts`` counts the tries so far.

    ``due``: the minute for which its revision was first booked; further tries are late or not by it.
    """

    post_channel: str
    attempt: int = 0
    version: int = 0
    state: HeadState
    revision: str
    attempts: int = 0
    lease_until: str | None = None
    booking: Booked | None = None
    next_at: str | None = None
    due: str | None = None
    since: str | None = None  # when the last attempt began
    posted_url: str = ""
    detail: str = ""
    asked_at: str | None = None  # when the owner was asked what became of the last attempt
    trace_id: str = ""
    audit: AuditHead = AuditHead()

    @property
    def post_id(self) -> str:
        return self.post_channel.partition("#")[0]

    @property
    def channel(self) -> str:
        return self.post_channel.partition("#")[2]

    @property
    def settled(self) -> bool:
        """Nothing more will happen by itself."""
        return self.state in {HeadState.SENT, HeadState.FAILED}


class Attempt(Item):
    """One try (``attempt`` 1..n). ``key_at`` is the first try's moment for this revision: every repetition is the same request.

    ``receipt`` is what the network said that a later look needs (a container's id, stored before it is published), or that proves the post.
    ``prepares``: something is uploaded first, and ``receipt`` says so before the request leaves that makes the post public.
    ``restored``: no try of ours, but what a restored backup does not know: whether any went out after it was taken.
    """

    post_channel: str
    attempt: int
    revision: str
    prepares: bool = False
    result: str = "open"
    started_at: str
    key_at: str
    sent_at: str | None = None
    month: str | None = None
    remote_id: str = ""
    posted_url: str = ""
    error: str = ""
    counted: bool = True  # against the limit; a try that only found its channel to be paused is not
    receipt: dict[str, str] = Field(default_factory=dict)
    restored: bool = False


def read_status(item: Mapping[str, Any]) -> Status:
    """An item as it lies in the table. One that no code writes is ``broken``: nothing is decided from it, and the others go on."""
    try:
        return Status.model_validate({"open": None, **item})  # off the index the attribute is not there
    except ValidationError:
        return Status(post_id=str(item["post_id"]), broken=True)


def read_head(item: Mapping[str, Any]) -> Head:
    """As ``read_status``, for a head: its state is then ``broken``."""
    try:
        return Head.model_validate(item)
    except ValidationError:
        return Head(post_channel=str(item["post_channel"]), state=HeadState.BROKEN, revision="")


def head_key(post_id: str, channel: str) -> str:
    return f"{post_id}#{channel}"


def derive_state(status: Status, heads: tuple[Head, ...]) -> State:
    """The post's state from its own item and its channels' heads."""
    states = [head.state for head in heads if head.channel in status.channels]
    if status.gone_at is not None:
        return State.GONE
    if any(state is HeadState.OPEN for state in states):
        return State.SENDING
    sent = {head.channel for head in heads if head.state is HeadState.SENT}
    if status.going and sent.issuperset(status.going):
        return State.SENT
    if status.held is not None:
        return State.HELD
    if any(state is HeadState.FAILED for state in states) and all(
        state in {HeadState.SENT, HeadState.FAILED} for state in states
    ):
        return State.FAILED
    return State.QUEUED if status.cleared else State.DRAFT
