"""Every event on the bus, and the only place where their shape is written.

``REGISTRY`` maps a detail-type to the model of its detail. Samples and JSON Schemas in ``events/bus/`` are generated from these
(``python -m local.generate``); drift fails the tests. Ids only, never a post's text. Lists are lists from version 1 on.
Consumers ignore what they do not know, and re-read the tables: an event only hurries what the next sweep would find anyway.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import ConfigDict, Field

from mesh.errors import Foreign
from mesh.models import Deferred


def new_trace_id() -> str:
    """Made at the first cause, carried through every event and booking after it."""
    return f"t_{secrets.token_hex(8)}"


class Detail(Deferred):
    """What every detail carries. A version that is not known means something else than this one: nothing is done on its word."""

    model_config = ConfigDict(
        hide_input_in_errors=True,
        frozen=True,
        extra="ignore",
        json_schema_serialization_defaults_required=True,
    )

    detail_type: ClassVar[str]
    splittable: ClassVar[str] = ""  # the list field along which one event may become several

    schema_version: int = Field(default=1, ge=1, le=1)
    trace_id: str = Field(default_factory=new_trace_id, examples=["t_0123456789abcdef"])

    @property
    def is_news(self) -> bool:
        """False for an empty list of posts: nothing is to be said then."""
        if not self.splittable or getattr(self, "scope", "posts") != "posts":
            return True
        return bool(getattr(self, self.splittable))

    @classmethod
    def sample(cls) -> Self:
        """The generated sample: each field's first example, or its default."""
        fields = cls.model_fields.items()
        return cls(**{name: field.examples[0] for name, field in fields if field.examples})


def _posts() -> list[str]:
    return Field(examples=[["p_7k2m9qf4", "p_c3x8w1zt"]])  # type: ignore[no-any-return]


class _Posts(Detail):
    splittable = "post_ids"
    post_ids: list[str] = _posts()


class CalendarChanged(_Posts):
    """Exactly these rows changed, came or went."""

    detail_type = "ss.calendar.changed"


class RulesChanged(Detail):
    """The rules doc's text is another one now."""

    detail_type = "ss.rules.changed"


class PackageWanted(_Posts):
    """These posts' sources have no package yet."""

    detail_type = "ss.package.wanted"


class PackageReady(_Posts):
    """The package, or the problems that prevent it, is in the table."""

    detail_type = "ss.package.ready"


class Asked(Deferred):
    """One post in a card, bound to one revision."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")
    post_id: str
    revision: str


class ReviewRequested(Detail):
    """One card message is to go out. ``reason`` is new, changed, reminder, tick, late, released or fresh.

    ``only_for`` names the one recipient who asked for it again; "" is everybody.
    """

    detail_type = "ss.review.requested"
    splittable = "posts"
    posts: list[Asked] = Field(examples=[[{"post_id": "p_7k2m9qf4", "revision": "9f" * 32}]])
    round_id: str = Field(examples=["r_5d41402abc4b2a76"])
    reason: str = Field(examples=["new"])
    only_for: str = ""


class CodeWanted(Detail):
    """A new device's first press waits for six digits that are to be mailed to this recipient alone. They are not in here."""

    detail_type = "ss.code.wanted"
    only_for: str = Field(examples=["ada@example.test"])
    code_id: str = Field(examples=["c_5d41402abc4b2a76"])


class Approved(_Posts):
    """An approval stands and its flag is to be written."""

    detail_type = "ss.approved"


class Cleared(_Posts):
    """Flag and stamp are in the sheet: the post is cleared for booking."""

    detail_type = "ss.cleared"


class Held(_Posts):
    """``scope`` is posts, or everything with an empty list."""

    detail_type = "ss.held"
    scope: str = Field(default="posts", examples=["posts"])


class Released(_Posts):
    """A hold ended. ``scope`` as in ``ss.held``."""

    detail_type = "ss.released"
    scope: str = Field(default="posts", examples=["posts"])


class DraftAccepted(_Posts):
    """Drafts were accepted: their rows are to be put into the sheet."""

    detail_type = "ss.draft.accepted"


class DraftRequested(_Posts):
    """These notes wait for a draft, or what a person typed into theirs for a check; they are in the table."""

    detail_type = "ss.draft.requested"


class DraftReady(_Posts):
    """Drafts, or why there is none, are in the table: one card for all of them. ``batch_id`` where they are of one batch.

    A batch without posts: its plan is there to be looked at, or why there is none.
    """

    detail_type = "ss.draft.ready"
    batch_id: str = ""

    @property
    def is_news(self) -> bool:
        return bool(self.post_ids or self.batch_id)


class BatchRequested(Detail):
    """A batch waits for its plan, or for the drafts of the plan that its owner has agreed to: its item says which."""

    detail_type = "ss.batch.requested"
    batch_id: str = Field(examples=["b_7k2m9qf4"])


class RowWanted(_Posts):
    """Recurring posts come up: their rows are to be put into the sheet."""

    detail_type = "ss.row.wanted"


class Voided(_Posts):
    """An approval no longer matches, or the row is gone: bookings are cancelled."""

    detail_type = "ss.voided"
    reason: str = Field(examples=["edited"])


class Send(Detail):
    """Try to publish one post on one channel: attempt 1."""

    detail_type = "ss.send"
    post_id: str = Field(examples=["p_7k2m9qf4"])
    channel: str = Field(examples=["bluesky-main"])
    revision: str = Field(examples=["9f" * 32])
    attempt: int = Field(examples=[1])


class Retry(Send):
    """Look, or try again: a later attempt."""

    detail_type = "ss.retry"


class Upcoming(Deferred):
    """An approved post that comes up, on the channels where it is booked."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")
    post_id: str
    revision: str
    channels: list[str]


class Probe(Detail):
    """Are these channels' accounts alive? And would these posts go out as they stand: all short of sending is tried for them.

    ``posts`` are not split: whoever asks names few enough at a time.
    """

    detail_type = "ss.probe"
    splittable = "channels"
    channels: list[str] = Field(examples=[["bluesky-main"]])
    posts: list[Upcoming] = Field(
        default_factory=list,
        examples=[[{"post_id": "p_7k2m9qf4", "revision": "9f" * 32, "channels": ["bluesky-main"]}]],
    )

    @property
    def is_news(self) -> bool:
        return bool(self.channels or self.posts)


class Answered(Detail):
    """The owner answered what became of an attempt nobody could prove."""

    detail_type = "ss.answered"
    post_id: str = Field(examples=["p_7k2m9qf4"])
    channel: str = Field(examples=["bluesky-main"])


class AttemptFailed(Detail):
    """A try that is neither ok nor final. ``outcome`` is retryable or unknown."""

    detail_type = "ss.attempt.failed"
    post_id: str = Field(examples=["p_7k2m9qf4"])
    channel: str = Field(examples=["bluesky-main"])
    attempt: int = Field(examples=[1])
    outcome: str = Field(examples=["unknown"])


class Sent(Detail):
    """Published: id and address are in the table."""

    detail_type = "ss.sent"
    post_id: str = Field(examples=["p_7k2m9qf4"])
    channel: str = Field(examples=["bluesky-main"])
    attempt: int = Field(examples=[1])


class Failed(Sent):
    """It will not be tried again without a human."""

    detail_type = "ss.failed"


class Said(Deferred):
    """One more trouble that was found in the same run, as the fields of ``Trouble`` say it."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")
    cause: str
    message: str
    post_ids: list[str] = Field(default_factory=list)
    words_key: str = ""


class Trouble(Detail):
    """Something needs a human. ``cause`` is stable, so that it is said once; ``message`` is ours, never a post's text.

    What quotes the owner's own words lies in ``ss-runtime`` under ``words_key`` instead, and is said in the message's place.
    Where ``attempt`` is not 0 the owner is asked what became of that try of the one post on ``channel``: found, not there, send again.
    ``also`` are others of the same run, so that one message tells of all. ``ended``: what was said under ``cause`` is over.
    ``only_for`` names the one recipient who is to be told, by a mail of its own: a test while setting up. "" is everybody.
    """

    detail_type = "ss.trouble"
    cause: str = Field(examples=["sheet-unreachable"])
    message: str = Field(examples=["The sheet could not be read: it is no longer shared with the scheduler."])
    post_ids: list[str] = Field(default_factory=list, examples=[["p_7k2m9qf4"]])
    channel: str = ""
    attempt: int = 0
    words_key: str = ""
    also: list[Said] = Field(default_factory=list)
    ended: bool = False
    only_for: str = ""

    @property
    def each(self) -> tuple[Trouble, ...]:
        """Every trouble of it by itself."""
        first = self.model_copy(update={"also": []})
        others = (
            Trouble(**one.model_dump(), schema_version=self.schema_version, trace_id=self.trace_id) for one in self.also
        )
        return (first, *others)


_MOST_TOGETHER = 100  # far below what an event holds


def together(troubles: Sequence[Trouble]) -> list[Trouble]:
    """Those of one run in as few events as may be, so that whoever tells of them tells of all at once. A question stays alone."""
    alone = [one for one in troubles if one.attempt or one.ended or one.only_for]
    plain = [one for one in troubles if not (one.attempt or one.ended or one.only_for)]
    shares = (plain[start : start + _MOST_TOGETHER] for start in range(0, len(plain), _MOST_TOGETHER))
    folded = [
        first.model_copy(update={"also": [Said(**one.model_dump(include=_OF_ONE)) for one in others]})
        for first, *others in shares
    ]
    return [*alone, *folded]


_OF_ONE = set(Said.model_fields)


def question(post_id: str, channel: str, attempt: int, trace_id: str) -> Trouble:
    """What became of a try that nobody can prove, asked of the owner. The same try is the same cause."""
    return Trouble(
        cause=f"unknown#{post_id}#{channel}#{attempt}",
        message=f"Nobody can tell whether a post went out on {channel}. Please look there and say so.",
        post_ids=[post_id],
        channel=channel,
        attempt=attempt,
        trace_id=trace_id,
    )


REGISTRY: dict[str, type[Detail]] = {
    model.detail_type: model
    for model in (
        CalendarChanged,
        RulesChanged,
        PackageWanted,
        PackageReady,
        ReviewRequested,
        CodeWanted,
        Approved,
        Cleared,
        Held,
        Released,
        DraftRequested,
        DraftReady,
        BatchRequested,
        DraftAccepted,
        RowWanted,
        Voided,
        Send,
        Retry,
        Probe,
        Answered,
        AttemptFailed,
        Sent,
        Failed,
        Trouble,
    )
}


def parse(event: dict[str, object], source: str = "") -> Detail:
    """The detail of an EventBridge envelope. KeyError for a detail-type nobody defined; ValidationError for a wrong shape.

    Foreign for an event whose source is not ``source``: the rules match the stack's own alone, so somebody else sent it.
    """
    if source and event.get("source") != source:
        raise Foreign(f"an event of {str(event.get('source'))[:40]!r} came to the stack {source!r}")
    return REGISTRY[str(event["detail-type"])].model_validate(event["detail"])
