"""The pictures a calendar names: files in its own folder, and never anything outside it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from local.calendars.cells import shown
from local.calendars.model import Problem
from mesh.uploads import is_upload

_FOCUS = re.compile(r"(.+\.\w{1,5})(\s+\((?:top|bottom|left|right|centre|center)\))", re.IGNORECASE)


class Beside:
    """Pictures in the calendar's own folder; ``found`` learns name -> file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.found: dict[str, Path] = {}

    def check(self, cell: str, row: int) -> tuple[str, Sequence[Problem]]:
        """The cell with files' names alone, as they will lie in the sheet's folder."""
        return _check(cell, row, "beside the calendar", lambda part: _check_one(part, row, self._folder, self.found))


class InFolder:
    """Pictures that are to lie in the sheet's folder already, or be put there."""

    def __init__(self, there: Collection[str]) -> None:
        self._there = frozenset(there)
        self.found: dict[str, Path] = {}

    def check(self, cell: str, row: int) -> tuple[str, Sequence[Problem]]:
        """The cell with files' names alone: folders say nothing about a file that is given by itself."""
        return _check(cell, row, "into the sheet's folder", lambda part: self._one(part, row))

    def _one(self, part: str, row: int) -> tuple[str, Sequence[Problem]]:
        focus = _FOCUS.fullmatch(part)
        wanted, word = (focus[1], focus[2]) if focus else (part, "")
        name = wanted.replace("\\", "/").rsplit("/", 1)[-1]
        if name in self._there or is_upload(name):
            return name + word, []
        what = f"there is no picture {shown(name)} in the sheet's folder"
        return name + word, [Problem(row, "image", what, "drop it here, or correct the name")]


def _check(
    cell: str, row: int, where: str, one: Callable[[str], tuple[str, Sequence[Problem]]]
) -> tuple[str, Sequence[Problem]]:
    if re.match(r"https?://", cell):
        what = f"{shown(cell)} is a web address"
        return cell, [Problem(row, "image", what, f"download the picture, put it {where} and write its name")]
    names: list[str] = []
    problems: list[Problem] = []
    for part in (part.strip() for part in re.split(r"[,;\n]", cell)):
        if part:
            name, found = one(part)
            names.append(name)
            problems += found
    return ", ".join(names), problems


def _check_one(part: str, row: int, folder: Path, images: dict[str, Path]) -> tuple[str, Sequence[Problem]]:
    focus = _FOCUS.fullmatch(part)
    wanted, word = (focus[1], focus[2]) if focus else (part, "")
    path, refused = _beside(folder, wanted)
    if refused:
        fix = f"put the picture into {folder} and write its name alone"
        return part, [Problem(row, "image", f"{shown(wanted)} {refused}", fix)]
    if path is None:
        what = f"there is no file {shown(wanted)} beside the calendar"
        return part, [Problem(row, "image", what, f"put it into {folder} or correct the name")]
    name = Path(wanted.replace("\\", os.sep)).name
    if images.get(name, path) != path:
        what = f"{shown(wanted)} has the same name as another picture, {images[name]}"
        return part, [Problem(row, "image", what, "rename one; both would be one file in the sheet's folder")]
    images[name] = path
    return name + word, []


def _beside(folder: Path, wanted: str) -> tuple[Path | None, str]:
    """The file, or why it is not taken: a calendar out of a mail must not send any file of this computer along."""
    plain = wanted.replace("\\", "/")
    if plain.startswith(("/", "~")) or re.match(r"[A-Za-z]:", plain):
        return None, "is a path from the root of a computer"
    if ".." in plain.split("/"):
        return None, "leads out of the calendar's folder"
    try:
        home = folder.resolve()
        for place in (folder / plain, folder / "images" / plain):
            if place.is_file():
                path = place.resolve()
                return (
                    (path, "")
                    if path.is_relative_to(home)
                    else (None, "is a link to a file outside the calendar's folder")
                )
    except (OSError, ValueError):  # a name no file system takes
        pass
    return None, ""
