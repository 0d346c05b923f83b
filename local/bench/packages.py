"""What is shipped: each function's own code, each layer unzipped, and what would be there twice.

Of a build by ``sam build`` where there is one (``.aws-sam``), else of what is installed here: the same packages, for this processor.
Of own code the sources are counted; of layers all that is in them, with the bytecode that a build adds where it finds Lambda's Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from local import ROOT
from local.bench.figure import Figure
from local.bench.shipped import LAYERS, OWN_LAYERS, RUNTIME, Shipped, functions, pinned
from local.deploy import read_template

if TYPE_CHECKING:
    from local.bench.rows import Bench

OWN_CODE_KB = 300
LAYERS_MB = {"VendorBaseLayer": 20, "VendorGoogleLayer": 25, "VendorImagingLayer": 40}
BUILT = ROOT / ".aws-sam" / "build"
_BYTECODE, _NOT_SHIPPED = ".pyc", (".pyc", ".md")


def figures(bench: Bench) -> Iterator[Figure]:
    built = BUILT if (BUILT / "template.yaml").is_file() else None
    whose = "as sam build made it" if built else "as installed here; sam build has made nothing yet"
    for function in functions():
        size = own_code_bytes(function, built) / 1_000
        yield Figure(f"own code of {function.name}", round(size), "kB", aim=OWN_CODE_KB, detail=whose)
    for layer in (*OWN_LAYERS, *LAYERS):
        size = layer_bytes(layer, built) / 1_000_000
        told = round(size, 1)
        yield Figure(f"{layer}, unzipped", told, "MB", aim=LAYERS_MB.get(layer), detail=whose, noise=0.02)
    found = sorted({one for function in functions() for one in twice(function)})
    yield Figure("packages that a function finds twice", len(found), "", aim=0, detail=", ".join(found))


def own_code_bytes(function: Shipped, built: Path | None) -> int:
    """Its folder, without what other layers or the runtime bring."""
    if built is None:
        return _bytes_below(ROOT / "functions" / function.package, _NOT_SHIPPED)
    return _bytes_below(built / logical_id(function) / function.package, (_BYTECODE,))


def layer_bytes(layer: str, built: Path | None) -> int:
    """All its files, unzipped."""
    if built is not None:
        return _bytes_below(built / layer, ())
    if layer in OWN_LAYERS:
        return _bytes_below(OWN_LAYERS[layer], _NOT_SHIPPED)
    return sum(_installed_bytes(name) for name in pinned(layer))


def twice(function: Shipped) -> list[str]:
    """Distributions that reach it by two of its layers, or by one and Lambda's runtime."""
    found = [name for layer in function.layers if layer in LAYERS for name in pinned(layer)]
    return sorted({name for name in found if found.count(name) > 1 or name in RUNTIME})


def logical_id(function: Shipped) -> str:
    """As the template and the build's folders call it."""
    resources = read_template(ROOT / "template.yaml")["Resources"]
    handler = f"{function.package}.handler.handler"
    return str(next(name for name, found in resources.items() if found.get("Properties", {}).get("Handler") == handler))


def _installed_bytes(distribution: str) -> int:
    files = metadata.distribution(distribution).files or ()
    return sum(file.size or 0 for file in files if file.parts[0] != ".." and file.suffix != _BYTECODE)


def _bytes_below(folder: Path, without: tuple[str, ...]) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and file.suffix not in without)
