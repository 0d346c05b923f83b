"""Takes a device up among those of a recipient that are known, and takes it off again: each with its audit row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mesh.approvals import Action, How, Token
from mesh.door.devices import (
    Claim,
    Device,
    DeviceCookies,
    device_of,
    devices_in,
    devices_key,
    kept,
    with_one_more,
    without,
)
from mesh.errors import Conflict
from mesh.events import new_trace_id
from mesh.ledger import Act, Ledger
from mesh.ledger.tables import Write

_TRIES = 3
# The second press of a double click gets the cookie too, since its browser drops the first answer; a press replayed later gets none.
_ONE_DOUBLE_CLICK = timedelta(seconds=15)
Kept = Mapping[str, Mapping[str, Any]]  # items of the working memory, by key
_Devices = tuple[Device, ...]


@dataclass(frozen=True)
class Outcome:
    """What a press came to: the device that is known now, if any, and the cookie to send back."""

    device: Device | None
    cookie: str = ""
    spent: bool = False


def enrol_or_forget(
    ledger: Ledger,
    token: Token,
    found: Kept,
    claims: Iterable[Claim],
    cookies: DeviceCookies,
    new: Device,
    now: datetime,
    *,
    notes: bool = False,
) -> Outcome:
    """Enrols ``new``, the device that ``token``'s recipient holds, or ends it here or on all; Conflict where the list stays hot.

    ``found`` has the recipient's devices and the token's nonce; ``notes``: it is known where notes are written, and there alone.
    """
    key, nonce = devices_key(token.recipient), f"nonce#{token.nonce}"
    mine = device_of(claims, token.recipient, found)
    if token.action is Action.ENROL:
        again = next((one for one in devices_in(found.get(key)) if one.id == new.id), None)
        if again is not None and now - datetime.fromisoformat(again.since) <= _ONE_DOUBLE_CLICK:
            return Outcome(again, cookies.set(token.recipient, again.id, now))
        if again is not None or nonce in found:
            return Outcome(mine, spent=True)
        burn = [ledger.nonce(token.nonce, token.expires_at)]

        def enrolled(before: _Devices) -> _Devices:
            return with_one_more(without(before, mine.id) if mine is not None else before, new)

        taken_up = "device for notes" if notes else "device enrolled"
        if _change(ledger, token, found, taken_up, enrolled, now, burn):
            return Outcome(new, cookies.set(token.recipient, new.id, now))
        return Outcome(mine, spent=True)
    if token.action is Action.FORGET:
        if mine is not None:
            gone = mine.id
            let_go = "device not for notes" if notes else "device stopped"
            _change(ledger, token, found, let_go, lambda before: without(before, gone), now)
    else:
        _change(ledger, token, found, "all devices stopped", lambda before: (), now)
    return Outcome(None, cookies.clear(token.recipient))


def _change(
    ledger: Ledger,
    token: Token,
    found: Kept,
    action: str,
    change: Callable[[_Devices], _Devices],
    now: datetime,
    extra: list[Write] | None = None,
) -> bool:
    """False where the link was spent meanwhile. Conflict where the list stays hot."""
    key, nonce = devices_key(token.recipient), f"nonce#{token.nonce}"
    act = Act(action, token.recipient, now, new_trace_id(), How.MAIL)
    item = found.get(key)
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
