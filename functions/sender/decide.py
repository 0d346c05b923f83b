"""What a delivery means for a head, and what an outcome makes of it. Pure; the gate is in ``gate.py``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from mesh.errors import BrokenItem
from mesh.events import AttemptFailed, Detail, Failed, Send, Sent
from mesh.ledger import Answer, Attempt, Head, HeadState, Says, Status
from mesh.ledger.items import OVERDUE
from networks.model import Account, AfterUnknown, AttemptKey, Declared, Finding, Outcome, Presence, Result

LEASE = timedelta(seconds=90)
SPARE_SECONDS = 5  # beyond the network's own timeout, for the record
EARLY = timedelta(
    seconds=5
)  # bookings are for the minute after their time; the clocks of two functions may differ by this
LOOK_AGAIN = timedelta(minutes=4)
LOOK_AFTER_ASKING = timedelta(hours=1)
ASK_AFTER = timedelta(minutes=7)  # with nothing proved, the next look asks the owner: docs/sweep.md
ATTEMPT_LIMIT = 15  # with these waits two hours of tries: as long as the late rule lasts where nobody set another
REPEAT_LIMIT = 6  # tries, where none of them can be proved: then its owner is asked
BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=4),
    timedelta(minutes=9),
)  # so that a network that works again is met soon: docs/sweep.md
WARN_DAYS = (1, 7, 14)  # before a sign-in ends that only its owner can renew
SOONEST = timedelta(minutes=1)  # whatever a network says: many tries within seconds are none


CONFIRMED = "confirmed"  # noted in an attempt that prepares, right before the request that makes the post public


class Step(StrEnum):
    SEND = "send"  # through the gate, then a new attempt
    LOOK = "look"  # an earlier attempt's fate is unknown
    ANSWER = "answer"  # the owner has said what became of it
    EXPIRE = "expire"  # a lease ended without a record: its fate is unknown from now on
    BUSY = "busy"  # another invocation is at it
    AGAIN = "again"  # it is done; say so once more, in case the event was lost
    REST = "rest"


@dataclass(frozen=True)
class Next:
    step: Step
    reason: str


def next_step(event: Send, status: Status | None, head: Head | None, now: datetime) -> Next:
    """BrokenItem for what no code writes."""
    if status is None or head is None:
        return Next(Step.REST, "there is no such post on this channel")
    if status.broken:
        raise BrokenItem(f"the item of {status.post_id} has a shape that no code writes")
    if head.state is HeadState.BROKEN:
        raise BrokenItem(f"the head of {head.post_channel} has a shape that no code writes")
    if head.revision != event.revision:
        return Next(Step.REST, "the event is for another version")
    if event.attempt < head.attempts:
        return Next(Step.REST, "the event is for an earlier attempt")
    match head.state:
        case HeadState.SENT | HeadState.FAILED:
            return Next(Step.AGAIN, f"{head.state} already")
        case HeadState.READY | HeadState.RETRY:
            return _claimable(event, head, now)
        case HeadState.OPEN:
            if moment(head, head.lease_until, "lease") > now:
                return Next(Step.BUSY, "another delivery is sending it")
            return Next(Step.EXPIRE, "the sender before was lost on the way")
        case HeadState.UNKNOWN:
            if status.answer_about(head) is not None:
                return Next(Step.ANSWER, "the owner has answered")
            if moment(head, head.next_at, "next look") > now + EARLY:
                return Next(Step.REST, "a lost request may still land: it is looked at later")
            return Next(Step.LOOK, "an earlier attempt's fate is not known")
    raise AssertionError("unreachable")


def _claimable(event: Send, head: Head, now: datetime) -> Next:
    if event.attempt != head.attempts + 1:
        return Next(Step.REST, "the event is not for the next attempt")
    if head.state is HeadState.RETRY and head.next_at and datetime.fromisoformat(head.next_at) > now + EARLY:
        return Next(Step.REST, "the next attempt is due later")
    if head.booking is not None and datetime.fromisoformat(head.booking.at) + OVERDUE <= now:
        return Next(Step.REST, "delivered too late: the sweep says it again in its turn")
    return Next(Step.SEND, "due")


def moment(head: Head, text: str | None, what: str) -> datetime:
    """A head's time. BrokenItem when there is none: in these states every writer sets it."""
    if text is None:
        raise BrokenItem(f"{head.post_channel} is {head.state} without a time for its {what}")
    return datetime.fromisoformat(text)


# a claim


def claimed(
    head: Head, event: Send, now: datetime, tries: Iterable[Attempt], *, prepares: bool = False
) -> tuple[Head, Attempt]:
    """The head under lease, and the attempt written before the network is called.

    ``key_at`` is that of this revision's first try, so that every repetition is the same request.
    """
    number = head.attempts + 1
    key_at = min((one.key_at for one in tries if one.revision == head.revision), default=now.isoformat())
    opened = head.model_copy(
        update={
            "state": HeadState.OPEN,
            "attempts": number,
            "lease_until": (now + LEASE).isoformat(),
            "since": now.isoformat(),
            "booking": None,
            "next_at": None,
            "detail": "",
            "asked_at": None,
            "trace_id": event.trace_id,
        }
    )
    attempt = Attempt(
        post_channel=head.post_channel,
        attempt=number,
        revision=head.revision,
        prepares=prepares,
        started_at=now.isoformat(),
        key_at=key_at,
    )
    return opened, attempt


def notes_its_leaving(declared: Declared, *, confirms: bool) -> bool:
    """Whether a try notes that it goes out now, once all is prepared. Nothing hangs on it where the same request is no second post."""
    return confirms and declared.after_unknown is AfterUnknown.ASK_OWNER


def never_left(attempt: Attempt) -> bool:
    """It was lost while it was prepared: nothing went out, and nothing can any more, for noting it wants the head as the claim left it."""
    return attempt.prepares and CONFIRMED not in attempt.receipt


def attempt_key(head: Head, key_at: str) -> AttemptKey:
    identity = f"{head.post_channel}#{head.revision}"
    return AttemptKey(hashlib.sha256(identity.encode()).hexdigest(), datetime.fromisoformat(key_at))


def kept(tries: Iterable[Attempt], revision: str) -> dict[str, str]:
    """What the tries of this version noted, the latest of each name."""
    return {name: value for one in tries if one.revision == revision for name, value in one.receipt.items()}


def due_for_renewal(account: Account, declared: Declared, now: datetime) -> bool:
    """The sign-in ends soon enough to be renewed before it is used."""
    ends_at, ahead = account.ends_at, declared.renew_ahead
    return ends_at is not None and ahead is not None and ends_at <= now + ahead


def renews_itself(declared: Declared) -> bool:
    """The sign-in is so short that it is renewed again and again, whenever it is used."""
    return declared.renew_ahead is not None and declared.renew_ahead < timedelta(days=1)


def days_to_warn_of(account: Account, declared: Declared, now: datetime) -> int | None:
    """Which warning a sign-in's end is due for; None where it is far, past, unknown, or so short that it is renewed again and again."""
    if account.ends_at is None or account.ends_at <= now:
        return None
    if renews_itself(declared):
        return None
    left = account.ends_at - now
    return next((days for days in WARN_DAYS if left <= timedelta(days=days)), None)


def enough_time(declared: Declared, remaining_seconds: float) -> bool:
    """A publish is only begun when it can end, and be recorded, in this invocation."""
    return remaining_seconds >= declared.publish_timeout_seconds + SPARE_SECONDS


# what an outcome makes of head and attempt


@dataclass(frozen=True)
class Record:
    action: str
    head: Head
    attempt: Attempt
    events: tuple[Detail, ...]


@dataclass(frozen=True)
class Tried:
    """An attempt under its lease. ``repeats_unknown``: an earlier one of the same request may still have taken effect.

    ``wanted_at``: the click that it follows (ISO); tries before it count against no limit any more.
    """

    head: Head
    attempt: Attempt
    earlier: tuple[Attempt, ...]
    repeats_unknown: bool
    wanted_at: str = ""


def recorded(tried: Tried, outcome: Outcome, declared: Declared, now: datetime, spread: float) -> Record:
    """``spread`` (0 to 1) spreads the backoff. What repeats an unknown attempt ends as sent or as unknown, never as not sent:
    that this request did nothing does not prove that the earlier one did nothing.
    """
    if outcome.result is Result.UNKNOWN and never_left(tried.attempt):
        outcome = replace(outcome, result=Result.RETRYABLE)
    counted = not (outcome.pause or outcome.closed)
    receipt = {**tried.attempt.receipt, **outcome.receipt}
    attempt = tried.attempt.model_copy(update={"error": outcome.detail, "counted": counted, "receipt": receipt})
    if outcome.result is Result.OK:
        return _sent(tried.head, attempt, outcome.remote_id, outcome.url, now)
    look_at = max(now + declared.settle, outcome.retry_at or now)
    if outcome.result is Result.UNKNOWN or (tried.repeats_unknown and outcome.result is Result.RETRYABLE):
        return _unknown(tried.head, attempt.model_copy(update={"result": "unknown"}), outcome.detail, look_at)
    attempt = attempt.model_copy(update={"result": "fail"})
    if tried.repeats_unknown:
        return _unknown(tried.head, attempt, outcome.detail, look_at)
    if outcome.result is Result.REJECTED:
        return _failed(tried.head, attempt, outcome.detail)
    return _retry(tried, attempt, outcome, now, spread)


def found(head: Head, attempt: Attempt, finding: Finding, now: datetime) -> Record:
    """A look proved that it is there."""
    return _sent(head, attempt, finding.remote_id, finding.url, now, action="found")


def expired(head: Head, attempt: Attempt, settle: timedelta) -> Record:
    """A request may have left until the lease's end, and may land for as long as the network says after that."""
    until = moment(head, head.lease_until, "lease")
    if never_left(attempt):
        detail = "the sender was lost on the way, before anything went out"
        lost = attempt.model_copy(update={"result": "fail", "error": detail})
        waiting = _closed(head, HeadState.RETRY, detail).model_copy(update={"next_at": until.isoformat()})
        return Record("to be retried", waiting, lost, (_attempt_failed(waiting, "retryable"),))
    detail = "the sender was lost on the way; whether the post went out is not known yet"
    lost = attempt.model_copy(update={"result": "unknown", "error": detail})
    return _unknown(head, lost, detail, until + settle)


def look_later(head: Head, attempt: Attempt, detail: str, now: datetime) -> Record:
    """Not provable now. The try is not another one, so the event only lets the next look be booked."""
    return _unknown(head, attempt, detail, now + LOOK_AGAIN, action="look again")


def ask_owner(head: Head, attempt: Attempt, detail: str, now: datetime) -> Record:
    """The head stays unknown. It is still looked for, ever more rarely: a find answers for the owner."""
    head = asked(head, now)
    record = _unknown(head, attempt, detail, _next_look_after_asking(head, now), action="ask")
    return replace(record, events=())


def _next_look_after_asking(head: Head, now: datetime) -> datetime:
    """After an hour, then two, four, eight …: what did not show for a week will hardly do so, and some networks charge for a look."""
    return now + max(LOOK_AFTER_ASKING, now - moment(head, head.asked_at, "question"))


def seen(finding: Finding, declared: Declared, head: Head) -> str:
    """What the look told, in a sentence: what an earlier one told does not stand beside it."""
    if finding.presence is Presence.ABSENT and not finding.detail:
        return f"{declared.label} was asked, and does not show it."
    return finding.detail or head.detail


def asked(head: Head, now: datetime) -> Head:
    """The owner was asked what became of it, the first time now or earlier."""
    return head.model_copy(update={"asked_at": head.asked_at or now.isoformat()})


def answered(head: Head, attempt: Attempt, answer: Answer, finding: Finding, now: datetime) -> Record:
    """What the owner's answer makes of an unknown head. A look that proves it is there is better than any answer.

    "Send again" makes it ``retry``: a new attempt, with the same key, through the gate. Not before it is due: a restored post may be
    asked about ahead of its time.
    """
    if finding.presence is Presence.PRESENT:
        return found(head, attempt, finding, now)
    action = f"answered: {answer.says}"
    match answer.says:
        case Says.FOUND:
            return _sent(head, attempt, "", "", now, action=action)
        case Says.NOT_THERE:
            gone = attempt.model_copy(update={"result": "fail"})
            return _failed(head, gone, f"{answer.by} looked and did not find it there", action=action)
        case Says.SEND_AGAIN:
            again_at = max(now, datetime.fromisoformat(head.due)) if head.due and attempt.restored else now
            waiting = _closed(head, HeadState.RETRY, "").model_copy(update={"next_at": again_at.isoformat()})
            return Record(action, waiting, attempt, (_attempt_failed(waiting, "retryable"),))


def _sent(
    head: Head, attempt: Attempt, remote_id: str, url: str, now: datetime, *, action: str = "published"
) -> Record:
    done = _closed(head, HeadState.SENT, "").model_copy(update={"posted_url": url})
    sent_at = now.isoformat()
    update = {
        "result": "ok",
        "remote_id": remote_id,
        "posted_url": url,
        "sent_at": sent_at,
        "month": sent_at[:7],
        "error": "",
    }
    return Record(action, done, attempt.model_copy(update=update), announcement(done))


def _failed(head: Head, attempt: Attempt, detail: str, *, action: str = "failed") -> Record:
    done = _closed(head, HeadState.FAILED, detail)
    return Record(action, done, attempt, announcement(done))


def _retry(tried: Tried, attempt: Attempt, outcome: Outcome, now: datetime, spread: float) -> Record:
    fails = [one for one in (*tried.earlier, attempt) if one.result == "fail" and one.counted]
    fails = [one for one in fails if one.revision == attempt.revision and not _before(one, tried.wanted_at)]
    if len(fails) >= ATTEMPT_LIMIT:
        return _failed(tried.head, attempt, f"{outcome.detail} It was tried {len(fails)} times.".strip())
    again_at = None
    if not outcome.pause:  # a paused channel's posts wait for its probe
        again_at = next_try(outcome.retry_at, len(fails), now, spread)
    waiting = _closed(tried.head, HeadState.RETRY, outcome.detail)
    waiting = waiting.model_copy(update={"next_at": again_at.isoformat() if again_at else None})
    return Record("to be retried", waiting, attempt, (_attempt_failed(waiting, "retryable"),))


def _unknown(head: Head, attempt: Attempt, detail: str, look_at: datetime, *, action: str = "unknown") -> Record:
    waiting = _closed(head, HeadState.UNKNOWN, detail).model_copy(update={"next_at": look_at.isoformat()})
    return Record(action, waiting, attempt, (_attempt_failed(waiting, "unknown"),))


def _closed(head: Head, state: HeadState, detail: str) -> Head:
    return head.model_copy(
        update={"state": state, "lease_until": None, "booking": None, "next_at": None, "detail": detail}
    )


def _before(attempt: Attempt, wanted_at: str) -> bool:
    return wanted_at != "" and datetime.fromisoformat(attempt.started_at) < datetime.fromisoformat(wanted_at)


def next_try(reset_at: datetime | None, fails: int, now: datetime, spread: float) -> datetime:
    """The network's own reset time, else after a while that grows; never sooner than ``SOONEST``."""
    return max(reset_at or now + backoff(fails, spread), now + SOONEST)


def backoff(fails: int, spread: float) -> timedelta:
    """``BACKOFF``, its last again and again, and up to a fifth more."""
    return BACKOFF[min(max(fails, 1), len(BACKOFF)) - 1] * (1 + spread / 5)


def announcement(head: Head) -> tuple[Detail, ...]:
    """What is said about a head that is done."""
    model = Sent if head.state is HeadState.SENT else Failed
    return (model(post_id=head.post_id, channel=head.channel, attempt=head.attempts, trace_id=head.trace_id),)


def _attempt_failed(head: Head, outcome: str) -> AttemptFailed:
    return AttemptFailed(
        post_id=head.post_id, channel=head.channel, attempt=head.attempts, outcome=outcome, trace_id=head.trace_id
    )


# after a look


class AfterLook(StrEnum):
    SENT = "sent"
    REPEAT = "repeat"  # the very same request again, through the gate
    LOOK_AGAIN = "look again"
    ASK = "ask"  # only the owner can say


def after_look(finding: Finding, declared: Declared, last: Attempt, now: datetime) -> AfterLook:
    """Absence alone never leads to another post: only a network that knows the same request again is asked again. What the network
    does not declare that it can prove is not believed.

    ``last`` is the latest attempt; when the network refused it outright, a further repetition would be refused as well. Of one that a
    restored backup stands for nobody knows the key: another request would be another post, and absence under this key proves nothing.
    """
    if finding.presence is Presence.PRESENT and Presence.PRESENT in declared.proves:
        return AfterLook.SENT
    if last.restored:
        return AfterLook.ASK
    if declared.after_unknown is not AfterUnknown.REPEAT_SAME or last.result == "fail":
        return AfterLook.ASK
    ends_at = None
    if declared.repeat_within is not None:
        ends_at = datetime.fromisoformat(last.key_at) + declared.repeat_within
    if ends_at is not None and now + timedelta(seconds=declared.publish_timeout_seconds) >= ends_at:
        return AfterLook.ASK
    if finding.presence not in declared.proves:
        return AfterLook.LOOK_AGAIN
    return AfterLook.REPEAT if last.attempt < REPEAT_LIMIT else AfterLook.ASK


def owner_is_due(head: Head, after: AfterLook, now: datetime) -> bool:
    """Only the owner can say, or nothing could be proved for too long."""
    return after is AfterLook.ASK or now - moment(head, head.since, "last attempt") >= ASK_AFTER


# when the gate is closed, or the record was in trouble


def shelved(head: Head, reason: str, now: datetime, *, final: bool) -> Head:
    """Its booking has ended. What is unknown goes on being looked for: closed or not, it may be out."""
    next_at = None
    if head.state is HeadState.UNKNOWN:
        head = asked(head, now) if final else head
        next_at = (_next_look_after_asking(head, now) if final else now + LOOK_AGAIN).isoformat()
    return head.model_copy(update={"booking": None, "detail": reason, "next_at": next_at})


def written(head: Head | None, tried: Tried, record: Record) -> bool:
    """The record stands, although its answer was lost."""
    return head is not None and head.attempts == tried.attempt.attempt and head.state is record.head.state


def recordable(head: Head | None, tried: Tried, outcome: Outcome) -> bool:
    """Still this attempt's head; or taken for lost meanwhile, and proved to be out."""
    if head is None or head.attempts != tried.attempt.attempt:
        return False
    return head.state is HeadState.OPEN or (head.state is HeadState.UNKNOWN and outcome.result is Result.OK)
