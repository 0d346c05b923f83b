"""Working memory as earlier releases wrote it, and as later ones may: what is known of it is read, the rest is passed over."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from stored_shapes import lost

from drive_sync.folder import kept_file
from drive_sync.mirrored import Mirrored
from drive_sync.state import State
from mesh.converse.talk import Reply
from mesh.door.devices import devices_in
from mesh.google import File
from mesh.messages.slack_standing import Reference
from notifier.gathering import Book
from scheduler.memory import Remembered

CORPORA = sorted((Path(__file__).parent / "working_memory").glob("*.json"))
Item = Mapping[str, Any]
READERS: dict[str, tuple[Callable[[Item], Any], Callable[[Item], Any]]] = {
    "slack": (lambda item: item.get("reference", {}), lambda item: _reference(item)),
    "troubles": (
        lambda item: item.get("book", {}),
        lambda item: Book.of(item if "book" in item else None).model_dump(mode="json"),
    ),
    "devices": (lambda item: item["kept"]["devices"], lambda item: [vars(one) for one in devices_in(item)]),
    "drafted": (lambda item: json.loads(item["reply"]), lambda item: asdict(Reply.of(json.loads(item["reply"])))),
    "scheduler": (lambda item: _but(item, "pk"), lambda item: Remembered.of(item).item()),
    "drive": (lambda item: _but(item, "pk", "page_token"), lambda item: _drive(item)),
}
"""By how a key begins: what an item says, and what is read of it."""


def _reference(item: Item) -> Any:
    return Reference.model_validate(item["reference"]).model_dump(mode="json") if "reference" in item else {}


def _drive(item: Item) -> Any:
    return (Mirrored if item["pk"] == "drive#mirror" else State).of(item).item()


def _but(item: Item, *names: str) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in names}


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def more(value: Item) -> dict[str, Any]:
    """What a later release may add, also to what stands inside."""
    inside = {name: more(value[name]) for name in ("reference", "book", "kept") if name in value}
    return {**value, **inside, "of_a_later_release": [1]}


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda path: path.stem)
def test_what_lies_there_is_read_whole_and_what_a_later_release_adds_is_passed_over(corpus: Path) -> None:
    read: set[str] = set()
    for item in json.loads(corpus.read_text("utf-8"))["runtime"]:
        kind = item["pk"].split("#")[0]
        if kind not in READERS:
            continue
        said, reading = READERS[kind]
        found = plain(reading(item))
        assert not lost(said(item), found), item["pk"]
        later = more(item)
        if "reply" in item:
            later = {**later, "reply": json.dumps(more(json.loads(item["reply"])))}
        assert plain(reading(later)) == found, item["pk"]
        read.add(kind)
    assert read == READERS.keys()


def test_a_kept_list_of_files_is_read_with_less_and_with_more_than_is_known() -> None:
    file = File("f_1", "cake.jpg", "image/jpeg", 3, "ab" * 16, 51_234, parents=("folder",))
    kept = plain(asdict(file))
    assert kept_file(kept) == file
    assert kept_file({**kept, "of_a_later_release": [1]}) == file
    assert kept_file({"id": "f_1"}) == File("f_1")
