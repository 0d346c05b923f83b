"""The licence of each package that we ship, as the package itself says it: docs/licences.md, and whether we may.

Few say it as SPDX wants it; the others' own words are read by a table that knows no guess: what it does not know stands as it is, is not
allowed, and somebody has to look.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

from local.supply.pins import Pin

ALLOWED = frozenset(
    {
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CNRI-Python",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
        "PSF-2.0",
    }
)
REMARKS: Mapping[str, str] = {
    "certifi": "a list of roots, unchanged; MPL-2.0 asks only that changes to its own files stay open",
    "cryptography": "the wheel holds OpenSSL (Apache-2.0)",
    "pillow": "the wheel holds libjpeg-turbo, libwebp, libtiff, libavif, HarfBuzz, liblzma and others, whose texts stand in its own;"
    " portions of this software are copyright The FreeType Project (freetype.org), by the FTL of its two licences",
    "pi-heif": "the wheel holds libheif and libde265 (LGPL-3.0), unchanged and as libraries of their own that can be exchanged",
}
"""What has to be known of a licence that asks for more than its text to be kept."""
_LGPL_AS_LIBRARY = {"pi-heif": "BSD-3-Clause AND LGPL-3.0-only"}
"""Allowed under this very expression, for the reason in ``REMARKS``."""
_WORDS = {
    "Apache 2.0": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "BSD": "BSD-2-Clause",
    "Apache Software License": "Apache-2.0",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
}
_CLASSIFIER = re.compile(r"^License :: (?:OSI Approved :: )?(.+)$")
_UNSPECIFIC = frozenset({"", "Dual License", "UNKNOWN"})


@dataclass(frozen=True)
class Licensed:
    """``licence`` is an SPDX expression, or the package's own words where the table does not know them; "" where it says nothing."""

    pin: Pin
    licence: str

    @property
    def allowed(self) -> bool:
        if _LGPL_AS_LIBRARY.get(self.pin.name) == self.licence:
            return True
        return any(
            all(part in ALLOWED for part in choice.split(" AND "))
            for choice in self.licence.replace("(", "").replace(")", "").split(" OR ")
        )


class NotInstalledError(Exception):
    """A package is not in this environment in the version that is shipped: its licence cannot be read from it."""


def licensed(pins: tuple[Pin, ...]) -> tuple[Licensed, ...]:
    """From the packages as they are installed here. NotInstalledError names the first that is not, or is another version."""
    return tuple(Licensed(pin, _licence_of(pin)) for pin in pins)


def licences_page(found: tuple[Licensed, ...]) -> str:
    lines = [
        "# Licences",
        "",
        "<!-- Made by `python -m local.generate`, from the packages' own metadata. -->",
        "",
        "Social Scheduler is under the [MIT licence](../LICENSE). A deployment holds these packages of others, unchanged, in its layers;",
        "their licence texts lie in the layers beside them. What is only used on a developer's computer is not listed.",
        "",
        "| package | version | licence | layers |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {one.pin.name} | {one.pin.version} | {one.licence} | {', '.join(one.pin.layers)} |" for one in found]
    lines += ["", *(f"* {name}: {remark}." for name, remark in sorted(REMARKS.items())), ""]
    lines += [
        f"Allowed are {', '.join(sorted(ALLOWED))}, and what a remark above gives its reason for; `make audit` refuses others."
    ]
    return "\n".join(lines) + "\n"


def _licence_of(pin: Pin) -> str:
    try:
        about = metadata.metadata(pin.name)
    except metadata.PackageNotFoundError as error:
        raise NotInstalledError(f"{pin.name} is not installed here: make check installs it") from error
    if about["Version"] != pin.version:
        raise NotInstalledError(f"{pin.name} {about['Version']} is installed, {pin.version} is shipped: make check")
    if "License-Expression" in about:
        return about["License-Expression"]
    named = [match[1] for one in about.get_all("Classifier") or [] if (match := _CLASSIFIER.match(one))]
    classified = {_WORDS.get(one, one) for one in named} - {"OSI Approved"}
    said = about["License"].strip() if "License" in about else ""
    own = "" if said in _UNSPECIFIC or "\n" in said else _WORDS.get(said, said)
    if pin.name in _LGPL_AS_LIBRARY:
        return " AND ".join(sorted({own, *classified} - {""}))
    return own or " OR ".join(sorted(classified))
