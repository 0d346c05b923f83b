"""What the public sees of a post, and since when: asked of the networks themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from local.story_world import World
from local.week_record import Words


def network_times(world: World) -> dict[str, datetime]:
    """When each public post came into being, by its address, as the networks themselves noted it."""
    told = json.loads((world.stack.folder / "networks" / "networks.json").read_text("utf-8"))
    times = {
        f"{world.stack.networks['bluesky']}/profile/{did}/post/{rkey}": datetime.fromisoformat(record["written_at"])
        for did, records in told["bluesky"]["records"].items()
        for rkey, record in records.items()
    }
    for status in told["mastodon"]["statuses"].values():
        username = told["mastodon"]["accounts"][status["account_id"]]["username"]
        address = f"{world.stack.networks['mastodon']}/@{username}/{status['id']}"
        times[address] = datetime.fromisoformat(status["created_at"]).astimezone(UTC)
    return times


def images_of(entry: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    found = []
    for image in entry["images"]:
        answer = httpx.get(image["url"], timeout=30, verify=False, trust_env=False)
        found.append((str(image["alt"]), hashlib.sha256(answer.content).hexdigest()))
    return tuple(found)


def same_words(out: Words, approved: Words) -> bool:
    """A link stands in the text or on a card, on the page as on the network; nothing else may differ."""
    shown = approved.link in {out.link, ""} or approved.link in out.text
    shown = shown and (out.link in {approved.link, ""} or out.link in approved.text)
    return (out.text, out.images) == (approved.text, approved.images) and shown
