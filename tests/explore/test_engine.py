"""The explorer itself, on toys: that it finds what is wrong, misses nothing by its shortcuts, and can tell it again."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from exploring.engine import Bound, Call, Crash, Engine, Fault
from exploring.search import NotDeterministic, Result, explore, read, replay, sample, shrink, written

Faulty = Mapping[Fault, Callable[[], Any]]


class Toy:
    """A post that several senders are told to send.

    ``claims``: the first tells the others. ``retries``: a timeout is taken for a failure. ``looks``: what is not found is sent again.
    """

    now = datetime(2027, 1, 1, tzinfo=UTC)
    engine: Engine

    def __init__(self, senders: int, *, claims: bool = True, retries: bool = False, looks: bool = False) -> None:
        self.senders, self.claims, self.retries, self.looks = senders, claims, retries, looks
        self.head, self.posts, self.settled = "ready", 0, 0

    def start(self) -> None:
        for number in range(self.senders):
            self.engine.spawn(f"sender-{number + 1}", self._send)

    def fingerprint(self) -> int:
        return hash((self.head, self.posts))

    def settle(self) -> None:
        self.settled += 1

    def complaints(self) -> list[str]:
        return [f"it is out {self.posts} times"] if self.posts > 1 else []

    def _step(self, text: str, reads: str, writes: str, effect: Callable[[], Any], faulty: Faulty | None = None) -> Any:
        call = Call(text, frozenset(reads.split()), frozenset(writes.split()))
        return self.engine.step(call, effect, faulty or {})

    def _send(self) -> None:
        if self._step("reads the head", "head", "", lambda: self.head) not in {"ready", "retry"}:
            return
        self._step("reads the sheet", "sheet", "", lambda: 1)
        if self.claims and not self._step("claims", "head", "head", self._claim):
            return
        try:
            self._step(
                "publishes",
                "network",
                "network",
                self._post,
                {Fault.LOST: self._lost, Fault.LOST_AFTER: self._late, Fault.LATE: self._later},
            )
        except TimeoutError:
            if self.retries:
                self._step("writes retry", "head", "head", lambda: setattr(self, "head", "retry"))
            if self.looks and not self._step("looks", "network", "", lambda: self.posts, {Fault.STALE: lambda: 0}):
                self._step("publishes again", "network", "network", self._post)
            return
        self._step("records", "head", "head", lambda: setattr(self, "head", "sent"))

    def _claim(self) -> bool:
        free = self.head in {"ready", "retry"}
        self.head = "open" if free else self.head
        return free

    def _post(self) -> None:
        self.posts += 1

    def _lost(self) -> None:
        raise TimeoutError

    def _late(self) -> None:
        self._post()
        raise TimeoutError

    def _later(self) -> None:
        self.engine.spawn(
            "network", lambda: self._step("it lands", "network", "network", self._post), crashes=False, free=True
        )
        raise TimeoutError


@pytest.mark.parametrize("senders", [1, 2, 3])
def test_a_claim_holds_whatever_happens_within_the_bound(senders: int) -> None:
    result = explore(lambda: Toy(senders), Bound(2, 2))
    assert result.exhausted
    assert result.violations == []
    assert result.ends > 1


@pytest.mark.parametrize(
    "bad",
    [{"claims": False}, {"retries": True}, {"looks": True}],
    ids=["no claim", "retry on timeout", "not found, so send again"],
)
def test_protocols_known_to_be_bad_are_found_out(bad: dict[str, bool]) -> None:
    result = explore(lambda: Toy(2, **bad), Bound(2, 2))
    assert result.violations
    assert result.violations[0].complaints == ("it is out 2 times",)


def test_a_stale_look_and_a_late_effect_are_each_enough_to_double_it() -> None:
    for befell in (Fault.STALE, Fault.LATE):

        class Only(Toy):
            kept = {befell, Fault.LOST_AFTER}  # noqa: RUF012

            def _step(self, text: str, reads: str, writes: str, effect: Any, faulty: Faulty | None = None) -> Any:
                some = {fault: done for fault, done in (faulty or {}).items() if fault in self.kept}
                return super()._step(text, reads, writes, effect, some)

        found = explore(lambda: Only(1, looks=True), Bound(0, 2)).violations
        assert befell in [line.befell for line in found[0].story]


class Random:
    """Processes that read and write a few places at random: what they saw decides what they write."""

    now = datetime(2027, 1, 1, tzinfo=UTC)
    engine: Engine

    def __init__(self, seed: int) -> None:
        self.places = dict.fromkeys("abcd", 0)
        chance = random.Random(seed)
        self.plans = [
            [(chance.choice("abcd"), chance.random() < 0.5) for _ in range(chance.randint(1, 4))]
            for _ in range(chance.randint(2, 3))
        ]

    def start(self) -> None:
        for number, plan in enumerate(self.plans):
            self.engine.spawn(f"p{number}", lambda number=number, plan=plan: self._run(number, plan))

    def _run(self, number: int, plan: list[tuple[str, bool]]) -> None:
        seen = number + 1
        for place, writes in plan:
            touched = frozenset({place})

            def write(place: str = place, seen: int = seen) -> int:
                self.places[place] = hash((self.places[place], seen)) % 1000
                return self.places[place]

            if writes:
                faulty = {Fault.CONFLICT: lambda: -1}
                seen = self.engine.step(Call(f"writes {place}", touched, touched), write, faulty)
            else:
                seen += self.engine.step(
                    Call(f"reads {place}", touched, frozenset()), lambda place=place: self.places[place], {}
                )

    def fingerprint(self) -> int:
        return hash(tuple(self.places.items()))

    def settle(self) -> None:
        """Nothing follows."""

    def complaints(self) -> list[str]:
        return []


def ends(seed: int, bound: Bound, *, merge: bool, reduce: bool) -> tuple[set[int], Result]:
    """Every end that is reached, and how much work it was."""
    found: set[int] = set()

    class Watched(Random):
        def settle(self) -> None:
            found.add(self.fingerprint())

    return found, explore(lambda: Watched(seed), bound, merge=merge, reduce=reduce)


# The first by day, all of them before a release.
@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(12, 40))])
def test_merging_states_and_not_permuting_independent_steps_reach_every_end_that_trying_all_reaches(seed: int) -> None:
    bound = Bound(2, 1)
    everything, whole = ends(seed, bound, merge=False, reduce=False)
    merged, less = ends(seed, bound, merge=True, reduce=False)
    reduced, least = ends(seed, bound, merge=True, reduce=True)
    assert merged == everything
    assert reduced == everything
    assert least.exhausted
    assert min(least.histories, less.histories) <= whole.histories


class Waking:
    """What ``second`` wakes does what ``first`` depends on: nobody else does."""

    now = datetime(2027, 1, 1, tzinfo=UTC)
    engine: Engine

    def __init__(self) -> None:
        self.x = self.y = self.seen = 0

    def start(self) -> None:
        self.engine.spawn("first", self._first)
        self.engine.spawn("second", self._second)

    def _step(self, text: str, reads: str, writes: str, effect: Callable[[], Any]) -> Any:
        return self.engine.step(Call(text, frozenset(reads), frozenset(writes)), effect, {})

    def _first(self) -> None:
        self._step("writes y", "y", "y", lambda: setattr(self, "y", 1))
        self.seen = 10 + self._step("reads x", "x", "", lambda: self.x)

    def _second(self) -> None:
        if self._step("reads y", "y", "", lambda: self.y):
            self._step("wakes", "", "b", lambda: self.engine.spawn("third", self._third))

    def _third(self) -> None:
        self._step("writes x", "x", "x", lambda: setattr(self, "x", 1))

    def fingerprint(self) -> int:
        return hash((self.x, self.y, self.seen))

    def settle(self) -> None:
        """Nothing follows."""

    def complaints(self) -> list[str]:
        return ["it was woken in between"] if self.seen == 11 else []


def test_what_a_process_wakes_counts_as_its_own_doing() -> None:
    whole, reduced = (explore(Waking, Bound(1, 0), reduce=reduce, stop_at=9) for reduce in (False, True))
    assert (reduced.ends, len(reduced.violations)) == (whole.ends, len(whole.violations)) == (3, 1)


def test_a_world_that_is_not_of_its_own_making_is_noticed() -> None:
    moods = iter(range(1000))

    class Moody(Toy):
        def _send(self) -> None:
            self._step(f"reads {next(moods)}", "head", "head", lambda: 1, {Fault.CONFLICT: lambda: 2})
            self._step("reads", "head", "head", lambda: 1, {Fault.CONFLICT: lambda: 2})

    with pytest.raises(NotDeterministic):
        explore(lambda: Moody(1), Bound(0, 1), reduce=False)


def test_a_crash_is_nowhere_caught_by_except_exception_and_dead_ports_do_nothing() -> None:
    class Stubborn(Toy):
        def _send(self) -> None:
            try:
                try:
                    self._step("writes", "head", "head", lambda: setattr(self, "head", "open"))
                except Exception:  # noqa: BLE001 - the point: a crash is none
                    self._post()
            except BaseException:
                self._step("while dying", "network", "network", self._post)
                raise

    result = explore(lambda: Stubborn(1), Bound(0, 1))
    assert result.ends == 2
    crashed = Engine(Stubborn(1), Bound(0, 1), [1])
    crashed.run()
    assert crashed.world.complaints() == []
    assert [line.befell for line in crashed.story] == [Fault.CRASH]


def test_a_failing_history_shrinks_and_is_written_and_read_again() -> None:
    def make() -> Toy:
        return Toy(3, claims=False)

    bound = Bound(3, 3)
    found = sample(make, bound, seed=1, histories=2000).violations[0]
    small = shrink(make, bound, found.path)
    assert sum(map(bool, small.path)) <= sum(map(bool, found.path))
    assert [line.befell for line in small.story if line.befell] == []
    again = replay(make, bound, read(written(small.path)))
    assert again is not None
    assert again.complaints == small.complaints


def test_random_histories_are_the_same_for_the_same_seed() -> None:
    one, other = (
        sample(lambda: Toy(2, retries=True), Bound(3, 3), seed=7, histories=300, stop_at=99) for _ in range(2)
    )
    assert [found.path for found in one.violations] == [found.path for found in other.violations]
    assert one.violations


def test_what_is_cut_short_says_so() -> None:
    assert not explore(lambda: Toy(3), Bound(2, 2), limit_seconds=0).exhausted


def test_a_process_that_dies_is_not_done() -> None:
    done: list[str] = []

    class Ending(Toy):
        def start(self) -> None:
            self.engine.spawn("one", lambda: None, done=lambda: done.append("one"))

    explore(lambda: Ending(0), Bound(0, 1))
    assert done.count("one") >= 1
    done.clear()
    engine = Engine(Ending(0), Bound(0, 1), [1])
    engine.run()
    assert done == []
    assert issubclass(Crash, BaseException)
    assert not issubclass(Crash, Exception)
