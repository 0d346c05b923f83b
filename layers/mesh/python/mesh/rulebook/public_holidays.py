"""A country's public holidays, by the library ``holidays``, which is imported only where a rule names a country. Pure.

Counted are a region's public holidays, the days on which they are observed instead (a Monday for a Sunday) included; half days, bank
and school holidays are ordinary days. Dates that a calendar only estimates (Eid, Diwali) are the library's best guess, and a few
countries fix theirs so late (Sri Lanka) that the library has none for the years to come.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from mesh.rulebook.model import Region, Wrong, quote

if TYPE_CHECKING:
    from holidays import HolidayBase

NOTHING = {"none", "no", "never", "-", "keine", "keiner", "nie"}
_LIKE = "write it like “Germany, Bavaria”"
_MANY = 24
# The library knows a country by its English name and its codes, a part by its own name: these are what people write as well.
_COUNTRIES_TOO = {
    "Deutschland": "DE",
    "Österreich": "AT",
    "Schweiz": "CH",
    "Suisse": "CH",
    "Svizzera": "CH",
    "Luxemburg": "LU",
    "Italien": "IT",
    "Italia": "IT",
    "Frankreich": "FR",
    "Spanien": "ES",
    "España": "ES",
    "Niederlande": "NL",
    "Holland": "NL",
    "Belgien": "BE",
    "Dänemark": "DK",
    "Norwegen": "NO",
    "Schweden": "SE",
    "Finnland": "FI",
    "Polen": "PL",
    "Tschechien": "CZ",
    "Czech Republic": "CZ",
    "Ungarn": "HU",
    "Kroatien": "HR",
    "Griechenland": "GR",
    "Türkei": "TR",
    "Irland": "IE",
    "Großbritannien": "GB",
    "Great Britain": "GB",
    "Vereinigtes Königreich": "GB",
    "Vereinigte Staaten": "US",
    "United States of America": "US",
    "Australien": "AU",
    "Neuseeland": "NZ",
    "Kanada": "CA",
    "Indien": "IN",
    "Singapur": "SG",
}
_PARTS_TOO = {
    "DE": {
        "Bavaria": "BY",
        "Saxony": "SN",
        "Lower Saxony": "NI",
        "Saxony-Anhalt": "ST",
        "Thuringia": "TH",
        "Hesse": "HE",
        "North Rhine-Westphalia": "NW",
        "NRW": "NW",
        "Rhineland-Palatinate": "RP",
        "Mecklenburg-Western Pomerania": "MV",
    },
    "AT": {
        "Vienna": "9",
        "Carinthia": "2",
        "Lower Austria": "3",
        "Upper Austria": "4",
        "Styria": "6",
        "Tyrol": "7",
    },
    "CH": {"Geneva": "GE", "Lucerne": "LU", "Basel": "BS", "St. Gallen": "SG", "Grisons": "GR"},
}


def region_of(value: str) -> Region | None:
    """ "Germany", "Germany, Bavaria", "Bayern", "DE-BY"; None for none. Wrong for what is no country, or could be two."""
    if value.lower() in NOTHING:
        return None
    parts = [part for piece in re.split(r"[,;/()\[\]\t]", value) if (part := piece.strip(" .\"'"))]
    if len(parts) == 1 and (code := re.fullmatch(r"([A-Za-z]{2})-([A-Za-z0-9]{1,3})", parts[0])):
        parts = [code[1], code[2]]
    if not 0 < len(parts) <= 2:
        raise Wrong(f"{quote(value)} is more than one country and a part of it; {_LIKE}")
    if any(letter.isdigit() for letter in parts[0]):
        raise Wrong(f"{quote(value)} is no country; days of your own go below “Blackout days:”")
    if len(parts) == 1:
        return _alone(parts[0])
    for country, part in (parts, parts[::-1]):
        if found := _country(country):
            return Region(found, _part(found, country, part), value)
    raise Wrong(_unknown(parts[0]))


def holiday_on(region: Region, day: date) -> str:
    """The holiday's name, in English where the library has it, else as the country calls it; "" for a day like any other."""
    return _days(region.country, region.part, day.year).get(day, "")


@lru_cache(maxsize=64)
def _days(country: str, part: str, year: int) -> Mapping[date, str]:
    from holidays import country_holidays

    kind = _kinds()[country]
    named = kind.default_language or ""
    language = "en_US" if not named.startswith("en") and "en_US" in kind.supported_languages else named or None
    # The days of January are observed in the December before, too, and those belong to the year asked for.
    found = country_holidays(country, subdiv=part or None, years=[year, year + 1], language=language)
    return {day: ", ".join(dict.fromkeys(name.split("; "))) for day, name in found.items() if day.year == year}


@cache
def _kinds() -> dict[str, type[HolidayBase]]:
    """What the library knows of each country, by its ISO code."""
    import holidays
    from holidays.registry import COUNTRIES

    return {names[1]: holidays.country_holidays(names[1]).__class__ for names in COUNTRIES.values()}


@cache
def _countries() -> dict[str, tuple[str, str]]:
    """Codes with the name to show, by every name in plain letters."""
    from holidays.registry import COUNTRIES

    found: dict[str, tuple[str, str]] = {}
    for module, names in COUNTRIES.items():
        shown = module.replace("_", " ").title()
        for name in (shown, *names[1:3], *(("UK",) if names[1] == "GB" else ())):
            found[_plain(name)] = (names[1], shown)
    return found | {_plain(name): (code, name) for name, code in _COUNTRIES_TOO.items()}


def _country(name: str) -> str:
    return _countries().get(_plain(name), ("", ""))[0]


@cache
def _parts_of(country: str) -> dict[str, tuple[str, str]]:
    """As ``_countries``, of one country's parts; codes too."""
    kind = _kinds()[country]
    names = dict(getattr(kind, "subdivisions_aliases", {})) | _PARTS_TOO.get(country, {})
    found = {_plain(code): (code, code) for code in kind.subdivisions}
    return found | {_plain(name): (code, name) for name, code in names.items()}


def _part(country: str, named: str, part: str) -> str:
    known = _parts_of(country)
    if found := known.get(_plain(part)):
        return found[0]
    if not known:
        raise Wrong(f"the holidays of {named} are the same in all its parts; write “{named}” alone")
    names = {plain: shown for plain, (code, shown) in known.items() if shown != code} or {
        plain: code for plain, (code, _) in known.items()
    }
    all_of_them = list({known[plain][0]: shown for plain, shown in names.items()}.values())
    more = f" and {len(all_of_them) - _MANY} more" if len(all_of_them) > _MANY else ""
    hint = _meant(part, names) or f"known are: {', '.join(all_of_them[:_MANY])}{more}"
    raise Wrong(f"{quote(part)} is no part of {named} I know; {hint}")


def _alone(word: str) -> Region:
    """A country, or a part whose name belongs to one country only. "BY" could be Belarus or Bayern, "Georgia" two things as well."""
    country, plain = _country(word), _plain(word)
    # The codes of parts are told from those of countries by the dozen; alone stand only Germany's, for "Feiertage: BY".
    searched = _kinds() if len(plain) > 3 else {"DE"}
    parts = {(code, known[plain][0]): known[plain][1] for code in searched if plain in (known := _parts_of(code))}
    if country and not parts:
        return Region(country, "", word)
    if len(parts) == 1 and not country:
        ((code, part),) = parts
        return Region(code, part, word)
    if not parts:
        return _in_one_breath(word)
    ways = [country if len(plain) > 3 else _shown(country)] if country else []
    ways += [f"{_shown(code)}, {shown}" for (code, _), shown in parts.items()]
    raise Wrong(f"{quote(word)} could be {' or '.join(f'“{way}”' for way in ways[:4])}; write which")


def _in_one_breath(word: str) -> Region:
    """ "Germany Bavaria": two cells of a table, or a comma forgotten."""
    words = word.split()
    for at in range(1, len(words)):
        left, right = " ".join(words[:at]), " ".join(words[at:])
        for named, part in ((left, right), (right, left)):
            country = _country(named)
            if country and _plain(part) in _parts_of(country):
                return Region(country, _part(country, named, part), word)
    raise Wrong(_unknown(word))


def _shown(country: str) -> str:
    return next(shown for code, shown in _countries().values() if code == country)


def _unknown(word: str) -> str:
    known = {plain: shown for plain, (_, shown) in _countries().items() if len(plain) > 3}
    for code in _kinds():
        parts = {plain: shown for plain, (part, shown) in _parts_of(code).items() if shown != part}
        known |= {plain: f"{_shown(code)}, {shown}" for plain, shown in parts.items() if plain not in known}
    hint = _meant(word, known) or f"{_LIKE}, or name the days below “Blackout days:”"
    return f"{quote(word)} is no country whose public holidays I know; {hint}"


def _meant(word: str, known: Mapping[str, str]) -> str:
    """ "did you mean “…” or “…”?", or ""."""
    plain = _plain(word)[:40]
    near = difflib.get_close_matches(plain, known, n=12, cutoff=0.6)
    near.sort(key=lambda one: -_alike(one, plain))  # people mistype the end of a name rather than its beginning
    found = dict.fromkeys(known[one] for one in near[:3])
    return f"did you mean {' or '.join(f'“{shown}”' for shown in found)}?" if found else ""


def _alike(one: str, other: str) -> int:
    """How many letters at the beginning are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _plain(name: str) -> str:
    """Small letters without accents, spaces and signs: as a name is compared."""
    text = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in text if letter.isalnum())
