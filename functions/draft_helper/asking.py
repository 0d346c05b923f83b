"""What the model can answer at all: tools that have room for words and for nothing else. Pure.

There is no field for a channel, a time, a link, a recipient or an approval: those are the note's, and code takes them from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def draft_tool(channels: Sequence[str], pictures: int) -> Mapping[str, Any]:
    """Words for all channels, own words for some of them, and a description of each picture that is shown."""
    fields: dict[str, Any] = {"text": {"type": "string", "description": "The post's words, for every channel."}}
    if channels:
        fields["texts"] = {
            "type": "object",
            "description": "Own words for a channel that needs others. Leave out the channels that do not.",
            "properties": {name: {"type": "string"} for name in channels},
            "additionalProperties": False,
        }
    if pictures:
        fields["alts"] = {
            "type": "array",
            "description": "For each picture in order: what it shows, in one plain sentence, for people who cannot see it.",
            "items": {"type": "string"},
            "minItems": pictures,
            "maxItems": pictures,
        }
    required = ["text", *(["alts"] if pictures else [])]
    return _tool("draft", "Proposes the words of a post to its owner.", fields, required)


def plan_tool(count: int, pictures: int) -> Mapping[str, Any]:
    """What each post is about, and which of the pictures goes with it, counted from 1."""
    post: dict[str, Any] = {"topic": {"type": "string", "description": "What this post is about, with its facts."}}
    if pictures:
        post["picture"] = {
            "type": "integer",
            "description": "The number of the picture that goes with it, each once. Leave it out for a post without one.",
            "minimum": 1,
            "maximum": pictures,
        }
    posts = {
        "type": "array",
        "description": "The posts, in the order in which they should come.",
        "items": {"type": "object", "properties": post, "required": ["topic"], "additionalProperties": False},
        "minItems": 1,
        "maxItems": count,
    }
    return _tool("plan", "Proposes to the owner what posts could be about.", {"posts": posts}, ["posts"])


def _tool(name: str, description: str, fields: Mapping[str, Any], required: Sequence[str]) -> Mapping[str, Any]:
    schema = {"type": "object", "properties": dict(fields), "required": list(required), "additionalProperties": False}
    return {"toolSpec": {"name": name, "description": description, "inputSchema": {"json": schema}}}
