"""The day's cap, the day's counters, and the answers of a day."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta

import pytest
from draft_desk import NOTE, NOW, Desk

from mesh.ledger.proposals import DraftState
from mesh.ledger.spending import Day, count, count_draft, day_key, spent_between

TODAY = date(2027, 3, 20)


def today(desk: Desk) -> Day:
    return spent_between(desk.mesh.runtime, TODAY, TODAY, NOW).get(TODAY, Day())


def test_drafts_calls_tokens_and_cost_are_counted_by_the_day(desk: Desk) -> None:
    desk.notes("p_1")
    desk.notes("p_2", text="Closed on Monday. [[too long]]")
    desk.asks("p_1", "p_2")
    spent, day = [desk.draft(one).spent for one in ("p_1", "p_2")], today(desk)
    assert (day.drafts, day.calls, day.unpriced, day.cache_hits) == (2, 3, 0, 0)
    assert day.tokens_in == sum(one.tokens_in for one in spent)
    assert day.micro_usd == sum(one.micro_usd for one in spent) > 0


def test_what_a_draft_cost_is_told_to_cloudwatch_in_dollars(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.notes("p_1", text=f"{NOTE} [[too long]]")
    desk.asks("p_1")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"BedrockUsd"' in line]
    assert len(lines) == today(desk).calls == 2
    assert sum(line["BedrockUsd"][0] for line in lines) == pytest.approx(today(desk).micro_usd / 1_000_000)


def test_tokens_of_a_draft_that_failed_are_counted_and_no_draft(desk: Desk) -> None:
    desk.notes(text=f"{NOTE} [[refuse]]")
    desk.asks("p_1")
    assert (today(desk).drafts, today(desk).calls, desk.draft().spent.calls) == (0, 1, 1)
    assert today(desk).tokens_in > 0


def test_a_model_without_a_known_price_is_counted_in_tokens_and_said_to_be_unpriced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODEL", "anthropic.claude-haiku-9-v1:0")
    desk.notes()
    desk.asks("p_1")
    assert (today(desk).unpriced, today(desk).micro_usd, desk.draft().spent.micro_usd) == (1, 0, 0)
    assert desk.draft().spent.tokens_in > 0
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"BedrockUsd"' in line]
    assert line["BedrockUsd"][0] > 0, "for the alarm it is taken for a dear one, not for a free one"


def test_past_the_days_cap_it_says_the_number_and_when_to_come_back_and_the_model_is_not_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAILY_DRAFTS", "2")
    for number in (1, 2, 3):
        desk.notes(f"p_{number}", text=f"Cake number {number} is here.")
    desk.asks("p_1", "p_2", "p_3")
    assert [desk.draft(f"p_{number}").state.value for number in (1, 2, 3)] == ["ready", "ready", "failed"]
    assert "2 drafts were made today" in desk.draft("p_3").error
    assert "tomorrow, from 00:00 on" in desk.draft("p_3").error
    assert len(desk.asked) == 2
    assert today(desk).drafts == 2


def test_other_wordings_count_too_and_the_next_day_is_the_businesss_own(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAILY_DRAFTS", "2")
    desk.notes(proposal={"wants": 3})
    desk.asks("p_1")
    assert (desk.draft().state, len(desk.draft().wordings), desk.draft().wants) == (DraftState.READY, 2, 2)
    assert "2 drafts were made today" in desk.draft().error
    desk.later(hours=14.5)  # 22:30 in London is 23:30 in Berlin
    desk.notes("p_2", text="It is nearly tomorrow.")
    desk.asks("p_2")
    assert desk.draft("p_2").state is DraftState.FAILED
    desk.later(hours=1)
    desk.notes("p_3", text="It is tomorrow.")
    desk.asks("p_3")
    assert desk.draft("p_3").state is DraftState.READY


def test_the_very_same_request_within_a_day_is_answered_without_asking(desk: Desk) -> None:
    desk.notes("p_1")
    desk.asks("p_1")
    desk.notes("p_2", at=(NOW + timedelta(minutes=1)).isoformat())
    desk.asks("p_2")
    assert len(desk.asked) == 1
    assert desk.draft("p_2").current is not None
    assert desk.draft("p_2").spent.calls == 0
    assert (today(desk).cache_hits, today(desk).drafts) == (1, 1)


def test_another_note_model_or_day_is_another_request(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.notes("p_1")
    desk.asks("p_1")
    desk.notes("p_2", text=f"{NOTE} And tea.")
    desk.asks("p_2")
    desk.later(hours=24.1)
    desk.notes("p_3")
    desk.asks("p_3")
    assert len(desk.asked) == 3
    assert today(desk).cache_hits == 0


def test_an_answer_that_was_no_good_is_not_kept(desk: Desk) -> None:
    desk.orders("malformed", "malformed")
    desk.notes("p_1")
    desk.asks("p_1")
    assert desk.draft("p_1").state is DraftState.FAILED
    desk.notes("p_2")
    desk.asks("p_2")
    assert desk.draft("p_2").state is DraftState.READY
    assert len(desk.asked) == 3


def test_a_month_is_read_in_one_call_and_days_without_drafts_are_left_out(desk: Desk) -> None:
    runtime = desk.mesh.runtime
    count(runtime, date(2027, 3, 1), Day(calls=2, micro_usd=700))
    count(runtime, date(2027, 3, 31), Day(calls=1))
    desk.mesh.calls.clear()
    found = spent_between(runtime, date(2027, 3, 1), date(2027, 3, 31), NOW)
    assert desk.mesh.calls == ["BatchGetItem"]
    assert {day.day: spent.calls for day, spent in found.items()} == {1: 2, 31: 1}
    assert sum(found.values(), Day()) == Day(calls=3, micro_usd=700)


def test_counting_at_the_same_moment_loses_nothing_and_never_passes_the_cap(desk: Desk) -> None:
    runtime, taken = desk.mesh.runtime, []

    def many() -> None:
        for _ in range(5):
            taken.append(count_draft(runtime, TODAY, 12))
            count(runtime, TODAY, Day(calls=1))

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (taken.count(True), today(desk).drafts, today(desk).calls) == (12, 12, 20)


def test_a_days_counters_go_after_forty_days(desk: Desk) -> None:
    count(desk.mesh.runtime, TODAY, Day(calls=1))
    assert desk.mesh.runtime.get(day_key(TODAY), NOW + timedelta(days=38)) is not None
    assert desk.mesh.runtime.get(day_key(TODAY), NOW + timedelta(days=41)) is None


def test_with_a_cap_of_nought_drafting_is_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAILY_DRAFTS", "0")
    desk.notes()
    desk.asks("p_1")
    assert "switched off" in desk.draft().error
