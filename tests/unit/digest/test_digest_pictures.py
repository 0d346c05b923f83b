"""Small pictures of whatever lies in a package."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from digest.pictures import SIDE_PX, least_picture, small
from mesh.packages import Manifest, PackedChannel, PackedImage


def packed(sha256: str = "a" * 64, size_bytes: int = 1_000, side_px: int = 1_000) -> PackedImage:
    return PackedImage(
        sha256=sha256, mime="image/jpeg", size_bytes=size_bytes, width_px=side_px, height_px=side_px, alt="A cake"
    )


def drawn(form: str, mode: str, size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "I;16"),
        ("GIF", "P"),
        ("WEBP", "RGBA"),
    ],
)
@pytest.mark.parametrize("size", [(1600, 900), (30, 900), (40, 20)])
def test_whatever_it_is_it_becomes_a_small_jpeg_of_its_own_shape(form: str, mode: str, size: tuple[int, int]) -> None:
    picture = small(drawn(form, mode, size), packed())

    assert picture is not None
    assert picture.alt == "A cake"
    with Image.open(io.BytesIO(picture.data)) as made:
        assert (made.format, max(made.size)) == ("JPEG", min(2 * SIDE_PX, max(size)))
        assert picture.width_px <= SIDE_PX
        assert picture.height_px <= SIDE_PX


@pytest.mark.parametrize(
    "content",
    [b"", b"no picture", drawn("JPEG", "RGB", (900, 900))[:400], drawn("PNG", "L", (4000, 3000))],
    ids=["nothing", "a text", "cut off", "too many pixels"],
)
def test_what_cannot_be_opened_costs_itself(content: bytes) -> None:
    assert small(content, packed()) is None


def test_the_smallest_of_the_channels_first_pictures_is_read_and_none_that_is_too_large() -> None:
    def on(*images: PackedImage) -> PackedChannel:
        return PackedChannel(network="x", account="a", host="https://x.test", text="", payload={}, images=images)

    large, fit, other = packed("a" * 64, 9_000_000), packed("b" * 64, 500), packed("c" * 64, 100)
    wide = packed("d" * 64, 10, 5_000)
    base = {"post_id": "p", "source_revision": "s", "planned_at": "2027-03-21T17:00:00+00:00", "time_zone": "UTC"}

    several = Manifest(**base, channels={"a": on(large), "b": on(fit, other), "c": on(wide), "d": on()})
    none = Manifest(**base, channels={"a": on(large), "d": on()})

    assert least_picture(several) == fit
    assert least_picture(none) is None
