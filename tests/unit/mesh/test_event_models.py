"""The events' models."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mesh import events


def test_each_first_cause_gets_a_trace_of_its_own() -> None:
    assert events.RulesChanged().trace_id != events.RulesChanged().trace_id


def test_a_trace_given_is_carried_on() -> None:
    assert events.RulesChanged(trace_id="t_given").trace_id == "t_given"


def test_an_event_is_read_by_its_detail_type() -> None:
    envelope: dict[str, object] = {
        "detail-type": "ss.retry",
        "detail": {"post_id": "p_1", "channel": "bluesky-main", "revision": "r", "attempt": 2},
    }
    parsed = events.parse(envelope)
    assert isinstance(parsed, events.Retry)
    assert parsed.attempt == 2


def test_an_unknown_detail_type_is_not_swallowed() -> None:
    with pytest.raises(KeyError):
        events.parse({"detail-type": "ss.unheard", "detail": {}})


def test_a_detail_without_its_ids_is_not_swallowed() -> None:
    with pytest.raises(ValidationError):
        events.parse({"detail-type": "ss.sent", "detail": {"post_id": "p_1"}})


def test_an_event_cannot_be_changed_once_made() -> None:
    with pytest.raises(ValidationError):
        events.RulesChanged().trace_id = "t_other"  # type: ignore[misc]
