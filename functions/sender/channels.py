"""A channel as a whole: its pause, its probe, its token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx

from mesh.bus import Bus
from mesh.errors import Conflict, Misconfigured
from mesh.events import Trouble
from mesh.ledger import Act, Ledger, Runtime
from mesh.ledger.book import pause_with_jitter
from mesh.ledger.runtime import pause_key
from mesh.rulebook import Rulebook
from networks.model import Account, Network, Outcome, Pause, Result
from sender.edges import Surroundings

_TRIES = 5
_REFRESH_LOCK = timedelta(minutes=1)


class Channels:
    """``network`` gives the adapter of a network's name; ``http`` talks to the networks."""

    def __init__(
        self,
        ledger: Ledger,
        runtime: Runtime,
        bus: Bus,
        surroundings: Surroundings,
        http: httpx.Client,
        network: Callable[[str], Network],
        clock: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._runtime = runtime
        self._bus = bus
        self._surroundings = surroundings
        self._http = http
        self._network = network
        self._clock = clock

    def pause(self, channel: str, why: Pause, sentence: str, trace_id: str, waiting: str = "") -> None:
        """Set it, and say so under a cause that stays the same while it stands: told again, it is one message.

        ``waiting`` is a sentence on what is kept back by it.
        """
        now = self._clock()
        values = {"reason": why.value, "detail": sentence, "since": now.isoformat()}
        self._stand(channel, values, Act("pause", by="sender", at=now, trace_id=trace_id))
        key = pause_key(channel)
        since = self._ledger.standing([key]).get(key, values)["since"]
        message = f"{channel} is paused, nothing is posted there: {sentence}{f' {waiting}' if waiting else ''}"
        self._bus.put([Trouble(cause=f"{key}#{since}", message=message, trace_id=trace_id)])

    def probe(self, channel: str, trace_id: str, waiting: str = "") -> str:
        """Ask the network whether the account is alive; lift the pause or set it. What it came to, in a word."""
        try:
            account = self._surroundings.account(channel)
        except Misconfigured as error:
            self.pause(channel, Pause.REAUTHORISE, f"{channel} is not connected: {error}.", trace_id, waiting)
            return "paused"
        adapter = self._network(account.network)
        outcome = adapter.probe(self._http, account)
        if outcome.expired:
            fresh = self.refreshed(channel, adapter, account)
            outcome = adapter.probe(self._http, fresh) if fresh else _signed_out(outcome)
        if outcome.result is Result.OK and not _agree(self._surroundings.rulebook(), channel, account):
            sentence = "the rules doc names another account than the one that was connected."
            self.pause(channel, Pause.MISMATCH, sentence, trace_id, waiting)
            return "paused"
        if outcome.pause:
            self.pause(channel, outcome.pause, outcome.detail, trace_id, waiting)
            return "paused"
        if outcome.result is not Result.OK:
            return "unclear"  # neither alive nor dead: the next probe asks again
        self._stand(channel, None, Act("lift pause", by="sender", at=self._clock(), trace_id=trace_id))
        return "alive"

    def refreshed(self, channel: str, adapter: Network, used: Account) -> Account | None:
        """The account with another token than ``used`` has: a faster one's, or a fresh one, stored before it is used.

        None when there is none to be had: refused, or somebody else is at it.
        """
        now, lock = self._clock(), f"refresh#{channel}"
        mine = self._runtime.first(lock, now, now + _REFRESH_LOCK)
        try:
            stored = self._surroundings.account(channel)
            if stored.credentials != used.credentials:
                return stored
            fresh = adapter.refresh(self._http, stored, now) if mine else None
            if fresh is not None:
                self._surroundings.keep(channel, fresh)
            return fresh
        finally:
            if mine:
                self._runtime.forget(lock)

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


def _agree(rulebook: Rulebook, channel: str, account: Account) -> bool:
    told = rulebook.channels.get(channel)
    if told is None:
        return False
    return (told.network, told.account, told.host.rstrip("/")) == (account.network, account.account_id, account.host)


def _signed_out(outcome: Outcome) -> Outcome:
    return Outcome(Result.RETRYABLE, detail=outcome.detail, pause=Pause.REAUTHORISE)
