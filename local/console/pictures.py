"""The pictures of the sheet's folder: shown in the grid, and put there by it."""

from __future__ import annotations

import asyncio
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from local.console.bodies import fresh, from_this_page
from local.console.nudge import Nudge
from local.console.stack import Stack
from mesh.uploads import is_upload, upload_id

MAX_PICTURE_BYTES = 40_000_000
_LONGEST_NAME = 120
# The image cell's own signs: names stand there with commas between, and "(top)" behind a name says what to keep.
_SIGNS = re.compile(r"[\x00-\x1f\x7f,;/\\:*?\"<>|]+")


class Pictures:
    """``/api/files/{name}``: GET shows, PUT adds."""

    def __init__(self, stack: Stack, nudge: Nudge) -> None:
        self._stack = stack
        self._nudge = nudge
        self._one_at_a_time = asyncio.Lock()

    async def read(self, request: Request) -> Response:
        name = request.path_params["name"]
        look = self._stack.upload(upload_id(name)) if is_upload(name) else self._stack.file(name)
        content, media_type = await look
        if not media_type.startswith("image/"):
            raise HTTPException(404, "Only pictures are shown here.")
        headers = {"Cache-Control": "max-age=30", "X-Content-Type-Options": "nosniff"}
        return Response(content, media_type=media_type, headers=headers)

    async def add(self, request: Request) -> Response:
        """The body's bytes under that name, or under ``cake-2.jpg`` where ``cake.jpg`` is another picture. Answers ``name``.

        413 over 40 MB, 415 for what is no picture. Only this page can PUT: a browser asks first for another site's.
        """
        from_this_page(request)
        wished = request.path_params["name"]
        content = await bounded(request, wished)
        kind = kind_of(content)
        if kind is None:
            sentence = f"{plain(wished)} is no picture. JPEG, PNG, WebP, GIF and HEIC can be posted."
            raise HTTPException(415, sentence)
        media_type, ending = kind
        # Two pictures of one name at once would both find it free.
        async with self._one_at_a_time:
            name, there = free_name(sheet_name(wished, ending), content, await self._stack.files())
            if not there:
                await self._stack.put_file(name, media_type, content)
        self._nudge.edited()
        return fresh({"name": name, "there": there})


async def bounded(request: Request, name: str) -> bytes:
    """The body; 413 with the file's name over 40 MB."""
    content = bytearray()
    announced = request.headers.get("content-length", "")
    too_big = announced.isdigit() and int(announced) > MAX_PICTURE_BYTES
    if not too_big:
        async for piece in request.stream():
            content += piece
            too_big = len(content) > MAX_PICTURE_BYTES
            if too_big:
                break
    if too_big:
        raise HTTPException(413, f"{plain(name)} is over 40 MB. Save it smaller and add it again.")
    return bytes(content)


def kind_of(content: bytes) -> tuple[str, str] | None:
    """Media type and ending by the first bytes; None for what is no picture that can be posted."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png", "png"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif", "gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp", "webp"
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"):
        return "image/heic", "heic"
    return None


def plain(name: str) -> str:
    """A file's name without its folders, fit to be read in a sentence."""
    last = re.split(r"[/\\]", name)[-1]
    return " ".join(_SIGNS.sub(" ", last).split())[:_LONGEST_NAME] or "The file"


def sheet_name(name: str, ending: str) -> str:
    """``name`` as it can stand in an image cell: no folders, no commas; with an ending."""
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    clean = " ".join(_SIGNS.sub("-", last).split()).strip(". -")
    stem, dot, last_part = clean.rpartition(".")
    if not dot or not stem or not re.fullmatch(r"[A-Za-z0-9]{2,5}", last_part):
        stem, last_part = clean or "picture", ending
    return f"{stem[:_LONGEST_NAME]}.{last_part}"


def free_name(name: str, content: bytes, files: Iterable[Mapping[str, Any]]) -> tuple[str, bool]:
    """The name to use, and whether these very bytes have it already. ``Cake.jpg`` and ``cake.jpg`` count as one name."""
    taken = {str(file["name"]).casefold(): file for file in files}
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    stem, _, ending = name.rpartition(".")
    number, tried = 1, name
    while (known := taken.get(tried.casefold())) is not None:
        if known.get("md5") == md5:
            return str(known["name"]), True
        number += 1
        tried = f"{stem}-{number}.{ending}"
    return tried, False
