"""What the tour asks of the console: the business, its offer, and who approved a post."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx

from local.console import StackAddresses, create_app
from tests.browser.fake_stack import FakeStack, cafe

ADDRESSES = StackAddresses(
    aws="http://stack", sheets="http://stack", networks="http://stack", function_url="http://stack/function"
)


def asked(
    stack: FakeStack, use: Callable[[httpx.AsyncClient], Awaitable[Any]], addresses: StackAddresses = ADDRESSES
) -> Any:
    async def inside() -> Any:
        app = create_app(addresses, transport=httpx.ASGITransport(stack.app()), quiet_seconds=0.0)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:4000") as client:
            return await use(client)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(inside())).result()


def test_a_sample_offers_a_row_in_its_own_words_and_a_calendar_of_ones_own_a_plain_one() -> None:
    offers = [
        asked(cafe(), lambda client: client.get("/api/tour"), replace(ADDRESSES, sample=sample)).json()
        for sample in ("bookshop", "")
    ]
    assert [(offer["sample"], offer["stack"]) for offer in offers] == [("bookshop", "sheet-1"), ("", "sheet-1")]
    assert "窓ぎわ" in offers[0]["offer"]["text"]
    for offer in offers:
        assert offer["offer"]["text"] != offer["offer"]["edited"]
        assert offer["offer"]["channels"] == "x-main"
        assert offer["channels"] == {"bluesky-main": "bluesky", "mastodon-main": "mastodon"}


def test_who_approved_comes_from_the_audit_in_order_and_nothing_else_of_it() -> None:
    stack = cafe()
    stack.audit["p_1"] = [
        {"ts": "2027-03-15T07:00:00Z", "action": "package ready", "by_user": "renderer"},
        {"ts": "2027-03-15T07:01:00Z", "action": "approved", "by_user": "ada@example.test", "how": "mail"},
        {"ts": "2027-03-15T07:03:00Z", "action": "held", "by_user": "ada@example.test", "how": "mail"},
        {"ts": "2027-03-15T07:05:00Z", "action": "approved", "by_user": "bo@example.test", "how": "slack"},
    ]
    assert asked(stack, lambda client: client.get("/api/tour/posts/p_1")).json() == {
        "decisions": [
            {"at": "2027-03-15T07:01:00Z", "by": "ada@example.test", "how": "mail"},
            {"at": "2027-03-15T07:05:00Z", "by": "bo@example.test", "how": "slack"},
        ]
    }
    assert asked(stack, lambda client: client.get("/api/tour/posts/p_2")).json() == {"decisions": []}
