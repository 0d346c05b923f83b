"""Reads a picture with distrust: judged by its header, then decoded once, made upright, stripped of metadata, and put into sRGB."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING, Any

from mesh.picture_bounds import (
    BROKEN,
    LEAST_SIDE_PX,
    PIXEL_LIMIT,
    has_too_many_scans,
    heif_opener,
    is_heif,
    pixel_limit,
)
from renderer.images import ImageRefused, Picture
from renderer.recipe import EDGE_LIMIT_PX

if TYPE_CHECKING:
    from PIL import Image as Pillow

SOURCE_LIMIT_BYTES = 40_000_000
LONGEST_RATIO = 10  # the widest that any network shows
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")
_LOSSLESS = {"PNG", "GIF"}
_PHONE_CONTAINERS = {"MPO", "HEIF"}  # further pictures lie behind the first, which is the photo
_NETWORK_WIDTH_PX, _NETWORK_RATIO = 1_440, 1.91  # the most that is left where a network cuts to its own shape
_ORIENTATION = 0x0112


def read_picture(name: str, content: bytes) -> Picture:
    """ImageRefused for what is no still picture of a known type, of 25 megapixels at most, by its header before it is decoded."""
    from PIL import Image, UnidentifiedImageError

    refuse_heavy(name, len(content))
    formats: tuple[str, ...] = _FORMATS
    if is_heif(content):
        formats = (heif_opener(),)
    elif has_too_many_scans(content):
        raise _damaged(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow only warns of bombs; broken metadata is dropped anyway
            opened: Pillow.Image = Image.open(io.BytesIO(content), formats=formats)
            form = str(opened.format)
            _check_header(name, form, opened)
            turn = _turn(opened)
            size = _upright_size(opened.size, turn)
            shown = _shown_size(*size)
            profile = opened.info.get("icc_profile")
            pixels = _decoded(opened, _upright_size(shown, turn))
            del opened  # each copy of a large picture takes 100 MB
            pixels = _resizable(pixels)
            pixels = _resized(pixels, _upright_size(shown, turn))
            pixels = _in_srgb(_eight_bits(pixels), profile)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name, PIXEL_LIMIT) from error
    except UnidentifiedImageError as error:
        if formats != _FORMATS or content.startswith(_SIGNATURES):
            raise _damaged(name) from error
        message = (
            f"image: {name} is no JPEG, PNG, WebP, GIF or HEIC picture; save it as a JPEG and put that in the folder"
        )
        raise ImageRefused("image-type", message) from error
    except BROKEN as error:
        raise _damaged(name) from error
    if turn is not None:
        pixels = pixels.transpose(turn)
    pixels.info = {}
    return Picture(name, pixels, form in _LOSSLESS, *size)


def refuse_heavy(name: str, size_bytes: int) -> None:
    """ImageRefused for a file of more than ``SOURCE_LIMIT_BYTES``."""
    if size_bytes <= SOURCE_LIMIT_BYTES:
        return
    mega = 1_000_000
    message = (
        f"image: {name} has {size_bytes / mega:.0f} MB; at most {SOURCE_LIMIT_BYTES / mega:.0f} MB can be taken: "
        "export it smaller"
    )
    raise ImageRefused("image-too-big", message)


def _damaged(name: str) -> ImageRefused:
    return ImageRefused("image-broken", f"image: {name} is damaged and cannot be opened; save it again as a JPEG")


def _too_many_pixels(name: str, limit: int, size: str = "") -> ImageRefused:
    message = f"image: {name} has more than {limit / 1_000_000:g} megapixels{size}; export it smaller"
    return ImageRefused("image-too-many-pixels", message)


def _check_header(name: str, form: str, opened: Pillow.Image) -> None:
    width, height = opened.size
    limit = pixel_limit(form)
    if width * height > limit:
        raise _too_many_pixels(name, limit, f" ({width:,} x {height:,}){' for a WebP' if form == 'WEBP' else ''}")
    if form not in _PHONE_CONTAINERS and getattr(opened, "is_animated", False):
        raise ImageRefused("image-animated", f"image: {name} moves; only still pictures can be posted: save one frame")
    if min(width, height) < LEAST_SIDE_PX:
        message = f"image: {name} is {width:,} x {height:,} pixels, too small to be seen; use a larger one, best 1,080 or more"
        raise ImageRefused("image-too-small", message)
    if max(width, height) > LONGEST_RATIO * min(width, height):
        fix = "x".join(f" {min(side, LONGEST_RATIO * min(width, height)):,} " for side in (width, height)).strip()
        message = (
            f"image: {name} is {width:,} x {height:,}, a strip longer than the {LONGEST_RATIO}:1 that any network shows; "
            f"cut it to at most {fix}"
        )
        raise ImageRefused("image-ratio", message)


def _turn(opened: Pillow.Image) -> Pillow.Transpose | None:
    """What makes it upright. Broken metadata turns nothing."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    try:
        return turns.get(opened.getexif().get(_ORIENTATION, 1))
    except BROKEN:
        return None


def _upright_size(size: tuple[int, int], turn: Pillow.Transpose | None) -> tuple[int, int]:
    """The size after the turn, and as well the size before it."""
    from PIL.Image import Transpose

    sideways = turn in {Transpose.TRANSPOSE, Transpose.ROTATE_270, Transpose.TRANSVERSE, Transpose.ROTATE_90}
    return (size[1], size[0]) if sideways else size


def _shown_size(width: int, height: int) -> tuple[int, int]:
    """No larger than any network shows it, yet large enough that what is left after a cut is sharp."""
    whole = EDGE_LIMIT_PX / max(width, height)
    after_cut = _NETWORK_WIDTH_PX / min(width, _NETWORK_RATIO * height)
    scale = min(1.0, max(whole, min(after_cut, 2 * whole)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _decoded(opened: Any, size: tuple[int, int]) -> Pillow.Image:
    """A JPEG is decoded at a half, a quarter or an eighth where that is enough."""
    from PIL import ImageChops

    opened.draft(None, size)
    opened.load()
    pixels: Pillow.Image = opened
    if pixels.mode == "CMYK" and "adobe" not in pixels.info:
        pixels = ImageChops.invert(pixels)  # Pillow takes every one for Adobe's, which are stored inverted
    return pixels


def _resizable(pixels: Pillow.Image) -> Pillow.Image:
    """Palettes and single bits become colours; RGBA where something really shows through."""
    if pixels.mode == "LA" and min(pixels.getchannel("A").getextrema()) == 255:
        return pixels.convert("L")
    if pixels.has_transparency_data:
        clear = pixels if pixels.mode == "RGBA" else pixels.convert("RGBA")
        clearest = min(clear.getchannel("A").getextrema())
        return clear.convert("RGB") if clearest == 255 else clear
    if pixels.mode == "1":
        return pixels.convert("L")
    return pixels.convert("RGB") if pixels.mode in {"P", "YCbCr", "LAB", "HSV"} else pixels


def _resized(pixels: Pillow.Image, size: tuple[int, int]) -> Pillow.Image:
    from PIL import Image

    return pixels if pixels.size == size else pixels.resize(size, Image.Resampling.LANCZOS)


def _eight_bits(pixels: Pillow.Image) -> Pillow.Image:
    if not pixels.mode.startswith(("I", "F")):
        return pixels
    grey = pixels.convert("F")  # convert("L") alone would cut at 255
    return grey.point(lambda value: value / 256).convert("L")


def _in_srgb(pixels: Pillow.Image, profile: bytes | None) -> Pillow.Image:
    """L, RGB or RGBA. A broken profile, or another kind of picture's, counts as none."""
    from PIL import ImageCms

    if profile and pixels.mode in {"L", "RGB", "RGBA", "CMYK"}:
        mode = pixels.mode if pixels.mode == "RGBA" else "RGB"
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            pixels = ImageCms.profileToProfile(pixels, source, srgb, outputMode=mode) or pixels
        except (ImageCms.PyCMSError, OSError):
            pass
    return pixels if pixels.mode in {"L", "RGB", "RGBA"} else pixels.convert("RGB")
