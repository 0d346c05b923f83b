"""The Slack channel beside the outbox: its messages with what each is about, and presses of their buttons."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

import local.slack
from local.console.bodies import fresh, json_object
from local.console.stack import Stack
from mesh.approvals import words_of

_DRAWING = Path(local.slack.__file__).parent / "page"
_DRAWN_BY = ("blocks.js", "blocks.css")
_KINDS = {
    "card": "card",
    "question": "question",
    "troubles": "trouble",
    "digest": "digest",
    "recap": "recap",
    "draft": "draft",
    "drafts": "draft",
    "plan": "draft",
}
_AT_ONCE = 400  # messages of one answer: some 2 MB, which a browser reads without a stop
_LOOKS = 5  # for the note of a message that was only just posted; some never have one


class Slack:
    """Where there is none, ``shown`` is None and nothing of it is on the page."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._about: dict[str, dict[str, Any]] = {}
        self._looked: dict[str, int] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/api/slack", self.messages),
            Route("/api/slack/click", self.click, methods=["POST"]),
            Route("/page/slack/{name}", self.drawing),
        ]

    async def shown(self) -> dict[str, Any] | None:
        """``version`` is another one after every change; the messages are asked for by it."""
        if not self._stack.addresses.slack:
            return None
        return {"version": await self._stack.slack_version()}

    async def messages(self, request: Request) -> Response:
        """The local Slack's feed since ``after``; each message with ``kind``, ``round`` and ``posts``, as a mail has them.

        Of many the ones that changed first, with the version that these make and ``more``: the rest is asked for by it.
        """
        if not self._stack.addresses.slack:
            raise HTTPException(404, "There is no Slack here.")
        feed = await self._stack.slack_feed(request.query_params.get("after", ""))
        more = len(feed["messages"]) > _AT_ONCE
        if more:
            chosen = sorted(feed["messages"], key=lambda one: int(one["stamp"]))[:_AT_ONCE]
            feed |= {"messages": chosen, "version": f"{feed['version'].partition('.')[0]}.{chosen[-1]['stamp']}"}
        told = await self._told(feed["messages"])
        return fresh({**feed, "more": more, "messages": [{**one, **told[one["ts"]]} for one in feed["messages"]]})

    async def click(self, request: Request) -> Response:
        """POST ``{"ts", "action_id", "user", "position"}``: what Slack sends to the app then, it sends."""
        click = await json_object(request, "ts", "action_id", "user")
        named = {name: value for name, value in click.items() if name in {"ts", "action_id", "user", "position"}}
        return fresh(await self._stack.slack_click(named))

    async def drawing(self, request: Request) -> Response:
        """Slack's own page draws its messages by the same module."""
        name = request.path_params["name"]
        if name not in _DRAWN_BY:
            raise HTTPException(404, "There is no such file.")
        return FileResponse(_DRAWING / name)

    async def _told(self, messages: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """What each is about, by what the mesh noted of it; a note never changes in that, so each is looked up once."""
        missing = [one["ts"] for one in messages if one["ts"] not in self._about]
        wanted = [ts for ts in missing if self._looked.get(ts, 0) < _LOOKS]
        if wanted:
            self._looked |= {ts: self._looked.get(ts, 0) + 1 for ts in wanted}
            self._about |= {
                one["ts"]: of_reference(one) for one in await self._stack.slack_references() if one.get("ts")
            }
        return {one["ts"]: self._about.get(one["ts"]) or of_buttons(one) for one in messages}


def of_reference(reference: Mapping[str, Any]) -> dict[str, Any]:
    """By the mesh's own note of the message."""
    name = str(reference["key"]).split("#")[1]
    posts = [list(pair) for pair in reference.get("pairs", ())]
    return {"kind": _KINDS.get(name, "note"), "round": str(reference["round_id"]), "posts": posts}


def of_buttons(message: Mapping[str, Any]) -> dict[str, Any]:
    """By what its buttons would approve, where no note of it is found."""
    values = [
        str(element.get("value", ""))
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]
    tokens = [token for value in values if (token := words_of(value)) is not None]
    posts = [list(pair) for pair in dict.fromkeys(pair for token in tokens for pair in token.posts)]
    return {
        "kind": "card" if posts and all(revision for _, revision in posts) else "note",
        "round": next((token.round_id for token in tokens), ""),
        "posts": posts,
    }
