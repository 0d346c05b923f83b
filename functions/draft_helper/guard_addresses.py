"""Addresses in a text: links, mail addresses, telephone numbers, bank accounts, streets. Pure.

A link is one as networks make it, with or without https://. Nobody can see from its letters whether a number may be public: what the
business's own documents do not name is shown to its owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import regex

from networks.text import find_links
from networks.x_text import find_x_links

_MAIL = regex.compile(r"(?<![\w@.+-])[\w.+-]{1,64}+@(?:[\p{L}\p{N}-]+\.)+\p{L}{2,24}")
_WWW = regex.compile(r"(?<![\w./@])www\.(?:[\p{L}\p{N}-]+\.)+\p{L}{2,24}(?:/[^\s<>\"]*)?", regex.IGNORECASE)
_NO_PHONE = r"(?!\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4}(?!\d))(?!\d{1,2}\.\d{2}\s?[-–])"  # a day; from when to when
_PHONE = regex.compile(
    rf"(?<![\w.,/-]){_NO_PHONE}" r"(?:\+|00|\(?0)\d(?:[\s()/.\-\u2011]{0,3}\d){6,14}(?!\d|[.,]\d)",
)
_IBAN = regex.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]){11,30}\b")
_STREET = regex.compile(
    r"""
    \b\p{Lu}[\p{L}.'’-]*(?:\s\p{Lu}[\p{L}.'’-]*)?(?:[-\s]?(?i:straße|strasse|str\.|weg|platz|allee|gasse|ufer|damm))\s\d{1,4}\s?[a-z]?\b
    |\b\d{1,5}[a-z]?\s(?:\p{Lu}[\p{L}.'’-]*\s){1,3}(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Ln\.?|Square|Boulevard|Blvd\.?|Drive)(?!\p{L})
    |\b\d{1,4}(?:\sbis)?,?\s(?:rue|avenue|boulevard|place|quai)\s\p{L}[\p{L}'’\s-]{2,30}
    """,
    regex.VERBOSE,
)


class Placed(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True)
class Address:
    """``kind``: link, mail, phone, iban, street; ``value`` is the same for what leads to the same place."""

    kind: str
    value: str
    quote: str
    start: int
    end: int


def addresses_in(text: str) -> list[Address]:
    """In their order, none within another."""
    found: list[Address] = []
    for one in sorted(_all(text), key=lambda address: (address.start, -address.end)):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found


def without(text: str, found: Iterable[Placed]) -> str:
    """The text with blanks in their places, as long as before."""
    for one in found:
        text = text[: one.start] + " " * (one.end - one.start) + text[one.end :]
    return text


def _all(text: str) -> Iterator[Address]:
    for found in _MAIL.finditer(text):
        yield _address("mail", found.group().casefold(), found)
    for span in (*find_links(text), *find_x_links(text)):
        yield Address(
            "link", plain_link(text[span.start : span.end]), text[span.start : span.end], span.start, span.end
        )
    for found in _WWW.finditer(text):
        yield _address("link", plain_link(found.group().rstrip(".,;:!?)")), found)
    for found in _IBAN.finditer(text):
        if _is_iban(value := regex.sub(r"\s", "", found.group())):
            yield _address("iban", value, found)
    for found in _PHONE.finditer(text):
        yield _address("phone", plain_phone(found.group()), found)
    for found in _STREET.finditer(text):
        yield _address("street", " ".join(found.group().casefold().split()), found)


def plain_link(link: str) -> str:
    """Without what leads to the same page: scheme, www., a last slash, capitals in the host."""
    bare = regex.sub(r"^https?://(?:www\.)?", "", link, flags=regex.IGNORECASE)
    host, slash, path = bare.removeprefix("www.").partition("/")
    return f"{host.casefold()}{slash}{path}".rstrip("/")


def plain_phone(number: str) -> str:
    """The last nine figures: +49 30 1234567 and 030 1234567 are one."""
    return "".join(one for one in number if one.isdecimal())[-9:].lstrip("0")


def _address(kind: str, value: str, found: regex.Match[str]) -> Address:
    return Address(kind, value, found.group().strip(), found.start(), found.end())


def _is_iban(text: str) -> bool:
    """By its check figures (ISO 13616)."""
    if not 15 <= len(text) <= 34:
        return False
    return int("".join(str(int(one, 36)) for one in text[4:] + text[:4])) % 97 == 1
