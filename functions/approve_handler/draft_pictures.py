"""The uploads of a draft, as far as its page can show them: a Function URL's answer holds six megabytes, in base64."""

from __future__ import annotations

from typing import Any

from mesh.ledger.proposals import Upload
from mesh.objects import read_object

SHOWN_MIMES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_MOST_BYTES = 4_200_000
_STARTS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif", b"RIFF": "image/webp"}


def can_be_shown(upload: Upload) -> bool:
    return upload.kind == "image" and upload.mime in SHOWN_MIMES and upload.size <= _MOST_BYTES


def picture(s3: Any, bucket: str, upload: Upload) -> tuple[bytes, str] | None:
    """Its bytes and what they are by their own first letters; None where there is none, or it is no picture a browser shows.

    Doubt when it cannot be read now.
    """
    if not can_be_shown(upload):
        return None
    found = read_object(s3, bucket, f"uploads/{upload.upload_id}")
    if found is None or len(found.data) > _MOST_BYTES:
        return None
    mime = next((kind for start, kind in _STARTS.items() if found.data.startswith(start)), "")
    return (found.data, mime) if mime else None
