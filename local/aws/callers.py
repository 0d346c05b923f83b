"""Which function a call to AWS comes from: each says its name in its user agent."""

from __future__ import annotations

CALLER = "AWS_SDK_UA_APP_ID"
"""The SDK's own variable: its value stands as ``app/NAME`` in the user agent of every call."""


def caller_of(user_agent: str) -> str:
    """The function that a call came from, by its user agent; "" for anybody else."""
    found = [part for part in user_agent.split() if part.startswith("app/")]
    return found[0].removeprefix("app/") if found else ""
