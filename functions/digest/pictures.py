"""A post's picture, small enough for a mail that shows forty of them. Pillow is imported only where there is one."""

from __future__ import annotations

import io
import warnings

from mesh.cards.digest import Picture
from mesh.packages import Manifest, PackedImage
from mesh.picture_bounds import BROKEN, has_too_many_scans

SIDE_PX = 96  # as it is shown; it has twice as many pixels
MOST_PICTURES = 40
MOST_BYTES = 1_500_000
_SOURCE_BYTES = 8_000_000
_SOURCE_PIXELS = 9_000_000  # a third of a function's 256 MB once decoded
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def least_picture(manifest: Manifest) -> PackedImage | None:
    """The first picture of the channel that has the smallest one: all show the same, and fewer bytes are read. None where it has none."""
    first = [channel.every_image[0] for channel in manifest.channels.values() if channel.every_image]
    fit = [one for one in first if one.size_bytes <= _SOURCE_BYTES and one.width_px * one.height_px <= _SOURCE_PIXELS]
    return min(fit, key=lambda one: (one.size_bytes, one.sha256), default=None)


def small(content: bytes, image: PackedImage) -> Picture | None:
    """None where it cannot be opened."""
    from PIL import Image

    if has_too_many_scans(content):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = Image.open(io.BytesIO(content), formats=_FORMATS)
            if opened.width * opened.height > _SOURCE_PIXELS:
                return None
            opened.draft("RGB", (2 * SIDE_PX, 2 * SIDE_PX))  # a JPEG is decoded at a half or less where that is enough
            pixels: Image.Image = opened
            if pixels.mode not in {"L", "RGB", "RGBA"}:
                pixels = pixels.convert("RGBA" if pixels.has_transparency_data else "RGB")
            pixels.thumbnail((2 * SIDE_PX, 2 * SIDE_PX), reducing_gap=2.0)
            if pixels.mode == "RGBA":
                paper = Image.new("RGB", pixels.size, "white")
                paper.paste(pixels, mask=pixels.getchannel("A"))
                pixels = paper
            out = io.BytesIO()
            pixels.save(out, "JPEG", quality=72)
    except (Image.DecompressionBombError, *BROKEN):
        return None
    width, height = pixels.size
    return Picture(image.sha256[:24], out.getvalue(), max(1, width // 2), max(1, height // 2), image.alt)
