"""A channel as a whole: its pause, its probe, its sign-in."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import httpx

from mesh.bus import Bus
from mesh.errors import Conflict, Doubt, Misconfigured, Throttled
from mesh.events import Trouble
from mesh.ledger import Act, Ledger, Runtime
from mesh.ledger.book import pause_with_jitter
from mesh.ledger.runtime import REFRESHING, health_key, pause_key, refresh_key
from mesh.rulebook import Rulebook
from mesh.schedule_time import say_with_zone
from networks.model import Account, Network, Outcome, Pause, RenewalUnclear, Result
from sender import decide
from sender.edges import Surroundings
from sender.plainly import not_connected

_TRIES = 5
_AWAITED_SECONDS = (0.3, 0.7, 1.5, 2.5)  # between looks for what another one fetches
_STORING_SECONDS = (0.2, 0.5, 1.0, 2.0)
_SAID_FOR = timedelta(days=60)
# What mends a pause, where the network's own sentence does not say it: told by the word that it would hold.
_MEND = {
    Pause.REAUTHORISE: ("connect", "Connect the channel again."),
    Pause.BILLING: ("settle", "Settle that with the network."),
    Pause.API_VERSION: ("update", "Update the scheduler."),
    Pause.MISMATCH: ("correct", "Correct the account in the rules doc, or connect the right one."),
}


class Channels:
    """``network`` gives the adapter of a network's name; ``http`` talks to the networks; ``sleep`` takes seconds."""

    def __init__(
        self,
        ledger: Ledger,
        runtime: Runtime,
        bus: Bus,
        surroundings: Surroundings,
        http: httpx.Client,
        network: Callable[[str], Network],
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._ledger = ledger
        self._runtime = runtime
        self._bus = bus
        self._surroundings = surroundings
        self._http = http
        self._network = network
        self._clock = clock
        self._sleep = sleep

    def say(self, trouble: Trouble) -> None:
        """At least once for each cause, and not with every look: marked only after it is on the bus."""
        now, key = self._clock(), f"said#{trouble.cause}"
        if self._runtime.get(key, now) is None:
            self._bus.put([trouble])
            self._runtime.put(key, {}, ttl=now + _SAID_FOR)

    def pause(self, channel: str, why: Pause, sentence: str, trace_id: str, waiting: str = "") -> None:
        """Set it, and say so under a cause that stays the same while it stands: told again, it is one message.

        ``waiting`` is a sentence on what is kept back by it.
        """
        now = self._clock()
        values = {"reason": why.value, "detail": sentence, "since": now.isoformat()}
        self._stand(channel, values, Act("pause", by="sender", at=now, trace_id=trace_id))
        key = pause_key(channel)
        since = self._ledger.standing([key]).get(key, values)["since"]
        parts = (f"{channel} is paused, nothing is posted there: {sentence}", _mend(why, sentence), waiting)
        message = " ".join(part for part in parts if part)
        self._bus.put([Trouble(cause=f"{key}#{since}", message=message, trace_id=trace_id)])

    def _lift(self, channel: str, trace_id: str) -> None:
        """End its pause, and say so: whoever was told of it is told that it is over."""
        key = pause_key(channel)
        stood = self._ledger.standing([key]).get(key)
        self._stand(channel, None, Act("lift pause", by="sender", at=self._clock(), trace_id=trace_id))
        if stood is not None:
            message = "What waited for it goes out, one after the other; what came too late for that is asked about."
            self._bus.put([Trouble(cause=f"{key}#{stood['since']}", message=message, ended=True, trace_id=trace_id)])

    def probe(self, channel: str, trace_id: str, waiting: str = "") -> str:
        """Ask the network whether the account is alive; lift the pause or set it. What it came to, in a word."""
        try:
            account = self._surroundings.account(channel)
        except Misconfigured as error:
            self.pause(channel, Pause.REAUTHORISE, not_connected(channel, error, trace_id), trace_id, waiting)
            return "paused"
        rulebook = self._surroundings.rulebook()
        if not _agree(rulebook, channel, account):
            sentence = "the rules doc names another account than the one that was connected."
            self.pause(channel, Pause.MISMATCH, sentence, trace_id, waiting)
            return "paused"
        adapter = self._network(account.network)
        outcome = adapter.probe(self._http, account)
        if outcome.expired:
            try:
                fresh = self.refreshed(channel, adapter, account)
            except RenewalUnclear:
                return "unclear"
            outcome = adapter.probe(self._http, fresh) if fresh else _signed_out(outcome)
            account = fresh or account
        if outcome.pause:
            self.pause(channel, outcome.pause, outcome.detail, trace_id, waiting)
            return "paused"
        if outcome.result is not Result.OK:
            return "unclear"  # neither alive nor dead: the next probe asks again
        self._lift(channel, trace_id)
        self._mind_the_end(channel, adapter, account, rulebook, trace_id)
        return "alive"

    def _mind_the_end(
        self, channel: str, adapter: Network, account: Account, rulebook: Rulebook, trace_id: str
    ) -> None:
        """Renew a sign-in that ends soon; where only its owner can, say so fourteen, seven and one days before, and in the digest."""
        account = self.renewed(channel, adapter, account)
        now = self._clock()
        days = decide.days_to_warn_of(account, adapter.declared, now)
        found = {"at": now.isoformat()}
        if days is not None and account.ends_at is not None:
            found["ends_at"] = account.ends_at.isoformat()
        self._runtime.put(health_key(channel), found, ttl=now + _SAID_FOR)
        if days is None or account.ends_at is None:
            return
        ends = say_with_zone(account.ends_at, rulebook.zone)
        message = f"{channel}'s sign-in ends on {ends}, and nothing can be posted there after that. Connect the channel again before then."
        self.say(
            Trouble(cause=f"ends#{channel}#{account.ends_at.isoformat()}#{days}", message=message, trace_id=trace_id)
        )

    def renewed(self, channel: str, adapter: Network, account: Account) -> Account:
        """The account to be used now: with a fresh sign-in where it ends soon, as it is where that could not be had."""
        if not decide.due_for_renewal(account, adapter.declared, self._clock()):
            return account
        with suppress(Doubt, RenewalUnclear):  # the old one is still good for a while
            return self.refreshed(channel, adapter, account) or account
        return account

    def refreshed(self, channel: str, adapter: Network, used: Account) -> Account | None:
        """The account with another token than ``used`` has: a faster one's, or a fresh one, stored before it is used.

        One alone asks the network, for many tokens can be renewed only once; whoever else comes waits some seconds for what that one
        stores. None when there is none to be had; Doubt when that one is still at it, RenewalUnclear when the network could not be asked.
        """
        now, lock = self._clock(), refresh_key(channel)
        if not self._runtime.first(lock, now, now + REFRESHING):
            return self._awaited(channel, used)
        try:
            stored = self._surroundings.account(channel)
            if stored.credentials != used.credentials:
                return stored
            fresh = adapter.refresh(self._http, stored, now)
            if fresh is not None and not self._store(channel, stored, fresh):
                return self._surroundings.account(channel)
            return fresh
        finally:
            self._runtime.forget(lock)

    def _awaited(self, channel: str, used: Account) -> Account:
        for seconds in (*_AWAITED_SECONDS, None):
            stored = self._surroundings.account(channel)
            if stored.credentials != used.credentials:
                return stored
            if seconds is not None:
                self._sleep(seconds)
        raise Doubt(f"the sign-in of {channel} is being renewed by another")

    def _store(self, channel: str, before: Account, fresh: Account) -> bool:
        """The old pair may be dead by now: tried for some seconds, for a pair that is lost wants a human. Throttled when it stays so.

        False where the channel was connected anew meanwhile.
        """
        for seconds in _STORING_SECONDS:
            try:
                return self._surroundings.keep(channel, before, fresh)
            except Throttled:
                self._sleep(seconds)
        return self._surroundings.keep(channel, before, fresh)

    def _stand(self, channel: str, values: dict[str, str] | None, act: Act) -> None:
        for number in range(_TRIES):
            try:
                self._ledger.set_standing(f"channel#{channel}", pause_key(channel), values, act)
            except Conflict:
                if number == _TRIES - 1:
                    raise
                pause_with_jitter(number)
                continue
            return


def _mend(why: Pause, sentence: str) -> str:
    word, mend = _MEND.get(why, ("", ""))
    return "" if word in sentence.lower() else mend


def _agree(rulebook: Rulebook, channel: str, account: Account) -> bool:
    told = rulebook.channels.get(channel)
    if told is None:
        return False
    return (told.network, told.account, told.host.rstrip("/")) == (account.network, account.account_id, account.host)


def _signed_out(outcome: Outcome) -> Outcome:
    return Outcome(Result.RETRYABLE, detail=outcome.detail, pause=Pause.REAUTHORISE)
