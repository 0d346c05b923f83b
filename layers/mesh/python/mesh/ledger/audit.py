"""Audit rows: one per change, written in the change's own transaction, each holding the hash of the row before. Pure.

A chain belongs to a subject (``p_…``, ``p_…#channel``, ``channel#x-main``, ``everything``). The changed item itself keeps the chain's
head, so that the condition that guards the change guards the chain too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mesh.ledger.items import AuditHead

_WORDED = {"proposal", "wanted"}  # hold what a post will say
_WORDS = {"text", "texts", "alt", "link", "note", "quote", "message", "name", "error", "topic"}
_UNAUDITED = {"version", "audit", "shown", "post_id", "post_channel", "trace_id"}


@dataclass(frozen=True)
class Act:
    """Who does what, and when: what an audit row says beside before and after.

    ``how`` and ``revision`` are of a human's decision: mail, device or slack, and the revision it was about; "" in every other row.
    ``code`` and ``reason`` are of a move: why it was decided, for programs and for people; no word of a post's text is in them.
    """

    action: str
    by: str
    at: datetime
    trace_id: str = ""
    how: str = ""
    revision: str = ""
    code: str = ""
    reason: str = ""


def audit_row(
    subject: str, head: AuditHead, act: Act, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], AuditHead]:
    """The row, and the chain's new head. ``before`` and ``after`` hold only what differs."""
    seq = head.seq + 1
    ts = act.at.isoformat()
    changed = sorted(name for name in {*before, *after} - _UNAUDITED if before.get(name) != after.get(name))
    row: dict[str, Any] = {
        "subject": subject,
        "seq": f"{ts}#{seq:06d}",
        "ts": ts,
        "month": ts[:7],
        "action": act.action,
        "by_user": act.by,
        "trace_id": act.trace_id,
        **({"how": act.how} if act.how else {}),
        **({"revision": act.revision} if act.revision else {}),
        **({"code": act.code, "reason": act.reason} if act.code else {}),
        "before": _told(before, changed),
        "after": _told(after, changed),
        "previous": head.hash,
    }
    row["hash"] = row_hash(row)
    return row, AuditHead(seq=seq, hash=row["hash"])


def _told(values: Mapping[str, Any], changed: Iterable[str]) -> dict[str, Any]:
    told = {name: values[name] for name in changed if values.get(name) is not None}
    return {name: _without_words(value) if name in _WORDED else value for name, value in told.items()}


def _without_words(value: Any, name: str = "") -> Any:
    """Each text by its hash: the trail says that it was changed, and bears out what somebody has, but tells no word of it."""
    if isinstance(value, Mapping) and name not in _WORDS - {"note"}:
        return {key: _without_words(part, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_words(part, name) for part in value]
    if name in _WORDS and value:
        said = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=True)
        return f"sha256:{hashlib.sha256(said.encode('utf-8', 'surrogatepass')).hexdigest()}"
    return value


def row_hash(row: Mapping[str, Any]) -> str:
    """SHA-256 over everything in the row but its own hash."""
    body = {name: value for name, value in row.items() if name != "hash"}
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
