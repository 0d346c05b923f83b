"""``make cost``: what a month costs on AWS, counted on the deployed template in virtual time.

A month of a typical business, every tick of it; then strangers at the public doors. ``build/cost.json`` holds every count, and the page's
tables come of it (``--page``).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from local import ROOT
from local.cost.bill import Bill, make_bill
from local.cost.business import CHANNELS, MONTH_DAYS
from local.cost.hammering import hits_of
from local.cost.hostile import measure_kinds
from local.cost.month import CountsDisagreeError, count_month
from local.cost.operations import UnknownCallError
from local.cost.page import write_page
from local.cost.prices import AIM_USD, AS_OF
from local.cost.standing import Standing, read_standing
from local.cost.telling import bill_notes, bill_table, functions_table, hits_table, money
from local.run import say
from local.stack import PREFIX, StackError
from local.story_world import StoryError

OUT = ROOT / "build" / "cost.json"


def main(argv: list[str]) -> int:
    options = _options(argv)
    standing = standing_now()
    kept: dict[str, Any] = json.loads(OUT.read_text()) if OUT.exists() else {}
    name = f"{options.posts} posts"
    try:
        if not (options.only_hostile or options.again):
            with _folder(options.state) as folder:
                counted = count_month(folder, options.days, options.posts, say)
            kept.setdefault("months", {})[name] = asdict(counted)
            _write(kept)  # before it is priced: a call without a price must not cost the whole count
            _show(make_bill(asdict(counted), standing), asdict(counted))
        if not (options.no_hostile or options.again):
            with tempfile.TemporaryDirectory(prefix="cost-") as fresh:
                kinds = measure_kinds(Path(fresh), say)
            kept["hostile"] = [asdict(kind) for kind in kinds]
            _write(kept)
            say("\n".join(hits_table(hits_of(kept["hostile"], standing.memory_mb))))
        return _keep(kept, standing, options)
    except (StackError, StoryError, UnknownCallError, CountsDisagreeError) as error:
        say(f"✗ {error}")
        return 1


def _keep(kept: dict[str, Any], standing: Standing, options: argparse.Namespace) -> int:
    if options.again:
        for counted in kept.get("months", {}).values():
            _show(make_bill(counted, standing), counted)
        say("\n".join(hits_table(hits_of(kept.get("hostile", []), standing.memory_mb))))
    kept["prices_as_of"] = AS_OF
    kept["bills"] = {name: _told(make_bill(counted, standing)) for name, counted in kept.get("months", {}).items()}
    _write(kept)
    say(f"written to {OUT}")
    if options.page:
        write_page(kept, standing)
        say("written into docs/cost.md")
    return 0


def _write(kept: dict[str, Any]) -> None:
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(kept, indent=1))


def standing_now() -> Standing:
    stacks = sorted((ROOT / "stacks").glob("*.yaml"))
    return read_standing([ROOT / "template.yaml", *stacks], len(CHANNELS), PREFIX)


def _show(bill: Bill, counted: dict[str, Any]) -> None:
    say("\n".join([*bill_table(bill), "", *functions_table(bill, counted), "", *bill_notes(bill, counted)]))
    over = bill.total(aim_only=True) - AIM_USD
    say(f"{money(abs(over))} USD {'over' if over > 0 else 'below'} the aim of {AIM_USD:.0f} USD")
    say(f"counted in {counted['took_seconds']:.0f} s")


def _told(bill: Bill) -> dict[str, Any]:
    return {
        "usd": {line.price.key: round(line.usd, 6) for line in bill.lines},
        "counts": {line.price.key: line.count for line in bill.lines},
        "aim_usd": round(bill.total(aim_only=True), 4),
        "total_usd": round(bill.total(), 4),
        "aim_always_free_usd": round(bill.total("free_usd", aim_only=True), 4),
        "aim_first_year_usd": round(bill.total("first_year_usd", aim_only=True), 4),
    }


@contextmanager
def _folder(state: str | None) -> Iterator[Path]:
    if state:
        yield Path(state).resolve()
        return
    with tempfile.TemporaryDirectory(prefix="cost-") as folder:
        yield Path(folder)


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= MONTH_DAYS:
        raise argparse.ArgumentTypeError(f"a run of 1 to {MONTH_DAYS} days; not {days}")
    return days


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make cost", description=__doc__)
    parser.add_argument("--days", type=_days, default=MONTH_DAYS, help="fewer days, scaled to a month")
    parser.add_argument("--posts", type=int, default=60, help="a month")
    parser.add_argument("--state", help="an empty folder to keep everything in, logs and tables too")
    parser.add_argument("--no-hostile", action="store_true", help="leave the strangers out")
    parser.add_argument("--only-hostile", action="store_true", help="nothing but the strangers")
    parser.add_argument(
        "--again",
        action="store_true",
        help="count nothing: price what build/cost.json holds by today's templates and table",
    )
    parser.add_argument("--page", action="store_true", help="write the tables into docs/cost.md")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
