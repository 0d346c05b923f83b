"""A post as every network will show it: its current package, read from the stack's own table and bucket."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from html import escape
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from local.console.stack import ServerError, Stack
from mesh.cards.model import grouped, preview_of
from mesh.cards.pages import BARE, Around, message, page
from mesh.cards.previews import PAGE, Preview, left_out_html, preview_html
from mesh.packages import Manifest, PackedChannel
from mesh.schedule_time import say_with_zone

_UNREAD = "The posts cannot be read now."
_EMBEDDED_CSS = """
html { overflow: hidden; }
body, body .pv-text, body .pv-head, body .pv-out, body .pv-card { font-size: 14px; }
body { background: transparent; }
main {
  max-width: none; margin: 0; padding: 1px; display: grid; gap: 12px; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 230px), 1fr));
}
h1 { font-size: 1rem; margin: 0; }
main > table { grid-column: 1 / -1; margin: 0; }
article { margin: 0; min-width: 0; padding: 12px 14px; border-radius: 8px; }
"""


class Previews:
    """Of the post as it is when somebody looks, and not as the page's last reading has it."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def routes(self) -> list[Route]:
        return [
            Route("/preview/{post_id}", self.page),
            Route("/preview/{post_id}/{revision}/{sha256}", self.image),
        ]

    async def page(self, request: Request) -> Response:
        """With ``?embedded`` the previews alone, side by side, to stand in the console's own page; ``&channel=`` that channel's."""
        post_id = request.path_params["post_id"]
        asked = request.query_params
        embedded, only = "embedded" in asked, asked.get("channel", "")
        nonce = secrets.token_urlsafe(16)
        found = await self._current(post_id)
        if found is None:
            said = ["It has no package yet: it is being made, or the row has something to mend. Its status says which."]
            around = Around(style=_EMBEDDED_CSS) if embedded else BARE
            return _answer(message("No preview yet", said, nonce, around=around), nonce, embedded=embedded)
        revision, manifest = found
        address = f"/preview/{quote(post_id, safe='')}/{revision}/"
        shown = "".join(
            f"<article>{preview_html(preview, names, lambda image: address + image.sha256, PAGE)}</article>"
            for names, preview in grouped(_previews(manifest.channels, manifest.link, only))
        )
        left_out = [one for one in manifest.left_out if only in ("", one.channel)]
        out = left_out_html((f"Not on {one.channel}: {one.message}" for one in left_out), (), PAGE)
        if embedded:
            return _answer(page("Preview", f"{out}{shown}", nonce, Around(style=_EMBEDDED_CSS)), nonce, embedded=True)
        planned = say_with_zone(datetime.fromisoformat(manifest.planned_at), ZoneInfo(manifest.time_zone))
        title = f"As it will be shown: {planned}"
        return _answer(page("Preview", f"<h1>{escape(title)}</h1>{out}{shown}", nonce), nonce)

    async def image(self, request: Request) -> Response:
        """Only what the package's manifest names."""
        post_id, revision, sha256 = (request.path_params[name] for name in ("post_id", "revision", "sha256"))
        manifest = await self._manifest(post_id, revision)
        for channel in manifest.channels.values():
            for image in channel.every_image:
                if image.sha256 == sha256:
                    content = await self._packaged(post_id, revision, sha256)
                    return Response(content, media_type=image.mime, headers={"Cache-Control": "max-age=3600"})
        raise HTTPException(404, "There is no such picture.")

    async def _current(self, post_id: str) -> tuple[str, Manifest] | None:
        """The package that the table names: after an edit was undone that is not the newest one."""
        try:
            found = await self._stack.items("status", [{"post_id": post_id}])
        except ServerError:
            raise HTTPException(502, _UNREAD) from None
        package = found[0].get("package") if found else None
        revision = package.get("revision") if package else None
        return (revision, await self._manifest(post_id, revision)) if revision else None

    async def _manifest(self, post_id: str, revision: str) -> Manifest:
        return Manifest.model_validate_json(await self._packaged(post_id, revision, "manifest.json"))

    async def _packaged(self, post_id: str, revision: str, name: str) -> bytes:
        try:
            return await self._stack.packaged(post_id, revision, name)
        except ServerError as error:
            if error.status == 404:
                raise HTTPException(404, "There is no such package.") from None
            raise HTTPException(502, _UNREAD) from None


def _previews(channels: Mapping[str, PackedChannel], link: str, only: str) -> tuple[Preview, ...]:
    return tuple(preview_of(name, channel, link) for name, channel in channels.items() if only in ("", name))


def _answer(html: str, nonce: str, *, embedded: bool = False) -> Response:
    around = "'self'" if embedded else "'none'"
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; base-uri 'none'; frame-ancestors {around}"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy, "Cache-Control": "no-store"})
