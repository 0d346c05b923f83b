"""The sender as a process that can be killed: ``deliver_once.py EVENT`` hands one event, in JSON, to its handler."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / folder) for folder in ("functions", "layers/mesh/python", "layers/networks/python")]


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def main() -> None:
    from sender.handler import handler

    handler(json.loads(sys.argv[1]), Context())


if __name__ == "__main__":
    main()
