"""One business in memory: the ports, the clock, what was put on the bus and is not yet handled, and the referee who watches it all.

A world is copied, not built, for every history. While a race is on, each invocation is a process of the engine; what it did not finish,
and what it said, is delivered afterwards, when the world ``settles``: every event at least once, some twice, or none at all, with sweeps
and syncs every five minutes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from exploring.engine import Call, Engine, Fault
from memory.clients import MemoryBus, MemoryMail, MemoryObjects, MemorySchedules, MemorySecrets, refused
from memory.network import Feed, MemoryNetwork
from memory.sheet import MemorySheet
from memory.tables import MemoryTables, Schema
from memory.wire import WireNetwork

from local.deploy import read_template
from mesh.events import Detail
from mesh.ledger.runtime import SCHEDULER_STATE, subject_of
from mesh.ledger.tables import Write
from mesh.posts import COLUMNS
from mesh_world.proxies import (
    SwitchedClient,
    SwitchedNetwork,
    SwitchedObjects,
    SwitchedSheet,
    SwitchedTables,
    SwitchedWire,
    listed,
)
from mesh_world.referee import PATIENCE, against_the_row, chains, published, wrongly_claimed
from mesh_world.wiring import GROUP, HANDLERS, NAMES, POSTS, RULES, Clients, installed
from networks import network

ROOT = Path(__file__).resolve().parents[3]
DUE = datetime(2027, 3, 26, 8, 0, tzinfo=UTC)  # Friday, 09:00 in Berlin
CHANNELS = {"main": "did:plc:main", "second": "did:plc:second"}
RULES_TEXT = """Time zone: Europe/Berlin
Late rule: 2 hours
Channels
- main: bluesky, account did:plc:main, https://memory.test
- second: bluesky, account did:plc:second, https://memory.test
"""


def rules_text(kind: MemoryNetwork | WireNetwork) -> str:
    """The rules doc of a business whose channels are of that kind."""
    text = RULES_TEXT.replace(": bluesky,", f": {kind.name},")
    for account in CHANNELS.values():
        text = text.replace(account, kind.account_of(account))
    return text


SWEEP = timedelta(minutes=5)
TRIES = 3  # Lambda's asynchronous invoke: once, and twice more


@cache
def template() -> dict[str, Any]:
    return read_template(ROOT / "template.yaml")["Resources"]  # type: ignore[no-any-return]


@cache
def schemas() -> dict[str, Schema]:
    """The tables as the template creates them."""
    found = {}
    for resource in template().values():
        if resource["Type"] == "AWS::DynamoDB::Table":
            properties = resource["Properties"]
            name = "ss" + properties["TableName"]["Fn::Sub"].removeprefix("${Prefix}")
            indexes = {
                index["IndexName"]: tuple(part["AttributeName"] for part in index["KeySchema"])
                for index in properties.get("GlobalSecondaryIndexes", ())
            }
            found[name] = Schema(tuple(part["AttributeName"] for part in properties["KeySchema"]), indexes)
    return found


@cache
def routes() -> dict[str, tuple[str, ...]]:
    """Which functions the template's rules wake for a detail-type; those that draft and repeat posts have no part in these races."""
    found: dict[str, list[str]] = {}
    for resource in template().values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        name = resource["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("${Prefix}-")
        if name not in HANDLERS:
            continue
        for event in resource["Properties"].get("Events", {}).values():
            pattern = event["Properties"].get("Pattern", {})
            if pattern.get("source") == ["aws.ses"]:
                continue  # no mail comes back in these races
            for detail_type in pattern.get("detail-type", ()):
                found.setdefault(detail_type, []).append(name)
    return {detail_type: tuple(names) for detail_type, names in found.items()}


ASYNCHRONOUS = frozenset(HANDLERS) - {"approve-handler"}  # a press is answered, or made again by hand


def _delivery(function: str, event: dict[str, Any]) -> tuple[str, str]:
    return function, json.dumps(event, sort_keys=True)


class Context:
    """Lambda's, as far as handlers ask it."""

    def __init__(self, name: str) -> None:
        self.aws_request_id = name

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


_current: list[MeshWorld] = []


@contextmanager
def in_memory() -> Iterator[None]:
    """Inside it, every handler works in the world that invokes it."""
    with installed(lambda: _current[-1]):
        yield


class MeshWorld:
    """``switched`` ports are what handlers see; the bare ones are the referee's."""

    def __init__(self, kind: MemoryNetwork | WireNetwork | None = None) -> None:
        self.now = DUE - timedelta(days=1)
        self.engine: Engine = None  # type: ignore[assignment]
        self.wrong: list[str] = []  # what the referee saw on the way
        self.bare_tables: MemoryTables = MemoryTables(schemas())
        self.bare_s3 = MemoryObjects((POSTS, RULES))
        self.bare_bus = MemoryBus()
        self.bare_schedules = MemorySchedules((GROUP,), lambda: self.now)
        self.bare_secrets = MemorySecrets()
        self.bare_mail = MemoryMail()
        self.bare_sheet = MemorySheet(COLUMNS)
        self.kind: MemoryNetwork | WireNetwork = kind or MemoryNetwork(feed=Feed())
        self.approved_words: dict[str, set[str]] = {}
        self.owners_cells: dict[str, dict[str, Any] | None] = {}
        self.undelivered: Counter[tuple[str, str]] = (
            Counter()
        )  # (function, event): begun and not finished, or not begun
        self.landing: list[tuple[datetime, Any]] = []
        self.letters: list[tuple[str, str, str]] = []  # (function, event, error): the dead-letter queue
        self.phase = "before"
        self._running = ""
        self._ticks = 0
        self._random: Counter[str] = Counter()
        self._reads: dict[str, MemorySheet] = {}
        self.losing = False  # the next request to the network gets lost: for making a world
        self.lost_request: Any = None
        self.unticked: set[str] = set()
        self.withheld: list[tuple[str, dict[str, Any]]] = []  # deliveries to functions in ``withholds``
        self.withholds: frozenset[str] = frozenset()
        self.timed = False  # a process of the race moves the clock: whatever others do depends on it
        self.tidied = False  # a process of the race lists the bookings: whatever is made or deleted there matters to it
        self.deaf = False  # nothing that was said in the race is ever delivered
        self._switch()

    def _switch(self) -> None:
        """Proxies before the bare ports."""
        step = self._step
        lost = {"s3": "InternalError", "events": "InternalFailure", "schedules": "InternalServerException"}
        self.tables: Any = SwitchedTables(_WatchedTables(self), step)
        self.s3: Any = SwitchedObjects(self.bare_s3, step, _objects, lambda name: refused(name, lost["s3"]))
        self.events: Any = SwitchedClient(self.bare_bus, step, self._said, lambda name: refused(name, lost["events"]))
        self.schedules: Any = SwitchedClient(
            self.bare_schedules, step, self._booked, lambda name: refused(name, lost["schedules"])
        )
        self.secrets: Any = SwitchedClient(
            self.bare_secrets, step, _secrets, lambda name: refused(name, "InternalServiceError")
        )
        self.mail: Any = SwitchedClient(
            self.bare_mail, step, _mails, lambda name: refused(name, "TooManyRequestsException")
        )
        self.sheet: Any = SwitchedSheet(_WatchedSheet(self), step)
        self.http: Any = None
        if isinstance(self.kind, WireNetwork):
            self.http = SwitchedWire(self.kind, step, lambda: self.now, self._land_later).http
            self.network: Any = network
        else:
            switched = SwitchedNetwork(self.kind, step, self._land_later)
            self.network = lambda name: switched

    def copy(self) -> MeshWorld:
        """An independent twin, with no engine yet."""
        twin = MeshWorld.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.engine = None  # type: ignore[assignment]
        twin.wrong = list(self.wrong)
        twin.bare_tables = self.bare_tables.copy()
        twin.bare_s3 = self.bare_s3.copy()
        twin.bare_bus = self.bare_bus.copy()
        twin.bare_schedules = self.bare_schedules.copy(lambda: twin.now)
        twin.bare_secrets = self.bare_secrets.copy()
        twin.bare_mail = self.bare_mail.copy()
        twin.bare_sheet = self.bare_sheet.copy()
        twin.kind = replace(self.kind, feed=self.kind.feed.copy())
        twin.approved_words = {key: set(words) for key, words in self.approved_words.items()}
        twin.owners_cells = dict(self.owners_cells)
        twin.undelivered = Counter(self.undelivered)
        twin.unticked = set(self.unticked)
        twin.withheld = list(self.withheld)
        twin.landing = []
        twin.letters = list(self.letters)
        twin._random = Counter()
        twin._reads = {}
        twin._switch()
        return twin

    # as the engine sees it

    def start(self) -> None:
        """The scenario's processes: see ``scenarios``."""
        raise NotImplementedError

    def fingerprint(self) -> int:
        return hash(
            (
                self.now,
                self.bare_tables.fingerprint(),
                self.bare_s3.fingerprint(),
                self.bare_bus.fingerprint(),
                self.bare_schedules.fingerprint(),
                self.bare_secrets.fingerprint(),
                self.bare_mail.fingerprint(),
                self.bare_sheet.fingerprint(),
                self.kind.feed.fingerprint(),
                tuple(sorted(self.undelivered.items())),
                tuple(sorted(self.unticked)),
                self._ticks,
                len(self.landing),
                tuple(self.wrong),
            )
        )

    def _step(self, call: Any, effect: Callable[[], Any], faulty: Mapping[Fault, Callable[[], Any]]) -> Any:
        if self.engine is None or not self.engine.switching:
            if self.losing and call.text == "publishes":
                self.losing = False
                return faulty[Fault.LATE]()
            return effect()
        if self.timed:
            call = Call(call.text, call.reads | {"clock"}, call.writes)
        return self.engine.step(call, effect, faulty)

    # what handlers ask for

    def clients(self) -> Clients:
        return Clients(self)

    @property
    def current(self) -> str:
        """The invocation that runs now."""
        return self.engine.current if self.engine is not None and self.engine.switching else self._running

    def next_random(self) -> str:
        name = self.current
        self._random[name] += 1
        return f"{self.phase}/{name}/{self._random[name]}"

    def tick(self) -> datetime:
        """A clock that is never the same twice: what drive-sync reads before or after it writes has to differ."""
        self._ticks += 1
        return self.now + timedelta(microseconds=self._ticks)

    def note_read(self) -> None:
        self._reads[self.current] = self.bare_sheet.copy()

    def row_as_read(self, post_channel: str) -> dict[str, Any] | None:
        """The post's row as the running invocation read it last."""
        read = self._reads.get(self.current)
        return read.cells(post_channel.partition("#")[0]) if read is not None else None

    def words(self, head: Mapping[str, Any]) -> str:
        """What the package of the head's revision says on its channel."""
        post_id, _, channel = str(head["post_channel"]).partition("#")
        found = self.bare_s3.get_object(Bucket=POSTS, Key=f"packages/{post_id}/{head['revision']}/manifest.json")
        return str(json.loads(found["Body"].read())["channels"][channel]["text"])

    # invocations

    def invoke(self, function: str, event: dict[str, Any], name: str) -> Any:
        """One invocation to its end. A delivery stays undelivered until it is over without an error."""
        answer = self._handle(function, event, name)
        self._acknowledge(function, event)
        return answer

    def race(self, name: str, function: str, event: dict[str, Any]) -> None:
        """An invocation as a process of the race: what dies, or raises, is delivered again when the world settles."""
        well: list[bool] = []

        def run() -> None:
            try:
                self._handle(function, event, name)
                well.append(True)
            except Exception as error:  # noqa: BLE001 - Lambda's: it is delivered again
                self.engine.note(f"raises {type(error).__name__}: {error}")

        def done() -> None:
            if well:
                self._acknowledge(function, event)

        self.engine.spawn(name, run, done=done)

    def _handle(self, function: str, event: dict[str, Any], name: str) -> Any:
        self._running = name
        _current[:] = [self]
        if function in ASYNCHRONOUS:
            self.undelivered[_delivery(function, event)] += 1
        return HANDLERS[function](event, Context(name))

    def _acknowledge(self, function: str, event: dict[str, Any]) -> None:
        if function in ASYNCHRONOUS:
            self.undelivered[_delivery(function, event)] -= 1
            self.undelivered = +self.undelivered

    def envelope(self, detail: Detail) -> dict[str, Any]:
        return {"source": "ss", "detail-type": detail.detail_type, "detail": json.loads(detail.model_dump_json())}

    def _land_later(self, place: str, request: Any) -> None:
        """A request that is lost for now: a step of its own in the race, or else at the last moment that the network allows."""
        if not self.engine or not self.engine.switching:
            self.lost_request = request
            return
        entry = (self.now + self.kind.declared.settle - timedelta(seconds=1), request)
        self.landing.append(entry)

        def run() -> None:
            def effect() -> None:
                if entry in self.landing:
                    self.landing.remove(entry)
                    self.kind.land(request)

            self.engine.step(Call("the lost request lands", frozenset({place}), frozenset({place})), effect, {})

        self.engine.spawn(f"network-{len(self.landing)}", run, crashes=False, free=True)

    # afterwards

    def settle(self) -> None:
        """Redelivery, syncs and sweeps until nothing is left to happen, or for four hours."""
        trouble_ends = self.now
        if self.deaf:
            self.bare_bus.entries.clear()
            self.undelivered.clear()
        judged = False
        for minute in range(240):
            self._land()
            self._fire()
            if minute % 5 == 0:
                self._poll(minute)
            self._deliver(twice=minute == 0)
            if not judged and self.now - trouble_ends >= PATIENCE:
                judged = True
                self._judge_patience()
                if self._quiet():
                    return
            self.now += timedelta(minutes=1)
            if judged and self._quiet():
                return

    def _land(self) -> None:
        for entry in list(self.landing):
            if entry[0] <= self.now + timedelta(minutes=1):
                self.landing.remove(entry)
                self.kind.land(entry[1])

    def _fire(self) -> None:
        for schedule in self.bare_schedules.due():
            target = schedule["Target"]
            parameters = target["EventBridgeParameters"]
            entry = {"Source": parameters["Source"], "DetailType": parameters["DetailType"], "Detail": target["Input"]}
            self.bare_bus.put_events(Entries=[entry])

    def _poll(self, minute: int) -> None:
        self._try("drive-sync", {"tick": "drive-sync"}, "poll")
        self._try("scheduler", {"tick": "sweep"}, "sweep")
        self._try("notifier", {"tick": "troubles"}, "troubles")
        # No history is a day long: the daily tick runs beside it, so that drive-sync need not say that nobody looks.
        ran = {"pk": SCHEDULER_STATE, "swept_at": self.now.isoformat(), "daily_at": self.now.isoformat()}
        known = self.bare_tables.get(NAMES.runtime, {"pk": SCHEDULER_STATE}) or {}
        self.bare_tables.put(NAMES.runtime, {**known, **ran})

    def _deliver(self, *, twice: bool) -> None:
        """Whatever is on the bus and whatever was begun and not finished, until nothing new comes of it."""
        for _ in range(60):
            waiting = [(function, json.loads(event)) for function, event in self.undelivered.elements()]
            self.undelivered.clear()
            entries, self.bare_bus.entries = self.bare_bus.entries, []
            for entry in entries:
                event = {
                    "source": entry["Source"],
                    "detail-type": entry["DetailType"],
                    "detail": json.loads(entry["Detail"]),
                }
                for function in routes().get(entry["DetailType"], ()):
                    if function in self.withholds:
                        self.withheld.append((function, event))
                        continue
                    waiting += [(function, event)] * (2 if twice else 1)
            if not waiting:
                return
            for number, (function, event) in enumerate(waiting):
                self._try(function, event, f"{function}-again-{number}")

    def _try(self, function: str, event: dict[str, Any], name: str) -> None:
        """An asynchronous invoke with its retries; then the dead-letter queue. What nobody handles in time, the sweep finds."""
        for attempt in range(TRIES):
            try:
                self.invoke(function, event, name)
            except Exception as error:  # noqa: BLE001 - Lambda's
                self._acknowledge(function, event)
                if attempt == TRIES - 1:
                    self.letters.append(
                        (function, str(event.get("detail-type", "tick")), f"{type(error).__name__}: {error}")
                    )
            else:
                return

    def _quiet(self) -> bool:
        """Nothing is on its way, and nothing happens by itself any more within the next hours."""
        if self.bare_bus.entries or self.undelivered or self.landing or self.bare_schedules.times():
            return False
        if any(self._unasked(post) for post in self.bare_tables.items(NAMES.status)):
            return False
        for head in self.heads():
            if head["state"] in {"open", "retry"} or (head["state"] == "unknown" and not head.get("asked_at")):
                return False
        return True

    # what is

    def status(self, post_id: str) -> dict[str, Any]:
        return self.bare_tables.get(NAMES.status, {"post_id": post_id}) or {}

    def heads(self) -> list[dict[str, Any]]:
        return [item for item in self.bare_tables.items(NAMES.sends) if item["attempt"] == 0]

    def note_approvals(self) -> None:
        """Which words were approved by a click: the audit trail says who approved which revision."""
        for line in self.bare_tables.items(NAMES.audit):
            approval = line["after"].get("approval")
            if approval and approval.get("how") == "mail":
                head = {"post_channel": f"{line['subject']}#main", "revision": approval["revision"]}
                self.approved_words.setdefault(line["subject"], set()).add(self.words(head))

    def complaints(self) -> list[str]:
        self.note_approvals()
        found = list(self.wrong)
        by_words = {words: post_id for post_id, several in self.approved_words.items() for words in several}
        accounts = {account: channel for channel, account in CHANNELS.items()}
        out = [
            (by_words.get(one.text, "?"), accounts[one.account], one.text, one.remote_id)
            for one in self.kind.feed.posts
        ]
        found += published(out, self.approved_words)
        audited = {one["post_id"]: one for one in self.bare_tables.items(NAMES.status)}
        audited |= {one["post_channel"]: one for one in self.heads()}
        audited |= {subject_of(one["pk"]): one for one in self.bare_tables.items(NAMES.runtime) if "audit" in one}
        found += chains(self.bare_tables.items(NAMES.audit), audited)
        found += self._owner()
        found += self._unticks()
        found += [
            f"I3: nobody was asked about {post['post_id']}"
            for post in self.bare_tables.items(NAMES.status)
            if self._unasked(post)
        ]
        return list(dict.fromkeys(found))

    def _owner(self) -> list[str]:
        """I5: the owner's cells stand as the owner left them, and no tick stands that nobody approved."""
        found = []
        for post_id, cells in self.owners_cells.items():
            row = self.bare_sheet.cells(post_id)
            if (row is None) is not (cells is None):
                found.append(f"I5: the row of {post_id} is {'gone' if row is None else 'back'}")
            for name, value in (cells or {}).items():
                if row is not None and row.get(name) != value:
                    found.append(f"I5: {name} of {post_id} is {row.get(name)!r}, the owner wrote {value!r}")
        for post_id in self.bare_sheet.post_ids():
            row, post = self.bare_sheet.cells(post_id), self.status(post_id)
            approval, package = post.get("approval") or {}, post.get("package") or {}
            stands = approval.get("revision") == package.get("revision") and not post.get("held")
            stands = stands and post.get("source_revision") == package.get("source_revision")
            if row is not None and row.get("approved") is True and not stands:
                found.append(f"I5: the row of {post_id} is ticked, and nobody approved it as it stands")
        return found

    def _unticks(self) -> list[str]:
        """I5: a tick that the owner took away is a hold, until somebody clicks again."""
        return [
            f"I5: the owner took the tick of {post_id} away, and it is not on hold"
            for post_id in sorted(self.unticked)
            if not self.status(post_id).get("held")
        ]

    def _unasked(self, post: Mapping[str, Any]) -> bool:
        """The scheduler has asked, and no mail of that round was ever sent."""
        asked, card = post.get("asked") or {}, post.get("card") or {}
        revision = (post.get("package") or {}).get("revision")
        stands = (post.get("approval") or {}).get("revision") == revision and asked.get("reason") not in {
            "late",
            "tick",
        }
        waits = asked.get("revision") == revision and not post.get("gone_at") and not stands
        return waits and card.get("round_id") != asked.get("round_id")

    def _judge_patience(self) -> None:
        """I3: by now each approved due post is out, or its owner was told or asked."""
        if (self.bare_tables.get(NAMES.runtime, {"pk": "hold#everything"}) or {}).get("since"):
            return
        for post in self.bare_tables.items(NAMES.status):
            approval, package = post.get("approval") or {}, post.get("package") or {}
            free = not post.get("held") and not post.get("gone_at")
            stands = approval.get("revision") == package.get("revision") is not None
            stands = stands and post.get("source_revision") == package.get("source_revision")
            due = approval.get("at") if approval.get("now") else post.get("due_at")
            if not (free and stands) or datetime.fromisoformat(due) > self.now - PATIENCE:
                continue
            for channel in post["channels"]:
                key = {"post_channel": f"{post['post_id']}#{channel}", "attempt": 0}
                head = self.bare_tables.get(NAMES.sends, key) or {"state": "absent"}
                if head["state"] != "sent" and not self._told(post, channel, head):
                    where = f"{post['post_id']} on {channel}"
                    self.wrong.append(f"I3: {where} is approved and due, and is {head['state']}; nobody was told")

    def _told(self, post: Mapping[str, Any], channel: str, head: Mapping[str, Any]) -> bool:
        """By mail: what the table says was told counts only together with a mail that was sent."""
        if not self.bare_mail.sent:
            return False
        if (self.bare_tables.get(NAMES.runtime, {"pk": f"pause#{channel}"}) or {}).get("since"):
            return True
        said = f"said#late#{post['post_id']}#{channel}#{post['approval']['at']}"
        asked = post.get("asked") or {}
        return bool(
            head["state"] == "failed"
            or head.get("asked_at")
            or asked.get("reason") == "late"
            or self.bare_tables.get(NAMES.runtime, {"pk": said})
        )

    # footprints that need the world

    def _said(self, operation: str, request: dict[str, Any]) -> tuple[set[str], set[str], str]:
        """Who puts what on the bus first makes no difference: each process writes to a place of its own."""
        kinds = ", ".join(sorted({entry["DetailType"] for entry in request["Entries"]}))
        name = self.engine.current if self.engine is not None else ""
        return set(), {f"bus/{name}"}, f"emits {kinds}"

    def _booked(self, operation: str, request: dict[str, Any]) -> tuple[set[str], set[str], str]:
        everything = "schedules@group"
        if operation == "list_schedules":
            return {everything}, set(), "lists the bookings"
        reads, writes, text = _bookings(operation, request)
        return reads, writes | ({everything} if writes and self.tidied else set()), text


def _objects(operation: str, request: dict[str, Any]) -> tuple[set[str], set[str], str]:
    place = f"s3/{request['Key']}"
    if operation == "get_object":
        return {place}, set(), f"reads {place}"
    folder = {listed(request["Key"])} if request["Key"].startswith("images/") else set()  # no other is ever listed
    return {place}, {place} | folder, f"stores {place}"


def _bookings(operation: str, request: dict[str, Any]) -> tuple[set[str], set[str], str]:
    place = f"schedule/{request['Name']}"
    if operation == "get_schedule":
        return {place}, set(), f"looks at the booking {request['Name'][:24]}"
    said = {"create_schedule": "books", "update_schedule": "moves the booking", "delete_schedule": "cancels"}
    return {place}, {place}, f"{said[operation]} {request['Name'][:24]}"


def _secrets(operation: str, request: dict[str, Any]) -> tuple[set[str], set[str], str]:
    place = f"secret/{request['SecretId']}"
    if operation == "get_secret_value":
        return {place}, set(), f"reads {place}"
    return {place}, {place}, f"stores {place}"


def _mails(operation: str, request: dict[str, Any]) -> tuple[set[str], set[str], str]:
    (to,) = request["Destination"]["ToAddresses"]
    return set(), {f"mail/{to}"}, f"mails {to}"


class _WatchedTables:
    """The tables, with the referee looking at each transaction that gets through."""

    def __init__(self, world: MeshWorld) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.bare_tables, name)

    def transact(self, writes: list[Write]) -> None:
        world = self._world
        wrong = wrongly_claimed(writes, world.bare_tables)
        claim = next((one.body for one in writes if one.table == NAMES.sends and one.body.get("state") == "open"), None)
        if claim is not None and self._opens(claim):
            wrong += against_the_row(claim, world.row_as_read(str(claim["post_channel"])), world.words(claim))
        world.bare_tables.transact(writes)
        world.wrong += wrong

    def _opens(self, head: Mapping[str, Any]) -> bool:
        key = {"post_channel": head["post_channel"], "attempt": 0}
        before = self._world.bare_tables.get(NAMES.sends, key)
        return before is not None and before["state"] != "open"


class _WatchedSheet:
    """The sheet, which notes what each process read of it last."""

    def __init__(self, world: MeshWorld) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.bare_sheet, name)

    def values(self, spreadsheet_id: str, a1_range: str) -> Any:
        self._world.note_read()
        return self._world.bare_sheet.values(spreadsheet_id, a1_range)
