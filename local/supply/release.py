"""``make release-files VERSION=v1.2.3``: what a release consists of, in build/release: the code as it is committed, the list of what is
shipped with it, and the changelog's section as its notes. Nothing is published by it.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from local import ROOT
from local.supply.bill import ToolError, bill
from local.supply.licences import NotInstalledError, licensed
from local.supply.pins import shipped

FOLDER = ROOT / "build" / "release"
_VERSION = re.compile(r"v(\d+\.\d+\.\d+)")


class ReleaseError(Exception):
    """What does not fit together, in a sentence."""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make release-files", description=__doc__)
    parser.add_argument("version", help="the tag: v1.2.3")
    options = parser.parse_args(argv)
    try:
        for file in gather(options.version, FOLDER):
            print(file.relative_to(ROOT))
    except (ReleaseError, ToolError, NotInstalledError) as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    return 0


def gather(tag: str, folder: Path) -> list[Path]:
    """Written anew. ReleaseError where tag, pyproject.toml and changelog do not say the same version; others as of what it calls."""
    match = _VERSION.fullmatch(tag)
    if match is None:
        raise ReleaseError(f"{tag} is no version: v1.2.3")
    version = match[1]
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    if declared != version:
        raise ReleaseError(f"pyproject.toml says {declared}, the tag {version}")
    notes = section((ROOT / "CHANGELOG.md").read_text("utf-8"), version)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    archive = folder / f"social-scheduler-{version}.tar.gz"
    # git writes neither a time nor a name of this computer into it: the same commit gives the same bytes.
    packed = [
        "git",
        "archive",
        "--format=tar.gz",
        f"--prefix=social-scheduler-{version}/",
        f"--output={archive}",
        "HEAD",
    ]
    done = subprocess.run(packed, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ReleaseError(f"git could not pack the code: {done.stderr.strip()[-200:]}")
    (folder / "notes.md").write_text(notes, "utf-8")
    (folder / "sbom.json").write_bytes(bill(licensed(shipped()), version))
    return sorted(folder.iterdir())


def section(changelog: str, version: str) -> str:
    """What stands under ``## 1.2.3`` (a date may follow). ReleaseError where there is no such section, or nothing in it."""
    found = re.search(rf"^## {re.escape(version)}(?![\w.]).*\n((?:(?!## ).*\n?)*)", changelog, re.MULTILINE)
    text = found[1].strip() if found else ""
    if not text:
        raise ReleaseError(f"CHANGELOG.md says nothing under `## {version}`")
    return f"{text}\n"
