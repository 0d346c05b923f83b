"""A calendar file that any program reads: RFC 5545 to the octet."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from local.calendars.ics import Entry, escaped, folded, ics_bytes

NOW = datetime(2027, 3, 15, 7, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def lines(content: bytes) -> list[str]:
    """Unfolded, as section 3.1 says."""
    return content.decode().replace("\r\n ", "").split("\r\n")


def entry(at: datetime = NOW, title: str = "Cake", text: str = "Cake", *, sure: bool = True) -> Entry:
    return Entry("p_1", at, title, text, sure)


def test_a_moment_is_written_in_utc_on_both_sides_of_a_clock_change() -> None:
    before = datetime(2027, 3, 27, 9, 0, tzinfo=BERLIN)
    after = datetime(2027, 3, 28, 9, 0, tzinfo=BERLIN)
    found = lines(ics_bytes([entry(before), entry(after)], name="Café", now=NOW))
    assert [line for line in found if line.startswith("DTSTART")] == [
        "DTSTART:20270327T080000Z",
        "DTSTART:20270328T070000Z",
    ]
    assert "DTSTAMP:20270315T070000Z" in found
    assert "UID:p_1@social-scheduler" in found
    with pytest.raises(ValueError, match="without a zone"):
        ics_bytes([entry(datetime(2027, 3, 27, 9, 0))], name="Café", now=NOW)  # noqa: DTZ001


def test_only_what_is_approved_is_confirmed() -> None:
    found = lines(ics_bytes([entry(sure=True), entry(sure=False)], name="Café", now=NOW))
    assert [line for line in found if line.startswith("STATUS")] == ["STATUS:CONFIRMED", "STATUS:TENTATIVE"]


def test_no_line_is_longer_than_75_octets_and_no_character_torn() -> None:
    text = "Grüße, Frau Öztürk; 👩‍🍳🥐 " * 20 + "\nzweite\\Zeile\r\nEND:VEVENT"
    content = ics_bytes([entry(title=text, text=text)], name="Café Möwe", now=NOW)
    raw = content.split(b"\r\n")
    assert max(len(line) for line in raw) == 75
    assert all(line.decode() for line in raw[:-1])
    told = next(line for line in lines(content) if line.startswith("DESCRIPTION:"))
    back = told.removeprefix("DESCRIPTION:").replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";")
    assert back.replace("\\\\", "\\") == text.replace("\r\n", "\n")
    assert lines(content).count("END:VEVENT") == 1


def test_what_no_calendar_takes_is_left_out() -> None:
    assert escaped("a\x00b\x1b\x85c\ud800") == "abc?"
    assert escaped("a\tb") == "a\tb"
    assert folded("") == [""]
