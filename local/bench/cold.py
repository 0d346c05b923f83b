"""A cold start of each function, its imports and clients, beside a bare handler with the same clients, Powertools and pydantic.

Each in a process of its own that finds what Lambda would (``local.bench.shipped``), by its CPU and by the most memory it has held,
function and floor in turns. What is asked of a secret on the way is answered at once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.bench import shipped
from local.bench.figure import Figure
from local.bench.measuring import Beside
from local.bench.shipped import Shipped
from local.stack import REGION

if TYPE_CHECKING:
    from local.bench.rows import Bench

WIRES: Mapping[str, str] = {
    "approve_handler": "approve_handler.handler:wire",
    "digest": "digest.handler:wire",
    "draft_helper": "draft_helper.wiring:wire",
    "drive_sync": "drive_sync.handler:wire",
    "notifier": "notifier.handler:wire",
    "recap": "recap.wiring:wire",
    "renderer": "renderer.handler:wire",
    "scheduler": "scheduler.handler:wire",
    "sender": "sender.handler:wiring",
    "template_sync": "template_sync.handler:wire",
}
"""What each function calls at its first event, and never again: it makes the clients."""

_CHILD = Path(__file__).with_name("cold_child.py")
_TURNS = 15
_AT_ONCE = 2
_AIM_CPU, _AIM_MEMORY = 1.25, 1.3


@dataclass(frozen=True)
class Cold:
    """``cpu`` in milliseconds, ``memory`` in MB; ``services`` are the clients that both made."""

    function: Shipped
    services: tuple[str, ...]
    cpu: Beside
    memory: Beside


def figures(bench: Bench) -> Iterator[Figure]:
    found = measured()
    for cold in found:
        detail = f"clients: {', '.join(cold.services)}"
        ours, floor, noise = cold.cpu.ours, cold.cpu.floor, max(cold.cpu.noise, 0.05)
        yield Figure(f"cold start of {cold.function.name}", ours, "ms", floor, _AIM_CPU, detail, noise)
    for cold in found:
        ours, floor = cold.memory.ours, cold.memory.floor
        yield Figure(f"memory after a cold {cold.function.name}", ours, "MB", floor, _AIM_MEMORY, "", 0.03)


def measured(turns: int = _TURNS) -> list[Cold]:
    """Each function, two at a time."""
    with laid_out() as starts, ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda function: _cold(starts, function, turns), starts.functions))


def _cold(starts: Starts, function: Shipped, turns: int) -> Cold:
    first = starts.ours(function)  # what was never compiled here is by now, and the floor is told of the clients
    services = ",".join(first["services"])
    starts.floor(function, services)
    pairs = [(starts.ours(function), starts.floor(function, services)) for _ in range(turns)]
    cpu = Beside.of([(ours["cpu_ms"], floor["cpu_ms"]) for ours, floor in pairs])
    memory = Beside.of([(ours["peak_kb"] / 1_024, floor["peak_kb"] / 1_024) for ours, floor in pairs])
    return Cold(function, tuple(first["services"]), cpu, memory)


@contextmanager
def laid_out() -> Iterator[Starts]:
    """The functions' folders as long as it is open."""
    with tempfile.TemporaryDirectory(prefix="cold-") as folder:
        yield Starts(Path(folder))


class Starts:
    """Cold starts from a folder in which everything is laid out."""

    def __init__(self, folder: Path) -> None:
        shipped.lay_out(folder)
        self.functions = shipped.functions()
        self._folder = folder
        self._secret = folder / "secret.json"
        self._secret.write_text(json.dumps(_secret()), "utf-8")

    def ours(self, function: Shipped, **environment: str) -> dict[str, Any]:
        """What ``cold_child`` says of it."""
        return self._run(function, "ours", "", environment)

    def floor(self, function: Shipped, services: str) -> dict[str, Any]:
        return self._run(function, "floor", services, {})

    def _run(self, function: Shipped, kind: str, services: str, more: Mapping[str, str]) -> dict[str, Any]:
        environment = {
            **function.environment,
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(shipped.path(self._folder, function)),
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "SECRET": str(self._secret),
            **more,
        }
        # -S and -P: nothing of this computer's Python but the standard library
        command = [sys.executable, "-S", "-P", str(_CHILD), kind, function.package, WIRES[function.package], services]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{function.name} does not start as it is shipped:\n{done.stderr[-2_000:]}")
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told


def _secret() -> dict[str, Any]:
    """One document that can be read as any of the secrets."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "type": "service_account",
        "project_id": "bench",
        "client_email": "bench@example.test",
        "client_id": "1",
        "token_uri": "https://oauth2.googleapis.com/token",
        "private_key_id": "1",
        "private_key": key.private_bytes(*form).decode(),
        "keys": ["a-key-for-the-bench-of-40-characters-0123"],
    }
