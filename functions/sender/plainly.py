"""What the owner reads where a sign-in or a package cannot be used. Which secret, and which bytes, is for the log."""

from __future__ import annotations

from mesh import log
from mesh.errors import Misconfigured
from mesh.events import Send
from mesh.packages import PackageBroken

_log = log.logger("sender")
MADE_ANEW = "Change a word of its text, so that it is made anew, and approve it again."


def not_connected(channel: str, error: Exception, trace_id: str) -> str:
    """Whole sentences, with what to do: the secret is missing, or nothing can be signed in with by it."""
    log.line(_log, "a channel without a sign-in", trace_id=trace_id, channel=channel, reason=str(error))
    return f"{channel} is not connected. Connect the channel again."


def damaged(post_id: str, error: PackageBroken, trace_id: str) -> str:
    """The middle of a sentence: a part of the package is missing, or is not as it was approved."""
    log.line(_log, "a damaged package", trace_id=trace_id, post_id=post_id, reason=str(error))
    return "what was approved is damaged"


def cannot_look(event: Send, error: PackageBroken | Misconfigured) -> str:
    """Whole sentences: why nobody can see whether it went out."""
    if isinstance(error, Misconfigured):
        return not_connected(event.channel, error, event.trace_id)
    return f"Nobody can look for it: {damaged(event.post_id, error, event.trace_id)}."
