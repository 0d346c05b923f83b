"""The most memory that this process has held."""

from __future__ import annotations

import resource
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_mb() -> int:
    """In MB. On Linux its own alone: ``getrusage`` begins with what the parent held when this process was started."""
    if _STATUS.is_file():
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1_024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
