"""Sent mail as it was handed over: MiniStack keeps subject and bodies, but neither the MIME text nor its headers and
attachments.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from local.aws.clock import StackClock
from local.aws.journal import Journal

MAILS_KEPT = 2_000


class Mails:
    """Every mail byte for byte, and a list of them that is read without any of their pictures."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._listed: dict[int, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def keep(self, clock: StackClock, request_body: bytes) -> int:
        """One accepted SES v2 SendEmail, and its number. Raw content is kept byte for byte; simple content is put into MIME form."""
        request = json.loads(request_body)
        destination = request.get("Destination") or {}
        content = request.get("Content") or {}
        raw = _raw(request, content)
        message = message_from_bytes(raw, policy=policy.default)
        addressed = [
            address
            for kind in ("ToAddresses", "CcAddresses", "BccAddresses")
            for address in destination.get(kind) or []
        ]
        if not addressed and message["to"]:
            addressed = [str(address) for address in message["to"].addresses]
        mail = {
            "at": clock.now().isoformat(),
            "to": addressed,
            "subject": str(message["subject"] or ""),
            "raw_base64": base64.b64encode(raw).decode(),
            "from": request.get("FromEmailAddress") or str(message["from"] or ""),
        }
        seq = self.journal.append(**mail)
        self._note(listed({"seq": seq, **mail}, message))
        return seq

    def listed(self, after: int, before: int | None, most: int | None) -> dict[str, Any]:
        """What ``page_of`` has of all that are kept."""
        return page_of(self.journal.after(0), after, before, most, self._told)

    def _told(self, mail: Mapping[str, Any]) -> dict[str, Any]:
        """A mail never changes: each is taken apart once."""
        with self._lock:
            told = self._listed.get(mail["seq"])
        if told is None:
            told = listed(mail, message_from_bytes(base64.b64decode(mail["raw_base64"]), policy=policy.default))
            self._note(told)
        return told

    def _note(self, told: dict[str, Any]) -> None:
        with self._lock:
            self._listed[told["seq"]] = told
            if len(self._listed) > MAILS_KEPT:
                del self._listed[min(self._listed)]


def page_of(
    kept: Sequence[Mapping[str, Any]],
    after: int,
    before: int | None,
    most: int | None,
    told: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    """``mails``: the newest ``most`` numbered between the two, oldest first, each as it is ``told``; ``count`` of all that are kept,
    and the number of the ``first`` of them, 0 where there is none.
    """
    found = [mail for mail in kept if mail["seq"] > after and (before is None or mail["seq"] < before)]
    chosen = found if most is None else found[max(0, len(found) - most) :]
    return {"mails": [told(mail) for mail in chosen], "count": len(kept), "first": kept[0]["seq"] if kept else 0}


def listed(mail: Mapping[str, Any], message: EmailMessage) -> dict[str, Any]:
    """A kept mail without its bodies but the plain text: ``seq at from to subject`` (decoded), ``message_id references text has_html``."""
    return {
        "seq": mail["seq"],
        "at": mail["at"],
        "from": str(message["From"] or mail["from"]),
        "to": str(message["To"] or ", ".join(mail["to"])),
        "subject": str(message["Subject"] or mail["subject"]),
        "message_id": str(message["Message-ID"] or ""),
        "references": str(message["References"] or ""),
        "text": part(message, "plain"),
        "has_html": bool(part(message, "html")),
    }


def part(message: EmailMessage, subtype: str) -> str:
    """The body that is text of this kind, "" where there is none."""
    body = message.get_body((subtype,))
    if body is None:
        return ""
    try:
        content = body.get_content()
    except (LookupError, ValueError):  # a charset nobody knows
        content = bytes(body.get_payload(decode=True) or b"").decode("utf-8", "replace")
    return str(content)


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
