"""What the form of a draft's page says. Pure: fields in, frozen values out, whatever somebody sends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mesh.cells import cell_text

DO = "do"  # the field of the button that was pressed
USE = "use-"  # begins that of another wording's button; its number follows
OWN = "text:"  # begins the field of a channel's own text
MOST_CHARACTERS = 20_000  # of all that is typed together: an item of the table holds it many times over
MOST_BYTES = 60_000  # 20,000 characters of any script; of emoji, which take four bytes each, it is less


@dataclass(frozen=True)
class Typed:
    """``do`` is what was pressed; ``shown`` the digest of the draft that the page showed, ``offered`` the day and time that it proposed of
    its own. ``texts`` are of channels with one of their own.
    """

    do: str = ""
    shown: str = ""
    offered: str = ""
    text: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    alt: str = ""
    date: str = ""
    time: str = ""
    channels: tuple[str, ...] = ()
    link: str = ""

    @property
    def characters(self) -> int:
        return sum(map(len, self._words))

    @property
    def size_bytes(self) -> int:
        return sum(len(one.encode("utf-8", "replace")) for one in self._words)

    @property
    def _words(self) -> tuple[str, ...]:
        return self.text, *self.texts.values(), self.alt, self.link

    @property
    def uses(self) -> int | None:
        """The wording that is to be used, where its button was pressed."""
        number = self.do.removeprefix(USE)
        return (
            int(number)
            if self.do.startswith(USE) and number.isascii() and number.isdigit() and len(number) < 4
            else None
        )


def read_typed(fields: Iterable[tuple[str, str]]) -> Typed:
    """The first of each field counts; unknown ones are left out."""
    first: dict[str, str] = {}
    channels: list[str] = []
    for name, value in fields:
        if name == "channel":
            channels.append(_line(value))
        else:
            first.setdefault(name, value)
    texts = {name.removeprefix(OWN): words(value) for name, value in first.items() if name.startswith(OWN)}
    return Typed(
        do=_line(first.get(DO, "")),
        shown=_line(first.get("shown", "")),
        offered=_line(first.get("offered", "")),
        text=words(first.get("text", "")),
        texts={channel: text for channel, text in texts.items() if text},
        alt=words(first.get("alt", "")),
        date=_line(first.get("date", "")),
        time=_line(first.get("time", "")),
        channels=tuple(dict.fromkeys(channels)),
        link=_line(first.get("link", "")),
    )


def words(value: str) -> str:
    """As a cell would hold it, and as it comes back from a form: browsers send line ends as CR LF."""
    return cell_text(value).strip()


def _line(value: str) -> str:
    return " ".join(cell_text(value).split())
