from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from network_samples import BLUESKY, IMAGE, MASTODON, rendition

from networks.bluesky import Bluesky
from networks.mastodon import Mastodon
from networks.model import Draft, Of, Problem, Rendition

BOTH = pytest.mark.parametrize("adapter", [BLUESKY, MASTODON], ids=["bluesky", "mastodon"])
Adapter = Bluesky | Mastodon


def problems(adapter: Adapter, draft: Draft) -> dict[str, Problem]:
    composed = adapter.compose(draft)
    assert not isinstance(composed, Rendition)
    return {problem.code: problem for problem in composed}


def test_the_owner_reads_by_how_much_a_text_is_too_long() -> None:
    assert problems(BLUESKY, Draft("x" * 303))["too-long"] == Problem(
        "too-long", "3 characters too long for Bluesky: 303 of 300.", overshoot=3
    )
    assert problems(MASTODON, Draft("x" * 501))["too-long"].message == "1 character too long for Mastodon: 501 of 500."


def test_bluesky_names_both_limits_when_both_are_broken() -> None:
    composed = BLUESKY.compose(Draft("👨‍👩‍👧‍👦" * 301))
    assert [problem.message for problem in composed] == [
        "1 character too long for Bluesky: 301 of 300.",
        "4,525 bytes too long for Bluesky: 7,525 of 3,000.",
    ]


@BOTH
def test_every_problem_is_told_at_once(adapter: Adapter) -> None:
    bad = replace(IMAGE, mime="image/tiff", size_bytes=99_000_000, alt=" ")
    found = problems(adapter, Draft("x\ud800" + "y" * 600, "cafe.example", (bad,) * 5))
    assert {"too-long", "unsendable-character", "link-unusable", "too-many-images"} <= set(found)
    assert {"image-type", "image-too-big", "alt-missing"} <= set(found)
    assert found["too-many-images"].message.endswith("takes at most 4: take 1 out.")


@BOTH
def test_nothing_to_say_is_a_problem(adapter: Adapter) -> None:
    assert set(problems(adapter, Draft(" \n "))) == {"empty"}


def test_mastodon_limits_alt_texts_and_pixels() -> None:
    image = replace(IMAGE, alt="a" * 1_502, width_px=10_000, height_px=4_000)
    found = problems(MASTODON, Draft("Cake", images=(image,)))
    assert found["alt-too-long"].overshoot == 2
    assert found["image-too-big"].overshoot == 40_000_000 - 33_177_600


@BOTH
def test_limits_themselves_are_allowed(adapter: Adapter) -> None:
    image = replace(IMAGE, size_bytes=adapter.declared.most(Of.IMAGE_BYTES))
    assert (
        rendition(adapter, Draft("x" * (adapter.declared.most(Of.TEXT) or 0), images=(image,) * 4)).images
        == (image,) * 4
    )


def test_on_bluesky_a_link_becomes_a_card() -> None:
    record = rendition(BLUESKY, Draft("Menu", "https://www.cafe.example/menu")).payload["record"]
    external = {"uri": "https://www.cafe.example/menu", "title": "cafe.example", "description": ""}
    assert record == {
        "$type": "app.bsky.feed.post",
        "text": "Menu",
        "embed": {"$type": "app.bsky.embed.external", "external": external},
    }


def test_on_bluesky_a_link_beside_images_goes_into_the_text_and_can_be_clicked() -> None:
    composed = rendition(BLUESKY, Draft("Menü ☕", "http://cafe.example:9/x.", (IMAGE,)))
    assert composed.text == "Menü ☕\n\nhttp://cafe.example:9/x."
    facet = composed.payload["record"]["facets"][0]
    shown = composed.text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
    assert shown == facet["features"][0]["uri"] == "http://cafe.example:9/x."
    assert composed.payload["record"]["embed"]["images"] == [
        {"alt": "A slice of apple cake", "aspectRatio": {"width": 800, "height": 600}}
    ]


def test_a_link_that_stands_in_the_text_is_not_repeated() -> None:
    draft = Draft("Menu: https://cafe.example/menu!", "https://cafe.example/menu")
    assert rendition(MASTODON, draft).text == draft.text
    assert "embed" not in rendition(BLUESKY, draft).payload["record"]


def test_on_mastodon_a_link_stands_below_the_text() -> None:
    composed = rendition(MASTODON, Draft("Menu ", "https://cafe.example"))
    assert composed.payload == {"status": {"status": "Menu\n\nhttps://cafe.example", "visibility": "public"}}
    assert rendition(MASTODON, Draft("", "https://cafe.example")).text == "https://cafe.example"


@given(st.text(max_size=400), st.booleans())
def test_a_composed_text_is_never_cut(text: str, pictured: bool) -> None:
    draft = Draft(text, images=(IMAGE,) if pictured else ())
    for adapter in (BLUESKY, MASTODON):
        composed = adapter.compose(draft)
        if isinstance(composed, Rendition):
            assert composed.text.split() == text.split()
            assert adapter.compose(draft) == composed
            assert json.loads(json.dumps(composed.payload)) == composed.payload
        else:
            assert composed
            assert all(problem.message.endswith((".", "again.")) or problem.message for problem in composed)


@given(st.text(alphabet="aé☕👍🏽 #.\n/:https", max_size=60))
def test_facets_point_at_whole_characters_in_order(text: str) -> None:
    composed = BLUESKY.compose(Draft(text + " https://cafe.example/é #tag"))
    assert isinstance(composed, Rendition)
    end = 0
    for facet in composed.payload["record"]["facets"]:
        index = facet["index"]
        assert end <= index["byteStart"] < index["byteEnd"]
        end = index["byteEnd"]
        shown = composed.text.encode()[index["byteStart"] : end].decode()
        assert shown.lstrip("#＃") == facet["features"][0].get("uri", facet["features"][0].get("tag"))


def test_a_hashtag_that_bluesky_would_refuse_stays_plain_text() -> None:
    """64 characters fit, but 640 bytes are the other limit: beyond it a server refuses the whole post."""
    fits, heavy = "#" + "x" * 64, "#" + "क्षि" * 60
    tags = [
        facet["features"][0]["tag"]
        for facet in rendition(BLUESKY, Draft(f"{fits} {heavy}")).payload["record"]["facets"]
    ]
    assert tags == ["x" * 64]
