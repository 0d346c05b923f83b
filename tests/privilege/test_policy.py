"""Policies are judged as IAM documents it, and as two evaluators of others judge them, on cases made at random from a fixed seed."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document
from moto.iam.access_control import IAMPolicy, PermissionResult

from local.privileges.asked import Asked
from local.privileges.policy import NotUnderstoodError, Resource, Statement, allowed, uses

BUS = "arn:aws:events:ap-southeast-1:000000000000:event-bus/default"
ACTIONS = (
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:PutObject",
    "s3:ListBucket",
    "events:PutEvents",
    "dynamodb:GetItem",
)
ASKED_ACTIONS = (*ACTIONS, "s3:getobject")
PATTERNS = (
    "s3:GetObject",
    "s3:Get*",
    "s3:*",
    "*",
    "events:PutEvents",
    "s3:?etObject",
    "dynamodb:GetItem",
    "s3:PutObject",
)
ARNS = (
    BUS,
    "arn:aws:s3:::b/posts.csv",
    "arn:aws:s3:::b/postsxcsv",
    "arn:aws:s3:::b/images/a/b",
    "arn:aws:s3:::b",
    "arn:aws:s3:::bb",
)
ARN_PATTERNS = (*ARNS, "arn:aws:s3:::b/*", "arn:aws:s3:::b/images/*", "arn:aws:s3:::?", "*", "arn:aws:s3:::b*")
CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"StringEquals": {"events:source": ["ss"]}},
    {"StringLike": {"events:source": ["s*"]}},
    {"StringNotEquals": {"events:source": ["ss"]}},
)
CASES = 4000


def statement(document: dict[str, Any]) -> Statement:
    return Statement(
        document["Effect"] == "Allow",
        tuple(document["Action"]),
        tuple(Resource(one, one) for one in document["Resource"]),
        document.get("Condition", {}),
    )


def case(chance: random.Random) -> tuple[list[dict[str, Any]], Asked]:
    documents = []
    for _ in range(chance.randint(1, 4)):
        document: dict[str, Any] = {
            "Effect": chance.choice(("Allow", "Allow", "Allow", "Deny")),
            "Action": chance.sample(PATTERNS, chance.randint(1, 2)),
            "Resource": chance.sample(ARN_PATTERNS, chance.randint(1, 3)),
        }
        if condition := chance.choice(CONDITIONS):
            document["Condition"] = condition
        documents.append(document)
    given = chance.choice(((), (("events:source", "ss"),), (("events:source", "other"),)))
    return documents, Asked(chance.choice(ASKED_ACTIONS), chance.choice(ARNS), given)


def cases() -> list[tuple[list[dict[str, Any]], Asked]]:
    chance = random.Random(20261122)
    return [case(chance) for _ in range(CASES)]


def test_ministacks_evaluator_judges_every_case_the_same() -> None:
    verdicts = Counter[bool]()
    for documents, one in cases():
        context = EvalContext(
            "arn:aws:sts::000000000000:assumed-role/r/s",
            "AssumedRole",
            "000000000000",
            one.action,
            one.resource,
            "ap-southeast-1",
            service_context=dict(one.conditions),
        )
        theirs = evaluate(context, [parse_policy_document({"Version": "2012-10-17", "Statement": documents})])
        ours = allowed([statement(document) for document in documents], one)
        verdicts[ours] += 1
        assert ours == (theirs.decision == "Allow"), (documents, one)
    assert min(verdicts[True], verdicts[False]) > CASES / 10


def why_moto_differs(documents: list[dict[str, Any]], one: Asked) -> str:
    """What moto does otherwise than IAM documents it, in this case; "" for nothing known."""
    if any("Condition" in document for document in documents):
        return "moto takes a condition that does not hold for a refusal, and knows few operators"
    told = json.dumps(documents)
    if "?" in told:
        return "moto takes ? for a regular expression's"
    if one.action != "s3:GetObject" and one.action.lower() == "s3:getobject":
        return "moto tells the case of an action"
    if "posts.csv" in told and one.resource.endswith("postsxcsv"):
        return "moto takes a dot for any character"
    return ""


def test_motos_evaluator_judges_the_same_but_for_four_reasons() -> None:
    reasons = Counter[str]()
    for documents, one in cases():
        policy = IAMPolicy(json.dumps({"Version": "2012-10-17", "Statement": documents}))
        try:
            theirs = policy.is_action_permitted(one.action, one.resource, None, dict(one.conditions))
        except Exception:  # noqa: BLE001 - it has no words of its own for what it does not know
            reasons[why_moto_differs(documents, one) or "raises"] += 1
            continue
        ours = allowed([statement(document) for document in documents], one)
        if ours != (theirs is PermissionResult.PERMITTED):
            reasons[why_moto_differs(documents, one) or f"? {documents} {one}"] += 1
        else:
            reasons["the same"] += 1
    assert len(reasons) == 5, reasons
    assert reasons["the same"] > CASES / 2, reasons


def test_a_refusal_wins_over_any_grant() -> None:
    everything = (Resource("*", "*"),)
    one = Asked("s3:GetObject", "arn:aws:s3:::b/k")
    assert allowed([Statement(True, ("*",), everything)], one)
    assert not allowed([Statement(True, ("*",), everything), Statement(False, ("s3:*",), everything)], one)
    assert uses([Statement(True, ("*",), everything), Statement(False, ("s3:*",), everything)], one) == ()


def test_what_is_excepted_is_not_meant() -> None:
    rest = Statement(True, but_actions=("iam:*",), but_resources=(Resource("arn:aws:s3:::secret/*", "secret"),))
    assert allowed([rest], Asked("s3:GetObject", "arn:aws:s3:::b/k"))
    assert not allowed([rest], Asked("iam:PassRole", "arn:aws:s3:::b/k"))
    assert not allowed([rest], Asked("s3:GetObject", "arn:aws:s3:::secret/k"))


def test_an_arn_is_compared_part_by_part() -> None:
    one = Statement(
        True, ("*",), (Resource("*", "*"),), {"ArnLike": {"aws:SourceArn": ["arn:aws:events:*:1:rule/ss-*"]}}
    )
    for arn, fits in (
        ("arn:aws:events:x:1:rule/ss-news", True),
        ("arn:aws:events:x:2:rule/ss-news", False),
        ("ss", False),
    ):
        assert allowed([one], Asked("sqs:SendMessage", "q", (("aws:SourceArn", arn),))) is fits
    assert not allowed([one], Asked("sqs:SendMessage", "q"))


def test_an_operator_that_nobody_wrote_is_an_error_and_never_a_yes() -> None:
    one = Statement(True, ("*",), (Resource("*", "*"),), {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}})
    with pytest.raises(NotUnderstoodError, match="IpAddress"):
        allowed([one], Asked("s3:GetObject", "arn:aws:s3:::b/k"))
