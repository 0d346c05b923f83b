"""Every grant of template.yaml was used; and what SAM makes of the template is as narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from translated import made

from local import ROOT
from local.deploy import read_template
from local.privileges.asked import ACCOUNT, Asked, arn, asked, events_put, role_arn
from local.privileges.policy import allowed
from local.privileges.recording import Recording
from local.privileges.roles import mesh_roles
from local.privileges.table import kept, wrong
from mesh.events import REGISTRY
from tests.privilege.every_call import Caller

ROLES = mesh_roles()
TEMPLATE = read_template(ROOT / "template.yaml")
ROLES_MODEL = TEMPLATE["Parameters"]["DraftModel"]["Default"]


def of(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for logical_id, resource in made().items():
        if resource["Type"] == kind:
            yield logical_id, resource["Properties"]


def put(source: str, detail_type: str) -> dict[str, str]:
    return {"Source": source, "DetailType": detail_type}


def may(owner: str, one: Asked) -> bool:
    return allowed(ROLES[owner].statements, one)


# used


def test_every_grant_is_used_by_a_recorded_call() -> None:
    assert list(wrong(ROLES, kept())) == []


def test_a_grant_that_nothing_uses_and_a_use_that_nothing_grants_are_told_by_name() -> None:
    used = kept()
    grant = ("sender", "secretsmanager:PutSecretValue", "secretsmanager secret:ss/channels/*")
    assert grant in used
    told = list(wrong(ROLES, {key: value for key, value in used.items() if key != grant}))
    assert told == [f"{' '.join(grant)}: granted, and no recorded call uses it"]
    (told_too,) = wrong(ROLES, {**used, ("sender", "s3:DeleteObject", "PostsBucket"): {"integration"}})
    assert "the template grants it no more" in told_too


def test_a_call_that_the_role_does_not_allow_is_refused_by_name() -> None:
    recording = Recording(ROLES)
    call = {"TableName": "ss-audit", "Key": {}}
    assert recording.call("sender", "dynamodb", "DeleteItem", call, "here") == [
        f"sender may not dynamodb:DeleteItem on arn:aws:dynamodb:ap-southeast-1:{ACCOUNT}:table/ss-audit"
    ]
    (foreign,) = recording.call("sender", "events", "PutEvents", {"Entries": [put("other", "ss.sent")]}, "here")
    assert foreign.endswith("events:source other")
    (strange,) = recording.call("sender", "events", "PutEvents", {"Entries": [put("ss", "ss.approved")]}, "here")
    assert "events:detail-type ss.approved" in strange
    (unknown,) = recording.call("sender", "dynamodb", "ExecuteStatement", {}, "here")
    assert "asked.py does not say" in unknown
    assert recording.told()["used"] == []
    assert recording.call("nobody", "dynamodb", "DeleteItem", call, "here") == []


# no further than it is used


@pytest.mark.parametrize(
    "owner", [owner for owner, role in ROLES.items() if role.taken_on_by == "lambda.amazonaws.com"]
)
def test_a_function_may_write_its_own_log_and_leave_its_dead_letters_and_no_others(owner: str) -> None:
    own = arn("logs", f"log-group:/aws/lambda/ss-{owner}:log-stream:2026/11/22/x")
    other = arn("logs", "log-group:/aws/lambda/ss-other:log-stream:x")
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        assert may(owner, Asked(action, own))
        assert not may(owner, Asked(action, other))
    assert not may(owner, Asked("logs:CreateLogGroup", own))
    assert may(owner, Asked("sqs:SendMessage", arn("sqs", "ss-dead-letters")))
    assert not may(owner, Asked("sqs:ReceiveMessage", arn("sqs", "ss-dead-letters")))
    assert not may(owner, Asked("sqs:SendMessage", arn("sqs", "ss-other")))


@pytest.mark.parametrize("owner", ["notifier", "digest", "recap"])
def test_mail_goes_out_by_the_domains_identity_only_where_the_stack_makes_none_and_under_no_other_address(
    owner: str,
) -> None:
    def by_domain(address: str = "") -> Asked:
        sender = (("ses:FromAddress", address),) if address else ()
        return Asked("ses:SendRawEmail", arn("ses", "identity/example.test"), sender)

    assert not may(owner, by_domain("posts@example.test"))
    known = mesh_roles(own_identity=False)[owner].statements
    assert allowed(known, by_domain("posts@example.test"))
    assert allowed(known, replace(by_domain("posts@example.test"), resource=arn("ses", "identity/posts@example.test")))
    assert not allowed(known, by_domain("ceo@example.test"))
    assert not allowed(known, by_domain())


def test_rules_that_were_never_read_are_told_as_not_there() -> None:
    call = {"Bucket": f"ss-rules-source-{ACCOUNT}", "Key": "rules.txt"}
    assert all(may("renderer", one) for one in asked("s3", "GetObject", call, missed=True))


@pytest.mark.parametrize("owner", ["draft-helper", "recap"])
def test_a_guardrail_is_asked_for_with_the_model_and_only_the_one_that_is_configured(owner: str) -> None:
    call = {"modelId": ROLES_MODEL, "guardrailConfig": {"guardrailIdentifier": "abc123", "guardrailVersion": "4"}}
    wanted = asked("bedrock-runtime", "Converse", call)
    assert [one.action for one in wanted] == ["bedrock:InvokeModel"] * 3 + ["bedrock:ApplyGuardrail"]
    assert all(may(owner, one) for one in wanted)
    assert not may(owner, replace(wanted[-1], resource=arn("bedrock", "guardrail/other")))


# conditions


def test_a_role_is_handed_on_to_scheduler_alone_and_only_ones_own() -> None:
    create = {
        "Name": "n",
        "GroupName": "ss-bookings",
        "Target": {"RoleArn": "arn:aws:iam::1:role/ss-BookingRole-1AB2C"},
    }
    schedule, passing = asked("scheduler", "CreateSchedule", create)
    assert may("scheduler", schedule)
    assert may("scheduler", passing)
    assert not may("scheduler", replace(passing, conditions=(("iam:PassedToService", "lambda.amazonaws.com"),)))
    assert not may("scheduler", replace(passing, resource=role_arn("TemplateRole")))
    assert not may("template-sync", schedule)
    assert not may("template-sync", passing)
    assert not any(may(owner, passing) for owner in ROLES if owner != "scheduler")


def test_events_are_put_under_this_stacks_name_alone() -> None:
    bus = arn("events", "event-bus/default")

    def putting(source: str, kind: str) -> set[str]:
        return {owner for owner in ROLES if may(owner, Asked("events:PutEvents", bus, events_put(source, kind)))}

    assert putting("ss", "ss.send") == {"scheduler", "BookingRole"}
    assert putting("ss", "ss.approved") == {"scheduler", "approve-handler"}
    assert putting("ss", "ss.sent") == {"sender"}
    assert not any(putting("ss-two", kind) for kind in REGISTRY)
    assert not any(may(owner, Asked("events:PutEvents", bus, (("events:source", "ss"),))) for owner in ROLES)


# what SAM makes


def test_no_role_has_a_managed_policy_nor_may_do_everything() -> None:
    for logical_id, properties in of("AWS::IAM::Role"):
        assert not properties.get("ManagedPolicyArns"), logical_id
        for policy in properties["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement.get(
                    "Action", statement.get("Fn::If", ["", statement])[1].get("Action") if "Fn::If" in statement else []
                )
                assert "*" not in str(actions), logical_id
                assert "NotAction" not in statement
                assert statement.get("Resource") != "*", logical_id


def test_sam_makes_no_role_everything_has_ours() -> None:
    assert {logical_id for logical_id, _ in of("AWS::IAM::Role")} <= set(TEMPLATE["Resources"])


def test_each_schedule_of_the_template_may_wake_its_own_function_and_leave_a_dead_letter() -> None:
    seen = 0
    for logical_id, properties in of("AWS::Scheduler::Schedule"):
        target = properties["Target"]
        role = made()[target["RoleArn"]["Fn::GetAtt"][0]]["Properties"]
        granted = [
            (one["Action"], one["Resource"])
            for policy in role["Policies"]
            for one in policy["PolicyDocument"]["Statement"]
        ]
        assert granted == [
            ("lambda:InvokeFunction", target["Arn"]),
            ("sqs:SendMessage", {"Fn::GetAtt": ["DeadLetters", "Arn"]}),
        ], logical_id
        seen += 1
    assert seen == 11


def test_a_function_is_woken_by_its_own_rules_and_the_two_doors_by_their_address() -> None:
    public: dict[str, set[str]] = {}
    for logical_id, properties in of("AWS::Lambda::Permission"):
        if properties["Principal"] == "*":
            bound = properties.get("FunctionUrlAuthType") == "NONE" or properties.get("InvokedViaFunctionUrl") is True
            assert bound, logical_id
            public.setdefault(properties["FunctionName"]["Ref"], set()).add(properties["Action"])
            continue
        assert properties["Principal"] == "events.amazonaws.com", logical_id
        rule = made()[properties["SourceArn"]["Fn::GetAtt"][0]]["Properties"]
        assert [target["Arn"] for target in rule["Targets"]] == [
            {"Fn::GetAtt": [properties["FunctionName"]["Ref"], "Arn"]}
        ]
    both = {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    assert public == {"ApproveHandler": both, "DraftHelper": both}


def test_the_state_machine_invokes_one_function_and_its_rule_starts_it_alone() -> None:
    roles = dict(of("AWS::IAM::Role"))
    (own,) = roles["DraftBatchRole"]["Policies"]
    assert [(one["Action"], one["Resource"]) for one in own["PolicyDocument"]["Statement"]] == [
        ("lambda:InvokeFunction", {"Fn::GetAtt": ["DraftHelper", "Arn"]})
    ]
    (starts,) = roles["DraftBatchStartRole"]["Policies"]
    assert [(one["Action"], one["Resource"]) for one in starts["PolicyDocument"]["Statement"]] == [
        ("states:StartExecution", {"Ref": "DraftBatch"})
    ]


def test_dead_letters_are_left_by_this_stacks_rules_alone_each_by_its_name() -> None:
    ((_, policy),) = of("AWS::SQS::QueuePolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    named = {one["Fn::Sub"].rpartition(":rule/")[2] for one in statement["Condition"]["ArnEquals"]["aws:SourceArn"]}
    assert named == {properties["Name"]["Fn::Sub"] for _, properties in of("AWS::Events::Rule")}


# whose a call is


def asked_through(caller: Caller, *files: str) -> str:
    """Whose a call is that is made through frames of these files of the project, the outermost first."""
    step: Callable[[], str] = caller.name
    for name, file in (("_api_call", ".venv/botocore/client.py"), *(("work", file) for file in reversed(files))):
        space: dict[str, Any] = {"step": step}
        exec(compile(f"def {name}(): return step()", str(ROOT / file), "exec"), space)
        step = space[name]
    return step()


def test_a_call_is_the_functions_also_where_a_watcher_of_the_tests_stands_between() -> None:
    sender = "functions/sender/handler.py"
    assert asked_through(Caller(), "tests/integration/test_some.py", sender) == "sender"
    assert asked_through(Caller(), sender, "tests/canary/watching.py", "layers/mesh/python/mesh/vault.py") == "sender"
    assert asked_through(Caller(), sender, "layers/mesh/python/mesh/vault.py", "tests/canary/watching.py") == "sender"


def test_what_a_test_looks_at_while_a_function_waits_is_nobodys() -> None:
    assert asked_through(Caller(), "functions/sender/handler.py", "tests/integration/moto_mesh.py") == ""
