"""``mesh``: the AWS side by moto, furnished, with the functions' environment set. No network."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.client
import pytest
from moto import mock_aws
from moto_mesh import ENVIRONMENT, MotoMesh


@pytest.fixture
def mesh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MotoMesh]:
    """A furnished, empty stack; what handlers keep between invocations (``functools.cache``) is forgotten before and after."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    clock_file = tmp_path / "clock.json"
    clock_file.write_text('{"offset_seconds": 0}')
    monkeypatch.setenv("MESH_CLOCK_FILE", str(clock_file))
    _forget_wiring()
    with mock_aws():
        stack = MotoMesh(clock_file)
        stack.furnish()
        _record_calls(monkeypatch, stack)
        yield stack
    _forget_wiring()


def _record_calls(monkeypatch: pytest.MonkeyPatch, stack: MotoMesh) -> None:
    """Clients are made by the handlers themselves, so what they do is seen where every client passes."""
    original = botocore.client.BaseClient._make_api_call

    def recording(client: Any, operation: str, request: dict[str, Any]) -> Any:
        stack.calls.append(operation)
        answer = original(client, operation, request)
        if operation == "PutEvents":
            stack.entries.extend(request["Entries"])
        return answer

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", recording)


def _forget_wiring() -> None:
    for name, module in list(sys.modules.items()):
        if name.endswith(".handler"):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
