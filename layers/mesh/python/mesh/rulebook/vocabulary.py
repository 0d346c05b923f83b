"""The words of a schedule, English and German, and how a phrase falls into them. All in small letters. Pure."""

from __future__ import annotations

import re

from mesh.rulebook.days import MONTHS

WEEK = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
FULL = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FORMS = (
    "monday mondays mon mo montag montags",
    "tuesday tuesdays tue tues tu dienstag dienstags di",
    "wednesday wednesdays wed weds we mittwoch mittwochs mi",
    "thursday thursdays thu thur thurs th donnerstag donnerstags do",
    "friday fridays fri fr freitag freitags",
    "saturday saturdays sat sa samstag samstags sonnabend sonnabends",
    "sunday sundays sun su sonntag sonntags so",
)
WEEKDAYS = {form: (day,) for day, forms in zip(WEEK, _FORMS, strict=True) for form in forms.split()}
WORKING = dict.fromkeys(
    ("weekday", "weekdays", "workday", "workdays", "werktag", "werktags", "werktage", "wochentag", "wochentags"),
    WEEK[:5],
)
WEEKEND = dict.fromkeys(("weekend", "weekends", "wochenende", "wochenenden"), WEEK[5:])
ORDINALS = {
    word: number
    for number, words in {
        1: "first ersten erster erste erstes",
        2: "second zweiten zweiter zweite zweites",
        3: "third dritten dritter dritte drittes",
        4: "fourth vierten vierter vierte viertes",
        5: "fifth fünften fünfter fünfte fünftes",
        0: "last letzten letzter letzte letztes",
    }.items()
    for word in words.split()
}
_KINDS = {
    kind: frozenset(words.split())
    for kind, words in {
        "every": "every each jeden jede jedes jeder alle",
        "day": "day days daily everyday tag tage tages täglich",
        "week": "week weeks weekly woche wochen wöchentlich",
        "month": "month months monthly monat monats monate monaten monatlich",
        "year": "year years yearly annually jahr jahre jahres jährlich",
        "other": "other",
        "hour": "hour hours hourly minute minutes stunde stunden stündlich minuten",
        "quarter": "quarter quarters quarterly quartal quartals vierteljährlich",
        "fortnight": "fortnight fortnightly biweekly bi-weekly zweiwöchentlich vierzehntägig 14-tägig",
        "times": "once twice times einmal zweimal mal",
        "through": "to through until till bis -",
        "nothing": "at on the in of and und am im um den dem der die das des von vom & + , @ /",
    }.items()
}
KIND = {word: kind for kind, words in _KINDS.items() for word in words}
WORDS = re.compile(
    r"\d{1,2}\.\d{1,2}\.(?:\d{2,4})?|\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{4}-\d{2}-\d{2}|\d+(?:st|nd|rd|th|\.)?|14-tägig|bi-weekly|[^\W\d_]+|\S"
)
COUNTED = re.compile(
    r"\b(?:every|each|alle|jede[nrs]?)\s(?:other|second|third|fourth|zweite[nrs]?|dritte[nrs]?|vierte[nrs]?|two|three|four|six"
    r"|zwei|drei|vier|sechs|[2-9]|[1-9]\d+|[2-9](?:nd|rd|th|\.)|[1-9]\d+(?:st|nd|rd|th|\.))\s([^\W\d_]+)"
)
PART_OF_DAY = frozenset(
    ("morning", "evening", "afternoon", "night", "morgens", "vormittags", "nachmittags", "abends", "nachts")
)
# "so", "we" and "sun" begin sentences as well.
CLEAR = frozenset(word for word in (*WEEKDAYS, *WORKING, "daily", "täglich") if len(word) > 5)
KNOWN = [*WEEKDAYS, *WORKING, *WEEKEND, *ORDINALS, *(word for word in KIND if len(word) > 2), *MONTHS]
