"""What a person sees on a page of the public door: per channel the text, the pictures' own bytes and their alt texts, and the buttons."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_VOID = {"img", "input", "br", "meta", "link", "hr"}


@dataclass(frozen=True)
class Shown:
    """One channel's share: ``pictures`` are (SHA-256 of the bytes that were loaded, alt text)."""

    channel: str
    text: str
    pictures: tuple[tuple[str, str], ...] = ()


@dataclass
class Form:
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    label: str = ""


@dataclass(frozen=True)
class Page:
    status: int
    heading: str
    shown: frozenset[Shown]
    forms: tuple[Form, ...]

    def button(self, *words: str) -> Form | None:
        """The first whose label has one of these words."""
        return next((form for form in self.forms if any(word in form.label for word in words)), None)


def read(answer: Mapping[str, Any], load: Callable[[str], bytes]) -> Page:
    """A Function URL's answer; ``load`` gets a picture's bytes by the address the page has it under."""
    body = str(answer["body"])
    if answer.get("isBase64Encoded"):
        body = base64.b64decode(body).decode()
    found = _Reader(load)
    found.feed(body)
    found.close()
    return Page(int(answer["statusCode"]), "".join(found.heading).strip(), frozenset(found.shown), tuple(found.forms))


class _Reader(HTMLParser):
    """An ``article`` is a preview; its ``pv-head`` ends in the channels' names, its ``pv-text`` is what is posted."""

    def __init__(self, load: Callable[[str], bytes]) -> None:
        super().__init__(convert_charrefs=True)
        self._load = load
        self._open: list[tuple[str, str]] = []
        self.heading: list[str] = []
        self.forms: list[Form] = []
        self.shown: list[Shown] = []
        self._head: list[str] = []
        self._text: list[str] = []
        self._pictures: list[tuple[str, str]] = []

    def _inside(self, kind: str) -> bool:
        return any(kind in classes.split() or kind == tag for tag, classes in self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "article":
            self._head, self._text, self._pictures = [], [], []
        if tag == "br" and self._inside("pv-text"):
            self._text.append("\n")
        if tag == "img" and self._inside("article") and not self._inside("pv-thumb"):
            sha256 = hashlib.sha256(self._load(given["src"])).hexdigest()
            self._pictures.append((sha256, given.get("alt", "")))
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        if tag == "input":
            self.forms[-1].fields.append((given["name"], given.get("value", "")))
        if tag == "button" and "name" in given:
            self.forms[-1].fields.append((given["name"], given.get("value", "")))
        if tag not in _VOID:
            self._open.append((tag, given.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            closed, _ = self._open.pop()
            if closed == tag:
                break
        if tag == "article":
            text = "".join(self._text)
            names = "".join(self._head).rpartition("·")[2]
            self.shown += [Shown(name.strip(), text, tuple(self._pictures)) for name in names.split(",")]

    def handle_data(self, data: str) -> None:
        if self._inside("h1"):
            self.heading.append(data)
        if self._inside("pv-head"):
            self._head.append(data)
        elif self._inside("pv-text") and not self._inside("pv-fold"):
            self._text.append(data)
        elif self._inside("button") and self.forms:
            self.forms[-1].label += data
