"""The bus: what goes out in one call, and that nothing refused is passed over."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from mesh import log
from mesh.bus import Bus
from mesh.errors import BusError
from mesh.events import Asked, CalendarChanged, Held, Probe, ReviewRequested, RulesChanged, Sent, Trouble

CALL_LIMIT_BYTES = 256 * 1024


class Events:
    """A bus that keeps what it takes and refuses, per call, what it is told to."""

    def __init__(self, *refusals: list[str | None] | Exception) -> None:
        self.calls: list[list[dict[str, str]]] = []
        self._refusals = list(refusals)

    def put_events(self, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - the client's own spelling
        self.calls.append(Entries)
        refusal = self._refusals.pop(0) if self._refusals else [None] * len(Entries)
        if isinstance(refusal, Exception):
            raise refusal
        return {"Entries": [{"ErrorCode": code} if code else {"EventId": "e"} for code in refusal]}

    @property
    def entries(self) -> list[dict[str, str]]:
        return [entry for call in self.calls for entry in call]


def size_bytes(entries: list[dict[str, str]]) -> int:
    return sum(len(value.encode()) for entry in entries for value in entry.values())


def sent(number: int) -> Sent:
    return Sent(post_id=f"p_{number}", channel="bluesky-main", attempt=1)


def test_events_go_out_ten_at_a_time_in_their_order() -> None:
    events = Events()
    assert Bus(events, "ss").put(sent(number) for number in range(23)) == 23
    assert [len(call) for call in events.calls] == [10, 10, 3]
    assert [json.loads(entry["Detail"])["post_id"] for entry in events.entries] == [f"p_{n}" for n in range(23)]


def test_the_source_is_the_stacks_prefix() -> None:
    events = Events()
    Bus(events, "bakery").put([RulesChanged()])
    assert (events.entries[0]["Source"], events.entries[0]["DetailType"]) == ("bakery", "ss.rules.changed")


def test_a_long_list_is_split_and_no_id_is_lost_or_doubled() -> None:
    events = Events()
    post_ids = [f"p_{number:08d}" for number in range(60_000)]
    Bus(events, "ss").put([CalendarChanged(post_ids=post_ids, trace_id="t_1")])
    details = [json.loads(entry["Detail"]) for entry in events.entries]
    assert [post_id for detail in details for post_id in detail["post_ids"]] == post_ids
    assert {detail["trace_id"] for detail in details} == {"t_1"}
    assert len(details) > 1


def test_no_call_is_as_big_as_256_kb_however_many_entries_it_has() -> None:
    events = Events()
    Bus(events, "ss").put([CalendarChanged(post_ids=[f"p_{number:08d}" for number in range(60_000)])] * 2)
    assert max(size_bytes(call) for call in events.calls) < CALL_LIMIT_BYTES


def test_an_empty_list_is_no_news() -> None:
    events = Events()
    assert Bus(events, "ss").put([CalendarChanged(post_ids=[]), Probe(channels=[]), Held(post_ids=[])]) == 0
    assert events.calls == []


def test_a_hold_on_everything_goes_out_with_its_empty_list() -> None:
    events = Events()
    assert Bus(events, "ss").put([Held(post_ids=[], scope="everything")]) == 1


def test_a_trouble_without_posts_goes_out() -> None:
    assert Bus(Events(), "ss").put([Trouble(cause="sheet-unreachable", message="The sheet could not be read.")]) == 1


def test_a_refused_entry_raises_with_its_code_after_the_rest_was_put() -> None:
    events = Events([None, "ThrottlingException", *[None] * 8])
    with pytest.raises(BusError) as caught:
        Bus(events, "ss").put(sent(number) for number in range(12))
    assert (caught.value.failed, caught.value.codes) == (1, ["ThrottlingException"])
    assert len(events.calls) == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ClientError({"Error": {"Code": "InternalFailure"}}, "PutEvents"), "InternalFailure"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "EndpointConnectionError"),
    ],
)
def test_a_call_that_fails_whole_counts_each_of_its_entries(error: Exception, code: str) -> None:
    events = Events(error)
    with pytest.raises(BusError) as caught:
        Bus(events, "ss").put(sent(number) for number in range(12))
    assert (caught.value.failed, set(caught.value.codes)) == (10, {code})
    assert len(events.calls) == 2


def test_each_event_has_a_line_with_what_it_is_about_and_none_of_its_words(caplog: pytest.LogCaptureFixture) -> None:
    asked = [Asked(post_id=f"p_{number}", revision="r") for number in range(60)]
    Bus(Events(), "ss", log.logger("told")).put(
        [
            sent(7),
            CalendarChanged(post_ids=["p_1"], trace_id="t_1"),
            ReviewRequested(posts=asked, round_id="r_1", reason="new"),
            Trouble(cause="c", message="Words of ours", post_ids=["p_1", "p_2"]),
        ]
    )
    lines = [vars(record) for record in caplog.records if record.name == "told"]
    one, named, many, trouble = [{name: line[name] for name in log.FIELDS if line.get(name)} for line in lines]
    assert (one["move"], one["post_id"], one["channel"], one["attempt"]) == ("ss.sent", "p_7", "bluesky-main", 1)
    assert named == {"trace_id": "t_1", "post_id": "p_1", "move": "ss.calendar.changed"}
    assert (many["count"], len(many["posts"])) == (60, log.MOST_POSTS)
    assert trouble["posts"] == ["p_1", "p_2"]
    assert "Words of ours" not in str(lines)


def test_a_line_s_time_is_the_stack_s(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mesh.clock.now", lambda: datetime(2031, 3, 25, 17, 4, tzinfo=UTC))
    log.line(log.logger("timed"), "told", trace_id="t_1")
    assert json.loads(capsys.readouterr().out)["timestamp"] == "2031-03-25T17:04:00.000+00:00"
