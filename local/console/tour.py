"""What the page's tour asks beyond what everybody sees: which business it is of, who approved a post, and its one broken network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.console.bodies import fresh, json_object
from local.console.stack import Stack
from local.samples import business_of
from mesh.rulebook import Channel, parse_rules

_PUBLISHES = {
    "x": r"POST /2/tweets",
    "bluesky": r"POST /xrpc/com\.atproto\.repo\.(putRecord|createRecord)",
    "mastodon": r"POST /api/v1/statuses",
    "facebook": r"POST .*/(feed|photos)",
    "instagram": r"POST .*/media_publish",
    "threads": r"POST .*/threads_publish",
    "linkedin": r"POST /rest/posts",
}
"""The request that makes a post public, in ``METHOD /path`` of each network's server."""
_NO_ANSWER_SECONDS = 4.0  # the network hangs up then: long enough to be seen, short enough to wait for


class Tour:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._ordered: dict[str, dict[str, Any]] = {}  # by channel: network, host, and since when

    def routes(self) -> list[Route]:
        return [
            Route("/api/tour", self.about),
            Route("/api/tour/posts/{post_id}", self.post),
            Route("/api/tour/fault", self.fault, methods=["POST"]),
        ]

    async def about(self, _: Request) -> Response:
        """``sample`` ("" with a calendar of one's own), ``stack``, another one for each that was started anew, the network of each
        of ``channels``, and the row that is offered.
        """
        sample = self._stack.addresses.sample
        offer = business_of(sample).offer
        return fresh(
            {
                "sample": sample,
                "stack": await self._stack.spreadsheet_id(),
                "channels": {name: channel.network for name, channel in (await self._channels()).items()},
                "offer": {"channels": offer.channels, "text": offer.text, "edited": offer.edited},
            }
        )

    async def _channels(self) -> Mapping[str, Channel]:
        return parse_rules(await self._stack.rules(), default_zone="UTC")[0].channels

    async def post(self, request: Request) -> Response:
        """``decisions``: ``at``, ``by`` and ``how`` (mail, slack) of each approval of a post, oldest first."""
        rows = await self._stack.audit(request.path_params["post_id"])
        decisions = [
            {"at": row["ts"], "by": row["by_user"], "how": row.get("how", "")}
            for row in rows
            if row["action"] == "approved"
        ]
        return fresh({"decisions": decisions})

    async def fault(self, request: Request) -> Response:
        """``{"channel"}``: its network takes the next post and gives no answer."""
        name = str((await json_object(request, "channel"))["channel"])
        channel = (await self._channels()).get(name)
        if channel is None:
            raise HTTPException(404, f"The rules doc names no channel {name}.")
        order = {"match": _PUBLISHES[channel.network], "do": "timeout-after", "count": 1, "seconds": _NO_ANSWER_SECONDS}
        fault = await self._stack.order_fault(channel.host, order)
        now = (await self._stack.clock())["now"]
        self._ordered[name] = {"network": channel.network, "host": channel.host, "id": fault["id"], "since": now}
        return fresh({"ordered": True})

    async def shown(self) -> dict[str, Any]:
        """``broken``: what was ordered here and how much of it is left; what was switched off elsewhere is forgotten."""
        broken = []
        for name, ordered in list(self._ordered.items()):
            found = [one for one in await self._stack.faults(ordered["host"]) if one["id"] == ordered["id"]]
            if not found or not found[0]["count"]:
                del self._ordered[name]
                continue
            broken.append(
                {
                    "channel": name,
                    "network": ordered["network"],
                    "left": found[0]["count"],
                    "since": ordered["since"],
                }
            )
        return {"broken": broken}
