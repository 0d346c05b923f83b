"""Instagram: a caption below pictures."""

from __future__ import annotations

from dataclasses import replace

from every_network import accepted, image_for, problems

from networks.instagram import NETWORK
from networks.model import Draft, Of

IMAGE = image_for(NETWORK.declared)


def test_no_post_goes_without_an_image() -> None:
    assert "add one" in problems(NETWORK, Draft("Cake"))["image-needed"].message


def test_thirty_hashtags_go_and_thirty_one_do_not_wherever_they_stand() -> None:
    accepted(NETWORK, Draft(" ".join(f"#tag{n}" for n in range(30)), images=(IMAGE,)))
    said = problems(NETWORK, Draft("".join(f"#tag{n}" for n in range(31)), images=(IMAGE,)))["too-many-hashtags"]
    assert said.message == "31 hashtags, but Instagram takes at most 30: take 1 out."


def test_twenty_mentions_go_and_twenty_one_do_not() -> None:
    accepted(NETWORK, Draft(" ".join(f"@cafe.no{n}" for n in range(20)), images=(IMAGE,)))
    found = problems(NETWORK, Draft(" ".join(f"@cafe.no{n}" for n in range(21)), images=(IMAGE,)))
    assert found["too-many-mentions"].overshoot == 1


def test_the_owner_can_name_a_lower_limit() -> None:
    stricter = NETWORK.adjusted({Of.HASHTAGS: 5})
    assert problems(stricter, Draft("#a #b #c #d #e #f", images=(IMAGE,)))["too-many-hashtags"].overshoot == 1


def test_an_emoji_counts_as_two() -> None:
    assert NETWORK.measure("🍰" * 1_100).over == 0
    assert NETWORK.measure("🍰" * 1_101).over == 2


def test_shape_and_size_are_held_and_named() -> None:
    wide = replace(IMAGE, width_px=1_440, height_px=700)
    tall = replace(IMAGE, width_px=800, height_px=1_100)
    assert "wider than the 1.91:1" in problems(NETWORK, Draft("x", images=(wide,)))["image-ratio"].message
    assert "narrower than the 4:5" in problems(NETWORK, Draft("x", images=(tall,)))["image-ratio"].message
    small = replace(IMAGE, width_px=319, height_px=319)
    assert "at least 320" in problems(NETWORK, Draft("x", images=(small,)))["image-too-small"].message
    accepted(NETWORK, Draft("x", images=(replace(IMAGE, width_px=1_080, height_px=1_350),)))
    accepted(NETWORK, Draft("x", images=(replace(IMAGE, width_px=1_080, height_px=566),)))


def test_a_carousel_has_one_shape() -> None:
    tall = replace(IMAGE, width_px=1_080, height_px=1_350)
    assert "image-ratios" in problems(NETWORK, Draft("x", images=(IMAGE, tall)))


def test_a_link_stands_below_and_the_owner_is_told_that_nobody_can_tap_it() -> None:
    draft = Draft("Cake", "https://cafe.example", (IMAGE,))
    assert accepted(NETWORK, draft).payload == {"caption": "Cake\n\nhttps://cafe.example"}
    assert [remark.code for remark in NETWORK.remarks(draft)] == ["link-plain"]
    assert NETWORK.remarks(Draft("Cake", images=(IMAGE,))) == ()
