"""Mails that come back: noted, told to the others, and said in the rows whose card did not arrive."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mesh import log
from mesh.approvals import How
from mesh.errors import Unreachable
from mesh.events import Trouble
from mesh.ledger import Act
from mesh.messages.bounced import TRIED_AGAIN_AFTER, Bounced, bounced, bounced_key, note_bounced
from mesh.messages.office import PostOffice
from notifier.returns import MOST_PASSING, PASSING_WITHIN, Return, came_back, read_return, trouble_sentence
from notifier.troubles import Room, hear_trouble

_NOTED_WITHIN = timedelta(minutes=1)  # after its mails a card is noted on its posts: a mail may come back before
_log = log.logger("notifier")


def hear_return(office: PostOffice, room: Room | None, event: Mapping[str, Any], now: datetime) -> dict[str, int]:
    """An event of SES's. The mark first, then the rows, then the message: delivered again, it finds what is done already."""
    told = {"mails": 0, "slack": 0}
    found = read_return(event, office.settings.mail_set)
    if found is None:
        log.line(_log, "no news of a mail of ours", reason=str(event.get("detail-type"))[:40])
        return told
    for address, reason in found.reasons.items():
        if found.passing and not _too_often(office, address, found, now):
            continue
        one = bounced(office.runtime, [address], now).get(address)
        if one is None:
            one = Bounced(found.kind, reason, now.isoformat())
            note_bounced(office.runtime, address, one, now)
        _note_on_rows(office, found, address, one, now)
        told = hear_trouble(office, room, _trouble(office, address, one), now)
    log.line(_log, "mail came back", outcome=found.kind, count=len(found.reasons))
    return told


def hear_from(office: PostOffice, post_ids: Iterable[str], now: datetime) -> None:
    """Whoever has decided by a link since their mails came back gets mails again. One read where nobody's come back.

    A click in Slack says nothing of a mailbox: it would have the others told of the same one after each of them.
    """
    unreachable = bounced(office.runtime, office.settings.people, now)
    if not unreachable:
        return
    acted: dict[str, str] = {}
    for status in office.ledger.statuses(post_ids).values():
        for deed in (status.approval, status.held):
            if deed is not None and deed.how != How.SLACK:
                acted[deed.by.lower()] = max(deed.at, acted.get(deed.by.lower(), ""))
    for address, one in unreachable.items():
        at = acted.get(address.lower())
        if at is not None and datetime.fromisoformat(at) > datetime.fromisoformat(one.at):
            office.runtime.forget(bounced_key(address))


def _too_often(office: PostOffice, address: str, found: Return, now: datetime) -> bool:
    """Full mailboxes and the like pass: only several mails within some days count. A mail counts once, however often it is told of."""
    key = f"passing#{address}"
    office.runtime.gather(key, found.message_id[:100], now + PASSING_WITHIN)
    return len(office.runtime.gathered(key, now)) >= MOST_PASSING


def _note_on_rows(office: PostOffice, found: Return, address: str, one: Bounced, now: datetime) -> None:
    """Unreachable, for another delivery, while the card itself is not noted yet."""
    if not found.round_id:
        return
    of_round = [
        status.post_id
        for status in office.ledger.open_statuses()
        if status.card is not None and status.card.round_id == found.round_id
    ]
    if not of_round and now < found.sent_at + _NOTED_WITHIN:
        raise Unreachable("a mail came back before its card was noted")
    act = Act("card came back", "notifier", now)
    for post_id in of_round:
        office.ledger.change_status(
            post_id,
            act,
            lambda before: came_back(
                before, found.round_id, address, one.sentence, elsewhere=bool(office.settings.slack_secret)
            ),
        )


def _trouble(office: PostOffice, address: str, one: Bounced) -> Trouble:
    """Stays in the tables: an event holds no address."""
    until = datetime.fromisoformat(one.at).astimezone(ZoneInfo(office.settings.tz_name)) + TRIED_AGAIN_AFTER
    values = {"kind": one.kind, "reason": one.reason}
    digest = hashlib.sha256(address.encode()).hexdigest()[:12]
    approves = address.lower() in {one.lower() for one in office.settings.people}
    message = trouble_sentence(address, values, f"{until:%A} {until.day} {until:%B}", approves=approves)
    return Trouble(cause=f"bounced#{digest}#{one.at}", message=message)
