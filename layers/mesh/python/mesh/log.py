"""Canonical lines as JSON, with fixed fields: one per invocation, and one per event that it emits (docs/decisions/0035).

Never a token, a signed link or a post's text. ``timestamp`` is the stack's time, as in the tables: ISO, UTC.
"""

from __future__ import annotations

import io
import logging
import sys
from typing import IO, Any, cast

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from mesh import clock
from mesh.events import Detail

FIELDS = ("trace_id", "post_id", "posts", "channel", "got", "move", "reason", "attempt", "outcome", "count")
"""``got``: the event or tick that woke it. ``posts``: the ids where there are several, ``MOST_POSTS`` of them at most."""
MOST_POSTS = 50


class _StackTime(LambdaPowertoolsFormatter):
    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's own name
        return clock.now().isoformat(timespec="milliseconds")


class _StandardOutput(io.TextIOBase):
    """As it is when a line is written. Powertools keeps the first one it was given for a name, and whoever put another one in its place
    since, like a test that reads what is printed, would never see a line.
    """

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


def logger(service: str) -> Logger:
    stream = cast("IO[str]", _StandardOutput())
    return Logger(service=service, log_uncaught_exceptions=True, logger_formatter=_StackTime(), stream=stream)


def line(log: Logger, message: str, **facts: Any) -> None:
    """Write the line. Only fields of ``FIELDS`` may be given: a new one is a decision, not a habit."""
    unknown = set(facts) - set(FIELDS)
    if unknown:
        raise ValueError(f"not a field of the log line: {', '.join(sorted(unknown))}")
    log.info(message, extra={name: value for name, value in facts.items() if value not in (None, "", [])})


def about(detail: Detail) -> dict[str, Any]:
    """The fields that say what an event is about: one post (or batch), or several and how many."""
    posts = list(getattr(detail, "post_ids", ())) or [one.post_id for one in getattr(detail, "posts", ())]
    one = getattr(detail, "post_id", "") or getattr(detail, "batch_id", "") or (posts[0] if len(posts) == 1 else "")
    several = {"posts": posts[:MOST_POSTS], "count": len(posts)} if len(posts) > 1 or (posts and posts != [one]) else {}
    named = {name: getattr(detail, name, None) or None for name in ("channel", "attempt")}
    return {"trace_id": detail.trace_id, "post_id": one, **named, **several}
