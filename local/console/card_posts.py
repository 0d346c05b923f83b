"""What became of the posts that a card asked about, in the words of the card's own message in Slack."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.console.bodies import fresh
from local.console.stack import Stack
from mesh.ledger.items import Head, Status, head_key, read_head, read_status
from mesh.messages.slack_standing import CHANGED, Reference, decided

_MOST_POSTS = 10  # a card has no more


class CardPosts:
    """Asked of the tables each time, as whoever looks at an open card has perhaps just pressed it."""

    def __init__(self, stack: Stack, zone: ZoneInfo) -> None:
        self._stack = stack
        self._zone = zone

    def routes(self) -> list[Route]:
        return [Route("/api/standing", self.answer)]

    async def answer(self, request: Request) -> Response:
        """``?round=r_…&post=<post_id>:<revision>&…``: per post ``said`` ("" while a press is wanted), ``changed`` and ``newer``.

        ``changed``: the revision is not the post's any more, and ``newer`` is the round that asks about the one of now, "" while none does.
        """
        given = [told.partition(":") for told in request.query_params.getlist("post")]
        pairs = tuple((post_id, revision) for post_id, _, revision in given)
        if not pairs or len(pairs) > _MOST_POSTS or not all(post_id and revision for post_id, revision in pairs):
            raise HTTPException(400, "Ask for one to ten posts, each as id:revision.")
        asked = Reference(key="", round_id=request.query_params.get("round", ""), pairs=pairs, expires_at=0)
        statuses = {
            item["post_id"]: read_status(item)
            for item in await self._stack.items("status", [{"post_id": post_id} for post_id in dict(pairs)])
        }
        heads = await self._heads(statuses)
        return fresh(
            {
                "posts": [
                    became(statuses.get(post_id), heads.get(post_id, []), asked, post_id, revision, self._zone)
                    for post_id, revision in pairs
                ]
            }
        )

    async def _heads(self, statuses: dict[str, Status]) -> dict[str, list[Head]]:
        found: dict[str, list[Head]] = {}
        keys = [
            {"post_channel": head_key(post_id, channel), "attempt": 0}
            for post_id, status in statuses.items()
            for channel in status.channels
        ]
        for item in await self._stack.items("sends", keys):
            head = read_head(item)
            found.setdefault(head.post_id, []).append(head)
        return found


def became(
    status: Status | None, heads: list[Head], asked: Reference, post_id: str, revision: str, zone: ZoneInfo
) -> dict[str, Any]:
    """Of one post; ``asked`` is the card's round."""
    said = decided(status, sorted(heads, key=lambda head: head.channel), asked, revision, zone)
    changed = said.startswith(CHANGED)
    newer = ""
    if changed and status is not None and status.asked is not None:
        newer = status.asked.round_id if status.asked.revision == status.current_revision else ""
    return {"post_id": post_id, "said": said, "changed": changed, "newer": newer}
