"""Which event does what in Slack. Mails are another matter: neither waits for the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from mesh.approvals import LIFETIME
from mesh.cards.blocks import Message, everything_message
from mesh.cards.model import say_hold
from mesh.events import Approved, Detail, DraftReady, Held, Released, ReviewRequested, Sent, Trouble, Voided
from mesh.messages.slack_room import SlackRoom
from mesh.messages.slack_standing import Reference
from mesh.slack import SlackRefused
from notifier.planning import is_of_a_plan
from notifier.slack_cards import bring_up_to_date, post_card, post_question
from notifier.slack_drafts import post_drafts
from notifier.slack_plans import post_plan

_EVERYTHING = "slack#everything"  # gathers the messages about the hold on everything as a post's are


def tell_slack(room: SlackRoom, detail: Detail, now: datetime) -> int:
    """How many messages were posted or changed. SlackRefused is noted where a card is concerned, and passes elsewhere as nothing to do."""
    match detail:
        case ReviewRequested() if detail.only_for:  # somebody asked for a mail
            return 0
        case ReviewRequested():
            posted = post_card(room, detail, now)
            return posted + bring_up_to_date(room, [asked.post_id for asked in detail.posts], now)
        case DraftReady() if is_of_a_plan(detail):
            return _refused_is_none(lambda: post_plan(room, detail, now))
        case DraftReady():
            return _refused_is_none(lambda: post_drafts(room, detail, now))
        case Held() | Released() if detail.scope == "everything":
            return _everything(room, detail, now)
        case Approved() | Held() | Released() | Voided():
            return bring_up_to_date(room, detail.post_ids, now)
        case Sent():  # and ss.failed, which is one
            return bring_up_to_date(room, [detail.post_id], now)
        case Trouble() if detail.attempt and len(detail.post_ids) == 1:
            return _refused_is_none(lambda: post_question(room, detail, now))
        case _:
            return 0


def _everything(room: SlackRoom, detail: Held | Released, now: datetime) -> int:
    """The news itself, with the way back while the hold stands; earlier news loses its button, and every open card says how it stands."""
    reference = Reference(
        key=f"{_EVERYTHING}#{detail.trace_id}",
        round_id=detail.trace_id,
        reason="held" if isinstance(detail, Held) else "released",
        pairs=(),
        expires_at=int((now + LIFETIME).timestamp()),
    )

    def render(one: Reference) -> Message:
        hold = room.office.hold_on_everything()
        if hold is not None and one.reason == "held":
            said = say_hold(hold, ZoneInfo(room.office.settings.tz_name))
            said += " Nothing goes out until somebody lets it go on. Approvals stand as they are."
            return everything_message(held=True, sentence=said, hand=room.hand(one))
        said = "The hold on everything was lifted; approved posts go out again."
        return everything_message(held=False, sentence=said, hand=room.hand(one))

    def post() -> int:
        stands = room.post(detail, reference, render, now)
        room.office.runtime.gather(_EVERYTHING, reference.key, now + LIFETIME)
        return int(stands)

    count = _refused_is_none(post)
    for key in room.office.runtime.gathered(_EVERYTHING, now):
        earlier = room.recall(key, now)
        if earlier is not None and not earlier.gone:
            count += room.bring_up_to_date(earlier, render, now)
    return count + bring_up_to_date(room, [status.post_id for status in room.office.ledger.open_statuses()], now)


def _refused_is_none(post: Callable[[], int]) -> int:
    """The mails say it too, and no row has a place for it."""
    try:
        return post()
    except SlackRefused:
        return 0
