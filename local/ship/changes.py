"""A change set in words, and what of it nobody meant: a table, bucket or secret replaced or taken away."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.ship.naming import PRECIOUS

_KINDS = {
    **PRECIOUS,
    "AWS::Lambda::Function": "function",
    "AWS::Lambda::LayerVersion": "layer",
    "AWS::Lambda::Permission": "permission to call a function",
    "AWS::Lambda::Url": "public address",
    "AWS::Lambda::EventInvokeConfig": "retry rule",
    "AWS::IAM::Role": "role",
    "AWS::Events::Rule": "event rule",
    "AWS::Scheduler::Schedule": "schedule",
    "AWS::Scheduler::ScheduleGroup": "schedule group",
    "AWS::StepFunctions::StateMachine": "state machine",
    "AWS::Logs::LogGroup": "log group",
    "AWS::Logs::MetricFilter": "log filter",
    "AWS::CloudWatch::Alarm": "alarm",
    "AWS::SQS::Queue": "queue",
}
_FEW = 4


@dataclass(frozen=True)
class Change:
    """One resource. ``action`` is Add, Modify, Remove or Import; ``replaced`` True, False or Conditional, as CloudFormation says it.

    ``stays``: what it is now is kept when it leaves the stack. ``because`` names the properties that change.
    """

    logical_id: str
    kind: str
    action: str
    replaced: str = "False"
    stays: bool = False
    because: tuple[str, ...] = ()

    @property
    def loses(self) -> bool:
        """The business's data would no longer be behind it."""
        return self.kind in PRECIOUS and (self.action == "Remove" or self.replaced != "False")

    @property
    def what(self) -> str:
        return _KINDS.get(self.kind) or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.kind.rsplit("::", 1)[-1]).lower()


def read(described: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    """From DescribeChangeSet's ``Changes``."""
    return tuple(_change(one["ResourceChange"]) for one in described if "ResourceChange" in one)


def _change(one: Mapping[str, Any]) -> Change:
    targets = (detail.get("Target", {}) for detail in one.get("Details", ()))
    names = {str(target.get("Name") or target.get("Attribute") or "") for target in targets}
    return Change(
        logical_id=one["LogicalResourceId"],
        kind=one["ResourceType"],
        action=one["Action"],
        replaced=one.get("Replacement") or "False",
        stays=one.get("PolicyAction", "") in ("Retain", "ReplaceAndRetain"),
        because=tuple(sorted(names - {""})),
    )


def told(changes: Sequence[Change]) -> Iterator[str]:
    """Lines: what is added by kind, then each other one, what is lost last and in capitals."""
    for action, word in (("Import", "adopted"), ("Add", "added")):
        by_kind: dict[str, list[str]] = defaultdict(list)
        for change in changes:
            if change.action == action:
                by_kind[change.what].append(change.logical_id)
        for what, ids in sorted(by_kind.items()):
            yield f"{word}: {_several(what, sorted(ids))}"
    for change in changes:
        if change.action == "Modify" and change.replaced == "False":
            yield f"changed: {change.what} {change.logical_id} ({', '.join(change.because) or 'as its parts do'})"
    for change in changes:
        if change.action == "Modify" and change.replaced != "False":
            word = "REPLACED" if change.replaced == "True" else "PERHAPS REPLACED"
            after = "; the one that is there stays beside it, out of use" if change.stays else ""
            yield f"{word}: {change.what} {change.logical_id} ({', '.join(change.because)}){after}"
    for change in changes:
        if change.action == "Remove":
            after = "; what it holds stays in the account" if change.stays else ""
            yield f"REMOVED: {change.what} {change.logical_id}{after}"


def _several(what: str, ids: Sequence[str]) -> str:
    """All names of what holds data and of what runs; of the rest, where they are many, the first."""
    if len(ids) > _FEW and what not in (*PRECIOUS.values(), "function"):
        return f"{what} {', '.join(ids[:2])} and {len(ids) - 2} more"
    return f"{what} {', '.join(ids)}"


def refused(changes: Sequence[Change], allowed: Collection[str]) -> tuple[Change, ...]:
    """What would lose data and is not among the logical ids that were named on purpose."""
    return tuple(change for change in changes if change.loses and change.logical_id not in allowed)
