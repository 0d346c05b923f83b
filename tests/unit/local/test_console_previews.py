"""A row's number in the console opens its package as each network will show it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from local.console import StackAddresses, create_app
from tests.browser.fake_stack import FakeStack, cafe
from tests.unit.mesh.cards.preview_samples import PICTURES, post_on_all

ADDRESSES = StackAddresses(
    aws="http://stack",
    sheets="http://stack",
    networks="http://stack",
    function_url="http://stack/function",
)


def get(stack: FakeStack, *paths: str) -> list[httpx.Response]:
    async def inside() -> list[Any]:
        app = create_app(ADDRESSES, transport=httpx.ASGITransport(stack.app()), quiet_seconds=0.0)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:4000") as client:
            return [await client.get(path) for path in paths]

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(inside())).result()


def with_package(images: int = 1) -> tuple[FakeStack, str]:
    stack = cafe()
    manifest, _ = post_on_all(images)
    stack.revisions["p_1"] = manifest.revision
    stack.objects[f"packages/p_1/{manifest.revision}/manifest.json"] = manifest.canonical()
    for sha256, (content, *_) in PICTURES.items():
        stack.objects[f"packages/p_1/{manifest.revision}/{sha256}"] = content
    return stack, manifest.revision


def test_the_current_package_is_shown_on_every_network_under_a_strict_policy() -> None:
    stack, _ = with_package()
    (answer,) = get(stack, "/preview/p_1")
    assert answer.status_code == 200
    for name in ("X", "Instagram", "Facebook", "Threads", "LinkedIn", "Bluesky", "Mastodon"):
        assert f">{name}</span>" in answer.text
    assert "Not on x-second" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "style=" not in answer.text.partition("</style>")[2]


def test_an_aws_side_that_does_not_answer_is_said_in_words() -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async def inside() -> httpx.Response:
        app = create_app(ADDRESSES, transport=httpx.MockTransport(nobody), quiet_seconds=0.0)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:4000") as client:
            return await client.get("/preview/p_1?embedded")

    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(lambda: asyncio.run(inside())).result()
    assert (answer.status_code, answer.json()["error"]) == (502, "The posts cannot be read now.")


def test_only_pictures_of_the_package_are_served() -> None:
    stack, revision = with_package()
    shown, *others = list(PICTURES)
    stack.objects[f"packages/p_1/{revision}/secret"] = b"secret"
    answers = get(
        stack, f"/preview/p_1/{revision}/{shown}", f"/preview/p_1/{revision}/secret", "/preview/p_1/none/none"
    )
    assert [answer.status_code for answer in answers] == [200, 404, 404]
    assert answers[0].content == PICTURES[shown][0]
    assert others


def test_a_post_without_a_package_says_so() -> None:
    stack = cafe()
    stack.revisions["p_3"] = ""
    for answer in get(stack, "/preview/p_2", "/preview/p_3"):
        assert "No preview yet" in answer.text
