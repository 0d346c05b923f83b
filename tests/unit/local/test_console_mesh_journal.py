"""Causes and effects, out of journals as the AWS side keeps them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from local.console.mesh_journal import Run, cause_of, counted, effects_of, posts_of, woken_by

BEGAN = datetime(2027, 3, 15, 7, 0, tzinfo=UTC)


def at(seconds: float) -> str:
    return (BEGAN + timedelta(seconds=seconds)).isoformat()


def event(seq: int, kind: str, seconds: float, trace: str = "t_1", **detail: Any) -> dict[str, Any]:
    return {
        "seq": seq,
        "time": at(seconds),
        "source": "ss",
        "detail_type": kind,
        "detail": {"trace_id": trace, **detail},
    }


def line(seconds: float, message: str, trace: str = "t_1", **fields: Any) -> str:
    return json.dumps({"timestamp": at(seconds), "message": message, "service": "x", "trace_id": trace, **fields})


def run(seq: int, function: str, seconds: float, trigger: str, *log: str, outcome: str = "ok", long: float = 1) -> Run:
    return Run(
        {"seq": seq, "function": function, "at": at(seconds), "duration_ms": long * 1000, "outcome": outcome, "trigger": trigger,
         "log": "\n".join(log)}
    )  # fmt: skip


def test_an_event_was_put_by_the_run_whose_line_says_so() -> None:
    right = run(1, "ss-scheduler", 0, "event ss.cleared", line(0.5, "emits", move="ss.send", post_id="p_a"))
    other = run(2, "ss-scheduler", 0.1, "event ss.cleared", line(0.6, "emits", move="ss.send", post_id="p_b"))
    stranger = run(
        3, "ss-scheduler", 0.1, "schedule ss-sweep", line(0.6, "emits", "t_2", move="ss.send", post_id="p_a")
    )
    assert cause_of(event(9, "ss.send", 0.51, post_id="p_a"), [stranger, other, right]) is right


def test_of_two_runs_that_put_the_same_the_nearest_in_time_did() -> None:
    first = run(1, "ss-renderer", 0, "event ss.package.wanted", line(1, "emits", move="ss.package.ready"))
    second = run(2, "ss-renderer", 0, "event ss.package.wanted", line(5, "emits", move="ss.package.ready"))
    assert cause_of(event(9, "ss.package.ready", 5.01), [first, second]) is second


def test_where_the_line_was_cut_off_time_and_trace_decide() -> None:
    cut = run(1, "ss-scheduler", 0, "schedule ss-sweep", 'ending","x":1}', line(3, "scheduler ran"), long=4)
    assert cause_of(event(9, "ss.probe", 2), [cut]) is cut
    assert cause_of(event(9, "ss.probe", 2, trace="t_9"), [cut]) is None


def test_what_a_booking_put_has_no_run_as_its_cause() -> None:
    earlier = run(1, "ss-scheduler", 0, "event ss.cleared", line(0.5, "moved"))
    assert cause_of(event(9, "ss.send", 3600, post_id="p_a", attempt=1, revision="r"), [earlier]) is None


def test_a_run_was_woken_by_the_event_of_its_trigger_and_trace() -> None:
    one, two = event(1, "ss.approved", 0, post_ids=["p_a"]), event(2, "ss.approved", 1, post_ids=["p_b"])
    woken = run(5, "ss-drive-sync", 1.2, "event ss.approved", line(2, "sheet synced", posts=["p_a", "p_c"]))
    assert woken_by(woken, [one, two]) is one
    assert woken_by(run(6, "ss-drive-sync", 1, "schedule ss-drive-sync", line(2, "sheet synced")), [one]) is None


def test_an_effect_is_by_function_the_run_that_answered_and_what_failed_before_it() -> None:
    put = event(1, "ss.send", 0, post_id="p_a")
    failed = run(
        2, "ss-sender", 0.1, "event ss.send", "Traceback (most recent call last):", "Doubt: no", outcome="error"
    )
    done = run(3, "ss-sender", 2, "event ss.send", line(2.5, "sent", post_id="p_a"))
    later = run(4, "ss-sender", 60, "event ss.send", line(61, "sent", post_id="p_a"))
    other = run(5, "ss-sender", 0.2, "event ss.send", line(1, "sent", post_id="p_b"))
    assert effects_of(put, ["ss-sender", "ss-notifier"], [failed, done, later, other]) == {
        "ss-sender": [failed, done],
        "ss-notifier": [],
    }


def test_each_channel_of_a_post_has_a_cause_and_an_effect_of_its_own() -> None:
    two = [event(1, "ss.send", 0, post_id="p_a", channel="x"), event(2, "ss.send", 0, post_id="p_a", channel="y")]
    runs = [
        run(3, "ss-sender", 0.1, "event ss.send", line(1, "emits", move="ss.sent", post_id="p_a", channel="y")),
        run(4, "ss-sender", 0.2, "event ss.send", line(1, "emits", move="ss.sent", post_id="p_a", channel="x")),
    ]
    assert [effects_of(one, ["ss-sender"], runs)["ss-sender"] for one in two] == [[runs[1]], [runs[0]]]
    assert [woken_by(one, two) for one in runs] == [two[1], two[0]]
    assert cause_of(event(5, "ss.sent", 1, post_id="p_a", channel="x"), runs) is runs[1]


def test_a_run_is_told_with_its_lines_in_words_and_a_failure_with_what_python_said() -> None:
    log = line(0, "emits", move="ss.failed"), line(0, "other", "t_2"), "ValueError: no"
    failed = run(2, "ss-sender", 0, "event ss.send", *log, outcome="error")
    told = failed.told("t_1")
    assert [one["words"] for one in told["lines"]] == ["emits ss.failed"]
    assert told["error"] == "ValueError: no"
    assert run(1, "f", 0, "invoke", line(0, "x")).told()["error"] == ""


def test_the_address_of_a_page_is_never_told_as_it_may_hold_a_token() -> None:
    opened = run(1, "ss-approve-handler", 0, "url POST /a/eyJ0b2tlbiI6MX0.signature")
    assert opened.told()["trigger"] == "url POST"
    assert "eyJ" not in json.dumps([opened.told(), counted([opened])])


def test_runs_are_counted_by_function_with_errors_firings_and_what_they_put() -> None:
    sweep = run(
        1, "ss-scheduler", 0, "schedule ss-sweep", line(0, "emits", move="ss.probe"), line(0, "emits", move="ss.probe")
    )
    again = run(2, "ss-scheduler", 9, "event ss.cleared", outcome="timeout")
    assert counted([sweep, again]) == {
        "ss-scheduler": {
            "count": 2, "errors": 1, "puts": {"ss.probe": 2}, "fired": {"ss-sweep": 1}, "last": 2, "outcome": "timeout",
            "trigger": "event ss.cleared", "at": at(9),
        }
    }  # fmt: skip


def test_the_posts_of_an_event_are_found_wherever_they_stand() -> None:
    assert posts_of(event(1, "x", 0, post_ids=["a", "b"], also=[{"post_ids": ["c"]}], posts=[{"post_id": "a"}])) == [
        "a",
        "b",
        "c",
    ]
