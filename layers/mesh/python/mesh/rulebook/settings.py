"""The rules of one line each: their names, in English and German, and what their values mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from mesh.rulebook.days import days_in
from mesh.rulebook.grouping import grouping_of
from mesh.rulebook.hours import window_of
from mesh.rulebook.model import Ads, NoZone, Rulebook, Wrong, quote
from mesh.rulebook.near import nearest

Tell = Callable[[str], None]

BLACKOUT = "blackout days"
HOLIDAYS = "public holidays"
ABOUT = "about us"
ADS = "ads"
OWN_WORDS = frozenset((ABOUT, ADS))
"""Rules whose value is the owner's own characters: "#ad" is no comment there."""
LONGEST_ABOUT_CHARACTERS = 2_000
"""Of the profile: every draft is made with it."""
_MOST_ADS_WORDS = 20
_NAMES = {
    "time zone": "time zone|timezone|time-zone|zeitzone",
    "posting window": "posting window|posting windows|posting hours|posting times|posting time|window"
    "|postingzeiten|postingzeit|posting-zeiten|posting-zeit|postzeiten|zeitfenster",
    BLACKOUT: "blackout days|blackout day|blackout dates|blackout date|blackouts|blackout|sperrtage|sperrtag",
    HOLIDAYS: "public holidays|public holiday|bank holidays|bank holiday|feiertage|feiertag|gesetzliche feiertage",
    "minimum gap": "minimum gap|min gap|minimum distance|gap|mindestabstand|abstand",
    "late rule": "late rule|late|verspätung|verspätungsregel|spätregel",
    "approval mails": "approval mails|approval mail|approval cards|approval card|approvals|freigabe-mails|freigabe-mail|freigabemails"
    "|freigabemail|freigabe mails|freigaben",
    ABOUT: "about us|about the business|who we are|über uns|wer wir sind",
    ADS: "ads|ad disclosure|ad words|werbung|werbekennzeichnung",
}
NAMES = {name: rule for rule, names in _NAMES.items() for name in names.split("|")}
RULES = tuple(_NAMES)
_RULE = re.compile(
    rf"[\"']?(?P<name>{'|'.join(sorted(map(re.escape, NAMES), key=len, reverse=True))})[\"']?"
    r"(?:\s*(?P<mark>[:=\t]|-+(?=\s))\s*|\s+(?:is|ist)\s+|\s+(?=[\d\"'])|$)(?P<value>.*)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"(?<=\S)\s*\([^()]*\)\.?$")
_NOTE = re.compile(r"(?:^|\s)#\s.*")
_NAME_END = re.compile(r"[:：=\t]|\s-+(?=\s)")
_LONGEST = timedelta(days=31)
_UNITS = {
    **dict.fromkeys(("minute", "minutes", "min", "mins", "minuten"), 1),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h", "stunde", "stunden", "std"), 60),
    **dict.fromkeys(("day", "days", "tag", "tage", "tagen"), 1440),
}
_NOTHING = {"none", "no", "never", "-", "0", "keine", "keiner", "kein", "nie"}


def setting_in(line: str) -> tuple[str, str, bool] | None:
    """The rule that the line begins with, what stands behind, and whether a colon (or a cell's edge) parts the two."""
    found = _RULE.match(line)
    if found is None:
        return None
    return (
        NAMES[found["name"].lower()],
        found["value"].replace("\t", " ").strip(" \"':"),
        found["mark"] in {":", "\t", "="},
    )


def own_words(own: str) -> str:
    """A line's own characters without a note behind them, which a hash and a space begin."""
    return " ".join(_NOTE.sub("", own).split())


def own_value(own: str, value: str) -> str:
    """What stands behind the rule's name, as the owner wrote it; ``value`` where nothing parts the two."""
    found = _NAME_END.search(own)
    return own_words(own[found.end() :]) if found else value


def apply(book: Rulebook, rule: str, value: str, tell: Tell) -> Rulebook:
    """Wrong for a value that cannot be read; of a list of days each one is told by itself."""
    if rule == BLACKOUT:
        return replace(book, blackout_days=book.blackout_days | days_in(value, tell))
    if rule == HOLIDAYS:
        from mesh.rulebook.public_holidays import region_of  # only a doc with this rule needs it

        return replace(book, holidays=region_of(value))
    if rule == ABOUT:
        return replace(book, about=_about(f"{book.about}\n{value}".strip()))
    value = _COMMENT.sub("", value)
    if rule == "time zone":
        return replace(book, time_zone=_time_zone(value))
    if rule == "posting window":
        return replace(book, window=window_of(value))
    if rule == "minimum gap":
        return replace(book, minimum_gap=_span(value))
    if rule == "approval mails":
        return replace(book, grouping=grouping_of(value))
    if rule == ADS:
        return replace(book, ads=_ads(value))
    return replace(book, late=_span(value))


@cache
def _zones() -> dict[str, str]:
    """By their names in small letters. Once per process: finding them walks the whole time zone folder."""
    return {name.lower(): name for name in available_timezones()}


def _time_zone(value: str) -> str:
    if value == "UTC" or re.fullmatch(r"(?:[A-Z][A-Za-z]+/)+[A-Z][A-Za-z_]+", value):
        try:
            return ZoneInfo(value).key
        except (KeyError, OSError, ValueError):
            pass
    names = _zones()
    wanted = value.replace(" ", "_").lower()
    if wanted in names:
        return names[wanted]
    close = [name for low, name in sorted(names.items()) if low.endswith(f"/{wanted}")]
    close = close or [names.get(nearest(wanted, sorted(names)), "Europe/Berlin")]
    raise NoZone(f"there is no time zone {quote(value)}; write one like {close[0]}")


def _about(value: str) -> str:
    over = len(value) - LONGEST_ABOUT_CHARACTERS
    if over > 0:
        raise Wrong(
            f"“About us” has {len(value):,} characters and {LONGEST_ABOUT_CHARACTERS:,} count: take {over:,} away; "
            "how you sound belongs into the voice doc"
        )
    return value


def _ads(value: str) -> Ads:
    """``#ad, Werbung``: words with commas; quotes around one are dress."""
    if value.lower() in _NOTHING:
        return Ads(())
    words = tuple(dict.fromkeys(word for part in re.split(r"[,;]", value) if (word := part.strip(" \"'“”„‟«»‘’"))))
    wordless = next((word for word in words if not any(letter.isalnum() for letter in word)), "")
    if wordless or not words:
        raise Wrong(f"{quote(wordless or value)} is no word; write those that mark an ad, like “#ad, Werbung”")
    if len(words) > _MOST_ADS_WORDS:
        raise Wrong(f"these are {len(words)} words; {_MOST_ADS_WORDS} at most mark an ad")
    return Ads(words)


def _span(value: str) -> timedelta:
    if value.lower() in _NOTHING:
        return timedelta()
    found = re.fullmatch(r"(\d{1,4}) ?([a-z]+)", value.lower())
    if found is None or found[2] not in _UNITS:
        raise Wrong(f"{quote(value)} is no length of time; write it like 5 minutes or 2 hours")
    span = timedelta(minutes=int(found[1]) * _UNITS[found[2]])
    if span > _LONGEST:
        raise Wrong(f"{quote(value)} is too long; the longest is {_LONGEST.days} days")
    return span
