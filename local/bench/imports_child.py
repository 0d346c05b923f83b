"""What each handler's import brings in, in one process: JSON ``{package: folders}`` on the standard input, ``{package: names}`` out.

The names are those of others' top-level modules. What every function imports is imported once; each handler then in a fork of its own,
with its own folders on the path, so that none sees another's.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module

COMMON = ("boto3", "pydantic", "aws_lambda_powertools")


def main() -> None:
    folders: dict[str, list[str]] = json.load(sys.stdin)
    own = set(sys.path)
    sys.path[:0] = next(iter(folders.values()))
    for name in COMMON:
        import_module(name)
    found = {}
    for package, its in folders.items():
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            sys.path[:] = [*its, *(part for part in sys.path if part in own)]
            told = _imported(package)
            os.write(writing, json.dumps(told).encode())  # a few hundred bytes: a pipe holds them
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as answer:
            found[package] = json.load(answer)
        os.waitpid(child, 0)
    print(json.dumps(found))


def _imported(package: str) -> list[str]:
    """What failed stands in the list's place, behind "failed"."""
    try:
        import_module(f"{package}.handler")
    except ImportError as error:
        return ["failed", f"{type(error).__name__}: {error}"]
    tops = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
    return sorted(tops - {"__mp_main__"})


if __name__ == "__main__":
    main()
