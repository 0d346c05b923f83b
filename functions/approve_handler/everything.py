"""The brake over all: hold everything, and let it go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from approve_handler.frame import Frame, held_by
from mesh.approvals import Action
from mesh.cards.pages import Button
from mesh.errors import TooOften
from mesh.schedule_time import say_with_zone

MAIL_ME_THE_RELEASE = "Mail us a link to let it go on"
ACTIONS = frozenset({Action.HOLD_EVERYTHING, Action.RELEASE_EVERYTHING})
_LABEL = {Action.HOLD_EVERYTHING: "Hold everything", Action.RELEASE_EVERYTHING: "Let everything go on"}
_TITLE = {Action.HOLD_EVERYTHING: "Hold everything?", Action.RELEASE_EVERYTHING: "Let everything go on?"}


def everything_page(frame: Frame, hold: Mapping[str, Any] | None, *, pressed: bool) -> str:
    """``hold`` is the hold on everything as it stands: who set it and since when is said wherever it stands."""
    action = frame.token.action
    frame = replace(frame, everything=hold)
    if hold is not None and action is Action.HOLD_EVERYTHING:
        said = [f"Held by {held_by(hold, frame.desk)}.", "Nothing goes out until somebody lets it go on."]
        return frame.message("Everything is on hold", said, [_other(frame, Action.RELEASE_EVERYTHING)])
    if hold is None and action is Action.RELEASE_EVERYTHING:
        other = _other(frame, Action.HOLD_EVERYTHING)
        return frame.message("Nothing is on hold", ["Approved posts go out as planned."], [other])
    if pressed:  # a spent release, or somebody else was faster
        said = ["Everything stands as before."]
        return frame.message("This link was used already", said, [_other(frame, action)], alert=True)
    said = (
        ["No post goes out on any channel until somebody lets it go on. Approvals stay as they are."]
        if hold is None
        else [f"Held by {held_by(hold, frame.desk)}.", "Approved posts go out as planned again."]
    )
    kind = "stop" if action is Action.HOLD_EVERYTHING else ""
    return frame.message(_TITLE[action], said, [Button(_LABEL[action], kind=kind)])


def too_often_page(frame: Frame, trouble: TooOften) -> str:
    """It went to and fro too often lately. Each post's own hold works all the same."""
    now = "Everything is on hold now" if frame.everything is not None else "Nothing is held with everything else now"
    said = [
        f"Everything was held and let go on too often in the last minutes. {now}.",
        f"It works again at {say_with_zone(trouble.again_at, frame.desk.zone, now=frame.now)}. Until then each post can be held by itself.",
    ]
    return frame.message("Not again so soon", said, alert=True)


def _other(frame: Frame, action: Action) -> Button:
    return Button(_LABEL[action], frame.link(action), "quiet")


def expired_page(frame: Frame) -> str:
    """The way on is a fresh link by mail: what everybody holds may be too old, and a release has to work all the same."""
    hold = frame.everything
    if hold is None:
        said = [
            "It was sent more than a month ago.",
            "Nothing is held with everything else. Newer mails have a link to hold it.",
        ]
        return frame.message("This link is too old", said, alert=True)
    said = ["It was sent more than a month ago.", f"Everything is held by {held_by(hold, frame.desk)}."]
    return frame.message(
        "This link is too old", said, [Button(MAIL_ME_THE_RELEASE, frame.soon_over(Action.FRESH))], alert=True
    )
