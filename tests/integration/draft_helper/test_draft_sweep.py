"""The sweep: what a lost event or a killed invocation left standing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from draft_desk import NOW, Context, Desk
from moto_mesh import NAMES

from draft_helper import batches
from draft_helper.decide import CARD_OVERDUE, CARD_WANTED_FOR, LEASE, MOST_AT_ONCE
from draft_helper.handler import handler
from mesh.events import BatchRequested, DraftReady, DraftRequested
from mesh.ledger import CardSent
from mesh.ledger.proposals import DraftState, Source

LONG_AGO = (NOW - CARD_OVERDUE - timedelta(seconds=1)).isoformat()


def wanted(desk: Desk) -> list[list[str]]:
    return [one.post_ids for one in desk.mesh.events_of(DraftRequested)]


def test_an_idle_sweep_is_one_call_and_says_nothing(desk: Desk) -> None:
    desk.sweeps()
    desk.mesh.calls.clear()
    desk.sweeps()
    assert desk.mesh.calls == ["Query"]
    assert desk.mesh.entries == []


def test_a_note_whose_event_was_lost_is_asked_for_and_drafted(desk: Desk) -> None:
    desk.notes()
    desk.sweeps()
    assert wanted(desk) == [["p_1"]]
    desk.asks(*wanted(desk)[0])
    assert desk.draft().state is DraftState.READY


def test_one_that_somebody_is_at_is_left_alone_until_its_lease_ends(desk: Desk) -> None:
    desk.notes(proposal={"lease_until": (NOW + LEASE).isoformat()})
    desk.sweeps()
    assert wanted(desk) == []
    desk.later(seconds=LEASE.total_seconds() + 1)
    desk.sweeps()
    assert wanted(desk) == [["p_1"]]


def test_many_are_asked_for_one_by_one_and_not_all_at_once(desk: Desk) -> None:
    for number in range(MOST_AT_ONCE + 3):
        desk.notes(f"p_{number:02}")
    desk.sweeps()
    assert wanted(desk) == [[f"p_{number:02}"] for number in range(MOST_AT_ONCE)]


def test_a_card_that_nobody_noted_is_wanted_again(desk: Desk) -> None:
    desk.notes("p_1", proposal={"state": DraftState.READY, "ended_at": LONG_AGO})
    desk.notes("p_2", proposal={"state": DraftState.FAILED, "ended_at": LONG_AGO})
    desk.sweeps()
    assert desk.told == [(["p_1", "p_2"], "")]


def test_a_card_that_was_noted_may_still_come_or_is_too_old_is_not_wanted(desk: Desk) -> None:
    ready = {"state": DraftState.READY}
    desk.notes("p_1", proposal={**ready, "ended_at": LONG_AGO}, card=CardSent(round_id="r_1", sent_at=LONG_AGO))
    desk.notes("p_2", proposal={**ready, "ended_at": (NOW - CARD_OVERDUE + timedelta(seconds=9)).isoformat()})
    desk.notes("p_3", proposal={**ready, "ended_at": (NOW - CARD_WANTED_FOR - timedelta(seconds=9)).isoformat()})
    desk.sweeps()
    assert desk.mesh.entries == []


def test_a_draft_that_waits_for_its_owner_stays(desk: Desk) -> None:
    desk.notes(proposal={"state": DraftState.READY, "ended_at": (NOW - timedelta(days=60)).isoformat()})
    before = desk.status()
    desk.sweeps()
    assert desk.status() == before


def test_a_batch_that_stands_still_is_started_again_and_its_posts_are_its_own(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "stalled", lambda status, now: status.post_id == "b_1")
    for batch_id in ("b_1", "b_2"):
        desk.notes(batch_id, source=Source.BATCH)
    desk.notes("p_1", source=Source.BATCH, batch_id="b_1")
    desk.notes("p_2", source=Source.BATCH, batch_id="b_2", proposal={"state": DraftState.READY, "ended_at": LONG_AGO})
    desk.sweeps()
    assert [one.batch_id for one in desk.mesh.events_of(BatchRequested)] == ["b_1"]
    assert wanted(desk) == []
    assert desk.told == []


def test_posts_of_a_batch_that_is_done_are_like_all_others_and_share_a_card(desk: Desk) -> None:
    desk.notes("p_1", source=Source.BATCH, batch_id="b_1", proposal={"wants": 3})
    for post_id in ("p_2", "p_3"):
        desk.notes(
            post_id, source=Source.BATCH, batch_id="b_1", proposal={"state": DraftState.READY, "ended_at": LONG_AGO}
        )
    desk.sweeps()
    assert wanted(desk) == [["p_1"]]
    assert desk.told == [(["p_2", "p_3"], "b_1")]


def test_an_item_that_no_code_writes_keeps_nobody_else_waiting(desk: Desk) -> None:
    broken = {"post_id": {"S": "p_0"}, "open": {"S": "draft"}, "due_at": {"S": "2027"}, "state": {"S": "nonsense"}}
    desk.mesh.dynamodb.put_item(TableName=NAMES.status, Item=broken)
    desk.notes("p_1")
    desk.sweeps()
    assert wanted(desk) == [["p_1"]]


# losing each event loses nothing: the tick comes every five minutes


def run(desk: Desk, losing: type) -> int:
    """Minutes until the draft is there and its card was asked for, with the first event of that kind lost."""
    lost, seen, noted = False, 0, False
    for minute in range(30):
        if minute % 5 == 4:
            desk.sweeps()
        while seen < len(desk.mesh.entries):
            event = desk.mesh.events[seen]
            seen += 1
            if isinstance(event, losing) and not lost:
                lost = True
            elif isinstance(event, DraftRequested):
                detail = event.model_dump()
                handler({"detail-type": "ss.draft.requested", "source": "ss", "detail": detail}, Context())
            elif isinstance(event, DraftReady):
                noted = True
            elif isinstance(event, BatchRequested):
                return minute
        if noted and lost:
            return minute
        desk.later(minutes=1)
    raise AssertionError("never")


@pytest.mark.parametrize("losing", [DraftRequested, DraftReady])
def test_the_loss_of_one_event_costs_a_draft_no_more_than_a_quarter_of_an_hour(desk: Desk, losing: type) -> None:
    desk.notes()
    desk.mesh.bus.put([DraftRequested(post_ids=["p_1"])])
    assert run(desk, losing) < 15
    assert desk.draft().state is DraftState.READY


def test_the_loss_of_one_event_costs_a_batch_no_more_than_a_quarter_of_an_hour(desk: Desk) -> None:
    desk.notes("b_1", source=Source.BATCH)
    desk.mesh.bus.put([BatchRequested(batch_id="b_1")])
    assert run(desk, BatchRequested) < 15
