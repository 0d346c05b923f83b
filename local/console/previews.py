"""A post as every network will show it: its newest package, read from the stack's own bucket."""

from __future__ import annotations

import secrets
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from datetime import datetime
from html import escape
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from mesh.cards.model import grouped
from mesh.cards.pages import message, page
from mesh.cards.previews import PAGE, Preview, left_out_html, preview_html
from mesh.packages import Manifest, PackedChannel
from mesh.schedule_time import say_with_zone

_ACCOUNT = "000000000000"
_S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class Previews:
    """``bucket`` is an address under the AWS side's: ``http://127.0.0.1:PORT/ss-posts-source-000000000000``."""

    def __init__(self, client: httpx.AsyncClient, aws: str, prefix: str) -> None:
        self._client = client
        self._bucket = f"{aws.rstrip('/')}/{prefix}-posts-source-{_ACCOUNT}"

    async def page(self, request: Request) -> Response:
        post_id = request.path_params["post_id"]
        nonce = secrets.token_urlsafe(16)
        found = await self._newest(post_id)
        if found is None:
            said = ["It has no package yet: it is being made, or the row has something to mend. Its status says which."]
            return _answer(message("No preview yet", said, nonce), nonce)
        revision, manifest = found
        address = f"/preview/{quote(post_id, safe='')}/{revision}/"
        shown = "".join(
            f"<article>{preview_html(preview, names, lambda image: address + image.sha256, PAGE)}</article>"
            for names, preview in grouped(_previews(manifest.channels))
        )
        later = "".join(
            f"<article>{preview_html(preview, f'{names}, not posted to yet', lambda image: address + image.sha256, PAGE)}</article>"
            for names, preview in grouped(_previews(manifest.later))
        )
        out = left_out_html((f"Not on {one.channel}: {one.message}" for one in manifest.left_out), (), PAGE)
        planned = say_with_zone(datetime.fromisoformat(manifest.planned_at), ZoneInfo(manifest.time_zone))
        title = f"As it will be shown: {planned}"
        return _answer(page("Preview", f"<h1>{escape(title)}</h1>{out}{shown}{later}", nonce), nonce)

    async def image(self, request: Request) -> Response:
        """Only what the package's manifest names."""
        post_id, revision, sha256 = (request.path_params[name] for name in ("post_id", "revision", "sha256"))
        manifest = Manifest.model_validate_json(await self._object(f"packages/{post_id}/{revision}/manifest.json"))
        for channel in (*manifest.channels.values(), *manifest.later.values()):
            for image in channel.every_image:
                if image.sha256 == sha256:
                    content = await self._object(f"packages/{post_id}/{revision}/{sha256}")
                    return Response(content, media_type=image.mime, headers={"Cache-Control": "max-age=3600"})
        raise HTTPException(404, "There is no such picture.")

    async def _newest(self, post_id: str) -> tuple[str, Manifest] | None:
        prefix = f"packages/{post_id}/by-source/"
        answer = await self._client.get(self._bucket, params={"list-type": "2", "prefix": prefix})
        if answer.is_error:
            raise HTTPException(502, "The packages cannot be read now.")
        listed = ET.fromstring(answer.text).iter(f"{_S3}Contents")
        keys = [(one.findtext(f"{_S3}LastModified", ""), one.findtext(f"{_S3}Key", "")) for one in listed]
        if not keys:
            return None
        revision = (await self._object(max(keys)[1])).decode()
        return revision, Manifest.model_validate_json(
            await self._object(f"packages/{post_id}/{revision}/manifest.json")
        )

    async def _object(self, key: str) -> bytes:
        answer = await self._client.get(f"{self._bucket}/{quote(key)}")
        if answer.is_error:
            raise HTTPException(404, "There is no such package.")
        return answer.content


def _previews(channels: Mapping[str, PackedChannel]) -> tuple[Preview, ...]:
    return tuple(
        Preview(name, one.network, one.text, one.images, one.measure, one.card) for name, one in channels.items()
    )


def _answer(html: str, nonce: str) -> Response:
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"})
