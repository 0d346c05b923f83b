"""What every request to Facebook's, Instagram's and Threads' servers goes through: version, token, parameters, usage, error shape.

A parameter that Meta does not list is refused, and so is one that is listed and not simulated: a server that swallows it would say
that it works. Behaviour: ``version_gone``, ``dead_tokens``, ``stale_listing`` (lists end a day ago).
"""

from __future__ import annotations

import json
import math
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

from local.clock import now
from local.networks.limits import Limit, Window
from local.networks.mastodon import multipart
from local.networks.store import Store
from local.networks.web import Answer, Request, Route, as_json, route

GENERAL = frozenset({"access_token", "appsecret_proof", "fields", "format", "locale", "pretty"})
PAGING = frozenset({"limit", "after", "before", "since", "until", "summary"})
CALLS_PER_HOUR = 200  # for each user of the app: Graph API, rate limiting
STALE = timedelta(days=1)


class RefusedError(Exception):
    """A request that gets an error in the graph API's shape."""

    def __init__(self, message: str, code: int, subcode: int = 0, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.subcode, self.status = code, subcode, status

    def shown(self) -> dict[str, Any]:
        told: dict[str, Any] = {"message": str(self), "type": "OAuthException", "code": self.code}
        if self.subcode:
            told["error_subcode"] = self.subcode
        return {"error": {**told, "fbtrace_id": secrets.token_urlsafe(8)}}


@dataclass(frozen=True)
class Token:
    """Whom a token speaks for. ``kind`` is ``page``, ``short`` or ``long``; ``since`` and ``until`` by the stack's clock."""

    value: str
    kind: str
    owner: str
    since: datetime
    until: datetime | None
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """One request that was let in: its parameters, from wherever they were told."""

    request: Request
    told: Mapping[str, str]
    token: Token

    @property
    def fields(self) -> str:
        return self.told.get("fields", "")

    def flag(self, name: str, otherwise: bool) -> bool:
        """A boolean as forms write them."""
        return self.told[name].strip('"').lower() in ("true", "1") if name in self.told else otherwise

    def listed(self, name: str) -> list[Any]:
        """A list, as JSON or with commas."""
        told = self.told.get(name, "")
        try:
            parsed = json.loads(told)
        except ValueError:
            return [one.strip() for one in told.split(",") if one.strip()]
        return parsed if isinstance(parsed, list) else [told]


Handle = Callable[..., Any]


class Tokens:
    """All tokens of one server, in its section of the store."""

    def __init__(self, kept: dict[str, Any]) -> None:
        self._kept: dict[str, Any] = kept.setdefault("tokens", {})

    def mint(
        self, kind: str, owner: str, seconds: int | None, scopes: Iterable[str] = (), value: str = "", parent: str = ""
    ) -> str:
        """A new one, or ``value`` where it is told. ``seconds`` None for one without an end."""
        token = value or f"EAAL{secrets.token_urlsafe(40)}"
        until = (now() + timedelta(seconds=seconds)).isoformat() if seconds is not None else ""
        self._kept[token] = {
            "kind": kind,
            "owner": owner,
            "since": now().isoformat(),
            "until": until,
            "scopes": list(scopes),
            "parent": parent,
        }
        return token

    def find(self, value: str) -> Token:
        """RefusedError 190, with the subcode that says why."""
        kept = self._kept.get(value)
        if kept is None:
            raise RefusedError("Invalid OAuth access token - Cannot parse access token", 190, status=401)
        until = datetime.fromisoformat(kept["until"]) if kept["until"] else None
        if until is not None and until <= now():
            raise RefusedError("Error validating access token: Session has expired", 190, 463, status=401)
        since = datetime.fromisoformat(kept["since"])
        return Token(value, kept["kind"], kept["owner"], since, until, tuple(kept["scopes"]))

    def made_of(self, parent: str, owner: str) -> str:
        """The page's token that this user's token leads to; "" where none was made."""
        found = [value for value, one in self._kept.items() if (one["parent"], one["owner"]) == (parent, owner)]
        return found[0] if found else ""

    def drop(self, owner: str) -> None:
        """Every token of this owner, and what was made of it."""
        gone = {value for value, one in self._kept.items() if one["owner"] == owner}
        for value in [value for value, one in self._kept.items() if value in gone or one["parent"] in gone]:
            del self._kept[value]


class Gate:
    """``usage`` names the kind of account in the usage header; ``is_active`` says whether an owner's tokens are good."""

    def __init__(
        self,
        store: Store,
        tokens: Tokens,
        behaviour: Mapping[str, Any],
        usage: str,
        is_active: Callable[[str], bool],
    ) -> None:
        self._store, self._tokens, self._behaviour = store, tokens, behaviour
        self._usage, self._is_active = usage, is_active
        self._limit = Limit(CALLS_PER_HOUR, 3_600)

    def route(self, method: str, path: str, handle: Handle, allowed: Collection[str] = ()) -> Route:
        """``handle(call, **named)`` gives what is answered as JSON; the version before the path is optional. Not under the lock."""
        return route(method, f"(?:/v[0-9]+[.][0-9]+)?{path}/?", self._answering(handle, GENERAL | frozenset(allowed)))

    def open_route(self, method: str, path: str, handle: Handle) -> Route:
        """The same for everybody: ``handle(request, told)``; no token is asked for."""

        def answer(request: Request, **named: str) -> Answer:
            try:
                with self._store.lock:
                    answered = handle(request, parameters(request), **named)
            except RefusedError as refused:
                return as_json(refused.shown(), refused.status)
            return answered if isinstance(answered, Answer) else as_json(answered)

        return route(method, f"(?:/v[0-9]+[.][0-9]+)?{path}/?", answer)

    def _answering(self, handle: Handle, allowed: frozenset[str]) -> Callable[..., Answer]:
        def answer(request: Request, **named: str) -> Answer:
            headers: dict[str, str] = {}
            try:
                call, headers = self._let_in(request, allowed)
                answered = handle(call, **named)
            except RefusedError as refused:
                return as_json(refused.shown(), refused.status, headers or getattr(refused, "headers", {}))
            return as_json(answered, headers=headers)

        return answer

    def _let_in(self, request: Request, allowed: frozenset[str]) -> tuple[Call, dict[str, str]]:
        if self._behaviour["version_gone"]:
            raise RefusedError("(#2635) You are calling a deprecated version of the API. Please update.", 2635)
        told = parameters(request)
        with self._store.lock:
            token = self._tokens.find(request.token or told.get("access_token", ""))
            if self._behaviour["dead_tokens"] or not self._is_active(token.owner):
                message = "Error validating access token: The session has been invalidated because the user changed their password"
                raise RefusedError(message, 190, 460, status=401)
            permitted, window = self._limit.spend(token.owner)
        headers = self._usage_headers(token.owner, window, spent=not permitted)
        if not permitted:
            refused = RefusedError("(#4) Application request limit reached", 4, status=403)
            refused.headers = headers  # type: ignore[attr-defined]
            raise refused
        unknown = sorted(set(told) - allowed)
        if unknown:
            raise RefusedError(f"(#100) Unexpected parameter: {', '.join(unknown)}", 100)
        return Call(request, told, token), headers

    def _usage_headers(self, owner: str, window: Window, *, spent: bool) -> dict[str, str]:
        """The share of the hour's calls in per cent, and in how many minutes there are new ones once they are used up."""
        percent = round(100 * window.used / CALLS_PER_HOUR)
        minutes = math.ceil((window.resets_at - now()) / timedelta(minutes=1)) if spent else 0
        figures = {"call_count": percent, "total_cputime": percent, "total_time": percent}
        business = {owner: [{"type": self._usage, **figures, "estimated_time_to_regain_access": minutes}]}
        return {"x-app-usage": json.dumps(figures), "x-business-use-case-usage": json.dumps(business)}


def parameters(request: Request) -> dict[str, str]:
    """By name, from the query and the body, whether that is a form, a multipart one or JSON. The last one counts."""
    told = {name: values[-1] for name, values in request.query.items()}
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/"):
        parts = multipart(request)
        return told | {name: content.decode("utf-8", "replace") for name, content in parts.items()}
    if kind.startswith("application/json"):
        fields = request.fields.items()
        return told | {name: one if isinstance(one, str) else json.dumps(one) for name, one in fields}
    form = parse_qs(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return told | {name: values[-1] for name, values in form.items()}


def only(told: Mapping[str, str], done: Collection[str]) -> None:
    """Refuses what Meta lists and this server does nothing with."""
    left = sorted(set(told) - set(done) - GENERAL)
    if left:
        raise RefusedError(f"(#100) {', '.join(left)}: listed by Meta, not simulated by this server", 100)


def no_such(node: str) -> RefusedError:
    message = (
        f"Unsupported request. Object with ID '{node}' does not exist, cannot be loaded due to missing permissions, or does "
        "not support this operation"
    )
    return RefusedError(message, 100, 33)


def selected(node: Mapping[str, Any], fields: str, kind: str, otherwise: Sequence[str] = ("id",)) -> dict[str, Any]:
    """The fields that were asked for, and the id. RefusedError for one that such a node does not have."""
    shown = {"id": node["id"]} if "id" in node else {}
    for name, inner in _asked_fields(fields or ",".join(otherwise)):
        if name not in node:
            raise RefusedError(f"(#100) Tried accessing nonexisting field ({name}) on node type ({kind})", 100)
        value = node[name]
        if value is not None:
            shown[name] = selected(value, inner, kind) if isinstance(value, dict) and inner else value
    return shown


def page_of(call: Call, nodes: Sequence[Mapping[str, Any]], kind: str, otherwise: Sequence[str]) -> dict[str, Any]:
    """One page of a list, newest first, with cursors as the graph API pages."""
    limit = call.told.get("limit", "25")
    if not limit.isdigit() or not 1 <= int(limit) <= 100:
        raise RefusedError("(#100) limit must be a whole number from 1 to 100", 100)
    ids, after = [str(node["id"]) for node in nodes], call.told.get("after", "")
    if after and after not in ids:
        raise RefusedError("(#100) Invalid cursor", 100)
    first = ids.index(after) + 1 if after else 0
    shown = nodes[first : first + int(limit)]
    paging: dict[str, Any] = {}
    if shown:
        paging["cursors"] = {"before": str(shown[0]["id"]), "after": str(shown[-1]["id"])}
        if first + len(shown) < len(nodes):
            asked = {**call.told, "limit": limit, "after": str(shown[-1]["id"])}
            asked = {name: value for name, value in asked.items() if name != "access_token"}
            paging["next"] = f"{call.request.origin}{call.request.path}?{urlencode(asked)}"
    summary = {"summary": {"total_count": len(nodes)}} if call.flag("summary", False) else {}
    return {"data": [selected(node, call.fields, kind, otherwise) for node in shown], "paging": paging, **summary}


def shown_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def missing(request: Request) -> Answer:
    """To a path that leads nowhere."""
    return as_json(RefusedError(f"Unknown path components: {request.path}", 2500).shown(), 400)


def _asked_fields(fields: str) -> list[tuple[str, str]]:
    """``id,page{id,name}`` -> ``[("id", ""), ("page", "id,name")]``."""
    return [(name, inner) for name, inner in re.findall(r"([a-z_0-9]+)(?:\{([^{}]*)\})?", fields)]
