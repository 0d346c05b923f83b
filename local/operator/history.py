"""``python -m local history p_…``: a post's life in plain words, oldest first, out of the audit.

Beside its own chain and its channels', while it lived: the holds on everything and the pauses of its channels.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from local.operator.books import Books, BooksError, Row
from local.operator.row_words import harmless
from local.operator.sentences import LOOKS
from local.operator.telling import Line, told
from local.operator.which import add_options, chosen
from mesh.ledger.items import head_key
from mesh.rulebook.near import nearest
from mesh.schedule_time import say

_OVER = timedelta(days=1)  # a hold from before it was seen, or after it was out, is none of its life


def main(argv: list[str]) -> int:
    """0 when it was told; 1 where there is no such post; 2 when the tables could not be read."""
    parser = argparse.ArgumentParser(prog="python -m local history", description=__doc__)
    parser.add_argument("post", help="the post's id, as in the sheet's column post_id")
    add_options(parser)
    parser.add_argument("--all", action="store_true", help="also the housekeeping")
    parser.add_argument("--json", action="store_true", help="every line, for a program")
    options = parser.parse_args(argv)
    try:
        with chosen(options) as stack:
            lines = life(stack.books, options.post.strip(), stack.zone)
            missing = "" if lines else no_such_post(options.post.strip(), stack.books.post_ids(), stack.name)
            zone = stack.zone
    except BooksError as error:
        print(f"history: {error}", file=sys.stderr)
        return 2
    if missing:
        print(missing, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps([as_json(line) for line in lines], indent=2))
    else:
        print("\n".join(printed(lines, zone, every=options.all)))
    return 0


def life(books: Books, post_id: str, zone: ZoneInfo) -> list[Line]:
    """Empty where the audit knows no such post."""
    return told(life_rows(books, post_id), zone)


def life_rows(books: Books, post_id: str) -> list[Row]:
    """Its own rows, its channels', and of the time between its first and its last those that stood over it."""
    own = books.rows(post_id) if post_id and "#" not in post_id else []
    if not own:
        return []
    rows = [*own]
    channels = channels_of(own)
    for channel in channels:
        rows += books.rows(head_key(post_id, channel))
    began, ended = _span(rows)
    for subject in ("everything", *(f"channel#{channel}" for channel in channels)):
        rows += [row for row in books.rows(subject) if began <= str(row.get("ts", "")) <= ended]
    return rows


def channels_of(rows: Iterable[Row]) -> list[str]:
    """All that the post was ever to go to."""
    found: set[str] = set()
    for row in rows:
        for side in ("before", "after"):
            values = row.get(side)
            channels = values.get("channels") if isinstance(values, dict) else None
            found |= {str(channel) for channel in channels or ()}
    return sorted(found)


def _span(rows: list[Row]) -> tuple[str, str]:
    """From its first row to a day after its last, as the rows' own times: ISO in UTC, so that they compare as text."""
    times = sorted(str(row.get("ts", "")) for row in rows)
    try:
        ended = (datetime.fromisoformat(times[-1]) + _OVER).isoformat()
    except ValueError:
        ended = times[-1]
    return times[0], ended


def printed(lines: list[Line], zone: ZoneInfo, *, every: bool = False) -> list[str]:
    """A line each, its time in ``zone``; housekeeping only with ``every``. Looks that say the same are one line without it."""
    latest = max(line.at for line in lines)
    shown = [line for line in lines if every or not line.minor]
    left_out = len(lines) - len(shown)
    place = zone.key.rsplit("/", 1)[-1].replace("_", " ")
    return [
        *(
            harmless(f"{say(run[0].at, zone, now=latest)} - {run[0].sentence}{_repeated(run, zone)}")
            for run in _runs(shown, fold=not every)
        ),
        f"{len(lines)} entries; times are {place} time."
        + (f" {left_out} of them are housekeeping; --all shows them." if left_out else ""),
    ]


def _runs(lines: list[Line], *, fold: bool) -> list[list[Line]]:
    """Each line by itself; a channel's looks that say the same together, as long as nothing but looks comes between."""
    runs: list[list[Line]] = []
    looks: dict[str, list[Line]] = {}
    for line in lines:
        if line.action not in LOOKS:
            looks.clear()
        elif fold and line.subject in looks and looks[line.subject][0].sentence == line.sentence:
            looks[line.subject].append(line)
            continue
        runs.append([line])
        looks[line.subject] = runs[-1]
    return runs


def _repeated(run: list[Line], zone: ZoneInfo) -> str:
    if len(run) == 1:
        return ""
    times = "once more" if len(run) == 2 else f"{len(run) - 1} times more"
    return f"; so {times}, last on {say(run[-1].at, zone, now=run[-1].at)}"


def as_json(line: Line) -> dict[str, object]:
    return {**dataclasses.asdict(line), "at": line.at.isoformat(), "changed": list(line.changed)}


def no_such_post(wanted: str, there: Iterable[str], name: str) -> str:
    """With the id that was probably meant."""
    ids = list(there)
    shown = "".join(letter for letter in wanted[:40] if letter.isprintable())
    if not ids:
        return f"There are no posts yet in {name}."
    close = nearest(wanted, ids)
    if not wanted.startswith("p_") and not close:
        return f"“{shown}” is no post's id; it begins with p_ and stands in the sheet's column post_id."
    return f"There is no post {shown} in {name}" + (f"; did you mean {close}?" if close else ".")
