"""The local AWS side as a process of its own, as the tests here talk to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.config import Config

from local import ROOT
from local.deploy import deploy

MESH = Path(__file__).parent / "mesh" / "template.yaml"
ZONE = "Europe/Berlin"
_PATIENCE_SECONDS = 30.0


class LocalAws:
    """One running launcher. ``outputs`` are those of the deployed mesh."""

    def __init__(self, state: Path, *options: str, **environment: str) -> None:
        self.state = state
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local", "aws", "--port", "0", "--state", str(state), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        assert self.process.stdout is not None
        ready = self.process.stdout.readline()
        assert ready, "the launcher ended before it was ready"
        self.endpoint: str = json.loads(ready)["endpoint"]
        self.outputs: dict[str, str] = {}
        self._http = httpx.Client(base_url=self.endpoint, timeout=60)

    def deploy(self, **parameters: str) -> list[str]:
        """What the deployment said, line by line."""
        said: list[str] = []
        wanted = {"TimeZone": ZONE, **parameters}
        self.outputs = deploy(MESH, self.endpoint, "ss", wanted, self.state.parent / "build", said.append)
        return said

    def client(self, service: str, config: Config | None = None) -> Any:
        return boto3.client(
            service,
            config=config,
            endpoint_url=self.endpoint,
            region_name="ap-southeast-1",
            aws_access_key_id="000000000000",
            aws_secret_access_key="local",
        )

    def get(self, path: str) -> Any:
        return self._http.get(f"/_local/{path}").raise_for_status().json()

    def post(self, path: str, **body: Any) -> Any:
        return self._http.post(f"/_local/{path}", json=body).raise_for_status().json()

    def refused(self, path: str, **body: Any) -> int:
        return self._http.post(f"/_local/{path}", json=body).status_code

    def clear_faults(self) -> None:
        self._http.delete("/_local/faults").raise_for_status()

    def settle(self) -> None:
        """Wait for the end of everything."""
        answer = self.get("idle?timeout_seconds=45")
        assert answer["idle"], answer

    def work(self, *details: dict[str, Any]) -> None:
        """One ``ss.work`` event for each detail."""
        entries = [{"Source": "ss", "DetailType": "ss.work", "Detail": json.dumps(detail)} for detail in details]
        events = self.client("events")
        for start in range(0, len(entries), 10):
            assert events.put_events(Entries=entries[start : start + 10])["FailedEntryCount"] == 0

    def invocations(self, after: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"invocations?after={after}")["invocations"]
        return found

    def last(self, journal: str) -> int:
        records = self.get(journal)[journal]
        return int(records[-1]["seq"]) if records else 0

    def stop(self) -> int:
        self._http.close()
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
