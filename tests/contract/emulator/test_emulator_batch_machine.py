"""statemachines/draft_batch.asl.yaml: every state, every retry and every catch runs here, once by the errors' names and once without."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from batch_machine import DEFINITION, BatchMachine, Script, states
from local_aws import LocalAws

ON_FAILING, UNNAMED = {"raise": "Throttled"}, {"raise": "SomethingElse"}
OK = {"state": "ready"}
_AT_A_TIME = 4
POSTS = ["p_1", "p_2", "p_3", "p_4"]
DRAFTS: Script = {"begin": [{"todo": "draft", "post_ids": POSTS}]}
ONE_DRAFT: Script = {"begin": [{"todo": "draft", "post_ids": POSTS[:1]}]}
# How a run comes to each state, and under which key its script has it.
WAYS: dict[str, tuple[Script, str]] = {
    "Begin": ({}, "begin"),
    "Plan": ({"begin": [{"todo": "plan", "post_ids": []}]}, "plan"),
    "Unplanned": ({"begin": [{"todo": "plan", "post_ids": []}], "plan": [UNNAMED]}, "unplanned"),
    "Draft": (ONE_DRAFT, "draft#p_1"),
    "Undrafted": ({**ONE_DRAFT, "draft#p_1": [UNNAMED]}, "undrafted#p_1"),
    "Deliver": (ONE_DRAFT, "deliver"),
    "Stopped": ({"begin": [UNNAMED]}, "stopped"),
}
CAUGHT_BY = {
    "Begin": "stopped",
    "Plan": "unplanned",
    "Unplanned": "stopped",
    "Draft": "undrafted#p_1",
    "Undrafted": "stopped",  # by the Map around it
    "Deliver": "stopped",
    "Stopped": "",
}
TASKS = {name: state for name, state in states().items() if state["Type"] == "Task"}
OTHER_RUNS: dict[str, Script] = {
    "b_nothing": {"begin": [{"todo": "nothing", "post_ids": []}]},
    "b_plan": WAYS["Plan"][0],
    "b_drafts": DRAFTS,
    "b_given-up": {"begin": [{"todo": "deliver", "post_ids": []}]},
    "b_one-fails": {**DRAFTS, "draft#p_3": [ON_FAILING]},
    "b_process-ends": {**DRAFTS, "draft#p_2": [{"die": True}, OK]},
}


def _named(state: str, error: str, fate: str) -> str:
    return f"b_{state}-{error}-{fate}"


def _matrix() -> Iterator[tuple[str, Script]]:
    """Each task's retriers, and its catch, with an error that they name and with one that nobody has heard of."""
    for state, (way, key) in WAYS.items():
        done = {"todo": "nothing", "post_ids": []} if state == "Begin" else OK
        for error, answer in (("named", ON_FAILING), ("unnamed", UNNAMED)):
            yield _named(state, error, "always"), {**way, key: [answer]}
        yield _named(state, "unnamed", "once"), {**way, key: [UNNAMED, done]}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BatchMachine]:
    """All runs, some at a time, and all at their end."""
    folder = tmp_path_factory.mktemp("batch")
    aws = LocalAws(folder / "state")
    try:
        deployed = BatchMachine(aws, folder)
        runs: dict[str, Script] = {**OTHER_RUNS, **dict(_matrix())}
        for batch_id, script in runs.items():
            deployed.write(batch_id, script)
        names = list(runs)
        for begin in range(
            0, len(names), _AT_A_TIME
        ):  # more than that at once would be throttled, and is another thing
            deployed.start(*names[begin : begin + _AT_A_TIME])
            aws.settle()
        yield deployed
    finally:
        aws.stop()


@pytest.fixture(scope="module")
def executions(machine: BatchMachine) -> Mapping[str, Mapping[str, Any]]:
    return machine.executions()


def test_this_test_knows_every_task_and_every_catch() -> None:
    assert set(WAYS) == set(CAUGHT_BY) == set(TASKS)
    for name, state in TASKS.items():
        assert len(state["Retry"]) == 2, name
        assert ("Catch" in state) == (name != "Undrafted"), name


def test_every_state_was_entered(machine: BatchMachine, executions: Mapping[str, Mapping[str, Any]]) -> None:
    entered = {name for one in executions.values() for name in machine.entered(one)}
    inside = set(states(DEFINITION["States"]["Each"]["ItemProcessor"]))
    asked = {step.partition("#")[0] for batch_id in executions for step in machine.asked(batch_id)}
    assert entered | {name for name in inside if name.lower() in asked} == set(states())


@pytest.mark.parametrize("state", WAYS)
def test_what_fails_once_is_tried_again_and_goes_on(
    machine: BatchMachine, executions: Mapping[str, Mapping[str, Any]], state: str
) -> None:
    batch_id = _named(state, "unnamed", "once")
    asked = machine.asked(batch_id)
    assert asked[WAYS[state][1]][0] == 2
    assert executions[batch_id]["status"] == ("FAILED" if state == "Stopped" else "SUCCEEDED")
    if state not in {"Stopped"}:
        assert "stopped" not in asked


@pytest.mark.parametrize("state", WAYS)
@pytest.mark.parametrize(("error", "retrier"), [("named", 0), ("unnamed", 1)])
def test_what_fails_always_is_tried_as_often_as_said_and_then_caught(
    machine: BatchMachine, executions: Mapping[str, Mapping[str, Any]], state: str, error: str, retrier: int
) -> None:
    batch_id = _named(state, error, "always")
    asked = machine.asked(batch_id)
    assert asked[WAYS[state][1]][0] == 1 + TASKS[state]["Retry"][retrier]["MaxAttempts"]
    if caught := CAUGHT_BY[state]:
        assert asked[caught][0] == 1
    fails = "stopped" in {CAUGHT_BY[state], WAYS[state][1]}
    assert executions[batch_id]["status"] == ("FAILED" if fails else "SUCCEEDED")
    if fails:
        assert executions[batch_id]["error"] == "BatchStopped"


def test_the_step_that_says_why_is_told_the_errors_name_and_nothing_else(machine: BatchMachine) -> None:
    told = machine.asked(_named("Plan", "named", "always"))["unplanned"][1]
    assert told["error"] == "Throttled"
    told = machine.asked("b_one-fails")["undrafted#p_3"][1]
    assert (told["post_id"], told["error"], told["batch_id"]) == ("p_3", "Throttled", "b_one-fails")
    assert set(told) == {"step", "batch_id", "trace_id", "run", "post_id", "error"}


def test_a_plan_is_made_and_nothing_is_drafted(machine: BatchMachine) -> None:
    assert set(machine.asked("b_plan")) == {"begin", "plan"}


def test_each_post_is_drafted_once_and_then_all_are_told_of_at_once(machine: BatchMachine) -> None:
    asked = machine.asked("b_drafts")
    assert {key: times for key, (times, _) in asked.items()} == {
        "begin": 1,
        **{f"draft#{post_id}": 1 for post_id in POSTS},
        "deliver": 1,
    }


def test_one_that_fails_keeps_nobody_else(machine: BatchMachine) -> None:
    asked = machine.asked("b_one-fails")
    assert {key for key in asked if key.startswith("draft#")} == {f"draft#{post_id}" for post_id in POSTS}
    assert {key for key in asked if key.startswith("undrafted#")} == {"undrafted#p_3"}
    assert asked["deliver"][0] == 1


def test_a_process_that_ends_in_the_middle_is_begun_again(machine: BatchMachine) -> None:
    asked = machine.asked("b_process-ends")
    assert asked["draft#p_2"][0] == 2
    assert asked["deliver"][0] == 1


def test_where_nothing_is_to_be_done_nothing_is(machine: BatchMachine) -> None:
    assert set(machine.asked("b_nothing")) == {"begin"}
    assert set(machine.asked("b_given-up")) == {"begin", "deliver"}


def test_every_step_is_told_its_run_and_its_trace(
    machine: BatchMachine, executions: Mapping[str, Mapping[str, Any]]
) -> None:
    name = executions["b_drafts"]["name"]
    for _, told in machine.asked("b_drafts").values():
        assert (told["batch_id"], told["trace_id"], told["run"]) == ("b_drafts", "t_b_drafts", name)


def test_no_more_than_a_few_ids_and_words_are_in_a_runs_state(
    machine: BatchMachine, executions: Mapping[str, Mapping[str, Any]]
) -> None:
    for execution in executions.values():
        assert len(execution["input"]) < 200
        assert set(json.loads(execution["input"])) == {"schema_version", "trace_id", "batch_id"}


def test_an_event_that_comes_when_the_machine_is_gone_goes_to_the_dead_letters(machine: BatchMachine) -> None:
    aws = machine.aws
    events, queue = aws.client("events"), "arn:aws:sqs:ap-southeast-1:000000000000:ss-dead-letters"
    gone = machine.arn.replace("draft-batch", "gone")
    events.put_rule(Name="gone", EventPattern='{"detail-type": ["ss.gone"]}')
    events.put_targets(Rule="gone", Targets=[{"Id": "1", "Arn": gone, "DeadLetterConfig": {"Arn": queue}}])
    events.put_events(Entries=[{"Source": "ss", "DetailType": "ss.gone", "Detail": '{"batch_id": "b_lost"}'}])
    sqs = aws.client("sqs")
    found = sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="ss-dead-letters")["QueueUrl"])["Messages"]
    assert json.loads(found[0]["Body"])["detail"] == {"batch_id": "b_lost"}
