"""Mails that come back: SES's own events for addresses that bounce or complain, by their name or on request.

As at SES's mailbox simulator (docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html) the part before the ``@``, up to a ``+``,
says what becomes of a mail: ``bounce``, ``softbounce`` and ``complaint``; here of any domain. ``POST /_local/returns`` says it of any other
address. SES tells only of mails that named a configuration set; its event goes on the bus after the call was answered, as there.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ministack.services import eventbridge

from local.orders import ENDLESS, Book, Ordered

KINDS = ("bounce", "softbounce", "complaint")


@dataclass
class Return(Ordered):
    """What becomes of the next mails to an address, "*" for any."""

    address: str
    kind: str

    @property
    def what(self) -> str:
        return f"mail to {'anybody' if self.address == '*' else self.address}: {self.kind}"


class Returns:
    """``now`` tells the stack's time. ``put`` takes one entry of PutEvents."""

    def __init__(self, now: Callable[[], datetime], put: Callable[[dict[str, Any]], None] | None = None) -> None:
        self._now = now
        self._put = put or _on_the_bus
        self.book: Book[Return] = Book(now)

    def order(self, body: Mapping[str, Any]) -> dict[str, str]:
        """``{"address": …, "kind": "bounce"}``, of any number of mails or of ``count``; the kind "" takes the order back. All that
        stand, by address. ValueError for a kind nobody knows.
        """
        address, kind = str(body["address"]).lower(), str(body.get("kind", "bounce"))
        if kind not in {"", *KINDS}:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        count = int(body.get("count", ENDLESS))
        if count < 1:
            raise ValueError("count is at least 1")
        for old in self.book.waiting():
            if old.address == address:
                self.book.take_back(old.id)
        if kind:
            self.book.add(Return(address, kind, count=count, name=str(body.get("name", ""))))
        return {order.address: order.kind for order in self.book.waiting()}

    def tell(self, request_body: bytes, message_id: str) -> None:
        """After SES took a mail: the events of those recipients to whom it cannot be delivered."""
        request = json.loads(request_body)
        mail_set = request.get("ConfigurationSetName")
        if not mail_set:
            return
        for address in (request.get("Destination") or {}).get("ToAddresses") or []:
            kind = self._kind(address)
            if kind:
                self._put(self._entry(kind, address, request, message_id))

    def _kind(self, address: str) -> str:
        ordered = self.book.take(lambda order: order.address in (address.lower(), "*"))
        local = address.partition("@")[0].partition("+")[0].lower()
        return ordered.kind if ordered else (local if local in KINDS else "")

    def _entry(self, kind: str, address: str, request: Mapping[str, Any], message_id: str) -> dict[str, Any]:
        moment = self._now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        tags = {one["Name"]: [one["Value"]] for one in request.get("EmailTags") or []}
        mail = {
            "timestamp": moment,
            "source": request.get("FromEmailAddress", ""),
            "messageId": message_id,
            "destination": [address],
            "headersTruncated": False,
            "tags": {"ses:configuration-set": [request["ConfigurationSetName"]], **tags},
        }
        found = _complaint(address, moment) if kind == "complaint" else _bounce(address, moment, hard=kind == "bounce")
        return {
            "Source": "aws.ses",
            "DetailType": "Email Complaint Received" if kind == "complaint" else "Email Bounced",
            "Detail": json.dumps({**found, "mail": mail}),
        }


def _bounce(address: str, moment: str, *, hard: bool) -> dict[str, Any]:
    status, said = ("5.1.1", "550 5.1.1 user unknown") if hard else ("4.2.2", "452 4.2.2 mailbox full")
    return {
        "eventType": "Bounce",
        "bounce": {
            "feedbackId": uuid.uuid4().hex,
            "bounceType": "Permanent" if hard else "Transient",
            "bounceSubType": "General" if hard else "MailboxFull",
            "bouncedRecipients": [
                {"emailAddress": address, "action": "failed", "status": status, "diagnosticCode": f"smtp; {said}"}
            ],
            "timestamp": moment,
        },
    }


def _complaint(address: str, moment: str) -> dict[str, Any]:
    return {
        "eventType": "Complaint",
        "complaint": {
            "feedbackId": uuid.uuid4().hex,
            "complainedRecipients": [{"emailAddress": address}],
            "complaintFeedbackType": "abuse",
            "timestamp": moment,
        },
    }


def _on_the_bus(entry: dict[str, Any]) -> None:
    """As SES does it, in the account and region of the call: nobody else may write a source that begins with ``aws.``."""
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
