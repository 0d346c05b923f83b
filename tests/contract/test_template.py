"""template.yaml keeps what docs/architecture.md promises of every function, rule, schedule and role."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mesh.rulebook
from local.console.mesh_code import made_by
from local.deploy import read_template
from mesh.events import REGISTRY
from mesh.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "template.yaml"
PARSED = read_template(TEMPLATE)
RESOURCES: dict[str, dict[str, Any]] = PARSED["Resources"]

# MB and seconds; changed only by measurement. In the order in which a post passes through them.
SIZES = {
    "drive-sync": (256, 60),
    "draft-helper": (512, 120),
    "template-sync": (256, 30),
    "renderer": (1024, 60),
    "scheduler": (512, 60),
    "notifier": (256, 30),
    "approve-handler": (256, 15),
    "sender": (512, 60),
    "digest": (1024, 45),  # a week of 5,000 posts: 0031
    "recap": (512, 60),
}
WOKEN_BY = {
    "drive-sync": {
        "ss.package.ready",
        "ss.approved",
        "ss.held",
        "ss.released",
        "ss.voided",
        "ss.sent",
        "ss.failed",
        "ss.draft.accepted",
        "ss.row.wanted",
    },
    "draft-helper": {"ss.draft.requested"},
    "template-sync": {"ss.rules.changed"},
    "renderer": {"ss.package.wanted"},
    "scheduler": {
        "ss.calendar.changed",
        "ss.rules.changed",
        "ss.package.ready",
        "ss.cleared",
        "ss.held",
        "ss.released",
        "ss.attempt.failed",
    },
    "notifier": {
        "ss.review.requested",
        "ss.code.wanted",
        "ss.draft.ready",
        "ss.approved",
        "ss.held",
        "ss.released",
        "ss.voided",
        "ss.sent",
        "ss.failed",
        "ss.trouble",
    },
    "approve-handler": set(),
    "sender": {"ss.send", "ss.retry", "ss.probe", "ss.answered"},
    "digest": set(),
    "recap": set(),
}
SCHEDULES = {
    "drive-sync": ("rate(5 minutes)", {"poll": True}),
    "draft-sweep": ("rate(5 minutes)", {"tick": "drafts"}),
    "template-sweep": ("rate(10 minutes)", {"tick": "templates"}),
    "sweep": ("rate(5 minutes)", {"tick": "sweep"}),
    "troubles": ("rate(5 minutes)", {"tick": "troubles"}),
    "daily-tick": ("cron(0 7 * * ? *)", {"tick": "daily"}),
    "daily-probe": ("cron(30 7 * * ? *)", {"tick": "probe"}),
    "weekly-digest": ("cron(0 18 ? * SUN *)", {"tick": "digest"}),
    "weekly-digest-again": ("cron(0 20 ? * SUN *)", {"tick": "digest"}),
    "monthly-recap": ("cron(0 9 ? * 2#1 *)", {"tick": "recap"}),
    "monthly-recap-again": ("cron(0 12 ? * 2#1 *)", {"tick": "recap"}),
}
DEAD_LETTERS = {"Fn::GetAtt": ["DeadLetters", "Arn"]}
MAXIMUM_AGE_SECONDS = 900

# What the ledger's and the working memory's methods ask of DynamoDB (mesh.ledger): the emulator grants everything, AWS does not.
_CHANGE = {("StatusTable", "GetItem"), ("StatusTable", "PutItem"), ("AuditTable", "PutItem")}
CALLS = {
    ("ledger", "status"): {("StatusTable", "GetItem")},
    ("ledger", "statuses"): {("StatusTable", "BatchGetItem")},
    ("ledger", "drafts"): {("StatusTable/index/open", "Query")},
    ("ledger", "open_statuses"): {("StatusTable/index/open", "Query")},
    ("ledger", "deciding"): {("StatusTable", "BatchGetItem"), ("RuntimeTable", "BatchGetItem")},
    ("ledger", "head"): {("SendsTable", "GetItem")},
    ("ledger", "heads"): {("SendsTable", "BatchGetItem")},
    ("ledger", "attempt"): {("SendsTable", "GetItem")},
    ("ledger", "attempts"): {("SendsTable", "Query")},
    ("ledger", "sent_since"): {("SendsTable/index/month", "Query")},
    ("records", "tries_sent"): {("SendsTable/index/month", "Query")},
    ("records", "trail"): {("AuditTable/index/month", "Query")},
    ("records", "chain"): {("AuditTable", "Query")},
    ("records", "heads"): {("SendsTable", "BatchGetItem")},
    ("records", "tries"): {("SendsTable", "BatchGetItem")},
    ("ledger", "sending"): {(f"{table}Table", "BatchGetItem") for table in ("Status", "Sends", "Runtime")},
    ("ledger", "change_status"): _CHANGE,
    ("ledger", "show"): {("StatusTable", "UpdateItem")},
    ("ledger", "derive"): _CHANGE | {("SendsTable", "BatchGetItem")},
    ("ledger", "change_head"): {("SendsTable", "PutItem"), ("AuditTable", "PutItem")},
    ("ledger", "claim_checks"): {("StatusTable", "ConditionCheckItem"), ("RuntimeTable", "ConditionCheckItem")},
    ("ledger", "set_standing"): {("RuntimeTable", "GetItem"), ("RuntimeTable", "PutItem"), ("AuditTable", "PutItem")},
    ("ledger", "change_kept"): {("RuntimeTable", "PutItem"), ("AuditTable", "PutItem")},
    ("ledger", "count"): {("RuntimeTable", "PutItem")},
    ("ledger", "standing"): {("RuntimeTable", "BatchGetItem")},
    ("ledger", "nonce"): {("RuntimeTable", "PutItem")},
    ("reading", "read"): {
        ("SendsTable/index/month", "Query"),
        ("SendsTable", "BatchGetItem"),
        ("AuditTable/index/month", "Query"),
        ("AuditTable", "Query"),
        ("RuntimeTable", "BatchGetItem"),
    },
    ("office", "send_all"): {("RuntimeTable", "PutItem")},
    ("runtime", "get"): {("RuntimeTable", "GetItem")},
    ("runtime", "several"): {("RuntimeTable", "BatchGetItem")},
    ("runtime", "put"): {("RuntimeTable", "PutItem")},
    ("runtime", "swap"): {("RuntimeTable", "PutItem")},
    ("runtime", "first"): {("RuntimeTable", "PutItem")},
    ("runtime", "agree"): {("RuntimeTable", "PutItem"), ("RuntimeTable", "GetItem")},
    ("runtime", "begin"): {("RuntimeTable", "PutItem")},
    ("runtime", "done"): {("RuntimeTable", "PutItem")},
    ("spending", "count"): {("RuntimeTable", "UpdateItem")},
    ("spending", "count_draft"): {("RuntimeTable", "UpdateItem")},
    ("spending", "spent_between"): {("RuntimeTable", "BatchGetItem")},
    ("runtime", "add"): {("RuntimeTable", "UpdateItem")},
    ("runtime", "gather"): {("RuntimeTable", "UpdateItem")},
    ("runtime", "gathered"): {("RuntimeTable", "GetItem")},
    ("runtime", "forget"): {("RuntimeTable", "DeleteItem")},
    ("runtime", "take_lease"): {("RuntimeTable", "PutItem"), ("RuntimeTable", "UpdateItem")},
    ("runtime", "release_lease"): {("RuntimeTable", "DeleteItem"), ("RuntimeTable", "UpdateItem")},
}


# What a call reads only where nobody has read it before, by who always has: the recorded calls know no such read (docs/privileges.md).
READ_BEFORE = {"approve-handler": {("RuntimeTable", "GetItem")}}

LAYER = ROOT / "layers" / "mesh" / "python" / "mesh"
# Whose reads and writes are made by the layer's own code: all of these folders counts as the function's.
THROUGH = {"digest": ("messages", "reckoning")}


def functions() -> dict[str, tuple[str, dict[str, Any]]]:
    """Logical id and properties by name, in the template's order."""
    found = {}
    for logical_id, resource in RESOURCES.items():
        if resource["Type"] == "AWS::Serverless::Function":
            name = resource["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("${Prefix}-")
            found[name] = (logical_id, resource["Properties"])
    return found


def events(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, (_, properties) in functions().items():
        for event in properties.get("Events", {}).values():
            if event["Type"] == kind:
                yield name, event["Properties"]


def statements(name: str) -> list[dict[str, Any]]:
    return [granting(statement) for statement in whole(name)]


def whole(name: str) -> list[dict[str, Any]]:
    """Of the function's own role, as they stand there."""
    (policy,) = RESOURCES[role_of(name)]["Properties"]["Policies"]
    return list(policy["PolicyDocument"]["Statement"])


def role_of(name: str) -> str:
    return str(functions()[name][1]["Role"]["Fn::GetAtt"][0])


def granting(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement that stands there on a condition counts as given."""
    if "Fn::If" in statement:
        _, given, otherwise = statement["Fn::If"]
        assert otherwise == {"Ref": "AWS::NoValue"}
        return dict(given)
    return statement


def every_statement() -> Iterator[tuple[str, dict[str, Any]]]:
    for logical_id, resource in RESOURCES.items():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"]["Policies"]:
                for statement in policy["PolicyDocument"]["Statement"]:
                    yield logical_id, granting(statement)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def told(resource: Any) -> str:
    """An ARN as this test writes it: ``StatusTable``, ``StatusTable/index/open``, or the text of a Sub."""
    if "Fn::GetAtt" in resource:
        return str(listed(resource["Fn::GetAtt"])[0])
    text = resource.get("Fn::Sub", resource.get("Ref", resource))
    text = text[0] if isinstance(text, list) else text
    return str(text).replace(".Arn}", "").removeprefix("${") if ".Arn}" in str(text) else str(text)


def either(resource: Any) -> list[Any]:
    """What a Resource comes to, on its condition or not."""
    return list(resource["Fn::If"][1:]) if isinstance(resource, dict) and "Fn::If" in resource else [resource]


def granted(name: str, service: str) -> set[tuple[str, str]]:
    """(resource, action) pairs."""
    return {
        (told(resource), action.removeprefix(f"{service}:"))
        for statement in statements(name)
        for action in listed(statement["Action"])
        if action.startswith(f"{service}:")
        for one in listed(statement["Resource"])
        for resource in either(one)
    }


each_function = pytest.mark.parametrize("name", list(SIZES))


def test_the_functions_stand_in_the_order_a_post_passes_them() -> None:
    assert list(functions()) == list(SIZES)


def test_sizes_and_timeouts_are_those_of_the_architecture() -> None:
    sizes = {name: (properties["MemorySize"], properties["Timeout"]) for name, (_, properties) in functions().items()}
    assert sizes == SIZES


def test_every_function_runs_on_the_same_python_and_processor() -> None:
    shared = PARSED["Globals"]["Function"]
    assert (shared["Runtime"], shared["Architectures"]) == ("python3.14", ["arm64"])
    for name, (_, properties) in functions().items():
        assert not {"Runtime", "Architectures", "VpcConfig"} & set(properties), name


@each_function
def test_a_functions_block_is_contiguous_and_begins_with_its_log_group_of_seven_days_and_its_role(name: str) -> None:
    logical_id, properties = functions()[name]
    order = list(RESOURCES)
    begins = order.index(logical_id) - 2
    assert order[begins : begins + 2] == [f"{logical_id}LogGroup", f"{logical_id}Role"]
    assert properties["Role"] == {"Fn::GetAtt": [f"{logical_id}Role", "Arn"]}
    group = RESOURCES[f"{logical_id}LogGroup"]["Properties"]
    assert group["RetentionInDays"] == 7
    assert group["LogGroupName"]["Fn::Sub"] == "/aws/lambda/" + properties["FunctionName"]["Fn::Sub"]


@each_function
def test_what_a_function_cannot_handle_is_tried_again_for_a_while_and_then_kept(name: str) -> None:
    invoke = functions()[name][1]["EventInvokeConfig"]
    assert 1 <= invoke["MaximumRetryAttempts"] <= 2
    assert invoke["MaximumEventAgeInSeconds"] == MAXIMUM_AGE_SECONDS
    assert invoke["DestinationConfig"]["OnFailure"] == {"Type": "SQS", "Destination": DEAD_LETTERS}


@each_function
def test_a_function_is_woken_by_the_events_it_handles(name: str) -> None:
    woken = {
        detail_type
        for owner, rule in events("EventBridgeRule")
        if owner == name and rule["Pattern"]["source"] == OWN
        for detail_type in rule["Pattern"]["detail-type"]
    }
    assert woken == WOKEN_BY[name]
    assert woken <= set(REGISTRY)


OWN = [{"Ref": "Prefix"}]


def test_every_rule_listens_to_this_stack_alone_and_loses_nothing() -> None:
    foreign = {rule["RuleName"]["Fn::Sub"]: rule["Pattern"] for _, rule in events("EventBridgeRule")}
    foreign = {name: pattern for name, pattern in foreign.items() if pattern["source"] != OWN}
    assert foreign == {
        "${Prefix}-notifier-returns": {
            "source": ["aws.ses"],
            "detail-type": ["Email Bounced", "Email Complaint Received"],
            "detail": {"mail": {"tags": {"ses:configuration-set": [{"Ref": "MailSet"}]}}},
        }
    }
    for name, rule in events("EventBridgeRule"):
        assert rule["RetryPolicy"]["MaximumEventAgeInSeconds"] == MAXIMUM_AGE_SECONDS, name
        assert rule["RetryPolicy"]["MaximumRetryAttempts"] > 0, name
        assert rule["DeadLetterConfig"] == {"Arn": DEAD_LETTERS}, name


def test_every_schedule_follows_the_business_time_zone_and_loses_nothing() -> None:
    assert "Default" not in PARSED["Parameters"]["TimeZone"]
    found = {}
    for _, schedule in events("ScheduleV2"):
        name = schedule["Name"]["Fn::Sub"].removeprefix("${Prefix}-")
        assert schedule["ScheduleExpressionTimezone"] == {"Ref": "TimeZone"}, name
        assert schedule["RetryPolicy"]["MaximumEventAgeInSeconds"] == MAXIMUM_AGE_SECONDS, name
        assert schedule["DeadLetterConfig"] == {"Arn": DEAD_LETTERS}, name
        found[name] = (schedule["ScheduleExpression"], json.loads(schedule["Input"]))
    assert found == SCHEDULES
    kinds = {event["Type"] for _, properties in functions().values() for event in properties.get("Events", {}).values()}
    assert kinds == {"EventBridgeRule", "ScheduleV2"}
    plain = {
        name for name, one in RESOURCES.items() if one["Type"] in {"AWS::Scheduler::Schedule", "AWS::Events::Rule"}
    }
    assert plain == {"DraftBatchRequested"}, (
        "any other would escape the test above; tests/contract/test_batch_machine.py has this one"
    )


def test_no_function_may_invoke_another() -> None:
    actions = {action for name in functions() for one in statements(name) for action in listed(one["Action"])}
    assert not {action for action in actions if action.startswith("lambda:") or "*" in action}


def test_a_schedule_alone_wakes_a_function_by_itself_and_only_the_one_that_made_it() -> None:
    waking = {
        owner: told(one["Resource"])
        for owner, one in every_statement()
        if any(action.startswith("lambda:") for action in listed(one["Action"]))
    }
    assert waking.pop("DraftBatchRole") == "DraftHelper", "the machine's steps"
    target = waking.pop("TemplateRole")
    assert target.rpartition(":function:")[2] == "${Prefix}-template-sync"
    assert functions()["template-sync"][1]["Environment"]["Variables"]["TARGET_ARN"]["Fn::Sub"] == target
    ticked = {functions()[name][0] for name, _ in events("ScheduleV2")}
    assert waking == {f"{logical_id}TickRole": logical_id for logical_id in ticked}


def test_every_schedule_wakes_its_function_by_a_role_of_that_function_which_nobody_elses_schedules_take_on() -> None:
    for name, schedule in events("ScheduleV2"):
        role = f"{functions()[name][0]}TickRole"
        assert schedule["RoleArn"] == {"Fn::GetAtt": [role, "Arn"]}, name
        assert "GroupName" not in schedule, "the role is for schedules of the default group"
        (trust,) = RESOURCES[role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
        assert trust["Condition"] == {
            "StringEquals": {
                "aws:SourceAccount": {"Ref": "AWS::AccountId"},
                "aws:SourceArn": {
                    "Fn::Sub": "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default"
                },
            }
        }, name


def test_no_grant_is_for_everything() -> None:
    for name, statement in every_statement():
        for resource in listed(statement["Resource"]):
            assert told(resource) != "*", f"{name}: {statement['Action']}"


def test_a_wildcard_stands_only_at_the_end_of_a_name_of_ours() -> None:
    allowed = {
        "PostsBucket/images/*",
        "PostsBucket/packages/*",
        "PostsBucket/uploads/*",
        "RenderCacheBucket/*",
        "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/${BookingGroup}/*",
        "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/${TemplateGroup}/*",
        "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule/*/*",  # ListSchedules alone: see below
        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${Prefix}/channels/*",
        "arn:${AWS::Partition}:bedrock:*::foundation-model/anthropic.*",  # a global profile answers from whichever region
    }
    wild = {told(resource) for _, statement in every_statement() for resource in listed(statement["Resource"])}
    assert {text for text in wild if "*" in text} == allowed


def test_events_are_put_only_under_this_stacks_name_and_only_those_that_ones_own_code_makes() -> None:
    made = made_by(ROOT / "functions")
    putting = set()
    for role, statement in every_statement():
        if "events:PutEvents" not in listed(statement["Action"]):
            continue
        putting.add(role)
        ((operator, whole_condition),) = statement["Condition"].items()
        condition = dict(whole_condition)
        assert (operator, condition.pop("events:source")) == ("StringEquals", {"Ref": "Prefix"}), role
        (kinds,) = condition.values()
        assert set(condition) == {"events:detail-type"}, role
        owner = next((name for name in SIZES if role_of(name) == role), "")
        own = made[owner.replace("-", "_")] if owner else ["ss.send", "ss.retry"]
        assert len(set(kinds)) == len(kinds) > 0, role
        assert set(kinds) <= set(own), f"{role} may put what its code does not make"
    assert len(putting) == 8


KEEPERS = {"scheduler": ("BookingGroup", "BookingRole"), "template-sync": ("TemplateGroup", "TemplateRole")}


def test_two_functions_keep_schedules_each_its_own_group_and_pass_one_role_to_one_service() -> None:
    for name in SIZES:
        actions = {action for statement in statements(name) for action in listed(statement["Action"])}
        assert bool({one for one in actions if one.startswith(("scheduler:", "iam:"))}) == (name in KEEPERS), name
    for name, (group, role) in KEEPERS.items():
        (passing,) = [one for one in statements(name) if "iam:PassRole" in listed(one["Action"])]
        assert passing["Resource"] == {"Fn::GetAtt": [role, "Arn"]}
        assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
        kept = {resource for resource, action in granted(name, "scheduler") if action != "ListSchedules"}
        assert [one.rpartition(":schedule/")[2] for one in kept] == [f"${{{group}}}/*"]


@pytest.mark.parametrize("name", sorted(KEEPERS))
def test_outside_its_group_schedules_are_listed_and_nothing_else(name: str) -> None:
    outside = [one for one in statements(name) if told(listed(one["Resource"])[0]).endswith(":schedule/*/*")]
    assert [one["Action"] for one in outside] == [["scheduler:ListSchedules"]]


def test_the_booked_posts_role_and_the_recurring_posts_role_reach_nothing_but_what_they_are_for() -> None:
    def of(role: str) -> set[str]:
        return {action for owner, one in every_statement() if owner == role for action in listed(one["Action"])}

    assert of("BookingRole") == {"events:PutEvents", "sqs:SendMessage"}
    assert of("TemplateRole") == {"lambda:InvokeFunction", "sqs:SendMessage"}


def test_each_secret_is_read_by_those_who_need_it() -> None:
    readers: dict[str, set[str]] = {}
    for name in SIZES:
        for resource, _ in granted(name, "secretsmanager"):
            readers.setdefault(resource.rsplit(":", 1)[-1], set()).add(name)
    assert readers == {
        "DriveSecret": {"drive-sync", "sender"},
        "${DriveReaderSecret}-??????": {"sender"},
        "SigningSecret": {"notifier", "approve-handler", "digest"},
        "ComposeSecret": {"notifier", "draft-helper", "digest"},
        "${SlackSecret}-??????": {"notifier", "approve-handler", "digest", "recap"},
        "${Prefix}/channels/*": {"sender"},
    }


def test_with_a_key_that_only_reads_the_sender_has_that_and_not_the_one_that_writes() -> None:
    assert PARSED["Parameters"]["DriveReaderSecret"]["Default"] == ""
    environment = functions()["sender"][1]["Environment"]["Variables"]
    assert environment["DRIVE_SECRET"] == {
        "Fn::If": ["HasDriveReader", {"Ref": "DriveReaderSecret"}, {"Ref": "DriveSecret"}]
    }
    (grant,) = [one for one in statements("sender") if "DriveReaderSecret" in json.dumps(one)]
    assert grant["Action"] == ["secretsmanager:GetSecretValue"]
    condition, reader, writer = grant["Resource"]["Fn::If"]
    assert (condition, writer) == ("HasDriveReader", {"Ref": "DriveSecret"})
    assert reader["Fn::Sub"].endswith(":secret:${DriveReaderSecret}-??????")
    assert not [
        one for name in SIZES if name != "sender" for one in statements(name) if "DriveReader" in json.dumps(one)
    ]


def test_slacks_secret_is_read_only_where_it_is_named() -> None:
    assert PARSED["Parameters"]["SlackSecret"]["Default"] == ""
    for name in ("notifier", "approve-handler", "digest", "recap"):
        (slack,) = [one["Fn::If"] for one in whole(name) if "${SlackSecret}" in json.dumps(one)]
        assert slack[0] == "HasSlack"


def test_mail_is_sent_by_those_who_tell_and_only_from_the_business_address() -> None:
    senders = {name for name in SIZES if granted(name, "ses")}
    assert senders == {"notifier", "digest", "recap"}
    for name in sorted(senders):
        (mail,) = [one for one in statements(name) if "ses:SendEmail" in listed(one["Action"])]
        assert mail["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}}, name


@each_function
def test_nobody_deletes_what_is_kept_for_ever(name: str) -> None:
    deletes = {resource for resource, action in granted(name, "dynamodb") if "Delete" in action}
    assert deletes <= {"RuntimeTable"}
    assert not {action for _, action in granted(name, "s3") if "Delete" in action}
    assert {action for resource, action in granted(name, "dynamodb") if resource == "AuditTable"} <= {
        "PutItem",
        "Query",
    }


@each_function
def test_a_function_may_do_to_the_tables_what_its_code_does_and_no_more(name: str) -> None:
    folder = ROOT / "functions" / name.replace("-", "_")
    through = [file for part in THROUGH.get(name, ()) for file in (LAYER / part).rglob("*.py")]
    calls = {call for file in [*folder.glob("*.py"), *through] for call in calls_in(file)}
    assert calls, "no call was found: this test looks at nothing"
    needed = {grant for call in calls for grant in CALLS[call]}
    needed -= READ_BEFORE.get(name, set())
    given = granted(name, "dynamodb")
    assert not needed - given, "the template lacks these grants"
    assert not given - needed, "no code uses these grants"


def calls_in(file: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id
            call = (owner.lstrip("_"), node.attr)
            if call in CALLS:
                yield call


@each_function
def test_a_functions_environment_holds_all_its_settings_ask_for(name: str) -> None:
    package = name.replace("-", "_")
    module = importlib.import_module(f"{package}.settings")
    (model,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Settings) and value.__module__ == module.__name__
    )
    wanted = {field.upper() for field, info in model.model_fields.items() if info.is_required()}
    given = set(PARSED["Globals"]["Function"]["Environment"]["Variables"])
    given |= set(functions()[name][1].get("Environment", {}).get("Variables", {}))
    assert wanted <= given


def test_the_page_is_public_and_nothing_else_is() -> None:
    public = {name for name, (_, properties) in functions().items() if "FunctionUrlConfig" in properties}
    assert public == {"approve-handler", "draft-helper"}


def test_what_the_business_keeps_outlives_the_stack() -> None:
    kept = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
    for logical_id, resource in RESOURCES.items():
        if resource["Type"] in kept:
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain"), logical_id


def test_buckets_are_private_and_encrypted_and_versioned_but_for_what_can_be_made_again() -> None:
    for logical_id, resource in RESOURCES.items():
        if resource["Type"] == "AWS::S3::Bucket":
            properties = resource["Properties"]
            versioned = properties.get("VersioningConfiguration") == {"Status": "Enabled"}
            assert versioned == (logical_id != "RenderCacheBucket"), logical_id
            assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}, logical_id
            assert properties["BucketEncryption"], logical_id
            assert properties["BucketName"]["Fn::Sub"].endswith("-${AWS::AccountId}"), logical_id


def test_no_bucket_is_spoken_to_in_the_clear_and_no_policy_of_a_bucket_lets_anybody_in() -> None:
    policies = {
        resource["Properties"]["Bucket"]["Ref"]: resource["Properties"]["PolicyDocument"]["Statement"]
        for resource in RESOURCES.values()
        if resource["Type"] == "AWS::S3::BucketPolicy"
    }
    assert set(policies) == {name for name, one in RESOURCES.items() if one["Type"] == "AWS::S3::Bucket"}
    for name, (statement,) in policies.items():
        assert statement == {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}],
            "Condition": {"Bool": {"aws:SecureTransport": False}},
        }


def test_versions_of_the_mirror_are_read_by_the_two_that_compare_them() -> None:
    reading = {
        (name, json.dumps(statement["Resource"]))
        for name in SIZES
        for statement in statements(name)
        if "s3:GetObjectVersion" in statement["Action"]
    }
    posts, rules = (
        {"Fn::Sub": f"${{{bucket}.Arn}}/{key}"}
        for bucket, key in (("PostsBucket", "posts.csv"), ("RulesBucket", "rules.txt"))
    )
    assert reading == {("drive-sync", json.dumps(posts)), ("scheduler", json.dumps([posts, rules]))}


def test_uploads_are_put_by_a_signed_address_and_read_by_those_who_need_their_bytes() -> None:
    reached: dict[str, set[str]] = {}
    for name in functions():
        for where, action in granted(name, "s3"):
            if "uploads/" in where:
                reached.setdefault(name, set()).add(action)
    assert reached["draft-helper"] == {"GetObject", "PutObject"}
    assert {name: actions for name, actions in reached.items() if name != "draft-helper"}.items() >= {
        "drive-sync": {"GetObject"},
        "sender": {"GetObject"},
    }.items()
    assert {action for actions in reached.values() for action in actions} == {"GetObject", "PutObject"}
    bucket = RESOURCES["PostsBucket"]["Properties"]
    assert [rule["AllowedMethods"] for rule in bucket["CorsConfiguration"]["CorsRules"]] == [["POST"]]
    kept = {rule["Prefix"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"] if "Prefix" in rule}
    assert kept["uploads/"]["Transitions"] == kept["images/"]["Transitions"]
    assert "ExpirationInDays" not in kept["uploads/"]


def test_variants_made_before_are_the_renderers_alone_and_gone_after_a_month() -> None:
    reached = {(name, action) for name in SIZES for where, action in granted(name, "s3") if "RenderCache" in where}
    assert reached == {("renderer", action) for action in ("GetObject", "PutObject", "ListBucket")}
    (rule,) = RESOURCES["RenderCacheBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 30)


def test_tables_can_be_restored_and_only_the_working_memory_forgets() -> None:
    for logical_id, resource in RESOURCES.items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            properties = resource["Properties"]
            assert properties["BillingMode"] == "PAY_PER_REQUEST", logical_id
            assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, logical_id
            assert properties["DeletionProtectionEnabled"] is True, logical_id
            assert ("TimeToLiveSpecification" in properties) == (logical_id == "RuntimeTable")


def test_every_name_carries_the_prefix() -> None:
    keys = ("FunctionName", "TableName", "BucketName", "QueueName", "LayerName", "Name", "LogGroupName")
    for logical_id, resource in RESOURCES.items():
        for key in keys:
            if key in resource["Properties"]:
                assert "${Prefix}" in resource["Properties"][key]["Fn::Sub"], logical_id


def test_no_merge_key_is_used() -> None:
    assert "<<:" not in TEMPLATE.read_text()


def test_who_asks_whether_a_day_is_a_holiday_has_the_library_and_nobody_carries_it_for_nothing() -> None:
    """Everybody else reads the rules without that rule (``with_holidays=False``), or not at all."""
    ways_in = {
        name
        for name in mesh.rulebook.__all__
        if inspect.isfunction(offered := getattr(mesh.rulebook, name))
        and "with_holidays" in inspect.signature(offered).parameters
    }
    assert ways_in == {"parse_rules", "usable_rules"}
    asking = set()
    for name in functions():
        code = [path.read_text("utf-8") for path in (ROOT / "functions" / name.replace("-", "_")).rglob("*.py")]
        if any(f"{way}(" in text and "with_holidays=False" not in text for text in code for way in ways_in):
            asking.add(name)
    carrying = {
        name for name, (_, properties) in functions().items() if {"Ref": "VendorHolidaysLayer"} in properties["Layers"]
    }
    assert asking == carrying == {"drive-sync", "draft-helper", "renderer", "scheduler"}


def test_the_limit_of_the_doors_is_on_both_of_them_on_no_other_function_and_off_by_itself() -> None:
    """Reserved places fail in an account whose own limit is 10, so that it has to be asked for."""
    functions = {
        resource["Properties"]["FunctionName"]["Fn::Sub"]: resource["Properties"]
        for resource in PARSED["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    limited = {name for name, one in functions.items() if "ReservedConcurrentExecutions" in one}
    assert limited == {name for name, one in functions.items() if "FunctionUrlConfig" in one}
    for name in limited:
        wanted = {"Fn::If": ["HasDoorLimit", {"Ref": "DoorLimit"}, {"Ref": "AWS::NoValue"}]}
        assert functions[name]["ReservedConcurrentExecutions"] == wanted
    assert PARSED["Parameters"]["DoorLimit"]["Default"] == 0
