"""The sentences and results every network shares: what a lost line, a refusal or a pause means for a publish."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from networks.http import Answer, Lost, NotSent, Stopped, plain, reset_time
from networks.model import Outcome, Pause, Result


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


def lost(label: str, why: str) -> Outcome:
    """The creating request left, and what became of it is not known."""
    return Outcome(Result.UNKNOWN, detail=f"{label} did not say whether the post went out ({why}).")


def rejected(label: str, words: str, *never: str) -> Outcome:
    said = plain(words, *never)
    return Outcome(
        Result.REJECTED, detail=f"{label} refused the post: {said}" if said else f"{label} refused the post."
    )


def rate_limited(label: str, answer: Answer, now: datetime) -> Outcome:
    return Outcome(Result.RETRYABLE, detail=f"{label} asks to slow down.", retry_at=reset_time(answer.headers, now))


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
