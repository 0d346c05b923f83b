"""The stacks: whether they stand, and whether they are what this clone and samconfig.toml say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

from local import ROOT
from local.checks.looking import STACKS, Subject, looking
from local.checks.model import Finding, State
from local.checks.values import listed
from local.deploy import read_template
from local.ship.environments import CHANNELS, MESH, TEMPLATES, WATCH

_NAMES = {MESH: "stack", CHANNELS: "channels' stack", WATCH: "watch's stack"}
_BUILT = ("CodeUri", "ContentUri", "DefinitionUri")  # a deployment puts addresses in their place
_ADDED = ("SamResourceId", "BuildMethod")  # by the SAM CLI, or left out by it
_SHOWN = 6


def described(client: Any, name: str) -> Mapping[str, Any] | None:
    """None where there is no stack of the name."""
    try:
        found: Mapping[str, Any] = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def parameters_of(stack: Mapping[str, Any]) -> dict[str, str]:
    return {str(one["ParameterKey"]): str(one.get("ParameterValue", "")) for one in stack.get("Parameters", ())}


def stacks(subject: Subject) -> list[Finding]:
    """States, parameters that samconfig.toml says otherwise, and a template that is another than this clone's."""
    found: list[Finding] = []
    for which in STACKS:
        if subject.local and which != MESH:
            continue
        with looking(_NAMES[which], "cloudformation:DescribeStacks and cloudformation:GetTemplate", found):
            found += _one(subject, which)
    return found


def _one(subject: Subject, which: str) -> Iterator[Finding]:
    client, name = subject.client("cloudformation"), subject.stack_name(which)
    there = described(client, name)
    if there is None:
        if which == CHANNELS:
            return  # connect makes the secrets as well: the checks of the channels say what is missing
        state = State.BAD if which == MESH else State.DOUBTFUL
        said = f"{name} is not there" + (": nobody hears of alarms" if which == WATCH else "")
        yield Finding(_NAMES[which], state, said, subject.deploy)
        return
    status = str(there["StackStatus"])
    if bad := status_trouble(status):
        yield Finding(_NAMES[which], State.BAD, f"{name} is in {status}: {bad}", subject.deploy)
        return
    yield Finding(_NAMES[which], State.GOOD, f"{name} stands ({status})")
    if not subject.local:
        wanted = {MESH: subject.parameters, WATCH: subject.watch}.get(which, {})
        if other := differing(wanted, parameters_of(there)):
            said = f"{listed(other)} of samconfig.toml {'is' if len(other) == 1 else 'are'} not deployed yet"
            yield Finding(f"{_NAMES[which]}, parameters", State.DOUBTFUL, said, subject.deploy)
    body = client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    deployed = yaml_parse(body) if isinstance(body, str) else json.loads(json.dumps(body))
    if other := skew(read_template(Path(ROOT / TEMPLATES[which])), deployed):
        shown = listed(other[:_SHOWN]) + (f" and {len(other) - _SHOWN} more" if len(other) > _SHOWN else "")
        said = f"was deployed from another version than this clone: {shown}"
        yield Finding(
            f"{_NAMES[which]}, template", State.DOUBTFUL, said, f"{subject.deploy}, or check out what was deployed"
        )


def status_trouble(status: str) -> str:
    """Why a stack in this state does not count as standing, "" where it does."""
    if status.endswith("_IN_PROGRESS"):
        return "a deployment is under way; wait for its end"
    if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"):
        return ""
    return "its last deployment failed"


def differing(wanted: Mapping[str, str], there: Mapping[str, str]) -> list[str]:
    return sorted(name for name, value in wanted.items() if name in there and there[name] != value)


def skew(ours: Mapping[str, Any], deployed: Mapping[str, Any]) -> list[str]:
    """Logical ids and parameters that are other ones; where code lies is not compared, for a build moves it."""
    other = []
    for part in ("Parameters", "Conditions", "Globals", "Resources"):
        mine, theirs = _plain(ours.get(part) or {}), _plain(deployed.get(part) or {})
        other += [name for name in sorted({*mine, *theirs}) if mine.get(name) != theirs.get(name)]
    return other


def _plain(value: Any) -> Any:
    """Without addresses of code and marks of the SAM CLI."""
    if isinstance(value, Mapping):
        kept = {str(key): _plain(one) for key, one in value.items() if key not in (*_BUILT, *_ADDED)}
        return {key: one for key, one in kept.items() if not (key == "Metadata" and not one)}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
