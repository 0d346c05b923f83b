"""Whom an order of a kill or a fault meets: by the name that each function's calls carry."""

from __future__ import annotations

from datetime import UTC, datetime

from local.aws.callers import caller_of
from local.aws.faults import Call, Faults
from local.aws.kills import Kills

NOW = datetime(2027, 3, 15, 7, tzinfo=UTC)
FAULT = {"service": "dynamodb", "action": "*", "error": "ThrottlingException", "status": 400}


def call(caller: str, action: str = "PutItem") -> Call:
    return Call("dynamodb", action, "json", b"{}", caller)


def test_a_function_is_known_by_its_calls_wherever_its_name_stands() -> None:
    assert caller_of("Boto3/1.40 md/Botocore#1.40 ua/2.1 os/linux app/ss-sender md/x#y") == "ss-sender"
    assert caller_of("Boto3/1.40 md/Botocore#1.40") == ""


def test_a_kill_meets_its_own_function_at_its_own_call_and_the_call_is_never_carried_out() -> None:
    killed: list[str] = []

    def kill(function: str) -> int:
        killed.append(function)
        return 1

    kills = Kills(lambda: NOW, kill)
    kills.order({"function": "ss-sender", "at": "PutItem"})
    assert not kills.at_start("ss-sender")
    assert not kills.at_call(call("ss-scheduler"), writes=True)
    assert not kills.at_call(call("ss-sender", "GetItem"), writes=False)
    assert not kills.at_call(call(""), writes=True)
    assert killed == []
    assert kills.at_call(call("ss-sender"), writes=True)
    assert killed == ["ss-sender"]
    assert not kills.at_call(call("ss-sender"), writes=True), "it was ordered once"


def test_a_fault_of_the_functions_is_not_used_up_by_who_only_looks_on() -> None:
    faults = Faults(lambda: NOW)
    faults.add({**FAULT, "caller": "functions"})
    assert faults.take(call("")) is None
    assert faults.take(call("ss-sender")) is not None
    faults.add(FAULT)
    assert faults.take(call("")) is not None
