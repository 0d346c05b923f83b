"""Who takes on the role that GitHub's workflow deploys with, and how its policies are written. What they allow is in tests/privilege."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from local import ROOT
from local.deploy import read_template

ROLE = read_template(ROOT / "stacks" / "deploy-role.yaml")["Resources"]
PLACES = {
    "${AWS::Partition}": "aws",
    "${AWS::Region}": "eu-central-1",
    "${AWS::AccountId}": "123456789012",
    "${Prefix}": "cafe",
}


def statements(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ROLE[name]["Properties"]["PolicyDocument"]["Statement"]
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resolved(value: Any) -> Iterator[str]:
    """The ARNs or patterns that a Resource can come to."""
    match value:
        case list():
            for one in value:
                yield from resolved(one)
        case str():
            yield value
        case {"Fn::Sub": text}:
            for place, known in PLACES.items():
                text = text.replace(place, known)
            yield text
        case _:
            raise AssertionError(value)


GRANTS = [
    (name, statement, action)
    for name in ("RunsPolicy", "StoresPolicy")
    for statement in statements(name)
    for action in listed(statement["Action"])
]


def test_only_jobs_of_that_repository_and_environment_sign_in() -> None:
    (trust,) = ROLE["DeployRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    host = "token.actions.githubusercontent.com"
    assert trust["Condition"] == {
        "StringEquals": {
            f"{host}:aud": "sts.amazonaws.com",
            f"{host}:sub": {"Fn::Sub": "repo:${Repository}:environment:${GitHubEnvironment}"},
        }
    }
    patterns = read_template(ROOT / "stacks" / "deploy-role.yaml")["Parameters"]
    for wild in ("cafe/*", "*/posts", "cafe/posts:ref", "cafe"):
        assert not re.fullmatch(patterns["Repository"]["AllowedPattern"], wild)
    assert not re.fullmatch(patterns["GitHubEnvironment"]["AllowedPattern"], "prod*")


@pytest.mark.parametrize(("name", "statement", "action"), GRANTS, ids=lambda one: one if isinstance(one, str) else "")
def test_every_grant_is_one_action_on_this_business_alone(name: str, statement: dict[str, Any], action: str) -> None:
    assert action == "s3:GetBucket*" or "*" not in action
    shared = ("transform/", "stack/aws-sam-cli-managed-default/", "billingview/primary")
    for arn in resolved(statement["Resource"]):
        assert arn == "*" or "cafe" in arn or any(word in arn for word in shared), arn
        assert not arn.endswith(":*")


@pytest.mark.parametrize("name", ["Boundary", "RunsPolicy", "StoresPolicy"])
def test_a_policy_is_as_small_as_iam_takes_it(name: str) -> None:
    """6,144 characters without spaces; names are as long as they get."""
    text = json.dumps([{**one, "Resource": sorted({*resolved(one["Resource"])})} for one in statements(name)])
    assert len(re.sub(r"\s", "", text.replace("cafe", "a" * 16))) < 6144
