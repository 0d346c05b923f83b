"""A server of the local stack that does not come up: what is in the way, and what to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local import stack
from local.stack import StackError, _await_ready


@contextmanager
def program(code: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as found:
        try:
            yield found
        finally:
            found.kill()


@pytest.mark.parametrize(("log", "said"), [("no port is free\n", "ends with\nno port is free"), ("", "is empty")])
def test_one_that_ends_is_told_with_its_number_and_the_end_of_its_log(tmp_path: Path, log: str, said: str) -> None:
    (tmp_path / "aws.log").write_text(log)
    with program("raise SystemExit(3)") as process, pytest.raises(StackError) as refused:
        _await_ready("aws", process, tmp_path)
    assert str(refused.value) == f"aws did not start: it ended with 3, and its log ({tmp_path}/aws.log) {said}"


def test_one_that_takes_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "START_TIMEOUT_SECONDS", 0.0)
    (tmp_path / "aws.log").write_text("")
    with program("input()") as process, pytest.raises(StackError) as refused:
        _await_ready("aws", process, tmp_path)
    assert str(refused.value) == "aws did not start within 0 seconds: try again when this computer is less busy"


def test_one_that_says_where_it_listens_is_up(tmp_path: Path) -> None:
    with program("print('{\"port\": 7}', flush=True); input()") as process:
        assert _await_ready("aws", process, tmp_path) == {"port": 7}
