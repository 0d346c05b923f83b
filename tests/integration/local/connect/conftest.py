"""``desk``: the command over an empty stack; ``vendor``: the scripted vendor of the test's network; ``servers``: the local ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from connect_desk import BEFORE, ConnectDesk
from moto_mesh import MotoMesh, standing
from scripted_vendors import VENDORS, Vendor

from local.networks.serve import Networks


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoMesh]:
    """One stack for a file: to furnish one takes longer than a sign-in."""
    with standing(tmp_path_factory.mktemp("connect")) as stack:
        yield stack


@pytest.fixture
def desk(
    furnished: MotoMesh, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[ConnectDesk]:
    yield ConnectDesk(furnished, monkeypatch, capsys)
    furnished.entries.clear()
    furnished.clock_file.write_text('{"offset_seconds": 0}')
    furnished.s3.delete_object(Bucket=furnished.rules_bucket, Key="rules.txt")
    for secret in furnished.secrets.list_secrets()["SecretList"]:
        if secret["Name"].startswith("ss/channels/"):
            furnished.secrets.delete_secret(SecretId=secret["Name"], ForceDeleteWithoutRecovery=True)


@pytest.fixture
def vendor(request: pytest.FixtureRequest) -> Iterator[Vendor]:
    """Of the network that the test is parametrized with; X's where it names none."""
    made = VENDORS[getattr(request, "param", "x")]()
    yield made
    made.stop()


@pytest.fixture
def ready(desk: ConnectDesk, vendor: Vendor) -> ConnectDesk:
    """x-main in the rules doc, an earlier sign-in in its secret, and an app."""
    desk.rules(f"- x-main: x, account 55, {vendor.origin}")
    desk.app("local", vendor.sign_in.secret)
    desk.mesh.put_secret("ss/channels/x-main", BEFORE)
    return desk


@pytest.fixture
def servers() -> Iterator[Networks]:
    started = Networks(None)
    started.start()
    yield started
    started.stop()
