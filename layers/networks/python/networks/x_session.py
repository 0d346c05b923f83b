"""X's sign-in and its refusals: whose token it is, what a refusal proves, and the fresh pair for an old one.

A refusal counts only in X's own problem shape (``type``, ``title`` and ``detail``; its OpenAPI document, "Problem", and the same with
``about:blank``, which its servers send for what is not in that document). Access tokens last two hours; a refresh token is taken to be
good once.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeGuard

from networks import outcomes
from networks.http import Answer, Stopped, ask, is_token, pinned_origin, reset_time
from networks.model import Account, Outcome, Pause, Result

if TYPE_CHECKING:
    import httpx

LABEL = "X"
LOOK_SECONDS = 10.0
ACCESS_FOR = timedelta(hours=2)  # where X does not say
_RESETS = ("x-user-limit-24hour", "x-app-limit-24hour", "x-rate-limit")


def door(account: Account) -> tuple[str, str]:
    """Origin and token, or a stop that pauses the channel."""
    origin, token = pinned_origin(account.host), account.credentials.get("access_token", "")
    if origin is None:
        raise Stopped(outcomes.mismatch(LABEL, "the channel's host is not a plain https address."))
    if not is_number(account.account_id):
        raise Stopped(outcomes.mismatch(LABEL, "the channel's account id is no account id."))
    if not is_token(token):
        raise Stopped(outcomes.reauthorise(LABEL, "nothing to sign in with is stored"))
    return origin, token


def is_number(value: object) -> TypeGuard[str]:
    """Whether it can be one of X's ids: up to 19 digits, as a string."""
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19


def data_of(answer: Answer) -> Mapping[str, Any]:
    """The ``data`` object of an answer, empty where there is none."""
    found = answer.fields.get("data")
    return found if isinstance(found, dict) else {}


def check_owner(http: httpx.Client, account: Account, now: datetime, timeout_seconds: float) -> str:
    """The handle behind the token, once it is certain that it belongs to the account. Stopped.

    Asked before every publish, since X's answer to a new post does not say whose it is. X charges for an account that is looked up, but
    once in a day (pricing, "Deduplication").
    """
    origin, token = door(account)
    answer = outcomes.prepare(
        LABEL,
        "the sign-in",
        lambda: ask(http, "GET", f"{origin}/2/users/me", timeout_seconds=timeout_seconds, token=token),
    )
    told = data_of(answer)
    if answer.status != 200 or not is_number(told.get("id")):
        refused = refusal(answer, account, now)
        if refused is not None and refused.result is Result.REJECTED:  # of the account, not of a post
            refused = outcomes.reauthorise(LABEL, _words(answer) or "", *_secrets(account))
        raise Stopped(refused or outcomes.not_prepared(LABEL, "the sign-in"))
    if told["id"] != account.account_id:
        raise Stopped(outcomes.mismatch(LABEL, "the sign-in belongs to another account than the channel names."))
    return str(told.get("username", ""))


def refusal(answer: Answer, account: Account, now: datetime, text: str = "") -> Outcome | None:
    """What a documented refusal means; None for every answer that proves nothing."""
    words = _words(answer)
    if answer.status == 429 and (words is not None or "x-rate-limit-reset" in answer.headers):
        return replace(outcomes.rate_limited(LABEL, answer, now), retry_at=_reset(answer, now))
    if words is None:
        return None
    never = (*_secrets(account), text)
    if answer.status == 401:  # a fresh token may help; where there is none to be had, the channel pauses
        return replace(outcomes.reauthorise(LABEL, words, *never), expired=can_refresh(account))
    if answer.status == 402:
        detail = (
            f"{LABEL} wants money first: the developer account has no credit left. Buy some in X's developer console."
        )
        return Outcome(Result.RETRYABLE, detail=detail, pause=Pause.BILLING)
    if answer.status in (400, 403):
        return outcomes.rejected(LABEL, words, *never)
    return None


def can_refresh(account: Account) -> bool:
    return all(is_token(account.credentials.get(name, "")) for name in ("refresh_token", "client_id"))


def fresh_pair(http: httpx.Client, account: Account, now: datetime) -> Account | None:
    """The next pair for the refresh token, with its end. None where there is nothing to refresh with, or it was refused.

    RenewalUnclear where nothing is known of it: a lost answer may have spent the token, which the next refusal then tells.
    """
    origin = pinned_origin(account.host)
    if origin is None or not can_refresh(account):
        return None
    stored = account.credentials
    form = {"grant_type": "refresh_token", "refresh_token": stored["refresh_token"]}
    headers = {}
    if stored.get("client_secret"):
        shown = f"{stored['client_id']}:{stored['client_secret']}".encode()
        headers["authorization"] = f"Basic {base64.b64encode(shown).decode()}"
    else:
        form["client_id"] = stored["client_id"]
    address = f"{origin}/2/oauth2/token"
    answer = outcomes.renewal(
        LABEL, lambda: ask(http, "POST", address, timeout_seconds=LOOK_SECONDS, headers=headers, data=form)
    )
    if answer is None:
        return None
    access, following = answer.text_field("access_token"), answer.text_field("refresh_token")
    if not is_token(access):
        raise outcomes.no_pair(LABEL)
    fresh = {"access_token": access, "expires_at": (now + _good_for(answer)).isoformat(timespec="seconds")}
    if is_token(following):
        fresh["refresh_token"] = following
    return replace(account, credentials={**stored, **fresh})


def _good_for(answer: Answer) -> timedelta:
    told = answer.fields.get("expires_in")
    if isinstance(told, int) and not isinstance(told, bool) and 0 < told <= 86_400 * 366:
        return timedelta(seconds=told)
    return ACCESS_FOR


def _secrets(account: Account) -> list[str]:
    return [account.credentials.get(name, "") for name in ("access_token", "refresh_token", "client_secret")]


def _words(answer: Answer) -> str | None:
    """What a problem says, the particulars before the general; None where the body is not one of X's problems."""
    fields = answer.fields
    if not all(isinstance(fields.get(name), str) for name in ("type", "title", "detail")):
        return None
    if fields.get("status", answer.status) != answer.status:
        return None
    errors = fields.get("errors")
    listed = errors if isinstance(errors, list) else []
    messages = [
        error["message"] for error in listed if isinstance(error, dict) and isinstance(error.get("message"), str)
    ]
    return "; ".join(messages) or answer.text_field("detail") or answer.text_field("title")


def _reset(answer: Answer, now: datetime) -> datetime | None:
    """The end of the quarter of an hour, or of the day where the day's allowance is used up. Unix seconds."""
    for name in _RESETS:
        if name == "x-rate-limit" or answer.headers.get(f"{name}-remaining") == "0":
            moment = reset_time({"ratelimit-reset": answer.headers.get(f"{name}-reset", "")}, now)
            if moment is not None:
                return moment
    return reset_time(answer.headers, now)
