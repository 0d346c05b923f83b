"""The SAM CLI, in its own environment: checks the template, builds, and plans a change of a stack. Carries nothing out."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.checks.model import Finding, State
from local.ship.account import ShipError, Side
from local.ship.environments import CAPABILITIES, CHANNELS, MESH, TEMPLATES, Environment

ROOM_BYTES = 600_000_000
"""What a build takes, with its zips."""
_FULL = ("No space left on device", "Errno 28", "Disk quota exceeded")
_TAIL_LINES = 12


@dataclass(frozen=True)
class Sam:
    """``root`` is the clone, ``config`` its samconfig.toml, ``build`` the folder that is built into."""

    root: Path
    side: Side
    config: Path
    build: Path
    program: Path = field(default=Path(sys.prefix) / "sam" / "bin" / "sam")

    def checks(self) -> list[Finding]:
        """Whether there is all it needs on this computer."""
        found = []
        if not self.program.exists():
            fix = "make deploy puts it there; without make: python -m venv .venv/sam, and requirements/sam.txt into it"
            found.append(Finding("SAM CLI", State.BAD, f"is not at {self.program}", fix))
        missing = [one for one in ("make", "tar") if not shutil.which(one)]
        if missing:
            fix = "install them with this computer's package manager"
            found.append(Finding("programs", State.BAD, f"the build needs {' and '.join(missing)}", fix))
        free = shutil.disk_usage(self.root).free
        if free < ROOM_BYTES:
            said = f"{free // 1_000_000} MB are free, a build takes {ROOM_BYTES // 1_000_000} MB"
            found.append(
                Finding(
                    "room on the disk",
                    State.BAD,
                    said,
                    f"make room on the disk of {self.root} (make clean frees earlier builds)",
                )
            )
        return found or [Finding("this computer", State.GOOD, "has what a build needs")]

    def validate(self) -> None:
        """ShipError with what is wrong in the template."""
        self._run("validate", "--lint", "--template-file", str(self.root / TEMPLATES[MESH]))

    def make(self) -> None:
        """All artefacts, for Lambda's Python and processor.

        Not ``--cached``: the pins lie outside the layers' folders, and SAM would not see them change.
        """
        template = str(self.root / TEMPLATES[MESH])
        self._run(
            "build", "--build-in-source", "--parallel", "--template-file", template, "--build-dir", str(self.build)
        )

    def plan(self, environment: Environment, which: str, parameters: Mapping[str, str]) -> str:
        """Upload what is new and make a change set: its ARN, "" where nothing would change."""
        template = self.build / "template.yaml" if which == MESH else self.root / TEMPLATES[which]
        with tempfile.TemporaryDirectory() as folder:
            values = Path(folder) / "parameters.yaml"  # JSON is YAML too, and SAM reads no .json here
            values.write_text(json.dumps(dict(parameters)), "utf-8")
            words = [
                "deploy",
                "--no-execute-changeset",
                "--no-confirm-changeset",
                "--no-fail-on-empty-changeset",
                "--output",
                "json",
            ]
            words += ["--config-env", environment.name + which, "--template-file", str(template), "--resolve-s3"]
            words += ["--s3-prefix", environment.stack_name(which)]
            words += ["--stack-name", environment.stack_name(which), "--region", environment.region]
            words += ["--capabilities", *CAPABILITIES[which]] if which in CAPABILITIES else []
            words += ["--language-extensions"] if which == CHANNELS else []
            words += ["--profile", environment.profile] if environment.profile and not self.side.endpoint else []
            answer = self._run(*words, "--parameter-overrides", f"file://{values}")
        for line in _json_lines(answer):
            if line.get("status") == "no_changes":
                return ""
            if line.get("changeset_id"):
                return str(line["changeset_id"])
        raise ShipError(
            f"sam deploy did not say what it planned: {_end_of(answer)}",
            "try it with the SAM CLI that requirements/sam.txt pins",
        )

    def _run(self, *words: str) -> str:
        surroundings = {**self.side.surroundings(), "PIP": f"{shlex.quote(sys.executable)} -m pip"}
        command = [str(self.program), words[0], *words[1:], "--config-file", str(self.config)]
        try:
            done = subprocess.run(command, cwd=self.root, env=surroundings, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise ShipError(f"there is no SAM CLI at {self.program}", "make deploy puts it there") from error
        except OSError as error:
            raise ShipError(f"the SAM CLI cannot be started: {error.strerror}") from error
        if done.returncode:
            raise failed(words[0], done.stdout + "\n" + done.stderr)
        return done.stdout


def full() -> ShipError:
    return ShipError("the disk is full", "make room (make clean frees earlier builds), then the same command again")


def failed(command: str, said: str) -> ShipError:
    """What a failed ``sam …`` said, as its cause and next step."""
    if any(words in said for words in _FULL):
        return full()
    if "ExpiredToken" in said or "security token included in the request is expired" in said:
        return ShipError(
            "the sign-in to AWS expired on the way",
            "sign in anew, then the same command again; nothing half-done is left",
        )
    if "_IN_PROGRESS state and can not be updated" in said:
        return ShipError(
            "somebody else's change of the stack has begun meanwhile", "when it is done, the same command again"
        )
    for line in _json_lines(said):
        if told := line.get("error") or line.get("message"):
            return ShipError(
                f"sam {command}: {told.get('message', told) if isinstance(told, dict) else told}",
                "mend what it names, then the same command again",
            )
    return ShipError(f"sam {command} failed:\n{_end_of(said)}", "mend what it names, then the same command again")


def _json_lines(text: str) -> list[dict[str, Any]]:
    found = []
    for line in text.splitlines():
        if line.startswith("{"):
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
    return found


def _end_of(text: str) -> str:
    return "\n".join([line for line in text.splitlines() if line.strip()][-_TAIL_LINES:])


def default_build(root: Path) -> Path:
    """Where ``sam build`` puts it too."""
    return root / ".aws-sam" / "build"
