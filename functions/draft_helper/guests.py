"""Who stands at the compose page's door, and what the door has at hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from draft_helper.visit import Visit
from draft_helper.wiring import Parts, wire
from mesh.approvals import Action, Purpose, Signer, Token, new_nonce
from mesh.door.devices import Claim, DeviceCookies
from mesh.packages import SIGNING
from mesh.vault import Vault

OWN_PAGE_LINKS = timedelta(days=1)
OFFER_FOR = timedelta(hours=1)
# With the bucket in the host, and its region: an upload that is sent on to another address is lost to a browser's rules.
_PUTTING = SIGNING.merge(Config(s3={"addressing_style": "virtual"}))


@dataclass(frozen=True)
class Door:
    """``signer`` is for compose links, ``s3`` for addresses that files are put at."""

    parts: Parts
    signer: Signer
    cookies: DeviceCookies
    s3: Any


@dataclass(frozen=True)
class Guest:
    """Who is at the door with what: one request. ``root`` leads from its page to where compose links begin."""

    door: Door
    visit: Visit
    token: Token
    nonce: str
    now: datetime
    root: str = ""

    @property
    def claims(self) -> tuple[Claim, ...]:
        return self.door.cookies.claims(self.visit.request.cookies, self.now)

    def link(self, action: Action, good_for: timedelta) -> str:
        """A fresh link of this door for the same recipient, as its page has to write it."""
        return self.root + self.door.signer.sign(token_for(action, self.token.recipient, self.now + good_for))


@cache
def open_door() -> Door:
    parts = wire()
    settings = parts.settings
    keys = Vault(boto3.client("secretsmanager")).keyring(settings.compose_secret)
    # A name and a salt of their own: a device that writes notes approves nothing by that, also where both doors share a host.
    name = f"{settings.prefix}-notes"
    return Door(
        parts,
        Signer(keys, settings.prefix, Purpose.COMPOSE),
        DeviceCookies(Signer(keys, name, Purpose.DEVICE), name),
        boto3.client("s3", config=_PUTTING),
    )


def token_for(action: Action, recipient: str, until: datetime) -> Token:
    return Token(
        action=action,
        posts=(),
        recipient=recipient,
        round_id=f"r_{new_nonce()}",
        nonce=new_nonce(),
        expires_at=int(until.timestamp()),
    )
