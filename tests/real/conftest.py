"""The real servers, once per run each, a proxy before them, and an account for each test."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "integration"))  # moto_mesh: the names of the stack's things

from approved_post import Backstage, google_of
from between import Between, standing_between
from moto_mesh import ENVIRONMENT, MotoMesh
from real_channels import BlueskyChannel, MastodonChannel, new_key, open_mastodon, sign_up
from real_servers import ROOT, Missing, Pds, Running, running, running_mastodon, running_pds

import sender.handler
from networks.model import AttemptKey
from sender.handler import wiring

ACCOUNTS = [f"cafe{number}" for number in range(60)]


@pytest.fixture(scope="session")
def pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pds]:
    with ExitStack() as stack:
        try:
            started = stack.enter_context(running_pds(tmp_path_factory.mktemp("pds")))
        except Missing as missing:
            pytest.skip(str(missing))
        yield started


@pytest.fixture(scope="session")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_mastodon(tmp_path_factory.mktemp("mastodon"), [*ACCOUNTS, "stranger"]) as origin:
        yield origin


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def before_pds(pds: Pds) -> Iterator[Between]:
    with standing_between(pds.origin) as between:
        yield between


@pytest.fixture
def bluesky(pds: Pds, before_pds: Between, http: httpx.Client) -> BlueskyChannel:
    return sign_up(pds, before_pds, http)


@pytest.fixture
def mastodon(mock: str, http: httpx.Client) -> Iterator[MastodonChannel]:
    """Accounts are not made on the mock but taken from those it was started with."""
    with standing_between(mock) as between:
        channel = open_mastodon(mock, between, http, ACCOUNTS.pop())
        yield channel
        channel.no_faults()


@pytest.fixture
def stranger(pds: Pds, before_pds: Between, http: httpx.Client) -> BlueskyChannel:
    return sign_up(pds, before_pds, http)


@pytest.fixture
def backstage(local_side: Backstage) -> Backstage:
    """At the real time: what another test's clock ran ahead would make a network's own times look old."""
    local_side.mesh.turn_clock(datetime.now(UTC))
    return local_side


@pytest.fixture(scope="module")
def local_side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backstage]:
    """The local AWS and Google, and the environment in which the sender finds them."""
    folder = tmp_path_factory.mktemp("backstage")
    clock_file = folder / "clock.json"
    clock_file.write_text('{"offset_seconds": 0}')
    with ExitStack() as stack:
        aws = stack.enter_context(_local("aws", folder))
        sheets = stack.enter_context(_local("sheets", folder))
        patched = stack.enter_context(pytest.MonkeyPatch.context())
        places = {"SHEET_ID": sheets.ready["spreadsheet_id"], "DRIVE_FOLDER_ID": sheets.ready["folder_id"]}
        own = {"AWS_ENDPOINT_URL": aws.origin, "MESH_CLOCK_FILE": str(clock_file)}
        for name, value in (ENVIRONMENT | places | own).items():
            patched.setenv(name, value)
        patched.delenv("AWS_PROFILE", raising=False)
        mesh = MotoMesh(clock_file)
        mesh.furnish()
        document = json.loads(Path(sheets.ready["service_account_file"]).read_text())
        document |= {"api_endpoint": sheets.ready["url"]}
        mesh.put_secret("ss/drive/sa", document)
        google_http = stack.enter_context(httpx.Client(trust_env=False))
        owner = stack.enter_context(httpx.Client(base_url=sheets.ready["url"], trust_env=False))
        owner.post("/owner/reset", json={"time_zone": "Europe/Berlin"}).raise_for_status()
        made = sender.handler.http_client
        patched.setattr(sender.handler, "http_client", lambda: stack.enter_context(made()))
        wiring.cache_clear()
        stack.callback(wiring.cache_clear)
        yield Backstage(mesh, google_of(document, google_http), owner, places["SHEET_ID"], places["DRIVE_FOLDER_ID"])


def _local(name: str, folder: Path) -> AbstractContextManager[Running]:
    own = folder / name
    own.mkdir()
    return running([sys.executable, "-m", "local", name, "--port", "0", "--state", str(own)], ROOT, {}, folder)


@pytest.fixture
def key() -> AttemptKey:
    return new_key()
