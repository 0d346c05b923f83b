"""A fresh card by mail: for a link that is too old, to its recipient; from a post's own page, to all.

A post's own page has no signed link in its address, because the sheet shows that address to whoever reads the sheet. A device that acts
at once sees the post there, with its buttons. Everybody else sees one and the same page, whether there is such a post or not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from html import escape

from approve_handler.commit import EVERYTHING, Desk, Found, Seen
from approve_handler.decide import Verdict, standing
from approve_handler.frame import Frame
from approve_handler.views import LABEL, closed_page, lifts
from mesh.approvals import Action, Token, new_nonce
from mesh.batches import is_batch
from mesh.cards.pages import BY, Button, message
from mesh.door.devices import person
from mesh.door.limits import Limit, counted
from mesh.door.request import NO_POST
from mesh.errors import Conflict, TooOften
from mesh.events import Asked, Held, ReviewRequested
from mesh.ledger import Status
from mesh.schedule_time import say_with_zone

MAIL_ME = "Mail me a fresh card"
_TRIES = 4  # of a count that others are writing too
_GOOD_FOR = timedelta(days=1)
_TITLE = "Approve posts from your mail"


def recipient_limits(recipient: str) -> list[Limit]:
    """How often in ten minutes one recipient is mailed a fresh card."""
    return [Limit(f"rate#fresh#{person(recipient)}", 3)]


def door_limits(post_id: str) -> list[Limit]:
    """How often in ten minutes anybody at all may have fresh cards mailed: of one post, and of all."""
    of_one = [Limit(f"rate#post#{post_id}", 2)] if post_id != NO_POST else []
    return [*of_one, Limit("rate#post", 20)]


def as_it_is_now(token: Token, found: Found, now: datetime) -> Token:
    """The same posts at their current revisions, to be approved; a post with none keeps the link's."""
    current = {post_id: status.current_revision for post_id, status in found.statuses.items()}
    posts = tuple((post_id, current.get(post_id) or revision) for post_id, revision in token.posts)
    until = int((now + _GOOD_FOR).timestamp())
    update = {"action": Action.REVIEW, "posts": posts, "nonce": new_nonce(), "expires_at": until}
    return token.model_copy(update=update)


def waiting(desk: Desk, found: Found) -> list[Asked]:
    """Which of the posts that were read wait for a decision as they are now."""
    return [
        Asked(post_id=status.post_id, revision=status.current_revision)
        for status in found.statuses.values()
        if status.current_revision is not None and _waits(desk, status)
    ]


def _waits(desk: Desk, status: Status) -> bool:
    stands = standing(Action.REVIEW, status, status.current_revision or "", (), desk.zone)
    return stands.verdict is Verdict.OPEN


def ask(desk: Desk, found: Found, limits: list[Limit], only_for: str, now: datetime) -> int:
    """Count it, and have the cards mailed: how many posts. TooOften; Conflict where others keep counting; BusError."""
    wanted = waiting(desk, found)
    _count(desk, found, limits, now)
    if wanted:
        round_id = f"r_{new_nonce()}"
        desk.tell(ReviewRequested(posts=wanted, round_id=round_id, reason="fresh", only_for=only_for))
    return len(wanted)


def _count(desk: Desk, found: Found, limits: list[Limit], now: datetime) -> None:
    kept = found.kept
    for attempt in range(_TRIES):
        try:
            desk.ledger.count(counted(limits, kept, now, desk.ledger.names.runtime))
        except Conflict:
            if attempt == _TRIES - 1:
                raise
            kept = desk.ledger.deciding([], [limit.key for limit in limits])[1]
        else:
            return


# a link that is too old


def expired_page(frame: Frame, seen: list[Seen]) -> str:
    """How its posts stand, and a fresh card where something is left to decide."""
    extra = f"<ul>{''.join(f'<li>{escape(_stands(entry))}</li>' for entry in seen)}</ul>" if seen else ""
    open_ones = tuple((entry.post_id, entry.revision) for entry in seen if entry.standing.verdict is Verdict.OPEN)
    said = [
        "It was sent more than a month ago. This is how it stands:" if seen else "It was sent more than a month ago."
    ]
    if not open_ones:
        said += [] if seen else ["Please use the newest mail."]
        return frame.message("This link is too old", said, extra=extra, alert=True)
    return frame.message(
        "This link is too old", said, [Button(MAIL_ME, frame.soon_over(Action.FRESH, open_ones))], extra, alert=True
    )


def _stands(entry: Seen) -> str:
    what = entry.view.goes if entry.view is not None else entry.post_id
    waits = entry.standing.verdict is Verdict.OPEN and not entry.standing.sentence
    return f"{what}: {'it waits for your approval.' if waits else entry.standing.sentence}"


def press_page(frame: Frame, found: Found, recipient: str) -> str:
    """The recipient's own button. Of no post, while everything is on hold: the mail to all about it, which has the link that ends it."""
    try:
        count = ask(frame.desk, found, recipient_limits(recipient), recipient, frame.now)
    except TooOften as trouble:
        return frame.message("Not again so soon", [_again(frame.desk, trouble, frame.now)], alert=True)
    if not frame.token.posts and found.everything is not None:
        frame.desk.tell(Held(post_ids=[], scope=EVERYTHING))
        return frame.message(
            "A mail is on its way", ["It goes to all who approve, with a link that lets everything go on."]
        )
    if count == 0:
        return frame.message("Nothing is left to decide", ["Nothing was mailed."])
    return frame.message("A fresh card is on its way", [f"It goes to {recipient}, and to nobody else."])


def fresh_page(frame: Frame) -> str:
    return frame.message("Mail me a fresh card?", ["It goes to you alone."], [Button(MAIL_ME)])


def _again(desk: Desk, trouble: TooOften, now: datetime) -> str:
    when = say_with_zone(trouble.again_at, desk.zone, now=now)
    return f"Fresh cards were asked for several times just now; one should be in the mail. It works again at {when}."


# a post's own page


def strangers_page(nonce: str, root: bool) -> str:
    """The same for every post and for none; where no post is named, a field to name one."""
    said = ["Posts are approved from the mails about them. A fresh card goes by mail to those who approve."]
    if not root:
        return message(_TITLE, said, nonce, [Button(MAIL_ME)])
    form = (
        f'<form method="post" action="">{BY}<label for="post">The post\'s id, from the first column of the sheet</label>'
        '<p><input type="text" id="post" name="post" autocomplete="off" autocapitalize="off" spellcheck="false"></p>'
        f'<button type="submit" name="go" value="1">{MAIL_ME}</button></form>'
    )
    return message(_TITLE, said, nonce, extra=form)


def strangers_draft_page(the_id: str, nonce: str) -> str:
    """The same for every draft and for none: a signed link is in its mail, and nothing here sends another."""
    what = "plan" if is_batch(the_id) else "draft"
    said = [
        f"A mail brings the {what}, within a minute or so: its button opens it, to be accepted, changed or discarded.",
        "On a device that acts at once it opens here too. After a button from a mail, its page offers to make this such a device.",
    ]
    return message(f"Open the {what} from its mail", said, nonce)


def strangers_press(desk: Desk, post_id: str, nonce: str, now: datetime) -> str:
    """Says the same whatever there is."""
    limits = door_limits(post_id)
    statuses, kept = desk.ledger.deciding([post_id], [limit.key for limit in limits])
    try:
        ask(desk, Found(statuses, kept), limits, "", now)
    except TooOften as trouble:
        return message("Not again so soon", [_again(desk, trouble, now)], nonce, alert=True)
    return message("Look into your mail", ["If it waits for an approval, a card is on its way."], nonce)


def own_page(frame: Frame, entry: Seen) -> str:
    """The post as its recipient's device sees it: every button, none pressed by itself."""
    posts = ((entry.post_id, entry.revision),)
    held = entry.status is not None and entry.status.held is not None
    others = [
        Button("Release it", frame.link(Action.RELEASE, posts), "quiet")
        if held
        else Button(LABEL[Action.HOLD], frame.link(Action.HOLD, posts), "stop")
    ]
    if entry.standing.verdict is not Verdict.OPEN or entry.view is None:
        return closed_page(frame, entry)
    others.append(Button(LABEL[Action.SEND_NOW], frame.link(Action.SEND_NOW, posts), "quiet", lifts([entry])))
    approve = Button(LABEL[Action.REVIEW], frame.link(Action.REVIEW, posts), "", lifts([entry]))
    return frame.review([entry.view], approve, "Approve this post?", entry.standing.sentence, others)


def on_its_page(frame: Frame, root: str) -> Frame:
    """Links of a post's own page lead up to where links begin."""
    return replace(frame, root=root, text=root + frame.desk.signer.sign(frame.token))
