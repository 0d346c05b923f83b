"""What must not be told, and finding it in what was told: secrets as they are, what is signed by its shape, texts by four words in a row.

A post's text is found in pieces too: whoever logs its first eighty characters has told it. Words that only stand there alone, like a
channel's name, are no piece of it. Written otherwise (percent signs, escapes, base64, hexadecimal, JSON within a sentence) it is found as
well, and so is half of a long secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from local.leaks.disguises import undisguised

SHAPES: Mapping[str, re.Pattern[str]] = {
    "a signed link or cookie": re.compile(r"(?<![\w-])\.?[A-Za-z0-9_-]{24,}\.[A-Za-z0-9_-]{43}(?![\w-])"),
    "a web token": re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    "a bearer token": re.compile(r"\b[Bb]earer\s+[A-Za-z0-9._~+/=-]{12,}"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a presigned address": re.compile(r"[?&]X-Amz-(?:Signature|Security-Token)=", re.IGNORECASE),
    "an AWS key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a token of Slack's": re.compile(r"\bxox[a-z]-[A-Za-z0-9-]{10,}"),
}
PUBLIC = frozenset(
    {
        "network",
        "account_id",
        "host",
        "type",
        "project_id",
        "client_id",
        "client_email",
        "auth_uri",
        "token_uri",
        "auth_provider_x509_cert_url",
        "client_x509_cert_url",
        "universe_domain",
        "api_endpoint",
        "api_origin",
        "handle",
        "channel",
        "users",
        "expires_at",
        "refreshed_at",
        "scope",
        "scopes",
        "app_id",
        "api_version",
    }
)
"""Fields of our secrets that are none: addresses, names, times."""
LEAST_SECRET = 12
"""A shorter text would be found by chance; a secret of ours is longer."""
_LEAST_HALF = 20
"""Shorter halves are looked for only as a whole: a private key begins like every other."""
WORDS = 4
_LEAST_WRITTEN_TOGETHER = 10
"""Where a language puts no blanks between words, so many letters in a row are as much as ``WORDS`` words."""
_WRITTEN_TOGETHER = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]{10,}")
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese: of these every so many letters are a piece, for they are cut anywhere."""
_LEAST_PIECE = 16
_MOST_TEXTS = 2_000
_WORD = re.compile(r"\w+")
_MARK = re.compile(r"[.=_-]|eyJ|[Bb]earer|-----|A[KS]IA|xox")


@dataclass
class Canaries:
    """``MOST_TEXTS`` texts at most are watched: a benchmark's hundred thousand rows would tell nothing more."""

    secrets: dict[str, str] = field(default_factory=dict)
    _texts: set[str] = field(default_factory=set)
    _fresh: list[str] = field(default_factory=list)
    """Not taken apart yet: most texts are read where nothing is told afterwards."""
    _pieces: set[str] = field(default_factory=set)

    def add_secret(self, name: str, value: str) -> None:
        if len(value) >= LEAST_SECRET:
            self.secrets[value] = name

    def add_document(self, name: str, document: Any) -> None:
        """A secret's JSON: every text in it but those of ``PUBLIC`` fields."""
        if isinstance(document, str):
            self.add_secret(name, document)
        elif isinstance(document, Mapping):
            for key, value in document.items():
                if key not in PUBLIC:
                    self.add_document(f"{name}: {key}", value)
        elif isinstance(document, list):
            for value in document:
                self.add_document(name, value)

    def add_text(self, text: str) -> None:
        if text and text not in self._texts and len(self._texts) < _MOST_TEXTS:
            self._texts.add(text)
            self._fresh.append(text)

    def clear(self) -> None:
        self.secrets.clear()
        self._texts.clear()
        self._fresh.clear()
        self._pieces.clear()

    def found_in(self, told: Any) -> str:
        """What of it stands there, in words that do not tell it again; "" where nothing does. JSON within text is looked into."""
        for leaf in leaves(told):
            if kind := self._found(leaf):
                return kind
        return ""

    def _found(self, leaf: str) -> str:
        for form in (leaf, *undisguised(leaf)):
            if kind := self._found_as_it_stands(form):
                return kind
        return ""

    def _found_as_it_stands(self, leaf: str) -> str:
        if len(leaf) >= LEAST_SECRET:
            for secret, name in self.secrets.items():
                if any(part in leaf for part in _halves(secret)):
                    return f"the secret {name}"
            if kind := shape_of(leaf):
                return kind
        if self._texts and _may_hold_words(leaf):
            while self._fresh:
                self._pieces.update(pieces(self._fresh.pop()))
            if not self._pieces.isdisjoint(pieces(leaf)):
                return "a post's or a note's words"
        return ""


@lru_cache(maxsize=1_000)
def _halves(secret: str) -> tuple[str, ...]:
    """What of it is as good as all of it: who cuts a line at so many characters has told the half that was left."""
    middle = len(secret) // 2
    return (secret,) if middle < _LEAST_HALF else (secret[:middle], secret[middle:])


def shape_of(text: str) -> str:
    """What forbidden thing it has the look of, "" for none."""
    if _MARK.search(text) is None:
        return ""
    return next((kind for kind, shape in SHAPES.items() if shape.search(text)), "")


def _may_hold_words(leaf: str) -> bool:
    return (len(leaf) >= _LEAST_PIECE and " " in leaf) or not leaf.isascii()


def pieces(text: str) -> Iterator[str]:
    """Every ``WORDS`` words in a row, in small letters and without what stands between them; long runs without a blank as they are."""
    if len(text) < _LEAST_PIECE and text.isascii():
        return
    words = _WORD.findall(text.casefold())
    yield from (word for word in words if len(word) >= _LEAST_WRITTEN_TOGETHER and not word.isascii())
    for run in () if text.isascii() else _WRITTEN_TOGETHER.findall(text):
        yield from (
            run[start : start + _LEAST_WRITTEN_TOGETHER] for start in range(len(run) - _LEAST_WRITTEN_TOGETHER + 1)
        )
    for start in range(len(words) - WORDS + 1):
        piece = " ".join(words[start : start + WORDS])
        if len(piece) >= _LEAST_PIECE:
            yield piece


def leaves(told: Any) -> Iterator[str]:
    """Every text in it, keys too; a text that is JSON is taken apart, so that nothing hides behind its escapes."""
    if isinstance(told, str):
        if told[:1] in {"{", "["}:
            try:
                yield from leaves(json.loads(told))
            except ValueError:
                yield told
        else:
            yield told
    elif isinstance(told, Mapping):
        for key, value in told.items():
            yield str(key)
            yield from leaves(value)
    elif isinstance(told, Iterable) and not isinstance(told, (bytes, bytearray)):
        for value in told:
            yield from leaves(value)
