"""The picture of a month: what stands in its pixels."""

from __future__ import annotations

import io
import time
import tracemalloc

import pytest
from PIL import Image, ImageColor
from recap_months import EMPTY, ONE, TYPICAL, huge, told

from mesh.reckoning.model import Happened
from recap.chart import WIDTH_PX, draw
from recap.palette import PANEL, SERIES, colour

MONTHS = {"nothing": EMPTY, "one post": ONE, "typical": TYPICAL, "5,000 posts": huge()}


def drawn(happened: Happened) -> Image.Image:
    return Image.open(io.BytesIO(draw(told(happened).chart))).convert("RGBA")


def near(picture: Image.Image, hue: str) -> int:
    """How many pixels are of about this colour."""
    wanted = ImageColor.getrgb(hue)
    seen = picture.getcolors(picture.width * picture.height) or []
    return sum(
        count
        for count, found in seen
        if all(abs(a - b) < 12 for a, b in zip(found[:3], wanted, strict=True))  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("month", MONTHS)
def test_the_same_month_is_the_same_picture_small_and_quickly_made(month: str) -> None:
    chart = told(MONTHS[month]).chart
    tracemalloc.start()
    began = time.process_time()
    first = draw(chart)
    took, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert draw(chart) == first
    assert len(first) < 40_000
    assert took < 5
    assert peak < 50_000_000


def test_each_channel_has_as_much_of_its_colour_as_it_has_posts() -> None:
    picture = drawn(TYPICAL)
    assert near(picture, colour(0)) / near(picture, colour(1)) == pytest.approx(3, rel=0.15)


def test_a_month_of_few_posts_is_a_low_picture() -> None:
    assert drawn(ONE).height < drawn(TYPICAL).height < drawn(huge()).height <= 620
    assert {drawn(happened).width for happened in MONTHS.values()} == {WIDTH_PX}


def test_twelve_channels_are_all_to_be_seen() -> None:
    picture = drawn(huge())
    assert all(near(picture, hue) > 1_000 for hue in SERIES)


def test_it_has_a_panel_of_its_own_with_soft_corners() -> None:
    picture = drawn(TYPICAL)
    assert picture.getpixel((0, 0))[3] == 0  # type: ignore[index]
    middle = picture.getpixel((WIDTH_PX // 2, 30))
    assert middle[3] == 255  # type: ignore[index]
    assert min(middle[:3]) >= min(ImageColor.getrgb(PANEL)) - 3  # type: ignore[index]


def test_every_colour_can_be_told_from_the_panel() -> None:
    def luminance(hue: str) -> float:
        parts = [one / 255 for one in ImageColor.getrgb(hue)[:3]]
        linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for hue in SERIES:
        assert (luminance(PANEL) + 0.05) / (luminance(hue) + 0.05) >= 3, hue
    assert len(set(SERIES)) == len(SERIES)
