"""A template's values as the drawing needs them: names with their parameters filled in, and which resources a value speaks of. Pure.

``{StatusTable.Arn}`` stands for a resource in a resolved text, so that whoever reads it can tell which one was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_NAMED = re.compile(r"\$\{([^!}][^}]*)\}")
_MEANT = re.compile(r"\{(\w+)(?:\.[^}]*)?\}")
_NAMES = ("FunctionName", "Name", "RuleName", "TableName", "BucketName", "QueueName")
_NO_VALUE = object()


@dataclass(frozen=True)
class Template:
    """``body`` is a template as written, SAM's or plain CloudFormation; ``given`` its parameters' values."""

    body: Mapping[str, Any]
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        return {
            name: resource
            for name, resource in (self.body.get("Resources") or {}).items()
            if self._holds(resource.get("Condition"))
        }

    def parameter(self, name: str) -> str:
        told = (self.body.get("Parameters") or {}).get(name) or {}
        return str(self.given.get(name, told.get("Default", "")))

    def name_of(self, logical_id: str) -> str:
        """A resource's own name without the stack's prefix; its logical id where the template gives it none."""
        properties = (self.body["Resources"].get(logical_id) or {}).get("Properties") or {}
        found = next((self.text(properties[name]) for name in _NAMES if name in properties), logical_id)
        return self.short(found).removesuffix("-<AccountId>")

    def short(self, name: str) -> str:
        prefix = self.parameter("Prefix")
        return name.removeprefix(f"{prefix}-").removeprefix(f"{prefix}/") if prefix else name

    def text(self, value: Any) -> str:
        found = self.value(value)
        return found if isinstance(found, str) else "" if found is None else str(found)

    def value(self, value: Any) -> Any:
        """With parameters, conditions and names filled in."""
        found = self._value(value)
        return None if found is _NO_VALUE else found

    def meant(self, value: Any) -> set[str]:
        """The logical ids of all resources that a value names."""
        return {name for text in _texts(self.value(value)) for name in _MEANT.findall(text)}

    def _value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            if len(value) == 1:
                ((name, inner),) = value.items()
                if name == "Ref" or name.startswith("Fn::"):
                    return self._filled(name, inner)
            found = {key: self._value(inner) for key, inner in value.items()}
            return {key: inner for key, inner in found.items() if inner is not _NO_VALUE}
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [inner for inner in map(self._value, value) if inner is not _NO_VALUE]
        return value

    def _filled(self, name: str, inner: Any) -> Any:
        match name:
            case "Ref":
                return _NO_VALUE if inner == "AWS::NoValue" else self._ref(str(inner))
            case "Fn::GetAtt":
                path = inner.split(".") if isinstance(inner, str) else [str(one) for one in inner]
                return "{" + ".".join(path) + "}"
            case "Fn::Sub":
                text, more = (inner, {}) if isinstance(inner, str) else (inner[0], inner[1])
                given = {key: self.text(one) for key, one in more.items()}
                return _NAMED.sub(lambda found: given.get(found[1]) or self._ref(found[1]), text)
            case "Fn::If":
                condition, yes, no = inner
                return self._value(yes if self._holds(condition) else no)
            case "Fn::Join":
                return str(inner[0]).join(self.text(one) for one in inner[1])
            case "Fn::Split":
                return self.text(inner[1]).split(str(inner[0]))
            case "Fn::Select":
                among = self.value(inner[1])
                place = int(inner[0])
                return among[place] if isinstance(among, list) and place < len(among) else ""
        return self._value(inner)

    def _ref(self, name: str) -> str:
        logical_id = name.split(".", 1)[0]
        if name.startswith("AWS::"):
            return f"<{name[5:]}>"
        if logical_id in (self.body.get("Resources") or {}):
            return "{" + name + "}"
        return self.parameter(name) if name in (self.body.get("Parameters") or {}) else "{" + name + "}"

    def _holds(self, condition: Any) -> bool:
        """A condition by its name, or as written. One that cannot be told holds."""
        if condition is None:
            return True
        if isinstance(condition, str):
            return self._holds((self.body.get("Conditions") or {}).get(condition))
        ((name, inner),) = condition.items()
        match name:
            case "Fn::Equals":
                return self.text(inner[0]) == self.text(inner[1])
            case "Fn::Not":
                return not self._holds(inner[0])
            case "Fn::And":
                return all(self._holds(one) for one in inner)
            case "Fn::Or":
                return any(self._holds(one) for one in inner)
            case "Condition":
                return self._holds(inner)
        return True


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def listed(value: Any) -> list[Any]:
    """A list, of one where it was written without brackets."""
    return value if isinstance(value, list) else [] if value is None else [value]
