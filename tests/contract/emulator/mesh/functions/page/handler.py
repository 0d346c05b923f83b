"""Answers what its environment holds: the test looks for what should not be there."""

import json
import os
import sys
from pathlib import Path
from typing import Any


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    clock = os.environ.get("MESH_CLOCK_FILE")
    answer = {
        "environment": dict(os.environ),
        "path": sys.path,
        "clock": json.loads(Path(clock).read_text()) if clock else None,
        "asked": event["requestContext"]["http"],
    }
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(answer)}
