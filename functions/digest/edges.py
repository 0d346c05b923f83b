"""What the digest reads, side by side where one read needs nothing of another; it writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from digest.decide import Gathered, Lists
from digest.pictures import MOST_BYTES, MOST_PICTURES, least_picture, small
from digest.telling import Shown, settled, to_read
from mesh import log
from mesh.cards.digest import Picture
from mesh.errors import Damaged, MeshError
from mesh.ledger import Head, Ledger, Runtime, Status
from mesh.ledger.runtime import HOLD_EVERYTHING, health_key, pause_key
from mesh.messages.bounced import bounced_from, bounced_key
from mesh.objects import read_object
from mesh.packages import Manifest, Packages
from mesh.reckoning.reading import read
from mesh.rulebook import Rulebook
from mesh.side_by_side import Together
from mesh.span import digest_week, week_after

_RULES = "rules.txt"
_AT_A_TIME = 30  # posts whose heads are read in one go: three channels each are just below a call's hundred
_log = log.logger("digest")


@dataclass(frozen=True)
class Ports:
    """``together`` makes calls side by side."""

    ledger: Ledger
    runtime: Runtime
    packages: Packages
    s3: Any
    rules_bucket: str
    tz_name: str
    people: Sequence[str]
    together: Together


def gather(ports: Ports, now: datetime) -> Gathered:
    """Three rounds of reads; how many calls they take grows with the week, and a test holds how."""
    week = digest_week(now, ZoneInfo(ports.tz_name))
    happened, statuses, drafts, rulebook = ports.together(
        [
            partial(read, ports.ledger, ports.runtime, week, now),
            ports.ledger.open_statuses,
            ports.ledger.drafts,
            partial(_rules, ports),
        ]
    )
    gone = {post_id for post_id, _ in happened.unknown} - {status.post_id for status in statuses}
    statuses = [*statuses, *ports.ledger.statuses(sorted(gone)).values()]
    heads = _heads(ports, [status for status in statuses if status.approval is not None])
    channels = {
        *(rulebook.channels if rulebook is not None else ()),
        *(one.channel for one in happened.publications),
        *(channel for status in statuses for channel in status.channels),
    }
    keys = [HOLD_EVERYTHING, *(key(name) for name in sorted(channels) for key in (pause_key, health_key))]
    kept = ports.runtime.several([*keys, *map(bounced_key, ports.people)], now)
    hold = kept.get(HOLD_EVERYTHING, {})
    return Gathered(
        week=week,
        coming=week_after(week),
        now=now,
        happened=happened,
        statuses=statuses,
        drafts=drafts,
        heads=heads,
        rulebook=rulebook,
        hold=hold.get("standing") if hold.get("since") else None,
        pauses={
            name: kept[pause_key(name)]["standing"] for name in channels if kept.get(pause_key(name), {}).get("since")
        },
        health={name: kept[health_key(name)] for name in channels if health_key(name) in kept},
        bounced={one: bounced_from(kept[bounced_key(one)]) for one in ports.people if bounced_key(one) in kept},
    )


def _rules(ports: Ports) -> Rulebook | None:
    """None where none are mirrored yet, or nothing can be read of them: drive-sync tells their owner of that."""
    from mesh.rulebook import usable_rules

    found = read_object(ports.s3, ports.rules_bucket, _RULES)
    if found is None:
        return None
    try:
        return usable_rules(found.data.decode("utf-8", "replace"), default_zone=ports.tz_name, with_holidays=False)
    except Damaged:
        return None


def _heads(ports: Ports, statuses: Sequence[Status]) -> dict[str, tuple[Head, ...]]:
    pieces = [statuses[at : at + _AT_A_TIME] for at in range(0, len(statuses), _AT_A_TIME)]
    found: dict[str, tuple[Head, ...]] = {}
    for some in ports.together([partial(ports.ledger.heads, piece) for piece in pieces]):
        found |= some
    return found


# what is shown


def look(ports: Ports, found: Gathered, listed: Lists) -> Shown:
    """The packages and pictures of what is shown, and no others. What is missing, damaged or cannot be read now costs itself alone."""
    revisions = _revisions(ports, found, settled(listed))
    pictured, listed_only = to_read(listed, revisions)
    wanted = [*pictured, *listed_only]
    manifests = {
        pair: manifest
        for pair, manifest in zip(
            wanted, ports.together([partial(_manifest, ports, pair) for pair in wanted]), strict=True
        )
        if manifest is not None
    }
    return Shown(manifests, _pictures(ports, pictured, manifests), revisions)


def _revisions(ports: Ports, found: Gathered, posts: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Which revision each of these went out or failed with."""
    unread = [
        Status(post_id=post_id, channels=channels) for post_id, channels in posts.items() if post_id not in found.heads
    ]
    heads = {**found.heads, **_heads(ports, unread)}
    said = {
        post_id: next((head.revision for head in heads.get(post_id, ()) if head.channel in channels), "")
        for post_id, channels in posts.items()
    }
    return {post_id: revision for post_id, revision in said.items() if revision}


def _manifest(ports: Ports, pair: tuple[str, str]) -> Manifest | None:
    try:
        return ports.packages.read(*pair)
    except (MeshError, ValueError) as error:
        _note("a package is not shown", pair, error)
        return None


def _pictures(
    ports: Ports, pairs: Iterable[tuple[str, str]], manifests: dict[tuple[str, str], Manifest]
) -> dict[tuple[str, str], Picture]:
    """One of each post. Bytes are read some at a time, and made small one after the other: few are in memory at once."""
    chosen = [
        (pair, image) for pair in pairs if pair in manifests and (image := least_picture(manifests[pair])) is not None
    ][:MOST_PICTURES]
    made: dict[tuple[str, str], Picture] = {}
    left_bytes = MOST_BYTES
    for at in range(0, len(chosen), 4):
        some = chosen[at : at + 4]
        reads = [partial(_bytes, ports, pair, image.sha256) for pair, image in some]
        for (pair, image), content in zip(some, ports.together(reads), strict=True):
            picture = small(content, image) if content is not None else None
            if picture is not None and len(picture.data) <= left_bytes:
                left_bytes -= len(picture.data)
                made[pair] = picture
    return made


def _bytes(ports: Ports, pair: tuple[str, str], sha256: str) -> bytes | None:
    try:
        return ports.packages.image(*pair, sha256)
    except MeshError as error:
        _note("a picture is not shown", pair, error)
        return None


def _note(what: str, pair: tuple[str, str], error: Exception) -> None:
    log.line(_log, what, post_id=pair[0], reason=type(error).__name__)
