"""Record keys on Bluesky: a TID derived from an attempt's key, so that a repetition writes to the same place.

A TID is 64 bits, top bit 0, then 53 bits of microseconds since 1970 and 10 bits of clock id, written as 13 characters
of a sortable base 32 (atproto.com/specs/tid).
"""

from __future__ import annotations

from datetime import timedelta

from networks.model import AttemptKey

_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_LENGTH = 13


def derived_tid(key: AttemptKey) -> str:
    """The record key of this attempt key, the same for ever.

    The second comes from ``created_at``; the microseconds and the clock id from the key's digits, so that two posts
    recorded in the same instant, or with times kept only to the second, do not meet.
    """
    since_1970 = key.created_at.timestamp()
    bits = int(key.value[:16], 16)
    microseconds = (int(since_1970) * timedelta(seconds=1) + timedelta(microseconds=bits % 1_000_000)) // timedelta(
        microseconds=1
    )
    clock_id = int(key.value[16:24], 16) % 1024
    number = microseconds << 10 | clock_id
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))


def is_tid(value: str) -> bool:
    """Whether a string is a valid TID: 13 characters, the top bit not set."""
    return len(value) == _LENGTH and all(character in _ALPHABET for character in value) and value[0] in _ALPHABET[:16]
