"""Counts what one post on three channels asks for when it goes out, on the deployed template, and writes ``measured.json``.

Two days of the small business of ``make cost``, five minutes at a time: a step in which posts went out, less one in which nothing
happened. What a month takes is not lived again here: it comes of ``build/cost.json``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from local.calendars.sample import load_sample
from local.cost.bill import durations_of, make_bill
from local.cost.business import plan_month
from local.cost.durations import CORE_FACTOR
from local.cost.month import PACE, PARAMETERS, PAST_THE_TICK, RULES, SETTING_OUT, TICK, difference, origins
from local.cost.owner import CountedOwner
from local.cost.standing import Standing
from local.run import SAMPLE, SAMPLE_ZONE
from local.stack import PREFIX
from local.story_world import World
from local.week_stack import WeekStack, deployed

DAYS, POSTS_A_MONTH = 2, 60
_PATIENCE_SECONDS = 600.0
Steps = list[dict[str, Any]]


class NotCountedError(Exception):
    """Too little went out in the days that were lived, or no month was counted yet."""


def count_steps(folder: Path, tell: Callable[[str], None]) -> Steps:
    """The tally of each five minutes, with who is behind each host and what Google was asked."""
    zone = ZoneInfo(SAMPLE_ZONE)
    sample = load_sample(SAMPLE, SETTING_OUT, zone, recurring=False)
    assert sample.start is not None
    month = plan_month(sample.start, zone, sample.rows, days=DAYS, posts_a_month=POSTS_A_MONTH)
    steps: Steps = []
    with deployed(
        folder, replace(sample, rows=(), rules=RULES.replace("{zone}", zone.key)), tell, PACE, PARAMETERS
    ) as stack:
        owner, left, now = CountedOwner(World(stack)), list(month.happenings), month.start
        while now < month.end:
            now += TICK
            before, number = stack.get(f"{stack.aws}/_local/counts"), _last_call(stack)
            stack.post(f"{stack.aws}/_local/clock", {"to": (now + PAST_THE_TICK).isoformat()}, _PATIENCE_SECONDS)
            stack.idle(_PATIENCE_SECONDS)
            step = difference(stack.get(f"{stack.aws}/_local/counts"), before)
            asked = stack.get(f"{stack.sheets}/owner/calls?after={number}")["calls"]
            steps.append({**step, "google": Counter(_kind(call["method"], call["path"]) for call in asked)})
            while left and left[0].at <= now:
                owner.do(left.pop(0))
        hosts = {origin.rpartition("//")[2]: name for name, origin in origins(stack).items()}
    for step in steps:
        step["remote"] = [[function, hosts.get(host, host), count] for function, host, count in step["remote"]]
    return steps


def _last_call(stack: WeekStack) -> int:
    return max((call["n"] for call in stack.get(f"{stack.sheets}/owner/calls?after=0")["calls"]), default=0)


def _kind(method: str, path: str) -> str:
    if path == "/token":
        return "token"
    if path.startswith("/drive/"):
        return "drive changes" if path.endswith("/changes") else "drive list"
    return "sheets read" if method == "GET" else "sheets write"


def kept(steps: Steps, cost: Mapping[str, Any], standing: Standing, counted_on: str) -> dict[str, Any]:
    """What ``measured.json`` holds. ``cost`` is ``build/cost.json``."""
    if not cost.get("months"):
        raise NotCountedError("build/cost.json holds no month: make cost, and make cost POSTS=600, first")
    sending = [step for step in steps if _events(step) and _events(step) <= {"ss.send", "ss.sent"}]
    quiet = [step for step in steps if not _events(step) and not _daily(step)]
    posts = sum(_caused(step, "ss-sender", "event ss.send") for step in sending) / 3
    if posts < 1 or not quiet:
        raise NotCountedError("no post went out by itself in the days that were lived")
    memory = {name.removeprefix(f"{PREFIX}-"): mb for name, mb in standing.memory_mb.items()}
    month = cost["months"][f"{POSTS_A_MONTH} posts"]["figures"]["functions"][f"{PREFIX}-sender"]
    return {
        "counted_on": counted_on,
        "memory_mb": memory,
        "sender_start_seconds": round(month["init_cpu_seconds"] / month["cold"] * CORE_FACTOR, 3),
        "months": {name.partition(" ")[0]: _month(one, standing) for name, one in cost["months"].items()},
        "post": _post(sending, quiet, posts),
    }


def _month(counted: Mapping[str, Any], standing: Standing) -> dict[str, Any]:
    bill = make_bill(counted, standing)
    ticks = {
        name.removeprefix(f"{PREFIX}-"): round((one.computing + one.waiting) / one.invocations, 4)
        for name, one in durations_of(counted, standing).items()
    }
    counts = {line.price.key: round(line.count, 6) for line in bill.lines}
    return {"counts": counts, "tick_seconds": ticks}


def _post(sending: Steps, quiet: Steps, posts: float) -> dict[str, Any]:
    """For each post that went out, what a quiet step takes left out."""

    def each(figure: Callable[[dict[str, Any]], float]) -> float:
        share = sum(map(figure, quiet)) / len(quiet) * len(sending)
        return round((sum(map(figure, sending)) - share) / posts, 3)

    def of_function(name: str) -> dict[str, Any]:
        function = f"{PREFIX}-{name}"
        services = sorted({row[0] for step in sending for row in step["calls"] if row[2] == function})
        others = sorted({row[1] for step in sending for row in step["remote"] if row[0] == function})
        figures: dict[str, Any] = {
            "invocations": each(lambda step: step["functions"].get(function, {}).get("invocations", 0)),
            "cpu_seconds": each(lambda step: step["functions"].get(function, {}).get("cpu_seconds", 0.0)),
            "calls": {one: each(lambda step, one=one: _calls(step, function, one)) for one in services},  # type: ignore[misc]
            "remote": {one: each(lambda step, one=one: _remote(step, function, one)) for one in others},  # type: ignore[misc]
        }
        return {**figures, **{kind: {k: v for k, v in figures[kind].items() if v} for kind in ("calls", "remote")}}

    kinds = ("sheets read", "sheets write", "drive list", "drive changes", "token")
    return {
        "functions": {name: of_function(name) for name in ("sender", "drive-sync", "notifier")},
        "google": {kind: each(lambda step, kind=kind: step["google"].get(kind, 0)) for kind in kinds},  # type: ignore[misc]
        "stored": each(lambda step: _calls(step, f"{PREFIX}-sender", "secretsmanager", "PutSecretValue")),
        "read_units": each(lambda step: _units(step["units"], "read")),
        "write_units": each(lambda step: _units(step["units"], "write")),
        "month_units": each(lambda step: _units(step["units"], "write", "month")),
    }


def _events(step: Mapping[str, Any]) -> set[str]:
    return {cause.partition(" ")[2] for _, cause, count in step["causes"] if count and cause.startswith("event ")}


def _daily(step: Mapping[str, Any]) -> bool:
    return any(count and "daily" in cause for _, cause, count in step["causes"])


def _caused(step: Mapping[str, Any], function: str, cause: str) -> int:
    return sum(count for name, why, count in step["causes"] if (name, why) == (function, cause))


def _calls(step: Mapping[str, Any], function: str, service: str, action: str = "") -> int:
    return sum(
        count for one, what, who, count in step["calls"] if (one, who) == (service, function) and action in ("", what)
    )


def _remote(step: Mapping[str, Any], function: str, who: str) -> int:
    return sum(count for one, name, count in step["remote"] if (one, name) == (function, who))


def _units(rows: Iterable[Sequence[Any]], kind: str, index: str | None = None) -> float:
    return float(sum(row[-1] for row in rows if row[3] == kind and index in (None, row[1])))
