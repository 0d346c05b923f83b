"""One ``make run`` over one folder: a second would stop the first one's servers, or with FRESH=1 throw away what it shows."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from local.stack import StackError, make_folder

_LOCK = "run.lock"


def must_be_free(folder: Path) -> None:
    """StackError where a run is up over it. Writes nothing: the folder may be somebody else's."""
    try:
        lock = (folder / _LOCK).open()
    except OSError:
        return
    with lock:
        _take(lock, folder)


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Holds the folder until the block or the process ends, killed or not: no server of ours inherits it. StackError as above."""
    make_folder(folder)
    with (folder / _LOCK).open("a") as lock:
        _take(lock, folder)
        yield


def _take(lock: TextIO, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        try:
            where = f" at http://127.0.0.1:{int(json.loads((folder / 'ports.json').read_text())['console'])}"
        except (OSError, ValueError, KeyError):
            where = ""
        raise StackError(
            f"another make run is up over {folder}{where}: end that one with Ctrl-C, or give this one its own with STATE=folder"
        ) from error
