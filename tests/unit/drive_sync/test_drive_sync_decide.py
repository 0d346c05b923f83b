"""What drive-sync decides about rows, without any sheet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drive_sync.decide import FlagStep, flag_step, hold_for_untick, note_flag, note_hand
from drive_sync.mirroring import mirror
from drive_sync.rows import SeenRow, give_ids, plan_writes
from mesh.ledger.items import Approval, Flag, FlagState, Hold, PackageRef, State, Status
from mesh.posts import Row, stamp

NOW = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)


def row(**cells: object) -> Row:
    return Row(**{"post_id": "p_1", "date": "2027-03-16", "time": "09:00", "text": "Hallo", "channels": "b", **cells})  # type: ignore[arg-type]


def seen(*rows: Row) -> list[SeenRow]:
    return [SeenRow(number, entry) for number, entry in enumerate(rows, start=2)]


def new_ids():  # type: ignore[no-untyped-def]
    numbers = count(1)
    return lambda: f"new_{next(numbers)}"


def status(flag: FlagState | None = None, *, revision: str = "r1", held: bool = False) -> Status:
    return Status(
        post_id="p_1",
        version=1,
        source_revision="s1",
        package=PackageRef(source_revision="s1", revision="r1"),
        approval=Approval(revision=revision, by="owner", how="mail", at=NOW.isoformat()),
        held=Hold(by="owner", how="mail", at=NOW.isoformat()) if held else None,
        flag=Flag(state=flag, at=(NOW - timedelta(minutes=5)).isoformat()) if flag else None,
    )


def test_a_row_without_an_id_gets_one() -> None:
    assert give_ids(seen(row(post_id="")), {}, new_ids())[0].row.post_id == "new_1"


def test_a_blank_row_gets_none() -> None:
    assert give_ids(seen(Row(approved=True)), {}, new_ids())[0].row.post_id == ""


def test_of_two_rows_with_one_id_the_one_with_the_known_content_keeps_it() -> None:
    original, copy = row(), row(text="Hallo, edited")
    given_ids = give_ids(seen(copy, original), {"p_1": original}, new_ids())
    assert [entry.row.post_id for entry in given_ids] == ["new_1", "p_1"]


def test_a_copied_row_is_not_approved() -> None:
    original = row(approved=True, stamp=stamp("p_1", "r1"))
    given_ids = give_ids(seen(original, original), {"p_1": original}, new_ids())
    copy = given_ids[1].row
    assert (copy.post_id, copy.approved, copy.stamp) == ("new_1", False, "")


def test_a_row_that_lost_its_id_gets_it_back_by_its_content() -> None:
    assert give_ids(seen(row(post_id="")), {"p_1": row()}, new_ids())[0].row.post_id == "p_1"


@given(
    st.lists(st.sampled_from(["", "p_1", "p_2", "p_3"]), max_size=8),
    st.lists(st.integers(0, 3), min_size=8, max_size=8),
)
def test_ids_are_unique_whatever_was_copied_or_deleted(ids: list[str], texts: list[int]) -> None:
    rows = [row(post_id=post_id, text=f"text {text}") for post_id, text in zip(ids, texts, strict=False)]
    last = {f"p_{number}": row(post_id=f"p_{number}", text=f"text {number}") for number in (1, 2, 3)}
    found = [entry.row.post_id for entry in give_ids(seen(*rows), last, new_ids())]
    assert all(found)
    assert len(set(found)) == len(found)


def test_a_standing_approval_is_ticked_and_stamped() -> None:
    assert flag_step(row(), status(FlagState.PENDING), NOW) is FlagStep.WRITE


def test_tick_and_stamp_that_are_there_already_are_only_confirmed() -> None:
    ticked = row(approved=True, stamp=stamp("p_1", "r1"))
    assert flag_step(ticked, status(FlagState.PENDING), NOW) is FlagStep.CONFIRM
    assert flag_step(ticked, status(FlagState.WRITTEN), NOW) is FlagStep.NONE


def test_an_owners_untick_is_a_hold() -> None:
    assert flag_step(row(stamp=stamp("p_1", "r1")), status(FlagState.WRITTEN), NOW) is FlagStep.HOLD


@pytest.mark.parametrize("flag", [FlagState.WRITTEN, FlagState.PENDING])
def test_taking_away_a_tick_that_was_another_rows_is_a_hold_too(flag: FlagState) -> None:
    unticked = row(stamp=stamp("p_2", "r1"))
    assert flag_step(unticked, status(flag), NOW) is FlagStep.HOLD_MISPLACED
    held = hold_for_untick(status(flag), NOW, misplaced=True)
    assert held is not None
    assert held.held is not None
    assert flag_step(row(approved=True, stamp=stamp("p_2", "r1")), status(flag), NOW) is FlagStep.WRITE


def test_an_untick_counts_also_when_the_tick_was_written_and_not_noted_but_not_against_a_newer_click() -> None:
    unticked = row(stamp=stamp("p_1", "r1"))
    pending = status(FlagState.PENDING)
    assert flag_step(unticked, pending, NOW) is FlagStep.HOLD
    assert hold_for_untick(pending, NOW) is not None
    assert pending.flag is not None
    clicked_again = pending.model_copy(update={"flag": pending.flag.model_copy(update={"again": True})})
    assert flag_step(unticked, clicked_again, NOW) is FlagStep.WRITE
    assert hold_for_untick(clicked_again, NOW) is None


def test_an_untick_read_before_the_flag_was_written_is_no_hold() -> None:
    before = NOW - timedelta(minutes=10)
    assert flag_step(row(stamp=stamp("p_1", "r1")), status(FlagState.WRITTEN), before) is FlagStep.WRITE


def test_without_a_standing_approval_stamp_and_tick_are_cleared() -> None:
    ticked = row(approved=True, stamp=stamp("p_1", "r1"))
    assert flag_step(ticked, status(FlagState.WRITTEN, revision="r0"), NOW) is FlagStep.CLEAR
    assert flag_step(ticked, status(FlagState.WRITTEN, held=True), NOW) is FlagStep.CLEAR
    assert flag_step(ticked, None, NOW) is FlagStep.CLEAR


def test_a_tick_by_hand_approves_nothing() -> None:
    assert flag_step(row(approved=True), status(None, revision="r0"), NOW) is FlagStep.HAND


def test_a_stamp_of_another_post_approves_nothing() -> None:
    ticked = row(approved=True, stamp=stamp("p_2", "r1"))
    assert flag_step(ticked, status(None, revision="r0"), NOW) is FlagStep.CLEAR


def test_a_hold_that_came_meanwhile_keeps_the_flag_from_being_noted() -> None:
    assert note_flag(status(FlagState.PENDING, held=True), "r1", NOW) is None
    assert note_flag(status(FlagState.PENDING), "r2", NOW) is None
    noted = note_flag(status(FlagState.PENDING), "r1", NOW)
    assert noted is not None
    assert noted.cleared


def test_an_untick_holds_only_once() -> None:
    held = hold_for_untick(status(FlagState.WRITTEN), NOW)
    assert held is not None
    assert held.held is not None
    assert hold_for_untick(held, NOW) is None


def test_a_tick_by_hand_is_no_news_where_the_approval_stands() -> None:
    assert note_hand(status(FlagState.WRITTEN), NOW) is None


def test_nothing_is_written_where_everything_is_as_it_should_be() -> None:
    entries = seen(row(approved=True, stamp=stamp("p_1", "r1"), status="Booked"))
    assert plan_writes(entries, entries, {"p_1": status(FlagState.WRITTEN)}, {"p_1": "Booked"}, NOW, {}) == []


def test_a_posted_row_whose_item_is_not_looked_at_any_more_keeps_its_tick() -> None:
    """Its post is closed, and tick and stamp are as they were: nobody reads the item, and that is no item's absence."""
    posted = row(approved=True, stamp=stamp("p_1", "r1"), status="Posted: https://a.example/1")
    assert plan_writes(seen(posted), seen(posted), {}, {}, NOW, {"p_1": posted}) == []


def test_a_posted_row_keeps_its_tick_unless_it_was_held_after_it_went_out() -> None:
    posted = row(approved=True, stamp=stamp("p_1", "r1"))
    kept, held = (status(FlagState.WRITTEN, held=one).model_copy(update={"state": State.SENT}) for one in (False, True))
    assert flag_step(posted, kept, NOW) is FlagStep.NONE
    assert flag_step(posted, held, NOW) is FlagStep.CLEAR


@pytest.mark.parametrize(
    "cells", [{"approved": True}, {"stamp": stamp("p_2", "r1")}, {"approved": True, "stamp": stamp("p_2", "r1")}]
)
def test_a_tick_or_stamp_that_is_not_its_own_is_cleared_though_no_item_is_known(cells: dict[str, object]) -> None:
    strange = row(**cells)
    (write,) = plan_writes(seen(strange), seen(strange), {}, {}, NOW, {"p_1": strange})
    assert write.step is FlagStep.CLEAR


def test_only_the_cells_that_differ_are_written() -> None:
    entries = seen(row(status="old"))
    (write,) = plan_writes(entries, entries, {"p_1": status(FlagState.PENDING)}, {"p_1": "new"}, NOW, {})
    assert write.cells == {"approved": True, "approved for": "p_1:r1", "status": "new"}


def test_one_absence_is_no_deletion_and_two_a_minute_apart_are() -> None:
    last = {"p_1": row()}
    first = mirror([], last, {}, frozenset(), NOW)
    assert (len(first.rows), first.changed) == (1, ())
    second = mirror([], last, first.absent, frozenset(), NOW + timedelta(minutes=5))
    assert (second.rows, second.changed, dict(second.absent)) == ((), ("p_1",), {})


def test_a_row_that_waits_for_its_image_stays_as_it_was() -> None:
    last = {"p_1": row()}
    changed = mirror(seen(row(image="new.jpg")), last, {}, frozenset({"p_1"}), NOW)
    assert changed.rows == (row(),)
    assert changed.changed == ()


def test_the_mirror_names_exactly_the_rows_whose_content_changed() -> None:
    last = {"p_1": row(), "p_2": row(post_id="p_2")}
    now = mirror(seen(row(approved=True, stamp="x"), row(post_id="p_2", text="other")), last, {}, frozenset(), NOW)
    assert now.changed == ("p_2",)
    assert now.rows[0] == replace(row(), approved=True, stamp="x")
