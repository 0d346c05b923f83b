"""One canonical line per invocation, as JSON, with fixed fields. Never a token, a signed link or a post's text."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

FIELDS = ("trace_id", "post_id", "channel", "move", "reason", "attempt", "outcome", "count")


def logger(service: str) -> Logger:
    return Logger(service=service, log_uncaught_exceptions=True)


def line(log: Logger, message: str, **facts: Any) -> None:
    """Write the line. Only fields of ``FIELDS`` may be given: a new one is a decision, not a habit."""
    unknown = set(facts) - set(FIELDS)
    if unknown:
        raise ValueError(f"not a field of the log line: {', '.join(sorted(unknown))}")
    log.info(message, extra={name: value for name, value in facts.items() if value not in (None, "")})
