"""The real ports' side: moto's AWS in this process, and this computer's servers for Google and the networks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from memory.tables import MemoryTables
from mesh_world.on_moto import create_table
from mesh_world.world import schemas
from moto import mock_aws
from ports_google import LocalGoogle

from mesh.ledger.tables import Tables

ROOT = Path(__file__).resolve().parents[3]
REGION = "ap-southeast-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


@pytest.fixture(params=["memory", "moto"])
def tables(request: pytest.FixtureRequest, aws: None) -> Any:
    """The four tables as the template has them, empty."""
    if request.param == "memory":
        return MemoryTables(schemas())
    client = boto3.client("dynamodb", region_name=REGION)
    for name, schema in schemas().items():
        create_table(client, name, schema)
    return Tables(client)


@pytest.fixture(scope="module")
def local_google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGoogle]:
    state = tmp_path_factory.mktemp("sheets")
    command = [sys.executable, "-m", "local", "sheets", "--port", "0", "--state", str(state)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        document = json.loads(Path(ready["service_account_file"]).read_text("utf-8"))
        with httpx.Client(base_url=ready["url"], trust_env=False) as owner:
            yield LocalGoogle(document | {"api_endpoint": ready["url"]}, ready, owner)
        process.terminate()
