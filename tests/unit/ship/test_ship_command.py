"""What stops a deployment on this computer is told by its own name, and samconfig.toml stands as it did."""

from __future__ import annotations

import json
from errno import ENOSPC
from pathlib import Path

import pytest

from local.ship import command, environments
from local.ship.environments import Environment, keep
from local.ship.sam import failed


def test_a_full_disk_is_told_as_one_and_another_refusal_by_its_file() -> None:
    assert "the disk is full" in str(command.on_this_computer(OSError(ENOSPC, "No space left on device")))
    told = str(command.on_this_computer(PermissionError(13, "Permission denied", "build/x")))
    assert told.startswith("build/x: Permission denied\n  next: ")


def test_what_the_sam_cli_says_is_told_without_its_braces() -> None:
    said = json.dumps({"error": {"type": "ExportFailedError", "message": "there is no statemachines/x.yaml"}})
    assert failed("deploy", said).said == "sam deploy: there is no statemachines/x.yaml"


def test_a_samconfig_that_is_not_there_is_told_with_the_command_that_writes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.deploy(["cafe", "--config", str(tmp_path / "samconfig.toml")]) == 1
    assert "make setup ENV=cafe" in capsys.readouterr().err


def test_a_samconfig_that_cannot_be_written_stands_as_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "samconfig.toml"
    config.write_text("version = 0.1\n")

    def full(self: Path, target: Path) -> Path:
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(environments.Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        keep(config, Environment("cafe", "eu-central-1", "cafe"))
    assert [one.name for one in tmp_path.iterdir()] == ["samconfig.toml"]
    assert config.read_text() == "version = 0.1\n"
