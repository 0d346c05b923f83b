"""The Bluesky adapter against a real PDS: what is posted, and that a repetition posts nothing more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from between import Held, answer_lost, broken_after_effect, never_arrived
from real_channels import PICTURE, PNG, BlueskyChannel, new_key

from networks.model import AttemptKey, Draft, Of, Presence, Problem, Rendition, Result
from networks.tid import derived_tid

pytestmark = pytest.mark.real

TEXT = "Käsekuchen 🥧 für alle 👩‍👩‍👧: https://café.example.com/menü?a=1 … #Kaffee☕ #naïve, #东京 (#tag) 🇩🇪"
DRAFT = Draft(TEXT)


def facets(record: dict[str, Any]) -> list[tuple[str, str]]:
    """Each facet as the bytes it covers and what it says, both read back from the server."""
    text = record["text"].encode()
    found = []
    for facet in record["facets"]:
        covered = text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        (feature,) = facet["features"]
        found.append((covered, feature.get("uri") or feature["tag"]))
    return found


def test_a_text_arrives_as_it_was_written(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    outcome = bluesky.publish(DRAFT, key)

    assert outcome.result is Result.OK, outcome
    (post,) = bluesky.records()
    assert (post["uri"], post["cid"]) == (outcome.remote_id, outcome.receipt["cid"])
    assert post["value"]["text"] == TEXT
    assert post["value"]["createdAt"].startswith(key.created_at.isoformat()[:19])


def test_links_and_hashtags_are_marked_by_the_bytes_they_cover(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    assert bluesky.publish(DRAFT, key).result is Result.OK

    (post,) = bluesky.records()
    assert facets(post["value"]) == [
        ("https://café.example.com/menü?a=1", "https://café.example.com/menü?a=1"),
        ("#Kaffee", "Kaffee"),
        ("#naïve", "naïve"),
        ("#东京", "东京"),
        ("#tag", "tag"),
    ]


def test_a_link_becomes_a_card(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    assert bluesky.publish(Draft("Our menu 🥧", "https://cafe.example/menu"), key).result is Result.OK

    (post,) = bluesky.records()
    assert post["value"]["text"] == "Our menu 🥧"
    card = {"uri": "https://cafe.example/menu", "title": "cafe.example", "description": ""}
    assert post["value"]["embed"] == {"$type": "app.bsky.embed.external", "external": card}


def test_an_image_arrives_byte_for_byte_with_its_alt_text(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    assert bluesky.publish(Draft("Look", images=(PICTURE,)), key).result is Result.OK

    (post,) = bluesky.records()
    (image,) = post["value"]["embed"]["images"]
    assert image["alt"] == PICTURE.alt
    assert image["aspectRatio"] == {"width": 120, "height": 80}
    assert image["image"]["mimeType"] == "image/png"
    assert bluesky.blob(image["image"]["ref"]["$link"]) == PNG


def test_a_link_beside_an_image_stands_in_the_text(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    draft = Draft("Schöner Kuchen 🥧", "https://cafe.example/menü", (PICTURE,))
    assert bluesky.publish(draft, key).result is Result.OK

    (post,) = bluesky.records()
    assert post["value"]["text"] == "Schöner Kuchen 🥧\n\nhttps://cafe.example/menü"
    assert facets(post["value"]) == [("https://cafe.example/menü", "https://cafe.example/menü")]


@pytest.mark.parametrize("draft", [DRAFT, Draft("Look", images=(PICTURE,))], ids=["text", "image"])
def test_the_same_send_twice_is_one_record(bluesky: BlueskyChannel, key: AttemptKey, draft: Draft) -> None:
    first, second = bluesky.publish(draft, key), bluesky.publish(draft, key)

    assert (first.result, second.result) == (Result.OK, Result.OK)
    assert (first.remote_id, first.receipt) == (second.remote_id, second.receipt)
    (post,) = bluesky.records()
    assert post["uri"].endswith(f"/{derived_tid(key)}")


@pytest.mark.parametrize("draft", [DRAFT, Draft("Look", images=(PICTURE,))], ids=["text", "image"])
def test_eight_at_once_are_one_record(bluesky: BlueskyChannel, key: AttemptKey, draft: Draft) -> None:
    bluesky.sign_in_with(**bluesky.signed_in())
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: bluesky.publish(draft, key), range(8)))

    assert {outcome.result for outcome in outcomes} == {Result.OK}, outcomes
    assert len({(outcome.remote_id, outcome.receipt["cid"]) for outcome in outcomes}) == 1
    assert len(bluesky.records()) == 1
    assert bluesky.find(draft, key).presence is Presence.PRESENT


def test_two_keys_are_two_records(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    other = new_key(key.created_at)

    assert bluesky.publish(DRAFT, key).remote_id != bluesky.publish(DRAFT, other).remote_id

    assert len(bluesky.records()) == 2


def test_another_text_under_the_same_key_does_not_replace_the_first(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    bluesky.publish(DRAFT, key)

    assert bluesky.publish(Draft("Something else"), key).result is Result.UNKNOWN

    assert [post["value"]["text"] for post in bluesky.records()] == [TEXT]


@pytest.mark.parametrize(
    ("twist", "posted"),
    [(answer_lost, 1), (broken_after_effect, 1), (never_arrived, 0)],
    ids=["answer lost", "500 after effect", "never arrived"],
)
def test_what_proves_nothing_is_unknown_and_repeating_makes_it_one(
    bluesky: BlueskyChannel, key: AttemptKey, twist: Any, posted: int
) -> None:
    bluesky.between.script = [twist]

    assert bluesky.publish(DRAFT, key).result is Result.UNKNOWN

    assert len(bluesky.records()) == posted
    assert bluesky.find(DRAFT, key).presence is (Presence.PRESENT if posted else Presence.ABSENT)
    assert bluesky.publish(DRAFT, key).result is Result.OK
    assert len(bluesky.records()) == 1


def test_a_request_that_lands_after_the_look_and_the_repetition_is_still_one_record(
    bluesky: BlueskyChannel, key: AttemptKey
) -> None:
    late = Held(before=True)
    bluesky.between.script = [late]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(bluesky.publish, DRAFT, key)
        late.wait_until_held()
        assert bluesky.find(DRAFT, key).presence is Presence.ABSENT
        repeated = bluesky.publish(DRAFT, key)
        late.let_go()
        outcome = first.result(timeout=30)

    assert (repeated.result, outcome.result) == (Result.OK, Result.OK)
    assert repeated.receipt == outcome.receipt
    assert len(bluesky.records()) == 1


def test_an_answer_that_comes_too_late_is_unknown_and_then_found(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    bluesky.sign_in_with(**bluesky.signed_in())
    bluesky.impatient()
    held = Held()
    bluesky.between.script = [held]

    assert bluesky.publish(DRAFT, key).result is Result.UNKNOWN

    held.let_go()
    assert bluesky.find(DRAFT, key).presence is Presence.PRESENT


def test_a_deleted_record_is_absent(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    bluesky.publish(DRAFT, key)
    assert bluesky.find(DRAFT, key).presence is Presence.PRESENT

    bluesky.delete(derived_tid(key))

    assert bluesky.find(DRAFT, key).presence is Presence.ABSENT


@pytest.mark.parametrize(
    "text", ["é" * 301, "👩‍👩‍👧‍👦" * 121], ids=["301 characters", "more than 3,000 bytes in 121 characters"]
)
def test_too_long_a_text_is_refused_by_us_and_by_the_server(
    bluesky: BlueskyChannel, key: AttemptKey, text: str
) -> None:
    problems = bluesky.adapter.compose(Draft(text))
    assert isinstance(problems, tuple)
    assert [type(problem) for problem in problems] == [Problem]
    assert problems[0].code == "too-long"

    forced = Rendition(text, {"record": {"$type": "app.bsky.feed.post", "text": text}})
    outcome = bluesky.publish(forced, key)

    assert outcome.result is Result.REJECTED, outcome
    assert text not in outcome.detail
    assert bluesky.records() == []


@pytest.mark.parametrize("text", ["é" * 300, "👩‍👩‍👧‍👦" * 120], ids=["300 characters", "3,000 bytes"])
def test_the_longest_text_allowed_is_accepted(bluesky: BlueskyChannel, key: AttemptKey, text: str) -> None:
    assert bluesky.publish(Draft(text), key).result is Result.OK
    assert bluesky.records()[0]["value"]["text"] == text


@pytest.mark.parametrize("size_bytes", [2_000_001, 6_000_000], ids=["over the post's limit", "over the upload's limit"])
def test_too_big_an_image_is_refused_by_us_and_by_the_server(
    bluesky: BlueskyChannel, key: AttemptKey, size_bytes: int
) -> None:
    problems = bluesky.adapter.compose(Draft("Look", images=(replace(PICTURE, size_bytes=size_bytes),)))
    assert isinstance(problems, tuple)
    assert [problem.code for problem in problems] == ["image-too-big"]

    content = PNG.ljust(size_bytes, b"\0")
    forced = bluesky.compose(Draft("Look", images=(PICTURE,)))
    outcome = bluesky.adapter.publish(bluesky.http, bluesky.account, forced, key, lambda _: content, key.created_at)

    assert outcome.result is Result.REJECTED, outcome
    assert bluesky.records() == []


@pytest.mark.parametrize("tag", ["é" * 65, "क्षि" * 60], ids=["65 characters", "720 bytes in 60 characters"])
def test_a_hashtag_too_long_for_the_network_is_plain_text(bluesky: BlueskyChannel, key: AttemptKey, tag: str) -> None:
    """``app.bsky.richtext.facet#tag`` takes 64 characters and 640 bytes: a longer one would have the whole post refused."""
    outcome = bluesky.publish(Draft(f"#{tag} #cake"), key)

    assert outcome.result is Result.OK, outcome
    (post,) = bluesky.records()
    assert facets(post["value"]) == [("#cake", "cake")]


FAMILY = "👨‍👩‍👧‍👦"  # one character, 25 bytes


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("é" * 299, True),
        ("é" * 300, True),
        ("é" * 301, False),
        (FAMILY * 119 + "x" * 24, True),
        (FAMILY * 120, True),
        (FAMILY * 120 + "x", False),
    ],
    ids=["299 characters", "300 characters", "301 characters", "2,999 bytes", "3,000 bytes", "3,001 bytes"],
)
def test_the_server_and_we_draw_the_line_at_the_same_place(
    bluesky: BlueskyChannel, key: AttemptKey, text: str, taken: bool
) -> None:
    assert isinstance(bluesky.adapter.compose(Draft(text)), Rendition) is taken
    careless = bluesky.adapter.adjusted({Of.TEXT: 10_000, Of.TEXT_BYTES: 100_000})
    sent = careless.compose(Draft(text))
    assert isinstance(sent, Rendition)
    outcome = bluesky.publish(sent, key)
    assert outcome.result is (Result.OK if taken else Result.REJECTED), outcome
    assert len(bluesky.records()) == (1 if taken else 0)
