"""The server as a process, a client of its APIs, and the witness that holds every call to Google's schema."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from google.auth.transport.requests import Request as TokenRequest
from google.oauth2 import service_account
from google_discovery import API_PATHS, Discovery

ROOT = Path(__file__).resolve().parents[3]
SCOPE = "https://www.googleapis.com/auth/"


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Waits for a condition; an AssertionError at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Credentials(service_account.Credentials):
    """Without the background thread that asks another Google host for a regional boundary."""

    def _is_regional_access_boundary_lookup_required(self) -> bool:
        return False


class Server:
    """The process, and how tests reach it."""

    def __init__(self, state: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local", "sheets", "--state", str(state), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.communicate()[1])
        self.ready = json.loads(line)
        self.url = self.ready["url"]
        self.info = json.loads(Path(self.ready["service_account_file"]).read_text())

    def stop(self) -> int:
        self.process.terminate()
        self.process.communicate(timeout=10)
        return self.process.returncode

    def token(self, *scopes: str) -> str:
        credentials = Credentials.from_service_account_info(self.info, scopes=[SCOPE + scope for scope in scopes])
        request = TokenRequest()
        try:
            credentials.refresh(request)
        finally:
            request.session.close()
        return str(credentials.token)


class OwnedServer(Server):
    """With the owner's client, and the service account's document as the functions take it."""

    def __init__(self, state: Path, *options: str) -> None:
        super().__init__(state, *options)
        self.document = self.info | {"api_endpoint": self.url}
        self.owner = httpx.Client(base_url=self.url, trust_env=False)

    def stop(self) -> int:
        self.owner.close()
        return super().stop()


class Witness:
    """Sees every successful JSON answer of both APIs."""

    def __init__(self, discovery: Discovery | None) -> None:
        self._discovery = discovery

    def saw(self, method: str, url: str, request_body: bytes | str | None, status: int, body: bytes) -> None:
        path = urlsplit(url).path
        if self._discovery is None or status >= 300 or not body or not path.startswith(API_PATHS):
            return
        try:
            answer = json.loads(body)
        except ValueError:
            return  # media and exports
        asked = json.loads(request_body) if request_body else None
        problems = self._discovery.problems(method, path, asked, answer)
        assert not problems, "\n".join(problems)

    def hook(self, response: httpx.Response) -> None:
        response.read()
        request = response.request
        self.saw(request.method, str(request.url), request.content, response.status_code, response.content)


class Api:
    """A client with a token, by scopes."""

    def __init__(self, server: Server, witness: Witness, *scopes: str) -> None:
        self.http = httpx.Client(
            base_url=server.url,
            headers={"Authorization": f"Bearer {server.token(*scopes)}"},
            event_hooks={"response": [witness.hook]},
        )
        self.sheet_id = server.ready["spreadsheet_id"]
        self.folder_id = server.ready["folder_id"]

    def get(self, path: str, **query: Any) -> Any:
        return self._json(self.http.get(self._path(path), params=query))

    def values(self, a1: str, **query: Any) -> list[list[Any]]:
        got = self.get(f"{{sheet}}/values/{a1}", **query)
        return list(got.get("values", []))

    def unformatted(self, a1: str) -> list[list[Any]]:
        return self.values(a1, valueRenderOption="UNFORMATTED_VALUE", dateTimeRenderOption="SERIAL_NUMBER")

    def put(self, a1: str, values: list[list[Any]], option: str = "RAW", **query: Any) -> Any:
        url = self._path(f"{{sheet}}/values/{a1}")
        return self._json(self.http.put(url, params={"valueInputOption": option, **query}, json={"values": values}))

    def batch(self, *requests: dict[str, Any]) -> Any:
        return self._json(self.http.post(self._path("{sheet}:batchUpdate"), json={"requests": list(requests)}))

    def post(self, path: str, body: Any = None, **query: Any) -> Any:
        return self._json(self.http.post(self._path(path), params=query, json=body))

    def _path(self, path: str) -> str:
        return path.replace("{sheet}", f"/v4/spreadsheets/{self.sheet_id}")

    @staticmethod
    def _json(response: httpx.Response) -> Any:
        response.raise_for_status()
        return response.json()
