"""The rules doc: plain text a person writes, read forgivingly; every mistake is named with its line and a suggestion. Pure."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

NETWORKS = ("x", "instagram", "facebook", "threads", "linkedin", "bluesky", "mastodon")
_HOSTS = {
    "x": "https://api.x.com",
    "instagram": "https://graph.facebook.com",
    "facebook": "https://graph.facebook.com",
    "threads": "https://graph.threads.net",
    "linkedin": "https://api.linkedin.com",
    "bluesky": "https://bsky.social",
}
_LATE = timedelta(hours=2)
_UNITS = {"minute": 1, "minutes": 1, "min": 1, "hour": 60, "hours": 60, "h": 60, "day": 1440, "days": 1440}


@dataclass(frozen=True)
class Channel:
    """A destination the owner registered. ``host`` is an origin without a trailing slash; ``account`` the network's stable id."""

    name: str
    network: str
    account: str
    host: str


@dataclass(frozen=True)
class Rulebook:
    """``window`` is opening and closing wall-clock time (closing 00:00 = midnight), None for always."""

    time_zone: str
    channels: Mapping[str, Channel] = field(default_factory=dict)
    window: tuple[time, time] | None = None
    blackout_days: frozenset[date] = frozenset()
    minimum_gap: timedelta = timedelta()
    late: timedelta = _LATE

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True)
class RuleProblem:
    """``line`` counts from 1; ``message`` says what is wrong and what to write instead."""

    line: int
    message: str


class _Wrong(ValueError):
    """What is wrong with one line, in words."""


def parse_rules(text: str, *, default_zone: str) -> tuple[Rulebook, tuple[RuleProblem, ...]]:
    """The rules in force, and every mistake. A line with a mistake changes nothing; the rest goes on."""
    book = Rulebook(default_zone)
    problems: list[RuleProblem] = []
    channels: dict[str, Channel] = {}
    in_channels = False
    for number, line in enumerate(_lines(text), start=1):
        if not line:
            continue
        if line.rstrip(":").lower() in {"channels", "channel"}:
            in_channels = True
            continue
        try:
            if in_channels and not _setting(line):
                channel = _channel(line)
                if channel.name in channels:
                    raise _Wrong(f"there is a channel {channel.name} already; give this one another name")
                channels[channel.name] = channel
            else:
                book = _apply(book, line)
        except _Wrong as wrong:
            problems.append(RuleProblem(number, str(wrong)))
    return replace(book, channels=channels), tuple(problems)


def _lines(text: str) -> list[str]:
    """Docs bring smart quotes, odd spaces and bullets along; a comment begins with #."""
    plain = unicodedata.normalize("NFC", text.removeprefix("\ufeff")).translate(_PLAIN)
    lines = [re.sub(r"^[\s\-*•·‣–]+", "", line.split("#", 1)[0]) for line in re.split(r"\r\n|\r|\n|\u2028|\v", plain)]
    return [" ".join(line.split()) for line in lines]


_PLAIN = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u202f": " ", "：": ":", "–": "-", "—": "-"}
)


def _setting(line: str) -> Callable[[Rulebook, str], Rulebook] | None:
    return _SETTINGS.get(line.partition(":")[0].strip().lower())


def _apply(book: Rulebook, line: str) -> Rulebook:
    name, colon, value = (part.strip() for part in line.partition(":"))
    setting = _setting(line)
    if setting is None:
        close = difflib.get_close_matches(name.lower(), _SETTINGS, n=1)
        hint = f"did you mean “{close[0]}:”?" if close else "known are: " + ", ".join(_SETTINGS)
        raise _Wrong(f"“{name[:40]}” is no rule I know; {hint}")
    if not colon or not value:
        raise _Wrong(f"“{name}” says nothing; write its value after a colon")
    return setting(book, value)


def _time_zone(book: Rulebook, value: str) -> Rulebook:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = difflib.get_close_matches(value.replace(" ", "_"), available_timezones(), n=1, cutoff=0.5)
        raise _Wrong(
            f"there is no time zone {value}; write one like {close[0] if close else 'Europe/Berlin'}"
        ) from None
    return replace(book, time_zone=value)


def _window(book: Rulebook, value: str) -> Rulebook:
    found = re.fullmatch(r"(\d{1,2})[:.](\d{2}) ?(?:-|to|until|bis) ?(\d{1,2})[:.](\d{2})", value)
    if found is None:
        raise _Wrong(f"“{value}” is no posting window; write it like 07:00-21:00")
    opening, closing = _clock(found[1], found[2]), _clock(found[3], found[4])
    return replace(book, window=None if opening == closing == time(0) else (opening, closing))


def _clock(hour: str, minute: str) -> time:
    if (int(hour), int(minute)) == (24, 0):
        return time(0)
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise _Wrong(f"{hour}:{minute} is no time of day; write it like 07:00") from None


def _blackout(book: Rulebook, value: str) -> Rulebook:
    days = set(book.blackout_days)
    for part in re.split(r"[,;]| and ", value):
        if not part.strip():
            continue
        try:
            days.add(date.fromisoformat(part.strip()))
        except ValueError:
            raise _Wrong(f"“{part.strip()}” is no date; write it like 2026-12-24") from None
    return replace(book, blackout_days=frozenset(days))


def _gap(book: Rulebook, value: str) -> Rulebook:
    return replace(book, minimum_gap=_span(value))


def _late(book: Rulebook, value: str) -> Rulebook:
    return replace(book, late=_span(value))


def _span(value: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,4}) ?([a-z]+)", value.lower())
    if found is None or found[2] not in _UNITS:
        raise _Wrong(f"“{value}” is no length of time; write it like 5 minutes or 2 hours")
    return timedelta(minutes=int(found[1]) * _UNITS[found[2]])


_SETTINGS: dict[str, Callable[[Rulebook, str], Rulebook]] = {
    "time zone": _time_zone,
    "posting window": _window,
    "blackout days": _blackout,
    "minimum gap": _gap,
    "late rule": _late,
}


def _channel(line: str) -> Channel:
    """``name: network, account X, host``; the host may be left out where the network has one."""
    name, _, rest = (part.strip() for part in line.partition(":"))
    parts = [part.strip() for part in rest.split(",") if part.strip()]
    name = name.lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise _Wrong(f"“{name[:40]}” is no name for a channel; use letters, digits and dashes, like bluesky-main")
    network = parts[0].lower() if parts else ""
    if network not in NETWORKS:
        close = difflib.get_close_matches(network, NETWORKS, n=1)
        raise _Wrong(
            f"channel {name}: “{network}” is no network I know; {f'did you mean {close[0]}?' if close else 'known are: ' + ', '.join(NETWORKS)}"
        )
    account = next((part.split(None, 1)[1] for part in parts[1:] if re.match(r"account\s+\S", part, re.IGNORECASE)), "")
    if not account:
        raise _Wrong(f"channel {name}: say which account, like “account 12345”")
    others = [part for part in parts[1:] if not re.match(r"account\s", part, re.IGNORECASE)]
    host = _host(others[0]) if others else _HOSTS.get(network, "")
    if not host:
        raise _Wrong(f"channel {name}: say which server, like https://mastodon.social")
    return Channel(name, network, account, host)


def _host(value: str) -> str:
    text = re.sub(r"^(?:host|server)\s+", "", value, flags=re.IGNORECASE).rstrip("/")
    if "://" not in text:
        text = f"https://{text}"
    if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?", text):
        raise _Wrong(f"“{value[:60]}” is no server's address; write it like https://mastodon.social")
    return text.lower()
