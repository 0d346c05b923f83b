"""Of every kind of event exactly one is lost: within a quarter of an hour the sweeps and syncs have brought the post where it would be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from memory.clients import MemoryBus
from memory.network import Feed, MemoryNetwork
from mesh_world import base
from mesh_world.referee import PATIENCE
from mesh_world.scenarios import UNKEYED
from mesh_world.wiring import NAMES
from mesh_world.world import DUE, RULES_TEXT, SWEEP, MeshWorld, in_memory

from mesh.approvals import Action
from mesh.events import REGISTRY
from mesh.ledger import Act
from mesh.ledger.items import Status, Wanted
from networks.model import Outcome, Result

# Nobody but the person who waits at the page misses it, and the page has the button "Mail me another code".
WAITED_FOR_AT_THE_PAGE = {"ss.code.wanted"}

# A draft is no post yet: tests/integration/draft_helper/test_draft_sweep.py loses these over moto.
OF_DRAFTS = {"ss.draft.requested", "ss.draft.ready", "ss.batch.requested"}


class LosingBus(MemoryBus):
    """Loses the first event of one kind after it was taken, as if no rule had ever matched it."""

    def __init__(self, kind: str, entries: list[dict[str, str]]) -> None:
        super().__init__()
        self.entries = list(entries)
        self.kind = kind
        self.lost = 0

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - the client's own spelling
        answer = super().put_events(Entries=Entries)
        for entry in Entries:
            if entry["DetailType"] == self.kind and not self.lost:
                self.entries.remove(dict(entry))
                self.lost += 1
        return answer


@dataclass(frozen=True)
class Loss:
    """``cause`` leads to the event, at once or when its time comes; ``reached`` tells that the post is where it would have been.

    ``after``: how long it may take until the event is said at all.
    """

    begin: Callable[[], MeshWorld]
    cause: Callable[[MeshWorld], None]
    reached: Callable[[MeshWorld], bool]
    after: timedelta = timedelta()


# causes


def writes_a_row(world: MeshWorld) -> None:
    base.row(world, world.now + timedelta(hours=1), text="Apple cake")
    syncs(world)


def syncs(world: MeshWorld) -> None:
    world._try("drive-sync", {"tick": "drive-sync"}, "poll")


def adds_a_channel_to_the_rules(world: MeshWorld) -> None:
    world.bare_sheet.write_doc("Rules", RULES_TEXT + "- third: bluesky, account did:plc:third, https://memory.test\n")
    syncs(world)


def presses(action: Action, labels: Any = base.LABELS) -> Callable[[MeshWorld], None]:
    def press(world: MeshWorld) -> None:
        link = base.links(world, labels).get(action) or base.signed(world, action, the_post(world))
        base.press(world, link)

    return press


def releases(world: MeshWorld) -> None:
    base.press(world, base.signed(world, Action.RELEASE, the_post(world)))


def edits(world: MeshWorld) -> None:
    base.edit(world, the_post(world), "text", "Plum cake")
    syncs(world)


def nothing(_: MeshWorld) -> None:
    """It comes by itself."""


def sends(world: MeshWorld) -> None:
    (event,) = base.sends(world)
    world._try("sender", event, "sender-1")


def sends_and_loses_the_answer(world: MeshWorld) -> None:
    world.losing = True
    sends(world)


def wants_a_row(world: MeshWorld) -> None:
    """As an accepted draft, or a recurring post that comes up, leaves it; who wanted it says so, and is not heard."""
    day = f"{DUE:%Y-%m-%d}"
    wanted = Wanted(by="ada@example.test", date=day, time="11:00", text="Wanted", channels="main")
    status = Status(post_id="p_wanted", due_at=DUE.isoformat(), wanted=wanted)
    world.clients().ledger.change_status("p_wanted", Act("wanted", "test", world.now), lambda _: status)
    kind = world.bare_bus.kind  # type: ignore[attr-defined]
    world.bare_bus.put_events(Entries=[{"Source": "ss", "DetailType": kind, "Detail": '{"post_ids": ["p_wanted"]}'}])


# where it would have been


def the_post(world: MeshWorld) -> str:
    return base.post_ids(world)[0]


def cells(world: MeshWorld) -> dict[str, Any]:
    return world.bare_sheet.cells(the_post(world)) or {}


def item(world: MeshWorld) -> dict[str, Any]:
    return world.status(the_post(world))


def followed(world: MeshWorld) -> bool:
    return bool(item(world).get("source_revision"))


def packed(world: MeshWorld) -> bool:
    return bool((item(world).get("package") or {}).get("revision"))


def carded(world: MeshWorld) -> bool:
    return bool((item(world).get("card") or {}).get("sent_at"))


def mended(world: MeshWorld) -> bool:
    return followed(world) and not item(world).get("row_problems")


def flagged_and_booked(world: MeshWorld) -> bool:
    return cells(world).get("approved") is True and len(world.bare_schedules.times()) == 1


def unticked_and_unbooked(world: MeshWorld) -> bool:
    return cells(world).get("approved") is not True and world.bare_schedules.times() == []


def out(world: MeshWorld) -> bool:
    return len(world.kind.feed.posts) == 1 and world.heads()[0]["state"] == "sent"


def said_in_the_sheet(world: MeshWorld) -> bool:
    return out(world) and str(cells(world).get("status", "")).startswith("Posted")


def out_or_asked(world: MeshWorld) -> bool:
    return out(world) or bool(world.heads()[0].get("asked_at") and question_mailed(world))


def question_mailed(world: MeshWorld) -> bool:
    return any("Yes, it is there" in text(raw) for _, raw in world.bare_mail.sent)


def failure_mailed(world: MeshWorld) -> bool:
    return any("Not posted" in text(raw) for _, raw in world.bare_mail.sent)


def text(raw: bytes) -> str:
    message = message_from_bytes(raw, policy=default)
    body = message.get_body(("plain",))  # type: ignore[attr-defined]
    return f"{message['Subject']}\n{body.get_content() if body is not None else ''}"


def tried(world: MeshWorld) -> bool:
    return bool((world.bare_tables.get(NAMES.runtime, {"pk": f"tried#{the_post(world)}"}) or {}).get("at"))


def inserted(world: MeshWorld) -> bool:
    return "p_wanted" in base.post_ids(world)


# beginnings


def with_an_unknown_channel() -> MeshWorld:
    world = base.furnished()
    base.row(world, DUE, text="Apple cake", channels="third")
    world.now = DUE - timedelta(hours=2)
    base.pump(world, 6)
    assert item(world)["row_problems"]
    return world


def held() -> MeshWorld:
    world = base.booked_world().copy()
    world.phase = "held"
    presses(Action.HOLD)(world)
    base.pump(world, 1)
    assert unticked_and_unbooked(world)
    return world


@dataclass(frozen=True)
class Refusing(MemoryNetwork):
    """A network that says no to whatever it is told."""

    def publish(self, *_: Any, **__: Any) -> Outcome:
        return Outcome(Result.REJECTED, detail="The network refused the post.")


def at_a_network_that_refuses() -> MeshWorld:
    return base.due_world(kind=Refusing(feed=Feed()))


def at_a_network_without_keys() -> MeshWorld:
    return base.due_world(kind=UNKEYED)


def booked_far_enough() -> MeshWorld:
    """Half an hour before; what the sender noted of it is forgotten, so that it is to be tried."""
    world = base.booked_world().copy()
    world.bare_tables.delete(NAMES.runtime, {"pk": f"tried#{the_post(world)}"})
    return world


SETTLE = MemoryNetwork(feed=Feed()).declared.settle

LOSSES = {
    "ss.calendar.changed": Loss(base.furnished, writes_a_row, followed),
    "ss.rules.changed": Loss(with_an_unknown_channel, adds_a_channel_to_the_rules, mended),
    "ss.package.wanted": Loss(base.furnished, writes_a_row, packed),
    "ss.package.ready": Loss(base.furnished, writes_a_row, carded),
    "ss.review.requested": Loss(base.furnished, writes_a_row, carded),
    "ss.approved": Loss(base.asked_world, presses(Action.REVIEW), flagged_and_booked),
    "ss.cleared": Loss(base.asked_world, presses(Action.REVIEW), flagged_and_booked),
    "ss.held": Loss(base.booked_world, presses(Action.HOLD), unticked_and_unbooked),
    "ss.released": Loss(held, releases, flagged_and_booked),
    "ss.draft.accepted": Loss(base.furnished, wants_a_row, inserted),
    "ss.row.wanted": Loss(base.furnished, wants_a_row, inserted),
    "ss.voided": Loss(base.booked_world, edits, unticked_and_unbooked),
    "ss.send": Loss(base.booked_world, nothing, out, after=timedelta(minutes=30)),
    "ss.retry": Loss(base.due_world, sends_and_loses_the_answer, out_or_asked, after=SETTLE),
    "ss.probe": Loss(booked_far_enough, nothing, tried, after=SWEEP),
    "ss.answered": Loss(base.doubtful_world, presses(Action.FOUND, base.ANSWER_LABELS), lambda w: w.heads()[0]["state"] == "sent"),
    "ss.attempt.failed": Loss(base.due_world, sends_and_loses_the_answer, out_or_asked),
    "ss.sent": Loss(base.due_world, sends, said_in_the_sheet),
    "ss.failed": Loss(at_a_network_that_refuses, sends, failure_mailed),
    "ss.trouble": Loss(at_a_network_without_keys, sends_and_loses_the_answer, question_mailed, after=SETTLE),
}  # fmt: skip


def minutes_until(world: MeshWorld, bus: LosingBus, loss: Loss) -> tuple[int, int]:
    """When the event was lost, and when the post was there all the same, in minutes from the cause. A sweep was there right before."""
    lost_at = 0 if bus.lost else None
    for minute in range(1, 90):
        world.now += timedelta(minutes=1)
        world._land()
        world._fire()
        if timedelta(minutes=minute) % SWEEP == timedelta():
            world._poll(minute)
        world._deliver(twice=False)
        if lost_at is None and bus.lost:
            lost_at = minute
        if lost_at is not None and loss.reached(world):
            return lost_at, minute
    raise AssertionError(f"never; lost at {lost_at}")


def test_every_kind_of_event_is_lost_here() -> None:
    assert set(LOSSES) | WAITED_FOR_AT_THE_PAGE | OF_DRAFTS == set(REGISTRY)
    assert not set(LOSSES) & (WAITED_FOR_AT_THE_PAGE | OF_DRAFTS)


@pytest.mark.parametrize("kind", sorted(LOSSES))
def test_the_loss_of_one_event_costs_no_more_than_a_quarter_of_an_hour(kind: str) -> None:
    loss = LOSSES[kind]
    with in_memory():
        world = base.released(loss.begin().copy())
        bus = LosingBus(kind, world.bare_bus.entries)
        world.bare_bus = bus
        world._switch()
        loss.cause(world)
        world._deliver(twice=False)
        lost_at, there_at = minutes_until(world, bus, loss)
    assert bus.lost == 1
    assert timedelta(minutes=lost_at) <= loss.after + timedelta(minutes=1)
    assert timedelta(minutes=there_at - lost_at) <= PATIENCE
    assert [one for one in world.complaints() if not one.startswith("I5")] == []
