"""One question to a network's own servers, and what their answers mean in words. No redirect is followed, nothing secret is repeated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from local.connect.model import ConnectError, GoneError, Scope, Session
from networks.http import Answer, Lost, NotSent, ask, is_token, plain

TIMEOUT_SECONDS = 20.0
_LONGEST = timedelta(days=3_650)
_KNOWN = {
    "invalid_grant": "the sign-in came too late, or was used before. Run the command again.",
    "invalid_client": "it does not know this app, or the app's secret is another. Look them up in its developer portal.",
    "unauthorized_client": "it does not let this app do that. Look at the app's settings in its developer portal.",
}
_GONE = {"invalid_token", "ExpiredToken", "InvalidToken", "REVOKED_ACCESS_TOKEN", "EXPIRED_ACCESS_TOKEN"}
_META_GONE = 190


def ask_vendor(
    session: Session,
    label: str,
    method: str,
    address: str,
    *,
    never: Iterable[str] = (),
    token: str = "",
    **content: Any,
) -> Mapping[str, Any]:
    """The JSON object of a 2xx answer; an empty one where it has no body. ConnectError for everything else; GoneError for a dead token.

    ``never`` are the secrets of the request: they are not repeated, whatever the answer says.
    """
    try:
        answer = ask(session.http, method, address, timeout_seconds=TIMEOUT_SECONDS, token=token, **content)
    except NotSent as trouble:
        raise ConnectError(
            f"{label} could not be reached ({trouble.said}): nothing was changed. Try again later."
        ) from None
    except Lost as trouble:
        raise ConnectError(
            f"{label} did not answer in full ({trouble.said}): nothing was changed. Try again later."
        ) from None
    if 200 <= answer.status < 300 and (isinstance(answer.json, dict) or not answer.body.strip()):
        return answer.fields
    hidden = [shape for secret in (*never, token) if secret for shape in (secret, quote(secret, safe=""))]
    raise _refusal(label, answer, hidden)


def token_in(fields: Mapping[str, Any], label: str, name: str = "access_token") -> str:
    found = fields.get(name)
    if not isinstance(found, str) or not is_token(found):
        raise ConnectError(f"{label} answered without a token that can be used: nothing was changed. Try again later.")
    return found


def optional_token(fields: Mapping[str, Any], name: str) -> str:
    found = fields.get(name)
    return found if isinstance(found, str) and is_token(found) else ""


def id_in(fields: Mapping[str, Any], label: str, name: str = "id") -> str:
    """An account's id, told as text or as a number."""
    found = fields.get(name)
    shown = str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else ""
    if not shown or len(shown) > 100 or not shown.isprintable() or " " in shown or "," in shown:
        raise ConnectError(f"{label} did not say which account signed in: nothing was changed. Try again later.")
    return shown


def shown_in(fields: Mapping[str, Any], *names: str) -> str:
    """A name to show, one line of it; "" where there is none."""
    return next((plain(found) for name in names if isinstance(found := fields.get(name), str) and found), "")


def ends_at(fields: Mapping[str, Any], now: datetime, name: str = "expires_in") -> dict[str, str]:
    """``{"expires_at": …}`` as the credentials keep it; empty where nothing sensible is told."""
    try:
        seconds = float(fields.get(name, ""))
    except (TypeError, ValueError):
        return {}
    if not math.isfinite(seconds) or not 0 < seconds <= _LONGEST.total_seconds():
        return {}
    return {"expires_at": (now + timedelta(seconds=seconds)).isoformat(timespec="seconds")}


def check_scopes(told: object, scopes: Sequence[Scope], label: str) -> None:
    """ConnectError where less was allowed than posting needs. What a network does not tell is not judged."""
    if isinstance(told, str):
        told = told.replace(",", " ").split()
    if not isinstance(told, list) or not told:
        return
    missing = [scope for scope in scopes if scope.name not in told]
    if missing:
        words = "; ".join(f"{scope.words} ({scope.name})" for scope in missing)
        raise ConnectError(
            f"{label} did not allow all that is needed. Missing: {words}. Nothing was changed; allow it and run the command again."
        )


def _refusal(label: str, answer: Answer, hidden: Sequence[str]) -> ConnectError:
    if 300 <= answer.status < 400:
        return ConnectError(
            f"{label} sent us on to another address, where nothing is sent: nothing was changed. Is the host right?"
        )
    if answer.status == 429:
        return ConnectError(f"{label} asks to slow down: nothing was changed. Try again in a quarter of an hour.")
    if not isinstance(answer.json, dict):
        return ConnectError(
            f"{label} answered {answer.status} with something that is not data: nothing was changed. Is the host right?"
        )
    name, words = _told(answer.fields)
    shown = plain(words or name, *hidden)
    if name in _GONE or _meta_code(answer.fields) == _META_GONE:
        return GoneError(f"{label} does not accept this sign-in any more ({shown}).")
    if name in _KNOWN:
        return ConnectError(f"{label} refused the sign-in: {_KNOWN[name]}")
    return ConnectError(
        f"{label} refused the sign-in ({answer.status}{f', {shown}' if shown else ''}): nothing was changed."
    )


def _told(fields: Mapping[str, Any]) -> tuple[str, str]:
    """An error's name and its words: OAuth's two fields, Meta's object, or what X and LinkedIn call them."""
    error = fields.get("error")
    if isinstance(error, dict):
        return str(error.get("type", "")), str(error.get("message", ""))
    name = next(
        (str(fields[one]) for one in ("error", "error_type", "code", "serviceErrorCode", "title") if fields.get(one)),
        "",
    )
    words = next(
        (str(fields[one]) for one in ("error_description", "error_message", "detail", "message") if fields.get(one)), ""
    )
    return name, words


def _meta_code(fields: Mapping[str, Any]) -> object:
    error = fields.get("error")
    return error.get("code") if isinstance(error, dict) else None
