"""What a function finds on AWS, laid out as links: its own folder, its layers in their order, and what Lambda's runtime brings.

A child process with these folders alone on its path imports what the deployed function would, and fails where it would.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from local import ROOT
from local.deploy import read_template

RUNTIME = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")
"""What Lambda's Python runtime has of what we import (docs.aws.amazon.com/lambda/latest/dg/lambda-python.html: "includes the SDK")."""

LAYERS: Mapping[str, str] = {
    "VendorBaseLayer": "base",
    "VendorGoogleLayer": "google",
    "VendorHolidaysLayer": "holidays",
    "VendorImagingLayer": "imaging",
    "VendorMailLayer": "mail",
}
"""A layer of pinned packages, and its file in ``requirements/``."""
OWN_LAYERS: Mapping[str, Path] = {
    "MeshLayer": ROOT / "layers" / "mesh" / "python",
    "NetworksLayer": ROOT / "layers" / "networks" / "python",
}
_PINNED = re.compile(r"^([a-z0-9][a-z0-9-]*)==", re.MULTILINE)
_DUMMIES = {"TZ_NAME": "Europe/Berlin", "PREFIX": "ss", "RECIPIENTS": "owner@example.test"}


@dataclass(frozen=True)
class Shipped:
    """One function of the template. ``layers`` are logical ids; ``environment`` has its variables' names, and values that can be read."""

    name: str
    package: str
    layers: tuple[str, ...]
    memory_mb: int
    environment: Mapping[str, str]


def functions() -> tuple[Shipped, ...]:
    """All ten, in the template's order."""
    template = read_template(ROOT / "template.yaml")
    defaults = {name: str(found.get("Default") or "x") for name, found in template["Parameters"].items()}
    common = template["Globals"]["Function"]["Environment"]["Variables"]

    def value(given: Any) -> str:
        return defaults.get(given.get("Ref", ""), "x") if isinstance(given, dict) else str(given)

    def shipped(properties: Mapping[str, Any]) -> Shipped:
        variables = {**common, **properties.get("Environment", {}).get("Variables", {})}
        package = properties["Handler"].partition(".")[0]
        layers = tuple(layer["Ref"] for layer in properties["Layers"])
        environment = {name: value(given) for name, given in variables.items()} | _DUMMIES
        return Shipped(package.replace("_", "-"), package, layers, int(properties["MemorySize"]), environment)

    found = [one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::Serverless::Function"]
    return tuple(shipped(properties) for properties in found)


def pinned(layer: str) -> list[str]:
    """The distributions of a layer of ``LAYERS``."""
    return _PINNED.findall((ROOT / "requirements" / f"{LAYERS[layer]}.txt").read_text("utf-8"))


def lay_out(folder: Path) -> None:
    """``folder`` gets one of links for each layer, for the runtime and for each function."""
    for layer in LAYERS:
        _link(folder / layer, pinned(layer))
    _link(folder / "runtime", RUNTIME)
    for function in functions():
        own = folder / function.package
        own.mkdir(parents=True)
        (own / function.package).symlink_to(ROOT / "functions" / function.package)


def path(folder: Path, function: Shipped) -> list[str]:
    """What ``PYTHONPATH`` is there, below a folder that was laid out."""
    layers = [OWN_LAYERS.get(layer, folder / layer) for layer in function.layers]
    return [str(part) for part in (folder / function.package, *layers, folder / "runtime")]


def _link(folder: Path, distributions: tuple[str, ...] | list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for distribution in distributions:
        for top in _tops(distribution):
            if not (folder / top.name).exists():
                (folder / top.name).symlink_to(top)


def _tops(distribution: str) -> Iterator[Path]:
    """A distribution's packages, modules and metadata, as they are installed here."""
    found = metadata.distribution(distribution)
    names = {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "__pycache__")}
    return (Path(str(found.locate_file(name))) for name in sorted(names))
