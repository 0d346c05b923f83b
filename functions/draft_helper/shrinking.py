"""Uploads as the model may be shown them: small JPEGs, and PDFs as they are. Whatever else lies there is left out, in words.

Converse takes 20 images of 3.75 MB and 8,000 pixels a side, and 5 documents of 4.5 MB (user guide, "Using the Converse API"); what an
image has above 1,568 pixels the model scales away (the vendor's vision guide).
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

from draft_helper.material import File
from mesh.errors import MeshError
from mesh.ledger.proposals import Upload
from mesh.picture_bounds import BROKEN, PIXEL_LIMIT, has_too_many_scans, heif_opener, is_heif, pixel_limit

if TYPE_CHECKING:
    from PIL import Image as Pillow

IMAGES_AT_MOST = 20
DOCUMENTS_AT_MOST = 5
EDGE_LIMIT_PX = 1_568
IMAGE_LIMIT_BYTES = 3_750_000
DOCUMENT_LIMIT_BYTES = 4_500_000
SOURCE_LIMIT_BYTES = 15_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITY = 85


class LeftOut(MeshError):
    """The model is not shown this file; the message says why, to its owner."""


def as_shown(upload: Upload, content: bytes) -> File:
    """LeftOut for what cannot be shown. One file at a time is decoded: a picture of 25 megapixels takes some 150 MB."""
    if upload.kind == "pdf":
        return File(upload, "application/pdf", _document(upload.name, content))
    return File(upload, "image/jpeg", _image(upload.name, content))


def refuse_heavy(upload: Upload, length_bytes: int) -> None:
    """LeftOut, before anything of it is read, for more bytes than are worth reading."""
    most = DOCUMENT_LIMIT_BYTES if upload.kind == "pdf" else SOURCE_LIMIT_BYTES
    if length_bytes > most:
        raise LeftOut(
            f"The model was not shown “{upload.name}”: it has {length_bytes / 1e6:,.1f} MB, and {most / 1e6:g} MB is the most"
            " that it reads."
        )


def _document(name: str, content: bytes) -> bytes:
    if b"%PDF-" not in content[:1024]:
        raise LeftOut(f"The model was not shown “{name}”: it is no PDF.")
    return content


def _image(name: str, content: bytes) -> bytes:
    from PIL import Image, UnidentifiedImageError

    formats: tuple[str, ...] = _FORMATS
    if is_heif(content):
        formats = (heif_opener(),)
    elif has_too_many_scans(content):
        raise _damaged(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow only warns of bombs; broken metadata is dropped anyway
            opened = Image.open(io.BytesIO(content), formats=formats)
            _check_header(name, opened)
            return _encoded(_small(opened))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name, PIXEL_LIMIT) from error
    except (UnidentifiedImageError, *BROKEN) as error:
        raise _damaged(name) from error


def _check_header(name: str, opened: Pillow.Image) -> None:
    width, height = opened.size
    limit = pixel_limit(str(opened.format))
    if width * height > limit:
        raise _too_many_pixels(name, limit)


def _small(opened: Pillow.Image) -> Pillow.Image:
    """Upright, RGB on white, its longer side at most ``EDGE_LIMIT_PX``."""
    from PIL import Image, ImageOps

    opened.draft("RGB", (EDGE_LIMIT_PX, EDGE_LIMIT_PX))  # a JPEG is decoded at a half or less where that is enough
    pixels: Pillow.Image = opened
    if pixels.mode.startswith(("I", "F")):
        pixels = pixels.convert("F").point(lambda value: value / 256).convert("L")
    if pixels.mode not in {"L", "RGB", "RGBA"}:
        pixels = pixels.convert("RGBA" if pixels.has_transparency_data else "RGB")
    pixels.thumbnail((EDGE_LIMIT_PX, EDGE_LIMIT_PX), Image.Resampling.LANCZOS)
    pixels = ImageOps.exif_transpose(pixels)
    if pixels.mode == "RGBA":
        paper = Image.new("RGB", pixels.size, "white")
        paper.paste(pixels, mask=pixels.getchannel("A"))
        return paper
    return pixels


def _encoded(pixels: Pillow.Image) -> bytes:
    """1,568 x 1,568 pixels of noise take 2 MB: always within ``IMAGE_LIMIT_BYTES``."""
    out = io.BytesIO()
    pixels.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _too_many_pixels(name: str, limit: int) -> LeftOut:
    return LeftOut(
        f"The model was not shown “{name}”: it has more than {limit / 1e6:g} megapixels; save it smaller if it shall be looked at."
    )


def _damaged(name: str) -> LeftOut:
    return LeftOut(f"The model was not shown “{name}”: it is damaged, or no picture of a known kind.")
