"""``mesh.ledger.tables.Tables`` in memory: conditions, transactions, sparse indexes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from memory.expressions import condition as compile_condition
from memory.expressions import update as compile_update
from mesh.errors import Conflict, MeshError
from mesh.ledger.tables import Write

TRANSACTION_LIMIT = 100
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Schema:
    """Key attributes of a table and of its indexes, partition first."""

    key: tuple[str, ...]
    indexes: Mapping[str, tuple[str, ...]]


class MemoryTables:
    """Items are plain data; what is given in or out is a copy."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self._items: dict[str, dict[Key, dict[str, Any]]] = {name: {} for name in schemas}
        self._prints: dict[tuple[str, Key], int] = {}
        self._print = 0

    # state

    def fingerprint(self) -> int:
        return self._print

    def copy(self) -> MemoryTables:
        """Independent of this one. Items are replaced, never changed, so they are shared."""
        twin = MemoryTables(self._schemas)
        twin._items = {name: dict(items) for name, items in self._items.items()}
        twin._prints = dict(self._prints)
        twin._print = self._print
        return twin

    def items(self, table: str) -> list[dict[str, Any]]:
        return [_copied(item) for item in self._items[table].values()]

    # reading

    def get(self, table: str, key: Mapping[str, Any]) -> dict[str, Any] | None:
        item = self._table(table).get(self._key(table, key))
        return None if item is None else _copied(item)

    def batch(self, table: str, keys: Iterable[Mapping[str, Any]], *, read: Sequence[str] = ()) -> list[dict[str, Any]]:
        wanted = dict.fromkeys(self._key(table, key) for key in keys)
        items = self._table(table)
        return [_copied(_read_of(items[key], read)) for key in wanted if key in items]

    def gather(self, keys: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        return {table: self.batch(table, wanted) for table, wanted in keys.items()}

    def query(self, table: str, condition: str, values: Mapping[str, Any], *, index: str = "") -> list[dict[str, Any]]:
        schema = self._schemas[table]
        names = schema.indexes[index] if index else schema.key
        holds = compile_condition(condition)
        found = [
            item for item in self._table(table).values() if all(name in item for name in names) and holds(item, values)
        ]
        found.sort(key=lambda item: tuple(item[name] for name in (*names[1:], *schema.key)))
        return [_copied(item) for item in found]

    def pages(
        self,
        table: str,
        condition: str,
        values: Mapping[str, Any],
        *,
        index: str = "",
        where: str = "",
        read: Sequence[str] = (),
    ) -> Iterator[list[dict[str, Any]]]:
        """All in one page."""
        holds = compile_condition(where) if where else None
        found = self.query(table, condition, values, index=index)
        yield [_read_of(item, read) for item in found if holds is None or holds(item, values)]

    # writing

    def put(
        self, table: str, item: Mapping[str, Any], *, condition: str = "", values: Mapping[str, Any] | None = None
    ) -> None:
        self.transact([Write("Put", table, item, condition=condition, values=values)])

    def update(
        self, table: str, key: Mapping[str, Any], expression: str, values: Mapping[str, Any], *, condition: str = ""
    ) -> dict[str, Any]:
        write = Write("Update", table, key, condition=condition, update=expression, values=values)
        self.transact([write])
        return _copied(self._items[table][self._key(table, key)])

    def delete(
        self, table: str, key: Mapping[str, Any], *, condition: str = "", values: Mapping[str, Any] | None = None
    ) -> None:
        self.transact([Write("Delete", table, key, condition=condition, values=values)])

    def transact(self, writes: Sequence[Write]) -> None:
        """All or nothing."""
        keys = [(write.table, self._key(write.table, write.body)) for write in writes]
        if not 0 < len(keys) <= TRANSACTION_LIMIT or len(set(keys)) < len(keys):
            raise MeshError("TransactWriteItems: ValidationException")
        planned: list[tuple[str, Key, dict[str, Any] | None]] = []
        for write, (table, key) in zip(writes, keys, strict=True):
            before = self._table(table).get(key)
            if write.condition and not compile_condition(write.condition)(before or {}, _plain(write.values or {})):
                raise Conflict("TransactWriteItems: TransactionCanceledException")
            if write.kind == "Put":
                planned.append((table, key, _plain(write.body)))
            elif write.kind == "Update":
                after = dict(before) if before is not None else _plain(write.body)
                compile_update(write.update)(after, _plain(write.values or {}))
                planned.append((table, key, after))
            elif write.kind == "Delete":
                planned.append((table, key, None))
            elif write.kind != "ConditionCheck":
                raise MeshError(f"TransactWriteItems: ValidationException: {write.kind}")
        for table, key, item in planned:
            self._replace(table, key, item)

    def _replace(self, table: str, key: Key, item: dict[str, Any] | None) -> None:
        place = (table, key)
        self._print ^= self._prints.pop(place, 0)
        if item is None:
            self._items[table].pop(key, None)
            return
        self._items[table][key] = item
        self._prints[place] = hash((place, repr(sorted(item.items()))))
        self._print ^= self._prints[place]

    def _table(self, table: str) -> dict[Key, dict[str, Any]]:
        if table not in self._items:
            raise MeshError(f"{table}: ResourceNotFoundException")
        return self._items[table]

    def _key(self, table: str, body: Mapping[str, Any]) -> Key:
        self._table(table)
        try:
            return tuple(body[name] for name in self._schemas[table].key)
        except KeyError as error:
            raise MeshError(f"{table}: ValidationException: no {error}") from error


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """As DynamoDB keeps it: None at the top is left out, floats are refused, tuples are lists."""
    return {name: _kept(part) for name, part in value.items() if part is not None}


def _kept(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError("Float types are not supported. Use Decimal types instead.")
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, Mapping):
        return {name: _kept(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_kept(part) for part in value]
    return value


def _read_of(item: Mapping[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """What the paths name of it, all of it where they name nothing; a map keeps nothing else, and is left out where nothing in it is."""
    if not paths:
        return dict(item)
    found: dict[str, Any] = {}
    for path in paths:
        *above, last = path.split(".")
        source: Any = item
        for name in above:
            source = source.get(name) if isinstance(source, Mapping) else None
        if not isinstance(source, Mapping) or last not in source:
            continue
        place = found
        for name in above:
            place = place.setdefault(name, {})
        place[last] = source[last]
    return found


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(part) if isinstance(part, (dict, list)) else part for name, part in value.items()}
    return [_copied(part) if isinstance(part, (dict, list)) else part for part in value]
