"""The packages that go to Lambda: ``requirements/*.txt`` as layers/vendor/Makefile installs them, each pinned and with its hashes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from local import ROOT

LAYERS = ("base", "google", "holidays", "imaging", "mail")
"""Each a list of requirements/, and a layer of the template's."""
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)")
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


@dataclass(frozen=True)
class Pin:
    """``layers`` are those that hold it; ``hashes`` of every file that may be installed for it."""

    name: str
    version: str
    hashes: tuple[str, ...]
    layers: tuple[str, ...]

    @property
    def line(self) -> str:
        """As pip wants it."""
        return " \\\n    ".join([f"{self.name}=={self.version}", *(f"--hash={one}" for one in self.hashes)])


def shipped(root: Path = ROOT) -> tuple[Pin, ...]:
    """All of them, by name. ValueError where two layers hold two versions of one."""
    found: dict[str, Pin] = {}
    for layer in LAYERS:
        for name, version, hashes in _read((root / "requirements" / f"{layer}.txt").read_text("utf-8")):
            before = found.get(name)
            if before and before.version != version:
                raise ValueError(f"{name} is shipped as {before.version} and as {version}")
            layers = (*before.layers, layer) if before else (layer,)
            found[name] = Pin(name, version, hashes, layers)
    return tuple(found[name] for name in sorted(found))


def as_requirements(pins: tuple[Pin, ...]) -> str:
    return "".join(f"{pin.line}\n" for pin in pins)


def _read(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    read: list[tuple[str, str, tuple[str, ...]]] = []
    for line in text.splitlines():
        if match := _PIN.match(line):
            read.append((match[1].lower(), match[2], ()))
        elif read and (found := _HASH.search(line)):
            name, version, hashes = read[-1]
            read[-1] = (name, version, (*hashes, found[1]))
    return read
