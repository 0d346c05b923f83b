"""Whether an environment's values can work, before anything is sent: the templates' own constraints, and what a template cannot say."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from local.checks.model import Finding, State
from local.checks.values import mail_trouble, mails_trouble, prefix_trouble, zone_trouble
from local.ship.environments import CHANNELS, TEMPLATES, Environment
from local.ship.naming import names_made, template

_ACCOUNT = "0" * 12  # as long as every account's number
_MODEL = re.compile(r"(?:(global|us|us-gov|eu|apac|jp|au)\.)?anthropic\.[a-z0-9][a-z0-9.-]*(?::\d+)?")
_REGIONS_OF = {
    "us": ("us-", "ca-"),
    "us-gov": ("us-gov-",),
    "eu": ("eu-",),
    "apac": ("ap-",),
    "jp": ("ap-northeast-",),
    "au": ("ap-southeast-",),
}
_CHANNEL = re.compile(r"[a-z][a-z0-9-]{0,62}")
_GOOGLE_ID = re.compile(r"[A-Za-z0-9_-]+")
_ENVIRONMENT_BYTES = 2500
"""Of the 4,096 that all of a function's environment may have; the other values take some 1,200."""


def whole(root: Path, environment: Environment, which: str) -> dict[str, str]:
    """With the template's defaults, so that a line taken out of samconfig.toml takes effect: CloudFormation would keep the former value."""
    declared = template(root, which)["Parameters"]
    defaults = {name: str(one["Default"]) for name, one in declared.items() if "Default" in one}
    return {**defaults, **environment.given(which)}


def check(root: Path, environment: Environment) -> list[Finding]:
    """One finding for each value that cannot work, or one that all can."""
    found = [
        finding
        for which in TEMPLATES
        if _is_wanted(environment, which)
        for finding in _by_template(template(root, which)["Parameters"], environment, which)
    ]
    wrong = {finding.name for finding in found}
    found += [finding for finding in _beyond(root, environment) if finding.name not in wrong]
    return found or [Finding("parameters", State.GOOD, "all can work")]


def _is_wanted(environment: Environment, which: str) -> bool:
    return which != CHANNELS or bool(environment.channels)


def _bad(name: str, value: str, why: str, fix: str) -> Finding:
    return Finding(name, State.BAD, f"{name}={value} {why}" if value else f"{name} {why}", fix)


def _by_template(declared: Mapping[str, Any], environment: Environment, which: str) -> Iterator[Finding]:
    values, place = environment.given(which), f"samconfig.toml, [{environment.name}{which}.deploy.parameters]"
    for name in values.keys() - declared.keys():
        near = difflib.get_close_matches(name, declared, 1)
        fix = f"{place}: write {near[0]}" if near else f"{place}: take it out"
        yield _bad(name, values[name], f"is no parameter of {TEMPLATES[which]}", fix)
    for name, one in declared.items():
        if name == "Prefix":
            continue  # _prefix says more of it, and once
        value = values.get(name, str(one["Default"]) if "Default" in one else None)
        if value is None:
            yield _bad(name, "", f"is missing: {one.get('Description', '')}", f'{place}: add "{name}=…"')
        elif why := _against(one, value):
            yield _bad(name, value, why, f"{place}: {one.get('Description', 'mend it')}")


def _against(one: Mapping[str, Any], value: str) -> str:
    """Why CloudFormation would refuse it, "" where it would not."""
    if one["Type"] == "Number":
        try:
            number = float(value)
        except ValueError:
            return "is no number"
        if "MinValue" in one and number < float(one["MinValue"]):
            return f"is below {one['MinValue']}"
        if "MaxValue" in one and number > float(one["MaxValue"]):
            return f"is above {one['MaxValue']}"
    if "AllowedValues" in one and value not in map(str, one["AllowedValues"]):
        return f"is none of {', '.join(map(str, one['AllowedValues']))}"
    if len(value) < int(one.get("MinLength", 0)):
        return f"has {len(value)} characters, {one['MinLength']} are the fewest"
    if "AllowedPattern" in one and not re.fullmatch(str(one["AllowedPattern"]), value):
        return "has not the shape it must have"
    return ""


def _beyond(root: Path, environment: Environment) -> Iterator[Finding]:
    yield from _prefix(root, environment)
    values = environment.parameters
    for name, trouble in (
        ("TimeZone", zone_trouble),
        ("Recipients", mails_trouble),
        ("Stakeholders", mails_trouble),
        ("MailFrom", mail_trouble),
    ):
        yield from _said(name, values.get(name, ""), trouble)
    yield from _said("OperatorMail", environment.watch.get("OperatorMail", ""), mail_trouble)
    yield from _model(values.get("DraftModel", ""), environment.region)
    for name in ("SheetId", "DriveFolderId"):
        if (value := values.get(name, "")) and not _GOOGLE_ID.fullmatch(value):
            inside = re.search(r"/(?:d|folders)/([A-Za-z0-9_-]+)", value)
            fix = f"write {name}={inside[1]}" if inside else "the part of its address behind /d/ or /folders/"
            yield _bad(name, value, "is not the id alone", fix)
    for name in ("ApproveUrl", "ComposeUrl", "SheetUrl"):
        if (value := values.get(name, "")) and not re.fullmatch(r"https://[^\s/]+\.[^\s/]+(/\S*)?", value):
            yield _bad(name, value, "is no https address", "like https://approve.cafe.example/, or leave it out")
    for channel in environment.channels:
        if not _CHANNEL.fullmatch(channel):
            yield _bad("Channels", channel, "is no channel's name", "as in the rules doc, like instagram-main")
    long = sum(len(values.get(name, "").encode()) for name in ("Recipients", "Stakeholders"))
    if long > _ENVIRONMENT_BYTES:
        why = f"have {long} bytes together, and a function's settings hold {_ENVIRONMENT_BYTES} of them"
        yield _bad("Recipients and Stakeholders", "", why, "name a mailing list instead of its members")


def _prefix(root: Path, environment: Environment) -> Iterator[Finding]:
    prefix = environment.prefix
    made = [one for which in TEMPLATES for one in names_made(root, environment, _ACCOUNT, which)]
    if long := max(made, key=lambda one: len(one.name) - one.longest, default=None):
        over = len(long.name) - long.longest
        if over > 0:
            why = f"is too long: {long.name} would have {len(long.name)} characters, {long.longest} are the most"
            yield _bad("Prefix", prefix, why, f"{over} characters less, in another prefix")
            return
    yield from _said("Prefix", prefix, prefix_trouble)


def _said(name: str, value: str, trouble: Callable[[str], str]) -> Iterator[Finding]:
    """As setting up says it: a value is wrong in the same words wherever it stands."""
    if value and (why := trouble(value)):
        said, _, fix = why.partition("; ")
        yield Finding(name, State.BAD, said, f"samconfig.toml, {name}: {fix}")


def _model(model: str, region: str) -> Iterator[Finding]:
    if not model:
        return
    found = _MODEL.fullmatch(model)
    if not found:
        fix = (
            "like global.anthropic.claude-haiku-4-5-20251001-v1:0; the functions' roles allow models of Anthropic alone"
        )
        yield _bad("DraftModel", model, "has not the shape of a model's id", fix)
    elif found[1] and not region.startswith(_REGIONS_OF.get(found[1], ("",))):
        yield _bad(
            "DraftModel",
            model,
            f"is not offered in {region}",
            f"global.{model.partition('.')[2]}, or the profile of that region",
        )
