"""A web of scripted answers: what is sent back by whom, and who was asked for what. No sockets."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass, field

import httpcore

from renderer.web import Web

HERE = "93.184.215.14"


def answer(body: bytes | str = b"", status: int = 200, packed: bool = False, **headers: str) -> bytes:
    """One HTTP answer; a header's underscores become dashes."""
    content = body.encode() if isinstance(body, str) else body
    told = {
        "content-type": "text/html; charset=utf-8",
        **{name.replace("_", "-"): told for name, told in headers.items()},
    }
    if packed:
        content = gzip.compress(content)
        told["content-encoding"] = "gzip"
    told = {"content-length": str(len(content)), **told}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} As ordered\r\n{lines}\r\n".encode() + content


def page(head: str) -> bytes:
    return answer(f"<!doctype html><html><head>{head}</head><body>…</body></html>")


class _Script(httpcore.MockStream):
    def __init__(self, web: ScriptedWeb, content: bytes) -> None:
        super().__init__([content[at : at + 16_384] for at in range(0, len(content), 16_384)])
        self._web = web

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = super().read(max_bytes, timeout)
        self._web.read_bytes += len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer:
            self._web.requests.append(bytes(buffer).decode("ascii"))


@dataclass
class ScriptedWeb:
    """``answers`` are given one per connection, whoever is asked. ``names``: what each means, look-up by look-up, the last for ever."""

    answers: list[bytes]
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    connections: list[tuple[str, int]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    read_bytes: int = 0

    @property
    def web(self) -> Web:
        return Web(resolve=self._resolve, connect=self._connect)

    def _resolve(self, name: str, port: int) -> Iterable[str]:
        self.looked_up.append(name)
        meanings = self.names.get(name, [[HERE]])
        return meanings.pop(0) if len(meanings) > 1 else meanings[0]

    def _connect(self, address: str, port: int, timeout_seconds: float) -> httpcore.NetworkStream:
        self.connections.append((address, port))
        return _Script(self, self.answers.pop(0))
