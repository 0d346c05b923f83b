"""A stack in memory: all that the console asks of the sheet, the AWS side, the networks and the Function URL."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from local import ROOT
from local.aws.mails import listed, page_of
from local.calendars.sample import load_sample
from local.deploy import read_template
from local.slack.workspace import CHANNEL, Workspace
from mesh.ledger import Head, Status
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from mesh.ledger.values import pack, unpack

HEADER = ["post_id", "date", "time", "text", "channels", "image", "alt text", "link", "approved", "approved for",
          "status", "note"]  # fmt: skip
RULES = """Channels
- bluesky-main: bluesky, account did:plc:moewe, http://127.0.0.1:1
- mastodon-main: mastodon, account 101, http://127.0.0.1:2
"""


@dataclass
class FakeStack:
    """Change its fields and the console shows it; ``calls`` are method, path and body of what was to change."""

    rows: list[list[Any]] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    header: list[str] = field(default_factory=lambda: list(HEADER))
    now: datetime = datetime(2027, 3, 15, 7, 0, tzinfo=UTC)
    next_schedule: dict[str, str] | None = None
    version: int = 1
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    objects: dict[str, bytes] = field(default_factory=dict)
    revisions: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Beside the sample's own pictures: name -> media type and bytes."""
    function_requests: list[tuple[str, str, list[tuple[str, str]], bytes]] = field(default_factory=list)
    rules: str = RULES

    workspace: Workspace = field(default_factory=lambda: Workspace(None))
    """Slack's, at ``/slack``. What is pressed there is one of ``calls``, and ``pressed`` is called with it."""
    pressed: Callable[[dict[str, Any]], None] = field(default=lambda click: None)
    references: list[dict[str, Any]] = field(default_factory=list)
    """What the mesh noted of Slack's messages."""
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Items as the ledger reads them, by the table's name without the prefix."""
    invocations: list[dict[str, Any]] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)
    """As the AWS side tells it: ``running ss-sender``."""
    audit: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By subject: rows as the table has them."""

    # What comes and how it stands: the scheduler's schedules, the open posts of the tables, what ran.
    schedules: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    heads: dict[str, tuple[Head, ...]] = field(default_factory=dict)
    held: tuple[str, datetime | None] | None = None
    paused: dict[str, datetime | None] = field(default_factory=dict)

    orders: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"networks": [], "aws": [], "sheets": [], "slack": []}
    )
    """What each server's book holds, as it tells it."""
    role: str | None = "writer"

    between: list[Callable[[], None]] = field(default_factory=list)
    """Acts of somebody else on the sheet, each between a look of the console at it and the edit that follows."""

    _listed_before: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)
    """A mail is taken apart once, as the AWS side does."""

    def app(self) -> Starlette:
        routes = [
            Route("/owner/grid", self._grid),
            Route("/owner/cells", self._cells, methods=["POST"]),
            Route("/owner/rows", self._add, methods=["POST"]),
            Route("/owner/rows/delete", self._delete, methods=["POST"]),
            Route("/owner/sort", self._sort, methods=["POST"]),
            Route("/owner/files", self._files),
            Route("/owner/files/{name}", self._file),
            Route("/owner/files/{name}", self._put_file, methods=["PUT"]),
            Route("/owner/rules", self._rules),
            Route("/_local/events", self._events),
            Route("/_local/clock", self._clock, methods=["GET", "POST"]),
            Route("/_local/fire", self._fire, methods=["POST"]),
            Route("/_local/feed", self._feed),
            Route("/", self._item, methods=["POST"]),
            Route("/ss-posts-source-000000000000/{key:path}", self._object),
            Route("/function/{path:path}", self._function, methods=["GET", "HEAD", "POST"]),
            Route("/_local/schedules", self._schedules),
            Route("/slack/_local/version", self._slack_version),
            Route("/slack/_local/feed", self._slack_feed),
            Route("/slack/_local/click", self._slack_click, methods=["POST"]),
            Route("/_local/invocations", self._invocations),
            Route("/_local/idle", self._idle),
            *self._fault_routes(),
            Route("/owner", self._owner),
            Route("/_local/mails/listed", self._mails_listed),
            Route("/_local/mails/{seq:int}", self._mail),
        ]
        return Starlette(routes=routes)

    async def _item(self, request: Request) -> Response:
        """Several items, a whole table, or what the mesh asks."""
        asked = request.headers.get("x-amz-target", "").rpartition(".")[2]
        body = await request.json() if asked else {}
        name = body.get("TableName", "").removeprefix("ss-")
        if asked == "Scan" and "tables" in self.broken:
            return JSONResponse({"message": "the tables cannot be read"}, 400)
        if asked == "Scan" and name == "runtime":
            noted = [{"reference": one} for one in self.references]
            found = noted if ":slack" in body["ExpressionAttributeValues"] else self.holds()
            return JSONResponse({"Items": [pack(item) for item in found]})
        if asked == "Scan" and name != "audit":
            return JSONResponse({"Items": [pack(item) for item in self.items(name)]})
        if asked == "BatchGetItem":
            return JSONResponse({"Responses": self._batch(body["RequestItems"])})
        if asked == "GetItem":
            return JSONResponse({})
        return self._mesh(asked, await request.body())

    def items(self, table: str) -> list[dict[str, Any]]:
        """Of ``tables``, and what ``statuses`` and ``heads`` are as items."""
        heads = [head for several in self.heads.values() for head in several]
        made: dict[str, Sequence[Status | Head]] = {"status": self.statuses, "sends": heads}
        return [*self.tables.get(table, []), *(one.model_dump(mode="json") for one in made.get(table, ()))]

    def holds(self) -> list[dict[str, Any]]:
        paused = {pause_key(channel): {"since": at.isoformat() if at else ""} for channel, at in self.paused.items()}
        held = {} if self.held is None else {"by": self.held[0], "at": self.held[1].isoformat() if self.held[1] else ""}
        everything = {HOLD_EVERYTHING: {"standing": held}} if held else {}
        return [{"pk": key, **values} for key, values in (paused | everything).items()]

    def _batch(self, asked: dict[str, Any]) -> dict[str, list[Any]]:
        packages = [{"post_id": post_id, "package": {"revision": one}} for post_id, one in self.revisions.items()]
        return {
            table: [
                pack(item)
                for item in [*self.items(table.removeprefix("ss-")), *packages]
                if any(unpack(key).items() <= item.items() for key in told["Keys"])
            ]
            for table, told in asked.items()
        }

    def say_in_slack(self, text: str, blocks: list[Any], kind: str, round_id: str, *posts: tuple[str, str]) -> str:
        """Puts a message into the channel, with the mesh's note of it. Answers its ts."""
        ts = str(self.workspace.post(CHANNEL, text, blocks)["ts"])
        pairs = [list(post) for post in posts]
        self.references.append({"key": f"slack#{kind}#{round_id}#0", "round_id": round_id, "pairs": pairs, "ts": ts})
        return ts

    async def _slack_version(self, _: Request) -> Response:
        return JSONResponse({"version": self.workspace.version})

    async def _slack_feed(self, request: Request) -> Response:
        return JSONResponse(self.workspace.feed(request.query_params["after"]))

    async def _slack_click(self, request: Request) -> Response:
        body = await request.json()
        self.calls.append(("POST", "/slack/_local/click", body))
        self.pressed(body)
        return JSONResponse({"status": 200, "seconds": 0.1, "in_time": True})

    async def _object(self, request: Request) -> Response:
        content = self.objects.get(request.path_params["key"])
        return Response(status_code=404) if content is None else Response(content)

    def value(self, row: int, column: str) -> Any:
        return self.rows[row][HEADER.index(column)]

    def set(self, row: int, column: str, value: Any) -> None:
        self.rows[row][HEADER.index(column)] = value
        self.version += 1

    def send_mail(
        self, subject: str, text: str, html: str | None = None, picture: bytes | None = None, message_id: str = ""
    ) -> int:
        """Puts a mail into the outbox; ``cid:picture`` in ``html`` is the picture. Answers its number."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = (
            "Café Möwe <cafe@moewe.example>",
            "anna@moewe.example",
            subject,
        )
        if message_id:
            message["Message-ID"] = f"<{message_id}@social-scheduler.invalid>"
        message.set_content(text)
        if html is not None:
            message.add_alternative(html, subtype="html")
            if picture is not None:
                part = list(message.iter_parts())[1]
                assert isinstance(part, EmailMessage)
                part.add_related(picture, "image", "jpeg", cid="<picture>")
        seq = len(self.mails) + 1
        raw = base64.b64encode(message.as_bytes()).decode()
        self.mails.append(
            {"seq": seq, "at": self.now.isoformat(), "from": "cafe@moewe.example", "to": ["anna@moewe.example"],
             "subject": subject, "raw_base64": raw}
        )  # fmt: skip
        return seq

    def happen(self, detail_type: str, *, times: int = 1, **detail: Any) -> None:
        """``times`` of them are there at once: no question of the page comes between two."""
        event = {"time": self.now.isoformat(), "source": "ss", "detail_type": detail_type}
        told = {**event, "detail": {"schema_version": 1, "trace_id": "t1", **detail}}
        before = len(self.events)
        self.events += [{"seq": before + number, **told} for number in range(1, times + 1)]

    async def _grid(self, _: Request) -> Response:
        if "sheets" in self.broken:
            return JSONResponse({"error": {"code": 503, "message": "The service is unavailable."}}, 503)
        return JSONResponse(
            {"version": self.version, "header": self.header, "rows": self.rows, "row_count": len(self.rows),
             "choices": {"channels": ["from-the-sheet"]}}
        )  # fmt: skip

    async def _cells(self, request: Request) -> Response:
        body = await request.json()
        if "cells" in self.broken:
            return JSONResponse({"error": {"code": 503, "message": "The service is unavailable."}}, 503)
        if (moved := self._wrote_meanwhile(body)) is not None:
            return moved
        self.calls.append(("POST", "/owner/cells", body))
        for edit in body["edits"]:
            self.rows[edit["row"]][HEADER.index(edit["column"])] = _typed(edit["value"])
        self.version += 1
        return JSONResponse({"version": self.version})

    def _wrote_meanwhile(self, body: dict[str, Any]) -> Response | None:
        """409 where the console counted the rows of another version."""
        if self.between:
            self.between.pop(0)()
        if body["version"] == self.version:
            return None
        return JSONResponse({"error": {"code": 409, "message": "somebody wrote meanwhile"}}, 409)

    async def _add(self, request: Request) -> Response:
        body = await request.json()
        self.calls.append(("POST", "/owner/rows", body))
        at = len(self.rows) if body["at"] is None else body["at"]
        self.rows[at:at] = [[_typed(row.get(column, False if column == "approved" else "")) for column in HEADER]
                            for row in body["rows"]]  # fmt: skip
        self.version += 1
        return JSONResponse({"version": self.version, "row": at})

    async def _delete(self, request: Request) -> Response:
        body = await request.json()
        if (moved := self._wrote_meanwhile(body)) is not None:
            return moved
        self.calls.append(("POST", "/owner/rows/delete", body))
        self.rows = [row for place, row in enumerate(self.rows) if place not in body["rows"]]
        self.version += 1
        return JSONResponse({"version": self.version})

    async def _sort(self, request: Request) -> Response:
        body = await request.json()
        self.calls.append(("POST", "/owner/sort", body))
        place = HEADER.index(body["column"])
        self.rows.sort(key=lambda row: str(row[place]), reverse=bool(body["descending"]))
        self.version += 1
        return JSONResponse({"version": self.version})

    async def _files(self, _: Request) -> Response:
        found = [
            {"name": name, "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(), "mime": mime}
            for name, (mime, content) in self._folder().items()
        ]
        return JSONResponse({"version": self.version, "files": found})

    async def _file(self, request: Request) -> Response:
        if request.path_params["name"] == "page.html":
            return Response("<script>1</script>", media_type="text/html")
        found = self._folder().get(request.path_params["name"])
        if found is None:
            return JSONResponse({"error": "no such file"}, 404)
        return Response(found[1], media_type=found[0])

    async def _put_file(self, request: Request) -> Response:
        name = request.path_params["name"]
        self.files[name] = (request.headers["content-type"], await request.body())
        self.calls.append(("PUT", f"/owner/files/{name}", None))
        self.version += 1
        return JSONResponse({"name": name})

    def _folder(self) -> dict[str, tuple[str, bytes]]:
        sample = load_sample("cafe", date(2026, 11, 21), ZoneInfo("Europe/Berlin")).images
        pictures = {
            name: ("image/png" if path.suffix == ".png" else "image/jpeg", path.read_bytes())
            for name, path in sample.items()
        }
        return pictures | self.files

    async def _rules(self, _: Request) -> Response:
        return PlainTextResponse(self.rules)

    async def _events(self, request: Request) -> Response:
        after = int(request.query_params["after"])
        return JSONResponse({"events": [event for event in self.events if event["seq"] > after]})

    async def _clock(self, request: Request) -> Response:
        if "clock" in self.broken:
            return PlainTextResponse("busy", 503)
        if request.method == "POST":
            body = await request.json()
            self.calls.append(("POST", "/_local/clock", body))
            self.now = (
                datetime.fromisoformat(body["to"])
                if "to" in body
                else self.now + timedelta(seconds=body["advance_seconds"])
            )
        return JSONResponse({"now": self.now.isoformat(), "offset_seconds": 0, "next": self.next_schedule})

    async def _fire(self, request: Request) -> Response:
        self.calls.append(("POST", "/_local/fire", await request.json()))
        if "aws" in self.broken:
            return JSONResponse({"error": "there is no schedule ss-drive-sync"}, 404)
        return JSONResponse({})

    async def _feed(self, _: Request) -> Response:
        return JSONResponse(self.posts)

    # What the mesh's view asks

    def run(
        self,
        function: str = "scheduler",
        trigger: str = "event ss.approved",
        *lines: dict[str, Any],
        outcome: str = "ok",
        error: str = "",
    ) -> None:
        """An invocation that ended now; ``lines`` are what it logged, with the trace of ``happen``."""
        log = [json.dumps({"timestamp": self.now.isoformat(), "trace_id": "t1", **line}) for line in lines]
        self.invocations.append(
            {"seq": len(self.invocations) + 1, "function": f"ss-{function}", "at": self.now.isoformat(), "duration_ms": 420,
             "outcome": outcome, "trigger": trigger, "log": "\n".join([*log, *([error] if error else [])])}
        )  # fmt: skip

    def _mesh(self, asked: str, body: bytes) -> Response:
        given = json.loads(body) if asked else {}
        match asked:
            case "Query":
                (subject,) = given["ExpressionAttributeValues"].values()
                rows = [pack(row) for row in self.audit.get(subject["S"], [])]
                return JSONResponse({"Items": rows, "Count": len(rows)})
            case "Scan":
                rows = [row for several in self.audit.values() for row in several]
                of_trace = given.get("ExpressionAttributeValues", {}).get(":trace", {}).get("S")
                found = [pack(row) for row in rows if of_trace in (None, row["trace_id"])]
                return JSONResponse({"Items": found, "Count": len(found)})
            case "FilterLogEvents":
                return JSONResponse({"events": []})
        if b"Action=GetTemplate" in body:
            return _xml("GetTemplate", f"<TemplateBody>{_template()}</TemplateBody>")
        parameters = "".join(
            f"<member><ParameterKey>{name}</ParameterKey><ParameterValue>{value}</ParameterValue></member>"
            for name, value in {"Prefix": "ss", "TimeZone": "Europe/Berlin", "SlackSecret": "ss/slack"}.items()
        )
        return _xml("DescribeStacks", f"<Stacks><member><Parameters>{parameters}</Parameters></member></Stacks>")

    # faults: each server's book of orders

    def _fault_routes(self) -> list[Route]:
        books = {
            "networks": "/_local/everywhere",
            "aws": "/_local/orders",
            "sheets": "/owner/orders",
            "slack": "/slack/_local/orders",
        }
        ordered = {"networks": ["/_local/everywhere"], "sheets": ["/owner/faults"]}
        ordered["aws"] = [f"/_local/{name}" for name in ("faults", "kills", "deliveries", "returns")]
        return [
            *(Route(path, self._book_of(server)) for server, path in books.items()),
            *(Route(f"{path}/{{id}}", self._taken_back, methods=["DELETE"]) for path in books.values()),
            *(
                Route(path, self._ordered_at(name), methods=["POST"])
                for name, paths in ordered.items()
                for path in paths
            ),
            Route("/owner/share", self._share, methods=["POST"]),
        ]

    def order(self, server: str, name: str = "", what: str = "GET: status 503", count: int = 1) -> dict[str, Any]:
        """Somebody orders a fault."""
        number = sum(len(book) for book in self.orders.values())
        book = {"networks": "bluesky", "aws": "faults"}.get(server, server)
        left = None if count > 1_000_000 else count
        made = {"id": f"f{number}", "where": book, "name": name, "what": what, "left": left, "taken": 0}
        self.orders[server].append({**made, "since": (self.now + timedelta(seconds=number)).isoformat()})
        return self.orders[server][-1]

    def _book_of(self, server: str) -> Any:
        async def told(_: Request) -> Response:
            if "faults" in self.broken:
                return JSONResponse({"error": "as ordered"}, 503)
            return JSONResponse({"orders": self.orders[server], "role": self.role})

        return told

    def _ordered_at(self, server: str) -> Any:
        async def ordered(request: Request) -> Response:
            body = await request.json()
            self.calls.append(("POST", request.url.path, body))
            self.order(server, body["name"], count=body["count"])
            return JSONResponse({}, 201)

        return ordered

    async def _taken_back(self, request: Request) -> Response:
        self.calls.append(("DELETE", request.url.path, None))
        for order in (order for book in self.orders.values() for order in book):
            if order["id"] == request.path_params["id"]:
                order["left"] = 0
        return JSONResponse({"removed": True})

    async def _share(self, request: Request) -> Response:
        self.role = (await request.json())["role"]
        return JSONResponse({"role": self.role})

    async def _function(self, request: Request) -> Response:
        headers = [(name.decode(), value.decode()) for name, value in request.headers.raw]
        where = request.scope["raw_path"].decode() + "?" + request.scope["query_string"].decode()
        self.function_requests.append((request.method, where, headers, await request.body()))
        answer = Response("<h1>Approve?</h1>", 202, media_type="text/html; charset=utf-8")
        answer.raw_headers += [
            (b"set-cookie", b"a=1; Path=/"),
            (b"set-cookie", b"b=2; Path=/"),
            (b"content-security-policy", b"default-src 'none'"),
            (b"location", b"/approve/next"),
        ]
        return answer

    # what comes and how it stands

    def book(self, post_id: str, channel: str, at: datetime, attempt: int = 1) -> None:
        """A booking as the scheduler makes it."""
        self.schedules.append(
            {"name": f"{post_id}-{channel}-{attempt}", "group": "ss-bookings", "at": at.isoformat(), "once": True,
             "expression": f"at({at:%Y-%m-%dT%H:%M:%S})", "zone": "UTC", "target": "arn:bus", "detail_type": "ss.send",
             "input": {"post_id": post_id, "channel": channel, "revision": "r", "attempt": attempt}}
        )  # fmt: skip

    async def _schedules(self, _: Request) -> Response:
        ahead = sorted((one for one in self.schedules if one["at"] > self.now.isoformat()), key=lambda one: one["at"])
        return JSONResponse({"schedules": ahead})

    async def _invocations(self, request: Request) -> Response:
        after = int(request.query_params["after"])
        return JSONResponse({"invocations": [one for one in self.invocations if one["seq"] > after]})

    async def _idle(self, request: Request) -> Response:
        """Waiting until it is idle goes before a turn of the clock; a look at what is busy is none."""
        if float(request.query_params["timeout_seconds"]):
            self.calls.append(("GET", "/_local/idle", None))
        return JSONResponse({"idle": not self.busy, "busy": self.busy})

    # the outbox

    async def _mails_listed(self, request: Request) -> Response:
        if "mails" in self.broken:
            return PlainTextResponse("busy", 503)
        after, before, most = (request.query_params.get(name) for name in ("after", "before", "most"))
        numbers = int(after or 0), int(before) if before else None, int(most) if most else None
        return JSONResponse(page_of(self.mails, *numbers, self._listed))

    def _listed(self, mail: Mapping[str, Any]) -> dict[str, Any]:
        key = (mail["seq"], mail["raw_base64"])
        if key not in self._listed_before:
            message = message_from_bytes(base64.b64decode(mail["raw_base64"]), policy=policy.default)
            self._listed_before[key] = listed(mail, message)
        return self._listed_before[key]

    async def _mail(self, request: Request) -> Response:
        for mail in self.mails:
            if mail["seq"] == request.path_params["seq"]:
                return JSONResponse({"mail": mail})
        return JSONResponse({"error": "no mail of that number"}, 404)

    async def _owner(self, _: Request) -> Response:
        return JSONResponse({"spreadsheet_id": "sheet-1"})


@cache
def _template() -> str:
    return escape(json.dumps(read_template(ROOT / "template.yaml"), default=str))


def _xml(action: str, result: str) -> Response:
    text = f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
    return Response(text, media_type="text/xml")


def _typed(value: Any) -> Any:
    """As a sheet reads what is typed: a leading apostrophe says that the rest is text."""
    if isinstance(value, str) and value.startswith("'"):
        return value[1:]
    return {"TRUE": True, "FALSE": False}.get(value, value) if isinstance(value, str) else value


def plan_rows(stack: FakeStack, rows: list[dict[str, Any]]) -> None:
    """The sheet's rows anew, each with its item as the scheduler would have made it; ``item`` in a row is what that has beside."""
    stack.rows, items = [], []
    zone = ZoneInfo("Europe/Berlin")
    for n, row in enumerate(rows):
        values = {"post_id": f"p{n:03d}", "time": "09:00", "text": f"Post {n}", "channels": "bluesky-main", **row}
        more = values.pop("item", {})
        stack.rows.append([values.get(column, False if column == "approved" else "") for column in HEADER])
        due = datetime.fromisoformat(f"{values['date']}T{values['time']}").replace(tzinfo=zone).astimezone(UTC)
        channels = [name.strip() for name in values["channels"].split(",")]
        items.append({"post_id": values["post_id"], "due_at": due.isoformat(), "channels": channels,
                      "source_revision": f"s{n}", "open": "1", **more})  # fmt: skip
    stack.tables["status"] = items
    stack.version += 1


def cafe() -> FakeStack:
    """The sample business on its first morning, a little way into the story."""
    calendar = load_sample("cafe", date(2026, 11, 21), ZoneInfo("Europe/Berlin"))
    rows: list[list[Any]] = []
    for n, row in enumerate(calendar.rows):
        values: dict[str, Any] = {"post_id": f"p{n:03d}c9e1", "approved": False, **row}
        rows.append([values.get(column, "") for column in HEADER])
    return FakeStack(rows=rows)
