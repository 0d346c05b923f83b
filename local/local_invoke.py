"""``python -m local local-invoke``: the template that ``sam build`` made, with a local AWS side's address in it, for ``sam local invoke``.

The SAM CLI gives a container only the variables that the template names, and the template that goes to AWS names no such address.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from local import ROOT
from local.deploy import read_template

BUILT = ROOT / ".aws-sam" / "build" / "template.yaml"


def main(argv: list[str]) -> int:
    """0 with the file's path; 1 where nothing was built yet."""
    parser = argparse.ArgumentParser(prog="python -m local local-invoke", description=__doc__)
    parser.add_argument("endpoint", help="as the container reaches it: http://127.0.0.1:8411")
    parser.add_argument("--built", type=Path, default=BUILT, help="another template that sam build made")
    options = parser.parse_args(argv)
    try:
        written = with_endpoint(options.built, options.endpoint)
    except FileNotFoundError:
        print(f"there is no {options.built} yet: sam build makes it", file=sys.stderr)
        return 1
    print(written)
    return 0


def with_endpoint(built: Path, endpoint: str) -> Path:
    """Beside the other, since what it names lies there."""
    template = read_template(built)
    template["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = endpoint
    written = built.with_name("local-invoke.json")
    written.write_text(json.dumps(template, default=str), "utf-8")
    return written
