"""The table of ``make bench``, its file, and what it says beside an earlier one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.bench.command import main, read, write
from local.bench.figure import Figure
from local.bench.measuring import Beside
from local.bench.picture import bar, parts
from local.bench.rows import GROUPS, rows
from local.bench.shipped import Shipped
from local.bench.telling import WIDTH, compared, details, table

COUNTED = Figure("remote calls of a click", 3, "calls", aim=3, detail="GetItem, TransactWriteItems, PutEvents")
TIMED = Figure("cold start: sender", 240, "ms", 200, 1.25, "the floor is a bare handler", noise=0.04)
LOOSE = Figure("requests to x for a send", 5, "calls")


def test_the_aim_is_held_against_the_ratio_where_there_is_a_floor_and_against_the_value_where_there_is_none() -> None:
    assert [figure.met for figure in (COUNTED, TIMED, LOOSE)] == [True, True, None]
    assert Figure("a", 240, "ms", 180, 1.25).met is False
    assert Figure("a", 4, "calls", aim=3).met is False


def test_a_file_that_was_written_is_read_back_and_every_row_has_the_six_fields(tmp_path: Path) -> None:
    file = tmp_path / "build" / "bench.json"
    write(file, [COUNTED, TIMED, LOOSE])
    assert read(file) == [COUNTED, TIMED, LOOSE]
    for document in json.loads(file.read_text()):
        assert list(document)[:5] == ["name", "value", "unit", "floor", "aim"]
        assert "ratio" in document


def test_the_table_fits_its_width_and_names_each_aim_that_is_not_met() -> None:
    missed = Figure(
        "a name that is much too long for the column in which the names of the figures stand", 9, "calls", aim=8
    )
    lines = list(table({"some": [COUNTED, TIMED], "others": [LOOSE, missed]}))
    assert max(len(line) for line in lines if not line.startswith("  not met")) <= WIDTH
    assert f"  not met: {missed.name}, 9 for 8" in lines
    assert "2 of 3 aims met" in lines
    assert [line.split()[-1] for line in lines if line.startswith(("  remote", "  cold", "  a name"))] == [
        "yes",
        "yes",
        "NO",
    ]


def test_what_lies_behind_a_figure_is_told_within_the_width() -> None:
    whole = Figure("a send", 8, "calls", detail=", ".join(["dynamodb:TransactWriteItems"] * 8))
    assert all(len(line) <= WIDTH for line in details(whole))
    assert " ".join(line.strip() for line in details(whole)) == f"a send: 8; {whole.detail}"


def test_only_what_differs_by_more_than_its_noise_is_told() -> None:
    calm = Figure(TIMED.name, 246, "ms", 200, 1.25, noise=0.02)
    assert list(compared([COUNTED, TIMED], [COUNTED, calm])) == ["nothing differs beyond noise"]
    slower = Figure(TIMED.name, 280, "ms", 200, 1.25, noise=0.02)
    one_less = Figure(COUNTED.name, 2, "calls", aim=3)
    assert list(compared([COUNTED, TIMED, LOOSE], [one_less, slower, Figure("b", 1, "calls")])) == [
        "worse   cold start: sender: 1.2 -> 1.4x (+17%)",
        "better  remote calls of a click: 3 -> 2 calls (-33%)",
        "new     b",
        "gone    requests to x for a send",
    ]


def test_a_noisy_figure_has_to_differ_by_more() -> None:
    noisy = Figure(TIMED.name, 280, "ms", 200, 1.25, noise=0.2)
    assert list(compared([TIMED], [noisy])) == ["nothing differs beyond noise"]


def test_one_that_was_slow_throughout_a_turn_does_not_count_as_slower() -> None:
    """Both halves of a turn were slowed down alike."""
    found = Beside.of([(100, 80), (200, 160), (100, 80), (100, 80), (150, 120)])
    assert (found.ours, found.floor) == (100, 80)
    assert found.noise == pytest.approx(0)


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_has_its_function(group: str) -> None:
    assert callable(rows(group))


@pytest.mark.parametrize("content", ["", "{}", '[{"value": 1}]', "[3]"])
def test_a_file_that_the_bench_did_not_write_is_named(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "other.json"
    file.write_text(content)
    with pytest.raises(SystemExit):
        main(["--only", "links", "--compare", str(file)])
    assert f"{file} is no file that make bench wrote" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--compare", str(tmp_path / "none.json")])
    assert "none.json cannot be read: No such file or directory" in capsys.readouterr().err


def test_a_cold_starts_bar_is_as_long_as_its_sum_and_names_whose_time_it_is() -> None:
    function = Shipped("sender", "sender", (), 512, {})
    own_ms = {"json": 24.0, "boto3.session": 51.0, "mesh.bus": 33.0, "sender.gate": 4.0, "itsdangerous": 8.0}
    found = parts(function, own_ms, cpu_ms=200.0)
    assert found == {"S": 24, "A": 51, "P": 0, "W": 0, "H": 0, "O": 8, "M": 33, "F": 4, "c": 80}
    drawn = bar("sender", found).split()[1]
    assert len(drawn) == 20

    assert [letter for letter in "SAMc" if letter in drawn] == list("SAMc")
