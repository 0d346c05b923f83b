"""Devices on which a recipient's links act as soon as they are opened: their cookies, and the list in the working memory. Pure.

A cookie says which device it is, signed with a salt of its own; what counts is that the recipient's list still has that device. One that
does not, or that is another recipient's, another stack's or mangled, is as if it were not there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mesh.approvals import DEVICE_LIFETIME, Action, Expired, Forged, Signer, Token

MOST = 20  # the oldest leaves
_MOST_COOKIES = 5  # looked at of one request
_LONGEST_COOKIE_CHARACTERS = 1_000
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "a Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)
# Each browser also says the names of those further down.
_BROWSERS = (
    (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"(?:Firefox|FxiOS)/", "Firefox"),
    (r"(?:Chrome|CriOS)/", "Chrome"),
    (r"Safari/", "Safari"),
)


@dataclass(frozen=True)
class Device:
    """``since`` is ISO 8601; ``name`` is plain words: "Chrome on Android"."""

    id: str
    name: str
    since: str


def person(recipient: str) -> str:
    """A mail address as it is compared: people write it with capitals and blanks."""
    return recipient.strip().casefold()


def on_list(recipients: str, recipient: str) -> str:
    """The address as the list of addresses (commas between) has it; "" where it is not on it."""
    listed = (address.strip() for address in recipients.split(","))
    return next((address for address in listed if address and person(address) == person(recipient)), "")


def devices_key(recipient: str) -> str:
    """Where the recipient's list lies in the working memory; also the subject of its audit rows."""
    return f"devices#{person(recipient)}"


def devices_in(item: Mapping[str, Any] | None) -> tuple[Device, ...]:
    listed = ((item or {}).get("kept") or {}).get("devices") or ()
    return tuple(Device(str(one["id"]), str(one["name"]), str(one["since"])) for one in listed)


def kept(devices: Iterable[Device]) -> dict[str, Any]:
    return {"devices": [{"id": one.id, "name": one.name, "since": one.since} for one in devices]}


def with_one_more(before: tuple[Device, ...], new: Device) -> tuple[Device, ...]:
    """The list with it, at most ``MOST`` of them."""
    others = sorted((one for one in before if one.id != new.id), key=lambda one: one.since)
    return (*others, new)[-MOST:]


def without(before: tuple[Device, ...], device_id: str) -> tuple[Device, ...]:
    return tuple(one for one in before if one.id != device_id)


def new_device(token: Token, user_agent: str, now: datetime) -> Device:
    """Its id follows from the link that enrols it: pressed twice, it is one device."""
    return Device(hashlib.sha256(token.nonce.encode()).hexdigest()[:16], plain_name(user_agent), now.isoformat())


def plain_name(user_agent: str) -> str:
    """ "Chrome on Android"; of a browser nobody knows, "A browser"."""
    browser = next((name for pattern, name in _BROWSERS if re.search(pattern, user_agent)), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


@dataclass(frozen=True)
class Claim:
    """What a cookie of ours says: this device, this recipient."""

    device_id: str
    recipient: str


class DeviceCookies:
    """``signer`` is for ``Purpose.DEVICE``; ``prefix`` is the stack's."""

    def __init__(self, signer: Signer, prefix: str) -> None:
        self._signer = signer
        self._prefix = prefix

    def name(self, recipient: str) -> str:
        """One for each recipient. The browser keeps a ``__Host-`` cookie for this very host alone."""
        return f"__Host-{self._prefix}-{hashlib.sha256(person(recipient).encode()).hexdigest()[:8]}"

    def set(self, recipient: str, device_id: str, now: datetime) -> str:
        token = Token(
            action=Action.ENROL,
            posts=(),
            recipient=recipient,
            round_id="",
            nonce=device_id,
            expires_at=int((now + DEVICE_LIFETIME).timestamp()),
        )
        return self._header(recipient, self._signer.sign(token), int(DEVICE_LIFETIME.total_seconds()))

    def clear(self, recipient: str) -> str:
        return self._header(recipient, "", 0)

    def _header(self, recipient: str, value: str, seconds: int) -> str:
        return f"{self.name(recipient)}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Lax"

    def claims(self, cookies: Iterable[str], now: datetime) -> tuple[Claim, ...]:
        """Of the request's cookies (``name=value``) those that are ours and well; whether the device is still listed is another matter."""
        named = (cookie.partition("=") for cookie in cookies)
        ours = [(name, value) for name, _, value in named if name.startswith(f"__Host-{self._prefix}-")]
        found = {}
        for name, value in ours[:_MOST_COOKIES]:
            if len(value) > _LONGEST_COOKIE_CHARACTERS:
                continue
            try:
                token = self._signer.read(value, now)
            except (Forged, Expired):
                continue
            if name == self.name(token.recipient):
                found[person(token.recipient)] = Claim(token.nonce, token.recipient)
        return tuple(found.values())


def device_of(claims: Iterable[Claim], recipient: str, kept_items: Mapping[str, Mapping[str, Any]]) -> Device | None:
    """The recipient's own device that came along, where their list still has it."""
    mine = {claim.device_id for claim in claims if person(claim.recipient) == person(recipient)}
    return next((one for one in devices_in(kept_items.get(devices_key(recipient))) if one.id in mine), None)
