"""What the weekly digest shows, in its order, before it is a mail or messages in Slack. Pure.

Everything in it is said already; what a button is signed with is each recipient's own and comes when it is rendered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from mesh.approvals import Action

Pairs = tuple[tuple[str, str], ...]  # (post_id, revision)
MOST_AT_ONCE = 10  # posts that one link can name (``mesh.approvals.Token``)


@dataclass(frozen=True)
class Press:
    """A button. ``kind`` is "go" for the one that is meant first, "way" or "stop". ``channel`` and ``attempt`` name the try of an answer."""

    label: str
    action: Action
    pairs: Pairs = ()
    kind: str = "way"
    channel: str = ""
    attempt: int = 0


Link = Callable[[Press], str]  # the signed address of a press


@dataclass(frozen=True)
class Picture:
    """A small JPEG; ``name`` is its own among all. Sizes are of the picture as it is shown: it has twice as many pixels."""

    name: str
    data: bytes = field(repr=False)
    width_px: int
    height_px: int
    alt: str


@dataclass(frozen=True)
class Entry:
    """One thing. ``title`` and ``lines`` are sentences of ours, ``words`` the owner's own. ``above`` heads those that share it: a day.

    ``ways`` are labels and public addresses. ``pair`` is the post that waits, ``whole`` that all of what goes out is shown here.
    """

    title: str
    words: str = ""
    lines: tuple[str, ...] = ()
    ways: tuple[tuple[str, str], ...] = ()
    presses: tuple[Press, ...] = ()
    picture: Picture | None = None
    above: str = ""
    pair: tuple[str, str] | None = None
    whole: bool = False


@dataclass(frozen=True)
class Part:
    """``left`` counts what belongs here and is not shown; ``where`` says where that is found. ``short``: an entry is one line."""

    heading: str
    entries: tuple[Entry, ...] = ()
    left: int = 0
    where: str = "in the sheet"
    short: bool = False

    def cut(self, most: int) -> Part:
        """The first of them; the others are counted."""
        return replace(self, entries=self.entries[:most], left=self.left + max(0, len(self.entries) - most))

    @property
    def rest(self) -> str:
        if not self.left:
            return ""
        return f"And {self.left:,} more, {self.where}." if self.entries else f"{self.left:,}, {self.where}."

    @property
    def all_at_once(self) -> Press | None:
        """Approves what is shown, where nothing of it is hidden and there are several."""
        pairs = tuple(entry.pair for entry in self.entries if entry.pair is not None)
        if not 1 < len(pairs) <= MOST_AT_ONCE or not all(entry.whole for entry in self.entries):
            return None
        return Press(f"Approve all {len(pairs)} you see here", Action.REVIEW, pairs, "go")


@dataclass(frozen=True)
class Digest:
    """``key`` names its week. ``summary`` is the week in one sentence; ``needs`` comes first, then ``news``."""

    key: str
    subject: str
    title: str
    summary: str
    needs: tuple[Part, ...] = ()
    news: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        return (*self.needs, *self.news)

    @property
    def pictures(self) -> dict[str, Picture]:
        """Each once, by name."""
        shown = (entry.picture for part in self.parts for entry in part.entries)
        return {picture.name: picture for picture in shown if picture is not None}


_FLOORS = (8, 3, 1, 0)  # entries that each part keeps; the last for a week in which everything is too long


def fitting(digest: Digest, size_bytes: Callable[[Digest], int], most_bytes: int) -> Digest:
    """As much as fits: the last parts give way first, and what needs somebody after everything else. What went is counted in its part."""
    shown = digest
    for of in ("news", "needs"):
        for floor in _FLOORS:
            for number in range(len(getattr(shown, of)) - 1, -1, -1):
                while len(getattr(shown, of)[number].entries) > floor:
                    if size_bytes(shown) <= most_bytes:
                        return shown
                    shown = _without_last(shown, of, number, floor)
    return shown


def _without_last(digest: Digest, of: str, number: int, floor: int) -> Digest:
    """A third less of one part: each look at the size renders all of it."""
    parts: tuple[Part, ...] = getattr(digest, of)
    part = parts[number]
    changed = (*parts[:number], part.cut(max(floor, len(part.entries) * 2 // 3)), *parts[number + 1 :])
    return replace(digest, needs=changed) if of == "needs" else replace(digest, news=changed)
