"""What the other side answered, kept and given again without a network: botocore and httpx do all of their work but the sending."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.endpoint import Endpoint

Asked = tuple[str, str, str]  # method, address, and DynamoDB's or another service's own name of the operation


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Kept:
    """Answers by what was asked, in their order: given again in turns, each once a turn.

    ``bare`` makes the same calls again by the clients alone, one after the other.
    """

    answers: dict[Asked, list[Answer]] = field(default_factory=dict)
    _calls: list[Callable[[], Any]] = field(default_factory=list)
    _given: dict[Asked, int] = field(default_factory=dict)

    def keep(self, asked: Asked, answer: Answer) -> None:
        self.answers.setdefault(asked, []).append(answer)

    def again(self, asked: Asked) -> Answer:
        """KeyError for what was never asked."""
        number = self._given.get(asked, 0)
        self._given[asked] = number + 1
        known = self.answers[asked]
        return known[number % len(known)]

    @property
    def count(self) -> int:
        """How many requests were made."""
        return len(self._calls)

    def note(self, call: Callable[[], Any]) -> None:
        self._calls.append(call)

    def bare(self) -> None:
        for call in self._calls:
            call()


@contextmanager
def keeping() -> Iterator[Kept]:
    """Everything that is asked meanwhile is answered as ever, and kept."""
    kept = Kept()
    send, carry, call, ask = _patched()

    def kept_send(endpoint: Endpoint, request: Any) -> AWSResponse:
        answer = send(endpoint, request)
        found = Answer(answer.status_code, dict(answer.headers), answer.content)
        kept.keep(_asked_aws(request), found)
        return _aws(request.url, found)

    def kept_carry(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        answer = carry(transport, request)
        body = answer.read()  # as it was before it was packed for the way
        headers = {name: value for name, value in answer.headers.items() if name not in _OF_THE_WAY}
        found = Answer(answer.status_code, headers, body)
        kept.keep(_asked_http(request), found)
        return _http(found)

    def noted_call(client: BaseClient, operation: str, request: dict[str, Any]) -> Any:
        again = copy.deepcopy(request)
        kept.note(lambda: _read(call(client, operation, again)))
        return call(client, operation, request)

    def noted_ask(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        kept.note(lambda: client.send(request).read())
        answer: httpx.Response = ask(client, request, **options)
        return answer

    with _in_place(kept_send, kept_carry, noted_call, noted_ask):
        yield kept


@contextmanager
def replaying(kept: Kept) -> Iterator[None]:
    """Nothing goes out, and what was kept is answered."""
    _, _, call, ask = _patched()

    def send(_: Endpoint, request: Any) -> AWSResponse:
        return _aws(request.url, kept.again(_asked_aws(request)))

    def carry(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        return _http(kept.again(_asked_http(request)))

    with _in_place(send, carry, call, ask):
        yield


_OF_THE_WAY = {"content-encoding", "transfer-encoding", "content-length"}


class _Raw:
    """The body of an answer as urllib3 hands it to botocore."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self, amount: int | None = None) -> bytes:
        part = self._body if amount is None else self._body[:amount]
        self._body = self._body[len(part) :]
        return part

    def stream(self) -> Iterator[bytes]:
        yield self.read()

    def close(self) -> None:
        return


def _read(answer: dict[str, Any]) -> None:
    if "Body" in answer:
        answer["Body"].read()


def _aws(url: str, answer: Answer) -> AWSResponse:
    return AWSResponse(url, answer.status, answer.headers, _Raw(answer.body))


def _http(answer: Answer) -> httpx.Response:
    return httpx.Response(answer.status, headers=answer.headers, content=answer.body)


def _asked_aws(request: Any) -> Asked:
    target = request.headers.get("X-Amz-Target", "")
    return request.method, request.url, target.decode() if isinstance(target, bytes) else target


def _asked_http(request: httpx.Request) -> Asked:
    return request.method, str(request.url), ""


def _patched() -> tuple[Any, Any, Any, Any]:
    """The four places where calls pass, as they are now."""
    return Endpoint._send, httpx.HTTPTransport.handle_request, BaseClient._make_api_call, httpx.Client.send


@contextmanager
def _in_place(*passing: Any) -> Iterator[None]:
    before = _patched()
    _put(*passing)
    try:
        yield
    finally:
        _put(*before)


def _put(send: Any, carry: Any, call: Any, ask: Any) -> None:
    Endpoint._send = send
    httpx.HTTPTransport.handle_request = carry  # type: ignore[method-assign]
    BaseClient._make_api_call = call
    httpx.Client.send = ask  # type: ignore[method-assign]
