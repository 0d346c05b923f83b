"""Bookings in trouble: answers lost before and after the effect, other runs at the same booking, a service that asks for patience."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from mesh import booking, schedules
from mesh.booking import Bookings, BookingSettings, TimePassed, booking_name
from mesh.errors import MeshError, Throttled, Unreachable
from mesh.events import Retry, Send
from mesh.schedules import TRIES, Refused

NOW = datetime(2027, 3, 26, 8, 0, 30, tzinfo=UTC)
AT = NOW.replace(second=0) + timedelta(hours=1)
LATER = AT + timedelta(hours=1)
EVENT = Send(post_id="p_7k2m9qf4", channel="bluesky-main", revision="9f" * 32, attempt=1, trace_id="t_1")
NAME = booking_name(EVENT)
SETTINGS = BookingSettings("ss-bookings", "arn:role", "arn:bus", "arn:dead-letters", "ss")

Answer = Callable[[Callable[[], Any]], Any]


def refused(code: str, operation: str = "CreateSchedule") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


def lost_before(_: Callable[[], Any]) -> Any:
    raise ReadTimeoutError(endpoint_url="https://scheduler.example")


def lost_after(effect: Callable[[], Any]) -> Any:
    effect()
    raise ReadTimeoutError(endpoint_url="https://scheduler.example")


def throttled(_: Callable[[], Any]) -> Any:
    raise refused("ThrottlingException")


def stumbles(_: Callable[[], Any]) -> Any:
    raise refused("InternalServerException")


def busy(_: Callable[[], Any]) -> Any:
    """Update and delete answer so while the service is still at another change of the schedule."""
    raise refused("ConflictException", "UpdateSchedule")


class Scheduler:
    """Keeps what it takes. ``script`` befalls the next calls, one each; ``meanwhile`` runs once, right before the named operation."""

    def __init__(self, *script: Answer) -> None:
        self.schedules: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.script = list(script)
        self.meanwhile: dict[str, Callable[[], None]] = {}

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        effect = {
            "create_schedule": self._create,
            "update_schedule": self._update,
            "delete_schedule": self._delete,
            "get_schedule": self._get,
            "list_schedules": self._list,
        }[operation]

        def called(**request: Any) -> Any:
            self.calls.append(operation)
            self.meanwhile.pop(operation, lambda: None)()
            befalls = self.script.pop(0) if self.script else lambda effect: effect()
            return befalls(lambda: effect(request))

        return called

    def at(self, name: str = NAME) -> str:
        return str(self.schedules[name]["ScheduleExpression"])

    def _create(self, request: dict[str, Any]) -> None:
        self._in_time(request)
        if request["Name"] in self.schedules:
            raise refused("ConflictException")
        self.schedules[request["Name"]] = request

    def _update(self, request: dict[str, Any]) -> None:
        self._in_time(request)
        if request["Name"] not in self.schedules:
            raise refused("ResourceNotFoundException", "UpdateSchedule")
        self.schedules[request["Name"]] = request

    def _delete(self, request: dict[str, Any]) -> None:
        if self.schedules.pop(request["Name"], None) is None:
            raise refused("ResourceNotFoundException", "DeleteSchedule")

    def _get(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["Name"] not in self.schedules:
            raise refused("ResourceNotFoundException", "GetSchedule")
        return self.schedules[request["Name"]]

    def _list(self, request: dict[str, Any]) -> dict[str, Any]:
        names = sorted(self.schedules)
        start = int(request.get("NextToken", 0))
        size = request["MaxResults"]
        found = [{"Name": name, "LastModificationDate": NOW} for name in names[start : start + size]]
        return {"Schedules": found} | ({"NextToken": str(start + size)} if start + size < len(names) else {})

    def _in_time(self, request: dict[str, Any]) -> None:
        moment = datetime.fromisoformat(request["ScheduleExpression"][3:-1]).replace(tzinfo=UTC)
        if moment <= booking.clock.now():
            raise refused("ValidationException")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(booking.clock, "now", lambda: NOW)


def bookings(scheduler: Scheduler, naps: list[int] | None = None) -> Bookings:
    return Bookings(scheduler, SETTINGS, (naps if naps is not None else []).append)


@pytest.mark.parametrize("befalls", [lost_before, lost_after, throttled, stumbles])
def test_a_create_in_trouble_is_one_booking_at_its_time(befalls: Answer) -> None:
    scheduler, naps = Scheduler(befalls), []
    made = bookings(scheduler, naps).book(EVENT, AT)
    assert list(scheduler.schedules) == [made.name]
    assert scheduler.at() == "at(2027-03-26T09:00:00)"
    assert naps == [0]


@pytest.mark.parametrize("befalls", [lost_before, lost_after, throttled, stumbles, busy])
def test_a_move_in_trouble_ends_at_the_new_time(befalls: Answer) -> None:
    scheduler = Scheduler()
    bookings(scheduler).book(EVENT, AT)
    scheduler.script = [lambda effect: effect(), befalls]  # the create meets the booking, the update the trouble
    bookings(scheduler).book(EVENT, LATER)
    assert (len(scheduler.schedules), scheduler.at()) == (1, "at(2027-03-26T10:00:00)")


@pytest.mark.parametrize("befalls", [lost_before, lost_after, throttled, stumbles, busy])
def test_a_cancel_in_trouble_leaves_nothing(befalls: Answer) -> None:
    scheduler = Scheduler()
    bookings(scheduler).book(EVENT, AT)
    scheduler.script = [befalls]
    bookings(scheduler).cancel(NAME)
    assert scheduler.schedules == {}


@pytest.mark.parametrize(("befalls", "expected"), [(throttled, Throttled), (lost_before, Unreachable)])
def test_patience_has_an_end_and_says_what_it_met(befalls: Answer, expected: type[Exception]) -> None:
    for deed in (lambda some: some.book(EVENT, AT), lambda some: some.cancel(NAME), lambda some: some.listed()):
        scheduler, naps = Scheduler(*[befalls] * 20), []
        with pytest.raises(expected):
            deed(bookings(scheduler, naps))
        assert len(scheduler.calls) == TRIES
        assert naps == list(range(TRIES - 1))


def test_the_waits_grow_and_are_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    monkeypatch.setattr(schedules.time, "sleep", naps.append)
    for _ in range(2):
        schedules.wait_with_jitter(0)
    schedules.wait_with_jitter(3)
    assert naps[0] != naps[1]
    assert 0.1 <= min(naps[:2]) <= max(naps[:2]) <= 0.3 < naps[2] <= 2.4


# two runs at once, both orders


def test_of_two_runs_the_last_one_s_time_stands() -> None:
    for first, second in ((AT, LATER), (LATER, AT)):
        scheduler = Scheduler()

        def the_other(scheduler: Scheduler = scheduler, at: datetime = first) -> None:
            scheduler.meanwhile.clear()
            bookings(scheduler).book(EVENT, at)

        scheduler.meanwhile["create_schedule"] = the_other
        bookings(scheduler).book(EVENT, second)
        assert (len(scheduler.schedules), scheduler.at()) == (1, f"at({second:%Y-%m-%dT%H:%M:%S})")


def test_what_fires_or_is_deleted_between_create_and_update_is_booked_again() -> None:
    scheduler = Scheduler()
    bookings(scheduler).book(EVENT, AT)
    scheduler.meanwhile["update_schedule"] = scheduler.schedules.clear
    bookings(scheduler).book(EVENT, LATER)
    assert scheduler.at() == "at(2027-03-26T10:00:00)"
    assert scheduler.calls[1:] == ["create_schedule", "update_schedule", "create_schedule"]


def test_a_booking_after_a_cancel_stands_and_a_cancel_after_it_takes_it_away() -> None:
    scheduler = Scheduler()
    scheduler.meanwhile["create_schedule"] = lambda: bookings(scheduler).cancel(NAME)
    bookings(scheduler).book(EVENT, AT)
    assert list(scheduler.schedules) == [NAME]
    scheduler.meanwhile["delete_schedule"] = lambda: bookings(scheduler).book(EVENT, LATER) and None
    bookings(scheduler).cancel(NAME)
    assert scheduler.schedules == {}


def test_a_booking_that_comes_and_goes_without_end_is_given_up_for_now() -> None:
    scheduler = Scheduler(*[busy, lambda _: (_ for _ in ()).throw(refused("ResourceNotFoundException"))] * 5)
    with pytest.raises(Throttled, match="came and went"):
        bookings(scheduler).book(EVENT, AT)


# a time that has passed


def test_a_minute_that_has_passed_is_said_so_that_it_is_sent_now() -> None:
    with pytest.raises(TimePassed):
        bookings(Scheduler()).book(EVENT, NOW - timedelta(minutes=1))


def test_a_minute_that_has_passed_by_the_service_s_clock_alone_counts_as_passed() -> None:
    def ahead(_: Callable[[], Any]) -> Any:
        raise refused("ValidationException")

    with pytest.raises(TimePassed):
        bookings(Scheduler(ahead)).book(EVENT, NOW.replace(second=0) + timedelta(minutes=1))


def test_a_refusal_of_a_time_to_come_is_no_reason_to_send_now() -> None:
    def other(_: Callable[[], Any]) -> Any:
        raise refused("ValidationException")

    with pytest.raises(Refused):
        bookings(Scheduler(other)).book(EVENT, AT)


def test_a_group_that_is_not_there_is_said_at_once() -> None:
    def no_group(_: Callable[[], Any]) -> Any:
        raise refused("ResourceNotFoundException")

    scheduler = Scheduler(no_group)
    with pytest.raises(MeshError, match="no group ss-bookings"):
        bookings(scheduler).book(EVENT, AT)
    assert scheduler.calls == ["create_schedule"]


# the group's list


def test_a_hundred_names_are_one_call() -> None:
    scheduler = Scheduler()
    for number in range(250):
        scheduler.schedules[f"n-{number:03d}"] = {}
    assert [one.name for one in bookings(scheduler).listed()] == sorted(scheduler.schedules)
    assert scheduler.calls == ["list_schedules"] * 3
    assert all(one.made_at == NOW for one in bookings(scheduler).listed())


def test_a_schedule_tells_what_it_will_say() -> None:
    scheduler = Scheduler()
    bookings(scheduler).book(EVENT, AT)
    retry = Retry(**{**EVENT.model_dump(), "attempt": 2})
    bookings(scheduler).book(retry, AT)
    assert bookings(scheduler).event_of(NAME) == EVENT
    assert bookings(scheduler).event_of(booking_name(retry)) == retry
    assert bookings(scheduler).event_of("gone") is None


@pytest.mark.parametrize(
    "change",
    [
        {"EventBridgeParameters": {"Source": "other", "DetailType": "ss.send"}},
        {"EventBridgeParameters": {"Source": "ss", "DetailType": "ss.held"}},
        {"Input": "no json"},
        {"Input": "{}"},
        {"Input": json.dumps(EVENT.model_copy(update={"attempt": 9}).model_dump())},
        {"EventBridgeParameters": None},
    ],
)
def test_a_schedule_that_is_not_of_our_making_is_nobody_s_booking(change: dict[str, Any]) -> None:
    scheduler = Scheduler()
    bookings(scheduler).book(EVENT, AT)
    scheduler.schedules[NAME]["Target"] |= change
    assert bookings(scheduler).event_of(NAME) is None
