"""The door: envelopes in, what is not handled is raised."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from moto_mesh import MotoMesh
from pydantic import ValidationError
from sender_stage import CHANNEL, POST, TEXT, Stage

from mesh.errors import Foreign, Misconfigured
from mesh.events import Detail, Held, Probe, Send
from mesh.ledger import HeadState
from sender import handler as door


@dataclass
class Context:
    milliseconds: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@pytest.fixture
def stage(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage(mesh)
    mesh.turn_clock(stage.now)

    def answer(request: httpx.Request) -> httpx.Response:
        return stage.google(request) if request.url.host == "google.example.test" else stage.networks(request)

    monkeypatch.setattr(door, "http_client", lambda: httpx.Client(transport=httpx.MockTransport(answer)))
    return stage


def envelope(detail: Detail) -> dict[str, Any]:
    return {"source": "ss", "detail-type": detail.detail_type, "detail": json.loads(detail.model_dump_json())}


def test_a_send_event_publishes_and_leaves_a_line_and_one_for_its_event_without_text_or_token(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    send = Send(post_id=POST, channel=CHANNEL, revision=stage.revision, attempt=1)

    door.handler(envelope(send), Context())

    assert stage.head().state is HeadState.SENT
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    emits, line = lines
    assert (emits["message"], emits["move"], emits["post_id"]) == ("emits", "ss.sent", POST)
    told = {name: line[name] for name in ("trace_id", "post_id", "channel", "got", "move", "attempt", "outcome")}
    assert told == {
        "trace_id": send.trace_id,
        "post_id": POST,
        "channel": CHANNEL,
        "got": "ss.send",
        "move": "send",
        "attempt": 1,
        "outcome": "ok",
    }
    assert TEXT not in str(lines)
    assert "stale" not in str(lines)


def test_unknown_fields_are_ignored_and_the_trace_goes_on(stage: Stage) -> None:
    event = envelope(Send(post_id=POST, channel=CHANNEL, revision=stage.revision, attempt=1, trace_id="t_abc"))
    event["detail"]["of_a_later_version"] = 1

    door.handler(event, Context())

    assert [sent.trace_id for sent in stage.mesh.events] == ["t_abc"]
    assert {row["trace_id"] for row in stage.mesh.audit(f"{POST}#{CHANNEL}")[1:]} == {"t_abc"}


def test_a_probe_asks_each_channel(stage: Stage) -> None:
    door.handler(envelope(Probe(channels=[CHANNEL])), Context())

    assert stage.networks.paths == ["com.atproto.server.getSession"]


def test_an_event_of_another_kind_is_raised(stage: Stage) -> None:
    with pytest.raises(TypeError, match=r"ss\.held"):
        door.handler(envelope(Held(post_ids=[POST])), Context())


@pytest.mark.parametrize(
    "detail", [{}, {"post_id": POST}, {"post_id": POST, "channel": 1, "revision": 2, "attempt": "x"}]
)
def test_a_malformed_detail_is_raised(stage: Stage, detail: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        door.handler({"source": "ss", "detail-type": "ss.send", "detail": detail}, Context())


@pytest.mark.parametrize("source", ["other", "aws.events", "", None])
def test_an_event_of_another_stack_is_refused_before_anything_is_read(stage: Stage, source: str | None) -> None:
    event = envelope(Send(post_id=POST, channel=CHANNEL, revision=stage.revision, attempt=1)) | {"source": source}
    before = len(stage.mesh.calls)

    with pytest.raises(Foreign):
        door.handler(event, Context())

    assert (stage.mesh.calls[before:], stage.networks.paths) == ([], [])


def test_a_missing_setting_is_named(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHEET_ID")

    with pytest.raises(Misconfigured, match="SHEET_ID"):
        door.handler(envelope(Probe(channels=[])), Context())
