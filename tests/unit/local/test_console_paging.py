"""A long outbox comes in pages: the newest mails at once and without their bodies, the others as they are asked for."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx

from local.aws.clock import StackClock
from local.aws.journal import Journal
from local.aws.mails import Mails
from mesh.approvals import Action
from tests.browser.fake_stack import FakeStack, cafe
from tests.unit.local.test_console_app import run
from tests.unit.local.test_console_slack import POSTS, link


def long_outbox(count: int = 450) -> FakeStack:
    stack = cafe()
    for n in range(count):
        stack.send_mail(
            f"Mail {n}", "about an apple " * 50 if n % 100 == 7 else "about a pear", "<p>A pear</p>", b"jpeg"
        )
    return stack


def numbers(answer: httpx.Response) -> list[int]:
    return [mail["seq"] for mail in answer.json()["mails"]]


def test_the_first_answer_has_the_newest_without_bodies_and_says_how_many_there_are() -> None:
    stack = long_outbox()

    async def use(client: httpx.AsyncClient) -> None:
        first = (await client.get("/api/state")).json()
        assert [mail["seq"] for mail in first["mails"]] == list(range(351, 451))
        assert first["outbox"] == {"count": 450, "first": 1}
        assert not {"text", "html", "raw_base64"} & first["mails"][0].keys()
        assert len(json.dumps(first["mails"])) < 50_000
        same = (await client.get("/api/state", params={"after": first["after"]})).json()
        assert (same["mails"], same["outbox"]) == ([], None)
        stack.send_mail("One more", "Text")
        new = (await client.get("/api/state", params={"after": same["after"]})).json()
        assert ([mail["seq"] for mail in new["mails"]], new["outbox"]["count"]) == ([451], 451)

    run(stack, use)


def test_older_ones_are_asked_for_page_by_page_to_the_first() -> None:
    async def use(client: httpx.AsyncClient) -> None:
        before, seen = 351, []
        more = True
        while more:
            answer = await client.get("/api/mails", params={"before": before})
            seen = numbers(answer) + seen
            before, more = seen[0], answer.json()["more"]
        assert seen == list(range(1, 351))

    run(long_outbox(), use)


def test_words_are_found_in_whole_texts_however_old_the_mail_is() -> None:
    async def use(client: httpx.AsyncClient) -> None:
        found = await client.get("/api/mails", params={"words": "APPLE mail"})
        assert (numbers(found), found.json()["more"]) == ([8, 108, 208, 308, 408], False)
        many = await client.get("/api/mails", params={"words": "pear"})
        assert (len(numbers(many)), many.json()["more"]) == (100, True)
        assert numbers(await client.get("/api/mails", params={"words": "plum"})) == []

    run(long_outbox(), use)


def test_an_old_card_is_found_by_its_round_and_by_its_post() -> None:
    stack = cafe()
    seq = stack.send_mail("Please approve", link(Action.REVIEW, POSTS), message_id="card.r_1.p_1.ab")
    for n in range(250):
        stack.send_mail(f"Mail {n}", "about a pear")

    async def use(client: httpx.AsyncClient) -> None:
        for query in ({"round": "r_1"}, {"post": "p_2"}):
            assert numbers(await client.get("/api/mails", params=query)) == [seq]
        for query in ({"round": "r_2"}, {"post": "p_3"}, {"post": "p_1", "before": str(seq)}):
            assert numbers(await client.get("/api/mails", params=query)) == []

    run(stack, use)


def test_one_mail_is_read_alone() -> None:
    stack = long_outbox(3)

    async def use(client: httpx.AsyncClient) -> None:
        assert (await client.get("/api/mails/2")).json() == {"text": "about a pear\n"}
        assert "A pear" in (await client.get("/api/mails/2/html")).text
        assert [(await client.get(f"/api/mails/{where}")).status_code for where in ("9", "9/html")] == [404, 404]

    run(stack, use)


def send(mails: Mails, clock: StackClock, subject: str, text: str, picture: bytes = b"") -> int:
    message = EmailMessage()
    message["To"], message["Subject"], message["Message-ID"] = (
        "anna@moewe.example",
        subject,
        f"<{subject.split()[1]}@x>",
    )
    message.set_content(text)
    if picture:
        message.add_attachment(picture, "image", "jpeg")
    raw: dict[str, Any] = {"Content": {"Raw": {"Data": base64.b64encode(message.as_bytes()).decode()}}}
    return mails.keep(clock, json.dumps(raw).encode())


def test_the_aws_side_lists_mails_without_their_pictures_also_after_a_new_start(tmp_path: Path) -> None:
    clock = StackClock(tmp_path / "clock.json")
    clock.set_to(datetime(2027, 3, 15, 7, tzinfo=UTC))
    mails = Mails(Journal(tmp_path / "mails.jsonl", 4))
    for n in range(6):
        send(mails, clock, f"Mail {n}", f"Größe {n}", b"\xff" * 50_000)
    page = mails.listed(0, None, 2)
    assert (page["count"], page["first"], [mail["seq"] for mail in page["mails"]]) == (4, 3, [5, 6])
    assert (page["mails"][0]["text"], page["mails"][0]["message_id"]) == ("Größe 4\n", "<4@x>")
    assert len(json.dumps(page)) < 1_000
    assert [mail["seq"] for mail in mails.listed(3, 6, None)["mails"]] == [4, 5]
    again = Mails(Journal(tmp_path / "mails.jsonl", 4))
    assert again.listed(0, None, None) == mails.listed(0, None, None)
    assert again.journal.one(6) is not None
    assert again.journal.one(2) is None
