"""What a draft is made from, and what is asked of the model: the values that gathering, briefing and asking hand to each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mesh.ledger.proposals import Note, Upload
from mesh.posts import Row
from mesh.rulebook import Rulebook
from mesh.voice import Voice


@dataclass(frozen=True)
class File:
    """An upload as the model is shown it: ``content`` is within Converse's limits. ``mime`` is image/jpeg, image/png or application/pdf."""

    upload: Upload
    mime: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Material:
    """``rows`` are the sheet's of the last 90 days and those to come; ``today`` is by the business's clock."""

    note: Note
    rulebook: Rulebook
    voice: Voice
    today: date
    rows: Sequence[Row] = ()
    files: Sequence[File] = ()


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
