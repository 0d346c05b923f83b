"""``events/env.json``: each function's environment as template.yaml gives it, for ``sam local invoke --env-vars``. No secret is in it.

A stack of the prefix ``ss`` in the account 000000000000, which is what the local AWS side is.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from local import ROOT
from local.deploy import read_template

FILE = Path("events") / "env.json"
_PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "ap-southeast-1",
    "AWS::AccountId": "000000000000",
}
_GIVEN = {
    "TimeZone": "Europe/Berlin",
    "SheetId": "sheet-1",
    "DriveFolderId": "folder-1",
    "Recipients": "owner@example.test",
    "MailFrom": "posts@example.test",
}
"""Of the parameters without a default."""
_DOORS = {"ApproveHandlerUrl": "https://approve.example.test/", "DraftHelperUrl": "https://compose.example.test/"}
_NAMED_BY = ("TableName", "BucketName", "Name", "RoleName", "QueueName", "FunctionName")


def env_file() -> bytes:
    """The same template, the same bytes."""
    variables = _Resolving(read_template(ROOT / "template.yaml")).variables()
    return (json.dumps(variables, indent=2, sort_keys=True) + "\n").encode()


class _Resolving:
    def __init__(self, template: dict[str, Any]) -> None:
        self._template = template
        defaults = {name: str(one["Default"]) for name, one in template["Parameters"].items() if "Default" in one}
        self._values = _PSEUDO | defaults | _GIVEN
        self._resources: dict[str, dict[str, Any]] = template["Resources"]

    def variables(self) -> dict[str, dict[str, str]]:
        shared = self._template["Globals"]["Function"]["Environment"]["Variables"]
        found = {}
        for logical_id, resource in self._resources.items():
            if resource["Type"] == "AWS::Serverless::Function":
                own = resource["Properties"].get("Environment", {}).get("Variables", {})
                found[logical_id] = {name: self._said(value) for name, value in {**shared, **own}.items()}
        return found

    def _said(self, value: Any) -> str:
        match value:
            case {"Ref": str(name)}:
                return self._values[name] if name in self._values else self._name(name)
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._said({"Ref": found[1]}), text)
            case {"Fn::If": [condition, then, otherwise]}:
                return self._said(then if self._holds(self._template["Conditions"][condition]) else otherwise)
            case {"Fn::GetAtt": [str(name), "FunctionUrl"]}:
                return _DOORS[name]
            case {"Fn::GetAtt": [str(name), "Arn"]}:
                return self._arn(name)
        return str(value)

    def _holds(self, condition: Any) -> bool:
        match condition:
            case {"Fn::Not": [one]}:
                return not self._holds(one)
            case {"Fn::Equals": [one, other]}:
                return self._said(one) == self._said(other)
        raise KeyError(str(condition))

    def _name(self, logical_id: str) -> str:
        properties = self._resources[logical_id].get("Properties", {})
        named = next((properties[key] for key in _NAMED_BY if key in properties), None)
        return self._said(named) if named is not None else f"ss-{logical_id}"

    def _arn(self, logical_id: str) -> str:
        kind, name = self._resources[logical_id]["Type"], self._name(logical_id)
        if kind == "AWS::IAM::Role":
            return f"arn:aws:iam::000000000000:role/{name}"
        return f"arn:aws:{kind.split('::')[1].lower()}:ap-southeast-1:000000000000:{name}"
