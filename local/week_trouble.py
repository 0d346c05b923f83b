"""Trouble on order: faults at each server, processes killed; which of it bit, and when it was in the way."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

from local.stack import PREFIX
from local.week_spans import Span
from local.week_stack import WeekStack

FUNCTIONS = ("sender", "scheduler", "drive-sync", "notifier", "renderer", "approve-handler")
PAUSE = timedelta(minutes=65)  # a paused channel is probed once an hour
RESET = timedelta(minutes=4)  # a rate limit's
SEEN_LATER = timedelta(minutes=1)  # a bite is noted when everything has settled
_CREATES = r"POST .*(putRecord|/api/v1/statuses)$"


def _aws(service: str, action: str, error: str, status: int = 500, when: str = "before") -> dict[str, Any]:
    return {"service": service, "action": action, "error": error, "status": status, "when": when}


AWS_FAULTS: tuple[Mapping[str, Any], ...] = (
    _aws("dynamodb", "TransactWriteItems", "InternalServerError"),
    _aws("dynamodb", "TransactWriteItems", "InternalServerError", when="after"),
    _aws("dynamodb", "TransactWriteItems", "TransactionCanceledException", 400),
    _aws("dynamodb", "*", "ProvisionedThroughputExceededException", 400) | {"match": '"ss-status"'},
    _aws("dynamodb", "BatchGetItem", "ThrottlingException", 400),
    _aws("dynamodb", "PutItem", "InternalServerError", when="after"),
    _aws("dynamodb", "Query", "InternalServerError"),
    _aws("s3", "GetObject", "SlowDown", 503),
    _aws("s3", "PutObject", "InternalError"),
    _aws("s3", "PutObject", "InternalError", when="after"),
    _aws("scheduler", "CreateSchedule", "ThrottlingException", 429),
    _aws("scheduler", "CreateSchedule", "InternalServerException", when="after"),
    _aws("scheduler", "DeleteSchedule", "InternalServerException"),
    _aws("scheduler", "DeleteSchedule", "InternalServerException", when="after"),
    _aws("events", "PutEvents", "InternalException"),
    _aws("events", "PutEvents", "InternalException", when="after"),
    _aws("events", "PutEvents", "ThrottlingException", 400),
    _aws("ses", "SendEmail", "TooManyRequestsException", 429),
    _aws("ses", "SendEmail", "InternalServiceException", when="after"),
    _aws("secretsmanager", "GetSecretValue", "InternalServiceError"),
)
"""Every service the functions write to, before and after the effect, and throttled."""

GOOGLE_FAULTS: tuple[Mapping[str, Any], ...] = (
    {"match": r"GET /v4/", "status": 429, "retry_after_seconds": 30},
    {"match": r"GET /v4/", "status": 500},
    {"match": r"(POST|PUT) /v4/", "status": 503},
    {"match": r"(POST|PUT) /v4/", "status": 500, "when": "after"},
    {"match": r"/drive/v3/", "status": 500},
    {"match": r"POST /token", "status": 503},
    {"match": r"GET /v4/", "slow_seconds": 11.0},  # a second beyond the functions' patience
    {"match": r"(POST|PUT) /v4/", "slow_seconds": 11.0},
)

_EXPIRED = {
    "bluesky": {"do": "status", "status": 400, "body": {"error": "ExpiredToken", "message": "Token has expired"}},
    "mastodon": {"do": "status", "status": 401, "body": {"error": "The access token is invalid"}},
}


def _network_orders(network: str, now: datetime) -> tuple[Mapping[str, Any], ...]:
    reset = now + RESET
    limited = {"retry-after": "240", "ratelimit-reset": str(int(reset.timestamp()))}
    return (
        {"do": "status", "status": 500},
        {"do": "status", "status": 502, "effect": True},
        {"do": "status", "status": 503},
        {"do": "timeout-before", "seconds": 2},
        {"do": "timeout-after", "seconds": 2},
        {"do": "hold-after", "seconds": 4},
        {"do": "html"},
        {"do": "html", "effect": True, "status": 502},
        {"do": "empty"},
        {"do": "cut"},
        {"do": "huge"},
        {"do": "status", "status": 429, "headers": limited, "body": {"error": "RateLimitExceeded"}},
        _EXPIRED[network],
    )


@dataclass
class Order:
    """One order. ``ended_at`` is when it was seen used up, or was taken back."""

    where: str
    what: str
    began_at: datetime
    count: int
    id: str = ""
    left: int = 0
    ended_at: datetime | None = None
    bites: list[datetime] = field(default_factory=list)

    @property
    def bit(self) -> int:
        return self.count - self.left


class Troubles:
    """Orders faults and kills, and remembers them. ``chance`` (0 to 1) picks from the menus."""

    def __init__(self, stack: WeekStack) -> None:
        self._stack = stack
        self.orders: list[Order] = []
        self.kills: list[tuple[datetime, str]] = []
        self.lasting: list[Span] = []  # what had a beginning and an end: a request withheld, an outage
        self._waiting_for: tuple[str, float] | None = None
        self.paused: list[tuple[datetime, str]] = []  # when the owner was told of it, and which channel

    def origin(self, network: str) -> str:
        return self._stack.networks[network]

    def aws(self, chance: Sequence[float]) -> str:
        fault = {**AWS_FAULTS[int(chance[0] * len(AWS_FAULTS))]}
        fault["count"] = (1, 2, 3, 6, 9)[int(chance[1] * 5)]
        fault["skip"] = int(chance[2] * 6) if chance[3] < 0.5 else 0
        told = self._stack.post(f"{self._stack.aws}/_local/faults", fault)
        what = f"{fault['service']} {fault['action']}: {fault['error']} {fault['when']} the effect"
        return self._note(Order("aws", what, self._stack.now(), fault["count"], told["id"], fault["count"]))

    def google(self, chance: Sequence[float]) -> str:
        fault = {**GOOGLE_FAULTS[int(chance[0] * len(GOOGLE_FAULTS))]}
        fault["count"] = 1 if "slow_seconds" in fault else (1, 2, 4, 8)[int(chance[1] * 4)]
        self._stack.post(f"{self._stack.sheets}/owner/faults", fault)
        return self._note(Order("google", _google_words(fault), self._stack.now(), fault["count"], left=fault["count"]))

    def network(self, chance: Sequence[float]) -> str:
        network = "bluesky" if chance[0] < 0.5 else "mastodon"
        now = self._stack.now()
        menu = _network_orders(network, now)
        fault = {**menu[int(chance[1] * len(menu))]}
        match = _CREATES if chance[2] < 0.7 else r"(xrpc|/api/)"
        return self.order_at(network, match, fault, (1, 1, 2, 3)[int(chance[3] * 4)])

    def event(self, kind: str, times: int) -> str:
        """The next event of this kind (``ss.sent``) is lost (0 times) or comes twice."""
        told = self._stack.post(f"{self._stack.aws}/_local/deliveries", {"kind": kind, "times": times})
        what = f"{kind} {'is lost' if times == 0 else f'comes {times} times'}"
        return self._note(Order("events", what, self._stack.now(), 1, told["id"], 1))

    def order_at(self, network: str, match: str, fault: Mapping[str, Any], count: int = 1) -> str:
        order = {**fault, "match": match, "count": count}
        told = self._stack.post(f"{self.origin(network)}/_local/faults", order)
        what = f"{match}: {fault['do']}{' ' + str(fault['status']) if fault.get('status') else ''}"
        what += " with the effect" if told["effect"] else ""
        return self._note(Order(network, what, self._stack.now(), count, told["id"], count))

    def hold_create(self, network: str, do: str) -> str:
        """The next post there waits: ``hold-before`` its effect (an effect that lands late) or ``hold-after`` it."""
        return self.order_at(network, _CREATES, {"do": do, "seconds": 60})

    def _note(self, order: Order) -> str:
        self.orders.append(order)
        return f"{order.where}, the next {order.count}: {order.what}"

    def wait_for_held(self, network: str, timeout_seconds: float) -> bool:
        url = f"{self.origin(network)}/_local/holding?timeout_seconds={timeout_seconds}"
        return bool(self._stack.get(url, timeout_seconds + 10))

    def release(self, network: str) -> None:
        self._stack.post(f"{self.origin(network)}/_local/release", {})

    def take_back(self, network: str) -> None:
        """Every order at this network ends, and what is held goes on.

        For a hold that met nobody: it would hold a later request for a minute of real time, which may be a day of the stack's. No network
        carries a request out a day late, and Mastodon knows one again for an hour only.
        """
        self.look()
        now = self._stack.now()
        self._stack.remove(f"{self.origin(network)}/_local/faults")
        for order in self.orders:
            if order.where == network:
                order.ended_at = order.ended_at or now

    def kill(self, function: str) -> int:
        """How many processes were running it and are gone now."""
        killed = int(self._stack.post(f"{self._stack.aws}/_local/kill", {"function": f"{PREFIX}-{function}"})["killed"])
        if killed:
            self.kills += [(self._stack.now(), function)] * killed
        return killed

    def kill_soon(self, function: str, after_seconds: float, patience_seconds: float = 2.5) -> int:
        """Kill it ``after_seconds`` of its running, when it runs within the patience; real time."""
        deadline = time.monotonic() + patience_seconds
        time.sleep(after_seconds)  # not to wait for anything: where in its work it is met is the dice's
        while time.monotonic() < deadline:
            killed = self.kill(function)
            if killed:
                return killed
            time.sleep(0.005)
        return 0

    @contextmanager
    def ambush(self) -> Iterator[None]:
        """While this lasts, the function that ``lie_in_wait`` named is killed as soon as a look meets it running."""
        over = Event()

        def wait_for_it(function: str, every_seconds: float) -> None:
            while not over.wait(every_seconds):
                if self.kill(function):
                    self._waiting_for = None
                    return

        waiting = Thread(target=wait_for_it, args=self._waiting_for) if self._waiting_for else None
        if waiting is not None:
            waiting.start()
        try:
            yield
        finally:
            over.set()
            if waiting is not None:
                waiting.join()

    def lie_in_wait(self, function: str, every_seconds: float) -> None:
        """Kill it where it runs next; ``every_seconds`` apart are the looks, so that where in its work it is met is the dice's."""
        self._waiting_for = (function, every_seconds)

    # what bit

    def look(self) -> None:
        """Count what is left of each order. What a server does not list any more is used up."""
        if not self.waiting:
            return
        now = self._stack.now()
        left = {fault["id"]: fault["count"] for fault in self._stack.get(f"{self._stack.aws}/_local/faults")["faults"]}
        for network in ("bluesky", "mastodon"):
            left |= {fault["id"]: fault["count"] for fault in self._stack.get(f"{self.origin(network)}/_local/faults")}
        left |= {
            order["id"]: order["count"] for order in self._stack.get(f"{self._stack.aws}/_local/deliveries")["spoilt"]
        }
        for order in self.orders:
            if order.where != "google" and order.ended_at is None:
                self._count(order, left.get(order.id, 0), now)
        self._look_at_google(now)

    def _look_at_google(self, now: datetime) -> None:
        """Its server gives no ids. It uses equal orders up from the first on, so what is left belongs to the last of them."""
        pending = self._stack.get(f"{self._stack.sheets}/owner/faults")["faults"]
        waiting = [order for order in self.orders if order.where == "google" and order.ended_at is None]
        for what in {order.what for order in waiting}:
            equal = [order for order in waiting if order.what == what]
            counts = [int(fault["count"]) for fault in pending if _google_words(fault) == what]
            for order, left in zip(equal, [0] * (len(equal) - len(counts)) + counts, strict=True):
                self._count(order, left, now)

    def _count(self, order: Order, left: int, now: datetime) -> None:
        if left < order.left:
            order.bites.append(now)
        order.left = left
        if left == 0:
            order.ended_at = now

    def clear(self) -> None:
        """All faults end; what is held goes on."""
        self._waiting_for = None
        self.look()
        now = self._stack.now()
        places = [f"{self._stack.aws}/_local", f"{self._stack.sheets}/owner"]
        self._stack.remove(f"{self._stack.aws}/_local/deliveries")
        for place in (*places, *(f"{origin}/_local" for origin in self._stack.networks.values())):
            self._stack.remove(f"{place}/faults")
        for order in self.orders:
            order.ended_at = order.ended_at or now

    @property
    def waiting(self) -> list[Order]:
        return [order for order in self.orders if order.ended_at is None]

    @property
    def bitten(self) -> int:
        return sum(order.bit for order in self.orders)

    def spans(self) -> list[Span]:
        """Everything that was in the way of anything."""
        found = [Span(at, at) for at, _ in self.kills] + self.lasting
        for order in self.orders:
            network = order.where if order.where in {"bluesky", "mastodon"} else ""
            lasts = RESET if "status 429" in order.what else timedelta()
            mute = order.where in {"aws", "events"}
            found += [Span(at, at + lasts, mute, network) for at in order.bites]
        return found

    def in_the_way(self, since: datetime, until: datetime, channel: str) -> bool:
        """Whether a fault that bit, or a kill, lies between the two or within the quarter of an hour before; or a pause within the hour."""
        if any(name == channel and since - PAUSE <= at <= until for at, name in self.paused):
            return True
        since -= timedelta(minutes=15)
        moments = [at for order in self.orders for at in order.bites] + [at for at, _ in self.kills]
        lasting = (one for one in self.lasting if one.concerns(channel))
        if any(one.since <= until and since <= (one.until or until) for one in lasting):
            return True
        return any(since <= at <= until + SEEN_LATER for at in moments)


def _google_words(fault: Mapping[str, Any]) -> str:
    shown = fault.get("status") or f"slow by {fault['slow_seconds']:.0f} s"
    return f"{fault['match']}: {shown}{' after the effect' if fault.get('when') == 'after' else ''}"
