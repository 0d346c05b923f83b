"""The forms of a page as a browser has them: each field with its value, each button, also those that stand outside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

Pair = tuple[str, str]
_TYPED_IN = frozenset({"text", "hidden", "date", "time", "url", "number"})


@dataclass(frozen=True)
class Button:
    label: str
    name: str = ""
    value: str = ""


@dataclass
class Form:
    """``fields`` are what it says as it stands, in order; ``address`` is where it goes."""

    address: str
    fields: list[Pair] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The first button's, which Enter presses as well."""
        return self.buttons[0].label if self.buttons else ""

    def filled(self, label: str = "", typed: Mapping[str, str | Iterable[str]] | None = None) -> list[Pair]:
        """What is sent when a button is pressed, the first where ``label`` is "". ``typed`` is for fields of those names."""
        pressed = next((one for one in self.buttons if label in {"", one.label}), None)
        changes = dict(typed or {})
        pairs = [pair for pair in self.fields if pair[0] not in changes]
        for name, value in changes.items():
            pairs += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        if pressed is not None and pressed.name:
            pairs.append((pressed.name, pressed.value))
        return pairs


def forms_of(page: str, address: str) -> list[Form]:
    """Those that post, in order."""
    reader = _Reader(address)
    reader.feed(page)
    reader.close()
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._address = address
        self._named: dict[str, Form] = {}
        self._open: Form | None = None
        self._said: list[str] | None = None
        self._area = ""
        self._button: tuple[Form, str, str] | None = None
        self._choice = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(urljoin(self._address, known["action"]) if known.get("action") else self._address)
            if known.get("method") == "post":
                self.forms.append(self._open)
            if known.get("id"):
                self._named[known["id"]] = self._open
            return
        owner = self._named.get(known["form"]) if known.get("form") else self._open
        if owner is None:
            return
        name = known.get("name", "")
        if tag == "input" and name:
            kind = known.get("type", "text")
            if kind in _TYPED_IN or (kind in {"checkbox", "radio"} and "checked" in known):
                owner.fields.append((name, known.get("value", "on" if kind == "checkbox" else "")))
        elif tag == "textarea" and name:
            self._area, self._said = name, []
        elif tag == "select":
            self._choice = name
        elif tag == "option" and "selected" in known and self._choice:
            owner.fields.append((self._choice, known.get("value", "")))
        elif tag == "button":
            self._button, self._said = (owner, name, known.get("value", "")), []

    def handle_data(self, data: str) -> None:
        if self._said is not None:
            self._said.append(data)

    def handle_endtag(self, tag: str) -> None:
        said = "".join(self._said or ())
        if tag == "textarea" and self._area and self._open is not None:
            self._open.fields.append((self._area, said.removeprefix("\n")))
            self._area, self._said = "", None
        elif tag == "button" and self._button is not None:
            owner, name, value = self._button
            owner.buttons.append(Button(" ".join(said.split()), name, value))
            self._button, self._said = None, None
        elif tag == "select":
            self._choice = ""
        elif tag == "form":
            self._open = None
