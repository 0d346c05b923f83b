"""Which troubles wait to be told, which were told, and when the next message goes out. Pure.

A ``Book`` is one item of ``ss-runtime``; whoever changes it puts it back under the next version, or reads again and decides again. What is
gathered leaves it only by a message that went out: ``claimed`` takes all that waits for one message, ``settled`` notes that it went out,
``given_back`` that nobody could be reached. A claim that was not settled in time (its invocation died) is taken over as it is: the same
message under the same name, of which each recipient gets one. Why so: docs/decisions/0033-how-troubles-are-grouped.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Self

from pydantic import ConfigDict

from mesh.events import Trouble
from mesh.models import Deferred
from notifier.trouble_words import kind_of, urgent

GATHER = timedelta(minutes=1)  # what goes wrong at once is heard of within this
APART = timedelta(minutes=5)  # between two messages where nothing is urgent
MOST_AN_HOUR = 12
CLAIMED_FOR = timedelta(seconds=50)  # longer than the function may run, shorter than Lambda's first retry
AGAIN_AFTER_REFUSAL = timedelta(minutes=15)
ANOTHER_TIME = timedelta(hours=3)  # not heard of for so long, it ended and has begun anew
STANDS_FOR = tuple(timedelta(days=days) for days in (1, 2, 4, 8))  # from one telling to the next of what goes on
_FORGOTTEN_AFTER = timedelta(days=17)
_SEEN_EVERY = timedelta(hours=1)
_HOUR = timedelta(hours=1)
_MOST_WAITING = 60  # with their sentences, more than a message shows; of more, only how many: an item holds 400 KB
_MOST_COUNTED = 5_000  # of a kind
_MOST_TOLD = 400
_MOST_POSTS = 50
_LONGEST_MESSAGE = 1_000


class _Frozen(Deferred):
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")


class Waiting(_Frozen):
    """One trouble that is to be told. ``since``: heard of when, ISO. ``before``: how often it was told already. ``ended``: it is over."""

    cause: str
    message: str
    post_ids: tuple[str, ...] = ()
    words_key: str = ""
    since: str
    before: int = 0
    ended: bool = False


class Told(_Frozen):
    """``at`` the last time of ``times``, ``seen`` when it was heard of last, both ISO. ``post_ids`` were told of."""

    at: str
    seen: str
    times: int = 1
    post_ids: tuple[str, ...] = ()
    ended: bool = False


class Claim(_Frozen):
    """One message that is being sent since ``at``: nobody else takes it over before ``until``, both ISO. ``over`` is a book's."""

    name: str
    at: str
    until: str
    entries: tuple[Waiting, ...]
    over: Mapping[str, tuple[str, ...]] = {}

    @property
    def more(self) -> dict[str, int]:
        """By kind, how many there are beside the entries."""
        return {kind: len(digests) for kind, digests in self.over.items()}


class Book(_Frozen):
    """``waiting`` and ``told`` by cause. ``over``: by kind, digests of the causes that found no room any more; ``counted``: of those that
    the message at ``counted_at`` told as a number. ``mails``: when messages went out within the last hour. ``not_before``: nobody could be
    reached, and nobody is tried before then; all ISO.
    """

    waiting: Mapping[str, Waiting] = {}
    told: Mapping[str, Told] = {}
    over: Mapping[str, tuple[str, ...]] = {}
    counted: Mapping[str, tuple[str, ...]] = {}
    counted_at: str = ""
    mails: tuple[str, ...] = ()
    claim: Claim | None = None
    not_before: str = ""

    @classmethod
    def of(cls, item: Mapping[str, Any] | None) -> Self:
        return cls.model_validate(item["book"]) if item else cls()

    def item(self) -> dict[str, Any]:
        return {"book": self.model_dump(mode="json", exclude_defaults=True)}

    def with_(self, **update: Any) -> Self:
        return self.model_copy(update=update)


def noted(book: Book, trouble: Trouble, now: datetime) -> Book:
    """The book with this trouble in it; the same one where there is nothing new to say."""
    for one in trouble.each:
        book = _ended(book, one, now) if trouble.ended else _one_noted(book, one, now)
    return book


def _one_noted(book: Book, one: Trouble, now: datetime) -> Book:
    waits, told = book.waiting.get(one.cause), book.told.get(one.cause)
    if told is not None and told.ended and not _begins_anew(told, now):
        return book  # a late delivery: it is over
    if waits is None and told is None and _is_counted(book, one.cause, now):
        return book
    if waits is not None and not waits.ended:
        posts = _posts((*waits.post_ids, *one.post_ids))
        if (posts, one.message[:_LONGEST_MESSAGE]) == (waits.post_ids, waits.message):
            return book
        return _with(book, _waiting(one, waits.since, waits.before, posts))
    sending = next((entry for entry in book.claim.entries if entry.cause == one.cause), None) if book.claim else None
    if sending is not None and not sending.ended and set(one.post_ids) <= set(sending.post_ids):
        return book
    if told is None or _begins_anew(told, now):
        return _with(book, _waiting(one, now.isoformat(), 0, _posts(one.post_ids)))
    grown = not set(one.post_ids) <= set(told.post_ids)
    if grown or now >= _at(told.at) + STANDS_FOR[min(told.times, len(STANDS_FOR)) - 1]:
        return _with(book, _waiting(one, now.isoformat(), told.times, _posts(one.post_ids)))
    if now >= _at(told.seen) + _SEEN_EVERY:
        return book.with_(told={**book.told, one.cause: told.model_copy(update={"seen": now.isoformat()})})
    return book


def _ended(book: Book, one: Trouble, now: datetime) -> Book:
    """What nobody heard of yet need not be told any more; what was told is told to be over. Whichever event comes first."""
    told = book.told.get(one.cause)
    if told is not None and told.ended:
        return book
    moment = now.isoformat()
    sending = book.claim is not None and any(entry.cause == one.cause for entry in book.claim.entries)
    waiting = {cause: entry for cause, entry in book.waiting.items() if cause != one.cause}
    if told is not None or sending:
        waiting[one.cause] = _waiting(one, moment, 0, _posts(one.post_ids)).model_copy(update={"ended": True})
    over = Told(at=moment, seen=moment, times=told.times if told is not None else 0, ended=True)
    return book.with_(waiting=waiting, told=_bounded({**book.told, one.cause: over}))


def claimed(book: Book, now: datetime) -> Book | None:
    """The book with all that waits in a claim, where a message is to go out now; None where not."""
    if book.claim is not None:
        if now < _at(book.claim.until):
            return None
        return book.with_(claim=book.claim.model_copy(update={"until": (now + CLAIMED_FOR).isoformat()}))
    if not (book.waiting or book.over) or now < due_at(book):
        return None
    entries = tuple(sorted(book.waiting.values(), key=lambda one: (one.since, one.cause)))
    told = " ".join(
        [now.isoformat(), *(entry.cause for entry in entries), *(str(len(one)) for one in book.over.values())]
    )
    claim = Claim(
        name=hashlib.sha256(told.encode()).hexdigest()[:20],
        at=now.isoformat(),
        until=(now + CLAIMED_FOR).isoformat(),
        entries=entries,
        over=book.over,
    )
    return book.with_(waiting={}, over={}, claim=claim)


def due_at(book: Book) -> datetime:
    """When what waits is to be told. KeyError's kin for a book in which nothing waits: ask first."""
    mails = sorted(map(_at, book.mails))
    full = mails[-MOST_AN_HOUR] + _HOUR if len(mails) >= MOST_AN_HOUR else _NEVER
    earliest = max(full, _at(book.not_before) if book.not_before else _NEVER)
    if any(urgent(entry.cause) for entry in book.waiting.values() if not entry.ended):
        return earliest
    first = min((_at(entry.since) for entry in book.waiting.values()), default=_NEVER)
    return max(earliest, first + GATHER if book.waiting else _NEVER, mails[-1] + APART if mails else _NEVER)


def settled(book: Book, name: str, now: datetime) -> Book:
    """The claim of this name went out."""
    claim = book.claim
    if claim is None or claim.name != name:
        return book
    told = dict(book.told)
    for entry in claim.entries:
        before = told.get(entry.cause)
        over = entry.ended or (before is not None and before.ended)
        posts = _posts((*entry.post_ids, *(before.post_ids if before is not None and entry.before else ())))
        told[entry.cause] = Told(
            at=now.isoformat(), seen=now.isoformat(), times=entry.before + 1, post_ids=posts, ended=over
        )
    lately = [moment for moment in book.mails if _at(moment) + _HOUR > now]
    kept = {cause: one for cause, one in told.items() if _at(one.seen) + _FORGOTTEN_AFTER > now}
    after = book.with_(told=_bounded(kept), mails=(*lately, now.isoformat()), claim=None, not_before="")
    return after.with_(counted=claim.over, counted_at=now.isoformat()) if claim.over else after


def given_back(book: Book, name: str, now: datetime) -> Book:
    """Nobody at all could be reached: what the claim holds waits again, with what has come since."""
    claim = book.claim
    if claim is None or claim.name != name:
        return book
    back = book.with_(claim=None, not_before=(now + AGAIN_AFTER_REFUSAL).isoformat())
    for entry in claim.entries:
        newer = back.waiting.get(entry.cause)
        over = back.told.get(entry.cause)
        if not entry.ended and over is not None and over.ended:
            # It ended while nobody could be told that it was there: neither is news.
            waiting = {cause: one for cause, one in back.waiting.items() if cause != entry.cause}
            back = back.with_(waiting=waiting)
        elif newer is None:
            back = _with(back, entry)
    over_ones = {
        kind: tuple(dict.fromkeys((*back.over.get(kind, ()), *claim.over.get(kind, ()))))[:_MOST_COUNTED]
        for kind in {**back.over, **claim.over}
    }
    return back.with_(over=over_ones)


def released(book: Book, name: str, now: datetime) -> Book:
    """It could not be sent just now: whoever comes next goes on with it."""
    if book.claim is None or book.claim.name != name:
        return book
    return book.with_(claim=book.claim.model_copy(update={"until": now.isoformat()}))


_NEVER = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _with(book: Book, entry: Waiting) -> Book:
    if entry.cause in book.waiting or len(book.waiting) < _MOST_WAITING:
        return book.with_(waiting={**book.waiting, entry.cause: entry})
    kind, digest = kind_of(entry.cause), _digest(entry.cause)
    there = book.over.get(kind, ())
    if digest in there or len(there) >= _MOST_COUNTED:
        return book
    return book.with_(over={**book.over, kind: (*there, digest)})


def _digest(cause: str) -> str:
    return hashlib.sha256(cause.encode()).hexdigest()[:8]


def _is_counted(book: Book, cause: str, now: datetime) -> bool:
    """It was told lately, is told just now, or is to be told, as one of a number."""
    held = [book.over, book.claim.over if book.claim is not None else {}]
    held += [book.counted] if book.counted_at and now < _at(book.counted_at) + ANOTHER_TIME else []
    return any(_digest(cause) in one.get(kind_of(cause), ()) for one in held)


def _waiting(one: Trouble, since: str, before: int, posts: tuple[str, ...]) -> Waiting:
    return Waiting(
        cause=one.cause,
        message=one.message[:_LONGEST_MESSAGE],
        post_ids=posts,
        words_key=one.words_key,
        since=since,
        before=before,
    )


def _begins_anew(told: Told, now: datetime) -> bool:
    return now >= _at(told.seen) + ANOTHER_TIME


def _posts(post_ids: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(post_ids))[:_MOST_POSTS]


def _bounded(told: Mapping[str, Told]) -> dict[str, Told]:
    """The newest: an item holds 400 KB. Whatever is forgotten is told once more at worst."""
    newest = sorted(told.items(), key=lambda one: one[1].seen)[-_MOST_TOLD:]
    return dict(newest)


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
