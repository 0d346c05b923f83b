"""Signed links: what a click says, and the signing of it. Pure but for the randomness of a nonce, and for keys that are read again.

itsdangerous with SHA-256, a salt per stack and purpose, a list of keys for rotation. Single use lies on the nonce, never on the string:
the last characters of base64 carry spare bits, so two strings may be one token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import zlib
from datetime import datetime, timedelta
from enum import StrEnum

from itsdangerous import BadData, BadSignature, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mesh.clock import aware
from mesh.errors import MeshError
from mesh.keyring import Keys, held

LIFETIME = timedelta(days=30)
DEVICE_LIFETIME = timedelta(days=400)  # the longest that browsers keep a cookie (RFC 6265bis)
_CLOCKS_DIFFER = timedelta(days=1)
_LONGEST_WORDS = 8_000  # ten posts are some 1,300; what is packed is unpacked to no more than this


class How(StrEnum):
    """By which way a human's decision came in."""

    MAIL = "mail"  # a press of the page's button, behind a link from a mail
    DEVICE = "device"  # a link opened on a device that acts at once
    SLACK = "slack"
    COMMAND = "command"  # whoever operates the stack: holds everything and lets it go on, and decides nothing else


class Purpose(StrEnum):
    """What a signature is good for: each has a salt of its own, so that none passes for another."""

    LINK = "approval"
    DEVICE = "device"  # the cookie of a device that acts at once
    SLACK = "slack"  # the value of a button in Slack
    PICTURE = "picture"  # the address of a picture that Slack fetches: shows it and nothing else
    COMPOSE = "compose"  # where notes are written; good for nothing else, and for many notes


class Action(StrEnum):
    REVIEW = "review"  # shows and approves
    HOLD = "hold"
    SEND_NOW = "now"
    RELEASE = "release"
    HOLD_EVERYTHING = "hold-all"
    RELEASE_EVERYTHING = "release-all"
    FOUND = "found"  # the owner's answers about a try whose fate nobody could prove
    NOT_THERE = "not-there"
    SEND_AGAIN = "send-again"
    ENROL = "enrol"  # from here on links act as soon as they are opened on this device
    FORGET = "forget"  # no longer so on this device
    FORGET_ALL = "forget-all"  # nor on any other of the recipient's
    FRESH = "fresh"  # mails the recipient a fresh card for these posts
    DRAFT = "draft"  # shows a draft, which its recipient can accept, edit or discard there
    COMPOSE = "compose"  # takes notes to be drafted


ANSWERS = frozenset({Action.FOUND, Action.NOT_THERE, Action.SEND_AGAIN})


class Forged(MeshError):
    """Not a token of ours, or not any more. There is one answer to it, whatever was wrong."""


class Expired(MeshError):
    """Ours, but too old. ``token`` says whose and for what, so that a fresh card can go to that recipient."""

    def __init__(self, token: Token) -> None:
        super().__init__("the link is too old")
        self.token = token


class Token(BaseModel):
    """What one link says. ``posts`` are (post_id, revision) pairs; empty for hold everything.

    ``channel`` and ``attempt`` name the try that an answer is about; "" and 0 in every other link.
    """

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="forbid", populate_by_name=True)

    action: Action = Field(alias="a")
    posts: tuple[tuple[str, str], ...] = Field(alias="p", max_length=10)
    recipient: str = Field(alias="r")
    round_id: str = Field(alias="o")
    nonce: str = Field(alias="n")
    expires_at: int = Field(alias="e")
    channel: str = Field(default="", alias="c")
    attempt: int = Field(default=0, alias="t")


def new_nonce() -> str:
    return secrets.token_urlsafe(12)


CODE_LIFETIME = timedelta(minutes=10)


class Coder:
    """Six digits for one id and one recipient. Nobody keeps them: who has the keys (newest last) can tell them."""

    def __init__(self, keys: Keys, stack: str) -> None:
        self._keys = held(keys)
        self._stack = stack

    def code(self, code_id: str, recipient: str) -> str:
        """By the newest key."""
        return self._digits(self._keys.keys()[-1], code_id, recipient)

    def is_right(self, given: str, code_id: str, recipient: str) -> bool:
        """Blanks in it do not matter: people type what they see in groups."""
        digits = "".join(given.split())
        if not (digits.isascii() and digits.isdigit()):
            return False
        return self._is_of_ours(digits, code_id, recipient) or (
            self._keys.others() and self._is_of_ours(digits, code_id, recipient)
        )

    def _is_of_ours(self, digits: str, code_id: str, recipient: str) -> bool:
        keys = self._keys.keys()
        found = [hmac.compare_digest(digits, self._digits(key, code_id, recipient)) for key in keys]
        return any(found)

    def _digits(self, key: str, code_id: str, recipient: str) -> str:
        said = f"{self._stack}/code/v1\n{code_id}\n{recipient}"
        number = int.from_bytes(hmac.new(key.encode(), said.encode(), hashlib.sha256).digest()[:8])
        return f"{number % 10**6:06}"


class Signer:
    """``keys`` newest last; ``stack`` is the prefix: another stack's tokens are forgeries here, and another purpose's too.

    So is one that would be good for longer than anything that was ever signed for its purpose.
    """

    def __init__(self, keys: Keys, stack: str, purpose: Purpose = Purpose.LINK) -> None:
        self._longest = (DEVICE_LIFETIME if purpose is Purpose.DEVICE else LIFETIME) + _CLOCKS_DIFFER
        self._keys = held(keys)
        self._salt = f"{stack}/{purpose}/v1"
        self._made: tuple[tuple[str, ...], URLSafeSerializer] | None = None

    def sign(self, token: Token) -> str:
        """By the newest key."""
        return str(self._serializer().dumps(token.model_dump(mode="json", by_alias=True, exclude_defaults=True)))

    def read(self, text: str, now: datetime) -> Token:
        """Forged for anything that is not ours, whatever it is; Expired for what is ours and past its time."""
        try:
            token = Token.model_validate(self._said(text))
        # Lone surrogates and over-deep JSON leave itsdangerous as these.
        except (BadData, ValidationError, UnicodeError, ValueError, TypeError, RecursionError) as error:
            raise Forged("no valid link") from error
        if token.expires_at > (aware(now) + self._longest).timestamp():
            raise Forged("good for longer than any link")
        if token.expires_at <= aware(now).timestamp():
            raise Expired(token)
        return token

    def _said(self, text: str) -> object:
        """What is signed there by a key of ours, also by one that came after the last look."""
        try:
            return self._serializer().loads(text)
        except BadSignature:
            if not self._keys.others():
                raise
            return self._serializer().loads(text)

    def _serializer(self) -> URLSafeSerializer:
        keys = self._keys.keys()
        if self._made is None or self._made[0] != keys:
            kwargs = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
            self._made = keys, URLSafeSerializer(list(keys), salt=self._salt, signer_kwargs=kwargs)
        return self._made[1]


def words_of(text: str) -> Token | None:
    """What a token says that is not signed, or not by us: nothing may be done on its word. None where it says nothing a token could."""
    words = text.rpartition(".")[0]
    packed = words.startswith(".")
    if not words or len(words) > _LONGEST_WORDS:
        return None
    try:
        said = base64.urlsafe_b64decode(words.removeprefix(".") + "=" * (-len(words.removeprefix(".")) % 4))
        said = zlib.decompressobj().decompress(said, _LONGEST_WORDS) if packed else said
        return Token.model_validate(json.loads(said))
    except (ValueError, zlib.error, RecursionError):  # also what is no base64, no UTF-8, no JSON and no token
        return None
