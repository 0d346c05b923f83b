"""Pictures: what is refused and in which words, and what every variant keeps to."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from renderer_pictures import GPS, ORIENTATION, SEVEN, declared, header_only_png, keeps_to, noisy, opened, plain, saved

from renderer.fitting import fit
from renderer.images import ImageRefused, Variant
from renderer.reading import SOURCE_LIMIT_BYTES, read_picture
from renderer.recipe import EDGE_LIMIT_PX, Recipe


def fitted(
    content: bytes, limit_bytes: int = 2_000_000, mimes: tuple[str, ...] = ("image/jpeg", "image/png")
) -> Variant:
    return fit(read_picture("bun.jpg", content), Recipe.of(declared(limit_bytes, mimes)))


def refusal(content: bytes) -> ImageRefused:
    with pytest.raises(ImageRefused) as caught:
        read_picture("bun.jpg", content)
    assert "bun.jpg" in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    ("form", "mime"), [("JPEG", "image/jpeg"), ("WEBP", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/png")]
)
def test_each_still_type_is_taken(form: str, mime: str) -> None:
    assert fitted(plain(form)).mime == mime


def test_a_lossless_picture_is_a_jpeg_where_the_network_takes_no_png() -> None:
    assert fitted(plain("PNG"), mimes=("image/jpeg",)).mime == "image/jpeg"


def test_only_an_iphones_picture_pays_for_its_decoder() -> None:
    script = (
        "import sys, base64; from renderer.reading import read_picture; "
        "read_picture('bun.jpg', base64.b64decode(sys.argv[1])); print('pi_heif' in sys.modules)"
    )
    picture = base64.b64encode(plain("JPEG", (20, 20))).decode()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, picture]
    assert subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout == "False\n"


def test_a_renamed_pdf_is_refused_with_what_to_do() -> None:
    refused = refusal(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    assert refused.code == "image-type"
    assert "save it as a JPEG" in refused.message


@pytest.mark.parametrize("form", ["BMP", "TIFF", "ICO"])
def test_other_types_are_refused(form: str) -> None:
    assert refusal(plain(form, (32, 32))).code == "image-type"


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"").code == "image-type"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_truncated_file_is_refused(form: str) -> None:
    content = saved(noisy((200, 200)), form)
    assert refusal(content[: len(content) // 2]).code in {"image-broken", "image-type"}


@pytest.mark.parametrize("size", [(5_001, 5_000), (13_300, 13_300), (100_000, 100_000)])
def test_more_than_25_megapixels_are_refused_from_the_header(size: tuple[int, int]) -> None:
    content = header_only_png(*size)
    tracemalloc.start()
    try:
        assert refusal(content).code == "image-too-many-pixels"
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_file_too_heavy_to_read_is_refused_with_its_size() -> None:
    assert "41 MB" in refusal(b"\xff" * (SOURCE_LIMIT_BYTES + 1_000_000)).message


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_a_moving_picture_is_refused(form: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    assert refusal(saved(frames[0], form, save_all=True, append_images=frames[1:])).code == "image-animated"


def test_a_phones_jpeg_with_a_second_picture_behind_it_is_a_jpeg() -> None:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue")]
    variant = fitted(saved(frames[0], "MPO", save_all=True, append_images=frames[1:]))
    red, _, blue = opened(variant).getpixel((30, 20))  # type: ignore[misc]
    assert (variant.mime, red > 200, blue < 50) == ("image/jpeg", True, True)


@pytest.mark.parametrize("turn", range(1, 9))
def test_orientation_is_applied(turn: int) -> None:
    upright = Image.new("RGB", (40, 20), "white")
    upright.paste("red", (0, 0, 20, 10))
    undo = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    stored = upright
    for step in undo.get(turn, []):
        stored = stored.transpose(step)
    exif = Image.Exif()
    exif[ORIENTATION] = turn
    shown = opened(fitted(saved(stored, "PNG", exif=exif)))
    assert shown.size == (40, 20)
    assert shown.convert("RGB").getpixel((5, 5)) == (255, 0, 0)
    assert shown.convert("RGB").getpixel((35, 15)) == (255, 255, 255)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_survives(form: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRETDESCRIPTION"
    exif.get_ifd(GPS)[1] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"exif": exif, "icc_profile": profile, "xmp": b"<x>SECRETXMP</x>"}
    if form == "JPEG":
        options["comment"] = b"SECRETCOMMENT"
    variant = fitted(saved(noisy((64, 64)), form, **options))
    image = opened(variant)
    assert b"SECRET" not in variant.content
    assert not dict(image.getexif())
    assert not {"exif", "icc_profile", "comment", "xmp", "XML:com.adobe.xmp"} & set(image.info)


def test_what_shows_through_stays_a_png_and_shows_through() -> None:
    clear = Image.new("RGBA", (50, 50), (255, 0, 0, 0))
    variant = fitted(saved(clear, "WEBP"))
    assert variant.mime == "image/png"
    assert opened(variant).getpixel((5, 5))[3] == 0  # type: ignore[index]


def test_what_shows_through_lies_on_white_where_the_network_takes_no_png() -> None:
    variant = fitted(saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"), mimes=("image/jpeg",))
    assert opened(variant).getpixel((5, 5)) == (255, 255, 255)


def test_an_alpha_that_hides_nothing_is_left_out() -> None:
    assert opened(fitted(saved(Image.new("RGBA", (50, 50), "red"), "PNG"))).mode == "RGB"


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "I;16", "RGBA"])
def test_every_mode_of_a_png_is_taken(mode: str) -> None:
    assert opened(fitted(saved(Image.new(mode, (30, 30)), "PNG"))).mode in {"L", "RGB", "RGBA"}


def test_sixteen_bits_of_grey_keep_their_tone() -> None:
    grey = Image.new("I;16", (30, 30), 128 * 256)
    assert abs(int(opened(fitted(saved(grey, "PNG"))).convert("L").getpixel((3, 3))) - 128) <= 1  # type: ignore[arg-type]


def test_print_colours_become_screen_colours() -> None:
    assert opened(fitted(saved(Image.new("CMYK", (30, 30), (0, 255, 255, 0)), "JPEG"))).mode == "RGB"


def test_a_broken_colour_profile_is_no_reason_to_refuse() -> None:
    assert fitted(saved(Image.new("RGB", (30, 30)), "JPEG", icc_profile=b"no profile at all"))


def test_a_big_picture_is_made_2000_px_long_and_keeps_its_ratio() -> None:
    variant = fitted(plain("JPEG", (4_000, 3_000)))
    assert (variant.width_px, variant.height_px) == (EDGE_LIMIT_PX, 1_500)


def test_a_strip_that_no_network_shows_is_refused_with_what_to_cut_it_to() -> None:
    refused = refusal(plain("PNG", (20_000, 1_000)))
    assert refused.code == "image-ratio"
    assert "cut it to at most 10,000 x 1,000" in refused.message


def test_a_picture_of_one_pixel_is_refused_as_too_small() -> None:
    assert refusal(plain("PNG", (1, 1))).code == "image-too-small"


def test_a_webp_that_takes_too_much_to_unpack_is_refused_with_its_own_limit() -> None:
    assert "12.5 megapixels (3,600 x 3,500) for a WebP" in refusal(plain("WEBP", (3_600, 3_500))).message


def test_quality_gives_way_before_size() -> None:
    content = saved(noisy((400, 400)), "JPEG", quality=95)
    full = fitted(content)
    smaller = fitted(content, limit_bytes=len(full.content) - 1)
    assert (smaller.width_px, smaller.height_px) == (400, 400)
    assert len(smaller.content) < len(full.content)


def test_a_lossless_picture_becomes_a_jpeg_before_it_becomes_smaller() -> None:
    variant = fitted(saved(noisy((400, 400)), "PNG"), limit_bytes=300_000)
    assert (variant.mime, variant.width_px) == ("image/jpeg", 400)


def test_size_gives_way_last_and_no_more_than_it_must() -> None:
    variant = fitted(saved(noisy((1_000, 1_000)), "JPEG"), limit_bytes=300_000)
    assert 400 < variant.width_px < 1_000
    assert len(variant.content) > 150_000


def test_what_cannot_fit_is_refused_with_the_networks_limit() -> None:
    with pytest.raises(ImageRefused, match="1,000 bytes") as caught:
        fitted(saved(noisy((400, 400)), "PNG"), limit_bytes=1_000)
    assert caught.value.code == "image-too-big"


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]),
    st.tuples(st.integers(60, 600), st.integers(60, 600)),
    st.integers(120_000, 400_000),
    st.booleans(),
)
def test_a_variant_keeps_every_limit_and_comes_out_the_same_twice(
    form: str, size: tuple[int, int], limit_bytes: int, png: bool
) -> None:
    content = saved(noisy(size), form)
    mimes = ("image/jpeg", "image/png") if png else ("image/jpeg",)
    variant = fitted(content, limit_bytes, mimes)
    assert len(variant.content) <= limit_bytes
    assert variant.mime in mimes
    assert fitted(content, limit_bytes, mimes) == variant


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "HEIF"]),
    st.sampled_from(["RGB", "L", "RGBA"]),
    st.tuples(st.integers(1, 1_600), st.integers(1, 1_600)),
    st.sampled_from(sorted(SEVEN)),
    st.sampled_from(["", "top", "bottom", "left", "right", "centre"]),
)
def test_what_a_network_is_given_keeps_to_all_its_limits(
    form: str, mode: str, size: tuple[int, int], network: str, focus: str
) -> None:
    mode = "RGB" if mode == "RGBA" and form == "JPEG" else mode
    content = saved(Image.linear_gradient("L").resize(size).convert(mode), form)
    takes = SEVEN[network]
    try:
        variant = fit(read_picture("bun.jpg", content), Recipe.of(takes, focus))
    except ImageRefused:
        return
    keeps_to(variant, takes)
    assert fit(read_picture("bun.jpg", content), Recipe.of(takes, focus)) == variant


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)))
)
def test_whatever_is_broken_in_a_file_only_ever_refuses_it(form: str, damage: list[tuple[int, int]]) -> None:
    content = bytearray(saved(noisy((24, 24)), form))
    for position, value in damage:
        content[position % len(content)] = value
    try:
        fitted(bytes(content))
    except ImageRefused:
        return
