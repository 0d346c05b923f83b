"""What SES tells of a mail that came back or was reported as spam, and what a row says of it. Pure.

The event's shape: docs.aws.amazon.com/ses/latest/dg, "Contents of event data that Amazon SES publishes", and for its envelope
docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ses.html (source ``aws.ses``, detail-types ``Email Bounced`` and ``Email Complaint
Received``). Whose mail it was stands in ``mail.tags``: the set under ``ses:configuration-set``, and the tags it was sent with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, ConfigDict, ValidationError

from mesh.ledger.items import Status
from mesh.messages.bounced import BOUNCE, COMPLAINT
from mesh.models import Deferred

ROUND = "round"  # the tag under which a card's mail says of which round it is
MAIL_SET = "ses:configuration-set"
MOST_PASSING = 3  # so many mails that could not be delivered for a passing reason count like one that never can be
PASSING_WITHIN = timedelta(days=7)

# RFC 3463: 5.1.x says that the address is none. The sub-types: the page above, "Bounce types".
_NO_MAILBOX = "the mailbox does not exist"
_REASONS = {
    "NoEmail": _NO_MAILBOX,
    "Suppressed": "SES sends nothing to this address because mails to it came back before",
    "OnAccountSuppressionList": "SES sends nothing to this address because mails to it came back before",
    "MailboxFull": "the mailbox is full",
    "MessageTooLarge": "their mail server takes no mail of this size",
    "ContentRejected": "their mail server does not like what the mails hold",
    "AttachmentRejected": "their mail server does not like what the mails hold",
}
_REFUSED = "their mail server refuses them"
_AS_SPAM = "somebody there marked a mail as spam"


class _Model(Deferred):
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="ignore")


class _Recipient(_Model):
    emailAddress: str  # noqa: N815 - SES's own name
    status: str = ""


class _Bounce(_Model):
    bounceType: str  # noqa: N815
    bounceSubType: str = ""  # noqa: N815
    bouncedRecipients: tuple[_Recipient, ...]  # noqa: N815


class _Complaint(_Model):
    complainedRecipients: tuple[_Recipient, ...]  # noqa: N815
    complaintFeedbackType: str | None = None  # noqa: N815


class _Mail(_Model):
    messageId: str  # noqa: N815
    timestamp: AwareDatetime
    tags: Mapping[str, tuple[str, ...]] = {}


class _Detail(_Model):
    mail: _Mail
    bounce: _Bounce | None = None
    complaint: _Complaint | None = None


@dataclass(frozen=True)
class Return:
    """``reasons`` by address. ``passing``: it may be delivered another time. ``round_id``: of the card it was, "" for another mail."""

    kind: str
    reasons: Mapping[str, str]
    passing: bool
    message_id: str
    sent_at: datetime
    round_id: str


def read_return(event: Mapping[str, Any], mail_set: str) -> Return | None:
    """None for an event that is not of this configuration set, or of a shape SES does not write, or says nothing that counts."""
    try:
        detail = _Detail.model_validate(event.get("detail"))
    except ValidationError:
        return None
    mail = detail.mail
    if not mail_set or mail.tags.get(MAIL_SET) != (mail_set,):
        return None
    round_id = next(iter(mail.tags.get(ROUND, ())), "")
    if detail.bounce is not None:
        reasons = {one.emailAddress: _reason(detail.bounce, one) for one in detail.bounce.bouncedRecipients}
        passing = detail.bounce.bounceType != "Permanent"
        return Return(BOUNCE, _plain(reasons), passing, mail.messageId, mail.timestamp, round_id)
    if detail.complaint is not None and detail.complaint.complaintFeedbackType != "not-spam":
        reasons = {one.emailAddress: _AS_SPAM for one in detail.complaint.complainedRecipients}
        return Return(COMPLAINT, _plain(reasons), False, mail.messageId, mail.timestamp, round_id)
    return None


def _reason(bounce: _Bounce, one: _Recipient) -> str:
    if bounce.bounceType == "Permanent" and one.status.startswith("5.1."):
        return _NO_MAILBOX
    return _REASONS.get(bounce.bounceSubType, _REFUSED)


def _plain(reasons: Mapping[str, str]) -> dict[str, str]:
    """SES may write ``Ada <ada@example.test>``; what has no address in it is left out."""
    found = {given.rpartition("<")[2].strip(" <>").lower(): reason for given, reason in reasons.items()}
    return {address: reason for address, reason in found.items() if "@" in address and len(address) <= 320}


def trouble_sentence(address: str, one: Mapping[str, str], until: str, *, approves: bool) -> str:
    """``one`` is what is noted of the address, ``until`` the day on which it is tried again. ``approves``: it is one of those who do."""
    said = "are reported as spam" if one["kind"] == COMPLAINT else "come back"
    known = "" if approves else " It is none of those who approve: the monthly recap goes there."
    way = " An approval or a hold by that person, by a link from a mail, ends this at once." if approves else ""
    return (
        f"Mails to {address} {said}: {one['reason']}.{known} Nothing more is mailed there until {until}; then it is tried again by itself."
        " Is the address wrong or gone? Whoever set this up puts another one into the stack's parameter"
        f" {'Recipients' if approves else 'Stakeholders'}.{way}"
    )


def came_back(before: Status | None, round_id: str, address: str, said: str, *, elsewhere: bool) -> Status | None:
    """The card's fate on a post's item after one of its mails came back; None where that is noted, or a newer round asks.

    ``elsewhere``: it stands in Slack too, so that it was asked about though nobody has a mail.
    """
    if before is None or before.card is None or before.card.round_id != round_id:
        return None
    card, sentence = before.card, f"{address}: {said}"
    if address in card.error.lower():
        return None
    left = max(0, card.sent_to - 1)
    update = {
        "error": "; ".join(part for part in (card.error, sentence) if part),
        "sent_to": left,
        "sent_at": card.sent_at if left or elsewhere else None,
    }
    return before.model_copy(update={"card": card.model_copy(update=update), "open": "1"})
