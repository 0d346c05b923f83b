"""Whether a value that a person gave can work, before anybody is asked about it. Pure; "" or why not, with what to write instead."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from zoneinfo import available_timezones

MAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
OLD_ZONES = ("US/", "posix/", "right/", "SystemV/")
"""Names that zoneinfo knows and EventBridge Scheduler does not take."""
PREFIX = re.compile(r"[a-z][a-z0-9-]{1,15}")
_LONGEST_PREFIX = 16
KEPT_BY_AWS = ("aws", "ssm", "xn-", "sthree-", "amzn-s3-")
"""What AWS keeps for itself at the beginning of a parameter's or a bucket's name."""


def zone_trouble(zone: str) -> str:
    known = available_timezones()
    if zone.startswith(OLD_ZONES):
        return f"{zone} is an old name that AWS does not take; write the city's, like America/Chicago"
    if zone in known:
        return ""
    last = zone.replace(" ", "_").rpartition("/")[2].lower()
    by_city = {one.rpartition("/")[2].lower(): one for one in sorted(known, reverse=True)}
    near = difflib.get_close_matches(last, by_city, 1, 0.8) if last else []
    return f"there is no time zone {zone}; write {by_city[near[0]] if near else 'one like Europe/Berlin'}"


def mail_trouble(address: str) -> str:
    if MAIL.fullmatch(address):
        return ""
    what = "has no @" if "@" not in address else "is no mail address"
    return f"“{address}” {what}; write the bare address, like ada@cafe.example"


def mails_trouble(text: str) -> str:
    addresses = [one.strip() for one in text.split(",")]
    for address in addresses:
        if not address:
            return "there is nothing between two commas; write addresses with one comma between them"
        if trouble := mail_trouble(address):
            return trouble
    folded = [address.lower() for address in addresses]
    twice = next((one for one in folded if folded.count(one) > 1), "")
    return f"{twice} stands there twice; write each address once" if twice else ""


def mails_of(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def region_trouble(region: str, known: Iterable[str]) -> str:
    there = sorted(known)
    if region in there:
        return ""
    near = [one for one in there if region and one.startswith(region)] or difflib.get_close_matches(region, there, 1)
    return f"there is no AWS region {region}; write {near[0] if near else 'one like ap-southeast-1'}"


def prefix_trouble(prefix: str) -> str:
    if not PREFIX.fullmatch(prefix):
        what = f"is too long with {len(prefix)} characters" if len(prefix) > _LONGEST_PREFIX else "cannot be the prefix"
        return f"“{prefix}” {what}; write 2 to 16 small letters, digits and hyphens, a letter first, like cafe"
    if prefix.endswith(("-channels", "-watch")):
        return (
            f"{prefix} would give its stack the name of another business's; write another end than -channels or -watch"
        )
    if prefix.startswith(KEPT_BY_AWS):
        return f"{prefix} begins with what AWS keeps for itself in names of parameters and buckets; write another one"
    return ""


def id_in(address: str) -> str:
    """The id out of a folder's or sheet's address, or the id itself."""
    found = re.search(r"/(?:d|folders)/([A-Za-z0-9_-]{10,})", address) or re.search(r"[?&]id=([\w-]{10,})", address)
    return found[1] if found else address.strip()


def folder_trouble(folder: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_-]+", id_in(folder)):
        return ""
    return f"“{folder[:60]}” is no folder's address; open the folder in Drive and copy the address from the browser"


def listed(names: Sequence[str]) -> str:
    """In words: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
