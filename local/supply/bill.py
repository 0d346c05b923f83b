"""The list of what is shipped (SBOM, CycloneDX 1.6 as JSON), made by cyclonedx-py from the pins alone: same pins, same bytes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from local import ROOT
from local.supply.licences import Licensed
from local.supply.pins import as_requirements

TOOLS = ROOT / ".venv" / "audit" / "bin"
FILE = ROOT / "build" / "sbom.json"


class ToolError(Exception):
    """A tool is not there, or ended as it never should; the message says which and how."""


def run_tool(name: str, *options: str, given: str = "", tools: Path = TOOLS) -> subprocess.CompletedProcess[str]:
    """ToolError where it is not installed or does not end in three minutes."""
    try:
        return subprocess.run(
            [str(tools / name), *options],
            input=given,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    except FileNotFoundError as error:
        raise ToolError(f"{name} is not installed: make audit installs it") from error
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{name} did not end within three minutes") from error


def bill(found: tuple[Licensed, ...], version: str, tools: Path = TOOLS) -> bytes:
    """With each package's version, hashes, licence and layers. No time and no random number is in it. ToolError as ``run_tool``."""
    options = ("requirements", "--sv", "1.6", "--output-reproducible", "--short-PURLs", "--of", "JSON", "-o", "-", "-")
    given = as_requirements(tuple(one.pin for one in found))
    done = run_tool("cyclonedx-py", *options, given=given, tools=tools)
    if done.returncode != 0:
        raise ToolError(f"cyclonedx-py ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    document: dict[str, Any] = json.loads(done.stdout)
    main = {"bom-ref": "social-scheduler", "type": "application", "name": "social-scheduler", "version": version}
    document["metadata"] = {**document.get("metadata", {}), "component": main}
    document["metadata"].pop("tools", None)  # the tool's own version is no part of what is shipped
    by_name = {one.pin.name: one for one in found}
    for part in document["components"]:
        one = by_name[part["name"].lower()]
        part["bom-ref"] = f"{one.pin.name}@{one.pin.version}"
        part["licenses"] = [{"expression": one.licence}]
        part["hashes"] = [{"alg": "SHA-256", "content": digest.partition(":")[2]} for digest in one.pin.hashes]
        part["properties"] = [{"name": "social-scheduler:layer", "value": layer} for layer in one.pin.layers]
        part.pop(
            "externalReferences", None
        )  # says where a file would be fetched, and that differs from computer to computer
    document["components"].sort(key=lambda part: str(part["bom-ref"]))
    refs = [part["bom-ref"] for part in document["components"]]
    document["dependencies"] = [{"ref": "social-scheduler", "dependsOn": refs}, *({"ref": ref} for ref in refs)]
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
