"""All histories within a bound, depth first; random ones beyond it; and a failing one made as short as it can be.

Three things make it possible. Equal states are merged: the world, and for each process what it has observed so far, which is all its local
state; with as much budget left as before there is nothing new behind it. Independent steps are not permuted: a process is only preempted
before a call that conflicts with what another one does. And what follows the race is played once for each distinct end.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from exploring.engine import Bound, Engine, Footprints, Line, World

Factory = Callable[[], World]


class NotDeterministic(Exception):
    """The same choices led somewhere else: the world has something in it that is not of its own making."""


_PASSES = 6


@dataclass
class Violation:
    """``path`` runs it again."""

    path: tuple[int, ...]
    complaints: tuple[str, ...]
    story: list[Line]


@dataclass
class Result:
    """``histories`` are runs, those cut at a known state included; ``ends`` distinct ends that were settled and judged."""

    bound: Bound
    histories: int = 0
    states: int = 0
    calls: int = 0
    ends: int = 0
    passes: int = 0
    exhausted: bool = False
    seconds: float = 0.0
    violations: list[Violation] = field(default_factory=list)


def explore(
    factory: Factory,
    bound: Bound,
    *,
    limit_seconds: float | None = None,
    stop_at: int = 1,
    merge: bool = True,
    reduce: bool = True,
) -> Result:
    """Every schedule with at most so many preemptions and faults. ``exhausted`` when none was left out.

    ``limit_seconds`` are of the processor, so that a busy computer tries as many; each of the two searches that learn has as many too.
    """
    result = Result(bound)
    started = time.monotonic()
    known: Footprints | None = None
    if reduce:
        known = {}  # learned where it is cheap; what the whole search adds to it is searched again
        for small in (Bound(0, min(1, bound.faults)), Bound(min(1, bound.preemptions), 0)):
            for _ in _paths(factory, small, known, Result(bound), _from_now(limit_seconds), merge=merge):
                pass
    until = _from_now(limit_seconds)
    judged: set[int] = set()
    for _ in range(_PASSES):
        result.passes += 1
        before = _size(known)
        whole = True
        for engine in _paths(factory, bound, known, result, until, merge=merge):
            if engine is None:
                whole = False
                break
            _judge(engine, judged, result)
            if len(result.violations) >= stop_at:
                whole = False
                break
        if not whole or _size(known) == before:
            result.exhausted = whole
            break
    result.seconds = time.monotonic() - started
    return result


def _from_now(limit_seconds: float | None) -> float | None:
    return None if limit_seconds is None else time.process_time() + limit_seconds


def _size(known: Footprints | None) -> int:
    return sum(len(reads) + len(writes) for reads, writes in known.values()) if known is not None else 0


def _paths(
    factory: Factory, bound: Bound, known: Footprints | None, result: Result, until: float | None, *, merge: bool
) -> Iterator[Engine | None]:
    """Each history's engine after its race, not those that were cut; None when time is up."""
    visited: dict[int, list[tuple[int, int]]] = {}

    def visit(key: int, preemptions: int, faults: int) -> bool:
        seen = visited.get(key)
        if seen is None:
            visited[key] = [(preemptions, faults)]
            result.states += 1
            return False
        if any(one >= preemptions and other >= faults for one, other in seen):
            return True
        seen.append((preemptions, faults))
        return False

    path: list[int] = []
    asked: list[tuple[str, str, int]] = []
    frozen = {name: (set(reads), set(writes)) for name, (reads, writes) in known.items()} if known else None
    while True:
        if until is not None and time.process_time() > until:
            yield None
            return
        engine = Engine(factory(), bound, path, known=frozen, visit=visit if merge else None)
        engine.run()
        result.histories += 1
        result.calls += engine.calls
        if known is not None:
            for name, (reads, writes) in engine.footprints.items():
                old = known.setdefault(name, (set(), set()))
                old[0].update(reads)
                old[1].update(writes)
        if not engine.cut:
            yield engine
        if engine.asked[: len(asked)] != asked and not engine.cut:
            raise NotDeterministic(f"{asked} became {engine.asked[: len(asked)]}")
        place = len(engine.taken) - 1
        while place >= 0 and not engine.left_out[place]:
            place -= 1
        if place < 0:
            return
        path = [*engine.taken[:place], engine.left_out[place][0]]
        asked = engine.asked[: place + 1]


def _judge(engine: Engine, judged: set[int], result: Result) -> None:
    end = engine.world.fingerprint()
    if end in judged:
        return
    judged.add(end)
    result.ends += 1
    engine.world.settle()
    complaints = engine.world.complaints()
    if complaints:
        result.violations.append(Violation(tuple(engine.taken), tuple(complaints), engine.story))


def replay(factory: Factory, bound: Bound, path: tuple[int, ...]) -> Violation | None:
    """One history again, to its end."""
    engine = Engine(factory(), bound, path)
    engine.run()
    engine.world.settle()
    complaints = engine.world.complaints()
    return Violation(tuple(engine.taken), tuple(complaints), engine.story) if complaints else None


def sample(factory: Factory, bound: Bound, *, seed: int, histories: int, stop_at: int = 1) -> Result:
    """Random histories; the seed gives the same ones again."""
    result = Result(bound)
    started = time.monotonic()
    for number in range(histories):
        chance = random.Random(f"{seed}/{number}")
        engine = Engine(factory(), bound, choose=_lazily(chance))
        engine.run()
        result.histories += 1
        result.calls += engine.calls
        engine.world.settle()
        result.ends += 1
        complaints = engine.world.complaints()
        if complaints:
            result.violations.append(Violation(tuple(engine.taken), tuple(complaints), engine.story))
            if len(result.violations) >= stop_at:
                break
    result.seconds = time.monotonic() - started
    return result


def _lazily(chance: random.Random) -> Callable[[int], int]:
    """Mostly on: else all the budget is spent in the first few steps."""

    def choose(width: int) -> int:
        return 0 if chance.random() < 0.8 else chance.randrange(width)

    return choose


def shrink(factory: Factory, bound: Bound, path: tuple[int, ...]) -> Violation:
    """A shorter failing history: fewer choices that differ from simply going on. The path must fail."""
    best = replay(factory, bound, path)
    assert best is not None, "the history does not fail"
    improved = True
    while improved:
        improved = False
        chosen = [place for place, choice in enumerate(best.path) if choice]
        for place in reversed(chosen):
            shorter = (*best.path[:place], 0, *best.path[place + 1 :])
            found = replay(factory, bound, _trimmed(shorter))
            if found is not None and sum(map(bool, found.path)) < len(chosen):
                best, improved = found, True
                break
    return best


def _trimmed(path: tuple[int, ...]) -> tuple[int, ...]:
    last = max((place for place, choice in enumerate(path) if choice), default=-1)
    return path[: last + 1]


def written(path: tuple[int, ...]) -> str:
    """A path as text: only the choices that differ from going on, ``place=choice``."""
    return " ".join(f"{place}={choice}" for place, choice in enumerate(path) if choice)


def read(text: str) -> tuple[int, ...]:
    pairs = {int(place): int(choice) for place, _, choice in (part.partition("=") for part in text.split())}
    return tuple(pairs.get(place, 0) for place in range(max(pairs, default=-1) + 1))
