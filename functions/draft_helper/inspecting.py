"""Looks at what was really uploaded: its size before it is read, its type by its bytes, a picture by its header, a PDF by its pages.

A bad file is named in a sentence, and the note comes back as it was typed.
"""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from draft_helper.typed import Added, Problem
from draft_helper.uploads import IMAGES, MOST_PAGES, PDF, UploadRefused, refuse_size
from mesh.ledger.proposals import Upload
from mesh.objects import opened
from mesh.picture_bounds import BROKEN, LEAST_SIDE_PX, heif_opener, is_heif, pixel_limit
from mesh.uploads import upload_key

_IN_MEMORY_BYTES = 1_000_000  # the rest of a file lies on the function's disk
_CHUNK_BYTES = 1 << 18
_HEAD_BYTES = 1_024  # a PDF's mark may stand behind some bytes of another program's
_AT_ONCE = 4
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}


def inspect_all(s3: Any, bucket: str, added: Iterable[Added]) -> tuple[tuple[Upload, ...], tuple[Problem, ...]]:
    """In their order; a problem for each that is not taken. Doubt where S3 cannot be read now."""
    wanted = list(added)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda one: _inspected(s3, bucket, one), wanted))
    uploads = tuple(one for one in found if isinstance(one, Upload))
    return uploads, tuple(one for one in found if isinstance(one, Problem))


def _inspected(s3: Any, bucket: str, added: Added) -> Upload | Problem:
    try:
        return inspect(s3, bucket, added)
    except UploadRefused as refused:
        return Problem("files", str(refused))


def inspect(s3: Any, bucket: str, added: Added) -> Upload:
    """UploadRefused with a sentence about it. Nothing that is too large is read."""
    name = added.name
    with opened(s3, bucket, upload_key(added.upload_id)) as found, SpooledTemporaryFile(_IN_MEMORY_BYTES) as content:
        if found is None:
            raise UploadRefused(f"{name} did not arrive; add it again.")
        head = found.stream.peek(_HEAD_BYTES)[:_HEAD_BYTES]
        mime = kind_of(head)
        if not mime:
            raise UploadRefused(
                f"{name} is neither a photo nor a PDF, whatever its name says; add a JPEG, PNG, WebP or HEIC photo, or a PDF."
            )
        if (mime == PDF) is not (found.mime == PDF):  # whoever mirrors it goes by what it was put as
            kinds = ("PDF", "photo") if mime == PDF else ("photo", "PDF")
            raise UploadRefused(f"{name} is a {kinds[0]}, and its name says {kinds[1]}; rename it and add it again.")
        refuse_size(name, mime, found.length_bytes)
        counted = hashlib.md5(usedforsecurity=False)
        while chunk := found.stream.read(_CHUNK_BYTES):
            counted.update(chunk)
            content.write(chunk)
        size_bytes = content.tell()
        content.seek(0)
        check = _check_pdf if mime == PDF else _check_image
        check(name, mime, content)
    kind = "pdf" if mime == PDF else "image"
    return Upload(upload_id=added.upload_id, kind=kind, name=name, mime=mime, size=size_bytes, md5=counted.hexdigest())


def kind_of(head: bytes) -> str:
    """The type by the first bytes; "" for none that is taken."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if is_heif(head):
        return "image/heic"
    return PDF if b"%PDF-" in head else ""


def _check_image(name: str, mime: str, content: IO[bytes]) -> None:
    """By its header alone: nothing is decoded."""
    from PIL import Image, UnidentifiedImageError

    assert mime in IMAGES
    if mime == "image/heic":
        heif_opener()
    limit = pixel_limit(_FORMATS[mime])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow only warns of bombs
            picture = Image.open(content, formats=(_FORMATS[mime],))
            width, height = picture.size
            moves = mime != "image/heic" and picture.format != "MPO" and bool(getattr(picture, "is_animated", False))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(name, limit) from error
    except (UnidentifiedImageError, *BROKEN) as error:
        raise UploadRefused(f"{name} is damaged and cannot be opened; save it again as a JPEG and add that.") from error
    if width * height > limit:
        raise _too_many_pixels(name, limit, f" ({width:,} x {height:,})")
    if min(width, height) < LEAST_SIDE_PX:
        raise UploadRefused(f"{name} is {width:,} x {height:,} pixels, too small to be seen; add a larger one.")
    if moves:
        raise UploadRefused(f"{name} moves; only still pictures can be posted: save one frame and add that.")


def _too_many_pixels(name: str, limit: int, size: str = "") -> UploadRefused:
    return UploadRefused(f"{name} has more than {limit / 1e6:g} megapixels{size}; save it smaller and add it again.")


def _check_pdf(name: str, mime: str, content: IO[bytes]) -> None:
    """Encrypted, too long or broken ones are refused; of the others nothing but the pages is counted."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it quotes what it reads
    try:
        reader = PdfReader(content, strict=False)
        if reader.is_encrypted:
            raise UploadRefused(f"{name} is locked with a password; save it without one and add it again.")
        said = _said_pages(reader)
        pages = said if said > MOST_PAGES else len(reader.pages)
    except (PyPdfError, AttributeError, *BROKEN) as error:
        raise UploadRefused(f"{name} is damaged and cannot be opened; save it as a PDF again and add that.") from error
    if pages > MOST_PAGES:
        raise UploadRefused(
            f"{name} has {pages} pages; {MOST_PAGES} are the most. Add the pages that matter as a PDF of their own."
        )
    if not pages:
        raise UploadRefused(f"{name} has no page; add another.")


def _said_pages(reader: Any) -> int:
    """What the document says of itself, so that one of a million pages is not walked through."""
    count = reader.trailer["/Root"]["/Pages"].get("/Count", 0)
    return int(count) if isinstance(count, int) else 0
