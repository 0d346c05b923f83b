"""What a mail is and what it asks about, by its own id and its signed links: the same that a message in Slack goes by. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from mesh.approvals import ANSWERS, Action, Token, words_of

_LINK = re.compile(r"/(?:approve|compose)/([\w.-]{40,})")
_THREAD = re.compile(r"<post\.([\w-]+)@")
_KINDS = {"card": "card", "digest": "digest", "draft": "draft", "plan": "draft"}
_CLAIM = re.compile(r"[0-9a-f]{20}")  # the round that troubles told together have
_DECISIONS = {Action.REVIEW, Action.HOLD, Action.SEND_NOW}


@lru_cache(maxsize=2_000)  # a search asks of every mail there is, and none ever changes
def about(message_id: str, references: str, text: str) -> dict[str, Any]:
    """``kind`` (card question receipt trouble digest recap draft note), ``round`` and ``posts``, (post_id, revision) each.

    Of the two headers, "" where there is none, and the plain text.
    ``round`` is that of its links, "" where it has none; what it says may be believed here, where nothing is done on its word.
    """
    tokens = [token for link in dict.fromkeys(_LINK.findall(text)) if (token := words_of(link)) is not None]
    key = message_id.strip("<> ").partition("@")[0]
    round_id = next((token.round_id for token in tokens if token.round_id), "")
    thread = _THREAD.search(references)
    kind = _KINDS.get(key.partition(".")[0]) or _note(tokens, round_id, threaded=thread is not None, text=text)
    asked = [pair for token in tokens if token.action in _DECISIONS | ANSWERS for pair in token.posts]
    posts = [list(pair) for pair in dict.fromkeys(asked)] if kind in ("card", "question") else []
    if not posts and thread is not None:
        posts = [[thread.group(1), ""]]
    return {"kind": kind, "round": round_id, "posts": posts}


def _note(tokens: list[Token], round_id: str, *, threaded: bool, text: str) -> str:
    """Of what has no id of its own kind."""
    if any(token.action in ANSWERS for token in tokens):
        return "question"
    if _CLAIM.fullmatch(round_id):
        return "trouble"
    if threaded:
        return "receipt"
    # A recap carries no signed link: who reads it need not be one of those who approve.
    return "recap" if not tokens and text.partition("\n")[0].endswith(" on social media") else "note"
