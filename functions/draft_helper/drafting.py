"""PLACEHOLDER."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from draft_helper import answers, model
from draft_helper.material import Request
from draft_helper.wiring import Parts
from mesh import clock
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DraftState, Wording


@dataclass(frozen=True)
class Outcome:
    post_id: str
    state: str
    error: str = ""


def asker(parts: Parts) -> model.Model:
    import boto3

    url = parts.settings.bedrock_url or None
    return model.Model(boto3.client("bedrock-runtime", endpoint_url=url, config=model.CONFIG), parts.settings.model)


def draft_one(parts: Parts, post_id: str, trace_id: str, context: Any) -> Outcome:
    now = clock.now()
    before = parts.ledger.status(post_id)
    assert before is not None
    assert before.proposal is not None
    if before.proposal.lease_until and datetime.fromisoformat(before.proposal.lease_until) > now:
        return Outcome(post_id, before.proposal.state.value)
    lease = (now + timedelta(seconds=150)).isoformat()

    def change(update: dict[str, Any]) -> Status | None:
        def changed(status: Status | None) -> Status | None:
            assert status is not None
            assert status.proposal is not None
            return status.model_copy(update={"proposal": status.proposal.model_copy(update=update)})

        return parts.ledger.change_status(post_id, Act("drafted", "draft-helper", now, trace_id), changed)

    change({"lease_until": lease})
    messages = [{"role": "user", "content": [{"text": before.proposal.note.text}]}]
    request = Request("", messages, {"toolSpec": {"name": "draft"}}, "draft-1", "draft", 500)
    try:
        reply = asker(parts).ask(request)
    except model.Unready:
        change({"lease_until": None})
        raise
    except (model.ModelError, answers.Malformed) as error:
        change({"state": DraftState.FAILED, "error": type(error).__name__, "lease_until": None})
        return Outcome(post_id, "failed", type(error).__name__)
    wording = Wording(text=str(reply.given.get("text", "")), by="model", at=now.isoformat())
    change({"state": DraftState.READY, "wordings": (wording,), "lease_until": None})
    return Outcome(post_id, "ready")


def requested(parts: Parts, detail: Any, context: Any) -> None:
    for post_id in detail.post_ids:
        draft_one(parts, post_id, detail.trace_id, context)
