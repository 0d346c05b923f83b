"""What lies in the dead-letter queue: of whom it is, why it is there, and how it is sent once more. Pure.

Three kinds come there: an event that a rule could not deliver (its own text), a schedule's (its target's input), and what a function
failed at as often as it is tried (Lambda's record around the event). Everything that they wake asks the tables first, so that a letter may
be sent again at any time, and twice: what is over does nothing, and nothing goes out that is not approved as it is by then.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from local.operator.row_words import clipped
from mesh.events import REGISTRY, Retry, Send, parse

BUS, FUNCTION = "bus", "function"
_NOT_UNDERSTOOD = "its event is not understood by this version"


@dataclass(frozen=True)
class Letter:
    """``way``: by which it goes again, "" for one that is kept, and ``why_kept`` then says why. ``what``: the event or tick in a word.

    ``times``: how often it was tried, None where the letter does not say. ``about``: the post and channel, where it is one.
    """

    id: str
    at: datetime
    function: str
    what: str
    why: str
    times: int | None = None
    about: str = ""
    trace_id: str = ""
    way: str = ""
    why_kept: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict, repr=False)


def read(message: Mapping[str, Any], prefix: str, account: str) -> Letter:
    """A message as SQS gives it, with all its attributes. Whatever is in it, this raises nothing."""
    attributes = _attributes(message)
    moment = int((message.get("Attributes") or {}).get("SentTimestamp") or 0)
    at = datetime.fromtimestamp(moment / 1000, UTC)
    number = str(message.get("MessageId", ""))
    try:
        body = json.loads(str(message.get("Body", "")))
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return Letter(number, at, "", "", "", why_kept="it is not understood")
    if isinstance(body.get("requestPayload"), dict) and isinstance(body.get("requestContext"), dict):
        return _of_a_function(number, at, body, prefix, account)
    if "detail-type" in body:
        return _of_a_rule(number, at, body, attributes, prefix, account)
    return _of_a_schedule(number, at, body, attributes, prefix, account)


def _of_a_function(number: str, at: datetime, record: Mapping[str, Any], prefix: str, account: str) -> Letter:
    context, payload = record["requestContext"], record["requestPayload"]
    function = _function(str(context.get("functionArn", "")), prefix, account)
    response = record.get("responsePayload")
    error = response if isinstance(response, Mapping) else {}
    why = f"{clipped(error.get('errorType') or context.get('condition') or 'failed', 60)}"
    times = context.get("approximateInvokeCount")
    what, about, trace_id = _told(payload)
    facts: dict[str, Any] = {"times": times if isinstance(times, int) else None, "about": about, "trace_id": trace_id}
    if not function:
        return Letter(number, at, "", what, why, why_kept="it is of no function of this stack", **facts)
    if "detail-type" in payload and not _ours_or_aws(payload, prefix):
        return Letter(number, at, function, what, why, why_kept="its event is of another source", **facts)
    if payload.get("source") == prefix and not _whole(payload):
        return Letter(number, at, function, what, why, why_kept=_NOT_UNDERSTOOD, **facts)
    return Letter(number, at, function, what, why, way=FUNCTION, payload=payload, **facts)


def _of_a_rule(
    number: str, at: datetime, event: Mapping[str, Any], attributes: Mapping[str, str], prefix: str, account: str
) -> Letter:
    function = _function(attributes.get("TARGET_ARN", ""), prefix, account)
    why = clipped(attributes.get("ERROR_CODE") or "not delivered", 60)
    what, about, trace_id = _told(event)
    facts: dict[str, Any] = {"times": _number(attributes.get("RETRY_ATTEMPTS")), "about": about, "trace_id": trace_id}
    source = str(event.get("source", ""))
    if source == prefix and what in REGISTRY and _whole(event):
        return Letter(number, at, function, what, why, way=BUS, payload=event, **facts)
    if source.startswith("aws.") and function:  # the bus takes none of these from us
        return Letter(number, at, function, what, why, way=FUNCTION, payload=event, **facts)
    kept = "its event is of another source" if source != prefix else _NOT_UNDERSTOOD
    return Letter(number, at, function, what, why, why_kept=kept, **facts)


def _of_a_schedule(
    number: str, at: datetime, given: Mapping[str, Any], attributes: Mapping[str, str], prefix: str, account: str
) -> Letter:
    why = clipped(attributes.get("ERROR_CODE") or "not delivered", 60)
    times = _number(attributes.get("RETRY_ATTEMPTS"))
    function = _function(attributes.get("TARGET_ARN", ""), prefix, account)
    if function:
        what, about, trace_id = _told(given)
        return Letter(number, at, function, what, why, times, about, trace_id, FUNCTION, payload=given)
    group = f":{account}:schedule/{prefix}-bookings/"
    model = Send if given.get("attempt") == 1 else Retry
    try:
        detail = model.model_validate(given)
    except ValidationError:
        return Letter(number, at, "", "", why, times, why_kept="it is not understood")
    if group not in attributes.get("SCHEDULE_ARN", ""):
        return Letter(number, at, "", model.detail_type, why, times, why_kept="it is of no schedule of this stack")
    event = {"source": prefix, "detail-type": model.detail_type, "detail": detail.model_dump(mode="json")}
    what, about, trace_id = _told(event)
    return Letter(number, at, "sender", what, why, times, about, trace_id, BUS, payload=event)


def _told(event: Mapping[str, Any]) -> tuple[str, str, str]:
    """What it is, what it is about, and its trace id. Ids and names only."""
    found = event.get("detail")
    detail = found if isinstance(found, Mapping) else {}
    what = event.get("detail-type") or event.get("tick") or event.get("step") or ("poll" if "poll" in event else "")
    posts = detail.get("post_ids")
    listed = posts if isinstance(posts, list) else []
    ids = [str(detail["post_id"])] if detail.get("post_id") else [str(one) for one in listed]
    about = " ".join([*ids[:3], *(["…"] if len(ids) > 3 else []), str(detail.get("channel") or "")]).strip()
    return clipped(what, 60), clipped(about, 120), clipped(detail.get("trace_id", ""), 40)


def _whole(event: Mapping[str, Any]) -> bool:
    try:
        parse(dict(event))
    except (KeyError, ValidationError, TypeError):
        return False
    return True


def _ours_or_aws(event: Mapping[str, Any], prefix: str) -> bool:
    source = str(event.get("source", ""))
    return source == prefix or source.startswith("aws.")


def _function(arn: str, prefix: str, account: str) -> str:
    """ "sender" for this stack's own function of that name, "" for everything else."""
    parts = arn.split(":")
    ours = len(parts) >= 7 and parts[2] == "lambda" and parts[4] == account and parts[5] == "function"
    return clipped(parts[6].removeprefix(f"{prefix}-"), 64) if ours and parts[6].startswith(f"{prefix}-") else ""


def _attributes(message: Mapping[str, Any]) -> dict[str, str]:
    found = message.get("MessageAttributes") or {}
    return {str(name): str(value.get("StringValue", "")) for name, value in found.items()}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
