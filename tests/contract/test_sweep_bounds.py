"""docs/sweep.md: for each trouble, who finds it and when at the latest. The minutes are sums of the code's own constants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

import draft_helper.batch_decide
import draft_helper.decide
import drive_sync.handler
import drive_sync.watching
import networks
import notifier.gathering
import scheduler.ahead
import scheduler.channels
import scheduler.echoes
import scheduler.rounds
import scheduler.troubles
import sender.ahead
import sender.decide
from local.deploy import read_template
from mesh.events import REGISTRY
from mesh.ledger.runtime import PROBE_EVERY
from networks.model import AfterUnknown, Declared

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "sweep.md"
QUARTER = timedelta(minutes=15)
FIRES = timedelta(seconds=60)  # EventBridge Scheduler's precision (its user guide: within 60 seconds)
ROUNDED = timedelta(minutes=1)  # a look is booked for the first whole minute after its time
_RATE = re.compile(r"rate\((\d+) minutes?\)")


@cache
def template() -> dict[str, dict[str, object]]:
    return {
        resource["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("${Prefix}-"): resource["Properties"]
        for resource in read_template(ROOT / "template.yaml")["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def every(function: str, schedule: str) -> timedelta:
    """How often a schedule of the template fires, and with it how long its invocation may be waited for."""
    expression = template()[function]["Events"][schedule]["Properties"]["ScheduleExpression"]  # type: ignore[index]
    found = _RATE.fullmatch(expression)
    assert found is not None
    return timedelta(minutes=int(found[1])) + FIRES


def run(function: str) -> timedelta:
    """The longest that an invocation takes."""
    return timedelta(seconds=template()[function]["Timeout"])  # type: ignore[arg-type]


def declared() -> list[Declared]:
    return [networks.composer(name).declared for name in networks.NAMES]


SWEEP = every("scheduler", "Sweep") + run("scheduler")
SYNC = every("drive-sync", "Poll") + run("drive-sync")
TEMPLATES = every("template-sync", "Sweep") + run("template-sync")
DRAFTS = every("draft-helper", "Sweep") + run("draft-helper")
GATHERED = notifier.gathering.APART + every("notifier", "Troubles") + run("notifier")
SEND, MAIL, RENDER = run("sender"), run("notifier"), run("renderer")
NUDGE, LEASE = scheduler.channels.NUDGE_AFTER, sender.decide.LEASE
RESENT = NUDGE + SWEEP + SEND
LOOKED = sender.decide.ASK_AFTER + sender.decide.LOOK_AGAIN + ROUNDED + FIRES + SEND + MAIL

TROUBLES = {
    "due and not sent": RESENT,
    "due, and sending does not get through": scheduler.troubles.TOLD_AFTER + SWEEP + MAIL,
    "its schedule was never made": RESENT,
    "booked nowhere": SWEEP,
    "stuck open": LEASE + SWEEP + SEND,
    "unknown": LOOKED,
    "unknown, and only the owner can say": max(
        (one.settle for one in declared() if one.after_unknown is AfterUnknown.ASK_OWNER), default=timedelta()
    )
    + ROUNDED
    + FIRES
    + SEND
    + MAIL,
    "a network that works again": sender.decide.BACKOFF[-1] * 1.2 + ROUNDED + FIRES + SEND,
    "approved without flag": SYNC,
    "a killed run of drive-sync": drive_sync.handler.LEASE + SYNC,
    "paused": GATHERED,
    "a recurring post's schedule is gone, or did not fire": TEMPLATES,
}
EVENTS = {
    "ss.calendar.changed": SWEEP,
    "ss.rules.changed": max(SWEEP, TEMPLATES),
    "ss.package.wanted": SWEEP + RENDER,
    "ss.package.ready": SWEEP,
    "ss.review.requested": scheduler.rounds.CARD_OVERDUE + SWEEP + MAIL,
    "ss.approved": SYNC,
    "ss.cleared": SWEEP,
    "ss.held": SWEEP,
    "ss.released": SYNC,
    "ss.draft.requested": DRAFTS + run("draft-helper"),
    "ss.draft.ready": draft_helper.decide.CARD_OVERDUE + DRAFTS + MAIL,
    "ss.batch.requested": draft_helper.batch_decide.GRACE + DRAFTS,
    "ss.draft.accepted": SYNC,
    "ss.row.wanted": SYNC,
    "ss.voided": SYNC,
    "ss.send": RESENT,
    "ss.retry": RESENT,
    "ss.probe": SWEEP + SEND,
    "ss.answered": SWEEP + SEND,
    "ss.attempt.failed": SWEEP + SEND,
    "ss.sent": SYNC,
    "ss.failed": scheduler.echoes.ECHO_AFTER + SWEEP + MAIL,
    "ss.trouble": scheduler.echoes.ECHO_AFTER + SWEEP + MAIL,
}
AT_THE_PAGE = {"ss.code.wanted"}


@dataclass(frozen=True)
class Line:
    """One line of a table of the page."""

    name: str
    minutes: str


def lines() -> dict[str, Line]:
    found = re.findall(r"^\| (?:`([\w.]+)`|([^|`]+?)) \|.*\| ([\d.]+) min \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return {event or name: Line(event or name, minutes) for event, name, minutes in found}


def minutes(bound: timedelta) -> str:
    return f"{bound.total_seconds() / 60:g}"


@pytest.mark.parametrize("name", sorted({**TROUBLES, **EVENTS}))
def test_whatever_goes_wrong_is_found_and_mended_or_told_within_a_quarter_of_an_hour(name: str) -> None:
    assert {**TROUBLES, **EVENTS}[name] < QUARTER


def test_every_kind_of_event_has_its_bound() -> None:
    assert set(EVENTS) | AT_THE_PAGE == set(REGISTRY)


def test_the_page_tells_these_bounds_and_no_others() -> None:
    bounds = {**TROUBLES, **EVENTS}
    assert {name: line.minutes for name, line in lines().items()} == {
        name: minutes(one) for name, one in bounds.items()
    }


def test_what_is_sent_again_is_not_told_before_it_had_its_chance() -> None:
    assert NUDGE < scheduler.troubles.TOLD_AFTER


def test_a_lost_sender_is_found_out_only_after_its_lease_and_its_lease_outlasts_its_time() -> None:
    assert run("sender") < LEASE
    assert run("drive-sync") < drive_sync.handler.LEASE


def test_a_killed_draft_is_taken_up_only_after_its_lease_and_its_lease_outlasts_its_time() -> None:
    assert run("draft-helper") < draft_helper.decide.LEASE


def test_an_echo_falls_into_a_sweep_also_where_one_is_late() -> None:
    span = scheduler.echoes.ECHO_UNTIL - scheduler.echoes.ECHO_AFTER
    assert span >= every("scheduler", "Sweep") + FIRES


def test_a_trial_is_noted_for_longer_than_it_is_asked_for() -> None:
    assert max(scheduler.ahead.LEADS) < sender.ahead.NOTED_FOR
    assert max(scheduler.ahead.LEADS) / scheduler.ahead.FRESH > PROBE_EVERY


def test_a_doubt_about_a_row_is_sure_by_the_next_sweep() -> None:
    assert every("scheduler", "Sweep") - FIRES > sender.ahead.SURE_AFTER


def test_a_scheduler_that_stands_still_is_no_false_alarm() -> None:
    assert 3 * every("scheduler", "Sweep") < drive_sync.watching.SWEEP_SILENT
    assert timedelta(hours=25) + SWEEP < drive_sync.watching.TICK_SILENT
