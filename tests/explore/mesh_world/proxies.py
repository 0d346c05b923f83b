"""Each port behind a proxy: every call of a handler is a step at which the explorer may switch, crash, lose or delay.

A proxy says what a call reads and writes (so that independent steps need not be permuted), what may befall it, and a few words for the
story. What a fault means is the port's own: the error that the real one would raise, or the answer it would give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from exploring.engine import Call, Fault
from memory.vendors import Answered, Asked
from memory.wire import WireNetwork, after, client, no_answer

from mesh.errors import Conflict, Throttled, Unreachable
from mesh.ledger.tables import Write
from networks.model import NOTHING_KEPT, Finding, Outcome, Presence, RenewalUnclear, Result


class Step(Protocol):
    """``effect`` does it; ``faulty`` says what happens instead under each fault that may befall it."""

    def __call__(self, call: Call, effect: Callable[[], Any], faulty: Mapping[Fault, Callable[[], Any]]) -> Any: ...


_WRITE = frozenset({Fault.LOST, Fault.LOST_AFTER})
_TRANSACT = _WRITE | {Fault.CONFLICT}


def _refuse(error: Exception) -> Callable[[], Any]:
    def refused() -> Any:
        raise error

    return refused


def _after(effect: Callable[[], Any], error: Exception) -> Callable[[], Any]:
    def lost() -> Any:
        effect()
        raise error

    return lost


class SwitchedTables:
    """``mesh.ledger.tables.Tables``, switched. An item is ``table/key``, an index or a partition ``table@name``."""

    def __init__(self, inner: Any, step: Step) -> None:
        self._inner = inner
        self._step = step

    def get(self, table: str, key: Mapping[str, Any]) -> dict[str, Any] | None:
        item = _item(table, key)
        return self._read({item}, lambda: self._inner.get(table, key))

    def batch(self, table: str, keys: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        wanted = list(keys)
        if not wanted:
            return []
        return self._read({_item(table, key) for key in wanted}, lambda: self._inner.batch(table, wanted))

    def gather(self, keys: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        items = {_item(table, key) for table, wanted in keys.items() for key in wanted}
        return self._read(items, lambda: self._inner.gather(keys))

    def query(self, table: str, condition: str, values: Mapping[str, Any], *, index: str = "") -> list[dict[str, Any]]:
        where = f"{table}@{index}" if index else f"{table}@{next(iter(values.values()))}"
        return self._read({where}, lambda: self._inner.query(table, condition, values, index=index))

    def transact(self, writes: Sequence[Write]) -> None:
        self._write(
            [write for write in writes if write.kind != "ConditionCheck"],
            [write for write in writes if write.kind == "ConditionCheck"],
            lambda: self._inner.transact(writes),
            _TRANSACT,
        )

    def put(
        self, table: str, item: Mapping[str, Any], *, condition: str = "", values: Mapping[str, Any] | None = None
    ) -> None:
        self._write(
            [Write("Put", table, item)],
            [],
            lambda: self._inner.put(table, item, condition=condition, values=values),
            _WRITE,
        )

    def update(
        self, table: str, key: Mapping[str, Any], expression: str, values: Mapping[str, Any], *, condition: str = ""
    ) -> dict[str, Any]:
        changed: dict[str, Any] = self._write(
            [Write("Update", table, key)],
            [],
            lambda: self._inner.update(table, key, expression, values, condition=condition),
            _WRITE,
        )
        return changed

    def delete(
        self, table: str, key: Mapping[str, Any], *, condition: str = "", values: Mapping[str, Any] | None = None
    ) -> None:
        self._write(
            [Write("Delete", table, key)],
            [],
            lambda: self._inner.delete(table, key, condition=condition, values=values),
            _WRITE,
        )

    def _read(self, resources: set[str], effect: Callable[[], Any]) -> Any:
        text = f"reads {', '.join(sorted(resources))}"
        call = Call(text, frozenset(resources), frozenset())
        return self._step(call, effect, {Fault.THROTTLED: _refuse(Throttled("tables"))})

    def _write(
        self,
        writes: Sequence[Write],
        checks: Sequence[Write],
        effect: Callable[[], Any],
        faults: frozenset[Fault],
    ) -> Any:
        written: set[str] = set()
        for write in writes:
            written |= _touched(write.table, write.body)
        read = {_item(write.table, write.body) for write in checks} | written
        call = Call(_said(writes), frozenset(read), frozenset(written))
        lost = Unreachable("tables")
        faulty = {
            Fault.LOST: _refuse(lost),
            Fault.LOST_AFTER: _after(effect, lost),
            Fault.CONFLICT: _refuse(Conflict("tables")),
        }
        return self._step(call, effect, {fault: faulty[fault] for fault in faults})


def _item(table: str, body: Mapping[str, Any]) -> str:
    for key, sort in (("post_id", ""), ("post_channel", "attempt"), ("subject", "seq"), ("pk", "")):
        if key in body:
            return f"{table}/{body[key]}" + (f"/{body[sort]}" if sort else "")
    raise KeyError(f"{table}: {sorted(body)}")


def _touched(table: str, body: Mapping[str, Any]) -> set[str]:
    """The item, and the index or partition that others may query it by. Nobody reads the audit trail."""
    found = {_item(table, body)}
    if "post_channel" in body and body.get("attempt"):
        found.add(f"{table}@{body['post_channel']}")
    if table.endswith("status"):
        found.add(f"{table}@open")
    return {resource for resource in found if not resource.startswith("ss-audit")}


def _said(writes: Sequence[Write]) -> str:
    """The audit row tells best what a transaction is for."""
    for write in writes:
        if "action" in write.body:
            changed = ", ".join(
                f"{name}: {_short(write.body['before'].get(name))} -> {_short(write.body['after'].get(name))}"
                for name in sorted({*write.body["before"], *write.body["after"]})
                if name in {"state", "approval", "held", "flag", "revision", "answers"}
            )
            return f"writes “{write.body['action']}” of {write.body['subject']}" + (f" ({changed})" if changed else "")
    return f"writes {', '.join(_item(write.table, write.body) for write in writes)}"


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("state") or value.get("by") or "…"
    return "none" if value is None else str(value)[:12]


class SwitchedClient:
    """An AWS client, switched. ``footprints`` gives each operation's reads, writes and words from its request."""

    def __init__(
        self,
        inner: Any,
        step: Step,
        footprint: Callable[[str, dict[str, Any]], tuple[set[str], set[str], str]],
        error: Callable[[str], Exception],
    ) -> None:
        self._inner = inner
        self._step = step
        self._footprint = footprint
        self._error = error

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        inner = getattr(self._inner, operation)

        def called(**request: Any) -> Any:
            reads, writes, text = self._footprint(operation, request)

            def effect() -> Any:
                return inner(**request)

            error = self._error(operation)
            faulty = {Fault.THROTTLED: _refuse(error)}
            if writes:
                faulty = {Fault.LOST: _refuse(error), Fault.LOST_AFTER: _after(effect, error)}
            call = Call(text, frozenset(reads), frozenset(writes))
            return self._step(call, effect, faulty)

        self.__dict__[operation] = called
        return called


class SwitchedObjects(SwitchedClient):
    """S3, switched: its listing is one read; a signed address is made without a call."""

    def get_paginator(self, operation: str) -> SwitchedObjects._Listing:
        return self._Listing(self._inner.get_paginator(operation), self._step, self._error)

    def generate_presigned_url(self, operation: str, **request: Any) -> str:
        return str(self._inner.generate_presigned_url(operation, **request))

    @dataclass(frozen=True)
    class _Listing:
        inner: Any
        step: Step
        error: Callable[[str], Exception]

        def paginate(self, **request: Any) -> Any:
            place = listed(request["Prefix"])
            call = Call(f"lists {place}", frozenset({place}), frozenset())
            refuse = _refuse(self.error("list_objects_v2"))
            return self.step(call, lambda: self.inner.paginate(**request), {Fault.THROTTLED: refuse})


def listed(key: str) -> str:
    """What is read and written of a listing: the folder."""
    return f"s3/{key.partition('/')[0]}/*"


class SwitchedSheet:
    """``mesh.google.Google`` and ``drive_sync.edges.SheetWriter`` over one workbook, switched."""

    def __init__(self, inner: Any, step: Step) -> None:
        self._inner = inner
        self._step = step

    def values(self, spreadsheet_id: str, a1_range: str) -> Any:
        return self._read("reads the sheet", {"sheet"}, lambda: self._inner.values(spreadsheet_id, a1_range))

    def start_page_token(self) -> str:
        return str(self._read("asks Drive where changes begin", {"drive"}, self._inner.start_page_token))

    def changes(self, token: str) -> Any:
        return self._read("asks Drive what changed", {"drive"}, lambda: self._inner.changes(token))

    def files(self, folder_id: str) -> Any:
        return self._read("lists the folder", {"drive"}, lambda: self._inner.files(folder_id))

    def named(self, folder_id: str, names: Iterable[str]) -> Any:
        wanted = list(names)
        return self._read("looks for images in Drive", {"drive"}, lambda: self._inner.named(folder_id, wanted))

    def export_text(self, file_id: str) -> Any:
        return self._read("reads a doc", {"drive"}, lambda: self._inner.export_text(file_id))

    def download(self, file_id: str, into: Any, limit_bytes: int) -> Any:
        return self._read("reads an image", {"drive"}, lambda: self._inner.download(file_id, into, limit_bytes))

    def write(self, table: Any, writes: Any) -> Any:
        text = "writes " + "; ".join(f"row {one.number}: {dict(one.cells)}" for one in writes)
        resources = frozenset({"sheet", "drive"})

        def effect() -> Any:
            return self._inner.write(table, writes)

        lost = Unreachable("the sheet")
        faulty = {Fault.LOST: _refuse(lost), Fault.LOST_AFTER: _after(effect, lost)}
        return self._step(Call(text, resources, resources), effect, faulty)

    def put_back(self, table: Any, cells: Any) -> None:
        resources = frozenset({"sheet", "drive"})
        lost = Unreachable("the sheet")

        def effect() -> Any:
            return self._inner.put_back(table, cells)

        self._step(Call("puts back cells", resources, resources), effect, {Fault.LOST: _refuse(lost)})

    def tabs(self, spreadsheet_id: str) -> Any:
        return self._read("asks for the sheet's tabs", {"sheet"}, lambda: self._inner.tabs(spreadsheet_id))

    def insert(self, tab: Any, table: Any, rows: Any) -> None:
        resources = frozenset({"sheet", "drive"})

        def effect() -> Any:
            return self._inner.insert(tab, table, rows)

        lost = Unreachable("the sheet")
        faulty = {Fault.LOST: _refuse(lost), Fault.LOST_AFTER: _after(effect, lost)}
        self._step(Call(f"inserts {len(rows)} rows", resources, resources), effect, faulty)

    def add_columns(self, tab: Any, table: Any, names: Any) -> None:
        resources = frozenset({"sheet", "drive"})

        def effect() -> Any:
            return self._inner.add_columns(tab, table, names)

        lost = Unreachable("the sheet")
        faulty = {Fault.LOST: _refuse(lost), Fault.LOST_AFTER: _after(effect, lost)}
        self._step(Call(f"makes {len(names)} columns", resources, resources), effect, faulty)

    def _read(self, text: str, resources: set[str], effect: Callable[[], Any]) -> Any:
        call = Call(text, frozenset(resources), frozenset())
        return self._step(call, effect, {Fault.THROTTLED: _refuse(Throttled("the sheet"))})


class SwitchedWire:
    """The requests of a real adapter, switched. ``land_later`` lets one that is late land as a step of its own."""

    def __init__(
        self, inner: WireNetwork, step: Step, now: Callable[[], datetime], land_later: Callable[[str, Any], None]
    ) -> None:
        self._inner = inner
        self._step = step
        self._land_later = land_later
        self.http = client(now, self._carry_out)

    def _carry_out(self, asked: Asked) -> Answered:
        inner, place = self._inner, f"network/{self._inner.name}"
        reading = asked.method == "GET"

        def effect() -> Answered:
            return inner.land(asked)

        def late() -> Any:
            self._land_later(place, asked)
            return no_answer()

        faulty: dict[Fault, Callable[[], Any]] = {Fault.THROTTLED: lambda: inner.vendor.slow_down}
        if reading:
            faulty |= {Fault.STALE: lambda: inner.look_again(asked), Fault.LOST: no_answer}
        else:
            faulty |= {Fault.LOST: no_answer, Fault.LOST_AFTER: after(effect), Fault.LATE: late}
        text = "publishes" if inner.vendor.makes_public(asked) else f"{asked.method} {asked.path}"
        places = frozenset({place})
        answered: Answered = self._step(Call(text, places, frozenset() if reading else places), effect, faulty)
        return answered


class SwitchedNetwork:
    """``networks.model.Network``, switched. ``spawn`` lets a request that is late land as a step of its own."""

    def __init__(self, inner: Any, step: Step, land_later: Callable[[str, Any], None]) -> None:
        self._inner = inner
        self._step = step
        self._land_later = land_later
        self.declared = inner.declared
        self.measure = inner.measure
        self.compose = inner.compose
        self.confirms = inner.confirms

    def publish(
        self,
        http: Any,
        account: Any,
        rendition: Any,
        key: Any,
        blobs: Any,
        now: datetime,
        confirm: Any = None,
        notes: Any = None,
    ) -> Outcome:
        inner = self._inner
        place = f"network/{account.account_id}"

        def effect() -> Outcome:
            outcome: Outcome = inner.publish(http, account, rendition, key, blobs, now)
            return outcome

        def lost_after() -> Outcome:
            outcome = effect()
            return _unknown() if outcome.result is Result.OK else outcome

        def late() -> Outcome:
            request = inner.prepare(account, rendition, key, now)
            self._land_later(place, request)
            return _unknown()

        def throttled() -> Outcome:
            return Outcome(Result.RETRYABLE, detail="The network asks to slow down.")

        faulty = {Fault.LOST: _unknown, Fault.LOST_AFTER: lost_after, Fault.LATE: late, Fault.THROTTLED: throttled}
        places = frozenset({place, f"tokens/{account.account_id}"})
        call = Call("publishes", places, frozenset({place}))
        outcome: Outcome = self._step(call, effect, faulty)
        return outcome

    def find(self, http: Any, account: Any, rendition: Any, key: Any, kept: Any = NOTHING_KEPT) -> Finding:
        def effect() -> Finding:
            found: Finding = self._inner.find(http, account, rendition, key, kept)
            return found

        def stale() -> Finding:
            """A replica that has not heard of the post yet."""
            found = effect()
            absent = Presence.ABSENT if self._inner.proves_absence else Presence.UNPROVABLE
            return (
                replace(found, presence=absent, remote_id="", url="") if found.presence is Presence.PRESENT else found
            )

        def unprovable() -> Finding:
            return Finding(Presence.UNPROVABLE, detail="The network could not be asked.")

        faulty = {Fault.STALE: stale, Fault.THROTTLED: unprovable}
        place = frozenset({f"network/{account.account_id}"})
        call = Call("looks whether it is there", place, frozenset())
        finding: Finding = self._step(call, effect, faulty)
        return finding

    def refresh(self, http: Any, account: Any, now: datetime) -> Any:
        def effect() -> Any:
            return self._inner.refresh(http, account, now)

        place, unclear = frozenset({f"tokens/{account.account_id}"}), RenewalUnclear("The network could not be asked.")
        faulty = {Fault.LOST: _refuse(unclear), Fault.LOST_AFTER: _after(effect, unclear)}
        call = Call("refreshes the token", place, place)
        return self._step(call, effect, faulty)

    def probe(self, http: Any, account: Any) -> Any:
        place = frozenset({f"tokens/{account.account_id}"})
        call = Call("asks whether the account is alive", place, frozenset())
        return self._step(call, lambda: self._inner.probe(http, account), {})


def _unknown() -> Outcome:
    return Outcome(Result.UNKNOWN, detail="The network did not say whether the post went out.")
