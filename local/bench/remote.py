"""How many remote calls wait for one another in a page, a click, a send and a sync, each by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlencode

from local.bench import own_cpu
from local.bench.figure import Figure
from local.bench.invoking import function
from local.bench.recording import recording, rounds
from local.bench.replaying import Kept, keeping
from local.bench.rows import Bench
from local.stack import PREFIX, Stack
from local.story_world import World
from mesh.approvals import Purpose, Signer
from mesh.events import Send
from mesh.slack import signature
from mesh.vault import Vault


def figures(bench: Bench) -> Iterator[Figure]:
    stack = bench.stack
    world = World(stack)
    for _ in range(3):
        world.sync()
    yield _unchanged_sync(stack)
    cards = world.new_cards()
    single = [
        link
        for card in cards
        for link in card.links
        if link.token.action.value == "review" and len(link.token.posts) == 1
    ]
    approve = function(stack, "approve-handler", "approve_handler")
    approve(_page(single[0].url, "GET", stack))
    click = _page(single[1].url, "POST", stack)
    kept, counted = _measured("a page view", lambda: _shown(approve(_page(single[1].url, "GET", stack))), 2)
    yield counted
    kept, counted = _measured("a click", lambda: _shown(approve(click)), 3)
    yield counted
    yield from own_cpu.figures("click", "approve-handler", lambda: approve(click), kept, click, own_cpu.Click)
    approve(_slack_click(stack, ""))  # warm: nobody's button
    answer = _slack_click(stack, single[2].token.posts[0][0])
    yield _measured("an answer to Slack", lambda: _shown(approve(answer)), 3)[1]
    world.approve(cards)
    world.settle()
    world.sync()
    yield from _sends(stack, world)
    yield _sync(stack, world)


def _sends(stack: Stack, world: World) -> Iterator[Figure]:
    """A text to a network that is asked once."""
    texts = [
        head
        for head in world.heads()
        if head["state"] == "ready" and not world.row(head["post_channel"].split("#")[0])["image"]
    ]
    send = function(stack, "sender", "sender")
    warm, due, *_ = (_due(head) for head in texts if head["post_channel"].endswith("#mastodon-main"))
    send(warm)
    kept, counted = _measured("a text's send", partial(send, due), 8)
    yield counted
    yield from own_cpu.figures("send", "sender", partial(send, due), kept, due, own_cpu.Sending)


def _sync(stack: Stack, world: World) -> Figure:
    """Nothing has changed, and posts are open."""
    for _ in range(3):
        world.sync()
    sync = function(stack, "drive-sync", "drive_sync")
    sync({})  # warm: it has signed in to Google
    return _measured("an unchanged sync", lambda: sync({}), 4)[1]


def _measured(what: str, invoke: Callable[[], object], aim: float | None) -> tuple[Kept, Figure]:
    """``invoke``, once: what it was answered, and how many of its calls waited for one another."""
    with keeping() as kept, recording() as calls:
        invoke()
    return kept, rounds(what, calls, aim)


def _shown(answer: dict[str, Any]) -> None:
    if answer["statusCode"] != 200:
        raise RuntimeError(f"the door answered with {answer['statusCode']}")


def _page(url: str, method: str, stack: Stack) -> dict[str, Any]:
    headers = {
        "origin": stack.console,
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "same-origin",
    }
    return {
        "version": "2.0",
        "rawPath": "/" + url.rsplit("/", 1)[-1],
        "headers": headers,
        "requestContext": {"http": {"method": method}, "domainName": "example.on.aws"},
        "body": "go=1",
        "isBase64Encoded": False,
    }


def _slack_click(stack: Stack, post_id: str) -> dict[str, Any]:
    """A member's press of the post's Approve button, as Slack signs and sends it; with no post, of a button nobody made."""
    secret = Vault(stack.client("secretsmanager")).document(f"{PREFIX}/slack")
    buttons = [
        element
        for message in stack.get(f"{stack.slack}/_local/feed")["messages"]
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]
    keys = Vault(stack.client("secretsmanager")).signing_keys(f"{PREFIX}/approval/signing-secret")
    signer, now = Signer(keys, PREFIX, Purpose.SLACK), stack.now()
    approving = [one["value"] for one in buttons if one["action_id"] == "approve"]
    value = next((one for one in approving if signer.read(one, now).posts[0][0] == post_id), "none")
    click = {"type": "block_actions", "user": {"id": next(iter(secret["users"]))}, "actions": [{"value": value}]}
    body = urlencode({"payload": json.dumps(click)})
    stamp = str(int(now.timestamp()))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature(secret["signing_secret"], stamp, body.encode()),
    }
    return {
        "version": "2.0",
        "rawPath": "/slack",
        "headers": headers,
        "requestContext": {"http": {"method": "POST"}, "domainName": "example.on.aws"},
        "body": body,
        "isBase64Encoded": False,
    }


def _due(head: dict[str, Any]) -> dict[str, Any]:
    post_id, channel = head["post_channel"].split("#")
    detail = Send(post_id=post_id, channel=channel, revision=head["revision"], attempt=head["attempts"] + 1)
    return {"detail-type": detail.detail_type, "source": PREFIX, "detail": detail.model_dump(mode="json")}


def _google_calls(stack: Stack) -> list[dict[str, Any]]:
    answer = stack.get(f"{stack.sheets}/owner/calls?after=0")
    calls: list[dict[str, Any]] = answer["calls"] if isinstance(answer, dict) else answer
    return [call for call in calls if call["path"] != "/token"]


def _unchanged_sync(stack: Stack) -> Figure:
    before = len(_google_calls(stack))
    stack.fire(f"{PREFIX}-drive-sync")
    stack.idle()
    made = _google_calls(stack)[before:]
    return Figure(
        "calls to Google of an unchanged sync",
        len(made),
        "calls",
        aim=1,
        detail=", ".join(f"{c['method']} {c['path']}" for c in made),
    )
