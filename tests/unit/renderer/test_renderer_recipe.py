"""Recipes: what makes another picture, what is cut off, and what is said where too much would be."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from renderer_pictures import SEVEN, declared, opened, plain, quarters, saved

from mesh.packages import PackedCut
from networks.model import Image as Shown
from networks.model import Of
from renderer.fitting import fit
from renderer.images import ImageRefused, Variant
from renderer.reading import read_picture
from renderer.recipe import Recipe

INSTAGRAM = SEVEN["instagram"]
FOUR_TO_FIVE, WIDE = Fraction(4, 5), Fraction(191, 100)


def fitted(size: tuple[int, int], recipe: Recipe) -> Variant:
    return fit(read_picture("bun.jpg", plain("JPEG", size)), recipe)


def refusal(size: tuple[int, int], recipe: Recipe) -> str:
    with pytest.raises(ImageRefused) as caught:
        fitted(size, recipe)
    return caught.value.message


def test_two_networks_that_want_the_same_share_a_key_and_others_do_not() -> None:
    assert Recipe.of(declared()).key == Recipe.of(declared()).key
    others = [
        Recipe.of(declared(1_999_999)),
        Recipe.of(declared(mimes=("image/jpeg",))),
        Recipe.of(declared(image_width=900)),
        Recipe.of(declared(image_width_least=900)),
        Recipe.of(declared(image_pixels=900)),
        Recipe.of(declared(ratio_widest=2)),
        Recipe.of(declared(ratio_narrowest=2)),
        Recipe.of(declared(ratio_widest=2), "left"),
        Recipe.of(declared(one_ratio=True), shape=FOUR_TO_FIVE),
    ]
    assert len({Recipe.of(declared()).key, *(recipe.key for recipe in others)}) == 1 + len(others)


def test_a_key_stays_the_same_from_one_version_of_the_code_to_the_next() -> None:
    """Raise ``recipe.VERSION`` when other bytes come out of a recipe; then this hash changes, and only then."""
    assert Recipe.of(INSTAGRAM, "top").canonical() == (
        b'{"bytes":8000000,"edge":2000,"focus":"top","mimes":["image/jpeg"],"pixels":null,'
        b'"ratio":["4:5","191:100",""],"v":1,"width":[320,1440]}'
    )


def test_a_focus_makes_no_other_recipe_where_nothing_is_ever_cut() -> None:
    assert Recipe.of(SEVEN["bluesky"], "top") == Recipe.of(SEVEN["bluesky"])


def test_the_middle_is_what_is_kept_anyway() -> None:
    assert Recipe.of(INSTAGRAM, "centre") == Recipe.of(INSTAGRAM)


@pytest.mark.parametrize("name", sorted(set(SEVEN) - {"instagram"}))
def test_only_instagram_cuts_an_ordinary_picture(name: str) -> None:
    for size in [(1_080, 1_920), (2_400, 1_000), (1_000, 1_000)]:
        assert fitted(size, Recipe.of(SEVEN[name])).cut is None


def test_a_tall_picture_is_cut_evenly_above_and_below() -> None:
    variant = fitted((1_080, 1_920), Recipe.of(INSTAGRAM))
    assert (variant.width_px, variant.height_px) == (1_080, 1_350)
    assert variant.cut == PackedCut(top=148, bottom=148)


@pytest.mark.parametrize(
    ("size", "focus", "cut"),
    [
        ((1_080, 1_920), "top", PackedCut(bottom=297)),
        ((1_080, 1_920), "bottom", PackedCut(top=297)),
        ((1_080, 1_920), "left", PackedCut(top=148, bottom=148)),
        ((3_000, 1_000), "left", PackedCut(right=363)),
        ((3_000, 1_000), "right", PackedCut(left=363)),
        ((3_000, 1_000), "top", PackedCut(left=182, right=182)),
    ],
)
def test_the_owner_says_which_side_stays(size: tuple[int, int], focus: str, cut: PackedCut) -> None:
    assert fitted(size, Recipe.of(INSTAGRAM, focus)).cut == cut


def test_the_side_that_stays_is_the_one_that_is_seen() -> None:
    picture = read_picture("bun.jpg", saved(quarters((800, 1_600)), "JPEG", quality=95))
    top = opened(fit(picture, Recipe.of(INSTAGRAM, "top"))).getpixel((100, 900))
    bottom = opened(fit(picture, Recipe.of(INSTAGRAM, "bottom"))).getpixel((100, 100))
    assert top[2] > 200 > 50 > top[0]  # type: ignore[index,operator]
    assert bottom[0] > 200 > 50 > bottom[2]  # type: ignore[index,operator]


def test_half_of_a_picture_may_go_and_no_more() -> None:
    assert fitted((382, 100), Recipe.of(declared(ratio_widest=WIDE))).cut == PackedCut(left=250, right=250)
    assert "more than half of it would be cut off" in refusal((383, 100), Recipe.of(declared(ratio_widest=WIDE)))


def test_a_picture_too_wide_is_told_with_its_numbers_and_what_to_cut_it_to() -> None:
    assert refusal((3_000, 600), Recipe.of(INSTAGRAM)) == (
        "image: bun.jpg is 3,000 x 600, wider than the 1.91:1 Instagram takes, and more than half of it would be cut "
        "off: cut it yourself to 1,146 x 600"
    )


def test_a_picture_too_tall_is_told_with_its_numbers_and_what_to_cut_it_to() -> None:
    assert "narrower than the 4:5 Instagram takes" in refusal((600, 3_000), Recipe.of(INSTAGRAM))
    assert refusal((600, 3_000), Recipe.of(INSTAGRAM)).endswith("cut it yourself to 600 x 750")


def test_a_picture_too_narrow_is_told_with_both_numbers() -> None:
    assert refusal((300, 300), Recipe.of(INSTAGRAM)) == (
        "image: bun.jpg is 300 x 300, but Instagram takes none narrower than 320 pixels: use a larger one"
    )


def test_nothing_is_made_larger_than_it_is() -> None:
    for takes in SEVEN.values():
        variant = fitted((640, 480), Recipe.of(takes))
        assert (variant.width_px, variant.height_px) == (640, 480)


@pytest.mark.parametrize("size", [(330, 3_300), (500, 5_000), (1_500, 15_000)])
def test_a_tall_strip_is_long_enough_to_be_as_wide_as_the_network_asks(size: tuple[int, int]) -> None:
    assert fitted(size, Recipe.of(SEVEN["threads"])).width_px >= 320


def test_a_tall_picture_is_as_sharp_after_the_cut_as_the_network_shows_it() -> None:
    assert fitted((3_000, 6_000), Recipe.of(INSTAGRAM)).width_px == 1_440


def test_the_networks_own_count_of_pixels_is_kept() -> None:
    variant = fitted((1_999, 1_001), Recipe.of(declared(image_pixels=500_000)))
    assert 490_000 < variant.width_px * variant.height_px <= 500_000


def test_a_picture_for_a_carousel_is_cut_to_the_first_ones_shape() -> None:
    variant = fitted((1_000, 1_000), Recipe.of(INSTAGRAM, shape=Fraction(1_440, 1_080)))
    assert Fraction(variant.width_px, variant.height_px) == Fraction(4, 3)
    assert variant.cut == PackedCut(top=125, bottom=125)


def test_a_picture_that_the_first_ones_shape_would_halve_is_told_both_ways_out() -> None:
    message = refusal((600, 1_200), Recipe.of(INSTAGRAM, shape=WIDE))
    assert "shows all images in the first one's shape (1.91:1)" in message
    assert message.endswith("cut it to 600 x 314, or make it the first")


def test_a_network_that_shows_each_image_in_its_own_shape_knows_no_first_one() -> None:
    assert Recipe.of(SEVEN["bluesky"], shape=FOUR_TO_FIVE).shape is None


@settings(deadline=None, max_examples=60)
@given(
    st.tuples(st.integers(320, 1_500), st.integers(320, 1_500)),
    st.tuples(st.integers(320, 1_500), st.integers(320, 1_500)),
)
def test_a_carousel_has_one_shape_as_the_network_checks_it(one: tuple[int, int], other: tuple[int, int]) -> None:
    def shown(variant: Variant) -> Shown:
        return Shown("0" * 64, variant.mime, len(variant.content), variant.width_px, variant.height_px, "A bun")

    try:
        first = fitted(one, Recipe.of(INSTAGRAM))
        second = fitted(other, Recipe.of(INSTAGRAM, shape=Fraction(first.width_px, first.height_px)))
    except ImageRefused:
        return
    ratios = [Fraction(variant.width_px, variant.height_px) for variant in (first, second)]
    assert abs(ratios[0] / ratios[1] - 1) < Fraction(1, 500)
    assert all(FOUR_TO_FIVE <= ratio <= WIDE for ratio in ratios)


def test_one_encoding_serves_all_networks_that_want_it() -> None:
    picture = read_picture("bun.jpg", saved(Image.radial_gradient("L").resize((2_400, 1_800)), "JPEG"))
    variants = [fit(picture, Recipe.of(takes)) for takes in SEVEN.values()]
    assert len(picture.encodings) == len({variant.sha256 for variant in variants}) == 2


def test_every_limit_of_a_picture_that_a_network_declares_is_part_of_the_recipe() -> None:
    spoken = {
        Of.IMAGE_BYTES,
        Of.IMAGE_PIXELS,
        Of.IMAGE_WIDTH,
        Of.IMAGE_WIDTH_LEAST,
        Of.RATIO_NARROWEST,
        Of.RATIO_WIDEST,
    }
    about_pictures = {of for takes in SEVEN.values() for of in takes.limits if "image" in of.value}
    assert about_pictures - {Of.IMAGES, Of.THUMBNAIL_BYTES} <= spoken
