"""The events on the bus: what is on disk is what the models say, and no post's text is ever in one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from local.generate import FOLDER, ROOT, drift, generated_files, main
from mesh.events import REGISTRY, Detail, parse

MODELS = sorted(REGISTRY.values(), key=lambda model: model.detail_type)
# A field that is not here is a decision: ids and words of ours may travel, what the owner wrote may not.
FIELDS = {
    "only_for", "code_id", "batch_id",
    "schema_version", "trace_id", "post_id", "post_ids", "posts", "revision", "round_id", "channel", "channels", "attempt",
    "outcome", "reason", "scope", "cause", "message", "words_key", "also", "ended",
}  # fmt: skip
NAMES_OF_THE_SHEET = {
    "text",
    "alt",
    "alt_text",
    "link",
    "image",
    "images",
    "note",
    "title",
    "body",
    "row",
    "rows",
    "content",
}

each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.detail_type)


def stored(model: type[Detail], name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((ROOT / FOLDER / model.detail_type / name).read_text("utf-8"))
    return found


def test_what_is_on_disk_is_what_the_models_say() -> None:
    assert drift(ROOT, generated_files()) == []


def test_drift_is_named_and_fails_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(tmp_path)]) == 0
    sample = tmp_path / FOLDER / "ss.send" / "v1.json"
    sample.write_text(sample.read_text().replace("bluesky-main", "bluesky-other"))
    (tmp_path / FOLDER / "ss.unheard").mkdir()
    shutil.rmtree(tmp_path / FOLDER / "ss.sent")
    assert main(["--check", "--root", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "ss.send/v1.json is not what" in told
    assert "ss.unheard is of no event" in told
    assert "ss.sent/v1.schema.json is missing" in told
    assert "bluesky-other" in sample.read_text()


@each_model
def test_a_stored_sample_is_a_whole_envelope_and_parses(model: type[Detail]) -> None:
    event = stored(model, "v1.json")
    assert {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"} == set(event)
    assert parse(event) == model.sample()


@each_model
def test_a_stored_sample_fits_its_schema(model: type[Detail]) -> None:
    schema = stored(model, "v1.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(stored(model, "v1.json")["detail"], schema)


@each_model
def test_a_consumer_ignores_what_it_does_not_know(model: type[Detail]) -> None:
    event = stored(model, "v1.json")
    event["detail"] = {**model.sample().model_dump(), "added_later": {"deep": 1}}
    assert parse(event) == model.sample()


@each_model
def test_every_detail_carries_its_version_and_its_trace(model: type[Detail]) -> None:
    sent = json.loads(model.sample().model_dump_json())
    assert (sent["schema_version"], sent["trace_id"]) == (1, "t_0123456789abcdef")
    assert {"schema_version", "trace_id"} <= set(stored(model, "v1.schema.json")["required"])  # type: ignore[call-overload]


@each_model
def test_no_field_is_an_owners_words(model: type[Detail]) -> None:
    schema = stored(model, "v1.schema.json")
    definitions: dict[str, dict[str, dict[str, object]]] = schema.get("$defs", {})  # type: ignore[assignment]
    names = set(schema["properties"]).union(*(inner["properties"] for inner in definitions.values()))  # type: ignore[call-overload]
    assert names <= FIELDS
    assert not names & NAMES_OF_THE_SHEET
    assert "message" not in names or model.detail_type == "ss.trouble"


@each_model
def test_a_list_that_may_be_split_is_a_list_of_the_event(model: type[Detail]) -> None:
    if model.splittable:
        assert isinstance(getattr(model.sample(), model.splittable), list)
