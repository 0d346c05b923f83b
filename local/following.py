"""While somebody watches, the sheet shows what happened within seconds; alone it would take up to five minutes.

On AWS drive-sync looks every five minutes and after the events that matter most; here it also looks after every other event.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import httpx

_EVERY_SECONDS = 1.0


async def follow(aws: str, schedule: str, source: str) -> None:
    """Fire ``schedule`` whenever the bus has carried something of ours since the last look; until cancelled.

    It ends by itself: a look that changes nothing emits nothing.
    """
    async with httpx.AsyncClient(base_url=aws, timeout=30) as client:
        seen = 0
        while True:
            with suppress(httpx.HTTPError):  # the stack may be stopping; the next round tells
                fresh = (await client.get(f"/_local/events?after={seen}")).json()["events"]
                ours = [event for event in fresh if event["source"] == source]
                if fresh:
                    seen = fresh[-1]["seq"]
                if ours:
                    await client.get("/_local/idle?timeout_seconds=10")
                    await client.post("/_local/fire", json={"schedule": schedule})
            await asyncio.sleep(_EVERY_SECONDS)
