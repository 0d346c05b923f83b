"""An address at which the browser may put one file into the posts bucket, and the refusal of what would not be taken.

A presigned POST: S3 itself holds whoever uses it to the key, the type and the size that were signed. What the bytes really are is looked
at when the note comes (``inspecting``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from draft_helper.typed import plain_name
from mesh.door.request import origin_of
from mesh.ids import random_id
from mesh.uploads import upload_key

IMAGE_LIMIT_BYTES = 15_000_000
PDF_LIMIT_BYTES = 10_000_000
MOST_PAGES = 20
GOOD_FOR_SECONDS = 600  # a photo over a slow line takes its time
PDF = "application/pdf"
IMAGES = ("image/jpeg", "image/png", "image/webp", "image/heic")
_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "heif": "image/heic",
    "pdf": PDF,
}
_SAME = {"image/jpg": "image/jpeg", "image/heif": "image/heic", "image/pjpeg": "image/jpeg"}


class UploadRefused(Exception):
    """A file that is not taken: why, and what to do, naming it."""


@dataclass(frozen=True)
class Ticket:
    """Where the file goes and what the browser has to send along with it."""

    upload_id: str
    url: str
    fields: Mapping[str, str]


def limit_of(mime: str) -> int:
    return PDF_LIMIT_BYTES if mime == PDF else IMAGE_LIMIT_BYTES


def type_of(name: str, said: str) -> str:
    """What the browser says it is, else what its ending says: some know no HEIC. UploadRefused for a kind that is not taken."""
    mime = _SAME.get(said.lower(), said.lower())
    if mime not in (*IMAGES, PDF):
        mime = _TYPES.get(name.rpartition(".")[2].lower(), "") if mime in {"", "application/octet-stream"} else ""
    if not mime:
        raise UploadRefused(
            f"{plain_name(name)} is neither a photo nor a PDF; add a JPEG, PNG, WebP or HEIC photo, or a PDF."
        )
    return mime


def refuse_size(name: str, mime: str, size_bytes: int) -> None:
    """UploadRefused for a file that is too large, or empty."""
    limit, kind = limit_of(mime), "a PDF" if mime == PDF else "a photo"
    if size_bytes > limit:
        said = f"{plain_name(name)} has {size_bytes / 1e6:,.0f} MB; {limit // 1_000_000} MB are the most for {kind}."
        raise UploadRefused(f"{said} Save it smaller and add it again.")
    if size_bytes < 1:
        raise UploadRefused(f"{plain_name(name)} is empty; add it again.")


def ticket(s3: Any, bucket: str, name: str, said: str, size: str) -> Ticket:
    """For one file of this name, type and size in bytes, as the browser says. UploadRefused as above. Calls nobody."""
    mime = type_of(name, said)
    refuse_size(name, mime, int(size) if size.isdecimal() and len(size) < 16 else 0)
    the_id = random_id("u", 19)
    made = s3.generate_presigned_post(
        bucket,
        upload_key(the_id),
        Fields={"Content-Type": mime},
        Conditions=[{"Content-Type": mime}, ["content-length-range", 1, limit_of(mime)]],
        ExpiresIn=GOOD_FOR_SECONDS,
    )
    return Ticket(the_id, str(made["url"]), dict(made["fields"]))


def put_origin(s3: Any, bucket: str) -> str:
    """The origin that the page's script has to reach. Calls nobody."""
    return origin_of(str(s3.generate_presigned_post(bucket, upload_key("-"))["url"]))
