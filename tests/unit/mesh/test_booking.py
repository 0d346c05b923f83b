"""Bookings: one schedule per try, however often it is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from mesh.booking import Bookings, BookingSettings, booking_name
from mesh.errors import MeshError, Throttled, Unreachable
from mesh.events import Retry, Send

AT = datetime(2099, 3, 26, 8, 0, tzinfo=UTC)
EVENT = Send(post_id="p_7k2m9qf4", channel="bluesky-main", revision="9f" * 32, attempt=1, trace_id="t_1")
SETTINGS = BookingSettings(
    group="ss-bookings",
    role_arn="arn:aws:iam::000000000000:role/ss-BookingRole",
    bus_arn="arn:aws:events:us-east-1:000000000000:event-bus/default",
    dead_letters_arn="arn:aws:sqs:us-east-1:000000000000:ss-dead-letters",
    source="ss",
)


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("scheduler", region_name="us-east-1")
        client.create_schedule_group(Name="ss-bookings")
        yield client


@pytest.fixture
def bookings(scheduler: Any) -> Bookings:
    return Bookings(scheduler, SETTINGS, lambda _: None)


def booked(scheduler: Any) -> list[str]:
    return [schedule["Name"] for schedule in scheduler.list_schedules(GroupName="ss-bookings")["Schedules"]]


class Failing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, operation: str) -> Any:
        def fail(**_: Any) -> Any:
            raise self._error

        return fail


@given(st.text(max_size=80), st.text(max_size=80), st.integers(1, 10**6))
def test_every_name_is_legal_and_at_most_64_long(post_id: str, channel: str, attempt: int) -> None:
    name = booking_name(Send.model_construct(post_id=post_id, channel=channel, revision="r", attempt=attempt))
    assert re.fullmatch(r"[0-9a-zA-Z\-_.]{1,64}", name)


@pytest.mark.parametrize(
    "other", [{"post_id": "p_other"}, {"channel": "mastodon-main"}, {"revision": "8e" * 32}, {"attempt": 2}]
)
def test_the_name_differs_by_post_channel_revision_and_attempt(other: dict[str, Any]) -> None:
    assert booking_name(EVENT.model_copy(update=other)) != booking_name(EVENT)


def test_two_long_channels_with_one_beginning_have_two_names() -> None:
    first, second = (EVENT.model_copy(update={"channel": "bluesky-" + "a" * 60 + end}) for end in "xy")
    assert booking_name(first) != booking_name(second)


def test_the_name_is_the_same_whatever_the_trace() -> None:
    assert booking_name(EVENT.model_copy(update={"trace_id": "t_2"})) == booking_name(EVENT)


def test_a_booking_puts_the_event_on_the_bus_at_its_minute_in_utc(bookings: Bookings, scheduler: Any) -> None:
    berlin = AT.astimezone(ZoneInfo("Europe/Berlin")).replace(second=31)
    made = bookings.book(EVENT, berlin)
    schedule = scheduler.get_schedule(Name=made.name, GroupName="ss-bookings")
    assert schedule["ScheduleExpression"] == "at(2099-03-26T08:00:00)"
    assert (schedule["ScheduleExpressionTimezone"], schedule["ActionAfterCompletion"]) == ("UTC", "DELETE")
    assert schedule["Target"]["EventBridgeParameters"] == {"Source": "ss", "DetailType": "ss.send"}
    assert Send.model_validate(json.loads(schedule["Target"]["Input"])) == EVENT
    assert schedule["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] == 900
    assert schedule["Target"]["DeadLetterConfig"]["Arn"] == SETTINGS.dead_letters_arn
    assert (made.at, made.attempt) == (AT.isoformat(), 1)


def test_a_later_try_is_a_retry_event(bookings: Bookings, scheduler: Any) -> None:
    made = bookings.book(Retry(**{**EVENT.model_dump(), "attempt": 2}), AT)
    target = scheduler.get_schedule(Name=made.name, GroupName="ss-bookings")["Target"]
    assert target["EventBridgeParameters"]["DetailType"] == "ss.retry"


def test_booked_twice_is_one_booking(bookings: Bookings, scheduler: Any) -> None:
    assert bookings.book(EVENT, AT) == bookings.book(EVENT, AT)
    assert len(booked(scheduler)) == 1


def test_booked_for_another_time_it_moves(bookings: Bookings, scheduler: Any) -> None:
    bookings.book(EVENT, AT)
    made = bookings.book(EVENT, AT + timedelta(hours=1))
    assert booked(scheduler) == [made.name]
    schedule = scheduler.get_schedule(Name=made.name, GroupName="ss-bookings")
    assert schedule["ScheduleExpression"] == "at(2099-03-26T09:00:00)"


def test_cancelled_it_is_gone_and_may_be_cancelled_again(bookings: Bookings, scheduler: Any) -> None:
    made = bookings.book(EVENT, AT)
    bookings.cancel(made.name)
    bookings.cancel(made.name)
    assert booked(scheduler) == []


def test_a_time_without_a_zone_is_refused(bookings: Bookings) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        bookings.book(EVENT, AT.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "CreateSchedule"), Throttled),
        (ClientError({"Error": {"Code": "InternalServerException"}}, "CreateSchedule"), Throttled),
        (ClientError({"Error": {"Code": "ValidationException"}}, "CreateSchedule"), MeshError),
        (ClientError({"Error": {"Code": "SomethingNew"}}, "CreateSchedule"), MeshError),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), Unreachable),
    ],
)
def test_every_failure_of_the_service_is_one_of_ours(error: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        Bookings(Failing(error), SETTINGS, lambda _: None).book(EVENT, AT)
    with pytest.raises(expected):
        Bookings(Failing(error), SETTINGS, lambda _: None).cancel("a-name")
