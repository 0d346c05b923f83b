"""``/approve/{path}`` and ``/compose/{path}``: the two doors' pages, passed through to their Function URLs and back without a change.

The pages check ``Origin``, ``Sec-Fetch-*`` and cookies and set their own policies, so every header goes both ways but
those that belong to one connection.
"""

from __future__ import annotations

from collections.abc import Iterable

import httpx
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

_OF_ONE_CONNECTION = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade".split()
)
_REQUEST_ONLY = frozenset([b"host", b"content-length"])


async def forward(request: Request, client: httpx.AsyncClient, function_url: str, before: str) -> Response:
    """The Function URL's own answer; 502 in plain words where there is none. Redirects are passed on, not followed.

    ``before`` is what stands before the function's own path here.
    """
    path = request.scope["raw_path"].decode("ascii").partition(before)[2]
    query = request.scope["query_string"].decode("ascii")
    outgoing = client.build_request(
        request.method,
        httpx.URL(function_url.rstrip("/") + "/" + path + (f"?{query}" if query else "")),
        content=await request.body(),
    )
    # httpx's own defaults (user agent, accept, encodings) would speak for the browser.
    outgoing.headers = httpx.Headers(
        [(b"host", outgoing.url.netloc), *_kept(request.headers.raw, _REQUEST_ONLY), *_length(outgoing)]
    )
    try:
        answer = await client.send(outgoing, stream=True, follow_redirects=False)
    except httpx.HTTPError as error:
        sentence = f"The page does not answer ({type(error).__name__}). Is the stack still starting?"
        return PlainTextResponse(sentence, 502)
    response = StreamingResponse(answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose))
    response.raw_headers = [(name.lower(), value) for name, value in _kept(answer.headers.raw, frozenset())]
    return response


def _kept(headers: Iterable[tuple[bytes, bytes]], also_dropped: frozenset[bytes]) -> list[tuple[bytes, bytes]]:
    dropped = _OF_ONE_CONNECTION | also_dropped
    return [(name, value) for name, value in headers if name.lower() not in dropped]


def _length(outgoing: httpx.Request) -> list[tuple[bytes, bytes]]:
    length = outgoing.headers.get("content-length")
    return [(b"content-length", length.encode("ascii"))] if length else []
