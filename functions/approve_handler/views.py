"""Which page answers a look or a press. Pure but for the fresh links a page offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from approve_handler.commit import Seen
from approve_handler.decide import APPROVING, Verdict, lift
from approve_handler.frame import LIFTS, Frame
from mesh.approvals import Action, How
from mesh.cards.changes import changes_html, compare
from mesh.cards.pages import Button, post_view
from mesh.cards.previews import PAGE
from mesh.ledger import State

LABEL = {
    Action.REVIEW: "Approve",
    Action.HOLD: "Hold this post",
    Action.SEND_NOW: "Approve and send now",
    Action.RELEASE: "Release this post",
}
_TITLE = {
    Action.REVIEW: "Approve this post?",
    Action.HOLD: "Hold this post?",
    Action.SEND_NOW: "Send this post now?",
    Action.RELEASE: "Release this post?",
}
_CLOSED = {
    Verdict.GONE: "This post is gone",
    Verdict.LEAVING: "It is out, or on its way",
    Verdict.BROKEN: "This cannot be shown",
}
_OPENING_CHARACTERS = 40
_ACTS_AT_ONCE = frozenset({Action.REVIEW, Action.HOLD})


def acts_at_once(frame: Frame, seen: Sequence[Seen]) -> bool:
    """Whether opening the link is enough: approve or hold, on the recipient's own device, and nothing beside the button needs an eye.

    A hold that would be lifted, a post that changed, a preview that cannot be shown or a hold on everything leave it to the button.
    """
    if frame.device is None or frame.everything is not None or frame.token.action not in _ACTS_AT_ONCE:
        return False
    return all(entry.standing.verdict is Verdict.OPEN and not entry.standing.sentence for entry in seen)


def look_page(frame: Frame, seen: Sequence[Seen], *, alert: bool = False) -> str:
    """What a link shows before anything is pressed."""
    token = frame.token
    able = [entry for entry in seen if entry.standing.verdict is Verdict.OPEN]
    if len(seen) == 1 and not able:
        return closed_page(frame, seen[0])
    if not able:
        return frame.message("Nothing is left to do here", [], extra=_lines(seen))
    views = [entry.view for entry in able if entry.view is not None]
    title, label = _TITLE[token.action], LABEL[token.action]
    notes = [entry.standing.sentence for entry in able if entry.standing.sentence]
    if len(seen) > 1:
        title, label = f"Approve {_count(len(able))}?", f"Approve {'all ' if len(able) > 1 else ''}{len(able)}"
        notes = [_line(entry) for entry in able if entry.standing.sentence]
        if others := len(seen) - len(able):
            notes.append(f"{others} of the mail's posts need nothing from you any more, or have changed since.")
    what = Button(label, kind=kind_of(token.action), fields=lifts(able))
    if not views:  # a hold or a release, while the new preview is being made: the brake works all the same
        return frame.message(title, [*notes, "Its new preview is being made."], [what])
    if (
        len(seen) == 1 and views[0].revision != seen[0].revision
    ):  # a hold of what has changed since: its pictures are of now
        frame = replace(frame, text=frame.link(token.action, ((seen[0].post_id, views[0].revision),)))
    return frame.review(views, what, title, " ".join(notes))


def closed_page(frame: Frame, entry: Seen) -> str:
    """One post whose button is not to be pressed: why, and the way on."""
    token = frame.token
    verdict, sentence = entry.standing.verdict, entry.standing.sentence
    if verdict in {Verdict.CHANGED, Verdict.SPENT}:
        return _as_it_is_now(frame, entry)
    if verdict is Verdict.ALREADY:
        shown = post_view(entry.view, frame.text) if entry.view is not None and token.action in APPROVING else ""
        return frame.message("Already decided", [sentence], _undo(frame, entry), shown)
    return frame.message(_CLOSED.get(verdict, "Nothing to do"), [sentence], alert=True)


def _as_it_is_now(frame: Frame, entry: Seen) -> str:
    """The link is of an older revision, or spent: what stands now beside what changed, and a fresh button for it."""
    token, status = frame.token, entry.status
    changed = entry.standing.verdict is Verdict.CHANGED
    title = "This has changed since" if changed else "This link was used already"
    sentence = entry.standing.sentence
    if status is None or status.current_revision is None or entry.view is None:
        said = [sentence, "Its new preview is being made; a new mail will ask about it."]
        return frame.message(title, said, alert=True)
    fresh = frame.link(token.action, ((entry.post_id, status.current_revision),))
    what = Button(f"{LABEL[token.action]} (as it is now)", fresh, kind_of(token.action), lifts([entry]))
    notes = [sentence]
    if status.held is not None and token.action in APPROVING:
        notes.append(f"{status.held.by} put it on hold. Approving it lifts the hold.")
    extra = ""
    if changed and entry.asked is not None and entry.current is not None:

        def address(image: object, revision: str) -> str:
            return f"{frame.text if revision == entry.revision else fresh}/image/{getattr(image, 'sha256', '')}"

        extra += changes_html(compare(entry.asked, entry.current), address, PAGE)
    extra += f"<p class='faint'>This is how it stands now:</p>{post_view(entry.view, fresh)}"
    return frame.message(title, notes, [what], extra, alert=True)


def done_page(frame: Frame, seen: Sequence[Seen], how: How = How.MAIL) -> str:
    """What a press did. Where a hold was set while the page was open, the page is shown again with it."""
    done = [entry for entry in seen if entry.standing.verdict is Verdict.DONE]
    if not done:
        return look_page(frame, seen)
    opened = how is How.DEVICE
    if len(seen) == 1:
        title, said = _done_words(frame.token.action, seen[0])
        if opened:
            said = ["You opened its link on a device that acts at once.", *said]
        below = _shown(frame, done) if opened else frame.offer()
        return frame.message(title, said, _undo(frame, seen[0], big=opened), below=below)
    title = f"{len(done)} of {len(seen)} approved"
    said = ["You opened their link on a device that acts at once."] if opened else []
    buttons = [button for entry in done for button in _undo(frame, entry, of=_named(entry))] if opened else []
    return frame.message(title, said, buttons, _lines(seen), below=_shown(frame, done) if opened else frame.offer())


def _shown(frame: Frame, done: Sequence[Seen]) -> str:
    """What was decided by opening a link, to be looked at in peace: the page before it was gone too soon."""
    return "".join(post_view(entry.view, frame.text) for entry in done if entry.view is not None)


def _lines(seen: Sequence[Seen]) -> str:
    return f"<ul>{''.join(f'<li>{escape(_line(entry))}</li>' for entry in seen)}</ul>"


def _line(entry: Seen) -> str:
    return f"{_goes(entry)}: {'approved.' if entry.standing.verdict is Verdict.DONE else entry.standing.sentence}"


def _named(entry: Seen) -> str:
    """The first words of a post, and when it goes."""
    if entry.view is None or not entry.view.previews:
        return _goes(entry)
    words = " ".join(entry.view.previews[0].text.split())
    return f"{words if len(words) <= _OPENING_CHARACTERS else words[:_OPENING_CHARACTERS] + '…'}, {entry.view.goes}"


def _goes(entry: Seen) -> str:
    return entry.view.goes if entry.view is not None else entry.post_id


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


def _undo(frame: Frame, entry: Seen, *, big: bool = False, of: str = "") -> list[Button]:
    """The way back while there is time. A hold and its release need no preview. ``of`` says which of several posts it is."""
    status, action = entry.status, frame.token.action
    if status is None:
        return []
    posts = ((entry.post_id, status.current_revision or entry.revision),)
    if status.held is not None:
        return [Button("Release it again", frame.link(Action.RELEASE, posts), "" if big else "quiet")]
    if action is Action.SEND_NOW:
        return []
    label = "Hold it again" if action in {Action.RELEASE, Action.HOLD} else "Undo: hold it"
    return [Button(f"{label} ({of})" if of else label, frame.link(Action.HOLD, posts), "stop" if big else "quiet")]


def kind_of(action: Action) -> str:
    return "stop" if action is Action.HOLD else ""


def lifts(seen: Sequence[Seen]) -> tuple[tuple[str, str], ...]:
    """The holds shown beside the button, said back by its form."""
    return tuple(
        (LIFTS, lift(entry.post_id, entry.status.held)) for entry in seen if entry.status and entry.status.held
    )


def _count(number: int) -> str:
    return "this post" if number == 1 else f"these {number} posts"
