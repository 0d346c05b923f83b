"""The outbox: its newest mails with every answer, older ones and the bodies as they are asked for."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from local.console.bodies import fresh
from local.console.mail import has_words, html_part, summary
from local.console.stack import ServerError, Stack

NEWEST = 100
"""As many come at once, at the page's first answer and each time it asks for more."""
_LOOKED_AT = 200  # so that neither server is kept long by one question

# The frame may be measured by the page and its links open beside it, but nothing in a mail runs.
_POLICY = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src 'self' data: http://127.0.0.1:* http://localhost:*; frame-ancestors 'self'"
)


async def since(stack: Stack, seen: int) -> dict[str, Any]:
    """``mails``: all that came after the number ``seen``, of an outbox that nobody has seen the newest; ``count`` of all there are, and
    the number of the ``first``.
    """
    page = await stack.mails(after=seen, most=None if seen else NEWEST)
    return {**page, "mails": [summary(mail) for mail in page["mails"]]}


class Mails:
    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def routes(self) -> list[Route]:
        return [
            Route("/api/mails", self.older),
            Route("/api/mails/{seq:int}", self.text),
            Route("/api/mails/{seq:int}/html", self.html),
        ]

    async def older(self, request: Request) -> Response:
        """``?before=SEQ&words=…&round=r_…&post=p_…``, each of which may be left out: the newest that fit, oldest first, and whether
        there may be ``more`` before them.
        """
        query = request.query_params
        words = query.get("words", "").lower().split()
        before = _number(query.get("before", ""))
        found: list[dict[str, Any]] = []
        more = True
        while more and len(found) < NEWEST:
            page = await self._stack.mails(before=before, most=_LOOKED_AT)
            for mail in reversed(page["mails"]):
                if len(found) == NEWEST:
                    break
                before = mail["seq"]
                if has_words(mail, words) and _is_about(told := summary(mail), query.get("round"), query.get("post")):
                    found.append(told)
            more = bool(page["mails"]) and before is not None and before > page["first"]
        return fresh({"mails": found[::-1], "more": more})

    async def text(self, request: Request) -> Response:
        """``text``: a mail's plain text, "" where it has none."""
        seq = int(request.path_params["seq"])
        page = await self._stack.mails(after=seq - 1, before=seq + 1)
        if not page["mails"]:
            raise HTTPException(404, "There is no such mail.")
        return fresh({"text": page["mails"][0]["text"]})

    async def html(self, request: Request) -> Response:
        try:
            mail = await self._stack.mail(int(request.path_params["seq"]))
        except ServerError as error:
            if error.status == 404:
                raise HTTPException(404, "There is no such mail.") from None
            raise
        return HTMLResponse(html_part(mail), headers={"Content-Security-Policy": _POLICY})


def _is_about(mail: dict[str, Any], round_id: str | None, post_id: str | None) -> bool:
    if round_id is not None and mail["round"] != round_id:
        return False
    return post_id is None or any(post == post_id for post, _ in mail["posts"])


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() else None
