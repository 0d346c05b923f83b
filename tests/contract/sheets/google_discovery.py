"""Google's discovery documents as strict JSON Schema: a name that Google does not have is an error."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(os.environ.get("SS_SHARED_DATA", ROOT.parent / "shared" / "data")) / "google"
API_PATHS = ("/v4", "/drive/v3")
ABSENT = f"Google's discovery documents are not in {FOLDER}; name their parent folder in SS_SHARED_DATA"


class Discovery:
    """Finds the call a request belongs to and holds both its bodies to the documents."""

    def __init__(self, folder: Path) -> None:
        self._calls: list[tuple[str, re.Pattern[str], str, str | None, str | None]] = []
        self._definitions: dict[str, dict[str, Any]] = {}
        self._validators: dict[tuple[str, str], Draft202012Validator] = {}
        for name in ("sheets.v4.json", "drive.v3.json"):
            document = json.loads((folder / name).read_text())
            self._definitions[name] = {key: _strict(schema) for key, schema in document["schemas"].items()}
            self._learn(name, document.get("servicePath", ""), document)

    @classmethod
    def if_present(cls) -> Discovery | None:
        return cls(FOLDER) if (FOLDER / "sheets.v4.json").exists() else None

    def problems(self, method: str, path: str, request: Any, response: Any) -> list[str]:
        """What is wrong with a successful call's JSON bodies; a call unknown to Google is a problem too."""
        for http_method, pattern, document, request_name, response_name in self._calls:
            if http_method == method and pattern.fullmatch(path):
                found = []
                if request is not None and request_name:
                    found += self._errors(document, request_name, _without_nulls(request), "request")
                if response_name:
                    found += self._errors(document, response_name, response, "response")
                return found
        return [f"Google has no {method} {path}"]

    def recorded_problems(self, record: str) -> tuple[int, list[str]]:
        """How many successful JSON answers a server's record holds, and what is wrong with any of them."""
        count, found = 0, []
        for line in record.splitlines():
            call = json.loads(line)
            if call["status"] < 300 and "response" in call and call["path"].startswith(API_PATHS):
                count += 1
                problems = self.problems(call["method"], call["path"], None, call["response"])
                found += [f"{call['method']} {call['path']}: {problem}" for problem in problems]
        return count, found

    def _errors(self, document: str, name: str, body: Any, side: str) -> list[str]:
        key = (document, name)
        if key not in self._validators:
            schema = {"$ref": f"#/$defs/{name}", "$defs": self._definitions[document]}
            self._validators[key] = Draft202012Validator(schema)
        return [
            f"{side} {name} at {error.json_path}: {error.message}" for error in self._validators[key].iter_errors(body)
        ]

    def _learn(self, document: str, base: str, node: dict[str, Any]) -> None:
        for call in node.get("methods", {}).values():
            path = "/" + base + call["path"]
            parts = re.split(r"(\{\+?\w+\})", path)
            pattern = "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts)
            self._calls.append(
                (
                    call["httpMethod"],
                    re.compile(pattern),
                    document,
                    call.get("request", {}).get("$ref"),
                    call.get("response", {}).get("$ref"),
                )
            )
        for resource in node.get("resources", {}).values():
            self._learn(document, base, resource)
        # `values/{range}:append` must be tried before `values/{range}`.
        self._calls.sort(key=lambda call: -len(call[1].pattern))


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kind = schema.get("type")
    if kind == "any":
        return {}
    if kind == "object":
        more = schema.get("additionalProperties")
        return {
            "type": "object",
            "properties": {name: _strict(part) for name, part in schema.get("properties", {}).items()},
            "additionalProperties": _strict(more) if more else False,
        }
    if kind == "array":
        return {"type": "array", "items": _strict(schema["items"])}
    strict: dict[str, Any] = {"type": kind}
    if "enum" in schema:
        strict["enum"] = schema["enum"]
    if schema.get("format") in ("int64", "uint64"):
        strict["pattern"] = r"^-?\d+$"
    return strict


def _without_nulls(value: Any) -> Any:
    """Google takes a null field as absent; inside `values` it means something, and is a list's entry there."""
    if isinstance(value, dict):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value
