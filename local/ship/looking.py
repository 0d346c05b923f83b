"""What is looked at in the account before a deployment: whose it is, where the business lives, who holds the names it wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.checks.model import Finding, State
from local.ship.account import ShipError, Side, in_words
from local.ship.environments import TEMPLATES, Environment
from local.ship.naming import BUCKET, FUNCTION, LOGS, SECRET, TABLE, Named, names_made
from local.ship.stacks import Stacks
from local.ship.states import Stand, Then, finding

_GONE = {"404", "NoSuchBucket", "ResourceNotFoundException"}
_FAMILY = "social-scheduler-"


@dataclass(frozen=True)
class Left:
    """A resource of an earlier stack's that outlived it and can be taken into the new one; ``identifier`` as an import wants it."""

    named: Named
    identifier: Mapping[str, str]


@dataclass
class Sight:
    """What was found: ``stands`` and ``left`` by which of the three stacks."""

    account: str = ""
    caller: str = ""
    findings: list[Finding] = field(default_factory=list)
    stands: dict[str, Stand] = field(default_factory=dict)
    left: dict[str, tuple[Left, ...]] = field(default_factory=dict)

    @property
    def stops(self) -> bool:
        return any(one.stops for one in self.findings)


def look(root: Path, environment: Environment, side: Side, stacks: Stacks) -> Sight:
    """Asks, and changes nothing. What cannot be asked is a finding too."""
    sight = Sight()
    try:
        _identity(sight, environment, side)
        if sight.stops:
            return sight
        for which in TEMPLATES:
            sight.stands[which] = stacks.stand(environment.stack_name(which))
            sight.findings.append(finding(sight.stands[which], environment.name))
        new = sight.stands[""].then in (Then.MAKE, Then.REMOVE_FIRST)
        if new:
            sight.findings += _elsewhere(environment, side, sight.account)
            sight.findings += _near_names(environment, stacks)
        if sight.stops:
            return sight
        for which in TEMPLATES:
            wanted = names_made(root, environment, sight.account, which)
            sight.left[which] = tuple(_holders(sight, environment, side, stacks, which, wanted))
    except ShipError as error:
        sight.findings.append(Finding("AWS", State.BAD, error.said, error.fix))
    except (ClientError, BotoCoreError) as error:
        told = in_words(error, environment.profile, environment.region)
        sight.findings.append(Finding("AWS", State.BAD, told.said, told.fix))
    return sight


def _identity(sight: Sight, environment: Environment, side: Side) -> None:
    told = side.client("sts").get_caller_identity()
    sight.account, sight.caller = str(told["Account"]), str(told["Arn"])
    if environment.account and environment.account != sight.account:
        said = (
            f"this terminal is signed in to {sight.account}; {environment.name} was deployed to {environment.account}"
        )
        fix = (
            f"sign in to {environment.account}, or name its profile in samconfig.toml; where the business moved on purpose,"
            f" take [{environment.name}.ship.parameters] out of samconfig.toml"
        )
        sight.findings.append(Finding("account", State.BAD, said, fix))
    else:
        sight.findings.append(
            Finding("account", State.GOOD, f"{sight.account} in {environment.region}, as {sight.caller}")
        )


def _elsewhere(environment: Environment, side: Side, account: str) -> Iterator[Finding]:
    """A bucket's name is one of the whole world: it tells where the business lives, or that another account has it."""
    name = f"{environment.prefix}-posts-source-{account}"
    there, region = _bucket(side, name)
    if there == "another's":
        yield Finding(
            "Prefix", State.BAD, f"{name} is a bucket in another account", f"another Prefix than {environment.prefix}"
        )
    elif there and region and region != environment.region:
        said = f"{environment.prefix} lives in {region}: its bucket {name} is there"
        fix = f'write region = "{region}" into samconfig.toml, or take another Prefix for a second business'
        yield Finding("region", State.BAD, said, fix)


def _near_names(environment: Environment, stacks: Stacks) -> Iterator[Finding]:
    """cafe and cafe-north: rights on cafe-* would reach both."""
    for name in stacks.names():
        if not name.startswith(_FAMILY) or name.endswith(("-channels", "-watch", "-deploy-role")):
            continue
        other = name.removeprefix(_FAMILY)
        if other.startswith(f"{environment.prefix}-") or environment.prefix.startswith(f"{other}-"):
            said = f"{environment.prefix} and {other}, which is in this account, begin alike: rights on one's names would reach the other's"
            yield Finding(
                "Prefix",
                State.BAD,
                said,
                f"one that is no beginning of the other, like {environment.prefix.replace('-', '')}2",
            )


def _holders(
    sight: Sight, environment: Environment, side: Side, stacks: Stacks, which: str, wanted: tuple[Named, ...]
) -> Iterator[Left]:
    """What exists already of the names that this stack has not got yet: left by an earlier stack, or somebody else's."""
    stack = environment.stack_name(which)
    stand = sight.stands[which]
    has = set() if stand.then is Then.REMOVE_FIRST else stacks.resources(stack).keys()
    for named in wanted:
        found = _EXISTS[named.kind](side, named.name) if named.kind in _EXISTS and named.logical_id not in has else None
        if not found:
            continue
        owner = stacks.owner(named.name, *found.values())
        if owner == stack:
            continue
        if owner:
            said = f"{named.name} belongs to the stack {owner}"
            sight.findings.append(Finding("Prefix", State.BAD, said, f"another Prefix than {environment.prefix}"))
        elif "deleting" in found:
            said = f"the secret {named.name} waits for its deletion, and keeps its name until then"
            fix = f"aws secretsmanager restore-secret --secret-id {named.name} {environment.place}: then it is adopted"
            sight.findings.append(Finding(named.name, State.BAD, said, fix))
        elif named.kind == FUNCTION:
            said = f"there is a function {named.name} that belongs to no stack"
            fix = f"another Prefix, or remove it: aws lambda delete-function --function-name {named.name} {environment.place}"
            sight.findings.append(Finding(named.name, State.BAD, said, fix))
        else:
            yield Left(named, found)


def _table(side: Side, name: str) -> Mapping[str, str] | None:
    asked = _asked(lambda: side.client("dynamodb").describe_table(TableName=name))
    return {"TableName": name} if asked else None


def _bucket_is_there(side: Side, name: str) -> Mapping[str, str] | None:
    return {"BucketName": name} if _bucket(side, name)[0] else None


def _secret(side: Side, name: str) -> Mapping[str, str] | None:
    asked = _asked(lambda: side.client("secretsmanager").describe_secret(SecretId=name))
    if not asked:
        return None
    return {"Id": str(asked["ARN"]), **({"deleting": name} if asked.get("DeletedDate") else {})}


def _logs(side: Side, name: str) -> Mapping[str, str] | None:
    """Lambda makes one anew when a function's last line comes after its log group went."""
    groups = side.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return {"LogGroupName": name} if any(one["logGroupName"] == name for one in groups) else None


def _function(side: Side, name: str) -> Mapping[str, str] | None:
    asked = _asked(lambda: side.client("lambda").get_function_configuration(FunctionName=name))
    return {"FunctionName": name} if asked else None


_EXISTS: dict[str, Callable[[Side, str], Mapping[str, str] | None]] = {
    TABLE: _table,
    BUCKET: _bucket_is_there,
    SECRET: _secret,
    LOGS: _logs,
    FUNCTION: _function,
}


def _asked(ask: Callable[[], Any]) -> Mapping[str, Any] | None:
    """None where there is none of the name."""
    try:
        answer: Mapping[str, Any] = ask()
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            return None
        raise
    return answer


def _bucket(side: Side, name: str) -> tuple[str, str]:
    """``ours`` or ``another's`` with its region, both "" where there is none."""
    try:
        answer = side.client("s3").head_bucket(Bucket=name)
    except ClientError as error:
        code, headers = error.response["Error"]["Code"], error.response["ResponseMetadata"].get("HTTPHeaders", {})
        if code in _GONE:
            return "", ""
        if code in ("301", "PermanentRedirect", "400"):
            return "ours", str(headers.get("x-amz-bucket-region", ""))
        if code in ("403", "AccessDenied"):
            return "another's", ""
        raise
    headers = answer["ResponseMetadata"].get("HTTPHeaders", {})
    return "ours", str(answer.get("BucketRegion") or headers.get("x-amz-bucket-region", ""))
