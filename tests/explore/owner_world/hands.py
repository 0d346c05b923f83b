"""The owner's hands on the sheet. Every row carries a tag of its own in a column that nobody else knows: what it is known by here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from memory.sheet import MemorySheet

from mesh.cells import Cell
from mesh.posts import COLUMNS

TAG = "my own"
OVERRIDE = "text: bluesky-main"
OURS = ("post_id", "approved", "approved for", "status")
HEADER = (*COLUMNS, OVERRIDE, TAG)
OWNERS = tuple(name for name in HEADER if name not in OURS)
RENAMED = "a new name"

Line = dict[str, Cell]


@dataclass
class Hands:
    """``own`` is what the owner's cells are, by tag and column; ``unticked`` the posts that the owner took the tick off."""

    sheet: MemorySheet
    own: dict[str, Line] = field(default_factory=dict)
    unticked: set[str] = field(default_factory=set)
    renamed: str = ""
    count: int = 0
    before: list[tuple[str, Line | None]] = field(default_factory=list)  # for undo: what the last act's rows were

    # the tab as lines

    @property
    def header(self) -> list[str]:
        return [str(name) for name in self.sheet.rows[0]]

    def lines(self) -> list[Line]:
        names = [self._known_as(name) for name in self.header]
        return [
            {name: (row[place] if place < len(row) else None) or None for place, name in enumerate(names)}
            for row in self.sheet.rows[1:]
        ]

    def line(self, tag: str) -> Line | None:
        return next((line for line in self.lines() if line[TAG] == tag), None)

    def tags(self) -> list[str]:
        return [str(line[TAG]) for line in self.lines() if line[TAG]]

    def _known_as(self, name: str) -> str:
        return self.renamed if name == RENAMED else name

    def _keep(self, lines: list[Line]) -> None:
        names = [self._known_as(name) for name in self.header]
        self.sheet.rewrite([self.header, *([line.get(name) for name in names] for line in lines)])

    def _change(self, tag: str, cells: Mapping[str, Cell]) -> None:
        lines = self.lines()
        for line in lines:
            if line[TAG] == tag:
                self.before = [(tag, dict(line))]
                line.update(cells)
                self.own[tag] = {name: line[name] or None for name in OWNERS}
        self._keep(lines)

    # acts; one whose row is not there does nothing

    def insert(self, place: int, cells: Mapping[str, Cell]) -> None:
        self.count += 1
        tag = f"t{self.count}"
        line: Line = {**dict.fromkeys(HEADER), **cells, TAG: tag}
        lines = self.lines()
        lines.insert(place % (len(lines) + 1), line)
        self.own[tag] = {name: line[name] or None for name in OWNERS}
        self.before = [(tag, None)]
        self._keep(lines)

    def delete(self, tag: str) -> None:
        gone = self.line(tag)
        if gone is None:
            return
        self.before = [(tag, gone)]
        self.unticked.discard(str(gone["post_id"]))
        del self.own[tag]
        self._keep([line for line in self.lines() if line[TAG] != tag])

    def sort(self, column: str, *, descending: bool) -> None:
        if column in self.header:
            self._keep(sorted(self.lines(), key=lambda line: str(line[column] or ""), reverse=descending))

    def copy(self, tag: str, place: int) -> None:
        """The whole row, id, tick, stamp and status along, as a spreadsheet does."""
        line = self.line(tag)
        if line is None:
            return
        self.unticked.discard(str(line["post_id"]))
        self.count += 1
        twin = {**line, TAG: f"t{self.count}"}
        lines = self.lines()
        lines.insert(place % (len(lines) + 1), twin)
        self.own[str(twin[TAG])] = {name: twin[name] for name in OWNERS}
        self.before = [(str(twin[TAG]), None)]
        self._keep(lines)

    def paste_over(self, source: str, target: str) -> None:
        """One row's cells over another's."""
        line, over = self.line(source), self.line(target)
        if line is None or over is None or source == target:
            return
        self.unticked -= {str(line["post_id"]), str(over["post_id"])}
        self._change(target, {**line, TAG: target})

    def edit(self, tag: str, column: str, value: Cell) -> None:
        self._change(tag, {column: value})

    def paste_text(self, tags: list[str], column: str, value: Cell) -> None:
        for tag in tags:
            self._change(tag, {column: value})

    def wipe_id(self, tag: str) -> None:
        line = self.line(tag)
        if line is not None:
            self.unticked.discard(str(line["post_id"]))
            self._change(tag, {"post_id": None})

    def empty(self, tag: str) -> None:
        """The owner's own cells; what the mesh wrote is left standing."""
        line = self.line(tag)
        if line is not None:
            self.unticked.discard(str(line["post_id"]))
            self._change(tag, dict.fromkeys(name for name in OWNERS if name != TAG))

    def tick(self, tag: str) -> None:
        line = self.line(tag)
        if line is not None:
            self.unticked.discard(str(line["post_id"]))
            self._change(tag, {"approved": True})

    def untick(self, tag: str, *, counts: Callable[[Line], bool]) -> None:
        """``counts``: does it take away a tick that the mesh wrote for this very row and knows of?"""
        line = self.line(tag)
        if line is None:
            return
        twins = [other for other in self.lines() if other["post_id"] == line["post_id"]]
        if len(twins) == 1 and counts(line):
            self.unticked.add(str(line["post_id"]))
        self._change(tag, {"approved": False})

    def undo(self) -> None:
        """The last act on rows, cell by cell as it was; a row that it made goes, one that it deleted comes back."""
        acts, self.before = self.before, []
        for tag, was in acts:
            now = self.line(tag)
            if was is None:
                if now is not None:
                    self.delete(tag)
            elif now is None:
                lines = [*self.lines(), was]
                self.own[tag] = {name: was[name] for name in OWNERS}
                self._keep(lines)
            else:
                self.unticked.discard(str(now["post_id"]))
                self._change(tag, {name: was[name] for name in OWNERS if name != TAG})
        self.before = []

    def rename(self, column: str) -> None:
        """A column gets another name, or the one that has one gets its own back."""
        names = self.header
        if self.renamed:
            names[names.index(RENAMED)] = self.renamed
            self.renamed = ""
        else:
            names[names.index(column)] = RENAMED
            self.renamed = column
        self.sheet.rewrite([names, *self.sheet.rows[1:]])

    def move_column(self, column: str, place: int) -> None:
        if column not in self.header:
            return
        names = self.header
        names.remove(column)
        names.insert(place % (len(names) + 1), column)
        lines = self.lines()
        known = [self._known_as(name) for name in names]
        self.sheet.rewrite([names, *([line.get(name) for name in known] for line in lines)])


Act = tuple[str, dict[str, Any]]
