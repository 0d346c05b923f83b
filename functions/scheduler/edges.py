"""What only the scheduler reads: the mirrored calendar and the rules."""

from __future__ import annotations

from typing import Any

from mesh.objects import read_object
from mesh.posts import Row
from mesh.posts_csv import read_csv
from mesh.rulebook import Rulebook, RuleProblem, fatal_in, parse_rules


class Calendar:
    """``posts.csv`` and ``rules.txt`` as drive-sync mirrored them."""

    def __init__(self, s3: Any, posts_bucket: str, rules_bucket: str) -> None:
        self._s3 = s3
        self._posts_bucket = posts_bucket
        self._rules_bucket = rules_bucket
        self._etags: dict[str, str] = {}

    @property
    def version(self) -> str:
        """Which mirror was read last: another one after every change of a row or a rule."""
        return "/".join(self._etags.get(key, "") for key in ("posts.csv", "rules.txt"))

    def rows(self) -> dict[str, Row] | None:
        """By post id; None where nothing was mirrored yet."""
        data = self._read(self._posts_bucket, "posts.csv")
        return None if data is None else {row.post_id: row for row in read_csv(data) if row.post_id}

    def rulebook(self, default_zone: str) -> tuple[Rulebook, RuleProblem | None]:
        """The rules, and the mistake for which nothing may be planned by them."""
        text = self._read(self._rules_bucket, "rules.txt") or b""
        rulebook, problems = parse_rules(text.decode("utf-8", "replace"), default_zone=default_zone)
        return rulebook, fatal_in(problems)

    def _read(self, bucket: str, key: str) -> bytes | None:
        found = read_object(self._s3, bucket, key)
        if found is None:
            return None
        self._etags[key] = found.etag
        return found.data
