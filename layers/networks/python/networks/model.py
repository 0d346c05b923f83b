"""What a network is to the rest of the mesh: the words every adapter speaks.

An adapter is pure where it measures and composes, and does one thing per method where it talks: no retries, no clock,
no environment, no logging. The caller brings the HTTP client (with its timeouts), the account and ``now``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

from networks.limited import Of as Of  # two of its words all the same
from networks.pauses import Pause as Pause

if TYPE_CHECKING:  # whoever talks to a network brings the client; the words alone need neither
    import httpx

    from networks.text import Span

ADDRESS_GOOD_FOR: Final = timedelta(hours=1)
"""How long an image's address is good: longer than any network polls for it, container and retries of one send together."""


@dataclass(frozen=True)
class Image:
    """An image as it will be uploaded. ``width_px`` and ``height_px`` after orientation."""

    sha256: str
    mime: str
    size_bytes: int
    width_px: int
    height_px: int
    alt: str


@dataclass(frozen=True)
class LinkCard:
    """What the page behind a link says of itself. ``thumbnail`` only where the network wants it uploaded."""

    url: str
    title: str
    description: str = ""
    thumbnail: Image | None = None


@dataclass(frozen=True)
class Draft:
    """What the owner wants to say on one channel, before any network has had its word.

    ``card`` is the page behind the link, where it could be read; ``mentions`` are the accounts that the network knows by the names in
    the text, each with the network's own id.
    """

    text: str
    link: str = ""
    images: tuple[Image, ...] = ()
    card: LinkCard | None = None
    mentions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Why a draft cannot go out on a channel: a plain sentence with the numbers and the fix, for the owner.

    ``code`` is stable and lower-case with dashes (``too-long``, ``alt-missing``); ``overshoot`` counts in the network's
    own unit. The same shape says what goes out all the same and is worth knowing before (``costs``).
    """

    code: str
    message: str
    overshoot: int = 0


@dataclass(frozen=True)
class Measure:
    """A text's length as the network counts it. ``unit`` is what the owner sees: characters, bytes."""

    length: int
    limit: int
    unit: str = "characters"

    @property
    def over(self) -> int:
        return max(0, self.length - self.limit)


@dataclass(frozen=True)
class Rendition:
    """Exactly what one network will be told: ``text`` as the public sees it, ``payload`` the network's own fields.

    ``payload`` is JSON (str, int, bool, list, dict, None) and is part of the package, so publishing adds nothing but
    credentials, upload handles and the attempt's key. ``images`` are in the order shown. ``card`` is the link card below
    the text, where there is one.
    """

    text: str
    payload: Mapping[str, Any]
    images: tuple[Image, ...] = ()
    card: LinkCard | None = None

    @property
    def uploads(self) -> tuple[Image, ...]:
        """Everything whose bytes the network is handed: the images, or the link card's."""
        thumbnail = self.card.thumbnail if self.card is not None else None
        return self.images if thumbnail is None else (*self.images, thumbnail)


@dataclass(frozen=True)
class Account:
    """Where a channel posts and with what: the secret ``<prefix>/channels/<name>`` as the adapter sees it.

    ``account_id`` is the network's own stable id (a DID, a numeric id); ``host`` the only origin that may be spoken to
    (``https://bsky.social``); ``credentials`` are the adapter's own (``{"access_token": …}``), with ``expires_at`` (ISO, with its
    zone) where the network said until when they are good. Never logged: ``repr`` hides them.
    """

    network: str
    account_id: str
    host: str
    credentials: Mapping[str, str] = field(repr=False)

    @property
    def ends_at(self) -> datetime | None:
        """When the sign-in ends; None where nobody knows."""
        try:
            found = datetime.fromisoformat(self.credentials.get("expires_at", ""))
        except ValueError:
            return None
        return found if found.tzinfo is not None else None


@dataclass(frozen=True)
class AttemptKey:
    """What makes a repeated request the very same request: derived from post, channel and revision, never from a clock.

    ``value`` is 64 lower-case hex digits; ``created_at`` is the moment the first attempt was recorded and stays that
    for every repetition.
    """

    value: str
    created_at: datetime


class Result(StrEnum):
    OK = "ok"
    REJECTED = "rejected"
    RETRYABLE = "retryable"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """What became of one request to publish.

    ``ok`` has ``remote_id`` and ``url``. ``rejected`` and ``retryable`` are only for what provably did not and will not
    take effect (ARCHITECTURE section 6); everything else is ``unknown``. ``retry_at`` is the network's own reset time
    where it gave one. ``detail`` is a plain sentence for the owner, never a token or the post's text. ``expired`` says
    that a fresh access token may help. ``closed``: nothing was published because ``Confirm`` said no. An ``ok`` with a ``detail`` is
    out, but not as it should be: its owner is told. ``kind`` is what the network or the HTTP client calls it, for the log alone.
    """

    result: Result
    remote_id: str = ""
    url: str = ""
    detail: str = ""
    retry_at: datetime | None = None
    pause: Pause = Pause.NONE
    expired: bool = False
    closed: bool = False
    kind: str = ""
    receipt: Mapping[str, str] = field(default_factory=dict)


class Presence(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    UNPROVABLE = "unprovable"


@dataclass(frozen=True)
class Finding:
    """What a look told: ``present`` with id and address, ``absent``, or neither can be proved now."""

    presence: Presence
    remote_id: str = ""
    url: str = ""
    detail: str = ""


class RenewalUnclear(Exception):
    """The network could not be asked for a fresh sign-in, or its answer says nothing: the sign-in may be good tomorrow."""


class AfterUnknown(StrEnum):
    """What is safe once an attempt's fate is unknown and the settle time has passed."""

    REPEAT_SAME = "repeat-same"  # the very same request again cannot make a second post
    ASK_OWNER = "ask-owner"  # absence is not provable: only a human may say "send again"


class Mark(StrEnum):
    """How far a limit can be trusted."""

    DOCUMENTED = "documented"  # the vendor's documentation or repository says so
    MEASURED = "measured"  # a real server refused what is beyond it
    REPORTED = "reported"  # others say so
    CAUTION = "own caution"  # nobody says; stricter than any server seen


@dataclass(frozen=True)
class Limit:
    """``value`` in ``unit``; width by height as a fraction. ``source`` is a key of ``networks.sources.SOURCES``."""

    value: int | Fraction
    unit: str
    source: str
    mark: Mark
    note: str = ""


@dataclass(frozen=True)
class Declared:
    """What a network takes and what it can promise, in one place, with defaults that configuration may change.

    ``counted`` says how it measures, in a sentence or two. ``publish_timeout_seconds`` bounds all the requests of one publish together;
    ``settle`` is how long a lost request may still land. ``repeat_within`` is how long after the first attempt the network itself
    recognises a repetition (None: for ever). ``host`` is the origin where nobody names another.

    ``proves`` is what a look can tell at all: a post that is there, one that is not and never will be, or neither; what is not in it
    is never believed. ``renew_ahead`` is how long before its end a sign-in is renewed (None: it cannot be, or need not).

    ``carousel``: readers swipe from one image to the next. ``one_ratio``: several images are all shown in the first one's ratio.
    ``brings_card``: whoever posts brings the link card; elsewhere the network makes it of the page itself.
    """

    name: str
    label: str
    limits: Mapping[Of, Limit] = field(hash=False)
    image_mimes: Sequence[str]
    counted: str
    after_unknown: AfterUnknown
    settle: timedelta
    publish_timeout_seconds: int
    proves: frozenset[Presence]
    repeat_within: timedelta | None = None
    renew_ahead: timedelta | None = None
    host: str = ""
    needs_image: bool = False
    one_ratio: bool = False
    carousel: bool = False
    brings_card: bool = False

    def most(self, of: Of) -> int | None:
        """The limit as a whole number, or None where the network has none that is known."""
        limit = self.limits.get(of)
        return int(limit.value) if limit is not None else None

    def ratio(self, of: Of) -> Fraction | None:
        limit = self.limits.get(of)
        return Fraction(limit.value) if limit is not None else None

    def adjusted(self, own: Mapping[Of, int]) -> Declared:
        """With limits that a server or the owner names instead. Only what is limited here can be changed."""
        mine = {
            of: replace(self.limits[of], value=value) for of, value in own.items() if of in self.limits and value > 0
        }
        return replace(self, limits={**self.limits, **mine}) if mine else self


@dataclass(frozen=True)
class Learned:
    """What a server told of itself before anything is composed: its own limits, and the ids behind the names in a text."""

    limits: Mapping[Of, int] = field(default_factory=dict)
    mentions: Mapping[str, str] = field(default_factory=dict)


class Blobs(Protocol):
    """An image by its SHA-256: its bytes, already checked against it, or where the network can fetch them."""

    def __call__(self, sha256: str) -> bytes: ...

    def address(self, sha256: str) -> str:
        """A public https address of those very bytes, good for ``ADDRESS_GOOD_FOR`` from now on."""
        ...


class Notes(Protocol):
    """What a publish must know again after a crash: the id of a container, before it is published."""

    @property
    def kept(self) -> Mapping[str, str]:
        """What this and earlier tries of the very same request noted, the latest of each name."""
        ...

    def keep(self, name: str, value: str) -> bool:
        """Whether it is stored for certain: only then may follow what relies on it. Never raises."""
        ...


class Confirm(Protocol):
    """Reads the gate once more, because preparing took its time: "" while it is open, else a sentence why not. Never raises.

    To be asked right before the request that makes the post public, wherever anything was uploaded or put into a container before it.
    """

    def __call__(self) -> str: ...


def always_open() -> str:
    """For a publish whose gate was read a moment ago."""
    return ""


class NoNotes:
    """For networks that need none."""

    kept: Mapping[str, str] = MappingProxyType({})

    def keep(self, name: str, value: str) -> bool:
        """Stored nowhere."""
        return False


NO_NOTES = NoNotes()
NOTHING_KEPT = NO_NOTES.kept


class Composer(Protocol):
    """The pure half of a network: what it takes, how it counts, and exactly what it will be told."""

    @property
    def declared(self) -> Declared: ...

    def measure(self, text: str, link: str = "", *, image_count: int = 0) -> Measure:
        """The length of what the public would see; images can push a link into the text. Never raises."""
        ...

    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        """The rendition, or every problem at once. Pure; the same draft gives an equal rendition."""
        ...

    def remarks(self, draft: Draft) -> tuple[Problem, ...]:
        """What goes out all the same and is worth knowing before: what it costs, what nobody will be able to tap."""
        ...

    def tappable(self, text: str, payload: Mapping[str, Any]) -> tuple[Span, ...]:
        """What readers can tap in a composed text, none within another: what is not told here must not be promised."""
        ...

    def learn(self, http: httpx.Client, host: str, text: str) -> Learned | None:
        """What has to be asked of the server before this text is composed, without a token. None when it could not be asked."""
        ...

    def adjusted(self, own: Mapping[Of, int]) -> Composer:
        """With other limits, as ``Declared.adjusted``."""
        ...


class Network(Composer, Protocol):
    """One network. Vendor errors are translated here and nowhere else; an answer nobody mapped is ``unknown``."""

    def confirms(self, rendition: Rendition) -> bool:
        """``publish`` asks ``confirm`` for this, and what comes before that makes nothing public, whatever becomes of it."""
        ...

    def publish(
        self,
        http: httpx.Client,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        blobs: Blobs,
        now: datetime,
        confirm: Confirm = always_open,
        notes: Notes = NO_NOTES,
    ) -> Outcome:
        """Publish once. Never raises for anything the network or the line does; no request that creates is repeated."""
        ...

    def find(
        self,
        http: httpx.Client,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        kept: Mapping[str, str] = NOTHING_KEPT,
    ) -> Finding:
        """Look whether it is there; ``kept`` is what its tries noted. Changes nothing.

        Trouble of the network is ``unprovable``, never raised.
        """
        ...

    def refresh(self, http: httpx.Client, account: Account, now: datetime) -> Account | None:
        """A fresh pair of tokens, or None where this account has nothing to refresh or refreshing was refused.

        RenewalUnclear where it could not be asked, or the answer is neither a pair nor a refusal.
        """
        ...

    def probe(self, http: httpx.Client, account: Account) -> Outcome:
        """Is the account alive and the one the secret names? ``ok``, or why the channel must pause."""
        ...
