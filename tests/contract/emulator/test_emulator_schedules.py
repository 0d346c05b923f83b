"""EventBridge Scheduler on the stack's clock."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError
from local_aws import LocalAws, wait_until

_ROLE = "arn:aws:iam::000000000000:role/ss-scheduler"
_BUS = "arn:aws:events:ap-southeast-1:000000000000:event-bus/default"
_numbers = itertools.count()


def _now(aws: LocalAws) -> datetime:
    return datetime.fromisoformat(aws.get("clock")["now"])


def _at(moment: datetime) -> str:
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"


def _bus_target(**detail: Any) -> dict[str, Any]:
    parameters = {"DetailType": "ss.booked", "Source": "ss"}
    return {"Arn": _BUS, "RoleArn": _ROLE, "EventBridgeParameters": parameters, "Input": json.dumps(detail)}


def _create(aws: LocalAws, expression: str, **more: Any) -> str:
    name = str(more.pop("Name", f"booking-{next(_numbers)}"))
    request = {
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "GroupName": "ss-bookings",
        "Target": _bus_target(id=name),
        **more,
    }
    aws.client("scheduler").create_schedule(Name=name, ScheduleExpression=expression, **request)
    return name


def _fired_ids(aws: LocalAws, after: int) -> list[str]:
    events = aws.get(f"events?after={after}")["events"]
    return [event["detail"]["id"] for event in events if event["detail_type"] == "ss.booked"]


def test_a_one_off_fires_once_at_its_time_as_an_event_and_is_gone(aws: LocalAws) -> None:
    before = aws.last("events")
    name = _create(aws, _at(_now(aws) + timedelta(days=3)), ActionAfterCompletion="DELETE")
    aws.post("clock", advance_seconds=3 * 86400 - 60)
    assert _fired_ids(aws, before) == []
    aws.post("clock", advance_seconds=120)
    aws.settle()
    assert _fired_ids(aws, before) == [name]
    listed = aws.client("scheduler").list_schedules(GroupName="ss-bookings")["Schedules"]
    assert name not in {schedule["Name"] for schedule in listed}


def test_every_schedule_that_still_fires_is_told_with_its_next_moment_and_what_it_says(aws: LocalAws) -> None:
    soon = (_now(aws) + timedelta(hours=5)).replace(microsecond=0)
    once = _create(aws, _at(soon), ActionAfterCompletion="DELETE")
    daily = _create(aws, "cron(0 7 * * ? *)", ScheduleExpressionTimezone="Europe/Berlin", GroupName="default")
    off = _create(aws, "rate(1 hour)", State="DISABLED")
    told = {one["name"]: one for one in aws.get("schedules")["schedules"]}
    assert off not in told
    assert told[once] == {
        "name": once, "group": "ss-bookings", "at": soon.isoformat(), "once": True, "expression": _at(soon), "zone": "UTC",
        "target": _BUS, "detail_type": "ss.booked", "input": {"id": once},
    }  # fmt: skip
    assert (told[daily]["once"], told[daily]["group"], told[daily]["zone"]) == (False, "default", "Europe/Berlin")
    assert datetime.fromisoformat(told[daily]["at"]).astimezone(ZoneInfo("Europe/Berlin")).hour == 7
    assert [one["at"] for one in told.values()] == sorted(one["at"] for one in told.values())
    aws.post("clock", advance_seconds=6 * 3600)
    aws.settle()
    assert once not in {one["name"] for one in aws.get("schedules")["schedules"]}
    for name, group in ((daily, "default"), (off, "ss-bookings")):
        aws.client("scheduler").delete_schedule(Name=name, GroupName=group)


def test_a_one_off_fires_by_itself_within_a_second(aws: LocalAws) -> None:
    name = _create(aws, _at(_now(aws) + timedelta(seconds=2)), ActionAfterCompletion="DELETE")
    before = aws.last("events")
    due = datetime.fromisoformat(aws.get("clock")["next"]["at"])
    assert aws.get("clock")["next"]["schedule"] == name
    wait_until(lambda: _fired_ids(aws, before) == [name])
    (event,) = (event for event in aws.get(f"events?after={before}")["events"] if event["detail_type"] == "ss.booked")
    assert timedelta() <= datetime.fromisoformat(event["time"]) - due < timedelta(seconds=1)


def test_a_jump_over_several_one_offs_fires_each_in_order_of_time(aws: LocalAws) -> None:
    before = aws.last("events")
    now = _now(aws)
    names = [_create(aws, _at(now + timedelta(hours=hours)), ActionAfterCompletion="DELETE") for hours in (3, 1, 2)]
    aws.post("clock", advance_seconds=4 * 3600)
    assert _fired_ids(aws, before) == [names[1], names[2], names[0]]


def test_what_is_booked_on_the_way_of_a_jump_fires_at_its_own_time(aws: LocalAws) -> None:
    now = _now(aws)
    before = aws.last("events")
    due = [now.replace(second=0, microsecond=0) + timedelta(hours=hours) for hours in (1, 5)]
    for moment in due:
        _create(aws, _at(moment), ActionAfterCompletion="DELETE")
    aws.post("clock", advance_seconds=86400)
    aws.settle()
    events = [event for event in aws.get(f"events?after={before}")["events"] if event["detail_type"] == "ss.booked"]
    late = [datetime.fromisoformat(event["time"]) - moment for event, moment in zip(events, due, strict=True)]
    assert all(timedelta() <= one < timedelta(minutes=1) for one in late), late
    assert _now(aws) - now >= timedelta(days=1)


def test_a_one_off_that_stays_after_its_time_does_not_fire_again(aws: LocalAws) -> None:
    before = aws.last("events")
    name = _create(aws, _at(_now(aws) + timedelta(hours=1)))
    aws.post("clock", advance_seconds=7200)
    aws.post("clock", advance_seconds=7200)
    assert _fired_ids(aws, before) == [name]


def test_a_jump_over_many_ticks_of_a_rate_fires_it_once(aws: LocalAws) -> None:
    name = _create(aws, "rate(5 minutes)")
    before = aws.last("events")
    aws.post("clock", advance_seconds=86400)
    assert _fired_ids(aws, before).count(name) == 1
    aws.post("clock", advance_seconds=301)
    assert _fired_ids(aws, before).count(name) == 2
    aws.client("scheduler").delete_schedule(Name=name, GroupName="ss-bookings")


def test_a_new_rate_counts_from_its_making_on_the_stacks_clock(aws: LocalAws) -> None:
    aws.post("clock", advance_seconds=5 * 86400)
    before = aws.last("events")
    name = _create(aws, "rate(1 hour)")
    aws.post("clock", advance_seconds=3590)
    assert name not in _fired_ids(aws, before)
    aws.post("clock", advance_seconds=20)
    assert _fired_ids(aws, before).count(name) == 1
    aws.client("scheduler").delete_schedule(Name=name, GroupName="ss-bookings")


def test_a_one_off_is_read_in_its_own_zone(aws: LocalAws) -> None:
    before = aws.last("events")
    due = (_now(aws) + timedelta(hours=2)).replace(microsecond=0)
    wall = due + timedelta(hours=8)  # Singapore has no daylight saving
    name = _create(aws, _at(wall), ScheduleExpressionTimezone="Asia/Singapore", ActionAfterCompletion="DELETE")
    aws.post("clock", to=(due - timedelta(minutes=1)).isoformat())
    assert _fired_ids(aws, before) == []
    aws.post("clock", to=due.isoformat())
    assert _fired_ids(aws, before) == [name]


def test_a_template_schedule_keeps_its_zone_and_fills_in_the_scheduled_time(aws: LocalAws) -> None:
    described = aws.client("scheduler").get_schedule(Name="ss-daily-tick")
    assert described["ScheduleExpressionTimezone"] == "Europe/Berlin"
    aws.settle()  # what earlier turns of the clock set off is not this one's
    before = aws.last("invocations")
    fired = aws.post("clock", advance_seconds=86400)
    assert fired["fired"].count("ss-daily-tick") == 1
    aws.settle()
    (tick,) = (one for one in aws.invocations(before) if one["trigger"] == "schedule ss-daily-tick")
    scheduled = datetime.fromisoformat(json.loads(tick["log"].splitlines()[0])["detail"]["at"])
    assert scheduled.astimezone(UTC).hour in (5, 6)  # 7:00 in Berlin, summer or winter


def test_context_attributes_are_filled_in(aws: LocalAws) -> None:
    target = _bus_target(
        id="<aws.scheduler.schedule-arn>",
        time="<aws.scheduler.scheduled-time>",
        execution="<aws.scheduler.execution-id>",
        attempt="<aws.scheduler.attempt-number>",
    )
    due = (_now(aws) + timedelta(hours=1)).replace(microsecond=0)
    before = aws.last("events")
    name = _create(aws, _at(due), Target=target, ActionAfterCompletion="DELETE")
    aws.post("clock", advance_seconds=3700)
    (detail,) = (
        event["detail"] for event in aws.get(f"events?after={before}")["events"] if "attempt" in event["detail"]
    )
    assert detail["id"].endswith(f":schedule/ss-bookings/{name}")
    assert detail["time"] == f"{due:%Y-%m-%dT%H:%M:%SZ}"
    assert detail["attempt"] == "1"
    assert len(detail["execution"]) == 36


def test_a_lambda_target_that_fails_is_retried_like_any_asynchronous_invoke(aws: LocalAws) -> None:
    worker = aws.client("lambda").get_function(FunctionName="ss-worker")["Configuration"]["FunctionArn"]
    target = {"Arn": worker, "RoleArn": _ROLE, "Input": '{"fail": true}'}
    name = _create(aws, _at(_now(aws) + timedelta(hours=1)), Target=target, ActionAfterCompletion="DELETE")
    before = aws.last("invocations")
    aws.post("clock", advance_seconds=3700)
    aws.settle()
    tries = [one["outcome"] for one in aws.invocations(before) if one["trigger"] == f"schedule {name}"]
    assert tries == ["error", "error"]


def test_a_schedule_can_be_fired_at_once_and_keeps_its_own_times(aws: LocalAws) -> None:
    before = aws.last("invocations")
    upcoming = aws.get("clock")["next"]
    aws.post("fire", schedule="ss-daily-tick")
    aws.settle()
    assert [one["trigger"] for one in aws.invocations(before)] == ["schedule ss-daily-tick"]
    assert aws.get("clock")["next"] == upcoming
    assert aws.refused("fire", schedule="ss-nothing") == 404


def test_the_same_client_token_makes_one_schedule_and_another_a_conflict(aws: LocalAws) -> None:
    expression = _at(_now(aws) + timedelta(days=30))
    name = _create(aws, expression, ClientToken="token-1")
    _create(aws, expression, Name=name, ClientToken="token-1")
    with pytest.raises(ClientError, match="ConflictException"):
        _create(aws, expression, Name=name, ClientToken="token-2")
    aws.client("scheduler").delete_schedule(Name=name, GroupName="ss-bookings")


@pytest.mark.parametrize(
    ("expression", "changes"),
    [
        ("at(2001-01-01T00:00:00)", {}),
        ("at(2199-01-01T00:00:00.5)", {}),
        ("at(2199-01-01T00:00)", {}),
        ("at(2199-02-30T00:00:00)", {}),
        ("every day", {}),
        ("rate(0 minutes)", {}),
        ("rate(5 seconds)", {}),
        ("cron(0 7 * * * *)", {}),
        ("cron(0 25 * * ? *)", {}),
        ("rate(1 day)", {"ScheduleExpressionTimezone": "US/Pacific"}),
        ("rate(1 day)", {"ScheduleExpressionTimezone": "Mars/Olympus"}),
        ("rate(1 day)", {"Name": "n" * 65}),
        ("rate(1 day)", {"Name": "at@sign"}),
        ("rate(1 day)", {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}),
        ("rate(1 day)", {"Target": {**_bus_target(), "RoleArn": "ss-scheduler"}}),
        ("rate(1 day)", {"Target": {"Arn": _BUS, "RoleArn": _ROLE, "Input": "{}"}}),
    ],
)
def test_what_aws_would_refuse_is_refused(aws: LocalAws, expression: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        _create(aws, expression, **changes)


def test_an_update_is_checked_as_strictly(aws: LocalAws) -> None:
    name = _create(aws, "rate(1 day)")
    scheduler = aws.client("scheduler")
    request = {"FlexibleTimeWindow": {"Mode": "OFF"}, "GroupName": "ss-bookings", "Target": _bus_target(id=name)}
    with pytest.raises(ClientError, match="ValidationException"):
        scheduler.update_schedule(Name=name, ScheduleExpression="at(2001-01-01T00:00:00)", **request)
    due = (_now(aws) + timedelta(hours=1)).replace(microsecond=0)
    scheduler.update_schedule(Name=name, ScheduleExpression=_at(due), **request)
    assert scheduler.get_schedule(Name=name, GroupName="ss-bookings")["ScheduleExpression"] == _at(due)
    aws.post("clock", to=(due + timedelta(seconds=1)).isoformat())
    aws.settle()
    assert aws.get("clock")["next"]["schedule"] != name, "it has fired"
    scheduler.delete_schedule(Name=name, GroupName="ss-bookings")
    assert aws.get("clock")["next"]["schedule"] != name


def test_lists_are_paged_and_filtered_by_group(aws: LocalAws) -> None:
    scheduler = aws.client("scheduler")
    scheduler.create_schedule_group(Name="paged")
    names = {_create(aws, "rate(1 day)", GroupName="paged") for _ in range(7)}
    pages = list(
        scheduler.get_paginator("list_schedules").paginate(GroupName="paged", PaginationConfig={"PageSize": 3})
    )
    assert [len(page["Schedules"]) for page in pages] == [3, 3, 1]
    assert {schedule["Name"] for page in pages for schedule in page["Schedules"]} == names
    scheduler.delete_schedule_group(Name="paged")


def test_the_clock_only_moves_forward(aws: LocalAws) -> None:
    assert aws.refused("clock", advance_seconds=-1) == 400
    assert aws.refused("clock", to="2001-01-01T00:00:00+00:00") == 400
    assert aws.refused("clock", to="2199-01-01T00:00:00") == 400
    assert aws.refused("clock") == 400


def test_the_start_can_be_set_freely_until_something_has_fired(start: Callable[..., LocalAws]) -> None:
    fresh = start()
    fresh.client("scheduler").create_schedule_group(Name="ss-bookings")
    fresh.post("clock", start="2026-03-02T08:59:00+08:00")
    assert fresh.get("clock")["now"].startswith("2026-03-02T00:59:")
    name = _create(fresh, "rate(5 minutes)")
    fresh.post("clock", start="2026-01-05T00:00:00+00:00")
    assert fresh.get("clock")["next"]["at"].startswith("2026-01-05T00:05:")
    assert fresh.post("clock", advance_seconds=301)["fired"] == [name]
    assert fresh.refused("clock", start="2026-01-05T00:00:00+00:00") == 400
