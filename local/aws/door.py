"""The launcher's own side door, ``/_local/...``, and what every AWS call passes on its way in: faults, mail and what
has to be saved.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from local.aws.activity import Activity
from local.aws.clock import ClockMoveError, StackClock
from local.aws.counting import note_answer, note_call
from local.aws.deliveries import Deliveries
from local.aws.emulator_roles import EmulatorRoles
from local.aws.faults import Call, Fault, Faults, error_answer, in_part, read_call, without_last
from local.aws.invoking import AsynchronousInvokes
from local.aws.journal import Journal
from local.aws.judging import Judge
from local.aws.keeping import Keeper, changes_state
from local.aws.kills import Kills
from local.aws.mails import Mails
from local.aws.returns import Returns
from local.aws.schedules import Schedules
from local.aws.tally import Tally
from local.aws.workers import kill_running
from local.loopback import is_foreign
from local.orders import Book, told
from local.privileges.wire import needs_body

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_LONGEST_WAIT_SECONDS = 300.0
_LAST = timedelta(minutes=1)
_ASKING = (b"host", b"origin")
_PLAIN = [(b"content-type", b"text/plain; charset=utf-8")]
_STOP_SECONDS = 20.0  # of real time, for what one booking sets off


@dataclass(frozen=True)
class Door:
    """An ASGI application around MiniStack's."""

    inner: App
    clock: StackClock
    activity: Activity
    schedules: Schedules
    faults: Faults
    deliveries: Deliveries
    invokes: AsynchronousInvokes
    keeper: Keeper
    events: Journal
    invocations: Journal
    mails: Mails
    returns: Returns
    kills: Kills
    tally: Tally | None = None  # where requests are counted
    judge: Judge | None = None  # where they are held against the roles
    own_judge: EmulatorRoles | None = None  # where MiniStack's own judge is at work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_aws/lambda-url/"):  # as public as on AWS
            await self.inner(scope, receive, send)
        elif _is_foreign(scope):
            await _answer(send, 403, _PLAIN, b"This answers to pages and programs of this computer only.\n")
        elif scope["path"].startswith("/_local/"):
            await self._own(scope, receive, send)
        else:
            await self._aws(scope, receive, send)

    async def _aws(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope.get("query_string", b"").decode())
        call = read_call(scope["method"], scope["path"], headers, query, b"")
        mail = call.action == "SendEmail" and scope["path"].startswith("/v2/")
        judged = self.judge if call.caller else None
        if self.faults.any or self.kills.book or mail or (judged and needs_body(call.service)):
            body = await _read(receive)
            receive = _again(body)
            call = read_call(scope["method"], scope["path"], headers, query, body)
        if self.tally:
            note_call(
                self.tally, call.service, call.action, scope["method"], scope["path"], headers.get("user-agent", "")
            )
        if self.kills.at_call(call, writes=mail or changes_state(call.service, scope["method"], call.action)):
            return  # nobody is there any more to be answered
        refused = judged.call(call, scope["method"], scope["path"], query, headers) if judged else []
        if refused and judged and judged.enforcing:
            await _answer(send, *error_answer(_denied(call, refused[0]), call))
            return
        fault = self.faults.take(call) if self.faults.any else None
        if fault and fault.when == "before":
            await _answer(send, *error_answer(fault, call))
            return
        if fault and fault.when == "part":
            await self._put_in_part(fault, call, scope, send)
            return
        statuses: list[int] = []

        async def passing(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                if judged and call.service == "s3" and message["status"] == 404:
                    judged.call(call, scope["method"], scope["path"], query, headers, missed=True)
                self._after(scope["method"], call, mail, message["status"])
            elif self.tally:
                note_answer(self.tally, call.service, len(message.get("body", b"")))
            if not fault:
                await send(message)

        await self.inner(scope, receive, passing)
        if fault:
            await _answer(send, *error_answer(fault, call))

    async def _put_in_part(self, fault: Fault, call: Call, scope: Scope, send: Send) -> None:
        kept, answered = without_last(call.body), b""

        async def keep(message: MutableMapping[str, Any]) -> None:
            nonlocal answered
            answered += message.get("body", b"")

        if kept:
            length = [(b"content-length", str(len(kept)).encode())]
            headers = [header for header in scope["headers"] if header[0].lower() != b"content-length"]
            await self.inner({**scope, "headers": headers + length}, _again(kept), keep)
        await _answer(send, 200, [(b"content-type", b"application/x-amz-json-1.1")], in_part(fault, answered))

    def _after(self, method: str, call: Call, mail: bool, status: int) -> None:
        if status >= 400:
            return
        if changes_state(call.service, method, call.action):
            self.keeper.note(call.service)
        if mail:
            number = self.mails.keep(self.clock, call.body)
            self.returns.tell(call.body, f"local-{number}")
            if self.tally:
                self.tally.plain(mails=1, mail_bytes=len(call.body))

    async def _own(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = {name: values[-1] for name, values in parse_qs(scope.get("query_string", b"").decode()).items()}
        status, answer = 404, {"error": f"no {scope['method']} {scope['path']} here"}
        try:
            body = dict(json.loads(await _read(receive) or b"{}"))
            status, answer = await self._route(scope["method"], scope["path"].removeprefix("/_local/"), query, body)
        except _NotHereError:
            pass
        except (ValueError, TypeError, KeyError) as error:
            status, answer = 400, {"error": str(error)}
        await _answer(send, status, [(b"content-type", b"application/json")], json.dumps(answer).encode())

    async def _route(
        self, method: str, name: str, query: Mapping[str, str], body: dict[str, Any]
    ) -> tuple[int, dict[str, Any]]:
        after = int(query.get("after", 0))
        match method, name:
            case "GET", "clock":
                return 200, self._clock_answer()
            case "POST", "clock":
                fired = await asyncio.to_thread(self._move_clock, body)
                return 200, {**self._clock_answer(), "fired": fired}
            case "POST", "fire":
                found = await asyncio.to_thread(self.schedules.fire_now, str(body["schedule"]))
                return (200, {"fired": body["schedule"]}) if found else (404, {"error": "no schedule of that name"})
            case "GET", "idle":
                timeout_seconds = min(float(query.get("timeout_seconds", 30)), _LONGEST_WAIT_SECONDS)
                busy = await asyncio.to_thread(self.activity.wait, timeout_seconds, self.schedules.overdue)
                return 200, {"idle": True} if not busy else {"idle": False, "busy": busy}
            case "GET", "events":
                return 200, {"events": self.events.after(after)}
            case "GET", "invocations":
                return 200, {"invocations": self.invocations.after(after)}
            case "GET", "mails":
                return 200, {"mails": self.mails.journal.after(after)}
            case "GET", "mails/listed":
                before, most = (int(query[name]) if name in query else None for name in ("before", "most"))
                return 200, await asyncio.to_thread(self.mails.listed, after, before, most)
            case "GET", _ if name.startswith("mails/"):
                mail = self.mails.journal.one(int(name.removeprefix("mails/")))
                return (200, {"mail": mail}) if mail else (404, {"error": "no mail of that number"})
            case "GET", "counts":
                return (200, self.tally.told()) if self.tally else (404, {"error": "start it with --count"})
            case "GET", "waits":
                return (200, {"waits": self.tally.waits()}) if self.tally else (404, {"error": "start it with --count"})
            case "GET", "emulator-roles":
                return (
                    (200, self.own_judge.told())
                    if self.own_judge
                    else (404, {"error": "start it with --emulator-roles"})
                )
            case "GET", "privileges":
                return (
                    (200, self.judge.recording.told()) if self.judge else (404, {"error": "start it with --privileges"})
                )
            case "POST", "faults":
                return 200, {"id": self.faults.add(body)}
            case "POST", "returns":
                return 200, {"returns": self.returns.order(body)}
            case "GET", "faults":
                return 200, {"faults": self.faults.list()}
            case "DELETE", "faults":
                self.faults.clear()
                return 200, {"faults": []}
            case "GET", "booked":
                return 200, {"booked": [moment.isoformat() for moment in self.schedules.booked(query["group"])]}
            case "GET", "schedules":
                return 200, {"schedules": await asyncio.to_thread(self.schedules.ahead)}
            case "GET", "deliveries":
                return 200, self.deliveries.shown()
            case "POST", "deliveries":
                return 200, await asyncio.to_thread(self._order_deliveries, body)
            case "DELETE", "deliveries":
                self.deliveries.clear()
                return 200, self.deliveries.shown()
            case "POST", "kill":
                return 200, {"killed": kill_running(str(body["function"]))}
            case "POST", "kills":
                return 200, {"id": self.kills.order(body)}
            case "GET", "orders":
                return 200, {
                    "orders": [one for where, book in self._books().items() for one in told(book.every(), where)]
                }
            case "DELETE", _ if name.startswith("orders/"):
                removed = [book.take_back(name.removeprefix("orders/")) for book in self._books().values()]
                return 200, {"removed": any(removed)}
        raise _NotHereError

    def _books(self) -> dict[str, Book[Any]]:
        return {
            "faults": self.faults.book,
            "deliveries": self.deliveries.book,
            "kills": self.kills.book,
            "returns": self.returns.book,
        }

    def _clock_answer(self) -> dict[str, Any]:
        upcoming = self.schedules.upcoming()
        following = {"at": upcoming[0].isoformat(), "schedule": upcoming[1]} if upcoming else None
        return {"now": self.clock.now().isoformat(), "offset_seconds": self.clock.offset_seconds, "next": following}

    def _order_deliveries(self, body: dict[str, Any]) -> dict[str, Any]:
        """``{"stopped": …}``, ``{"retrying": …}``, or what is to be lost or doubled (``Spoilt``)."""
        if "retrying" in body:
            self.invokes.retrying = bool(body["retrying"])
            return {}
        if "stopped" not in body:
            return {"id": self.deliveries.spoil(body)}
        if body["stopped"]:
            self.deliveries.stop()
            return {}
        return dict(self.deliveries.go_on())

    def _move_clock(self, body: dict[str, Any]) -> list[str]:
        if "advance_seconds" in body:
            seconds = float(body["advance_seconds"])
            if not seconds >= 0:
                raise ClockMoveError("the clock only moves forward")
            return self._move_on(self.clock.now() + timedelta(seconds=seconds))
        if "to" in body:
            return self._move_on(_aware(body["to"]))
        if "start" in body:
            moment = _aware(body["start"])
            return self.schedules.move(lambda: self.clock.set_to(moment), starting=True)
        raise ClockMoveError("say advance_seconds, to or start")

    def _move_on(self, moment: datetime) -> list[str]:
        """By way of everything that is booked before: it fires at its own time, and what it sets off ends before the clock goes on.

        Fired at the end of the way it would be hours late, as nothing is on AWS. What falls due in the last minute is not waited for.
        """
        if moment < self.clock.now():
            raise ClockMoveError("the clock only moves forward")
        fired: list[str] = []
        while (
            (stop := self.schedules.first_booked()) is not None
            and stop < moment - _LAST
            and not self.deliveries.stopped
        ):
            fired += self._step_to(stop)
            if self.activity.wait(_STOP_SECONDS, self.schedules.overdue):
                break  # somebody keeps it busy, or holds it on purpose: the rest fires where the way ends
        return fired + self._step_to(moment)

    def _step_to(self, moment: datetime) -> list[str]:
        """It may have passed while something was waited for."""
        return self.schedules.move(lambda: self.clock.advance(max(0.0, (moment - self.clock.now()).total_seconds())))


def _is_foreign(scope: Scope) -> bool:
    """Nothing else stands before every secret that is kept here: the emulator lets any page read, and no call has to be signed."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"] if name.lower() in _ASKING}
    return is_foreign(headers.get(b"host", ""), headers.get(b"origin", ""))


class _NotHereError(Exception):
    """No such path."""


def _denied(call: Call, said: str) -> Fault:
    return Fault(service=call.service, action=call.action, error="AccessDeniedException", status=403, message=said)


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone names no moment: {text}")
    return moment.astimezone(UTC)


async def _read(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return body


def _again(body: bytes) -> Receive:
    """A body that was read here, for the application behind."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> MutableMapping[str, Any]:
        if left:
            return left.pop()
        await asyncio.Event().wait()  # nothing more ever comes; a cancelled request ends it
        raise AssertionError

    return receive


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    with suppress(ConnectionError):
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
