"""How wide the screen is that a command writes to."""

from __future__ import annotations

import shutil
import sys


def columns() -> int:
    """0 where no person looks: a file or a program gets whole lines."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
