"""EventBridge and Scheduler that hand on nothing for a while, lose an event or deliver it twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from local_aws import LocalAws


@pytest.fixture(autouse=True)
def _everything_goes_on(aws: LocalAws) -> Iterator[None]:
    yield
    aws.post("deliveries", stopped=False)
    httpx.delete(f"{aws.endpoint}/_local/deliveries").raise_for_status()
    aws.settle()


def _worked(aws: LocalAws, before: int) -> int:
    aws.settle()
    return sum(one["trigger"] == "event ss.work" for one in aws.invocations(before))


def _later(aws: LocalAws, **span: float) -> str:
    return (datetime.fromisoformat(aws.get("clock")["now"]) + timedelta(**span)).isoformat()


@pytest.mark.parametrize(("minutes", "delivered"), [(14, 1), (16, 0)])
def test_what_waits_is_delivered_within_a_quarter_of_an_hour_and_dropped_after_it(
    aws: LocalAws, minutes: int, delivered: int
) -> None:
    aws.post("deliveries", stopped=True)
    before = aws.last("invocations")
    aws.work({"id": f"waits-{minutes}"})
    assert _worked(aws, before) == 0
    aws.post("clock", to=_later(aws, minutes=minutes))
    told = aws.post("deliveries", stopped=False)
    assert _worked(aws, before) == delivered
    assert (told["delivered"] >= delivered, told["dropped"] >= 1 - delivered) == (True, True)


def test_a_schedule_that_falls_due_meanwhile_fires_nothing_until_it_goes_on(aws: LocalAws) -> None:
    aws.post("deliveries", stopped=True)
    at = datetime.fromisoformat(aws.get("clock")["now"]) + timedelta(hours=1)
    _book(aws, at)
    assert datetime.fromisoformat(aws.get("booked?group=default")["booked"][0]) == at.replace(microsecond=0)
    before = aws.last("invocations")
    aws.post("clock", to=(at + timedelta(minutes=2)).isoformat())
    assert _worked(aws, before) == 0
    aws.post("deliveries", stopped=False)
    assert _worked(aws, before) == 1
    assert aws.get("booked?group=default")["booked"] == []


def _book(aws: LocalAws, at: datetime) -> None:
    target: dict[str, Any] = {
        "Arn": "arn:aws:events:ap-southeast-1:000000000000:event-bus/default",
        "RoleArn": "arn:aws:iam::000000000000:role/any",
        "EventBridgeParameters": {"Source": "ss", "DetailType": "ss.work"},
        "Input": '{"id": "booked"}',
    }
    aws.client("scheduler").create_schedule(
        Name="booked-in-an-outage",
        ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target=target,
    )


@pytest.mark.parametrize("times", [0, 2])
def test_the_next_event_of_a_kind_is_lost_or_comes_twice_and_the_one_after_it_once(aws: LocalAws, times: int) -> None:
    aws.post("deliveries", kind="ss.work", times=times)
    before = aws.last("invocations")
    aws.work({"id": f"spoilt-{times}"})
    assert _worked(aws, before) == times
    assert aws.get("deliveries")["spoilt"] == []
    aws.work({"id": f"whole-{times}"})
    assert _worked(aws, before) == times + 1


def test_an_order_that_makes_no_sense_is_refused(aws: LocalAws) -> None:
    assert aws.refused("deliveries", kind="ss.work") == 400
    assert aws.refused("deliveries", kind="ss.work", times=-1) == 400
    assert aws.refused("deliveries", kind="ss.work", times=0, count=0) == 400


def test_without_retries_what_fails_goes_to_its_failure_destination_after_one_try(aws: LocalAws) -> None:
    before = aws.last("invocations")
    aws.post("deliveries", retrying=False)
    aws.work({"id": "once", "fail": True})
    assert _worked(aws, before) == 1
    aws.post("deliveries", retrying=True)
    aws.work({"id": "again", "fail": True})
    assert _worked(aws, before) == 3


def test_a_function_that_raised_serves_the_next_event_in_the_same_process(aws: LocalAws) -> None:
    aws.post("deliveries", retrying=False)
    before = aws.last("invocations")
    for detail in ({"fail": True}, {"id": "after-an-error"}):
        aws.work(detail)
        aws.settle()
    one, other = aws.invocations(before)
    assert (one["outcome"], other["outcome"]) == ("error", "ok")
    assert "told to fail" in one["log"]
    processes = [re.findall(r'"process": (\d+)', said["log"]) for said in (one, other)]
    assert processes[0] == processes[1] != []
