"""Sent mail as it was handed over: MiniStack keeps subject and bodies, but neither the MIME text nor its headers and
attachments.
"""

from __future__ import annotations

import base64
import json
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from local.aws.clock import StackClock
from local.aws.journal import Journal

MAILS_KEPT = 2_000


def keep_mail(journal: Journal, clock: StackClock, request_body: bytes) -> int:
    """One accepted SES v2 SendEmail, and its number. Raw content is kept byte for byte; simple content is put into MIME form."""
    request = json.loads(request_body)
    destination = request.get("Destination") or {}
    content = request.get("Content") or {}
    raw = _raw(request, content)
    message = message_from_bytes(raw, policy=policy.default)
    addressed = [
        address for kind in ("ToAddresses", "CcAddresses", "BccAddresses") for address in destination.get(kind) or []
    ]
    if not addressed and message["to"]:
        addressed = [str(address) for address in message["to"].addresses]
    return journal.append(
        at=clock.now().isoformat(),
        to=addressed,
        subject=str(message["subject"] or ""),
        raw_base64=base64.b64encode(raw).decode(),
        **{"from": request.get("FromEmailAddress") or str(message["from"] or "")},
    )


def _raw(request: dict[str, Any], content: dict[str, Any]) -> bytes:
    given = content.get("Raw")
    return base64.b64decode(given["Data"]) if given else bytes(_as_mime(request, content.get("Simple") or {}))


def _as_mime(request: dict[str, Any], simple: dict[str, Any]) -> EmailMessage:
    message = EmailMessage()
    message["From"] = request.get("FromEmailAddress", "")
    message["To"] = ", ".join((request.get("Destination") or {}).get("ToAddresses") or [])
    message["Subject"] = (simple.get("Subject") or {}).get("Data", "")
    body = simple.get("Body") or {}
    message.set_content((body.get("Text") or {}).get("Data", ""))
    if body.get("Html"):
        message.add_alternative(body["Html"]["Data"], subtype="html")
    return message
