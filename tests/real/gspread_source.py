"""gspread's own tests, of exactly the version that this project uses.

Its source distribution leaves them out, so they come from a checkout: the folder that ``GSPREAD_CHECKOUT`` names, or
``build/real/gspread``. Only files with the hash below are run, whoever brought them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from real_servers import BUILD, Missing

TAG = "v6.2.1"
TESTS_SHA256 = "dd134c1503c82716f0f09eb20ad14aaac708422706d127349b11ed2ec4a23288"
_CLONE = f"git clone --depth 1 --branch {TAG} https://github.com/burnash/gspread build/real/gspread"


def lay_out_tests(folder: Path) -> Path:
    """A copy of the tests, without recordings, below ``folder``. Missing where there is none, or another version."""
    checkout = Path(os.environ.get("GSPREAD_CHECKOUT") or BUILD / "gspread")
    files = sorted((checkout / "tests").glob("*.py"))
    if not files:
        raise Missing(f"gspread's tests are not in {checkout}: {_CLONE}, or name a checkout in GSPREAD_CHECKOUT")
    found = digest(files)
    if found != TESTS_SHA256:
        raise Missing(f"the tests in {checkout} are not those of gspread {TAG} (SHA-256 {found}): {_CLONE}")
    target = folder / "tests"
    target.mkdir()
    for file in files:
        shutil.copy(file, target)
    return target


def digest(files: list[Path]) -> str:
    """SHA-256 over names and contents in the order of the names."""
    whole = hashlib.sha256()
    for file in files:
        whole.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return whole.hexdigest()
