"""The sentences and results every network shares: what a lost line, a refusal or a pause means for a publish."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from networks.http import Answer, LineTrouble, Lost, NotSent, Stopped, plain, reset_time
from networks.model import Finding, Outcome, Pause, Presence, RenewalUnclear, Result

_BUSY = (408, 425, 429)  # come again, rather than no


def not_reached(label: str) -> Outcome:
    """No connection: nothing can have been posted."""
    return Outcome(Result.RETRYABLE, detail=f"{label} could not be reached.")


def too_little_time(label: str) -> Outcome:
    return Outcome(Result.RETRYABLE, detail=f"{label} took too long with the preparations; nothing was posted yet.")


def not_prepared(label: str, step: str) -> Outcome:
    """A step that creates nothing failed: nothing was posted."""
    return Outcome(Result.RETRYABLE, detail=f"{label} did not take {step}; nothing was posted yet.")


def closed(why: str) -> Outcome:
    """The gate was closed while the post was being prepared: nothing of it is public."""
    return Outcome(Result.RETRYABLE, detail=why, closed=True)


def lost(label: str, why: str, kind: str = "") -> Outcome:
    """The creating request left, and what became of it is not known. ``why`` is for the owner, ``kind`` for the log."""
    return Outcome(Result.UNKNOWN, detail=f"{label} did not say whether the post went out ({why}).", kind=kind)


def line_lost(label: str, trouble: LineTrouble) -> Outcome:
    return lost(label, trouble.said, trouble.kind)


def unmapped(label: str, answer: Answer, name: str = "") -> Outcome:
    """An answer that this network documents as neither done nor refused; ``name`` is what it calls it."""
    if answer.status >= 500:
        why = "it answered that something is broken there"
    elif answer.status < 300:
        why = "its answer names no post"
    else:
        why = "its answer is none that is known here"
    return lost(label, why, f"{answer.status} {name}".strip())


def not_asked(label: str, trouble: LineTrouble) -> Finding:
    """A look that brought no answer."""
    return Finding(Presence.UNPROVABLE, detail=f"{label} could not be asked ({trouble.said}).")


def rejected(label: str, words: str, *never: str) -> Outcome:
    said = plain(words, *never)
    return Outcome(
        Result.REJECTED, detail=f"{label} refused the post: {said}" if said else f"{label} refused the post."
    )


def rate_limited(label: str, answer: Answer, now: datetime) -> Outcome:
    return Outcome(Result.RETRYABLE, detail=f"{label} asks to slow down.", retry_at=reset_time(answer.headers, now))


def renewal(label: str, request: Callable[[], Answer | None]) -> Answer | None:
    """The 200 to a request for a fresh sign-in; None where it was refused, or where there was nothing to ask with.

    RenewalUnclear for everything else: what is down, busy or garbled says nothing about the sign-in.
    """
    try:
        answer = request()
    except LineTrouble as trouble:
        raise RenewalUnclear(f"{label} could not be asked for a fresh sign-in ({trouble.said})") from trouble
    if answer is None or (400 <= answer.status < 500 and answer.status not in _BUSY):
        return None
    if answer.status != 200:
        raise no_pair(label)
    return answer


def no_pair(label: str) -> RenewalUnclear:
    return RenewalUnclear(f"{label} did not say whether the sign-in can be renewed")


def expired(label: str) -> Outcome:
    return Outcome(Result.RETRYABLE, detail=f"{label}'s sign-in has run out.", expired=True)


def reauthorise(label: str, words: str = "", *never: str) -> Outcome:
    said = plain(words, *never)
    detail = f"{label} does not accept the sign-in" + (f" ({said})" if said else "") + ": connect the channel again."
    return Outcome(Result.RETRYABLE, detail=detail, pause=Pause.REAUTHORISE)


def mismatch(label: str, sentence: str) -> Outcome:
    return Outcome(Result.RETRYABLE, detail=f"{label}: {sentence}", pause=Pause.MISMATCH)


def prepare(label: str, step: str, request: Callable[[], Answer]) -> Answer:
    """Run a request that creates nothing visible. Line trouble stops the publish as ``retryable``."""
    try:
        return request()
    except NotSent as trouble:
        raise Stopped(too_little_time(label) if trouble.kind == "no time left" else not_reached(label)) from trouble
    except Lost as trouble:
        raise Stopped(not_prepared(label, step)) from trouble
