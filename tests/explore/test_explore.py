"""The send protocol under every schedule and fault within the quick bounds; ``make explore`` and ``make verify`` go further."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from exploring.engine import Bound
from exploring.search import Result, explore, read, replay, shrink
from mesh_world.known_bad import KNOWN_BAD, KnownBad, in_place
from mesh_world.scenarios import SCENARIOS, TWO_AND_ONE, Scenario, factory
from mesh_world.tell import story
from mesh_world.wiring import Clients, backwards
from mesh_world.world import in_memory

KEPT = [
    line for line in (Path(__file__).parent / "kept.txt").read_text("utf-8").splitlines() if line and line[0] != "#"
]
# Each takes longer than ten others together; the same races without a fault, with keys or with every event lost stay with every change.
LONG = {
    "sorted between read and write, 0+1",
    "a sweep racing a slow send, 0+1",
    "a sweep racing a slow send, 1+0",
    "send racing an edit, 0+1",
    "two deliveries of one card racing an edit, 0+1",
    "a sweep racing a slow send, a network without keys, 0+1",
    "two deliveries of a picture over the wire of facebook, 0+1",
    "two deliveries of a picture over the wire of linkedin, 0+1",
    "untick racing the flag's writing, 0+1",
    "a failed attempt's news racing another delivery, 1+1",
    "two senders refreshing a token, 0+1",
    "approve racing an edit, 1+1",
    "two deliveries of one card racing an edit, 1+0",
    "an edit and its undoing, 0+1",
    "send now racing the booked send, 0+1",
    "a sweep racing a slow send, a network without keys, 1+0",
    "two deliveries, a network that forgets, 1+1",
    "tidying racing a hold, 0+1",
    "two deliveries, a network without keys, 1+1",
    "an answer racing a late success: send again, 1+1",
    "an answer racing a late success: not there, 1+1",
    "two approvals at once, 0+1",
    "an edit and its undoing, 1+0",
    "two deliveries of one send, 1+1",
    "sorted between read and write, 1+0",
}
# A minute and more each: at night, as is the search for those known-bad protocols that are long to find. By day the explorer of make verify
# goes the first part of these races, and looks for every known-bad protocol until it is found out.
LONGEST = {
    "a sweep racing a slow container, 0+1",
    "a sweep racing a slow container, 1+0",
    "a sweep racing a slow picture, 0+1",
    "a sweep racing a slow picture, 1+0",
    "a container racing a hold, 1+1",
}
LONG_TO_FIND = {"absent means retry", "lease expiry sends again", "the flag alone as gate"}


def _quick(scenario: Scenario, bound: Bound) -> Any:
    name = f"{scenario.name}, {bound.preemptions}+{bound.faults}"
    marks = [pytest.mark.night] if name in LONGEST else [pytest.mark.slow] if name in LONG else []
    return pytest.param(scenario, bound, id=name, marks=marks)


QUICK = [_quick(one, bound) for one in SCENARIOS for bound in one.quick]


def assert_whole(name: str, result: Result, scenario: Scenario, *, deaf: bool = False) -> None:
    if result.violations:
        make = factory(scenario, deaf=deaf)
        pytest.fail(story(name, result.bound, shrink(make, result.bound, result.violations[0].path)))
    assert result.exhausted
    assert result.ends >= 1


@pytest.mark.parametrize(("scenario", "bound"), QUICK)
def test_nothing_unapproved_doubled_missed_or_untold_comes_of(scenario: Scenario, bound: Bound) -> None:
    with in_memory():
        result = explore(factory(scenario), bound)
        assert_whole(scenario.name, result, scenario)


@pytest.mark.parametrize("name", ["send racing a hold", "send racing an edit", "untick racing the flag's writing"])
def test_nor_where_what_is_read_side_by_side_comes_in_the_opposite_order(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Clients, "together", staticmethod(backwards))
    scenario = next(one for one in SCENARIOS if one.name == name)
    with in_memory():
        assert_whole(name, explore(factory(scenario), Bound(1, 0)), scenario)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_the_sweeps_alone_find_it_when_every_event_is_lost(scenario: Scenario) -> None:
    with in_memory():
        result = explore(factory(scenario, deaf=True), Bound(0, 0))
        assert_whole(scenario.name, result, scenario, deaf=True)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(
            one, id=one.name, marks=[pytest.mark.night] if one.bound == TWO_AND_ONE or one.name in LONG_TO_FIND else []
        )
        for one in KNOWN_BAD
    ],
)
def test_a_protocol_known_to_be_bad_is_found_out(bad: KnownBad) -> None:
    with in_memory(), in_place(bad):
        for name in bad.scenarios:
            scenario = next(one for one in SCENARIOS if one.name == name)
            result = explore(factory(scenario), bad.bound)
            assert result.violations, name


@pytest.mark.parametrize("line", KEPT)
def test_a_history_that_once_went_wrong_goes_well(line: str) -> None:
    name, bound, path = (part.strip() for part in line.split("|"))
    preemptions, faults = map(int, bound.split(","))
    scenario = next(one for one in SCENARIOS if one.name == name)
    with in_memory():
        violation = replay(factory(scenario), Bound(preemptions, faults), read(path))
    assert violation is None, story(name, Bound(preemptions, faults), violation)


@pytest.mark.night
def test_a_history_is_the_same_whenever_it_is_run() -> None:
    scenario = next(one for one in SCENARIOS if one.name == "send racing an edit")
    bad = next(one for one in KNOWN_BAD if one.name == "the flag alone as gate")
    with in_memory(), in_place(bad):
        make = factory(scenario)
        found = explore(make, Bound(1, 1)).violations[0]
        again = [replay(make, Bound(1, 1), found.path) for _ in range(2)]
    assert [one.complaints for one in again if one] == [found.complaints] * 2
    assert [[line.text for line in one.story] for one in again if one] == [[line.text for line in found.story]] * 2
