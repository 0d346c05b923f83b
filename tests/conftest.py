"""What holds for every test: properties are not judged by how busy the computer is, and what never differs is read once a process."""

import gc
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
import certifi
import pytest
from botocore.loaders import create_loader
from hypothesis import HealthCheck, settings

from tests.browser.chromium import chromium
from tests.canary.watching import nothing_leaks, watched_for_leaks
from tests.privilege.every_call import EVERY_CALL, pytest_runtest_call

__all__ = ["chromium", "nothing_leaks", "pytest_runtest_call", "watched_for_leaks"]

CLIENTS = Path(sys.prefix) / "clients"
if CLIENTS.is_dir():
    sys.path.append(str(CLIENTS))  # the vendors' own, where `make test-real` has put them

settings.register_profile("any-computer", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-computer")


def pytest_collection_finish() -> None:
    """What is imported and collected by now stays to the end: no search for cycles need go through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, *gc.get_threshold()[1:])


@pytest.fixture(scope="session", autouse=True)
def described_once() -> Iterator[None]:
    """Every client is made of some megabytes of JSON about its service, read anew for each of boto3's sessions: half a test over moto."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(create_loader))
        yield


@pytest.fixture(scope="session", autouse=True)
def every_call_is_allowed() -> Iterator[None]:
    """By the role of the function that makes it."""
    yield from EVERY_CALL.installed()


@pytest.fixture(scope="session", autouse=True)
def one_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every client of httpx reads the whole list of the roots it trusts: longer than its requests, which all stay on this computer."""
    end = "-----END CERTIFICATE-----\n"
    first, _, _ = Path(certifi.where()).read_text("ascii").partition(end)
    file = tmp_path_factory.mktemp("roots") / "one.pem"
    file.write_text(first + end, "ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(file))
        yield
