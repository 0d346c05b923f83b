"""Cards in Slack: posted once per round, and every message brought up to date whatever was decided, from wherever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from mesh.approvals import LIFETIME
from mesh.cards.blocks import Message, question_message
from mesh.cards.model import Question, card_post, only_on
from mesh.events import ReviewRequested, Trouble
from mesh.ledger import Act, HeadState, Status
from mesh.messages.office import PostOffice
from mesh.messages.slack_rendering import divided, render_card
from mesh.messages.slack_room import SlackRoom
from mesh.messages.slack_standing import Reference, decided_question, note_slack
from mesh.packages import PackageBroken
from mesh.schedule_time import say_with_zone
from mesh.slack import SlackRefused
from notifier.decide import to_show


def post_card(room: SlackRoom, detail: ReviewRequested, now: datetime) -> int:
    """How many messages stand in the channel. What Slack refuses is noted on the posts and costs nobody their mail."""
    statuses = room.office.ledger.statuses(asked.post_id for asked in detail.posts)
    shown = to_show(detail, statuses)
    if not shown:
        return 0
    first = detail.posts[0].post_id
    base = Reference(
        key=f"slack#card#{detail.round_id}#{first}",
        round_id=detail.round_id,
        reason=detail.reason,
        pairs=tuple((status.post_id, status.current_revision or "") for status in shown),
        instead_of={status.post_id: status.asked.instead_of for status in shown if status.asked is not None},
        expires_at=int((now + LIFETIME).timestamp()),
    )
    count = 0
    for reference in divided(room, base, now):
        stands, error = False, ""
        try:
            stands = room.post(detail, reference, lambda one: render_card(room, one, now), now)
        except SlackRefused as refusal:
            error = str(refusal)
        count += stands
        if stands or error:  # else another delivery is at it
            note(room.office, detail, [post_id for post_id, _ in reference.pairs], error, now)
    return count


def note(office: PostOffice, detail: ReviewRequested, post_ids: Iterable[str], error: str, now: datetime) -> None:
    """Beside what became of the mails; "" where Slack took it."""
    act = Act("card refused by Slack" if error else "card sent to Slack", "notifier", now, detail.trace_id)
    for post_id in post_ids:
        office.ledger.change_status(post_id, act, lambda before: note_slack(before, detail.round_id, error, now))


# what became of a try


def post_question(room: SlackRoom, detail: Trouble, now: datetime) -> int:
    """The question with its three answers; nothing where it was settled meanwhile or cannot be shown."""
    (post_id,) = detail.post_ids
    status, head, _ = room.office.ledger.sending(post_id, detail.channel)
    if status is None or head is None or (head.state, head.attempts) != (HeadState.UNKNOWN, detail.attempt):
        return 0
    if status.answer_about(head) is not None:
        return 0
    base = Reference(
        key=f"slack#question#{detail.cause}#{now:%Y-%m-%d}",
        round_id=detail.trace_id,
        pairs=((post_id, head.revision),),
        expires_at=int((now + LIFETIME).timestamp()),
        channel_name=detail.channel,
        attempt=detail.attempt,
        began=head.since or now.isoformat(),
    )
    messages = render_question(room, base, now)
    count = 0
    for number in range(len(messages)):
        part = {"key": f"{base.key}#{number}", "piece": number, "pieces": len(messages)}
        reference = base.model_copy(update=part)
        count += room.post(detail, reference, lambda one: _question_part(room, one, now), now)
    return count


def render_question(room: SlackRoom, reference: Reference, now: datetime) -> list[Message]:
    """No message where what was handed over cannot be shown any more."""
    ((post_id, revision),) = reference.pairs
    status, head, _ = room.office.ledger.sending(post_id, reference.channel_name)
    zone = ZoneInfo(room.office.settings.tz_name)
    try:
        manifest = room.office.packages.read(post_id, revision)
    except PackageBroken:
        return []
    post = only_on(card_post(status or Status(post_id=post_id), manifest, now), reference.channel_name)
    question = Question(
        reference.channel_name, say_with_zone(datetime.fromisoformat(reference.began), zone), replace(post, links={})
    )
    return question_message(question, decided_question(status, head, reference, zone), room.hand(reference))


def _question_part(room: SlackRoom, reference: Reference, now: datetime) -> Message:
    messages = render_question(room, reference, now)
    return messages[min(reference.piece, len(messages) - 1)]


# what stands in the channel already


def bring_up_to_date(room: SlackRoom, post_ids: Iterable[str], now: datetime) -> int:
    """How many messages had to be changed. What Slack does not take now is raised: the event is delivered again and goes on."""
    changed = 0
    for reference in room.about(post_ids, now):
        if reference.attempt:
            if reference.share.acts and render_question(room, reference, now):
                changed += room.bring_up_to_date(reference, lambda one: _question_part(room, one, now), now)
        elif reference.share.acts or reference.opens:
            changed += room.bring_up_to_date(reference, lambda one: render_card(room, one, now), now)
    return changed
