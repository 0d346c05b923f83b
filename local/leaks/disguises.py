"""A text as it was before somebody wrote it otherwise: percent signs, backslashes, base64 and hexadecimal, two deep.

Cheap where nothing is disguised, which is nearly always: each is tried only where its own signs stand.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

_ANY = re.compile(r"%[0-9A-Fa-f]{2}|\\|&[#a-z]|[A-Za-z0-9+/_-]{20}")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9A-Fa-f]+|[a-z]+);")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
_HEX = re.compile(r"[0-9a-fA-F]{24,}")
_SHORT = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " "}
_DEEP = 2
_LONGEST = 200_000


def undisguised(text: str, deep: int = _DEEP) -> Iterator[str]:
    """What else it says; nothing where nothing of it looks written otherwise. Longer ones than a line ever is are left as they are."""
    if deep == 0 or len(text) > _LONGEST or not _ANY.search(text):
        return
    for plain in _once(text):
        yield plain
        yield from undisguised(plain, deep - 1)


def _once(text: str) -> Iterator[str]:
    if "%" in text and _PERCENT.search(text):
        yield unquote_plus(text)
    if "\\" in text:
        meant = _ESCAPE.sub(_meant, text).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        yield meant
        if "\\x" in text:  # bytes, as Python shows them
            yield meant.encode("latin-1", "ignore").decode("utf-8", "ignore")
    if "&" in text and _ENTITY.search(text):
        yield html.unescape(text)
    if found := list(_from_base64(text)):
        yield " ".join(found)
    if found := [plain for one in _HEX.findall(text) if (plain := _readable(_from_hex(one)))]:
        yield " ".join(found)


def _meant(escape: re.Match[str]) -> str:
    """JSON's and Python's, which agree but for the lengths."""
    said = escape[0][1:]
    if len(said) > 1:
        code = int(said[1:], 16)
        return chr(code) if code < 0x110000 else ""
    return _SHORT.get(said, said)


def _from_base64(text: str) -> Iterator[str]:
    """Runs of it, in either alphabet, padded or not, and what stands between two of an address's slashes."""
    for run in _BASE64.findall(text):
        if _HEX.fullmatch(run):
            continue
        for part in {run, *(one for one in run.split("/") if len(one) >= 20)} if "/" in run else (run,):
            letters = part.rstrip("=").replace("-", "+").replace("_", "/")
            letters = letters[: len(letters) - (len(letters) % 4 == 1)]
            if plain := _readable(base64.b64decode(letters + "=" * (-len(letters) % 4))):
                yield plain


def _from_hex(text: str) -> bytes:
    return bytes.fromhex(text[: len(text) // 2 * 2])


def _readable(data: bytes) -> str:
    """ "" for what is no text: a hash or a token that was decoded for nothing. The ends may be cut within a letter."""
    text = data.decode("utf-8", "ignore")
    if len(text.encode()) < 0.8 * len(data) - 4:
        return ""
    return text if sum(one.isprintable() or one.isspace() for one in text) >= 0.9 * len(text) else ""
