"""Lets a device act at once, and ends it: on this device, or on all of a recipient's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from approve_handler.commit import Found
from approve_handler.frame import ENROL, STOP_EVERYWHERE, STOP_HERE, Frame
from mesh.approvals import Action
from mesh.cards.pages import Button
from mesh.door.devices import Claim, DeviceCookies, devices_in, devices_key, new_device
from mesh.door.enrolment import enrol_or_forget
from mesh.schedule_time import say_with_zone

ACTIONS = frozenset({Action.ENROL, Action.FORGET, Action.FORGET_ALL})


def look_page(frame: Frame, found: Found) -> str:
    """What the button would do."""
    if frame.token.action is Action.ENROL:
        if frame.device is not None:
            return _on_page(frame)
        said = [
            "Then approve and hold links from your mails act with one click on this device. Only do this where nobody else reads your mail."
        ]
        return frame.message("Act at once on this device?", said, [Button(ENROL)])
    listed = devices_in(found.kept.get(devices_key(frame.token.recipient)))
    said = [
        f"{one.name}, since {say_with_zone(datetime.fromisoformat(one.since), frame.desk.zone)}." for one in listed
    ] or ["None of your devices acts at once."]
    label = STOP_HERE if frame.token.action is Action.FORGET else STOP_EVERYWHERE
    # No second way to the same below it.
    return replace(frame, device=None).message("Devices that act at once", said, [Button(label)] if listed else [])


def press(
    frame: Frame, found: Found, claims: tuple[Claim, ...], cookies: DeviceCookies, user_agent: str
) -> tuple[str, str]:
    """The page, and the cookie to set."""
    token, desk, now = frame.token, frame.desk, frame.now
    device = new_device(token, user_agent, now)
    outcome = enrol_or_forget(desk.ledger, token, found.kept, claims, cookies, device, now)
    frame = replace(frame, device=outcome.device)
    if outcome.spent:
        said = ["Nothing was changed. After your next press of a button you can choose it again."]
        return frame.message("This link was used already", said, alert=True), ""
    if outcome.device is not None:
        return _on_page(frame), outcome.cookie
    everywhere = token.action is Action.FORGET_ALL
    said = [
        f"{'On all your devices' if everywhere else 'On this device'}, links wait for a press of their button again."
    ]
    return frame.message("No longer at once", said), outcome.cookie


def _on_page(frame: Frame) -> str:
    said = [
        "From now on approve and hold links act as soon as you open them here. What they did is said each time, with a way back.",
        "Everything else keeps its button.",
    ]
    return frame.message("This device acts at once", said)
