"""One history: processes as greenlets, every port call a step, every choice made by a path of numbers.

A process runs until it calls a port. There the engine may let it go on, let a fault befall the call, or let another process go first. Code
under test is deterministic, so the path of choices is the history, and running the path again is running the history again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from greenlet import getcurrent, greenlet


class Fault(StrEnum):
    """What may befall a call. The proxy of the port says what each means there."""

    CRASH = "dies here"
    LOST = "lost on the way"
    LOST_AFTER = "done, but the answer is lost"
    CONFLICT = "in conflict with somebody"
    THROTTLED = "told to wait"
    LATE = "lost for now, lands later"
    STALE = "answered from before"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a port. Resources are names such as ``ss-sends/p_1#main/0``; ``text`` tells it in the story."""

    text: str
    reads: frozenset[str]
    writes: frozenset[str]


class Crash(BaseException):
    """The process dies: no ``except Exception`` holds it, and every port is dead for what it still does while dying."""


class World(Protocol):
    """What the processes act on. A fresh one is made for every history."""

    engine: Engine
    now: datetime

    def start(self) -> None:
        """Spawn the first processes, on ``engine``."""
        ...

    def fingerprint(self) -> int:
        """Equal states have equal ones."""
        ...

    def settle(self) -> None:
        """What happens after the race: redelivery, sweeps. No faults, no switching."""
        ...

    def complaints(self) -> list[str]: ...


@dataclass(slots=True)
class Process:
    """``crashes``: it may die at its end too, before anybody hears that it is done."""

    name: str
    run: Callable[[], None]
    crashes: bool
    free: bool  # switching to it costs nothing: it is no invocation but the world itself
    lineage: tuple[str, ...]  # itself and who brought it to life: what it does, they do
    done: Callable[[], None] | None = None  # called at its end, unless it died
    body: greenlet | None = None
    observed: int = 0
    parked: Call | None = None
    faulty: Mapping[Fault, Callable[[], Any]] = field(default_factory=dict)
    fresh: bool = True  # not switched away from at this very call
    over: bool = False
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    preemptions: int
    faults: int


@dataclass(slots=True)
class Line:
    """One line of the story."""

    who: str
    text: str
    befell: str = ""


Footprints = dict[str, tuple[set[str], set[str]]]


class Engine:
    """Runs one history of ``world`` along ``path``; beyond it the first choice is taken, or ``choose`` asked.

    ``known`` are the processes' footprints so far: switching before a call that conflicts with nobody else's is the same as switching
    after it, and is left out. A crash is only tried before calls that write, and at the end: before a read it is the same as before the
    next write.
    ``visit`` is asked at every new choice with the state's key and the budget left; True cuts the history.
    """

    def __init__(
        self,
        world: World,
        bound: Bound,
        path: Sequence[int] = (),
        *,
        known: Footprints | None = None,
        visit: Callable[[int, int, int], bool] | None = None,
        choose: Callable[[int], int] | None = None,
    ) -> None:
        self.world = world
        self.path = list(path)
        self.taken: list[int] = []
        self.asked: list[tuple[str, str, int]] = []  # at each point: who, before what, and how many choices
        self.left_out: list[tuple[int, ...]] = []  # at each point, the choices worth trying after the one taken
        self.story: list[Line] = []
        self.footprints: Footprints = {}
        self.switching = True
        self.cut = False  # it came to a state that was looked at before
        self.calls = 0
        self._left = [bound.preemptions, bound.faults]
        self._known = known
        self._visit = visit
        self._choose = choose
        self._processes: list[Process] = []
        self._current: Process | None = None
        self._hub = greenlet(self._loop)
        self._next: Process | None = None

    # for the world

    @property
    def current(self) -> str:
        """The running process, "" between them."""
        return self._current.name if self._current is not None else ""

    def spawn(
        self,
        name: str,
        run: Callable[[], None],
        *,
        crashes: bool = True,
        free: bool = False,
        done: Callable[[], None] | None = None,
    ) -> None:
        parents = self._current.lineage if self._current is not None else ()
        self._processes.append(Process(name, run, crashes, free, (*parents, name), done))

    def note(self, text: str) -> None:
        self.story.append(Line(self.current, text))

    def step(self, call: Call, effect: Callable[[], Any], faulty: Mapping[Fault, Callable[[], Any]]) -> Any:
        """A port call of the running process."""
        process = self._current
        if process is None or not self.switching:
            return effect()
        if process.dead:
            raise Crash
        self.calls += 1
        for name in process.lineage:
            reads, writes = self.footprints.setdefault(name, (set(), set()))
            reads |= call.reads
            writes |= call.writes
        process.parked, process.faulty, process.fresh = call, faulty, True
        fault = self._decide(process)
        process.parked = None
        if process.dead:
            raise Crash
        line = Line(process.name, call.text, fault or "")
        self.story.append(line)
        if fault is Fault.CRASH:
            process.dead = True
            raise Crash
        moment = self.world.now  # what the process reads of the clock until its next step
        try:
            result = faulty[fault]() if fault is not None else effect()
        except Exception as error:
            process.observed = hash((process.observed, moment, type(error).__name__, str(error)))
            raise
        process.observed = hash((process.observed, moment, _digest(result)))
        return result

    # running

    def run(self) -> None:
        """The whole race, until every process is over, or the history is ``cut``."""
        self.world.engine = self
        self.world.start()
        self._hub.switch()
        here = getcurrent()
        for process in self._processes:
            if process.body is not None and not process.body.dead:
                process.dead = True
                process.body.parent = here
                self._current = process
                process.body.throw(Crash)
        self._current = None
        self.switching = False

    def _loop(self) -> None:
        """The hub: whenever a process ends, it chooses the next."""
        while True:
            ready = [process for process in self._processes if not process.over]
            if not ready or self.cut:
                return
            following = self._next
            self._next = None
            if following is None:
                following = ready[self._pick(ready, at_end=True)]
                if self.cut:
                    return
            self._current = following
            if following.body is None:
                following.body = greenlet(self._body(following), self._hub)
            following.body.switch()

    def _body(self, process: Process) -> Callable[[], None]:
        def body() -> None:
            try:
                process.run()
                if process.crashes and not process.dead and self._left[1] and self._dies_at_the_end():
                    self.story.append(Line(process.name, "is done, and nobody hears of it", Fault.CRASH))
                    process.dead = True
                if not process.dead and process.done is not None:
                    process.done()
            except Crash:
                process.dead = True
            finally:
                process.over = True
                process.observed = 0
                self._current = None

        return body

    def _dies_at_the_end(self) -> bool:
        died = self._pick((None, Fault.CRASH)) == 1
        self._left[1] -= died
        return died

    def _decide(self, process: Process) -> Fault | None:
        """At a parked call: go on, a fault, or another process first."""
        while True:
            options: list[Any] = [None]
            if self._left[1]:
                options += process.faulty
                if process.crashes and process.parked is not None and process.parked.writes:
                    options.append(Fault.CRASH)
            worth = list(range(len(options)))
            if process.fresh:
                others = [one for one in self._processes if self._may_go_first(one, process)]
                if any(self._matters(one, process) for one in self._processes if one is not process and not one.over):
                    worth += range(len(options), len(options) + len(others))
                options += others
            chosen = options[self._pick(options, worth)]
            if self.cut:
                process.dead = True
                return None
            if isinstance(chosen, Process):
                process.fresh = False
                self._left[0] -= not chosen.free
                self._next = chosen
                self._current = None
                self._hub.switch()
                if process.dead or self.cut:
                    process.dead = True
                    return None
                continue
            if chosen is not None:
                self._left[1] -= 1
            fault: Fault | None = chosen
            return fault

    def _may_go_first(self, other: Process, process: Process) -> bool:
        return other is not process and not other.over and (self._left[0] > 0 or other.free)

    def _matters(self, other: Process, process: Process) -> bool:
        """Whether it does, as far as is known, anything that the parked call conflicts with.

        Where anybody does, everybody may go first: what the others do to one another in between may matter to the one it conflicts with.
        """
        footprint = self._known.get(other.name) if self._known is not None else None
        assert process.parked is not None
        return footprint is None or _conflict(process.parked, footprint)

    def _pick(self, options: Sequence[Any], worth: Sequence[int] | None = None, *, at_end: bool = False) -> int:
        """The number of the option that is taken. The numbers are the same whatever is worth trying."""
        if len(options) == 1:
            return 0
        place = len(self.taken)
        if place < len(self.path):
            chosen = min(self.path[place], len(options) - 1)
        elif self._visit is not None and self._visit(self._key(at_end), *self._left):
            self.cut = True
            return 0
        else:
            chosen = self._choose(len(options)) if self._choose is not None else 0
        parked = self._current.parked if self._current is not None else None
        self.asked.append((self.current, parked.text if parked is not None else "", len(options)))
        self.taken.append(chosen)
        self.left_out.append(tuple(one for one in (worth or range(len(options))) if one > chosen))
        return chosen

    def _key(self, at_end: bool) -> int:
        processes = tuple(
            (one.name, one.over, one.body is None, one.observed, one.parked.text if one.parked else "", one.fresh)
            for one in self._processes
        )
        return hash((self.world.fingerprint(), processes, self.current, at_end))


def _conflict(call: Call, footprint: tuple[set[str], set[str]]) -> bool:
    reads, writes = footprint
    return not (call.writes.isdisjoint(writes) and call.writes.isdisjoint(reads) and call.reads.isdisjoint(writes))


def _digest(value: Any) -> int:
    if value is None or isinstance(value, (str, bytes)):
        return hash(value)
    if isinstance(value, dict) and "Body" in value:
        return hash(value["ETag"])
    return hash(repr(value))
