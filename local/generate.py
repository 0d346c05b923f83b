"""``python -m local.generate [--check]``: the event samples and schemas in ``events/bus/``, made from ``mesh.events``;
``docs/networks.md``, made from what each network declares; ``docs/moves.md``, made of the scheduler's reasons;
``docs/privileges.md``, made of template.yaml and of what was recorded; ``docs/licences.md``, made of what the packages that are shipped
say of themselves; the counted part of ``docs/scale.md``, made of the templates; ``docs/policies/``, made of ``local.checks.rights``;
``events/env.json``, made of template.yaml; and ``docs/reference/``, made of the templates, the models and the code.

``<detail-type>/v<schema_version>.json`` is a whole EventBridge envelope, as a rule sees it and as ``sam local invoke`` takes it;
``v<schema_version>.schema.json`` is the schema of its detail. With ``--check`` nothing is written: what differs is named, and the exit
code is 1. Older versions' files stay where they are.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.checks import rights
from local.env_file import FILE as ENV_FILE
from local.env_file import env_file
from local.limits_page import limits_page
from local.privileges.page import privileges_page
from local.scale.page import PAGE as SCALE_PAGE
from local.scale.page import read_page, with_counted
from local.supply.licences import licences_page, licensed
from local.supply.pins import shipped
from mesh.events import REGISTRY, Detail

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path("events") / "bus"
LIMITS_PAGE = Path("docs") / "networks.md"
MOVES_PAGE = Path("docs") / "moves.md"
PRIVILEGES_PAGE = Path("docs") / "privileges.md"
LICENCES_PAGE = Path("docs") / "licences.md"
POLICIES = Path("docs") / "policies"


def envelope(model: type[Detail]) -> dict[str, Any]:
    """A sample event of the stack ``ss``, as EventBridge hands it on."""
    return {
        "version": "0",
        "id": "6f1d9c3a-52b8-4e07-9d41-0c7ab8e2f513",
        "detail-type": model.detail_type,
        "source": "ss",
        "account": "000000000000",
        "time": "2027-03-26T08:00:00Z",
        "region": "ap-southeast-1",
        "resources": [],
        "detail": model.sample().model_dump(mode="json"),
    }


def event_files() -> dict[Path, bytes]:
    """Every generated file, relative to the project's folder. Same models, same bytes."""
    files: dict[Path, bytes] = {}
    for name, model in REGISTRY.items():
        version = f"v{model.sample().schema_version}"
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **model.model_json_schema(mode="serialization"),
        }
        files[FOLDER / name / f"{version}.json"] = _bytes(envelope(model))
        files[FOLDER / name / f"{version}.schema.json"] = _bytes(schema)
    return files


def generated_files() -> dict[Path, bytes]:
    if str(ROOT / "functions") not in sys.path:  # the catalogue of reasons is the scheduler's own
        sys.path.insert(0, str(ROOT / "functions"))
    from local.moves_page import moves_page
    from local.reference.pages import reference_pages

    pages = {
        LIMITS_PAGE: limits_page(),
        MOVES_PAGE: moves_page(),
        PRIVILEGES_PAGE: privileges_page(),
        LICENCES_PAGE: licences_page(licensed(shipped())),
        SCALE_PAGE: with_counted(read_page()),
    }
    own = {path: page.encode() for path, page in pages.items()}
    own |= {POLICIES / f"{name}.json": _bytes(rights.document(made())) for name, made in rights.POLICIES.items()}
    return {**event_files(), **own, ENV_FILE: env_file(), **reference_pages(ROOT)}


def drift(root: Path, files: Mapping[Path, bytes]) -> list[str]:
    """What on disk is not as generated, in words; nothing when all is well."""
    found = [f"{path} is missing" for path in files if not (root / path).is_file()]
    found += [
        f"{path} is not what the code says"
        for path, content in files.items()
        if (root / path).is_file() and (root / path).read_bytes() != content
    ]
    known = {path.parent.name for path in files if FOLDER in path.parents}
    folders = (root / FOLDER).iterdir() if (root / FOLDER).is_dir() else ()
    found += [
        f"{FOLDER / folder.name} is of no event"
        for folder in sorted(folders)
        if folder.is_dir() and folder.name not in known
    ]
    return found


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m local.generate",
        description="Event samples, schemas, the pages of networks, moves, privileges and licences, the reference.",
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 when something differs")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    files = generated_files()
    if not options.check:
        for path, content in files.items():
            target = options.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    differences = drift(options.root, files)
    for difference in differences:
        print(f"{difference}: run python -m local.generate", file=sys.stderr)
    return 1 if differences else 0


def _bytes(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
