"""Functions that are to be killed when they next run: at their start, at the first thing they write, or at one certain call.

A process that is killed does nothing more, and the call it was killed at is never carried out: what it had done before stands, as on AWS
when a machine goes away under a function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ministack.core import lambda_runtime

from local.aws.faults import Call, made
from local.orders import Book, Ordered

START, WRITE = "start", "write"


@dataclass
class Kill(Ordered):
    """``function`` by its name, "*" for any. ``at`` is ``start``, ``write`` or an action; ``match`` is looked for in that call's body.

    A run that never makes such a call is let live, and the next one is waited for.
    """

    function: str
    at: str = START
    match: str = ""

    def __post_init__(self) -> None:
        if self.count < 1 or not self.function or not self.at:
            raise ValueError("a kill needs a function, a place and a count of at least 1")
        if self.match and self.at == START:
            raise ValueError("nothing is called yet at the start")

    def fits(self, function: str) -> bool:
        return self.function in ("*", function)

    @property
    def what(self) -> str:
        return f"{'any function' if self.function == '*' else self.function} is killed at its {self.at}"


class Kills:
    def __init__(self, now: Callable[[], datetime], kill: Callable[[str], int]) -> None:
        """``kill`` ends every process that is running a function now."""
        self.book: Book[Kill] = Book(now)
        self._kill = kill

    def order(self, body: dict[str, Any]) -> str:
        """The order's id. TypeError or ValueError for one that makes no sense."""
        return self.book.add(Kill(**made(body))).id

    def at_start(self, function: str) -> bool:
        return self.book.take(lambda kill: kill.at == START and kill.fits(function)) is not None

    def at_call(self, call: Call, *, writes: bool) -> bool:
        """Whether its caller is gone now, and the call not to be carried out."""
        if not call.caller or not self.book:
            return False
        text = call.body.decode(errors="replace")

        def fits(kill: Kill) -> bool:
            here = kill.at == call.action or (kill.at == WRITE and writes)
            return here and kill.fits(call.caller) and kill.match in text

        if self.book.take(fits) is None:
            return False
        self._kill(call.caller)
        return True

    def install(self) -> None:
        """Around whatever invokes a function's process."""
        invoke = lambda_runtime.Worker.invoke

        def invoke_unless_killed(self_: Any, *event: Any, **named: Any) -> dict[str, Any]:
            if not self.at_start(self_.func_name):
                answer: dict[str, Any] = invoke(self_, *event, **named)
                return answer
            process, self_._proc = self_._proc, None
            if process is not None:
                process.kill()
                process.wait()
            return {"status": "error", "error": "Worker process died", "cold_start": False, "log": ""}

        lambda_runtime.Worker.invoke = invoke_unless_killed
