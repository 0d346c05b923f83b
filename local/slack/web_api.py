"""The Web API: chat.postMessage, chat.update, chat.postEphemeral, chat.getPermalink, auth.test, and where clicks are answered at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.networks.web import Answer, Request, Route, as_json, route
from local.slack.block_kit import complaints, too_long
from local.slack.workspace import CHANNEL, USERS, RefusedError, Workspace

_LONGEST_TEXT = 40_000
_ARGUMENTS = {
    "chat.postMessage": {"channel", "text", "blocks", "mrkdwn", "unfurl_links", "unfurl_media", "thread_ts", "parse"},
    "chat.update": {"channel", "ts", "text", "blocks", "parse"},
    "chat.postEphemeral": {"channel", "user", "text", "blocks"},
    "chat.getPermalink": {"channel", "message_ts"},
    "auth.test": set(),
}
_BY_GET = {"chat.getPermalink", "auth.test"}
_SCOPES = "chat:write"  # the manifest's


class WebApi:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._methods: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.postEphemeral": self._whisper,
            "chat.getPermalink": self._permalink,
            "auth.test": lambda _: {
                "url": "http://127.0.0.1",
                "team": "Local",
                "user": "social-scheduler",
                "bot_id": "B1",
            },
        }

    def routes(self) -> list[Route]:
        return [
            route("POST", r"/api/(?P<method>[a-zA-Z.]+)", self._call),
            route("GET", r"/api/(?P<method>[a-zA-Z.]+)", self._call),
            route("POST", r"/actions/(?P<ticket>[0-9a-f]+)", self._answered),
        ]

    def _call(self, request: Request, method: str) -> Answer:
        """Always 200, as Slack answers: what is wrong stands in ``error``."""
        try:
            return as_json({"ok": True, **self._done(method, request)}, headers={"x-oauth-scopes": _SCOPES})
        except RefusedError as error:
            messages = {"response_metadata": {"messages": error.messages}} if error.messages else {}
            return as_json({"ok": False, "error": error.code, **messages})

    def _done(self, method: str, request: Request) -> dict[str, Any]:
        if method not in self._methods:
            raise RefusedError("unknown_method")
        self._workspace.check(request.token)
        if request.method == "GET" and method not in _BY_GET:
            raise RefusedError("unknown_method")
        told = {name: request.asked(name) for name in request.query} if method in _BY_GET else request.fields
        if unknown := set(told) - _ARGUMENTS[method]:
            raise RefusedError("invalid_arguments", [f"[ERROR] unknown argument: {sorted(unknown)[0]}"])
        return self._methods[method](told)

    def _post(self, told: dict[str, Any]) -> dict[str, Any]:
        message = self._workspace.post(str(told.get("channel", "")), *_content(told))
        return {"channel": message["channel"], "ts": message["ts"], "message": {"text": message["text"]}}

    def _update(self, told: dict[str, Any]) -> dict[str, Any]:
        message = self._workspace.update(str(told.get("channel", "")), str(told.get("ts", "")), *_content(told))
        return {"channel": message["channel"], "ts": message["ts"], "text": message["text"]}

    def _permalink(self, told: dict[str, Any]) -> dict[str, Any]:
        channel, ts = str(told.get("channel", "")), str(told.get("message_ts", ""))
        if channel != CHANNEL:
            raise RefusedError("channel_not_found")
        self._workspace.message(ts)
        return {"channel": channel, "permalink": f"https://local.slack.com/archives/{channel}/p{ts.replace('.', '')}"}

    def _whisper(self, told: dict[str, Any]) -> dict[str, Any]:
        if told.get("user") not in USERS:
            raise RefusedError("user_not_in_channel")
        self._workspace.tell(str(told["user"]), _content(told)[0])
        return {"message_ts": "0.0"}

    def _answered(self, request: Request, ticket: str) -> Answer:
        """A ``response_url``: says something to the one who clicked."""
        told = request.fields
        if told.get("response_type", "ephemeral") != "ephemeral" or not told.get("text"):
            return as_json({"ok": False, "error": "invalid_payload"}, 400)
        try:
            self._workspace.whisper(ticket, str(told["text"]))
        except RefusedError as error:
            return as_json({"ok": False, "error": error.code}, 404)
        return as_json({"ok": True})


def _content(told: dict[str, Any]) -> tuple[str, list[Any]]:
    text, blocks = str(told.get("text", "")), told.get("blocks", [])
    if not text and not blocks:
        raise RefusedError("no_text")
    if len(text) > _LONGEST_TEXT:
        raise RefusedError("msg_too_long")
    if found := complaints(blocks):
        raise RefusedError("invalid_blocks", [f"[ERROR] {one}" for one in found])
    if too_long(blocks):
        raise RefusedError("msg_blocks_too_long")
    return text, blocks
