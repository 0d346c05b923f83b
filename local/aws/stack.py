"""Where the parts meet: MiniStack, its mends, and what is kept in the state folder."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from ministack import app as ministack_app
from ministack.core import lambda_runtime

from local.aws import counting, machines, resources, rules
from local.aws.activity import Activity
from local.aws.clock import StackClock
from local.aws.deliveries import Deliveries
from local.aws.door import Door
from local.aws.emulator_roles import EmulatorRoles
from local.aws.faults import Faults
from local.aws.invoking import AsynchronousInvokes, install_invocation_journal
from local.aws.journal import Journal
from local.aws.judging import Judge
from local.aws.keeping import Keeper
from local.aws.kills import Kills
from local.aws.mails import MAILS_KEPT, Mails
from local.aws.returns import Returns
from local.aws.schedule_calls import ScheduleCalls
from local.aws.schedules import Schedules
from local.aws.tally import Tally
from local.aws.workers import (
    install_clean_environment,
    install_errors_have_names,
    install_lines_have_an_end,
    install_log_bound,
    install_processes_outlive_errors,
    kill_running,
)

_INVOCATIONS_KEPT = 2_000


class Stack:
    """Made once per process, since it changes MiniStack's modules in place."""

    def __init__(
        self,
        state: Path,
        endpoint: str,
        concurrency: int,
        retry_seconds: float,
        save_seconds: float,
        *,
        count: bool = False,
        judge: Judge | None = None,
        emulator_roles: bool = False,
    ) -> None:
        self.endpoint = endpoint
        clock = StackClock(state / "clock.json")
        activity = Activity()
        events = Journal(state / "events.jsonl", rules.EVENTS_KEPT)
        invocations = Journal(state / "invocations.jsonl", _INVOCATIONS_KEPT)
        mails = Mails(Journal(state / "mails.jsonl", MAILS_KEPT))
        self._keeper = Keeper(state, save_seconds)
        self._invokes = AsynchronousInvokes(activity, concurrency, retry_seconds, self._keeper.note)
        deliveries = Deliveries(clock)
        self._schedules = Schedules(clock, activity, self._invokes, deliveries, self._keeper.note)
        self._calls = ScheduleCalls(clock)
        self._keeper.add_part("waiting.json", self._invokes.snapshot)
        self._keeper.add_part("fired.json", self._fired)
        self._saving: asyncio.Task[None] | None = None

        self._invokes.install()
        install_invocation_journal(activity, invocations, clock)
        rules.install(self._invokes, events, clock, deliveries)
        self._schedules.install()
        self._calls.install()
        resources.install(endpoint)
        machines.install(activity)
        install_clean_environment()
        install_processes_outlive_errors()
        install_lines_have_an_end()
        install_errors_have_names()
        install_log_bound()
        kills = Kills(clock.now, kill_running)
        kills.install()
        tally = Tally() if count else None
        if tally:
            counting.install(tally, int(endpoint.rpartition(":")[2]), clock)
        if judge:
            judge.install()
        own_judge = EmulatorRoles() if emulator_roles else None
        if own_judge:
            own_judge.install()
        self.door = Door(
            inner=ministack_app.app,
            clock=clock,
            activity=activity,
            schedules=self._schedules,
            faults=Faults(clock.now),
            deliveries=deliveries,
            invokes=self._invokes,
            keeper=self._keeper,
            events=events,
            invocations=invocations,
            mails=mails,
            returns=Returns(clock.now),
            kills=kills,
            tally=tally,
            judge=judge,
            own_judge=own_judge,
        )

    def start(self) -> None:
        """Once MiniStack has its own state back: what waited goes on, then schedules fire."""
        fired = self._keeper.read("fired.json")
        if fired:
            self._schedules.restore(fired["schedules"])
            self._calls.tokens.update(fired["tokens"])
        self._invokes.restore(self._keeper.read("waiting.json") or [])
        self._invokes.start()
        self._schedules.start()
        self._saving = asyncio.create_task(self._keeper.keep_saving())

    async def stop(self, timeout_seconds: float) -> None:
        """Nothing new begins; what runs may finish within this time, and what does not runs again next time."""
        await asyncio.to_thread(self._schedules.stop)
        await asyncio.to_thread(self._invokes.stop, timeout_seconds)
        if self._saving:
            self._saving.cancel()

    def leave(self) -> None:
        self._keeper.save_parts()
        lambda_runtime.reset()

    def _fired(self) -> dict[str, Any]:
        return {"schedules": self._schedules.snapshot(), "tokens": self._calls.tokens}
