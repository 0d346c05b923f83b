"""Files that somebody added to a note: where they lie in the posts bucket, and how a row's image cell names them. Pure."""

from __future__ import annotations

import re

FOLDER = "uploads/"
_CELL = re.compile(r"upload:\s*([a-z0-9_-]{1,64})", re.IGNORECASE)
_MD5 = re.compile(r"[0-9a-f]{32}")


def is_upload(name: str) -> bool:
    """Whether an image cell's name means an upload, well written or not: no file in the folder can have it."""
    return name[: len("upload:")].lower() == "upload:"


def upload_id(name: str) -> str:
    """The id in ``upload:<id>``; "" where it can be none of ours."""
    found = _CELL.fullmatch(name.strip())
    return found[1].lower() if found else ""


def upload_key(the_id: str) -> str:
    return f"{FOLDER}{the_id}"


def md5_in(etag: str) -> str:
    """An object put whole, without a key of the owner's own, has its MD5 for an ETag (docs: S3, "Object", ETag); "" for any other."""
    bare = etag.strip('"')
    return bare if _MD5.fullmatch(bare) else ""
