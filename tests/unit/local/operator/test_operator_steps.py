"""A post's steps: which lines of the logs are its own, in which order they stand, and what is never repeated from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.operator.asking import Refused
from local.operator.logs import KEPT, Logs, Said, windows
from local.operator.steps import AUDIT, LOG, SCHEDULE, Step, in_order, of_bookings, of_logs, of_tries, plain_address

NOW = datetime(2027, 3, 25, 17, 4, tzinfo=UTC)


def said(message: str = "told", minutes: float = 0, function: str = "notifier", **fields: Any) -> Said:
    return Said(NOW + timedelta(minutes=minutes), function, message, fields)


def words(lines: list[Said]) -> list[str]:
    return [step.what for step in of_logs(lines, ["p_1"], ["t_1"])]


def test_a_line_is_a_post_s_by_its_name_and_another_s_is_not_by_their_common_trace() -> None:
    lines = [
        said("moved", post_id="p_1", trace_id="t_9"),
        said("moved", post_id="p_2", trace_id="t_1"),
        said("emits", posts=["p_1", "p_2", "p_3"], move="ss.review.requested", trace_id="t_8"),
        said("emits", posts=["p_2", "p_3"], move="ss.review.requested", trace_id="t_1"),
        said("scheduler ran", trace_id="t_1", move="sweep", count=4),
        said("scheduler ran", trace_id="t_7", move="sweep"),
    ]
    assert words(lines) == [
        "moved",
        "emits ss.review.requested, with 2 other posts",
        "scheduler ran: sweep (4)",
    ]


def test_what_sets_off_stands_before_what_is_set_off_and_nothing_twice() -> None:
    log, audit = Step(NOW, LOG, "scheduler", "emits ss.send"), Step(NOW, AUDIT, "sender", "handed over")
    due = Step(NOW, SCHEDULE, "x-main", "falls due")
    earlier = Step(NOW - timedelta(seconds=1), AUDIT, "ada", "approved")
    assert in_order([audit, log, due, log, earlier]) == [earlier, due, log, audit]


def booked(name: str, action: str = "booked", before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    booking = {"name": name, "at": NOW.isoformat(), "attempt": 1}
    after = {"booking": booking} if action == "booked" else {}
    return {"subject": "p_1#x-main", "action": action, "before": before or {}, "after": after}


def test_a_booking_that_was_taken_back_or_moved_never_fires() -> None:
    cancelled = [booked("one"), booked("", "booking cancelled", {"booking": {"name": "one"}})]
    moved = [booked("two"), booked("three", before={"booking": {"name": "two"}})]
    assert of_bookings(cancelled, {}, NOW) == []
    (left,) = of_bookings([*cancelled, *moved], {"three": "still booked, at(…)"}, NOW - timedelta(minutes=1))
    assert left.what == "three will fall due: ss.send (try 1); still booked, at(…)"


def test_a_try_says_what_its_network_answered_and_its_address_without_what_is_behind_it() -> None:
    began, ended = NOW.isoformat(), (NOW + timedelta(seconds=2)).isoformat()
    row = {"post_channel": "p_1#x-main", "attempt": 1, "started_at": began, "sent_at": ended, "result": "ok"}
    steps = of_tries([{"post_channel": "p_1#x-main", "attempt": 0}, {**row, "posted_url": "https://x.test/1?token=s"}])
    assert [step.what for step in steps] == ["try 1 begins", "try 1 ends: ok, https://x.test/1"]
    assert plain_address("javascript:alert(1)") == ""


# the logs


def event(message: str, **fields: Any) -> dict[str, Any]:
    text = json.dumps({"message": message, "timestamp": NOW.isoformat(), **fields})
    return {"message": text, "timestamp": 1}


class CloudWatch:
    """``answers`` one by one; an exception is raised. Keeps the requests."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.requests: list[dict[str, Any]] = []

    def filter_log_events(self, **request: Any) -> Any:
        self.requests.append(request)
        answer = self._answers.pop(0) if self._answers else {"events": []}
        if isinstance(answer, Exception):
            raise answer
        return answer


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "FilterLogEvents")


SPAN = (NOW - timedelta(hours=1), NOW)


def test_every_page_is_read_and_throttling_is_waited_out() -> None:
    client = CloudWatch(
        {"events": [event("a", post_id="p_1")], "nextToken": "n"},
        refusal("ThrottlingException"),
        {"events": [event("b", post_id="p_1")]},
    )
    waits: list[float] = []
    lines = list(Logs(client, "ss", wait=waits.append).lines("sender", ["p_1"], [SPAN]))
    assert [one.message for one in lines] == ["a", "b"]
    assert waits == [0.5]
    assert client.requests[-1]["nextToken"] == "n"
    assert client.requests[0]["logGroupName"] == "/aws/lambda/ss-sender"
    assert client.requests[0]["filterPattern"] == '"p_1"'


def test_several_ids_are_asked_for_at_once_and_never_in_too_long_a_pattern() -> None:
    client = CloudWatch()
    list(Logs(client, "ss").lines("sender", [f"t_{number:016x}" for number in range(100)], [SPAN]))
    patterns = [request["filterPattern"] for request in client.requests]
    assert len(patterns) == 3
    assert all(len(pattern) <= 1024 for pattern in patterns)
    assert patterns[0].startswith('?"t_0000000000000000" ?"t_')


def test_only_our_own_fields_are_taken_over_and_what_is_no_line_of_ours_is_left() -> None:
    client = CloudWatch(
        {
            "events": [
                {"message": "START RequestId: p_1", "timestamp": 1},
                event("sender", post_id="p_1", exception="Traceback: token=secret", location="x:1"),
            ]
        }
    )
    (line,) = Logs(client, "ss").lines("sender", ["p_1"], [SPAN])
    assert (line.at, line.fields) == (NOW, {"post_id": "p_1"})


def test_a_group_that_is_not_there_is_empty_and_a_missing_right_is_said() -> None:
    assert list(Logs(CloudWatch(refusal("ResourceNotFoundException")), "ss").lines("digest", ["p_1"], [SPAN])) == []
    with pytest.raises(Refused, match="logs:FilterLogEvents"):
        list(Logs(CloudWatch(refusal("AccessDeniedException")), "ss").lines("digest", ["p_1"], [SPAN]))


def test_the_logs_are_asked_for_the_hours_around_what_happened_and_for_no_older() -> None:
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    moments = [NOW - timedelta(days=30), NOW - 5 * hour, NOW - 5 * hour + 2 * minute, NOW]
    found = windows(moments, NOW, 15 * minute, hour)
    assert found == [
        (NOW - 5 * hour - 15 * minute, NOW - 5 * hour + 17 * minute),
        (NOW - 15 * minute, NOW + 15 * minute),
    ]
    assert windows([NOW - KEPT - hour], NOW, 15 * minute, hour) == []


@pytest.mark.parametrize(
    "url", ["https://[half", "https://x.example\x1b]0;t\x07/1", "https://x.example/\x9b2J", "ftp://x/1", None]
)
def test_an_address_that_a_network_made_up_is_no_way_into_the_terminal(url: object) -> None:
    row = {"attempt": 1, "post_channel": "p_1#x-main", "started_at": NOW.isoformat(), "result": "ok", "posted_url": url}
    steps = of_tries([row])
    assert len(steps) == 2
    assert all(step.what.isprintable() for step in steps)


def test_a_booking_that_does_not_say_its_try_is_of_the_first() -> None:
    row = booked("one")
    del row["after"]["booking"]["attempt"]
    (step,) = of_bookings([row], {}, NOW)
    assert "ss.send (try 1)" in step.what
