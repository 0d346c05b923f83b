"""What only the scheduler reads: the mirrored calendar and the rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mesh.errors import Damaged
from mesh.objects import OpenObject, opened
from mesh.posts_csv import Layout, lines, records, refuse_long
from mesh.rulebook import Rulebook, usable_rules

POSTS, RULES = "posts.csv", "rules.txt"
LONGEST_RULES_BYTES = 2_000_000  # drive-sync reads no longer doc


@dataclass(frozen=True)
class Posts:
    """One version of ``posts.csv``, opened; its rows can be read once."""

    version: str
    _object: OpenObject

    def records(self) -> tuple[Layout, Iterator[list[str]]]:
        """As ``mesh.posts_csv.records`` gives them. One that is too long is not read at all: Damaged."""
        refuse_long(self._object.length_bytes)
        return records(lines(self._object.stream))


@dataclass(frozen=True)
class Rules:
    """One version of ``rules.txt``: the rules, or what is wrong with it."""

    version: str
    rulebook: Rulebook | None
    damage: Damaged | None = None


class Calendar:
    """``posts.csv`` and ``rules.txt`` as drive-sync mirrored them, as they are or as they were."""

    def __init__(self, s3: Any, posts_bucket: str, rules_bucket: str) -> None:
        self._s3 = s3
        self._posts_bucket = posts_bucket
        self._rules_bucket = rules_bucket

    @contextmanager
    def posts(self, version: str = "") -> Iterator[Posts | None]:
        """For as long as it is read. None where nothing was mirrored yet, or that version is gone."""
        with opened(self._s3, self._posts_bucket, POSTS, version) as found:
            yield None if found is None else Posts(found.version, found)

    def rules(self, default_zone: str, version: str = "") -> Rules | None:
        """None as above."""
        with opened(self._s3, self._rules_bucket, RULES, version) as found:
            if found is None:
                return None
            try:
                refuse_long(found.length_bytes, LONGEST_RULES_BYTES)
                return Rules(found.version, _rulebook(found.stream.read(), default_zone))
            except Damaged as damage:
                return Rules(found.version, None, damage)


def _rulebook(data: bytes, default_zone: str) -> Rulebook:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Damaged("it is no text") from error
    if "\0" in text:
        raise Damaged("it is no text")
    return usable_rules(text, default_zone=default_zone)
