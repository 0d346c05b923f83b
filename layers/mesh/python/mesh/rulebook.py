"""The rules doc: plain text a person writes, read forgivingly; every mistake is named with its line and a suggestion. Pure."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from networks import NAMES as NETWORKS
from networks import composer
from networks.model import Of

_LATE = timedelta(hours=2)
_LONGEST = timedelta(days=31)
_UNITS = {
    **dict.fromkeys(("minute", "minutes", "min", "mins"), 1),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h"), 60),
    **dict.fromkeys(("day", "days"), 1440),
}
_NOTHING = {"none", "no", "never", "-"}
_HEADINGS = {"channel": "channels", "channels": "channels", "limit": "limits", "limits": "limits"}


@dataclass(frozen=True)
class Channel:
    """A destination the owner registered. ``host`` is an origin without a trailing slash; ``account`` the network's stable id."""

    name: str
    network: str
    account: str
    host: str


@dataclass(frozen=True)
class Rulebook:
    """``window`` is opening and closing wall-clock time, the closing minute itself outside; None for always.

    A closing of 00:00 is midnight; a closing before the opening is on the next day (21:00-02:00).
    A blackout day is a calendar day in the business's zone, as the sheet's dates are, also where the window goes over midnight.
    """

    time_zone: str
    channels: Mapping[str, Channel] = field(default_factory=dict)
    window: tuple[time, time] | None = None
    blackout_days: frozenset[date] = frozenset()
    minimum_gap: timedelta = timedelta()
    late: timedelta = _LATE
    limits: Mapping[str, Mapping[Of, int]] = field(default_factory=dict)

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
    """The rules in force, and every mistake. What cannot be read changes nothing; the rest goes on.

    ``default_zone`` holds until the doc names another; ZoneInfoNotFoundError or ValueError where it is none.
    """
    ZoneInfo(default_zone)
    book = Rulebook(default_zone)
    problems: list[RuleProblem] = []
    channels: dict[str, Channel] = {}
    limits: dict[str, dict[Of, int]] = {}
    section = ""
    for number, line in enumerate(_lines(text), start=1):
        name = line.rstrip(":").strip().lower()
        if not line:
            continue
        if name in _HEADINGS or (name == "blackout days" and line.endswith(":")):
            section = _HEADINGS.get(name, "days")
            continue
        try:
            if _setting(line) is not None:
                section = "" if section in {"days", "limits"} else section
                book = _apply(book, line, problems, number)
            elif section == "days" and (":" not in line or line[0].isdigit()) and _is_day_like(line):
                book = _blackout(book, line, problems, number)
            elif section == "channels":
                _register(_channel(line), channels)
            elif section == "limits":
                network, of, value = _limit(line)
                limits.setdefault(network, {})[of] = value
            else:
                book = _apply(book, line, problems, number)
        except _Wrong as wrong:
            problems.append(RuleProblem(number, str(wrong)))
    return replace(book, channels=channels, limits=limits), tuple(problems)


def _is_day_like(line: str) -> bool:
    """Meant as a day of a list, readable or not: a heading or a rule has no figures."""
    return line.lower() in _NOTHING or any(letter.isdigit() for letter in line)


def _lines(text: str) -> list[str]:
    """Docs bring smart quotes, odd spaces and bullets along; a comment begins with # at the start or after a space."""
    plain = unicodedata.normalize("NFC", text.removeprefix("\ufeff")).translate(_PLAIN)
    lines = [re.sub(r"(?:^|\s)#.*", "", line) for line in re.split(r"\r\n|[\r\n\v\f\u0085\u2028\u2029]", plain)]
    return [" ".join(re.sub(r"^[\s\-*+•·‣◦●○■▪]+", "", line).split()) for line in lines]


_PLAIN = str.maketrans(
    {
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‘’‚", "'"),
        **dict.fromkeys("\u2010\u2011–—−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200e\u200f\u2060\ufeff"),  # nobody sees these
        "：": ":",
    }
)


_Setting = Callable[[Rulebook, str], Rulebook]


def _setting(line: str) -> _Setting | None:
    return _SETTINGS.get(line.partition(":")[0].strip(" \"'").lower())


def _apply(book: Rulebook, line: str, problems: list[RuleProblem], number: int) -> Rulebook:
    name, colon, value = (part.strip(" \"'") for part in line.partition(":"))
    setting = _setting(line)
    if setting is None:
        close = difflib.get_close_matches(name.lower(), [*_SETTINGS, "channels", "limits"], n=1)
        known = ", ".join([*_SETTINGS, "channels", "limits"])
        raise _Wrong(f"“{name[:40]}” is no rule I know; {_did_you_mean(close, known)}")
    if not colon or not value:
        raise _Wrong(f"“{name}” says nothing; write its value after a colon")
    return _blackout(book, value, problems, number) if setting is _blackout_days else setting(book, value)


def _did_you_mean(close: list[str], known: str) -> str:
    return f"did you mean “{close[0]}”?" if close else f"known are: {known}"


@cache
def _zones() -> dict[str, str]:
    """By their names in small letters. Once per process: finding them walks the whole time zone folder."""
    return {name.lower(): name for name in available_timezones()}


def _time_zone(book: Rulebook, value: str) -> Rulebook:
    names = _zones()
    wanted = value.replace(" ", "_").lower()
    if wanted in names:
        return replace(book, time_zone=names[wanted])
    close = [name for low, name in sorted(names.items()) if low.endswith(f"/{wanted}")]
    close += [names[low] for low in difflib.get_close_matches(wanted, sorted(names), n=1)]
    raise _Wrong(f"there is no time zone “{value[:40]}”; write one like {close[0] if close else 'Europe/Berlin'}")


def _window(book: Rulebook, value: str) -> Rulebook:
    if value.lower() in _NOTHING | {"always"}:
        return replace(book, window=None)
    found = re.fullmatch(r"(\d{1,2})[:.](\d{2}) ?(?:-|to|until|bis) ?(\d{1,2})[:.](\d{2})", value.lower())
    if found is None:
        raise _Wrong(f"“{value[:40]}” is no posting window; write it like 07:00-21:00")
    opening, closing = _clock(found[1], found[2]), _clock(found[3], found[4])
    if opening == closing != time(0):
        raise _Wrong(f"“{value}” opens and closes at the same minute; write 00:00-24:00 for the whole day")
    return replace(book, window=None if opening == closing else (opening, closing))


def _clock(hour: str, minute: str) -> time:
    if (int(hour), int(minute)) == (24, 0):
        return time(0)
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise _Wrong(f"{hour}:{minute} is no time of day; write it like 07:00") from None


def _blackout_days(book: Rulebook, value: str) -> Rulebook:
    """One day. A list is taken apart before, so that one mistyped date does not open the others."""
    meant = _iso(value)
    if meant != value:
        raise _Wrong(f"“{value[:40]}” is no date; write it like {meant or '2026-12-24'}")
    return replace(book, blackout_days=book.blackout_days | {date.fromisoformat(value)})


def _blackout(book: Rulebook, value: str, problems: list[RuleProblem], number: int) -> Rulebook:
    if value.lower() in _NOTHING:
        return book
    for part in re.split(r"[,;]|\s(?:and|und)\s", value, flags=re.IGNORECASE):
        if part.strip():
            try:
                book = _blackout_days(book, part.strip(" \"'."))
            except _Wrong as wrong:
                problems.append(RuleProblem(number, str(wrong)))
    return book


def _iso(value: str) -> str:
    """What 24.12.2026 or 2026-1-5 shall be written as; "" when it is nothing of the kind."""
    found = re.fullmatch(
        r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})|(?P<Y>\d{4})\D(?P<M>\d{1,2})\D(?P<D>\d{1,2})", value
    )
    if found is None:
        return ""
    year, month, day = (int(found[low] or found[low.upper()]) for low in "ymd")
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _gap(book: Rulebook, value: str) -> Rulebook:
    return replace(book, minimum_gap=_span(value))


def _late(book: Rulebook, value: str) -> Rulebook:
    return replace(book, late=_span(value))


def _span(value: str) -> timedelta:
    if value.lower() in _NOTHING | {"0"}:
        return timedelta()
    found = re.fullmatch(r"(\d{1,4}) ?([a-z]+)", value.lower().rstrip("."))
    if found is None or found[2] not in _UNITS:
        raise _Wrong(f"“{value[:40]}” is no length of time; write it like 5 minutes or 2 hours")
    span = timedelta(minutes=int(found[1]) * _UNITS[found[2]])
    if span > _LONGEST:
        raise _Wrong(f"{value} is too long; the longest is {_LONGEST.days} days")
    return span


_SETTINGS: dict[str, _Setting] = {
    "time zone": _time_zone,
    "posting window": _window,
    "blackout days": _blackout_days,
    "minimum gap": _gap,
    "late rule": _late,
}


def _register(channel: Channel, channels: dict[str, Channel]) -> None:
    if channel.name in channels:
        raise _Wrong(f"there is a channel {channel.name} already; give this one another name")
    channels[channel.name] = channel


def _channel(line: str) -> Channel:
    """``name: network, account X, host``; the host may be left out where the network has one."""
    name, colon, rest = (part.strip(" \"'") for part in line.partition(":"))
    name = name.lower()
    parts = [part.strip(" \"'") for part in rest.split(",") if part.strip()]
    network = parts[0].lower() if parts else ""
    close = difflib.get_close_matches(name, _SETTINGS, n=1, cutoff=0.8)
    if close and network not in NETWORKS:
        raise _Wrong(f"“{name}” is no rule I know; did you mean “{close[0]}”?")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise _Wrong(f"“{name[:40]}” is no name for a channel; use letters, digits and dashes, like bluesky-main")
    if not colon or not network:
        raise _Wrong(f"channel {name}: say where it posts, like “{name}: bluesky, account cafe.bsky.social”")
    if network not in NETWORKS:
        near = difflib.get_close_matches(network, NETWORKS, n=1)
        hint = _did_you_mean(near, ", ".join(NETWORKS))
        raise _Wrong(f"channel {name}: “{network[:40]}” is no network I know; {hint}")
    accounts = [found[1].strip(" \"'") for part in parts[1:] if (found := _ACCOUNT.fullmatch(part))]
    if len(accounts) != 1:
        raise _Wrong(f"channel {name}: say which account, once, like “account 12345”")
    others = [part for part in parts[1:] if not _ACCOUNT.fullmatch(part)]
    if len(others) > 1:
        raise _Wrong(
            f"channel {name}: “{others[1][:40]}” is more than I can use; write network, account and server only"
        )
    host = _host(others[0], name) if others else composer(network).declared.host
    if not host:
        raise _Wrong(f"channel {name}: say which server, like https://mastodon.social")
    return Channel(name, network, accounts[0], host)


def _limit(line: str) -> tuple[str, Of, int]:
    """``instagram hashtags: 5``: a network, one of its limits, a whole number in that limit's own unit."""
    what, _, value = (part.strip(" \"'") for part in line.partition(":"))
    network, _, name = what.lower().partition(" ")
    if network not in NETWORKS:
        raise _Wrong(f"“{what[:40]}” is no limit I know; write it like “instagram hashtags: 5”")
    known = {of.value: of for of, limit in composer(network).declared.limits.items() if isinstance(limit.value, int)}
    of = known.get(name.strip())
    if of is None:
        close = difflib.get_close_matches(name, known, n=1)
        raise _Wrong(f"{network} has no limit “{name[:40]}”; {_did_you_mean(close, ', '.join(known))}")
    digits = re.sub(r"[,.' ]", "", value)
    if not digits.isdecimal() or not 0 < int(digits) < 10**9:
        raise _Wrong(
            f"“{value[:40]}” is no limit; write a whole number, like “{network} {of.value}: {_usual(network, of)}”"
        )
    return network, of, int(digits)


def _usual(network: str, of: Of) -> int:
    return composer(network).declared.most(of) or 0


_ACCOUNT = re.compile(r"account(?:\s*:\s*|\s+)(\S.*)", re.IGNORECASE)
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


def _host(value: str, channel: str) -> str:
    """An https origin in lower case, without a trailing slash or the port that https has anyway; http on this computer only."""
    text = re.sub(r"^(?:host|server)(?:\s*:\s*|\s+)", "", value, flags=re.IGNORECASE).rstrip("/").lower()
    bare = text if "://" in text else f"https://{text}"
    found = re.fullmatch(r"(https?)://((?:[a-z0-9-]+\.)*[a-z0-9-]+|\[::1\])(?::(\d{1,5}))?", bare)
    if found is None or ("://" not in text and "." not in text) or not 0 < int(found[3] or 443) < 65536:
        raise _Wrong(f"channel {channel}: “{value[:60]}” is no server's address; write it like https://mastodon.social")
    if found[1] == "http" and found[2] not in _LOOPBACK:
        raise _Wrong(f"channel {channel}: {bare[:60]} would send its token in the clear; write https://{found[2]}")
    return bare.removesuffix(":443") if found[1] == "https" else bare
