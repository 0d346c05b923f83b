"""Items and events as earlier releases wrote them: each is still read, whole, and what came later has a default."""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from mesh.events import REGISTRY, parse
from mesh.ledger import Attempt, Head, HeadState, Status
from mesh.ledger.item import Item
from mesh.ledger.items import read_head, read_status
from mesh.ledger.proposals import Proposal
from mesh.ledger.verify import End, walk

ROOT = Path(__file__).resolve().parents[2]
CORPORA = sorted((ROOT / "tests" / "contract" / "items").glob("*.json"))
EVENTS = sorted(path for path in (ROOT / "events" / "bus").glob("*/v*.json") if re.fullmatch(r"v\d+\.json", path.name))
MUST_BE_THERE: dict[type[Item], set[str]] = {
    Status: {"post_id"},
    Head: {"post_channel", "state", "revision"},
    Attempt: {"post_channel", "attempt", "revision", "started_at", "key_at"},
    Proposal: {"note", "state"},
}
"""What every release so far has written. A field that is added has a default, or what lies in the tables is read no more."""

each_corpus = pytest.mark.parametrize("corpus", CORPORA, ids=lambda path: path.stem)


def read(corpus: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(corpus.read_text("utf-8"))
    return found


def lost(before: Any, after: Any) -> bool:
    """Something that was said is not said any more."""
    if isinstance(before, dict):
        return not isinstance(after, dict) or any(lost(value, after.get(name)) for name, value in before.items())
    if isinstance(before, list):
        return len(before) != len(after) or any(map(lost, before, after))
    return bool(before != after)


def test_there_are_items_of_an_earlier_release() -> None:
    assert CORPORA
    assert EVENTS


@each_corpus
def test_every_item_is_read_and_nothing_of_it_is_lost(corpus: Path) -> None:
    items = read(corpus)
    for one in items["status"]:
        status = read_status(one)
        assert not status.broken, one["post_id"]
        assert not lost(one, status.model_dump(mode="json")), one["post_id"]
    for one in items["sends"]:
        if one["attempt"] == 0:
            head = read_head(one)
            assert head.state is not HeadState.BROKEN, one["post_channel"]
            assert not lost(one, head.model_dump(mode="json"))
        else:
            assert not lost(one, Attempt.model_validate(one).model_dump(mode="json"))


@each_corpus
def test_the_audit_of_an_earlier_release_still_verifies(corpus: Path) -> None:
    items = read(corpus)
    rows = sorted(items["audit"], key=lambda row: str(row["subject"]))
    chains = {subject: list(several) for subject, several in groupby(rows, key=lambda row: str(row["subject"]))}
    assert items["ends"]
    for subject, end in items["ends"].items():
        assert walk(subject, chains[subject], End(**end)) == ()


@each_corpus
def test_the_items_are_of_every_kind_that_there_is(corpus: Path) -> None:
    items = read(corpus)
    heads = {one["state"] for one in items["sends"] if one["attempt"] == 0}
    assert heads >= {"ready", "open", "sent", "unknown", "failed"}
    assert {one["result"] for one in items["sends"] if one["attempt"]} >= {"open", "ok", "fail", "unknown"}
    assert {one["state"] for one in items["status"]} >= {"draft", "queued", "sent", "failed", "held"}
    assert any(one.get("proposal") for one in items["status"])
    assert any(one.get("wanted") for one in items["status"])


@pytest.mark.parametrize("model", MUST_BE_THERE, ids=lambda model: model.__name__)
def test_a_field_that_came_later_has_a_default(model: type[Item]) -> None:
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    assert required <= MUST_BE_THERE[model]


def models_below(model: type[BaseModel]) -> set[type[BaseModel]]:
    return {model, *(deeper for below in model.__subclasses__() for deeper in models_below(below))}


def test_no_item_forbids_what_a_later_release_adds() -> None:
    assert all(model.model_config.get("extra") == "ignore" for model in models_below(Item))


@pytest.mark.parametrize("sample", EVENTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_version_of_an_event_is_understood(sample: Path) -> None:
    event = json.loads(sample.read_text("utf-8"))
    detail = parse(event, "ss")
    assert type(detail) is REGISTRY[sample.parent.name]
    assert f"v{event['detail']['schema_version']}" == sample.stem
