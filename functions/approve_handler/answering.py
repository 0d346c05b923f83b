"""The owner's answer about a try that nobody could prove: found, not there, send again. What the link shows, and what its button does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from approve_handler.commit import Desk
from approve_handler.decide import Standing, Verdict
from approve_handler.frame import Frame
from mesh.approvals import Action, How, Token
from mesh.cards.model import CardPost, card_post, only_on
from mesh.cards.pages import Button, post_view
from mesh.errors import Conflict
from mesh.events import Answered, new_trace_id
from mesh.ledger import Act, Answer, Head, HeadState, Says, Status
from mesh.schedule_time import say_with_zone

_SAYS = {Action.FOUND: Says.FOUND, Action.NOT_THERE: Says.NOT_THERE, Action.SEND_AGAIN: Says.SEND_AGAIN}
_LABEL = {
    Action.FOUND: "Yes, it is there",
    Action.NOT_THERE: "No, it is not there",
    Action.SEND_AGAIN: "It is not there: send it again",
}
_SAID = {
    Says.FOUND: "it is there",
    Says.NOT_THERE: "it is not there",
    Says.SEND_AGAIN: "it is not there, send it again",
}
_DONE = {
    Says.FOUND: ("Noted: it is out", "The sheet will say so."),
    Says.NOT_THERE: ("Noted: it did not go out", "It stays so until somebody approves it again."),
    Says.SEND_AGAIN: ("It is sent again", "Within a minute or two, as long as it is approved and not on hold."),
}
_MENU = (Action.FOUND, Action.NOT_THERE, Action.SEND_AGAIN)


@dataclass(frozen=True)
class Question:
    """One try as it stands now. ``view`` is what was handed over, on that channel alone; None where it cannot be shown."""

    token: Token
    status: Status | None
    head: Head | None
    standing: Standing
    view: CardPost | None


# pure


def standing(token: Token, status: Status | None, head: Head | None, zone: ZoneInfo) -> Standing:
    """Whether the link's button may be pressed. Also where the row is gone by now: the post may be out all the same."""
    if status is None or head is None or status.broken or head.state is HeadState.BROKEN:
        return Standing(Verdict.GONE, "This post is not known any more.")
    if head.state is HeadState.SENT:
        return Standing(Verdict.LEAVING, f"It was found, it is out: {head.posted_url}".removesuffix(": "))
    given = status.answer_about(head)
    (_, revision), *_ = token.posts
    if (head.attempts, head.revision, head.state) != (token.attempt, revision, HeadState.UNKNOWN):
        return Standing(Verdict.CHANGED, "It was decided since what became of this try.")
    if given is not None:
        when = say_with_zone(datetime.fromisoformat(given.at), zone)
        return Standing(Verdict.ALREADY, f"{given.by} has answered already ({when}): {_SAID[given.says]}.")
    return Standing(Verdict.OPEN)


def answered(token: Token, before: Status | None, now: datetime, how: How) -> Status | None:
    """The post with the answer, or None where this try has one. The sender applies it to the head it is about, and to no other."""
    if before is None:
        return None
    (_, revision), *_ = token.posts
    told = (token.channel, revision, token.attempt)
    if any((one.channel, one.revision, one.attempt) == told for one in before.answers):
        return None
    answer = Answer(
        channel=token.channel,
        revision=revision,
        attempt=token.attempt,
        says=_SAYS[token.action],
        by=token.recipient,
        how=how,
        at=now.isoformat(),
    )
    others = tuple(one for one in before.answers if one.channel != token.channel)
    return before.model_copy(update={"answers": (*others, answer), "open": "1"})


# the tables


def look(desk: Desk, token: Token, now: datetime) -> Question:
    """Changes nothing."""
    (post_id, revision), *_ = token.posts
    (status, head, _), manifest = desk.together(
        [
            partial(desk.ledger.sending, post_id, token.channel),
            partial(desk.manifest, (post_id, revision), token.action),
        ]
    )
    view = card_post(status, manifest, now) if status is not None and manifest is not None else None
    return Question(
        token,
        status,
        head,
        standing(token, status, head, desk.zone),
        only_on(view, token.channel) if view is not None else None,
    )


def press(
    desk: Desk, token: Token, now: datetime, how: How = How.MAIL, question: Question | None = None
) -> tuple[Question, Answered | None]:
    """What stands afterwards, and the event to tell of it where this press was the answer. ``question`` is what was read just now."""
    question = question or look(desk, token, now)
    if question.standing.verdict is not Verdict.OPEN:
        return question, None
    (post_id, revision), *_ = token.posts
    trace_id = new_trace_id()
    act = Act(f"answered: {_SAYS[token.action]}", token.recipient, now, trace_id, how, revision)
    burn = [desk.ledger.nonce(token.nonce, token.expires_at)]
    try:
        after = desk.ledger.change_status(
            post_id,
            act,
            lambda before: answered(token, before, now, how),
            extra=burn,
            read={post_id: question.status} if question.status is not None else {},
        )
    except Conflict:  # an earlier press of this very link
        after = None
    if after is None:
        return look(desk, token, now), None
    done = Question(token, after, question.head, Standing(Verdict.DONE), question.view)
    return done, Answered(trace_id=trace_id, post_id=post_id, channel=token.channel)


# the pages


def page(frame: Frame, question: Question) -> str:
    """What became of the try, or the question with its three buttons."""
    desk, token, verdict = frame.desk, question.token, question.standing.verdict
    says = _SAYS[token.action]
    if verdict is Verdict.DONE:
        title, sentence = _DONE[says]
        return frame.message(title, [sentence])
    if verdict is not Verdict.OPEN:
        titles = {Verdict.ALREADY: "Already answered", Verdict.LEAVING: "It is out", Verdict.GONE: "This post is gone"}
        return frame.message(titles.get(verdict, "Nothing is left to answer"), [question.standing.sentence], alert=True)
    assert question.head is not None
    began = say_with_zone(datetime.fromisoformat(question.head.since or ""), desk.zone)
    sentences = [
        f"On {began}, this was handed over for {token.channel}, and no answer came back that could be trusted.",
        f"Please look at {token.channel} before you press.",
    ]
    if token.action is Action.SEND_AGAIN:
        sentences.append("If it is there after all, it would be there twice.")
    buttons = [Button(_LABEL[token.action]), *_others(frame)]
    extra = post_view(question.view, frame.text) if question.view is not None else ""
    return frame.message(f"Is this on {token.channel}?", sentences, buttons, extra)


def _others(frame: Frame) -> Sequence[Button]:
    token = frame.token
    rest = [action for action in _MENU if action is not token.action]
    return [Button(_LABEL[action], frame.link(action, token.posts), "quiet") for action in rest]
