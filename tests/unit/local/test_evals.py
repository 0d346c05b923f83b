"""The set of notes by which prompts are judged, and how it tells what came of them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from local.evals.command import run
from local.evals.judging import cases, judge
from mesh.converse.talk import Reply, Request
from mesh.errors import MeshError


def reply(**given: Any) -> Reply:
    use = {"toolUse": {"toolUseId": "t", "name": "draft", "input": given}}
    return Reply(given, {"role": "assistant", "content": [use]}, 1_000, 100)


def short(request: Request) -> Reply:
    return reply(text="Cake.")


def long_at_first(request: Request) -> Reply:
    return reply(text="Cake." if request.purpose == "repair" else "x" * 9_000)


def always_long(request: Request) -> Reply:
    return reply(text="x" * 9_000)


def options(folder: Path, only: str = "") -> argparse.Namespace:
    return argparse.Namespace(bedrock="stand-in", model="m", only=only, out=folder / "deep" / "eval.json")


def test_the_set_is_large_and_in_many_languages() -> None:
    found = list(cases())
    assert len(found) >= 20
    assert len({case.name.partition(":")[0] for case in found}) >= 5
    assert len({channel for case in found for channel in case.material.note.channels}) == 7
    assert any("🌙" in case.material.note.text for case in found)
    assert max(len(case.material.note.text) for case in found) > 700
    assert all(set(case.material.note.channels) <= set(case.material.rulebook.channels) for case in found)


def test_a_fact_to_be_kept_stands_in_its_note() -> None:
    assert not [case.name for case in cases() for words in case.keeps if words not in case.material.note.text]


def test_what_fits_at_once_needs_no_repair_and_what_does_not_gets_one() -> None:
    case = next(cases())
    assert (judge(case, short).fit_first, judge(case, short).calls) == (True, 1)
    mended = judge(case, long_at_first)
    assert (mended.fit_first, mended.fit, mended.calls, mended.tokens_in) == (False, True, 2, 2_000)
    assert mended.prompt == "draft-1+repair-1"
    assert not judge(case, always_long).fit


def test_a_model_that_fails_is_told_and_the_others_go_on(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def fails_in_graz(request: Request) -> Reply:
        if "Graz" in request.system:
            raise MeshError("throttled")
        return reply(text="Cake.")

    assert run(fails_in_graz, lambda sent, got: None, options(tmp_path)) == 1
    told = capsys.readouterr().out
    assert "MeshError: throttled" in told
    assert "errors 4" in told
    assert "unknown" in told


def test_the_table_and_the_file_have_fit_marks_tokens_and_cost(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(short, lambda sent, got: sent + 5 * got, options(tmp_path, only="cafe")) == 0
    told = capsys.readouterr().out
    assert "fit at first try 6 of 6 (100 %)" in told
    assert "ad-undisclosed!" in told
    assert "0.00150" in told
    written = json.loads((tmp_path / "deep" / "eval.json").read_text())
    assert written["summary"]["micro_usd"] == 9_000
    assert written["summary"]["lost_facts"] == 5
    assert len(written["notes"]) == 6


def test_a_name_that_no_note_has_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(short, lambda sent, got: 0, options(tmp_path, only="zebra")) == 1
    assert "zebra" in capsys.readouterr().err


def test_a_set_with_a_mistake_in_its_rules_is_refused(tmp_path: Path) -> None:
    said = {"rules": ["Posting windw: 7"], "voice": ["x"], "today": "2027-03-01", "posts": [], "notes": []}
    (tmp_path / "bad.json").write_text(json.dumps(said))
    with pytest.raises(ValueError, match=r"bad\.json.*posting window"):
        list(cases(tmp_path))
