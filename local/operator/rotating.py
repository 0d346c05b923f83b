"""``python -m local rotate-signing-key``: new keys for the signed links, those to decide and those to note; what is out stays good (0035).

The new key is appended to the secret's list and signs from then on. An older one stays while anything that it signed can be good. With
``--revoke-old`` it is the only one: every link, button and device from before ends, for when a key was seen by somebody.
"""

from __future__ import annotations

import argparse
import json
import secrets as randomness
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from local.operator.asking import Refused, asking
from local.operator.books import BooksError
from local.operator.which import Reached, add_options, reached
from mesh.approvals import DEVICE_LIFETIME
from mesh.keyring import STAYS

KEEPS = DEVICE_LIFETIME + timedelta(days=1)
_MOST_KEYS = 20
_KEY_BYTES = 48
_VERSIONS = uuid.UUID("5f0c6a5e-6f0e-4c55-9d0a-0c1d3f5b7a10")


@dataclass(frozen=True)
class Kept:
    """One key of the list, by its age alone: ``made`` is ISO, "" for the stack's first."""

    key: str
    made: str

    def __repr__(self) -> str:
        return f"Kept(made={self.made!r})"


@dataclass(frozen=True)
class Rotated:
    """How many keys there are now, and how many of those before were dropped."""

    keys: int
    dropped: int


def main(argv: list[str]) -> int:
    """0 when there is a new key; 2 when nothing was changed."""
    parser = argparse.ArgumentParser(prog="python -m local rotate-signing-key", description=__doc__)
    parser.add_argument("--revoke-old", action="store_true", help="end every link, button and device of before")
    parser.add_argument("--json", action="store_true", help="for a program")
    add_options(parser)
    options = parser.parse_args(argv)
    try:
        stack = reached(options)
        done = rotate(stack, secret_name(stack.prefix), revoke_old=options.revoke_old)
        rotate(stack, compose_name(stack.prefix), revoke_old=options.revoke_old)
    except BooksError as error:
        print(f"rotate-signing-key: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({"stack": stack.name, "keys": done.keys, "dropped": done.dropped}))
    else:
        print(told(stack.name, done, revoked=options.revoke_old))
    return 0


def rotate(stack: Reached, name: str, *, revoke_old: bool = False) -> Rotated:
    """One write that holds the whole list: broken off before it, nothing has happened, and after it, all. BooksError where somebody else
    was at it at the same moment."""
    client, now = stack.client("secretsmanager"), stack.now()
    before, version = _read(client, name)
    document = _document(before)
    kept = [] if revoke_old else good_at(keys_of(document), now)
    if len(kept) >= _MOST_KEYS:
        raise BooksError(f"{len(kept)} keys are in use already: that is more than a year of rotations needs")
    keys = [*kept, Kept(randomness.token_urlsafe(_KEY_BYTES), now.isoformat())]
    _put(client, name, {**document, **_listed(keys)}, version)
    return Rotated(len(keys), len(keys_of(document)) - len(kept))


def keys_of(document: Mapping[str, Any]) -> list[Kept]:
    """Newest last. The stack's own first key stands alone, as ``key``. One may have been put back by hand: what is no moment is none."""
    keys = document.get("keys") or [document.get("key")]
    if not isinstance(keys, list):
        return []
    made = document.get("made")
    moments = [*map(_moment, made if isinstance(made, list) else []), *[""] * len(keys)]
    return [Kept(str(key), at) for key, at in zip(keys, moments, strict=False) if key]


def _moment(text: object) -> str:
    try:
        return str(text) if datetime.fromisoformat(str(text)).tzinfo is not None else ""
    except ValueError:
        return ""


def good_at(keys: list[Kept], now: datetime) -> list[Kept]:
    """Those that may have signed something which is good still: a key signs until the next one is made, and some minutes longer."""
    kept = []
    for key, after in zip(keys, [*keys[1:], None], strict=True):
        if after is None or not after.made or datetime.fromisoformat(after.made) + STAYS + KEEPS > now:
            kept.append(key)
    return kept


def ages(document: Mapping[str, Any], now: datetime) -> list[int | None]:
    """Days, newest last; None where nobody noted when it was made."""
    return [(now - datetime.fromisoformat(one.made)).days if one.made else None for one in keys_of(document)]


def secret_name(prefix: str) -> str:
    """Of the keys that links, buttons and devices which decide are signed with."""
    return f"{prefix}/approval/signing-secret"


def compose_name(prefix: str) -> str:
    """Of the keys of the links that notes are written behind."""
    return f"{prefix}/compose/signing-secret"


def _listed(keys: list[Kept]) -> dict[str, Any]:
    return {"keys": [one.key for one in keys], "made": [one.made for one in keys], "key": None}


def _read(client: Any, name: str) -> tuple[str, str]:
    with asking(f"the secret {name}", "secretsmanager:GetSecretValue"):
        found = client.get_secret_value(SecretId=name)
    return str(found.get("SecretString", "")), str(found["VersionId"])


def _document(text: str) -> dict[str, Any]:
    """Where nothing in it can be used, nothing of it was ever signed with."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _put(client: Any, name: str, document: Mapping[str, Any], version: str) -> None:
    """As the successor of ``version``. Its id follows from that: of two that follow the same version, the service takes one."""
    following = str(uuid.uuid5(_VERSIONS, version))
    text = json.dumps({key: value for key, value in document.items() if value is not None})
    if _read(client, name)[1] != version:
        raise BooksError("somebody else changed the signing keys at this very moment: nothing was done; run it again")
    try:
        with asking(f"the secret {name}", "secretsmanager:PutSecretValue"):
            client.put_secret_value(SecretId=name, SecretString=text, ClientRequestToken=following)
    except Refused as error:
        if error.code != "ResourceExistsException":
            raise
        raise BooksError(
            "somebody else rotates the signing keys at this very moment: nothing was done; run it again. If it says so again, an older"
            " version of the secret was made the current one: put what it holds as a new version (secretsmanager put-secret-value) first"
        ) from None
    if _read(client, name)[0] != text:
        raise BooksError("the signing keys were changed by somebody else right after; run it again")


def told(name: str, done: Rotated, *, revoked: bool) -> str:
    if revoked:
        said = (
            "A new signing key, and no other any more: every link, Slack button and device from before ends within five minutes."
            " Tick a post in the sheet to have its card once more; people enrol their devices again from it."
        )
    else:
        said = (
            f"A new signing key signs from now on. {done.keys} are in use: links that are out stay good, and so do devices."
            + (f" {done.dropped} of before signed nothing that is good still, and went." if done.dropped else "")
        )
    return f"{name}: {said}"
