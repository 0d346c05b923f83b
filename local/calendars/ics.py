"""A calendar file of planned posts (RFC 5545), for any calendar program. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

_LINE_OCTETS = 75  # section 3.1: longer lines go on in the next, after a blank
_LASTS = "PT15M"  # a post is a moment; a calendar program draws nothing of an event without length


@dataclass(frozen=True)
class Entry:
    """``uid`` stays the same from one file to the next, so that a program moves the entry; ``at`` is aware. ``sure``: it is approved."""

    uid: str
    at: datetime
    title: str
    text: str
    sure: bool


def ics_bytes(entries: Iterable[Entry], *, name: str, now: datetime) -> bytes:
    """Every moment in UTC, so that no zone has to be told along. ValueError for a naive one."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Social Scheduler//Planned posts//EN", "CALSCALE:GREGORIAN"]
    lines.append(f"X-WR-CALNAME:{escaped(name)}")
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{escaped(entry.uid)}@social-scheduler",
            f"DTSTAMP:{_utc(now)}",
            f"DTSTART:{_utc(entry.at)}",
            f"DURATION:{_LASTS}",
            f"SUMMARY:{escaped(entry.title)}",
            f"DESCRIPTION:{escaped(entry.text)}",
            f"STATUS:{'CONFIRMED' if entry.sure else 'TENTATIVE'}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in folded(line)).encode()


def escaped(text: str) -> str:
    r"""Section 3.3.11: ``\`` ``;`` and ``,`` with a backslash before them, a line's end as ``\n``; other control characters go."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(letter for letter in plain if letter in "\n\t" or letter.isprintable() or ord(letter) > 0x9F)
    plain = plain.encode("utf-8", "replace").decode()  # half of a pair of surrogates is no character
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> list[str]:
    """The line in pieces of 75 octets at most, all but the first with a blank before them; no character is torn apart."""
    pieces: list[str] = []
    piece, octets = "", 0
    for letter in line:
        size = len(letter.encode())
        if octets + size > _LINE_OCTETS:
            pieces.append(piece)
            piece, octets = " ", 1
        piece += letter
        octets += size
    return [*pieces, piece]


def _utc(moment: datetime) -> str:
    if moment.utcoffset() is None:
        raise ValueError(f"a time without a zone names no moment: {moment.isoformat()}")
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
