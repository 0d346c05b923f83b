"""The ids we give: random, or the same for the same cause. Letters that nobody mistakes for one another when they are read aloud."""

from __future__ import annotations

import hashlib
import secrets

POST = "p_"
BATCH = "b_"
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_LETTERS = 10


def random_id(prefix: str, letters: int = _LETTERS) -> str:
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(letters))


def derived_id(prefix: str, cause: str, letters: int = _LETTERS) -> str:
    """The same for the same cause."""
    rest, found = int.from_bytes(hashlib.sha256(cause.encode()).digest(), "big"), []
    for _ in range(letters):
        rest, letter = divmod(rest, len(_ALPHABET))
        found.append(_ALPHABET[letter])
    return prefix + "".join(found)
