"""What the page's tour asks beyond what everybody sees: which business it is of, and who approved a post."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.console.bodies import fresh
from local.console.stack import Stack
from local.samples import business_of
from mesh.rulebook import Channel, parse_rules


class Tour:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def routes(self) -> list[Route]:
        return [
            Route("/api/tour", self.about),
            Route("/api/tour/posts/{post_id}", self.post),
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
