"""What is asked of a model, and what it answered. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request to Converse. ``messages`` and ``tool`` (a toolSpec whose call is demanded) are in Converse's own shape, with file bytes
    as bytes; ``prompt`` is the prompt's version, ``purpose`` "draft", "repair", "alternative" or "plan"."""

    system: str
    messages: Sequence[Mapping[str, Any]]
    tool: Mapping[str, Any]
    prompt: str
    purpose: str
    most_tokens: int


@dataclass(frozen=True)
class Reply:
    """What the model answered: the tool's input as it came, which nobody has checked yet, and the whole message for a next turn.

    ``calls`` and both kinds of tokens are of every try it took; 0 for one that was kept from an earlier request.
    """

    given: Mapping[str, Any]
    message: Mapping[str, Any]
    tokens_in: int
    tokens_out: int
    milliseconds: int = 0
    calls: int = 1

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Reply:
        """From the store; what another version of this code kept there is left out."""
        names = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in kept.items() if name in names})
