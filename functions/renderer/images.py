"""Pictures: read with distrust, turned upright, stripped of metadata, and fitted to what a network takes.

The recipe, the same for all networks: at most 2,000 px on the longer side, in sRGB. PNG where the source is lossless or transparent and
the network takes PNG, else JPEG; quality, then size, give way until the bytes fit. Same input and same Pillow, same bytes.
"""

from __future__ import annotations

import hashlib
import io
import math
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mesh.errors import MeshError
from networks.model import Declared

if TYPE_CHECKING:
    from PIL import Image as Pillow

SOURCE_LIMIT_BYTES = 40_000_000
PIXEL_LIMIT = 25_000_000  # a 21 kB PNG of 13,300 x 13,300 takes 860 MB once decoded
EDGE_LIMIT_PX = 2_000
SMALLEST_EDGE_PX = 320
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_LOSSLESS = {"PNG", "GIF"}
_QUALITIES = (90, 85, 80, 75)
_LARGEST_STEP = 0.95  # of the size that would fit if bytes went by pixels alone
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, struct.error, zlib.error)


class ImageRefused(MeshError):
    """A picture that cannot be posted. ``message`` is a plain sentence for the owner, naming the file and the fix."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Picture:
    """A decoded picture: upright, sRGB (L, RGB or RGBA), no metadata, at most ``EDGE_LIMIT_PX`` long."""

    name: str
    pixels: Pillow.Image = field(repr=False, compare=False)
    lossless: bool

    @property
    def transparent(self) -> bool:
        return self.pixels.mode == "RGBA"


@dataclass(frozen=True)
class Variant:
    """A picture as it will be uploaded."""

    content: bytes = field(repr=False)
    mime: str
    width_px: int
    height_px: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def read_picture(name: str, content: bytes) -> Picture:
    """ImageRefused for what is no still JPEG, PNG, WebP or GIF of at most 25 megapixels, judged by its header before it is decoded."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(content) > SOURCE_LIMIT_BYTES:
        raise too_heavy(name, len(content))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow only warns of bombs; broken metadata is dropped anyway
            opened = Image.open(io.BytesIO(content), formats=_FORMATS)
            _check_header(name, opened)
            opened.draft(None, (EDGE_LIMIT_PX, EDGE_LIMIT_PX))
            opened.load()
            pixels = _in_srgb(ImageOps.exif_transpose(opened))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name) from error
    except UnidentifiedImageError as error:
        message = f"image: {name} is no JPEG, PNG, WebP or GIF picture; save it as a JPEG and put that in the folder"
        raise ImageRefused("image-type", message) from error
    except _BROKEN as error:
        message = f"image: {name} is damaged and cannot be opened; save it again as a JPEG"
        raise ImageRefused("image-broken", message) from error
    pixels.thumbnail((EDGE_LIMIT_PX, EDGE_LIMIT_PX), Image.Resampling.LANCZOS)
    pixels.info = {}
    return Picture(name, pixels, lossless=opened.format in _LOSSLESS)


def fit(picture: Picture, declared: Declared) -> Variant:
    """The best variant within the network's types and bytes. ImageRefused when even a small one is too big."""
    pixels: Pillow.Image | None = picture.pixels
    while pixels is not None:
        scale = 0.0
        for variant in _encodings(picture, pixels, declared):
            if len(variant.content) <= declared.image_limit_bytes:
                return variant
            fitting = math.sqrt(declared.image_limit_bytes / len(variant.content))
            scale = max(scale, _LARGEST_STEP * min(1.0, fitting))
        pixels = _smaller(pixels, scale)
    message = (
        f"image: {picture.name} cannot be made small enough for {declared.label} ({declared.image_limit_bytes:,} bytes)"
    )
    raise ImageRefused("image-too-big", message)


def too_heavy(name: str, size_bytes: int) -> ImageRefused:
    mega = 1_000_000
    message = (
        f"image: {name} has {size_bytes / mega:.0f} MB; at most {SOURCE_LIMIT_BYTES / mega:.0f} MB can be taken: "
        "export it smaller"
    )
    return ImageRefused("image-too-big", message)


def _check_header(name: str, opened: Pillow.Image) -> None:
    width, height = opened.size
    if width * height > PIXEL_LIMIT:
        raise _too_many_pixels(name, f" ({width:,} x {height:,})")
    # An MPO is a JPEG with a second picture behind it, as phones make them: the first is the photo.
    if opened.format != "MPO" and getattr(opened, "is_animated", False):
        raise ImageRefused("image-animated", f"image: {name} moves; only still pictures can be posted: save one frame")


def _too_many_pixels(name: str, size: str = "") -> ImageRefused:
    message = f"image: {name} has more than {PIXEL_LIMIT // 1_000_000} megapixels{size}; export it smaller"
    return ImageRefused("image-too-many-pixels", message)


def _in_srgb(pixels: Pillow.Image) -> Pillow.Image:
    """L, RGB, or RGBA where something really shows through."""
    from PIL import ImageCms

    profile = pixels.info.get("icc_profile")
    if pixels.mode.startswith(("I", "F")):  # 16 bits and more: convert() alone would cut at 255
        grey = pixels.convert("F")
        return grey.point(lambda value: value / 256).convert("L")
    if pixels.has_transparency_data:
        pixels = pixels.convert("RGBA")
        if pixels.getchannel("A").getextrema() == (255, 255):
            pixels = pixels.convert("RGB")
    elif pixels.mode in {"P", "1", "YCbCr", "LAB", "HSV"}:
        pixels = pixels.convert("RGB")
    if profile and pixels.mode in {"RGB", "RGBA", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGB" if pixels.mode == "CMYK" else pixels.mode
            converted = ImageCms.profileToProfile(pixels, source, ImageCms.createProfile("sRGB"), outputMode=mode)
            pixels = converted or pixels
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile: the numbers are taken as they are
    return pixels if pixels.mode in {"L", "RGB", "RGBA"} else pixels.convert("RGB")


def _smaller(pixels: Pillow.Image, scale: float) -> Pillow.Image | None:
    """None where it would be smaller than anybody wants to see."""
    from PIL import Image

    width, height = (max(1, round(length * scale)) for length in pixels.size)
    if max(width, height) < SMALLEST_EDGE_PX:
        return None
    return pixels.resize((width, height), Image.Resampling.LANCZOS)


def _encodings(picture: Picture, pixels: Pillow.Image, declared: Declared) -> Iterator[Variant]:
    png_taken = "image/png" in declared.image_mimes
    if png_taken and (picture.lossless or picture.transparent):
        yield _encoded(pixels, "PNG", "image/png")
    if picture.transparent and png_taken:
        return
    opaque = _on_white(pixels)
    for quality in _QUALITIES:
        yield _encoded(opaque, "JPEG", "image/jpeg", quality=quality, optimize=True, progressive=True)


def _on_white(pixels: Pillow.Image) -> Pillow.Image:
    from PIL import Image

    if pixels.mode != "RGBA":
        return pixels
    ground = Image.new("RGB", pixels.size, "white")
    ground.paste(pixels, mask=pixels.getchannel("A"))
    return ground


def _encoded(pixels: Pillow.Image, form: str, mime: str, **options: Any) -> Variant:
    out = io.BytesIO()
    pixels.save(out, format=form, **options)
    return Variant(out.getvalue(), mime, *pixels.size)
