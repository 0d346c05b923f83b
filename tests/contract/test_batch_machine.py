"""The batch machine as it goes to AWS: what wakes it, what it may do, and that each of its states can be reached and left."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonata import Jsonata

from draft_helper import batches
from local import ROOT
from local.deploy import read_template
from mesh.events import REGISTRY

ASL = ROOT / "statemachines" / "draft_batch.asl.yaml"
DEFINITION: dict[str, Any] = read_template(ASL)
RESOURCES: dict[str, Any] = read_template(ROOT / "template.yaml")["Resources"]
BLOCK: dict[str, Any] = RESOURCES["DraftBatch"]["Properties"]
LIMIT_SECONDS = RESOURCES["DraftHelper"]["Properties"]["Timeout"]
DEAD_LETTERS = {"Fn::GetAtt": ["DeadLetters", "Arn"]}
# The only names in its state: what somebody wrote has no place in it.
KNOWN_WORDS = {"step", "batch_id", "trace_id", "run", "post_id", "error"}


def machines(machine: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The machine, and those inside its Maps."""
    yield machine
    for state in machine["States"].values():
        if "ItemProcessor" in state:
            yield from machines(state["ItemProcessor"])


STATES = {name: state for machine in machines(DEFINITION) for name, state in machine["States"].items()}
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
each_task = pytest.mark.parametrize("name", TASKS)


def after(state: Mapping[str, Any]) -> set[str]:
    ways = [state, *state.get("Choices", ()), *state.get("Catch", ())]
    return {way["Next"] for way in ways if "Next" in way} | ({state["Default"]} if "Default" in state else set())


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from texts(part)


def test_one_event_of_this_stack_starts_it_and_none_is_lost() -> None:
    assert "Events" not in BLOCK
    rule = RESOURCES["DraftBatchRequested"]["Properties"]
    assert rule["EventPattern"] == {"source": [{"Ref": "Prefix"}], "detail-type": ["ss.batch.requested"]}
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Ref": "DraftBatch"}
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 900}
    assert target["DeadLetterConfig"] == {"Arn": DEAD_LETTERS}
    assert target["InputPath"] == "$.detail"
    needed = set(re.findall(r"\$states\.(?:context\.Execution\.Input|input)\.(batch_id|trace_id)", ASL.read_text()))
    assert needed == {"batch_id", "trace_id"} <= set(REGISTRY["ss.batch.requested"].model_fields)


def test_its_rule_starts_it_by_a_role_that_no_other_rule_takes_on() -> None:
    rule = RESOURCES["DraftBatchRequested"]["Properties"]
    assert rule["Targets"][0]["RoleArn"] == {"Fn::GetAtt": ["DraftBatchStartRole", "Arn"]}
    (trust,) = RESOURCES["DraftBatchStartRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    condition = trust["Condition"]["StringEquals"]
    assert condition["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert condition["aws:SourceArn"]["Fn::Sub"].rpartition(":rule/")[2] == rule["Name"]["Fn::Sub"]


def test_it_may_invoke_draft_helper_and_do_nothing_else() -> None:
    (policy,) = RESOURCES["DraftBatchRole"]["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": {"Fn::GetAtt": ["DraftHelper", "Arn"]},
    }
    assert {task["Arguments"]["FunctionName"] for task in TASKS.values()} == {"${DraftHelper}"}
    assert BLOCK["DefinitionSubstitutions"]["DraftHelper"] == statement["Resource"]
    assert BLOCK["Role"] == {"Fn::GetAtt": ["DraftBatchRole", "Arn"]}
    assert {"Policies", "Logging", "Tracing"} & set(BLOCK) == set()


def test_it_is_a_standard_machine_of_this_stack_in_jsonata() -> None:
    assert (BLOCK["Type"], BLOCK["Name"]["Fn::Sub"]) == ("STANDARD", "${Prefix}-draft-batch")
    assert DEFINITION["QueryLanguage"] == "JSONata"
    assert set(re.findall(r"\$\{(\w+)\}", ASL.read_text())) == set(BLOCK["DefinitionSubstitutions"])


def test_every_state_can_be_reached_and_every_way_leads_to_one() -> None:
    for machine in machines(DEFINITION):
        reached, new = set(), {machine["StartAt"]}
        while new:
            reached |= new
            new = {name for one in new for name in after(machine["States"][one])} - reached
        assert reached == set(machine["States"])


def test_every_state_leads_on_or_ends_and_none_leads_back() -> None:
    for machine in machines(DEFINITION):
        for name, state in machine["States"].items():
            ends = state.get("End") or state["Type"] in {"Succeed", "Fail"}
            assert bool(ends) != bool({"Next", "Default"} & set(state)), name
            beyond, new = set(), after(state)
            while new:
                beyond |= new
                new = {on for one in new for on in after(machine["States"][one])} - beyond
            assert name not in beyond, f"{name} may come round for ever"


def test_every_expression_can_be_read() -> None:
    found = [text[2:-2].strip() for text in texts(DEFINITION) if text.startswith("{%")]
    assert len(found) > 20
    for expression in found:
        Jsonata.jsonata(expression)


@each_task
def test_every_step_has_its_time_its_retries_and_somebody_who_takes_over(name: str) -> None:
    task = TASKS[name]
    assert task["TimeoutSeconds"] < DEFINITION["TimeoutSeconds"]
    named, other = task["Retry"]
    assert {"Throttled", "Lambda.ServiceException", "Lambda.TooManyRequestsException"} <= set(named["ErrorEquals"])
    assert other["ErrorEquals"] == ["States.Timeout", "States.TaskFailed"]  # on both readings of an error's name
    for retry in (named, other):
        assert retry["JitterStrategy"] == "FULL"
        assert retry["BackoffRate"] > 1
        assert 1 <= retry["MaxAttempts"] <= 4
    caught = [one["ErrorEquals"] for one in task.get("Catch", ())]
    assert caught == ([["States.ALL"]] if name != "Undrafted" else [])  # the Map around it takes over
    assert STATES["Each"]["Catch"][0]["ErrorEquals"] == ["States.ALL"]


@pytest.mark.parametrize("name", ["Plan", "Draft"])
def test_who_asks_the_model_is_given_the_functions_whole_time(name: str) -> None:
    assert LIMIT_SECONDS < TASKS[name]["TimeoutSeconds"] < LIMIT_SECONDS + 30


@each_task
def test_every_step_is_one_that_draft_helper_has_and_is_told_ids_alone(name: str) -> None:
    payload = TASKS[name]["Arguments"]["Payload"]
    assert payload["step"] == name.lower()
    assert {"step", "batch_id", "trace_id", "run"} <= set(payload) <= KNOWN_WORDS
    assert f'case "{payload["step"]}":' in (ROOT / "functions" / "draft_helper" / "batches.py").read_text()
    assert callable(batches.step)


def test_a_few_posts_are_drafted_at_a_time() -> None:
    assert STATES["Each"]["MaxConcurrency"] == 3
    assert STATES["Each"]["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}


def test_no_word_of_what_somebody_wrote_has_a_place_in_its_state() -> None:
    read = set(re.findall(r"\$states\.(?:input|result\.Payload|errorOutput)\.(\w+)", json.dumps(DEFINITION)))
    assert read <= {"todo", "post_ids", "post_id", "batch_id", "trace_id", "error", "Error"}
    assert "Cause" not in read
