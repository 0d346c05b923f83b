"""Which page answers a look or a press. Pure but for the fresh links a page offers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from approve_handler.commit import Desk, Seen
from approve_handler.decide import Verdict
from mesh.approvals import Action, Token
from mesh.cards.pages import Button, message, post_view, review

_BUTTON = {
    Action.REVIEW: Button("Approve"),
    Action.HOLD: Button("Hold this post", kind="stop"),
    Action.SEND_NOW: Button("Approve and send now"),
    Action.RELEASE: Button("Release this post"),
}
_TITLE = {
    Action.REVIEW: "Approve this post?",
    Action.HOLD: "Hold this post?",
    Action.SEND_NOW: "Send this post now?",
    Action.RELEASE: "Release this post?",
}


def look_page(desk: Desk, token: Token, text: str, seen: Sequence[Seen], nonce: str) -> str:
    """What a link shows before anything is pressed."""
    open_posts = [entry for entry in seen if entry.standing.verdict is Verdict.OPEN]
    if len(seen) == 1 and not open_posts:
        return _closed_page(desk, token, text, seen[0], nonce)
    views = [entry.view for entry in open_posts if entry.view is not None]
    if not views:
        return message("Nothing is left to do here", [f"{entry.standing.sentence}" for entry in seen], nonce)
    title, button = _TITLE[token.action], _BUTTON[token.action]
    if len(seen) > 1:
        title, button = f"Approve these {len(views)} posts?", Button(f"Approve all {len(views)}")
    others = len(seen) - len(views)
    note = f"{others} of the mail's posts need nothing from you any more, or have changed since." if others else ""
    return review(views, text, nonce, button, title, note)


def _closed_page(desk: Desk, token: Token, text: str, entry: Seen, nonce: str) -> str:
    """One post whose button is not to be pressed: why, and the way on."""
    verdict, sentence = entry.standing.verdict, entry.standing.sentence
    status = entry.status
    if verdict is Verdict.CHANGED and status is not None and status.current_revision and entry.view is not None:
        fresh = desk.fresh(token, token.action, ((entry.post_id, status.current_revision),))
        button = Button(_BUTTON[token.action].label + " (as it is now)", fresh, _BUTTON[token.action].kind)
        extra = f"<p class='faint'>This is how it stands now:</p>{post_view(entry.view, fresh)}"
        return message("This has changed since", [sentence], nonce, [button], extra)
    if verdict is Verdict.CHANGED:
        said = [sentence, "Its new preview is being made; a new mail will ask about it."]
        return message("This has changed since", said, nonce)
    if verdict is Verdict.ALREADY:
        return message("Already decided", [sentence], nonce, _undo(desk, token, entry))
    title = {Verdict.GONE: "This post is gone", Verdict.LEAVING: "It is on its way"}.get(verdict, "Nothing to do")
    return message(title, [sentence], nonce)


def done_page(desk: Desk, token: Token, seen: Sequence[Seen], nonce: str) -> str:
    """What a press did."""
    done = [entry for entry in seen if entry.standing.verdict is Verdict.DONE]
    if len(seen) == 1:
        if not done:
            return _closed_page(desk, token, "", seen[0], nonce)
        return message(*_done_words(token.action, seen[0]), nonce, _undo(desk, token, seen[0]))
    lines = "".join(f"<li>{_line(entry)}</li>" for entry in seen)
    return message(f"{len(done)} of {len(seen)} approved", [], nonce, extra=f"<ul>{lines}</ul>")


def _line(entry: Seen) -> str:
    when = escape(entry.view.goes) if entry.view is not None else escape(entry.post_id)
    said = "approved" if entry.standing.verdict is Verdict.DONE else entry.standing.sentence
    return f"{when}: {escape(said)}"


def _done_words(action: Action, entry: Seen) -> tuple[str, list[str]]:
    goes = entry.view.goes if entry.view is not None else ""
    match action:
        case Action.REVIEW:
            return "Approved", [f"It goes out {goes}, exactly as you saw it.", "You can close this page."]
        case Action.SEND_NOW:
            return "It goes out now", [
                "Exactly as you saw it, within a minute or two. The sheet will show the address."
            ]
        case Action.HOLD:
            return "On hold", ["It will not go out until somebody releases it."]
        case _:
            return "Released", ["Where its approval stands it goes out as planned; otherwise a new mail asks."]


def _undo(desk: Desk, token: Token, entry: Seen) -> list[Button]:
    """The way back while there is time."""
    status = entry.status
    if status is None or status.current_revision is None:
        return []
    posts = ((entry.post_id, status.current_revision),)
    if status.held is not None:
        return [Button("Release it again", desk.fresh(token, Action.RELEASE, posts), "quiet")]
    if token.action is Action.SEND_NOW:
        return []
    return [Button("Undo: hold it", desk.fresh(token, Action.HOLD, posts), "quiet")]


def everything_page(desk: Desk, token: Token, nonce: str, *, held: bool, pressed: bool) -> str:
    """Hold everything, or let it go on."""
    wants_hold = token.action is Action.HOLD_EVERYTHING
    if held == wants_hold:
        title = "Everything is on hold" if held else "Nothing is on hold"
        other = Action.RELEASE_EVERYTHING if held else Action.HOLD_EVERYTHING
        label = "Let everything go on" if held else "Hold everything"
        said = "Nothing goes out until somebody lets it go on." if held else "Approved posts go out as planned."
        return message(title, [said], nonce, [Button(label, desk.fresh(token, other, ()), "quiet")])
    if pressed:
        return message("Somebody else was first", ["Please open the link again to see how it stands."], nonce)
    if wants_hold:
        said = "No post goes out on any channel until somebody lets it go on. Approvals stay as they are."
        return message("Hold everything?", [said], nonce, [Button("Hold everything", kind="stop")])
    return message(
        "Let everything go on?", ["Approved posts go out as planned again."], nonce, [Button("Let everything go on")]
    )


def expired_page(nonce: str) -> str:
    said = ["It was sent more than a month ago.", "Tick the post in the sheet: that sends a fresh mail."]
    return message("This link is too old", said, nonce)
