"""When somebody is asked about a post, pure. Every rule of the rounds stands here, each with its reason.

A round is one card about one revision, with links of its own. In this order:

* ``tick``, ``released``, ``late``: a person has just done something, or a time has passed. These go out at once.
* ``reminder``: about 24 and about 2 hours before it goes out, where the last card went out longer before that than a quarter of the
  lead: else that card is the reminder. Two at most for one revision. One that fell into an outage is sent when it is over, once,
  since it is then the last card for the earlier lead, too. Those that are nearly due come along on one card.
  Between 21:00 and 7:00 nobody is reminded: a phone that rings at 3:00 is switched off, and then so is the brake. What would fall
  into the night goes out just before it and not in the morning after: the question about a post at 7:30 is no use at 7:00.
* ``new`` and ``changed``: when the row was left alone for ten minutes, so that one edit is one mail. Due within two hours: at once.
  With a grouping in the rules doc they wait for its next moment. What goes out less than four hours after that moment does not wait:
  a card is answered when somebody reads mail, and that may be at noon. So a post written or mended after its group's card went out is
  asked about by itself where it cannot wait for the next. What was ready at a moment that an outage swallowed is asked about when it
  is over: the moment has passed, however many of them.
* the same round again, where its card was never sent.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mesh.ledger.items import Asking, FlagState, State, Status
from mesh.rulebook import Rulebook
from mesh.rulebook.model import Grouping
from mesh.schedule_time import effective_time, planned_moment
from scheduler.reasons import Code, because
from scheduler.steps import Clock, PostMove, Step, older

SEEN_WITHIN = timedelta(minutes=2)  # a row that drive-sync inserted is seen here by then; a later source is an edit
URGENT = timedelta(hours=2)  # due sooner than this: no quiet time
CARD_OVERDUE = timedelta(minutes=7)  # a card asked for and not sent by then was lost: ask for it again (docs/sweep.md)
TO_CLICK = timedelta(hours=4)  # between a common card and the first post on it
LEADS = (timedelta(hours=24), timedelta(hours=2))
FRESH = 4  # a card younger than this part of the lead is as good as the reminder
NIGHT = (time(21), time(7))
BEFORE_NIGHT = timedelta(minutes=20)  # a few sweeps: one that is lost does not cost the reminder
FAR = "9999-12-31T00:00:00+00:00"  # the due time of a row whose own cannot be read: last in the index, yet in it
_FIRST = datetime.min.replace(tzinfo=UTC)


def asking_move(status: Status, rulebook: Rulebook, clock: Clock, *, everything_held: bool = False) -> PostMove:
    """The step of a post with a package that nobody has approved and nobody holds.

    ``everything_held``: nothing goes out at all, so that a reminder of it would be none.
    """
    asked = status.asked
    if status.state is State.SENT:
        return PostMove(Step.REST, because(Code.OUT_ALREADY))
    goes_at = going_at(status, rulebook)
    if status.released_at is not None and (asked is None or asked.at < status.released_at):
        return PostMove(Step.ASK, because(Code.ASK_RELEASED), ask_reason="released")
    if asked is not None and asked.revision == status.current_revision:
        return _asked_move(status, asked, goes_at, rulebook, clock, everything_held=everything_held)
    new = asked is None and status.approval is None
    if goes_at - clock.now > URGENT:
        moment = _common_moment(status, goes_at, rulebook, clock)
        if moment is not None and moment > clock.now:
            return PostMove(Step.REST, because(Code.COMMON_CARD), asks_at=moment)
        if not _as_inserted(status) and not older(status.source_at, clock.quiet, clock.now):
            return PostMove(Step.REST, because(Code.EDITED_JUST_NOW))
    if new:
        return PostMove(Step.ASK, because(Code.ASK_NEW), ask_reason="new")
    return PostMove(Step.ASK, because(Code.ASK_CHANGED), ask_reason="changed")


def _asked_move(
    status: Status, asked: Asking, goes_at: datetime, rulebook: Rulebook, clock: Clock, *, everything_held: bool
) -> PostMove:
    """Asked about as it is now, and no answer yet."""
    now, passed = clock.now, goes_at + rulebook.late
    if passed < now and asked.reason != "late" and datetime.fromisoformat(asked.at) <= passed:
        return PostMove(Step.ASK, because(Code.ASK_LATE), ask_reason="late")
    may = not everything_held and asked.reminders < len(LEADS) and now < goes_at and not _at_night(now, rulebook.zone)
    if may and _reminder_due(status, goes_at, rulebook.zone, now):
        return PostMove(Step.ASK, because(Code.ASK_REMINDER), ask_reason="reminder")
    card = status.card
    if (card is None or card.round_id != asked.round_id) and older(asked.at, CARD_OVERDUE, now):
        return PostMove(Step.ASK_AGAIN, because(Code.CARD_LOST))
    near = may and _reminder_due(status, goes_at, rulebook.zone, now, early=True)
    return PostMove(Step.REST, because(Code.WAITS_FOR_ANSWER), comes_along=near)


def going_at(status: Status, rulebook: Rulebook) -> datetime:
    """When it goes out if it is approved in time: its own time, or the next allowed minute after it."""
    due = datetime.fromisoformat(status.due_at or FAR)
    return effective_time(due, rulebook, now=due).at or due


# reminders


def _reminder_due(status: Status, goes_at: datetime, zone: ZoneInfo, now: datetime, *, early: bool = False) -> bool:
    """``early``: or near enough that a reminder now would be as good."""
    last = _last_card(status)
    for lead in LEADS:
        moment = _before_the_night(goes_at - lead, zone)
        fresh_from = moment - lead / FRESH
        if last < fresh_from and (fresh_from if early else moment) <= now:
            return True
    return False


def _last_card(status: Status) -> datetime:
    """When the newest card about this revision was asked for, or went out where that was later."""
    asked, card = status.asked, status.card
    assert asked is not None
    moments = [asked.at]
    if card is not None and card.round_id == asked.round_id and card.sent_at is not None:
        moments.append(card.sent_at)
    return max(datetime.fromisoformat(moment) for moment in moments)


def _at_night(moment: datetime, zone: ZoneInfo) -> bool:
    clock = moment.astimezone(zone).time()
    return clock >= NIGHT[0] or clock < NIGHT[1]


def _before_the_night(moment: datetime, zone: ZoneInfo) -> datetime:
    """A moment of the day as it is; one of the night as shortly before that night began."""
    if not _at_night(moment, zone):
        return moment
    wall = moment.astimezone(zone)
    evening = wall.date() if wall.time() >= NIGHT[0] else wall.date() - timedelta(days=1)
    return planned_moment(evening, NIGHT[0], zone).at - BEFORE_NIGHT


# grouping


def _common_moment(status: Status, goes_at: datetime, rulebook: Rulebook, clock: Clock) -> datetime | None:
    """The moment that its card waits for, or waited for; None where it waits for none.

    Decided from what stands in the item, so that it is the same at every look: the first moment since the row was left alone and had
    come near enough to be prepared.
    """
    if rulebook.grouping is None:
        return None
    seen = datetime.fromisoformat(status.source_at) if status.source_at else _FIRST
    left_alone = seen if _as_inserted(status) or seen == _FIRST else seen + clock.quiet
    near = datetime.fromisoformat(status.due_at or FAR) - clock.horizon + clock.quiet
    moment = next_moment(rulebook.grouping, max(left_alone, near), rulebook.zone)
    return None if goes_at < moment + TO_CLICK else moment


def next_moment(grouping: Grouping, since: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of the grouping at ``since`` or after it, in UTC. In a gap of the clocks as a planned time, in a fold the first."""
    day = since.astimezone(zone).date()
    around = [day + timedelta(days=offset) for offset in range(-1, 9)]
    moments = (
        planned_moment(one, clock, zone).at
        for one in around
        for weekday, clock in grouping.moments
        if one.weekday() == weekday
    )
    return min(moment for moment in moments if moment >= since)


# what is noted


def asking(status: Status, round_id: str, reason: str, rulebook: Rulebook, now: datetime) -> Status:
    """Noted as asked, with the time it would go out if it were approved now: the card says both."""
    due = datetime.fromisoformat(status.due_at or FAR)
    effective = effective_time(due, rulebook, now=now, approved_at=now)
    revision, before = status.current_revision or "", status.asked
    same = before is not None and before.revision == revision
    asked = Asking(
        revision=revision,
        round_id=round_id,
        reason=reason,
        at=now.isoformat(),
        goes_at=effective.at.isoformat() if effective.at else None,
        why=effective.reason if effective.at != due else "",
        instead_of=before.instead_of if same and before is not None else _baseline(status, revision),
        shown=same and _was_shown(status),
        reminders=(before.reminders if same and before is not None else 0) + (reason == "reminder"),
    )
    return status.model_copy(update={"asked": asked, "asks_at": None, "open": "1"})


def _baseline(status: Status, revision: str) -> str:
    """What a new revision is compared with: the one that was approved, else the one last shown. What nobody saw is none."""
    approval, asked = status.approval, status.asked
    if approval is not None:
        return approval.revision if approval.revision != revision else ""
    if asked is None:
        return ""
    earlier = asked.revision if _was_shown(status) else asked.instead_of
    return earlier if earlier != revision else ""


def _was_shown(status: Status) -> bool:
    """A card about the revision last asked about has gone out."""
    asked, card = status.asked, status.card
    if asked is None:
        return False
    return asked.shown or (card is not None and card.round_id == asked.round_id and card.sent_at is not None)


# who asked for it


def _as_inserted(status: Status) -> bool:
    """A row that drive-sync put in and nobody has edited since: nobody is typing there."""
    if status.wanted is None or status.wanted.inserted_at is None or status.source_at is None:
        return False
    return datetime.fromisoformat(status.source_at) < datetime.fromisoformat(status.wanted.inserted_at) + SEEN_WITHIN


def ticked_by_hand(status: Status) -> bool:
    """A tick by hand that no card has answered yet."""
    flag = status.flag
    if flag is None or flag.state is not FlagState.HAND or (status.approved and status.held is None):
        return False
    return status.asked is None or status.asked.at < flag.at
