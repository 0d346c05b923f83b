"""Two ``make run`` over one folder: the second is refused, and leaves the first and what it shows alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.only_run import only_run
from local.run import main
from local.stack import StackError


def test_a_second_run_is_refused_by_the_first_ones_address_and_touches_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with only_run(tmp_path):
        (tmp_path / "ports.json").write_text('{"console": 8123}')
        for options in ([], ["--fresh"]):
            assert main(["--state", str(tmp_path), *options]) == 2
            assert "another make run is up over" in (said := capsys.readouterr().err)
            assert "http://127.0.0.1:8123" in said
        assert (tmp_path / "ports.json").exists()


def test_the_folder_is_free_again_once_the_first_has_ended(tmp_path: Path) -> None:
    with only_run(tmp_path):
        pass
    with only_run(tmp_path), pytest.raises(StackError), only_run(tmp_path):
        pass


def test_fresh_over_a_folder_of_somebody_elses_leaves_no_file_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert main(["--state", str(tmp_path), "--fresh"]) == 2
    assert "holds something else" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
