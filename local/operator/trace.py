"""``python -m local trace p_…``: one thread, from the sheet to the post's address, through events, schedules, machine, logs and audit.

A post has many traces: an edit, a click, a booking each begin one. The audit of the post and of its channels has them all; by them the
functions' logs are read, which are kept for seven days. What is older is told by the audit alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from local.operator.asking import Refused, asking
from local.operator.books import BooksError, Row
from local.operator.history import channels_of, life_rows, no_such_post
from local.operator.logs import FUNCTIONS, KEPT, Logs, Said, windows
from local.operator.progress import Progress, progress
from local.operator.row_words import harmless, moment_of
from local.operator.steps import (
    LOG,
    MACHINE,
    Step,
    booking_names,
    in_order,
    of_audit,
    of_bookings,
    of_logs,
    of_tries,
    traces_of,
)
from local.operator.telling import told
from local.operator.which import Chosen, add_options, chosen
from mesh.ids import BATCH, POST
from mesh.ledger.items import head_key
from mesh.posts_csv import read_csv

_AROUND = timedelta(minutes=15)
_APART = timedelta(hours=3)
_MOST_EXECUTIONS = 200
_FOUND_SHOWN = 8
_TRACE = "t_"
_IDS = (POST, BATCH, _TRACE)


@dataclass(frozen=True)
class Traced:
    """The steps, and what is to be known of them: where they end, and what could not be seen."""

    steps: Sequence[Step]
    remarks: Sequence[str] = ()


def main(argv: list[str]) -> int:
    """0 when it was told; 1 where there is no such post, or more than one; 2 when the tables could not be read."""
    parser = argparse.ArgumentParser(prog="python -m local trace", description=__doc__)
    parser.add_argument(
        "post", help="the post's id, a batch's (b_…), a trace id (t_…) out of a log, or some words of the post's text"
    )
    add_options(parser)
    parser.add_argument("--all", action="store_true", help="also the housekeeping")
    parser.add_argument("--json", action="store_true", help="every step, for a program")
    options = parser.parse_args(argv)
    wanted = options.post.strip()
    try:
        with chosen(options) as stack, progress() as tell:
            thread = Thread(stack, tell)
            post_id = wanted if wanted.startswith(_IDS) else _by_text(stack, wanted)
            traced = thread.of_trace(post_id) if post_id.startswith(_TRACE) else thread.of_post(post_id)
            tell.clear()
            if not traced.steps:
                print(_nothing(stack, wanted), file=sys.stderr)
                return 1
            zone = stack.zone
    except _ManyError as many:
        print(many, file=sys.stderr)
        return 1
    except BooksError as error:
        print(f"trace: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(as_json(traced), indent=2))
    else:
        print("\n".join(printed(traced, zone, every=options.all)))
    return 0


class _ManyError(Exception):
    """Which posts may have been meant."""


class Thread:
    def __init__(self, stack: Chosen, tell: Progress) -> None:
        self._stack = stack
        self._tell = tell
        self._now = stack.now()
        self._remarks: list[str] = []

    def of_post(self, post_id: str) -> Traced:
        """A post's thread, or a batch's up to its drafts. Empty where the audit knows no such post."""
        books = self._stack.books
        self._tell("reading the audit")
        life = life_rows(books, post_id)
        if not life:
            return Traced(())
        own = [row for row in life if _is_of(row, post_id)]
        item = books.post(post_id) or {}
        batch_id = post_id if post_id.startswith(BATCH) else _batch_of(item)
        batch = books.rows(batch_id) if batch_id not in ("", post_id) else []
        traces = traces_of([*own, *batch])
        heads = [head_key(post_id, channel) for channel in channels_of(own)]
        tries = [row for head in heads for row in books.attempts(head)]
        ids = list(dict.fromkeys(one for one in (post_id, batch_id) if one))
        said = self._lines([*ids, *traces], [moment_of(row) for row in [*own, *batch]])
        steps = [
            *of_audit(told([*life, *batch], self._stack.zone)),
            *of_tries(tries),
            *of_bookings(own, self._schedules(booking_names(own)), self._now),
            *self._machine(batch_id, batch or own, said),
            *of_logs(said, ids, traces),
        ]
        self._say_what_is_older(own)
        if drafts := _planned_in(item):
            self._remarks.append(f"Its drafts, each with a thread of its own: {', '.join(drafts)}.")
        return Traced(in_order(steps), tuple(self._remarks))

    def of_trace(self, trace_id: str) -> Traced:
        """All that one cause set off, whichever posts it is about."""
        rows = []
        for row in self._stack.books.with_trace(trace_id):
            rows.append(row)
            self._tell(f"walking the audit: {len(rows)} rows found")
        moments = [moment_of(row) for row in rows] or [self._now]
        said = self._lines([trace_id], moments)
        posts = sorted({str(row["subject"]) for row in rows} | {str(one.fields.get("post_id") or "") for one in said})
        steps = [
            *(
                dataclasses.replace(step, what=f"{line.subject}: {step.what}")
                for line in told(rows, self._stack.zone)
                for step in of_audit([line])
            ),
            *of_logs(said, [post for post in posts if post], [trace_id]),
        ]
        return Traced(in_order(steps), tuple(self._remarks))

    # the parts

    def _lines(self, terms: Sequence[str], moments: Sequence[datetime]) -> list[Said]:
        """From every function that can be read; what one refuses is said and leaves the others."""
        logs = Logs(self._stack.client("logs"), self._stack.prefix, local=self._stack.local)
        spans = windows(moments, self._now, _AROUND, _APART)
        found: list[Said] = []
        for number, function in enumerate(FUNCTIONS, start=1):
            self._tell(f"reading the logs: {function}, {number} of {len(FUNCTIONS)}")
            try:
                found += logs.lines(function, terms, spans) if spans else []
            except Refused as error:
                self._remarks.append(str(error))
        return found

    def _schedules(self, names: Iterable[str]) -> dict[str, str]:
        """What the scheduler still has of these, in words. What has fired is gone there."""
        found: dict[str, str] = {}
        if not self._stack.up:
            return found
        client = self._stack.client("scheduler")
        try:
            for name in names:
                with asking("the bookings", "scheduler:GetSchedule"):
                    try:
                        one = client.get_schedule(GroupName=f"{self._stack.prefix}-bookings", Name=name)
                    except client.exceptions.ResourceNotFoundException:
                        continue
                found[name] = (
                    f"still booked, {one['ScheduleExpression']} {one.get('ScheduleExpressionTimezone', 'UTC')}"
                )
        except Refused as error:
            self._remarks.append(str(error))
        return found

    def _machine(self, batch_id: str, rows: Sequence[Row], said: Sequence[Said]) -> list[Step]:
        """The runs of the drafting machine for this batch."""
        if not batch_id or not self._stack.up:
            return []
        client = self._stack.client("stepfunctions")
        steps: list[Step] = []
        try:
            with asking("the drafting machine", "states:ListExecutions and DescribeExecution"):
                for execution in self._executions(client, min((moment_of(row) for row in rows), default=self._now)):
                    run = client.describe_execution(executionArn=execution["executionArn"])
                    if f'"{batch_id}"' not in str(run.get("input", "")):
                        continue
                    name, (begins, ends) = str(run["name"])[:36], self._times(run, said)
                    steps.append(Step(begins, MACHINE, "draft-batch", f"{name} begins"))
                    if ends is not None:
                        steps.append(Step(ends, MACHINE, "draft-batch", f"{name} ends: {run['status'].lower()}"))
        except Refused as error:
            self._remarks.append(str(error))
        return steps

    def _executions(self, client: Any, since: datetime) -> Iterator[Mapping[str, Any]]:
        account = self._stack.client("sts").get_caller_identity()["Account"]
        region = client.meta.region_name
        arn = f"arn:{client.meta.partition}:states:{region}:{account}:stateMachine:{self._stack.prefix}-draft-batch"
        number = 0
        for page in client.get_paginator("list_executions").paginate(stateMachineArn=arn):
            for execution in page["executions"]:
                number += 1
                before = execution["startDate"] < since - _AROUND
                if number > _MOST_EXECUTIONS or (before and not self._stack.local):
                    return
                yield execution

    def _times(self, run: Mapping[str, Any], said: Sequence[Said]) -> tuple[datetime, datetime | None]:
        """Begin and end. On one computer the machine's clock is not the stack's: those of its steps' lines are told instead."""
        if not self._stack.local:
            return run["startDate"], run.get("stopDate")
        steps = [one for one in said if one.message.startswith("batch: ")]
        own = [one.at for one in steps if str(one.fields.get("trace_id")) in str(run.get("input", ""))] or [self._now]
        return min(own), max(own) if run.get("stopDate") else None

    def _say_what_is_older(self, rows: Sequence[Row]) -> None:
        oldest = min(moment_of(row) for row in rows)
        if self._now - oldest > KEPT:
            before = (self._now - KEPT).astimezone(self._stack.zone)
            self._remarks.append(
                f"The logs are kept for {KEPT.days} days: what was before {before:%d %B, %H:%M} is told by the audit alone."
            )


def _is_of(row: Row, post_id: str) -> bool:
    return str(row.get("subject", "")).partition("#")[0] == post_id


def _batch_of(item: Mapping[str, Any]) -> str:
    proposal = item.get("proposal")
    note = proposal.get("note") if isinstance(proposal, Mapping) else None
    return str(note.get("batch_id") or "") if isinstance(note, Mapping) else ""


def _planned_in(item: Mapping[str, Any]) -> list[str]:
    """The drafts that a batch's plan has ids for."""
    proposal = item.get("proposal")
    plan = proposal.get("plan") if isinstance(proposal, Mapping) else None
    return [str(one["post_id"]) for one in plan or () if isinstance(one, Mapping) and one.get("post_id")]


def _by_text(stack: Chosen, words: str) -> str:
    """The one post in the mirrored sheet that has these words in its text. BooksError where the sheet cannot be read."""
    if len(words) < 3:
        return words
    if not stack.up:
        raise BooksError(
            "what a run left has no sheet to look into: name the post by its id, or start it with make run"
        )
    with asking("the mirrored sheet", "s3:GetObject on the posts bucket"):
        account = stack.client("sts").get_caller_identity()["Account"]
        s3 = stack.client("s3")
        body = s3.get_object(Bucket=f"{stack.prefix}-posts-source-{account}", Key="posts.csv")["Body"].read()
        found = [row for row in read_csv(body) if row.post_id and words.casefold() in row.text.casefold()]
    if len(found) > 1:
        rows = [f"{one.post_id}  {one.date} {one.time}  {one.channels}" for one in found[:_FOUND_SHOWN]]
        shown = "".join(f"\n  {harmless(row)[:120]}" for row in rows)
        more = f"\n  and {len(found) - _FOUND_SHOWN} more" if len(found) > _FOUND_SHOWN else ""
        raise _ManyError(f"{len(found)} posts have these words; say which:{shown}{more}")
    return found[0].post_id if found else words


def _nothing(stack: Chosen, wanted: str) -> str:
    if wanted.startswith(_TRACE):
        return f"Nothing is known of {wanted[:40]} in {stack.name}: no row of the audit has it, and no log of the last seven days."
    return no_such_post(wanted, stack.books.post_ids(), stack.name)


def printed(traced: Traced, zone: ZoneInfo, *, every: bool = False) -> list[str]:
    """A line each; the day where it changes."""
    lines: list[str] = []
    day = None
    shown = [one for one in traced.steps if every or not one.minor]
    for one in shown:
        local = one.at.astimezone(zone)
        if local.date() != day:
            day = local.date()
            lines.append(f"{local:%A %d %B %Y}")
        lines.append(f"  {local:%H:%M:%S}  {one.source:<8} {one.who:<17} {one.what}")
    place = zone.key.rsplit("/", 1)[-1].replace("_", " ")
    traces = len({one.trace_id for one in traced.steps if one.trace_id})
    from_logs = sum(one.source == LOG for one in traced.steps)
    left_out = len(traced.steps) - len(shown)
    more = f" {left_out} of them are housekeeping; --all shows them." if left_out else ""
    last = f"{len(traced.steps)} steps of {traces} traces, {from_logs} out of the logs; times are {place} time.{more}"
    return [harmless(line) for line in (*lines, *dict.fromkeys(traced.remarks), last)]


def as_json(traced: Traced) -> dict[str, Any]:
    steps = [{**dataclasses.asdict(one), "at": one.at.isoformat()} for one in traced.steps]
    return {"steps": steps, "remarks": list(traced.remarks)}
