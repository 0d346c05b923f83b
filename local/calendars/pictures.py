"""The pictures a calendar names: files in its own folder, and never anything outside it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from local.calendars.cells import shown
from local.calendars.model import Problem

_FOCUS = re.compile(r"(.+\.\w{1,5})(\s+\((?:top|bottom|left|right|centre|center)\))", re.IGNORECASE)


def check_images(cell: str, row: int, folder: Path, images: dict[str, Path]) -> tuple[str, Sequence[Problem]]:
    """The cell with files' names alone, as they will lie in the sheet's folder; ``images`` learns name -> file."""
    if re.match(r"https?://", cell):
        what = f"{shown(cell)} is a web address"
        return cell, [
            Problem(row, "image", what, "download the picture, put it beside the calendar and write its name")
        ]
    names: list[str] = []
    problems: list[Problem] = []
    for part in (part.strip() for part in re.split(r"[,;\n]", cell)):
        if part:
            name, found = _check_one(part, row, folder, images)
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
