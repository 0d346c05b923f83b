"""What a draft is made from, as gathering hands it to briefing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

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
