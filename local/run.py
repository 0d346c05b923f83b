"""``make run``: the whole mesh on this computer until Ctrl-C, and the page that shows it."""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from local import ROOT
from local.bedrock.access import NoAccessError, access_to_bedrock
from local.calendars.model import Calendar, CalendarError
from local.calendars.reading import read_calendar
from local.calendars.sample import load_sample
from local.console import create_app
from local.console.serve import listening, run
from local.following import follow
from local.only_run import must_be_free, only_run
from local.samples import SAMPLES, business_of
from local.stack import CHANNEL_NAMES, PREFIX, Stack, StackError, forget

SAMPLE = "cafe"
LOADED = "loaded"  # stands in the folder once the calendar is in the sheet: the next run goes on from there
SAMPLE_ZONE = "Europe/Berlin"


def main(argv: list[str]) -> int:
    """0 after Ctrl-C; 2 when it could not start, having said why."""
    options = _options(argv)
    began = time.monotonic()
    sample = "" if options.calendar else options.sample or SAMPLE
    try:
        business = business_of(sample)
    except CalendarError as error:
        return _refused(f"{error}: make run SAMPLE={SAMPLE}")
    try:
        zone = ZoneInfo(options.zone or business.zone)
    except (ZoneInfoNotFoundError, ValueError):
        return _refused(f"there is no time zone {options.zone}; write one like Europe/Berlin or America/New_York")
    # A calendar of one's own has a folder of its own: trying one forgets nothing of another.
    name = Path(options.calendar).stem if options.calendar else sample
    folder = Path(options.state or ROOT / ".local" / name).resolve()
    try:
        calendar = choose_calendar(options.calendar, zone, sample)
        must_be_free(folder)
        if options.fresh:
            forget(folder)
        title = name.replace("-", " ") if options.calendar else business.title
        fresh = not (folder / LOADED).exists()
        access = access_to_bedrock(options.bedrock)
        listener = _listener(options.port, folder)
        stack = Stack(  # a receipt for each post, so that a newcomer sees one: elsewhere they are in the weekly digest
            folder,
            zone.key,
            listener.getsockname()[1],
            {"QuietMinutes": "0", "Receipts": "each"},
            title,
            access,
            sample=sample,
        )
        with only_run(folder):
            return _serve(stack, calendar if fresh else None, listener, began)
    except (StackError, CalendarError, NoAccessError) as error:
        return _refused(str(error))


def choose_calendar(path: str | None, zone: ZoneInfo, sample: str = SAMPLE) -> Calendar:
    """The user's own, its problems said; or the sample. CalendarError where nothing of it can be loaded."""
    if path is None:
        return load_sample(sample, datetime.now(zone).date(), zone)
    calendar = read_calendar(Path(path), zone=zone, now=datetime.now(UTC), channels=CHANNEL_NAMES)
    for problem in calendar.problems:
        say(f"  {Path(path).name}: {problem}")
    for note in calendar.notes:
        say(f"  {Path(path).name}: {note}")
    return calendar


def _serve(stack: Stack, calendar: Calendar | None, listener: socket.socket, began: float) -> int:
    try:
        stack.start(say)
        stack.deploy(say)
        if calendar is not None:
            stack.load(calendar, say)
            (stack.folder / LOADED).touch()
        stack.fire("ss-drive-sync")
        _welcome(stack, calendar, time.monotonic() - began)
        asyncio.run(_until_stopped(stack, listener))
    except KeyboardInterrupt:
        return 0
    finally:
        listener.close()
        say("stopping …")
        stack.stop()
    return 0


async def _until_stopped(stack: Stack, listener: socket.socket) -> None:
    following = asyncio.create_task(follow(stack.aws, f"{PREFIX}-drive-sync", PREFIX))
    try:
        await run(create_app(stack.addresses), listener, announce=False)
    finally:
        following.cancel()


def _welcome(stack: Stack, calendar: Calendar | None, seconds: float) -> None:
    say(f"ready in {seconds:.1f} s:  {stack.console}")
    say("")
    if calendar is None:
        say("  Everything is where the last run left it (make run FRESH=1 starts anew).")
    elif stack.sample:
        weeks = f"The next three weeks of {stack.business}, a sample, are in the sheet"
        say(f"  {weeks}; the stack's clock stands at the first Monday, 08:00.")
    say(f"  The same cards stand in Slack: {stack.slack}")
    say("  Try this: open the mail in the outbox, press Approve, and move the clock to the next thing.")
    say("  Then change the text of an approved row, and see that it does not go out until you approve it again.")
    say("  At the end of each mail: write a note, with a photo if you like, and a draft is made of it.")
    if stack.bedrock:
        say(
            "  Drafts come from a stand-in that turns a note's own sentences round; from a real model with BEDROCK=real."
        )
    say("  Ctrl-C stops all of it.")


def _listener(port: int, folder: Path) -> socket.socket:
    """The console's port: the one asked for, else the last run's, else a free one."""
    wanted = port or _last_port(folder)
    try:
        return listening(wanted)
    except (OSError, OverflowError) as error:
        if port:
            raise StackError(f"port {port} cannot be used ({error}); choose another: make run PORT=8400") from error
        return listening(0)


def _last_port(folder: Path) -> int:
    try:
        return int(json.loads((folder / "ports.json").read_text())["console"])
    except (OSError, ValueError, KeyError):
        return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--calendar", help="your own .xlsx or .csv file (CALENDAR=mine.xlsx)")
    parser.add_argument(
        "--sample", default=SAMPLE, help=f"which sample business: {', '.join(SAMPLES)} (SAMPLE={SAMPLE})"
    )
    parser.add_argument("--fresh", action="store_true", help="forget the last run (FRESH=1)")
    parser.add_argument(
        "--zone", help="the business's time zone, where it is not the sample's own (ZONE=Europe/Berlin)"
    )
    parser.add_argument("--port", type=int, default=0, help="the page's port; a free one otherwise (PORT=8400)")
    parser.add_argument(
        "--bedrock",
        default="",
        help="real, or a region: drafts from Amazon Bedrock with this terminal's sign-in (BEDROCK=real)",
    )
    parser.add_argument("--state", help="where to keep everything (STATE=folder)")
    return parser.parse_args(argv)


def _refused(message: str) -> int:
    print(f"make run: {message}", file=sys.stderr)
    return 2


def say(line: str) -> None:
    print(line, flush=True)
