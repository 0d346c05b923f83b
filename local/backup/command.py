"""``python -m local backup`` and ``restore``: tables and files into a folder, and back with everything on hold (docs/backup.md)."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from local import ROOT
from local.backup.kept import BackupError, newest
from local.backup.restoring import Restored, restore
from local.backup.taking import take
from local.operator.books import BooksError
from local.operator.which import add_options, reached

_INTO = ROOT / ".local" / "backups"


def backup(argv: list[str]) -> int:
    """0 when it was taken, 2 when it could not be."""
    parser = argparse.ArgumentParser(prog="python -m local backup", description="Tables and files into a folder.")
    parser.add_argument(
        "--into", type=Path, default=_INTO, help="the folder of all backups; what posts say lies in there"
    )
    parser.add_argument(
        "--without-files", action="store_true", help="tables alone: the buckets keep versions of their own"
    )
    parser.add_argument("--suffix", default="", help="of tables that point-in-time recovery restored under other names")
    parser.add_argument("--as-of", type=_moment, help="the moment it restored them to, like 2027-03-25T09:00:00+00:00")
    options = _options(parser, argv)
    if bool(options.suffix) != bool(options.as_of):
        parser.error("--suffix and --as-of belong together")
    try:
        stack = reached(options)
        os.umask(0o077)
        folder, manifest = take(
            stack, options.into, _tell, files=not options.without_files, suffix=options.suffix, as_of=options.as_of
        )
    except (BooksError, BackupError) as error:
        print(f"backup: {error}", file=sys.stderr)
        return 2
    count = sum(table.items for table in manifest.tables.values())
    print(f"{stack.name}: {count} items and {sum(map(len, manifest.buckets.values()))} files are in {folder}.")
    print("Secrets are not in it, and what posts say is: keep it as you keep the sheet.")
    return 0


def main_restore(argv: list[str]) -> int:
    """0 when it was put back, 2 when it could not be."""
    parser = argparse.ArgumentParser(
        prog="python -m local restore", description="A backup put back, with everything on hold."
    )
    parser.add_argument("--from", dest="folder", type=Path, help="the backup's folder; else the newest of this stack")
    parser.add_argument("--into", type=Path, default=_INTO, help="the folder of all backups")
    parser.add_argument("--replace", action="store_true", help="throw away what the tables hold now")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = _options(parser, argv)
    try:
        stack = reached(options)
        folder = options.folder or newest(options.into, stack.prefix)
        done = restore(stack, folder, _tell, replace=options.replace, sure=(lambda _: True) if options.yes else _sure)
    except (BooksError, BackupError) as error:
        print(f"restore: {error}", file=sys.stderr)
        return 2
    print(told(stack.name, done))
    return 0


def told(name: str, done: Restored) -> str:
    posts = len({key.partition("#")[0] for key in done.asked})
    return "\n".join(
        (
            f"{name}: {done.items} items and {done.files} files are back, as of {done.taken_at:%Y-%m-%d %H:%M} UTC. Everything is on hold.",
            f"{posts} post{'' if posts == 1 else 's'} ({len(done.asked)} channels) may have gone out since: they are looked for,"
            " the owner is asked about the rest, and none is sent before that is answered.",
            "next, each with this stack's ENV=: make verify-audit, make status; make release when the answers are in (docs/backup.md)",
        )
    )


def _options(parser: argparse.ArgumentParser, argv: list[str]) -> argparse.Namespace:
    add_options(parser)
    return parser.parse_args(argv)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text} says no zone: end it with +00:00")
    return found


def _sure(question: str) -> bool:
    if not sys.stdin.isatty():
        raise BackupError(f"{question}: nobody is there to say yes", "the same command with YES=1")
    return input(f"{question}. Go on? (yes) ").strip().lower() in {"y", "yes"}


def _tell(line: str) -> None:
    with suppress(BrokenPipeError):  # who listened has gone: no reason to stop in the middle
        print(f"  {line}", flush=True)
