"""What a draft is for: which channels, and which pictures the row would have, in which order. Taken from the note alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from draft_helper.material import Material
from mesh.fitting import alt_texts
from mesh.ledger.proposals import Note
from mesh.rulebook import Channel

_SEPARATOR = re.compile(r"[,;\n]")
ALT_SEPARATOR = " | "


def channels_of(material: Material) -> tuple[Channel, ...]:
    """The note's channels that the rules doc knows; all of the doc's where the note names none, so that the words fit wherever it goes."""
    known = material.rulebook.channels
    named = dict.fromkeys(name.strip().lower() for name in material.note.channels)
    return tuple(known[name] for name in named if name in known) if named else tuple(known.values())


def unknown_channels(material: Material) -> tuple[str, ...]:
    """Named in the note, and not in the rules doc."""
    known = material.rulebook.channels
    return tuple(name for name in dict.fromkeys(material.note.channels) if name.strip().lower() not in known)


def pictures_shown(material: Material) -> int:
    """How many pictures the model sees, and is asked to describe."""
    return sum(file.upload.kind == "image" for file in material.files)


def folder_pictures(note: Note) -> int:
    return sum(bool(name.strip()) for name in _SEPARATOR.split(note.image))


def picture_count(note: Note) -> int:
    """Of the row's image cell: names of the folder first, then what was uploaded."""
    return folder_pictures(note) + sum(upload.kind == "image" for upload in note.uploads)


def alts_of(material: Material, proposed: Sequence[str]) -> tuple[str, ...]:
    """One for each picture of the row, in its order, "" where nobody gave any: the note's own words first, then the model's.

    ``proposed`` are for the pictures the model was shown, in their order.
    """
    note, count = material.note, picture_count(material.note)
    try:
        given = list(alt_texts(note.alt, count))
    except ValueError:  # more than pictures: the row says so, as for any other row
        given = [part.strip() for part in note.alt.split(ALT_SEPARATOR)][:count]
        given += [""] * (count - len(given))
    shown = iter([file.upload.upload_id for file in material.files if file.upload.kind == "image"])
    by_upload = dict(zip(shown, proposed, strict=False))
    uploads = [upload.upload_id for upload in note.uploads if upload.kind == "image"]
    for place, upload_id in enumerate(uploads, start=folder_pictures(note)):
        given[place] = given[place] or by_upload.get(upload_id, "")
    return tuple(given)


def alt_cell(alts: Sequence[str]) -> str:
    """As the row's cell has them. Up to the first that is missing: what came behind it would be taken for another picture's."""
    known = list(alts)
    if "" in known:
        known = known[: known.index("")]
    return ALT_SEPARATOR.join(known)
