"""The page's own files, as they are on the disk at that moment: some eighty for each opening, so none takes a thread or is read twice."""

from __future__ import annotations

import mimetypes
from functools import lru_cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_KEPT = 200


class PageFiles:
    """What lies in the folder, by ``path``; 404 for anything else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def answer(self, request: Request) -> Response:
        file = (self._folder / request.path_params["path"]).resolve()
        if not file.is_relative_to(self._folder) or not file.is_file():
            raise HTTPException(404)
        tag = f'"{file.stat().st_mtime_ns:x}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        # Asked again each time, as it may have been edited; an answer of nothing then is all it costs.
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        return Response(_read(file, tag), media_type=mimetypes.guess_type(file.name)[0], headers=headers)


@lru_cache(_KEPT)
def _read(file: Path, tag: str) -> bytes:
    return file.read_bytes()
