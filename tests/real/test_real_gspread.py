"""gspread's own tests of the Sheets and Drive APIs, live against the local server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from google_discovery import ABSENT, Discovery
from gspread_source import lay_out_tests
from real_servers import ROOT, Missing, running

pytestmark = pytest.mark.real

HERE = Path(__file__).resolve().parent
RUN_SECONDS = 300
API_TESTS = ("cell_test.py", "client_test.py", "spreadsheet_test.py", "worksheet_test.py")
FAILING = {
    "client_test.py::ClientTest::test_access_private_spreadsheet": (
        "opens a spreadsheet of its authors' by its id and wants to be forbidden; a server without it says not found"
    ),
}


@dataclass(frozen=True)
class LiveRun:
    """``outcomes``: each test's outcome and words by name; ``record``: every call, as the server recorded it."""

    outcomes: Mapping[str, Mapping[str, str]]
    record: str

    @property
    def of_the_apis(self) -> dict[str, Mapping[str, str]]:
        return {name: one for name, one in self.outcomes.items() if name.startswith(API_TESTS)}


@pytest.fixture(scope="module")
def live_run(tmp_path_factory: pytest.TempPathFactory) -> LiveRun:
    folder = tmp_path_factory.mktemp("gspread")
    try:
        tests = lay_out_tests(folder)
    except Missing as missing:
        pytest.skip(str(missing))
    outcomes, record = folder / "outcomes.json", folder / "calls.jsonl"
    command = [sys.executable, "-m", "local", "sheets", "--may-create", "--record", str(record)]
    with running(command, ROOT, {}, folder) as server:
        environment = {
            **os.environ,
            "PYTHONPATH": str(HERE),
            "SHEETS_URL": server.origin,
            "GS_CREDS_FILENAME": server.ready["service_account_file"],
            "GSPREAD_OUTCOMES": str(outcomes),
        }
        options = ["-c", os.devnull, "--rootdir", str(folder), "-p", "gspread_live", "-p", "no:cacheprovider", "-q"]
        files = [str(file) for file in sorted(tests.glob("*_test.py"))]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *files],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
    assert outcomes.exists(), done.stdout[-4000:] + done.stderr[-2000:]
    return LiveRun(json.loads(outcomes.read_text()), record.read_text())


def test_all_of_gspreads_119_tests_of_the_apis_pass_but_those_named_here(live_run: LiveRun) -> None:
    failed = {name: one["words"] for name, one in live_run.of_the_apis.items() if one["outcome"] != "passed"}
    assert len(live_run.of_the_apis) == 119
    assert set(failed) == set(FAILING), failed


def test_every_answer_that_gspread_got_is_valid_by_googles_documents(live_run: LiveRun) -> None:
    discovery = Discovery.if_present()
    if discovery is None:
        pytest.skip(ABSENT)
    count, problems = discovery.recorded_problems(live_run.record)
    assert count > 500
    assert problems == []


def test_the_record_holds_no_credentials(live_run: LiveRun) -> None:
    assert "/token" in live_run.record
    for secret in ("assertion", "ya29.", "Bearer", "PRIVATE KEY", "access_token"):
        assert secret not in live_run.record
