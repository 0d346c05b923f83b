"""The hour of the herd: every post that is due in it, from its schedule to the network, over what the house's rooms allow.

The protocol is the product's. A booking fires once and puts an event on the bus; Lambda delivers it again where it finds no place, and
twice where the run failed; a gate that cannot read closes; the sweep says again what is overdue; an attempt that was prepared and could not
go out is booked again; after two hours a post is asked about. Only a claim publishes, and nothing leaves "sent".
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from local.scale.allowances import Allowance, take_all
from local.scale.house import POLL_SECONDS, Account, House, Rooms, Shape
from local.scale.measured import DRIVE_UNITS_A_LISTING, NETWORKS, Measured, measured
from local.scale.outcome import Event, Home, Outcome, Send, Stand
from local.scale.queue import Queue
from local.scale.ticks import Ticks
from local.scale.town import SEED, Business, businesses

SWEEP_AFTER, TOLD_AFTER, ASKED_AFTER = 180.0, 420.0, 7_200.0
"""Seconds past its time when a post is said again, its owner told, and it is asked about."""
OLDEST_EVENT, LONGEST_WAIT = 900.0, 300.0
AFTER_AN_ERROR = (60.0, 120.0)
"""Lambda's own, of an asynchronous event; template.yaml says how old one gets."""
BACKOFF_SECONDS, ATTEMPT_LIMIT = (60.0, 240.0, 540.0), 15
_TO_FIRST_GATE, _TO_SECOND_GATE, _TO_OUT = 0.15, 0.70, 0.85
"""Assumed: how much of a send has passed at its two gates and when it is out."""
STORING_SECONDS = (0.2, 0.5, 1.0, 2.0)
_CLIENTS_SECONDS = (1.0, 2.0, 4.0, 8.0)  # at most, drawn from nothing up: boto3's own tries within each of ours
_TOO_LATE_IN_A_RUN = 35.0  # of a sender's sixty seconds: less is left than X may take
_SYNC_TRIES = (1.0, 2.0)


@dataclass
class _Count:
    redelivered: int = 0
    rebooked: int = 0
    dead_letters: int = 0
    rows_latest: float = 0.0


class Morning:
    def __init__(self, house: House, seed: int = SEED, takes: Measured | None = None) -> None:
        self._house, self._takes = house, takes or measured()
        self._queue, self.rooms = Queue(), Rooms(house)
        self._chance = random.Random(seed)
        self._count = _Count()
        self._sends: list[Send] = []
        self._seed = seed

    def live(self) -> Outcome:
        house = self._house
        for business in businesses(house.businesses, house.posts_a_month, self._seed, all_at_nine=house.all_at_nine):
            phase = 0.0 if self._house.together else self._chance.random() * POLL_SECONDS
            home = self._home(business, phase)
            for due in business.posts:
                for network in NETWORKS:
                    send = Send(home, network, due)
                    self._sends.append(send)
                    self._queue.at(due + self._chance.random() * self._house.spread_seconds, self._fire, send)
        if self._house.ticks:
            Ticks(self._queue, self.rooms.account(0), self._house, self._takes).begin()
        self._queue.run()
        return self._outcome()

    def _home(self, business: Business, phase: float) -> Home:
        number, rooms = business.number, self.rooms
        return Home(business, rooms.account(number), rooms.project(number), rooms.user(number), phase)

    # from the schedule to the function

    def _fire(self, send: Send) -> None:
        account = send.at.account
        arrives = account.deliveries.turn(account.firings.turn(self._queue.now))
        self._queue.at(arrives, self._deliver, send, Event(arrives))

    def _deliver(self, send: Send, event: Event) -> None:
        if send.stand is not Stand.READY:
            return
        if self._queue.now - send.due > ASKED_AFTER:
            send.stand = Stand.ASKED
            return
        if not self._enter(send.at.account):
            self._turned_away(send, event)
            return
        send.stand = Stand.RUNNING
        event.began = self._queue.now
        whole = self._takes.send_seconds[send.network]
        self._queue.after(self._cold(send.at.account) + whole * _TO_FIRST_GATE, self._first_gate, send, event)

    def _enter(self, account: Account) -> bool:
        """A place, and a process for it: a sender that all share can only grow so fast, one of each business's own never comes to that."""
        if not account.places.take(self._queue.now):
            return False
        if self._house.shape is Shape.STACKS or account.idle or account.grown.take(self._queue.now):
            return True
        account.places.give()
        return False

    def _cold(self, account: Account) -> float:
        """A business's own sender was long put away since its last post; one that all share is warm as far as it ever was wide."""
        if self._house.shape is Shape.SHARED and account.idle:
            account.idle -= 1
            return 0.0
        return self._takes.cold_seconds

    def _leave(self, send: Send) -> None:
        send.at.account.places.give()
        send.at.account.idle += 1

    def _turned_away(self, send: Send, event: Event) -> None:
        event.turned_away += 1
        wait = min(LONGEST_WAIT, 2.0 ** (event.turned_away - 1)) * (0.75 + self._chance.random() / 2)
        self._again(send, event, wait)

    def _again(self, send: Send, event: Event, wait: float) -> None:
        self._mind(send)
        if self._queue.now + wait - event.born > OLDEST_EVENT:
            self._count.dead_letters += 1
            return
        self._count.redelivered += 1
        self._queue.after(wait, self._deliver, send, event)

    # the gates, and out

    def _first_gate(self, send: Send, event: Event) -> None:
        if not self._read(send):
            self._leave(send)
            send.stand = Stand.READY
            self._error(send, event)
        elif send.network == "x":
            self._store(send, event, 0)
        else:
            self._prepare(send)

    def _error(self, send: Send, event: Event) -> None:
        event.errors += 1
        if event.errors > len(AFTER_AN_ERROR):
            self._mind(send)
            self._count.dead_letters += 1
        else:
            self._again(send, event, AFTER_AN_ERROR[event.errors - 1])

    def _store(self, send: Send, event: Event, tries: int) -> None:
        """X's sign-in lives two hours, so nearly each post on it has a fresh one to store first; what cannot be stored is lost."""
        if (
            send.signed_in
            or self._chance.random() >= self._takes.stored
            or send.at.account.stored.take(self._queue.now)
        ):
            send.signed_in = True
            if self._queue.now - event.began > _TOO_LATE_IN_A_RUN:
                self._leave(send)
                send.stand = Stand.READY
                self._error(send, event)
            else:
                self._prepare(send)
            return
        ours, theirs = divmod(tries, len(_CLIENTS_SECONDS) + 1)
        if theirs < len(_CLIENTS_SECONDS):
            self._queue.after(self._chance.random() * _CLIENTS_SECONDS[theirs], self._store, send, event, tries + 1)
        elif ours < len(STORING_SECONDS):
            self._queue.after(STORING_SECONDS[ours], self._store, send, event, tries + 1)
        else:
            self._leave(send)
            send.stand = Stand.SIGNED_OUT

    def _prepare(self, send: Send) -> None:
        whole = self._takes.send_seconds[send.network]
        self._queue.after(whole * (_TO_SECOND_GATE - _TO_FIRST_GATE), self._second_gate, send)

    def _second_gate(self, send: Send) -> None:
        if self._read(send):
            whole = self._takes.send_seconds[send.network]
            self._queue.after(whole * (_TO_OUT - _TO_SECOND_GATE), self._out, send)
            return
        self._leave(send)
        send.fails += 1
        if send.fails >= ATTEMPT_LIMIT:
            send.stand = Stand.FAILED
            return
        send.stand = Stand.READY
        self._count.rebooked += 1
        wait = BACKOFF_SECONDS[min(send.fails, len(BACKOFF_SECONDS)) - 1] * (1 + self._chance.random() / 5)
        send.next_at = self._queue.now + wait
        self._mind(send)
        self._queue.at(send.next_at, self._fire, send)

    def _read(self, send: Send) -> bool:
        """The row, and the picture's hash: one read of the sheet, one listing."""
        user, project = send.at.user, send.at.project
        units = DRIVE_UNITS_A_LISTING
        wanted = [(user.reads, 1.0), (project.reads, 1.0), (user.units, units), (project.units, units)]
        return take_all(self._queue.now, wanted)

    def _out(self, send: Send) -> None:
        send.stand = Stand.SENT
        send.published += 1
        send.lateness = self._queue.now - send.due
        self._queue.after(self._takes.send_seconds[send.network] * (1 - _TO_OUT), self._end, send)

    def _end(self, send: Send) -> None:
        self._leave(send)
        if send.at.said_at is None:
            send.at.said_at = self._queue.now
        self._tell(send.at, 0)
        self._sync(send.at, 0)

    # what nobody lost: the sweep

    def _mind(self, send: Send) -> None:
        """From now on the sweep finds it: one that goes out at once needs none, so it is not simulated for those."""
        if not send.swept:
            send.swept = True
            self._queue.at(self._next_sweep(send, max(self._queue.now, send.due + SWEEP_AFTER)), self._sweep, send)

    def _next_sweep(self, send: Send, moment: float) -> float:
        phase = send.at.sweep_phase
        return phase + POLL_SECONDS * -(-(moment - phase) // POLL_SECONDS)

    def _sweep(self, send: Send) -> None:
        if send.stand not in (Stand.READY, Stand.RUNNING):
            return
        if send.stand is Stand.READY and self._queue.now - send.due > ASKED_AFTER:
            send.stand = Stand.ASKED
            return
        if send.stand is Stand.READY and self._queue.now >= send.next_at + SWEEP_AFTER:
            arrives = send.at.account.deliveries.turn(self._queue.now)
            self._queue.at(arrives, self._deliver, send, Event(arrives))
        self._queue.after(POLL_SECONDS, self._sweep, send)

    # after it: the receipt, and the row

    def _tell(self, home: Home, turned_away: int) -> None:
        if home.account.places.take(self._queue.now):
            self._queue.after(self._takes.tell_seconds, home.account.places.give)
        else:
            self._queue.after(min(LONGEST_WAIT, 2.0**turned_away), self._tell, home, turned_away + 1)

    def _sync(self, home: Home, turned_away: int) -> None:
        """One run at a time: who comes meanwhile leaves word."""
        if home.syncing:
            home.again = True
        elif home.account.places.take(self._queue.now):
            home.syncing = True
            self._queue.after(self._takes.sync_seconds / 2, self._write, home, 0)
        else:
            self._queue.after(min(LONGEST_WAIT, 2.0**turned_away), self._sync, home, turned_away + 1)

    def _write(self, home: Home, tries: int) -> None:
        user, project = home.user, home.project
        reads = float(self._chance.random() < self._takes.sync_reads)
        writes = float(self._chance.random() < self._takes.sync_writes)
        units = float(DRIVE_UNITS_A_LISTING)
        wanted = [(user.reads, reads), (project.reads, reads), (user.writes, writes), (project.writes, writes),
                  (user.units, units), (project.units, units)]  # fmt: skip
        if take_all(self._queue.now, wanted):
            self._queue.after(self._takes.sync_seconds / 2, self._synced, home)
        elif tries < len(_SYNC_TRIES):
            self._queue.after(_SYNC_TRIES[tries], self._write, home, tries + 1)
        else:  # raised: the next poll finds the same
            home.account.places.give()
            home.syncing = False
            self._queue.after(POLL_SECONDS, self._sync, home, 0)

    def _synced(self, home: Home) -> None:
        home.account.places.give()
        home.syncing = False
        if home.said_at is not None:
            self._count.rows_latest = max(self._count.rows_latest, self._queue.now - home.said_at)
            home.said_at = None
        if home.again:
            home.again = False
            home.said_at = self._queue.now
            self._sync(home, 0)

    def _outcome(self) -> Outcome:
        refused: dict[str, tuple[int, float]] = {}
        for one in self.rooms.allowances:
            _add(refused, one)
        lateness = sorted(send.lateness for send in self._sends if send.stand is Stand.SENT)
        most = max((account.places.most for account in self.rooms.accounts.values()), default=0)
        count = self._count
        return Outcome(self._house, self._sends, lateness, refused, most, count.redelivered, count.rebooked,
                       count.dead_letters, count.rows_latest, self._queue.happened)  # fmt: skip


def _add(refused: dict[str, tuple[int, float]], one: Allowance) -> None:
    if one.refused_first is not None:
        often, first = refused.get(one.name, (0, one.refused_first))
        refused[one.name] = (often + one.refused, min(first, one.refused_first))
