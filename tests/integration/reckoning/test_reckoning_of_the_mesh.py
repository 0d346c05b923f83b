"""The handlers themselves, in the world of tests/explore: what they write is what the reckoning reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from mesh_world.base import (
    ANSWER_LABELS,
    approved_world,
    asked_world,
    doubtful_world,
    due_world,
    edit,
    links,
    post_ids,
    press,
    pump,
    released,
    sends,
)
from mesh_world.wiring import NAMES
from mesh_world.world import DUE, MeshWorld, in_memory

from local.operator.sentences import FAMILIES, SENTENCES
from mesh.approvals import Action
from mesh.ledger import Ledger, Runtime
from mesh.reckoning.entries import ACTIONS, ASKED, CLAIM
from mesh.reckoning.figures import figures
from mesh.reckoning.model import Figures, Happened
from mesh.reckoning.reading import read
from mesh.side_by_side import one_by_one
from mesh.span import Span


@pytest.fixture(autouse=True)
def world_in_memory() -> Iterator[None]:
    with in_memory():
        yield


def happened(world: MeshWorld) -> Happened:
    tables = world.bare_tables
    zone = ZoneInfo("Europe/Berlin")
    begins = datetime(DUE.year, DUE.month, 1, tzinfo=DUE.tzinfo)
    span = Span(begins, begins.replace(year=begins.year + 1, month=1), zone)
    return read(Ledger(tables, NAMES), Runtime(tables, NAMES), span, world.now, one_by_one)  # type: ignore[arg-type]


def told(world: MeshWorld) -> Figures:
    return figures(happened(world))


def test_asked_approved_booked_and_out_on_time() -> None:
    world = due_world().copy()
    (event,) = sends(world)
    world.invoke("sender", event, "sender-0")

    (approval,), (out,) = happened(world).approvals, happened(world).publications
    assert (approval.by, approval.how) == ("ada@example.test", "mail")
    assert approval.took is not None
    assert approval.took.total_seconds() > 0
    assert (out.channel, out.tries, out.due, out.on_time, out.url != "") == ("main", 1, DUE, True, True)
    assert told(world).incomplete == ()


def test_an_untick_in_the_sheet_and_an_edit_after_the_approval() -> None:
    world = released(approved_world().copy())
    pump(world, 6)
    (post,) = post_ids(world)
    edit(world, post, "approved", False)
    pump(world, 6)
    assert (told(world).held, told(world).approvals) == (1, 1)


def test_the_door_holds_and_sends_now() -> None:
    world = released(asked_world().copy())
    signed = links(world)
    press(world, signed[Action.SEND_NOW])
    press(world, signed[Action.HOLD_EVERYTHING])
    found = told(world)
    assert (found.approvals, found.held, found.held_everything) == (1, 0, 1)


@pytest.mark.parametrize(("action", "posted", "failed"), [(Action.FOUND, 1, 0), (Action.NOT_THERE, 0, 1)])
def test_a_lost_answer_that_its_owner_settles(action: Action, posted: int, failed: int) -> None:
    world = doubtful_world().copy()
    before = told(world)
    assert (before.unknown, before.held, before.posted, before.failed) == (1, 1, 0, 0)

    press(world, links(world, ANSWER_LABELS)[action])
    pump(world, 2)

    after = told(world)
    assert (after.posted, after.on_time, after.failed, after.unknown) == (posted, posted, failed, 1)
    assert after.incomplete == ()


def test_each_action_that_is_counted_is_one_that_the_code_writes() -> None:
    """Each of the sentences belongs to an action that stands in the code, as their own test says."""
    assert {*ACTIONS, CLAIM} <= set(SENTENCES)
    assert ASKED.removesuffix(": ") in FAMILIES
