"""One run of the owner against drive-sync, drawn from a seed: the same seed, the same run. Wrong runs are shortened before they are told.

Left out, because Sheets has no conditional write: an untick in the very instant in which an edited row's tick is cleared; and a column
moved in the very instant of a write where something else happens in that instant too: the write's answer is lost, the row moves as well, or
a row is being put in.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mesh.cells import Cell
from mesh.errors import Unreachable
from mesh.ledger import FlagState, State
from mesh.posts import Row, stamp
from mesh.sheet import read_table
from owner_world.hands import HEADER, OWNERS, TAG, Hands, Line
from owner_world.mesh import START, Mesh, bound, new_sheet

_TEXTS = ("Cake", "Bread", "Tea", "=1+1", "Coffee & cake", "")
_DAYS = (46_470, 46_471.0, "2027-03-25", "24.03.2027", "", "soon")
_CHANNELS = ("bluesky-main", "bluesky-main, mastodon-main", "", "nowhere")
_REST_WITHIN = 12  # runs: more, and drive-sync never comes to rest


@dataclass(frozen=True)
class Step:
    """One thing that happens. ``inside`` are the acts between this sync's calls to Google, by the call's number; ``lost`` the write whose
    answer is lost, before or after its effect."""

    what: str
    arguments: tuple[Any, ...] = ()
    inside: tuple[tuple[int, Step], ...] = ()
    lost: tuple[int, bool] | None = None


class Wrong(AssertionError):
    """What must not be."""


def drawn(seed: int) -> list[Step]:
    dice = random.Random(seed)
    steps = [Step("insert", (dice.randrange(99), _cells(dice, whole=True))) for _ in range(dice.randint(1, 4))]
    for _ in range(dice.randint(4, 16)):
        if dice.random() < 0.55:
            steps += [_step(dice)]
            continue
        steps += [_sync(dice)]
        if dice.random() < 0.8:  # what changed is followed within moments, and often somebody clicks at once
            steps += [
                Step("follow"),
                *(Step("approve", (dice.randrange(99),)) for _ in range(dice.choice((0, 1, 1, 2)))),
            ]
    return steps


def _step(dice: random.Random) -> Step:
    return _mesh_act(dice) if dice.random() < 0.4 else _owner_act(dice)


def _sync(dice: random.Random) -> Step:
    count = dice.choice((0, 0, 1, 1, 2, 3))
    inside = sorted(((dice.randrange(4), _owner_act(dice)) for _ in range(count)), key=lambda one: one[0])
    lost = (dice.randrange(2), dice.random() < 0.5) if dice.random() < 0.15 else None
    if any(act.what == "move_column" for _, act in inside):
        lost, inside = None, [one for one in inside if one[1].what == "move_column"][:1]
    return Step("sync", (), tuple(inside), lost)


def _mesh_act(dice: random.Random) -> Step:
    what = dice.choice(("follow", "approve", "approve", "hold", "want", "sent", "minutes"))
    return Step(what, (dice.randrange(99),))


def _owner_act(dice: random.Random) -> Step:
    row, other = dice.randrange(99), dice.randrange(99)
    column = dice.choice([name for name in OWNERS if name != TAG])
    match dice.randrange(16):
        case 0 | 1:
            return Step("insert", (row, _cells(dice, whole=dice.random() < 0.8)))
        case 2:
            return Step("delete", (row,))
        case 3 | 4 | 5:
            return Step("sort", (dice.choice(("text", "date", "post_id", "status", "note")), dice.random() < 0.5))
        case 6:
            return Step("copy", (row, other))
        case 7:
            return Step("paste_over", (row, other))
        case 8:
            return Step("edit", (row, *_typed(dice, column)))
        case 9:
            return Step("edit", (row, *_typed(dice, "text")))
        case 10:
            return Step("paste_text", (row, other, *_typed(dice, column)))
        case 11:
            return Step(
                dice.choice(("wipe_id", "empty", "rename")),
                (row, dice.choice(("image", "text", "date", "note", "link"))),
            )
        case 12 | 13:
            return Step("untick", (row,))
        case 14:
            return Step("tick", (row,))
        case _:
            return Step(dice.choice(("undo", "undo", "move_column")), (dice.choice(HEADER), other))


def _typed(dice: random.Random, column: str) -> tuple[str, Cell]:
    values: dict[str, tuple[Cell, ...]] = {
        "text": _TEXTS,
        "date": _DAYS,
        "time": (0.375, "9:00", "25:00"),
        "channels": _CHANNELS,
    }
    return column, dice.choice(values.get(column, ("", "x", f"note {dice.randrange(9)}")))


def _cells(dice: random.Random, *, whole: bool) -> Line:
    cells: Line = {"text": f"{dice.choice(_TEXTS)} {dice.randrange(4)}"}
    if whole:
        cells |= {"date": dice.choice(_DAYS[:4]), "time": 0.375, "channels": _CHANNELS[0]}
    return cells


# running


@dataclass
class Run:
    """The sheet, its owner and the mesh, and the checks after each step."""

    hands: Hands = field(default_factory=lambda: Hands(new_sheet(HEADER)))
    wanted: set[str] = field(default_factory=set)
    asleep: bool = False

    def __post_init__(self) -> None:
        self.mesh = Mesh(_Watched(self))
        self.inside: list[tuple[int, Step]] = []
        self.lost: tuple[int, bool] | None = None
        self.calls = 0
        self.writes = 0
        self.writing = False

    def all(self, steps: Iterable[Step]) -> None:
        for step in steps:
            self.one(step)
            self.owner_keeps_everything()
        self.rest()
        self.everything_is_right()

    def one(self, step: Step) -> None:
        match step.what:
            case "sync":
                self.inside, self.lost, self.calls, self.writes = list(step.inside), step.lost, 0, 0
                self.mesh.minutes(1)
                self.mesh.sync()
                self.inside, self.lost = [], None
            case "follow":
                self.mesh.follow()
            case "approve":
                self._approve(step.arguments[0])
            case "hold":
                self._hold(step.arguments[0])
            case "sent":
                self._send(step.arguments[0])
            case "want":
                post_id = f"p_want{step.arguments[0] % 5}"
                self.wanted.add(post_id)
                self.mesh.want(post_id, "Every Friday")
            case "minutes":
                self.mesh.minutes(step.arguments[0] % 7)
            case _:
                self._owner(step)

    def _owner(self, step: Step) -> None:
        hands, arguments = self.hands, step.arguments
        if step.what == "insert":
            return hands.insert(*arguments)
        if step.what == "undo":
            return hands.undo()
        if step.what == "move_column":
            return hands.move_column(*arguments)
        if step.what == "rename":
            return hands.rename(arguments[1])
        if step.what == "sort":
            return hands.sort(arguments[0], descending=arguments[1])
        tags = hands.tags()
        if not tags:
            return None
        tag, rest = tags[arguments[0] % len(tags)], arguments[1:]
        if step.what == "untick":
            return hands.untick(tag, counts=self._written_here)
        if step.what == "paste_over":
            return hands.paste_over(tag, tags[rest[0] % len(tags)])
        if step.what == "paste_text":
            return hands.paste_text(sorted({tag, tags[rest[0] % len(tags)]}), *rest[1:])
        if step.what in {"wipe_id", "empty", "delete", "tick"}:
            rest = ()
        getattr(hands, step.what)(tag, *rest)
        return None

    def _written_here(self, line: Line) -> bool:
        """A tick that the mesh wrote for this very row, and knows to be there."""
        post_id = str(line["post_id"] or "")
        status = self.mesh.ledger.status(post_id)
        if status is None or not line["approved"] or status.flag is None or status.held is not None:
            return False
        if self.writing and not status.approved:
            return False
        own = status.approval is not None and line["approved for"] == stamp(post_id, status.approval.revision)
        return (
            own and status.flag.state is FlagState.WRITTEN and status.gone_at is None and status.state is not State.SENT
        )

    def _approve(self, number: int) -> None:
        statuses = self.mesh.statuses()
        known = sorted(key for key in self.mesh.mirrored() if key in statuses and not statuses[key].cleared)
        if known:
            post_id = known[number % len(known)]
            if self.mesh.approve(post_id):
                self.hands.unticked.discard(post_id)

    def _hold(self, number: int) -> None:
        known = sorted(self.mesh.statuses())
        if known:
            self.mesh.hold(known[number % len(known)])

    def _send(self, number: int) -> None:
        known = sorted(key for key, status in self.mesh.statuses().items() if status.cleared)
        if known:
            self.mesh.send(known[number % len(known)])
            self.hands.unticked.discard(known[number % len(known)])

    # what the sheet's watcher calls

    def call(self) -> None:
        number, self.calls = self.calls, self.calls + 1
        for at, act in self.inside:
            if at == number and not (act.what == "move_column" and self._putting_in()):
                self._owner(act)

    def _putting_in(self) -> bool:
        return any(status.awaited for status in self.mesh.statuses().values())

    def write(self, effect: Callable[[], Any]) -> Any:
        self.writing = True
        self.call()
        self.writing = False
        number, self.writes = self.writes, self.writes + 1
        if self.lost is None or self.lost[0] != number:
            return effect()
        if self.lost[1]:
            effect()
        raise Unreachable("the sheet")

    # what must be true

    def owner_keeps_everything(self) -> None:
        """No cell of the owner's is lost, changed or brought back; no row comes or goes but one that is wanted."""
        lines = self.hands.lines()
        found = {str(line[TAG]): {name: line[name] for name in OWNERS} for line in lines if line[TAG]}
        _same(found, self.hands.own, "the owner's cells")
        inserted = [str(line["post_id"]) for line in lines if not line[TAG] and any(line[name] for name in OWNERS)]
        if not set(inserted) <= self.wanted:
            raise Wrong(f"rows that nobody wanted: {inserted}")

    def rest(self) -> None:
        """Nobody does anything any more: drive-sync comes to an end."""
        if self.hands.renamed:
            self.hands.rename("")
        for number in range(_REST_WITHIN):
            self.mesh.minutes(4)
            self.calls = 0
            self.mesh.sync()
            self.mesh.follow()
            if self.calls == 1 and number > 2:
                return
        raise Wrong(f"drive-sync never comes to rest: {self.calls} calls in the last run")

    def everything_is_right(self) -> None:
        self.owner_keeps_everything()
        table = read_table(self.hands.sheet.values("sheet-1", "'Posts'"))
        rows = [row.row for row in table.rows if not row.row.blank]
        ids = [row.post_id for row in rows]
        if "" in ids or len(set(ids)) != len(ids):
            raise Wrong(f"ids are missing or not unique: {ids}")
        mirrored = self.mesh.mirrored()
        _same(
            {key: row.content for key, row in mirrored.items()},
            {row.post_id: row.content for row in rows},
            "the mirror",
        )
        for row in rows:
            self._flag_is_right(row)
        for post_id in self.wanted & set(self.mesh.statuses()):
            status = self.mesh.statuses()[post_id]
            if status.wanted is not None and status.awaited:
                raise Wrong(f"{post_id} was wanted and never put in")
        for post_id in self.hands.unticked & set(ids):
            status = self.mesh.statuses()[post_id]
            if status.held is None:
                raise Wrong(f"the owner's untick of {post_id} holds nothing")

    def _flag_is_right(self, row: Row) -> None:
        status = self.mesh.ledger.status(row.post_id)
        if status is None:
            raise Wrong(f"{row.post_id} is known to nobody")
        if status.state is State.SENT:  # an untick means nothing any more, but no tick may stand over other words
            if row.approved and self.mesh.approved.get((row.post_id, status.current_revision or "")) != bound(row):
                raise Wrong(f"{row.post_id} is out and ticked, and what stands there was never approved")
            return
        stands = status.approved and status.held is None and status.state is not State.GONE
        if row.approved != stands or bool(row.stamp) != stands:
            raise Wrong(
                f"{row.post_id}: tick {row.approved}, stamp {row.stamp!r}, and an approval that stands: {stands}"
            )
        if stands and status.approval is not None:
            revision = status.approval.revision
            if row.stamp != stamp(row.post_id, revision):
                raise Wrong(f"{row.post_id}: the stamp {row.stamp} is another's")
            if self.mesh.approved.get((row.post_id, revision)) != bound(row):
                raise Wrong(f"{row.post_id} is ticked, and what stands there was never approved")
            if not status.cleared:
                raise Wrong(f"{row.post_id} is ticked and nobody knows")
        if status.shown is not None and row.status != status.shown.text:
            raise Wrong(f"{row.post_id} says {row.status!r} instead of {status.shown.text!r}")
        if status.shown is None or status.shown.version != status.version:
            raise Wrong(f"{row.post_id}: the sentence of its last version is not in the sheet")


class _Watched:
    """The sheet as drive-sync reaches it: before each call its owner may do something."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __getattr__(self, name: str) -> Any:
        effect = getattr(self._run.hands.sheet, name)
        if name in {"write", "insert", "put_back"}:
            return lambda *given: self._run.write(lambda: effect(*given))

        def read(*given: Any) -> Any:
            self._run.call()
            return effect(*given)

        return read


def _same(found: Any, expected: Any, what: str) -> None:
    if found != expected:
        keys = sorted(key for key in {*found, *expected} if found.get(key) != expected.get(key))
        told = "; ".join(f"{key}: {found.get(key)} instead of {expected.get(key)}" for key in keys[:3])
        raise Wrong(f"{what}: {told}")


def wrong(steps: Sequence[Step]) -> str:
    """What goes wrong in this run, or ""."""
    try:
        Run().all(steps)
    except Wrong as error:
        return str(error)
    return ""


def shortened(steps: Sequence[Step]) -> list[Step]:
    """Without every step, and every act inside a step, that it goes wrong without."""
    left = list(steps)
    shorter = True
    while shorter:
        shorter = False
        for place in reversed(range(len(left))):
            for candidate in _without(left, place):
                if wrong(candidate):
                    left, shorter = candidate, True
                    break
    return left


def _without(steps: list[Step], place: int) -> Iterable[list[Step]]:
    step = steps[place]
    yield [*steps[:place], *steps[place + 1 :]]
    for number in range(len(step.inside)):
        inside = (*step.inside[:number], *step.inside[number + 1 :])
        yield [*steps[:place], Step(step.what, step.arguments, inside, step.lost), *steps[place + 1 :]]
    if step.lost is not None:
        yield [*steps[:place], Step(step.what, step.arguments, step.inside), *steps[place + 1 :]]


__all__ = ["START", "Step", "drawn", "shortened", "wrong"]
