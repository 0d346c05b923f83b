"""Lets a device act at once, and ends it: on this device, or on all of a recipient's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from approve_handler.commit import Found
from approve_handler.frame import ENROL, STOP_EVERYWHERE, STOP_HERE, Frame
from mesh.approvals import Action, How, Token
from mesh.cards.pages import Button
from mesh.door.devices import (
    Claim,
    Device,
    DeviceCookies,
    device_of,
    devices_in,
    devices_key,
    kept,
    new_device,
    with_one_more,
    without,
)
from mesh.errors import Conflict
from mesh.events import new_trace_id
from mesh.ledger import Act, Ledger
from mesh.ledger.tables import Write
from mesh.schedule_time import say_with_zone

ACTIONS = frozenset({Action.ENROL, Action.FORGET, Action.FORGET_ALL})
_TRIES = 3
# The second press of a double click gets the cookie too, since its browser drops the first answer; a press replayed later gets none.
_ONE_DOUBLE_CLICK = timedelta(seconds=15)
_Devices = tuple[Device, ...]


@dataclass(frozen=True)
class Outcome:
    """What a press came to: the device that acts at once now, if any, and the cookie to send back."""

    device: Device | None
    cookie: str = ""
    spent: bool = False


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
    outcome = commit(desk.ledger, token, found, claims, cookies, user_agent, now)
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


def commit(
    ledger: Ledger,
    token: Token,
    found: Found,
    claims: tuple[Claim, ...],
    cookies: DeviceCookies,
    user_agent: str,
    now: datetime,
) -> Outcome:
    """Enrols the device that ``token``'s recipient holds, or ends it here or on all; Conflict where the list stays hot."""
    key, nonce = devices_key(token.recipient), f"nonce#{token.nonce}"
    mine = device_of(claims, token.recipient, found.kept)
    if token.action is Action.ENROL:
        new = new_device(token, user_agent, now)
        again = next((one for one in devices_in(found.kept.get(key)) if one.id == new.id), None)
        if again is not None and now - datetime.fromisoformat(again.since) <= _ONE_DOUBLE_CLICK:
            return Outcome(again, cookies.set(token.recipient, again.id, now))
        if again is not None or nonce in found.kept:
            return Outcome(mine, spent=True)
        burn = [ledger.nonce(token.nonce, token.expires_at)]

        def enrolled(before: _Devices) -> _Devices:
            return with_one_more(without(before, mine.id) if mine is not None else before, new)

        if _change(ledger, token, found, "device enrolled", enrolled, now, burn):
            return Outcome(new, cookies.set(token.recipient, new.id, now))
        return Outcome(mine, spent=True)
    if token.action is Action.FORGET:
        if mine is not None:
            gone = mine.id
            _change(ledger, token, found, "device stopped", lambda before: without(before, gone), now)
    else:
        _change(ledger, token, found, "all devices stopped", lambda before: (), now)
    return Outcome(None, cookies.clear(token.recipient))


def _change(
    ledger: Ledger,
    token: Token,
    found: Found,
    action: str,
    change: Callable[[_Devices], _Devices],
    now: datetime,
    extra: list[Write] | None = None,
) -> bool:
    """False where the link was spent meanwhile. Conflict where the list stays hot."""
    key, nonce = devices_key(token.recipient), f"nonce#{token.nonce}"
    act = Act(action, token.recipient, now, new_trace_id(), How.MAIL)
    item = found.kept.get(key)
    for attempt in range(_TRIES):
        before = devices_in(item)
        after = change(before)
        if after == before:
            return True
        try:
            ledger.change_kept(key, kept(after), act, item, extra or ())
        except Conflict:
            if attempt == _TRIES - 1:
                raise
            items = ledger.deciding([], [key, nonce])[1]
            if extra and nonce in items:
                return False
            item = items.get(key)
            continue
        return True
    raise AssertionError("unreachable")
