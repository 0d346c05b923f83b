"""``make audit``: known holes in what is shipped, the workflows, the templates, licences, and the list of it in build/sbom.json.

Ends with 0 where all was asked and is good, 1 where something is to be mended, and 2 where something could not be asked: not knowing is
not being clean. ``--offline`` leaves out what needs the network, and says so.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from local import ROOT
from local.checks.model import Finding, State
from local.supply.bill import FILE, TOOLS, ToolError, bill, run_tool
from local.supply.licences import Licensed, NotInstalledError, licensed
from local.supply.pins import Pin, as_requirements, shipped

_MARKS = {State.GOOD: "✓", State.BAD: "✗", State.DOUBTFUL: "!", State.UNKNOWN: "?", State.LATER: "–"}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make audit", description=__doc__)
    parser.add_argument("--offline", action="store_true", help="do not ask for known holes")
    options = parser.parse_args(argv)
    pins = shipped()
    findings: list[Finding] = []
    for finding in _findings(pins, offline=options.offline):
        print(f"{_MARKS[finding.state]} {finding.name}: {finding.said}", flush=True)
        if finding.fix:
            print(f"    {finding.fix}")
        findings.append(finding)
    return verdict(findings)


def verdict(findings: list[Finding]) -> int:
    states = {finding.state for finding in findings}
    if State.BAD in states:
        print("not clean: see what is marked ✗")
        return 1
    if State.UNKNOWN in states:
        print("not known to be clean: see what is marked ?")
        return 2
    left = " but for what was left out (–)" if State.LATER in states else ""
    print(f"clean{left}")
    return 0


def _findings(pins: tuple[Pin, ...], *, offline: bool) -> Iterator[Finding]:
    if offline:
        yield Finding("known holes", State.LATER, "not asked for", "make audit, without --offline, asks")
    else:
        yield holes(pins)
    yield workflows()
    yield templates()
    try:
        found = licensed(pins)
    except NotInstalledError as error:
        yield Finding("licences", State.UNKNOWN, str(error))
        return
    yield licences(found)
    yield listed(found)


def holes(pins: tuple[Pin, ...], tools: Path = TOOLS) -> Finding:
    """What pip-audit's service knows of the very versions that are shipped. It says "none found" also of what it could not look up: here
    that is UNKNOWN."""
    name = "known holes"
    again = "ask again where the advisory service can be reached; in GitHub's workflow `audit` it is asked every week"
    options = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--timeout", "20", "-f", "json")
    file = ROOT / "build" / "shipped.txt"
    file.parent.mkdir(exist_ok=True)
    file.write_text(as_requirements(pins), "utf-8")
    try:
        done = run_tool("pip-audit", *options, "-r", str(file), tools=tools)
    except ToolError as error:
        return Finding(name, State.UNKNOWN, str(error), again)
    try:
        told = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (done.stderr.strip().splitlines() or [f"pip-audit ended with {done.returncode}"])[-1]
        return Finding(name, State.UNKNOWN, f"could not be asked: {last[-160:]}", again)
    held = [(one["name"], one["version"], hole) for one in told for hole in one.get("vulns", ())]
    if held:
        said = "; ".join(f"{package} {version} has {hole['id']}" for package, version, hole in held)
        mended = {
            f"{package} {'/'.join(hole['fix_versions']) or 'has no mended version yet'}" for package, _, hole in held
        }
        return Finding(name, State.BAD, said, f"make pins, for {', '.join(sorted(mended))}")
    asked = {one["name"].lower() for one in told if "skip_reason" not in one}
    unasked = sorted({pin.name for pin in pins} - asked)
    if unasked:
        some = ", ".join(unasked[:3]) + (" …" if len(unasked) > 3 else "")
        return Finding(
            name, State.UNKNOWN, f"could not be asked for {len(unasked)} of {len(pins)} packages ({some})", again
        )
    return Finding(name, State.GOOD, f"none in {len(pins)} packages")


def workflows(tools: Path = TOOLS, folder: str = ".github") -> Finding:
    """Held to the strictest of zizmor's levels that asks no service; an exception would stand in its line, with its reason."""
    options = ("--offline", "--no-progress", "--pedantic", "--strict-collection", "--format", "plain", folder)
    return _by_tool("workflows", "zizmor", lambda: run_tool("zizmor", *options, tools=tools), "no finding, pedantic")


def templates() -> Finding:
    files = ["template.yaml", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "stacks").glob("*.yaml"))]
    beside = ROOT / ".venv" / "bin"
    return _by_tool(
        "templates", "cfn-lint", lambda: run_tool("cfn-lint", *files, tools=beside), f"no finding in {len(files)}"
    )


def _by_tool(name: str, tool: str, ask: Callable[[], subprocess.CompletedProcess[str]], good: str) -> Finding:
    try:
        done = ask()
    except ToolError as error:
        return Finding(name, State.UNKNOWN, str(error))
    if done.returncode == 0:
        return Finding(name, State.GOOD, f"{tool}: {good}")
    return Finding(
        name, State.BAD, f"{tool} ended with {done.returncode}", (done.stdout or done.stderr).strip()[-2_000:]
    )


def licences(found: tuple[Licensed, ...]) -> Finding:
    refused = [f"{one.pin.name}: {one.licence or 'says none'}" for one in found if not one.allowed]
    if refused:
        fix = "take another package, or give the reason in local/supply/licences.py"
        return Finding("licences", State.BAD, "; ".join(refused), fix)
    return Finding("licences", State.GOOD, f"{len(found)} packages, all allowed (docs/licences.md)")


def listed(found: tuple[Licensed, ...], file: Path = FILE) -> Finding:
    version = str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])
    try:
        document = bill(found, version)
    except ToolError as error:
        return Finding("the list of it", State.UNKNOWN, str(error))
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(document)
    return Finding("the list of it", State.GOOD, f"{len(found)} packages in {file.relative_to(ROOT)} (CycloneDX)")
