"""``python -m local verify-audit``: walks every chain of a stack's audit and says what it found.

The tables are read page by page. In memory are one subject's rows at a time, and of each item the end of its chain.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from local.operator.books import Books, BooksError
from local.operator.progress import progress
from local.operator.row_words import harmless
from local.operator.which import add_options, chosen
from mesh.ledger.verify import Finding, Kind, walk

_TRIES = 5
_MOST_SHOWN = 50


@dataclass(frozen=True)
class Report:
    subjects: int
    rows: int
    seconds: float
    findings: tuple[Finding, ...]


def main(argv: list[str]) -> int:
    """0 when every chain is whole, 1 when anything was found, 2 when the tables could not be read."""
    parser = argparse.ArgumentParser(prog="python -m local verify-audit", description=__doc__)
    add_options(parser)
    parser.add_argument("--json", action="store_true", help="all that was found, for a program")
    options = parser.parse_args(argv)
    try:
        with chosen(options) as stack, progress() as tell:
            report = verify(stack.books, tell)
            name = stack.name
    except BooksError as error:
        print(f"verify-audit: {error}", file=sys.stderr)
        return 2
    print(json.dumps(dataclasses.asdict(report), indent=2) if options.json else told(report, name))
    return 1 if report.findings else 0


def verify(books: Books, tell: Callable[[str], None] = lambda words: None) -> Report:
    """Every chain of the stack. While it lives, a chain may grow between two reads: what looks wrong is read again, consistently."""
    began = time.monotonic()
    ends = dict(books.ends())
    seen: set[str] = set()
    suspects: dict[str, None] = {}
    rows = 0
    for subject, together in groupby(books.every_row(), key=lambda row: str(row.get("subject", ""))):
        chain = list(together)
        rows += len(chain)
        tell(f"{rows:,} rows of {len(seen):,} subjects")
        if subject in seen or walk(subject, chain, ends.get(subject)):
            suspects[subject] = None
        seen.add(subject)
    suspects |= {subject: None for subject, end in ends.items() if subject not in seen and (end.seq or end.version)}
    findings = tuple(finding for subject in suspects for finding in _looked_at_again(books, subject))
    return Report(len(seen | ends.keys()), rows, round(time.monotonic() - began, 1), findings)


def _looked_at_again(books: Books, subject: str) -> Iterator[Finding]:
    """The verdict on one subject: its rows between two looks at its item that agree."""
    before = books.end(subject)
    for _ in range(_TRIES):
        rows = books.rows(subject)
        after = books.end(subject)
        if before == after:
            yield from walk(subject, rows, after)
            return
        before = after
    yield Finding(subject, 0, Kind.UNREADABLE, f"{subject}: changes faster than it can be read; look again later.")


def told(report: Report, name: str) -> str:
    """For people: the findings, and the figures in the last line."""
    lines = [harmless(finding.sentence) for finding in report.findings[:_MOST_SHOWN]]
    more = len(report.findings) - len(lines)
    if more:
        lines.append(f"And {more:,} more; --json has them all.")
    verdict = "every chain is whole" if not report.findings else f"{len(report.findings):,} findings"
    lines.append(f"{name}: {verdict}. {report.subjects:,} subjects, {report.rows:,} rows, {report.seconds} s.")
    return "\n".join(lines)
