"""What is raced: each scenario is a world to begin in and the processes that run in it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from exploring.engine import Bound, Call
from memory.network import Feed, MemoryNetwork
from memory.vendors import VENDORS
from memory.wire import WireNetwork

from mesh.approvals import Action
from mesh.booking import booking_name
from mesh.events import Answered, AttemptFailed, Send
from mesh_world import base
from mesh_world.world import MeshWorld
from networks.model import AfterUnknown

_KEYED = MemoryNetwork(feed=Feed())
FORGETFUL = replace(_KEYED, declared=replace(_KEYED.declared, repeat_within=timedelta(hours=1)))
"""Knows a repeated request within the hour, as Mastodon does."""
UNKEYED = replace(
    _KEYED,
    knows_keys=False,
    proves_absence=False,
    declared=replace(_KEYED.declared, after_unknown=AfterUnknown.ASK_OWNER),
)
"""Every request is another post, and a look proves presence alone, as on X."""


WIRES = {label: WireNetwork(vendor) for label, vendor in VENDORS.items()}
"""Each network's own adapter, request by request."""

ONE_OF_EACH = Bound(1, 1)
ONE_FAULT = Bound(0, 1)
ONE_OR_OTHER = (Bound(1, 0), ONE_FAULT)
TWO_AND_ONE = Bound(2, 1)
TWO_OF_EACH = Bound(2, 2)


@dataclass(frozen=True)
class Scenario:
    """``begin`` makes the world once, ``race`` spawns the processes of one history.

    ``quick`` bounds are explored with every change, the ``whole`` one before a release.
    """

    name: str
    begin: Callable[[], MeshWorld]
    race: Callable[[MeshWorld], None]
    quick: tuple[Bound, ...] = (ONE_OF_EACH,)
    whole: Bound = TWO_OF_EACH


def factory(scenario: Scenario, *, deaf: bool = False) -> Callable[[], MeshWorld]:
    """A fresh world for each history. ``deaf``: every event of the race is lost, and the sweeps alone have to find it all."""
    first = scenario.begin()

    class Raced(MeshWorld):
        def start(self) -> None:
            scenario.race(self)

    def make() -> MeshWorld:
        world = first.copy()
        world.__class__ = Raced
        world.deaf = deaf
        return base.released(world)

    return make


# the processes


def _sender(world: MeshWorld, number: int, which: int = 0) -> None:
    world.race(f"sender-{number}", "sender", base.sends(world)[which])


def _click(world: MeshWorld, action: Action, name: str = "approver", labels: Any = base.LABELS) -> None:
    event = base.request(base.links(world, labels)[action])

    def run() -> None:
        try:
            answer = world.invoke("approve-handler", event, name)
            world.engine.note(f"is shown a page ({answer['statusCode']})")
        except Exception as error:  # noqa: BLE001 - the owner sees an error page and may press again
            world.engine.note(f"raises {type(error).__name__}")

    world.engine.spawn(name, run)


def _owner(world: MeshWorld, *moves: tuple[str, Callable[[], None]], name: str = "owner") -> None:
    """Each move is one step at the sheet."""
    places = frozenset({"sheet", "drive"})

    def run() -> None:
        for text, effect in moves:
            world.engine.step(Call(text, places, places), effect, {})

    world.engine.spawn(name, run, crashes=False)


def _edits(world: MeshWorld, column: str, value: Any, which: int = 0) -> tuple[str, Callable[[], None]]:
    post_id = base.post_ids(world)[which]
    return f"writes {value!r} into {column}", lambda: base.edit(world, post_id, column, value)


def _sync(world: MeshWorld, number: int = 1) -> None:
    world.race(f"drive-sync-{number}", "drive-sync", {"tick": "drive-sync"})


def _sweep(world: MeshWorld, number: int = 1) -> None:
    world.race(f"scheduler-{number}", "scheduler", {"tick": "sweep"})


def _time(world: MeshWorld, length: timedelta) -> None:
    """The clock, forward, at any moment; an invocation older than it may run is killed by it."""
    everywhere = frozenset({"clock"})

    def effect() -> None:
        world.now += length

    world.engine.spawn(
        "time",
        lambda: world.engine.step(Call(f"goes on by {length}", everywhere, everywhere), effect, {}),
        crashes=False,
    )


# the races


def _deliveries(count: int) -> Callable[[MeshWorld], None]:
    def race(world: MeshWorld) -> None:
        for number in range(count):
            _sender(world, number + 1)

    return race


def _send_and_hold(world: MeshWorld) -> None:
    _sender(world, 1)
    _click(world, Action.HOLD)


def _send_and_hold_everything(world: MeshWorld) -> None:
    _sender(world, 1)
    _click(world, Action.HOLD_EVERYTHING)


def _send_and_edit(world: MeshWorld) -> None:
    _sender(world, 1)
    _owner(world, _edits(world, "text", "Plum cake"))
    _sync(world)


def _approve_and_edit(world: MeshWorld) -> None:
    _click(world, Action.REVIEW)
    _owner(world, _edits(world, "text", "Plum cake"))
    _sync(world)


def _edit_and_undo(world: MeshWorld) -> None:
    _owner(world, _edits(world, "text", "Plum cake"), _edits(world, "text", "Apple cake number 1"))
    _sync(world, 1)
    _sync(world, 2)
    _sweep(world)


def _send_now_and_booked(world: MeshWorld) -> None:
    _sender(world, 1)
    _click(world, Action.SEND_NOW)
    _sweep(world)


def _two_approvals(world: MeshWorld) -> None:
    _click(world, Action.REVIEW, "approver-1")
    _click(world, Action.SEND_NOW, "approver-2")
    _sync(world)


def _unticks(world: MeshWorld, which: int = 0, *, misplaced: bool = False) -> tuple[str, Callable[[], None]]:
    """``misplaced``: only where the tick is another row's by now. What is taken away in the very moment of a sort, before our write hits
    the wrong row, is overwritten unseen: Sheets has no write with a condition.
    """
    post_id = base.post_ids(world)[which]

    def untick() -> None:
        row = world.bare_sheet.cells(post_id)
        foreign = row is not None and not str(row.get("approved for") or "").startswith(f"{post_id}:")
        if row is not None and row.get("approved") is True and (foreign or not misplaced):
            base.edit(world, post_id, "approved", False)
            world.unticked.add(post_id)

    return f"takes the tick of {post_id} away, if it is there", untick


def _untick_and_flag(world: MeshWorld) -> None:
    _sync(world, 1)
    _owner(world, _unticks(world))
    _sync(world, 2)


def _two_refreshing(world: MeshWorld) -> None:
    _sender(world, 1, 0)
    _sender(world, 2, 1)


def _sort_between(world: MeshWorld) -> None:
    _sync(world, 1)
    _owner(world, ("sorts the sheet the other way", world.bare_sheet.turn_round), _unticks(world, 1, misplaced=True))
    _sync(world, 2)


def _sweep_and_slow_send(world: MeshWorld) -> None:
    _sender(world, 1)
    _time(world, timedelta(minutes=4))
    _sweep(world)
    _sender(world, 2)


def _answer_and_late_success(action: Action) -> Callable[[MeshWorld], None]:
    def race(world: MeshWorld) -> None:
        account = "network/did:plc:main"
        key = world.lost_request
        _click(world, action, labels=base.ANSWER_LABELS)
        head = world.heads()[0]
        post_id = base.post_ids(world)[0]
        world.race("sender-1", "sender", world.envelope(Answered(post_id=post_id, channel="main", trace_id="t_answer")))
        del head
        if key is not None:
            place = frozenset({account})
            call = Call("the lost request lands", place, place)
            world.engine.spawn(
                "network", lambda: world.engine.step(call, lambda: world.kind.land(key), {}), crashes=False, free=True
            )

    return race


def _failed_attempt(world: MeshWorld) -> None:
    _sender(world, 1)
    post_id = base.post_ids(world)[0]
    event = AttemptFailed(post_id=post_id, channel="main", attempt=1, outcome="unknown", trace_id="t_failed")
    world.race("scheduler-1", "scheduler", world.envelope(event))


def _two_cards(world: MeshWorld) -> None:
    for number, (function, event) in enumerate(world.withheld * 2, 1):
        world.race(f"{function}-{number}", function, event)
    _owner(world, _edits(world, "text", "Plum cake"))
    _sweep(world)


def _tick_and_hold(world: MeshWorld) -> None:
    """The daily tick tidies up while a hold cancels and a sweep books."""
    world.tidied = True
    world.race("scheduler-1", "scheduler", {"tick": "daily"})
    _click(world, Action.HOLD)
    _sweep(world, 2)


def _left_by_a_crash() -> MeshWorld:
    """The head is booked and its schedule was never made; and another's schedule was never deleted."""
    world = base.booked_world().copy()
    world.phase = "left"
    (key,) = world.bare_schedules._schedules
    request = world.bare_schedules._schedules.pop(key)
    said = Send.model_validate_json(request["Target"]["Input"]).model_copy(update={"revision": "0" * 64})
    name, target = booking_name(said), {**request["Target"], "Input": said.model_dump_json()}
    world.bare_schedules.create_schedule(**{**request, "Name": name, "Target": target})
    return world


def _expired_token() -> MeshWorld:
    world = base.due_world(2, tokens=True).copy()
    world.kind.feed.tokens["did:plc:main"] = "access-expired"
    return world


def _pending_and_written() -> MeshWorld:
    """Two posts: the flag of the first is still to be written, the other's stands."""
    world = base.approved_world(2).copy()
    world.phase = "written"
    base.pump(world, 1)
    first = base.post_ids(world)[0]
    base.press(world, _hold_link(world, first))
    base.pump(world, 1)
    base.press(world, _release_link(world, first))
    return world


def _hold_link(world: MeshWorld, post_id: str) -> str:
    return base.signed(world, Action.HOLD, post_id)


def _release_link(world: MeshWorld, post_id: str) -> str:
    return base.signed(world, Action.RELEASE, post_id)


def _due_over(kind: WireNetwork, *, picture: bool = False) -> Callable[[], MeshWorld]:
    return lambda: base.due_world(kind=kind, picture=picture)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("two deliveries of one send", base.due_world, _deliveries(2)),
    Scenario("two deliveries, a network that forgets", lambda: base.due_world(kind=FORGETFUL), _deliveries(2)),
    Scenario("two deliveries, a network without keys", lambda: base.due_world(kind=UNKEYED), _deliveries(2)),
    Scenario("three deliveries of one send", base.due_world, _deliveries(3), ONE_OR_OTHER, TWO_AND_ONE),
    Scenario("send racing a hold", base.due_world, _send_and_hold),
    Scenario("send racing an edit", base.due_world, _send_and_edit, ONE_OR_OTHER),
    Scenario("send racing hold everything", base.due_world, _send_and_hold_everything),
    Scenario("approve racing an edit", base.asked_world, _approve_and_edit),
    Scenario("an edit and its undoing", base.booked_world, _edit_and_undo, ONE_OR_OTHER, TWO_AND_ONE),
    Scenario("send now racing the booked send", base.due_world, _send_now_and_booked, ONE_OR_OTHER, TWO_AND_ONE),
    Scenario("two deliveries of one card racing an edit", base.asking_world, _two_cards, ONE_OR_OTHER, TWO_AND_ONE),
    Scenario("two approvals at once", base.asked_world, _two_approvals, ONE_OR_OTHER),
    Scenario("untick racing the flag's writing", base.approved_world, _untick_and_flag, ONE_OR_OTHER),
    Scenario("two senders refreshing a token", _expired_token, _two_refreshing, ONE_OR_OTHER),
    Scenario("sorted between read and write", _pending_and_written, _sort_between, ONE_OR_OTHER, TWO_AND_ONE),
    Scenario("a sweep racing a slow send", base.due_world, _sweep_and_slow_send, ONE_OR_OTHER, TWO_AND_ONE),
    Scenario(
        "a sweep racing a slow send, a network without keys",
        lambda: base.due_world(kind=UNKEYED),
        _sweep_and_slow_send,
        ONE_OR_OTHER,
        TWO_AND_ONE,
    ),
    Scenario("an answer racing a late success: found", base.doubtful_world, _answer_and_late_success(Action.FOUND)),
    Scenario(
        "an answer racing a late success: not there", base.doubtful_world, _answer_and_late_success(Action.NOT_THERE)
    ),
    Scenario(
        "an answer racing a late success: send again", base.doubtful_world, _answer_and_late_success(Action.SEND_AGAIN)
    ),
    Scenario("a failed attempt's news racing another delivery", base.due_world, _failed_attempt),
    Scenario("tidying racing a hold", _left_by_a_crash, _tick_and_hold, ONE_OR_OTHER, TWO_AND_ONE),
    *(
        Scenario(f"two deliveries over the wire of {label}", _due_over(kind), _deliveries(2), (ONE_FAULT,), TWO_AND_ONE)
        for label, kind in WIRES.items()
    ),
    *(
        Scenario(
            f"two deliveries of a picture over the wire of {label}",
            _due_over(WIRES[label], picture=True),
            _deliveries(2),
            (ONE_FAULT,),
            TWO_AND_ONE,
        )
        for label in ("x", "facebook", "linkedin")
    ),
    Scenario(
        "a sweep racing a slow picture",
        _due_over(WIRES["x"], picture=True),
        _sweep_and_slow_send,
        ONE_OR_OTHER,
        TWO_AND_ONE,
    ),
    Scenario("a container racing a hold", _due_over(WIRES["threads"]), _send_and_hold, (ONE_OF_EACH,), TWO_AND_ONE),
    Scenario(
        "a sweep racing a slow container", _due_over(WIRES["threads"]), _sweep_and_slow_send, ONE_OR_OTHER, TWO_AND_ONE
    ),
)
