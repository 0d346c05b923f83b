"""A copy of the code in which one defect after the other is seeded, tried and taken out again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bank import Defect

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    ".ci",
    ".github",
    "requirements",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "functions",
    "layers",
    "local",
    "tests",
    "events",
    "docs",
    "stacks",
    "template.yaml",
    "pyproject.toml",
    "samconfig.toml",
)
_COMPILED = "__pycache__"
_State = dict[Path, tuple[int, int]]


def misfit(defect: Defect, folder: Path) -> str:
    """A sentence where it has not its one place in the code, or where a test that is to notice it is not there."""
    path = folder / defect.file
    count = path.read_text("utf-8").count(defect.before) if path.exists() else 0
    if count != 1:
        return f"its place stands {count} times in {defect.file}: seed it anew"
    lost = [test for test in defect.looks_at if not (folder / test.partition("::")[0]).exists()]
    return f"there is no {', '.join(lost)}" if lost else ""


class Workplace:
    """Copied once: what was compiled in it is kept, which is half of the time that a defect takes. Whatever else a test left is not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seeded = 0
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(_COMPILED, "node_modules"))
            elif source.exists():
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, folder / name)
        self._begun = self._state()

    @contextmanager
    def with_defect(self, defect: Defect) -> Iterator[None]:
        """It has to fit. Its file gets a time that no other has: by time and size Python knows whether what it compiled still holds."""
        path = self.folder / defect.file
        self._seeded += 1
        path.write_text(path.read_text("utf-8").replace(defect.before, defect.after), "utf-8")
        os.utime(path, (self._seeded, self._seeded))
        try:
            yield
        finally:
            self._tidy()

    def _tidy(self) -> None:
        found = self._state()
        for path in found.keys() - self._begun.keys():
            path.unlink(missing_ok=True)
        for path, stood in self._begun.items():
            if found.get(path) != stood:
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / path.relative_to(self.folder), path)

    def _state(self) -> _State:
        """When each file was last written, and its size."""
        return {
            Path(above, name): (told.st_mtime_ns, told.st_size)
            for above, folders, names in os.walk(self.folder)
            if not (_COMPILED in folders and folders.remove(_COMPILED))
            for name in names
            for told in (os.lstat(Path(above, name)),)
        }
