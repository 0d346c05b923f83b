"""A pytest plugin for gspread's own tests: they talk to the local server, live, where they would play recordings back.

Loaded into a pytest of its own (``-p gspread_live``). Its environment: ``SHEETS_URL``, the server's origin;
``GS_CREDS_FILENAME``, gspread's own name for the key file; ``GSPREAD_OUTCOMES``, the file for what came of each test.
"""

from __future__ import annotations

import json
import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.oauth2 import service_account
from gspread.http_client import BackOffHTTPClient, HTTPClient

ORIGINS = ("https://sheets.googleapis.com", "https://www.googleapis.com")
_outcomes: dict[str, dict[str, str]] = {}


class _Never(Exception):
    """The recorder's error, which a live run never meets."""


class _Recorder:
    """What gspread's conftest takes from the recorder while it describes its recordings."""

    @staticmethod
    def ensure_suffix(suffix: str) -> Any:
        return lambda path: path if path.endswith(suffix) else path + suffix


def _no_recorder() -> None:
    recorder, errors = types.ModuleType("vcr"), types.ModuleType("vcr.errors")
    recorder.VCR = _Recorder  # type: ignore[attr-defined]
    errors.CannotOverwriteExistingCassetteException = _Never  # type: ignore[attr-defined]
    sys.modules["vcr"], sys.modules["vcr.errors"] = recorder, errors


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    _no_recorder()
    # The mark that chooses a recording stands on a fixture too, which pytest 9 refuses; live it means nothing.
    pytest.mark.vcr = lambda: lambda marked: marked  # type: ignore[attr-defined]


def pytest_configure() -> None:
    send = HTTPClient.request

    def to_the_local_server(self: HTTPClient, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
        for origin in ORIGINS:
            endpoint = endpoint.replace(origin, os.environ["SHEETS_URL"])
        return send(self, method, endpoint, *args, **kwargs)

    HTTPClient.request = to_the_local_server  # type: ignore[method-assign]
    # It waits up to 128 seconds and asks for ever; a refusal is to be seen as one here.
    BackOffHTTPClient.request = to_the_local_server  # type: ignore[method-assign]
    credentials: Any = service_account.Credentials
    credentials._is_regional_access_boundary_lookup_required = lambda _: False


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    report = outcome.get_result()
    name = item.nodeid.rpartition("/")[2]
    known = _outcomes.setdefault(name, {"outcome": "passed", "words": ""})
    if report.outcome != "passed" and known["outcome"] == "passed":
        words = (
            str(report.longrepr.reprcrash.message) if hasattr(report.longrepr, "reprcrash") else str(report.longrepr)
        )
        known |= {"outcome": report.outcome, "words": words[:500]}


def pytest_sessionfinish() -> None:
    Path(os.environ["GSPREAD_OUTCOMES"]).write_text(json.dumps(_outcomes, indent=1))
