"""Which page answers a look or a press. Pure but for the fresh links a page offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from approve_handler.commit import Desk, Seen
from approve_handler.decide import APPROVING, Verdict, lift
from mesh.approvals import Action, Token
from mesh.cards.pages import Button, message, post_view, review
from mesh.ledger import State
from mesh.schedule_time import say_with_zone

LIFTS = "lifts"  # the form's field that names a hold shown beside its button
_LABEL = {
    Action.REVIEW: "Approve",
    Action.HOLD: "Hold this post",
    Action.SEND_NOW: "Approve and send now",
    Action.RELEASE: "Release this post",
    Action.HOLD_EVERYTHING: "Hold everything",
    Action.RELEASE_EVERYTHING: "Let everything go on",
}
_STOPS = {Action.HOLD, Action.HOLD_EVERYTHING}
_TITLE = {
    Action.REVIEW: "Approve this post?",
    Action.HOLD: "Hold this post?",
    Action.SEND_NOW: "Send this post now?",
    Action.RELEASE: "Release this post?",
    Action.HOLD_EVERYTHING: "Hold everything?",
    Action.RELEASE_EVERYTHING: "Let everything go on?",
}


def look_page(desk: Desk, token: Token, text: str, seen: Sequence[Seen], nonce: str) -> str:
    """What a link shows before anything is pressed. ``text`` is the token as the address has it."""
    able = [entry for entry in seen if entry.standing.verdict is Verdict.OPEN]
    if len(seen) == 1 and not able:
        return _closed_page(desk, token, seen[0], nonce)
    if not able:
        return message("Nothing is left to do here", [], nonce, extra=_lines(seen))
    views = [entry.view for entry in able if entry.view is not None]
    title, label = _TITLE[token.action], _LABEL[token.action]
    notes = [entry.standing.sentence for entry in able if entry.standing.sentence]
    if len(seen) > 1:
        title, label = f"Approve {_count(len(able))}?", f"Approve {'all ' if len(able) > 1 else ''}{len(able)}"
        notes = [_line(entry) for entry in able if entry.standing.sentence]
        if others := len(seen) - len(able):
            notes.append(f"{others} of the mail's posts need nothing from you any more, or have changed since.")
    what = Button(label, kind=_kind(token.action), fields=_lifts(able))
    if not views:  # a hold or a release, while the new preview is being made: the brake works all the same
        return message(title, [*notes, "Its new preview is being made."], nonce, [what])
    return review(views, text, nonce, what, title, " ".join(notes))


def _closed_page(desk: Desk, token: Token, entry: Seen, nonce: str) -> str:
    """One post whose button is not to be pressed: why, and the way on."""
    verdict, sentence = entry.standing.verdict, entry.standing.sentence
    status = entry.status
    if verdict in {Verdict.CHANGED, Verdict.SPENT}:
        title = "This has changed since" if verdict is Verdict.CHANGED else "This link was used already"
        if status is None or status.current_revision is None or entry.view is None:
            return message(title, [sentence, "Its new preview is being made; a new mail will ask about it."], nonce)
        fresh = desk.fresh(token, token.action, ((entry.post_id, status.current_revision),))
        label = f"{_LABEL[token.action]} (as it is now)"
        what = Button(label, fresh, _kind(token.action), _lifts([entry]))
        notes = [sentence]
        if status.held is not None and token.action in APPROVING:
            notes.append(f"{status.held.by} put it on hold. Approving it lifts the hold.")
        extra = f"<p class='faint'>This is how it stands now:</p>{post_view(entry.view, fresh)}"
        return message(title, notes, nonce, [what], extra)
    if verdict is Verdict.ALREADY:
        return message("Already decided", [sentence], nonce, _undo(desk, token, entry))
    titles = {
        Verdict.GONE: "This post is gone",
        Verdict.LEAVING: "It is on its way",
        Verdict.BROKEN: "This cannot be shown",
    }
    return message(titles.get(verdict, "Nothing to do"), [sentence], nonce)


def done_page(desk: Desk, token: Token, text: str, seen: Sequence[Seen], nonce: str) -> str:
    """What a press did. Where a hold was set while the page was open, the page is shown again with it."""
    done = [entry for entry in seen if entry.standing.verdict is Verdict.DONE]
    if len(seen) == 1:
        if not done:
            return look_page(desk, token, text, seen, nonce)
        return message(*_done_words(token.action, seen[0]), nonce, _undo(desk, token, seen[0]))
    return message(f"{len(done)} of {len(seen)} approved", [], nonce, extra=_lines(seen))


def _lines(seen: Sequence[Seen]) -> str:
    return f"<ul>{''.join(f'<li>{escape(_line(entry))}</li>' for entry in seen)}</ul>"


def _line(entry: Seen) -> str:
    name = entry.view.goes if entry.view is not None else entry.post_id
    return f"{name}: {'approved.' if entry.standing.verdict is Verdict.DONE else entry.standing.sentence}"


def _done_words(action: Action, entry: Seen) -> tuple[str, list[str]]:
    goes = entry.view.goes if entry.view is not None else ""
    match action:
        case Action.REVIEW:
            return "Approved", [f"It goes out {goes}, exactly as you saw it.", "You can close this page."]
        case Action.SEND_NOW:
            return "It goes out now", [
                "Exactly as you saw it, within a minute or two. The sheet will show the address."
            ]
        case Action.HOLD if entry.status is not None and entry.status.state is State.SENDING:
            return "On hold", ["What is leaving at this moment cannot be stopped any more; the rest will not go out."]
        case Action.HOLD:
            return "On hold", ["It will not go out until somebody releases it."]
        case _:
            return "Released", ["Where its approval stands it goes out as planned; otherwise a new mail asks."]


def _undo(desk: Desk, token: Token, entry: Seen) -> list[Button]:
    """The way back while there is time. A hold and its release need no preview."""
    status = entry.status
    if status is None:
        return []
    posts = ((entry.post_id, status.current_revision or entry.revision),)
    if status.held is not None:
        return [Button("Release it again", desk.fresh(token, Action.RELEASE, posts), "quiet")]
    if token.action is Action.SEND_NOW:
        return []
    label = "Hold it again" if token.action in {Action.RELEASE, Action.HOLD} else "Undo: hold it"
    return [Button(label, desk.fresh(token, Action.HOLD, posts), "quiet")]


def everything_page(desk: Desk, token: Token, nonce: str, hold: Mapping[str, Any] | None, *, pressed: bool) -> str:
    """Hold everything, or let it go on. ``hold`` is the hold on everything as it stands."""
    action = token.action
    if hold is not None and action is Action.HOLD_EVERYTHING:
        since = say_with_zone(datetime.fromisoformat(str(hold["at"])), desk.zone)
        said = [f"{hold['by']} held everything ({since}).", "Nothing goes out until somebody lets it go on."]
        return message("Everything is on hold", said, nonce, [_other(desk, token, Action.RELEASE_EVERYTHING)])
    if hold is None and action is Action.RELEASE_EVERYTHING:
        other = _other(desk, token, Action.HOLD_EVERYTHING)
        return message("Nothing is on hold", ["Approved posts go out as planned."], nonce, [other])
    if pressed:  # a spent release, or somebody else was faster
        said = ["Everything stands as before."]
        return message("This link was used already", said, nonce, [_other(desk, token, action)])
    said = (
        ["No post goes out on any channel until somebody lets it go on. Approvals stay as they are."]
        if action is Action.HOLD_EVERYTHING
        else ["Approved posts go out as planned again."]
    )
    return message(_TITLE[action], said, nonce, [Button(_LABEL[action], kind=_kind(action))])


def _other(desk: Desk, token: Token, action: Action) -> Button:
    return Button(_LABEL[action], desk.fresh(token, action, ()), "quiet")


def expired_page(nonce: str) -> str:
    said = ["It was sent more than a month ago.", "Tick the post in the sheet: that sends a fresh mail."]
    return message("This link is too old", said, nonce)


def _kind(action: Action) -> str:
    return "stop" if action in _STOPS else ""


def _lifts(seen: Sequence[Seen]) -> tuple[tuple[str, str], ...]:
    """The holds shown beside the button, said back by its form."""
    return tuple(
        (LIFTS, lift(entry.post_id, entry.status.held)) for entry in seen if entry.status and entry.status.held
    )


def _count(number: int) -> str:
    return "this post" if number == 1 else f"these {number} posts"
