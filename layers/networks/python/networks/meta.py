"""What Facebook, Instagram and Threads share: the graph API's addresses, its one error shape, and what its codes mean.

An error is ``{"error": {"message", "type", "code", "error_subcode", "error_user_msg", "fbtrace_id"}}`` (Graph API, error handling);
anything else, whatever its status, did not come from the API and proves nothing. A subcode says more than its code: Instagram's spam
refusal (2207051) comes with the rate limit's code 4. Codes and subcodes are those of Meta's error pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from networks import outcomes
from networks.http import LONGEST_WAIT, Answer, Stopped, ask, is_token, pinned_origin, plain, reset_time
from networks.model import Account, Outcome, Pause, Result

if TYPE_CHECKING:
    import httpx

GRAPH_VERSION: Final = "v26.0"
"""Of Facebook and Instagram, as the path's first part; the one that Meta's own SDK of 2026 asks for."""
THREADS_VERSION: Final = "v1.0"
LOOK_SECONDS: Final = 8.0
CLOCK_SLACK: Final = timedelta(minutes=2)

_SIGN_IN = frozenset({102, 190})
_PERMISSION = frozenset({10, *range(200, 300)})
_LIMITS = frozenset({4, 17, 32, 341, 613})
_PASSING = frozenset({1, 2})
_REFUSED = frozenset({100, 506, 1609005})
_BLOCKED = 368
_VERSION_GONE = frozenset({12, 2635})
DUPLICATE: Final = 506
NO_SUCH_OBJECT: Final = (100, 33)

NOT_READY: Final = 2207027
NEXT_DAY: Final = 2207042
_HUMAN = 2207050
_PASSING_SUBCODES = frozenset({2207001, 2207003, 2207008, 2207020, NOT_READY, 2207032, 2207053})
_REFUSED_SUBCODES = frozenset({2207004, 2207005, 2207009, 2207010, 2207028, 2207051, 2207052})
NO_NOW: Final = datetime.fromtimestamp(0, UTC)
_MESSAGE_CODE = re.compile(r"^\(#\d+\)\s*")


@dataclass(frozen=True)
class GraphError:
    """An error in the API's own shape. ``words`` are the ones meant for people, where there are any."""

    status: int
    code: int
    subcode: int
    words: str


@dataclass(frozen=True)
class Graph:
    """One account's way into the API. ``base`` is origin and version; the token goes as a header, never into an address."""

    http: httpx.Client
    label: str
    base: str
    account_id: str
    token: str = field(repr=False)

    def ask(self, method: str, path: str, timeout_seconds: float, **fields: str) -> Answer:
        """NotSent and Lost are all it raises. Fields go as a query with GET, else as a form."""
        told: dict[str, Any] = {"params" if method == "GET" else "data": fields} if fields else {}
        return ask(self.http, method, f"{self.base}/{path}", timeout_seconds=timeout_seconds, token=self.token, **told)

    def prepare(
        self, step: str, method: str, path: str, timeout_seconds: float, now: datetime, **fields: str
    ) -> Answer:
        """A 200 with an object, of a request that makes nothing public. Else Stopped: with what the refusal means, or retryable."""
        answer = outcomes.prepare(self.label, step, lambda: self.ask(method, path, timeout_seconds, **fields))
        if answer.status == 200 and answer.fields and error_of(answer) is None:
            return answer
        raise Stopped(self.refusal(answer, now) or self._not_prepared(step, answer, now))

    def refusal(self, answer: Answer, now: datetime, *never: str) -> Outcome | None:
        """What a documented refusal means: a 4xx in the API's words. None for every other answer; ``never`` are not to be quoted."""
        error = error_of(answer)
        if error is None or not 400 <= answer.status < 500:
            return None
        return meaning(self.label, error, answer.headers, now, self.token, *never)

    def _not_prepared(self, step: str, answer: Answer, now: datetime) -> Outcome:
        return replace(outcomes.not_prepared(self.label, step), retry_at=regained_at(answer.headers, now))


def door(http: httpx.Client, label: str, account: Account, version: str) -> Graph:
    """Stopped, and the channel paused, where host, account id or token cannot be used."""
    origin, token = pinned_origin(account.host), account.credentials.get("access_token", "")
    if origin is None:
        raise Stopped(outcomes.mismatch(label, "the channel's host is not a plain https address."))
    if not is_id(account.account_id):
        raise Stopped(outcomes.mismatch(label, "the channel's account id is no account id: it is a number."))
    if not is_token(token):
        raise Stopped(outcomes.reauthorise(label, "nothing to sign in with is stored"))
    return Graph(http, label, f"{origin}/{version}", account.account_id, token)


def is_id(told: str) -> bool:
    """A node's id, fit for a path."""
    return told.isascii() and told.isdigit()


def error_of(answer: Answer) -> GraphError | None:
    """The error in the API's shape; None where the body is anything else."""
    told = answer.fields.get("error")
    if not isinstance(told, dict) or not isinstance(told.get("message"), str):
        return None
    code, subcode = _number(told.get("code")), _number(told.get("error_subcode"))
    if code is None:
        return None
    words = told.get("error_user_msg")
    words = words if isinstance(words, str) and words else told["message"]
    return GraphError(answer.status, code, subcode or 0, _MESSAGE_CODE.sub("", words))


def meaning(label: str, error: GraphError, headers: Mapping[str, str], now: datetime, *never: str) -> Outcome | None:
    """What the code, or better its subcode, says; None for one that nobody mapped."""
    words = error.words
    if error.subcode == NEXT_DAY:
        detail = f"{label} takes no more posts of this account within 24 hours."
        return Outcome(Result.RETRYABLE, detail=detail, retry_at=now + timedelta(days=1))
    if error.subcode == _HUMAN or error.code == _BLOCKED:
        return _blocked(label, plain(words, *never))
    if error.subcode in _REFUSED_SUBCODES:
        return outcomes.rejected(label, words, *never)
    if error.subcode in _PASSING_SUBCODES:
        return replace(outcomes.not_prepared(label, "the post now"), retry_at=regained_at(headers, now))
    if error.code in _SIGN_IN:
        return outcomes.reauthorise(label, words, *never)
    if error.code in _PERMISSION:
        return outcomes.reauthorise(label, f"a permission is missing: {words}", *never)
    if (error.code, error.subcode) == NO_SUCH_OBJECT:
        return outcomes.mismatch(label, "the sign-in cannot reach the account that the channel names.")
    if error.code in _VERSION_GONE:
        detail = f"{label} no longer answers to the version of its interface that is used here: update the scheduler."
        return Outcome(Result.RETRYABLE, detail=detail, pause=Pause.API_VERSION)
    if error.code in _LIMITS:
        return Outcome(Result.RETRYABLE, detail=f"{label} asks to slow down.", retry_at=regained_at(headers, now))
    if error.code in _PASSING:
        return outcomes.not_prepared(label, "the post now")
    return outcomes.rejected(label, words, *never) if error.code in _REFUSED else None


def is_passing(error: GraphError) -> bool:
    """ "An unknown error", "temporarily unavailable": by these words the API itself does not know what became of the request."""
    return error.code in _PASSING and error.subcode not in _PASSING_SUBCODES | _REFUSED_SUBCODES


def regained_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """When a limit ends: ``estimated_time_to_regain_access`` (minutes) of ``X-Business-Use-Case-Usage``, else a reset header's."""
    try:
        usage = json.loads(headers.get("x-business-use-case-usage", ""))
    except (ValueError, RecursionError):
        usage = None
    listed = (
        [one for found in usage.values() if isinstance(found, list) for one in found] if isinstance(usage, dict) else []
    )
    told = [_number(one.get("estimated_time_to_regain_access")) or 0 for one in listed if isinstance(one, dict)]
    minutes = max(told, default=0)
    if 0 < minutes <= LONGEST_WAIT / timedelta(minutes=1):
        return now + timedelta(minutes=minutes)
    return reset_time(headers, now)


def probe(graph: Graph, path: str, fields: str, *names: str) -> Outcome:
    """One read of the account itself: ``names`` are the fields that may hold its id."""
    try:
        answer = graph.prepare("the sign-in", "GET", path, LOOK_SECONDS, NO_NOW, fields=fields)
    except Stopped as stop:
        if stop.outcome.result is Result.REJECTED:
            return outcomes.not_prepared(graph.label, "the sign-in")
        return replace(stop.outcome, retry_at=None)
    if graph.account_id not in {answer.text_field(name) for name in names}:
        if not answer.text_field("id"):
            return outcomes.not_prepared(graph.label, "the sign-in")
        return outcomes.mismatch(graph.label, "the sign-in belongs to another account than the channel names.")
    handle = answer.text_field("username") or answer.text_field("name")
    return Outcome(Result.OK, remote_id=graph.account_id, receipt={"handle": handle})


def refreshed(http: httpx.Client, label: str, account: Account, grant_type: str, now: datetime) -> Account | None:
    """A long-lived token for another 60 days: it has to be a day old and unexpired. None where it was refused. RenewalUnclear."""
    origin, token = pinned_origin(account.host), account.credentials.get("access_token", "")
    if origin is None or not is_token(token):
        return None
    address = f"{origin}/refresh_access_token"
    params = {"grant_type": grant_type}
    answer = outcomes.renewal(
        label, lambda: ask(http, "GET", address, timeout_seconds=LOOK_SECONDS, token=token, params=params)
    )
    if answer is None:
        return None
    fresh, seconds = answer.text_field("access_token"), _number(answer.fields.get("expires_in"))
    if not is_token(fresh) or not seconds or not 0 < seconds < 10**9:
        raise outcomes.no_pair(label)
    ends_at = now + timedelta(seconds=seconds)
    return replace(
        account, credentials={**account.credentials, "access_token": fresh, "expires_at": ends_at.isoformat()}
    )


def shown_time(told: Any) -> datetime | None:
    """``2026-11-21T09:00:00+0000``, as all three write it."""
    try:
        moment = datetime.fromisoformat(told)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo is not None else None


def _blocked(label: str, words: str) -> Outcome:
    detail = f"{label} keeps this account from posting until somebody looks after it there" + (
        f" ({words})." if words else "."
    )
    return Outcome(Result.RETRYABLE, detail=detail, pause=Pause.REAUTHORISE)


def _number(told: Any) -> int | None:
    return told if isinstance(told, int) and not isinstance(told, bool) else None
