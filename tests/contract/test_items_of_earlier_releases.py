"""Items and events as earlier releases wrote them: each is still read, whole, and what came later has a default."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from stored_shapes import FAMILIES, INPUTS, KNOWN, VALUES, WRITTEN, lost

from local.deploy import read_template
from mesh import events
from mesh.approvals import LIFETIME, Coder, Purpose, Signer, Token
from mesh.events import REGISTRY, parse
from mesh.ledger import Attempt, HeadState
from mesh.ledger.items import read_head, read_status
from mesh.ledger.verify import End, walk
from mesh.messages.slack_standing import Reference

ROOT = Path(__file__).resolve().parents[2]
CORPORA = sorted((ROOT / "tests" / "contract" / "items").glob("*.json"))
EVENTS = sorted(path for path in (ROOT / "events" / "bus").glob("*/v*.json") if re.fullmatch(r"v\d+\.json", path.name))
HELP = "see docs/upgrading.md: an addition with a default, or the reader one release before the writer"

each_corpus = pytest.mark.parametrize("corpus", CORPORA, ids=lambda path: path.stem)


def read(corpus: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(corpus.read_text("utf-8"))
    return found


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


def models_below(model: type[BaseModel]) -> set[type[BaseModel]]:
    return {model, *(deeper for below in model.__subclasses__() for deeper in models_below(below))}


def test_every_model_of_what_is_stored_is_held_to_what_was_written() -> None:
    stored = {model for family in FAMILIES for model in models_below(family)} - set(FAMILIES)
    shapes = {model for model in stored if model.__module__.split(".")[0] in ("mesh", "notifier")}
    named = {model for model in shapes if not model.__name__.startswith("_")}
    assert named - WRITTEN.keys() == set(), "a new one is put into tests/contract/stored_shapes.py"
    assert WRITTEN.keys() - named == {Reference, Token, events.Asked, events.Said, events.Upcoming}


@pytest.mark.parametrize("model", WRITTEN, ids=lambda model: model.__name__)
def test_a_field_that_came_later_has_a_default(model: type[BaseModel]) -> None:
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    assert required <= WRITTEN[model], HELP
    assert WRITTEN[model] <= model.model_fields.keys(), f"a field that is written has another name: {HELP}"


@pytest.mark.parametrize("model", WRITTEN, ids=lambda model: model.__name__)
def test_nothing_forbids_what_a_later_release_adds_but_what_an_approval_binds(model: type[BaseModel]) -> None:
    assert model.model_config.get("extra") == ("forbid" if model in KNOWN else "ignore")
    if model in KNOWN:
        assert model.model_fields.keys() == KNOWN[model], f"the release before reads no other field: {HELP}"


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_a_word_that_stands_in_a_store_or_a_link_is_never_taken_away(kind: type[StrEnum]) -> None:
    assert VALUES[kind] <= {str(one) for one in kind}, HELP


def test_a_schedule_that_fired_before_an_update_is_understood_after_it() -> None:
    resources = read_template(ROOT / "template.yaml")["Resources"].values()
    events_of = [event for one in resources for event in (one.get("Properties", {}).get("Events") or {}).values()]
    assert {event["Properties"]["Input"] for event in events_of if "Input" in event["Properties"]} >= INPUTS, HELP


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_of_every_purpose_that_was_signed_by_an_earlier_release_is_read(purpose: Purpose) -> None:
    signed = read(Path(__file__).parent / "signed_links.json")
    signer = Signer(tuple(signed["keys"]), "ss", purpose)
    assert signed["purposes"][str(purpose)]
    for link in signed["purposes"][str(purpose)]:
        found = signer.read(link["text"], datetime.fromtimestamp(link["says"]["expires_at"], UTC) - LIFETIME)
        assert found.model_dump(mode="json") == link["says"]
    code = signed["code"]
    assert Coder(tuple(signed["keys"]), "ss").is_right(code["digits"], code["id"], code["recipient"])


@pytest.mark.parametrize("sample", EVENTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_version_of_an_event_is_understood(sample: Path) -> None:
    event = json.loads(sample.read_text("utf-8"))
    detail = parse(event, "ss")
    assert type(detail) is REGISTRY[sample.parent.name]
    assert f"v{event['detail']['schema_version']}" == sample.stem
