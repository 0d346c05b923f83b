"""Signing in to Bluesky, and what its refusals mean: the part of the adapter that every request shares."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from networks import outcomes
from networks.http import Answer, Budget, Stopped, ask, is_token
from networks.model import Account, Outcome, Result

if TYPE_CHECKING:
    import httpx

LABEL = "Bluesky"


def xrpc(origin: str, method: str) -> str:
    return f"{origin}/xrpc/com.atproto.{method}"


def access_token(http: httpx.Client, origin: str, account: Account, now: datetime, budget: Budget) -> str:
    """The stored access token, else one from a session made by app password (30 of these are allowed in 5 minutes)."""
    stored = account.credentials.get("access_jwt", "")
    if is_token(stored):
        return stored
    answer = session_answer(http, origin, account, budget.left_for_preparing_seconds)
    check_session(answer, account, now)
    token = answer.text_field("accessJwt")
    if not is_token(token):
        raise Stopped(outcomes.not_prepared(LABEL, "the sign-in"))
    return token


def session_answer(http: httpx.Client, origin: str, account: Account, timeout_seconds: float) -> Answer:
    stored = account.credentials.get("access_jwt", "")

    def request() -> Answer:
        if is_token(stored):
            return ask(http, "GET", xrpc(origin, "server.getSession"), timeout_seconds=timeout_seconds, token=stored)
        answer = create_session(http, origin, account, timeout_seconds=timeout_seconds)
        if answer is None:
            raise Stopped(outcomes.reauthorise(LABEL, "nothing to sign in with is stored"))
        return answer

    return outcomes.prepare(LABEL, "the sign-in", request)


def check_session(answer: Answer, account: Account, now: datetime) -> None:
    """Stops unless the session is this very account's."""
    if answer.status == 200 and answer.text_field("did"):
        if answer.text_field("did") != account.account_id:
            raise Stopped(outcomes.mismatch(LABEL, "the sign-in belongs to another account than the channel names."))
        return
    refusal = documented_refusal(answer, now, *secrets_of(account))
    if refusal is None:
        refusal = outcomes.not_prepared(LABEL, "the sign-in")
    elif refusal.result is Result.REJECTED:
        refusal = outcomes.reauthorise(LABEL, answer.text_field("message"), *secrets_of(account))
    raise Stopped(refusal)


def create_session(http: httpx.Client, origin: str, account: Account, *, timeout_seconds: float) -> Answer | None:
    identifier = account.credentials.get("identifier", "") or account.account_id
    password = account.credentials.get("app_password", "")
    if not password:
        return None
    body = {"identifier": identifier, "password": password}
    return ask(http, "POST", xrpc(origin, "server.createSession"), timeout_seconds=timeout_seconds, json=body)


def refresh_session(http: httpx.Client, origin: str, account: Account, *, timeout_seconds: float) -> Answer | None:
    token = account.credentials.get("refresh_jwt", "")
    if not is_token(token):
        return None
    return ask(http, "POST", xrpc(origin, "server.refreshSession"), timeout_seconds=timeout_seconds, token=token)


def error_name(answer: Answer) -> str:
    name = answer.text_field("error")
    return name if name.isidentifier() and len(name) <= 40 else ""


def secrets_of(account: Account) -> tuple[str, ...]:
    return tuple(value for name, value in account.credentials.items() if name != "identifier")


def documented_refusal(answer: Answer, now: datetime, *never: str) -> Outcome | None:
    """What a documented refusal means; None for every answer that proves nothing. ``never`` is not repeated."""
    name = error_name(answer)
    if answer.status == 429:
        return outcomes.rate_limited(LABEL, answer, now)
    if answer.status in (400, 401) and name == "ExpiredToken":
        return outcomes.expired(LABEL)
    if (answer.status == 400 and name == "InvalidToken") or (answer.status == 401 and name):
        return outcomes.reauthorise(LABEL, answer.text_field("message") or name, *never)
    if answer.status == 400 and name in ("InvalidRequest", "BlobNotFound"):
        return outcomes.rejected(LABEL, answer.text_field("message") or name, *never)
    return None
