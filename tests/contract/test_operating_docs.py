"""docs/operating.md shows what the commands print: its examples are made by the very functions that print them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from local.__main__ import _COMMANDS
from local.operator import holding, redrive, rotating, trace
from local.operator.letters import Letter
from local.operator.logs import FUNCTIONS, KEPT, Said
from local.operator.rotating import KEEPS, Rotated
from local.operator.stand import Dead, Place, Stand, screen
from local.operator.steps import AUDIT, NETWORK, SCHEDULE, Step, of_logs
from local.reference.commands import takes, targets

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operating.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```text\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2027, 3, 25, 17, 4, tzinfo=UTC)
AWS = "ss in ap-southeast-1"


def test_the_screen_of_status_is_as_shown() -> None:
    stand = Stand(
        "the make run that is up (cafe)",
        NOW,
        paused={"x-main": NOW},
        synced_at=NOW - timedelta(minutes=4),
        swept_at=NOW - timedelta(minutes=1),
        ticked_at=datetime(2027, 3, 25, 6, tzinfo=UTC),
        states={"sent": 40, "queued": 9, "draft": 12},
        coming=[Place("p_7k2m9qf4", "bluesky-main", datetime(2027, 3, 26, 8, tzinfo=UTC))],
        dead=Dead(3, NOW - timedelta(hours=1), {"sender": 2, "notifier": 1}),
        alarms=[],
        key_days=[None, 40],
    )
    assert "\n".join(screen(stand, BERLIN)) in EXAMPLES


def test_a_trace_is_as_shown() -> None:
    began, due = datetime(2027, 3, 15, 7, 12, tzinfo=UTC), datetime(2027, 3, 15, 15, tzinfo=UTC)
    second = timedelta(seconds=1)
    said = [
        Said(began, "drive-sync", "emits", {"post_id": "p_1", "move": "ss.calendar.changed", "trace_id": "t_1"}),
        Said(
            began + 2 * second,
            "renderer",
            "packages",
            {"post_id": "p_1", "got": "ss.package.wanted", "outcome": "1 ready", "count": 1, "trace_id": "t_1"},
        ),
    ]
    emits, packages = of_logs(said, ["p_1"], ["t_1"])
    row = "The row was edited: its words, its pictures or what belongs to them were changed"
    falls = "p_7k2m9qf4-bluesky-main-1-2f falls due: ss.send (try 1)"
    steps = [
        emits,
        Step(began + second, AUDIT, "scheduler", row, "t_1"),
        packages,
        Step(due, SCHEDULE, "bluesky-main", falls),
        Step(due + second, NETWORK, "bluesky-main", "try 1 ends: ok, https://bsky.app/profile/moewe/post/1", "t_2"),
    ]
    assert "\n".join(trace.printed(trace.Traced(steps), BERLIN)) in EXAMPLES


def test_a_dead_letter_is_shown_as_it_is() -> None:
    at = datetime(2027, 3, 25, 16, 4, tzinfo=UTC)
    letter = Letter("1", at, "sender", "ss.send", "Throttled", 3, "p_7k2m9qf4 x-main", "t_0123456789abcdef", "bus")
    assert redrive.told([redrive.Outcome(letter)], AWS, went=False) in EXAMPLES


def test_what_the_brake_and_a_rotation_say_is_as_shown() -> None:
    held = {"by": "ada", "how": "command", "at": NOW.isoformat()}
    assert holding.told(AWS, holding.Done(True, held)) in EXAMPLES
    assert rotating.told(AWS, Rotated(2, 0), revoked=False) in EXAMPLES
    assert f"stay for {KEEPS.days} days" in PAGE


def test_every_command_of_the_page_is_there_and_every_function_s_log_is_read() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", PAGE)) <= targets | {"run"}
    assert {"status", "trace", "redrive", "hold-all", "release", "rotate-signing-key"} <= targets & _COMMANDS.keys()
    template = (ROOT / "template.yaml").read_text()
    groups = re.findall(r'"/aws/lambda/\$\{Prefix\}-([a-z-]+)", RetentionInDays: (\d+)', template)
    assert {days for _, days in groups} == {str(KEPT.days)}
    assert {name for name, _ in groups} <= set(FUNCTIONS)
    assert template.count("AWS::Logs::LogGroup") == len(groups)


def test_each_command_takes_the_business_and_is_told_to_a_program() -> None:
    """Without ENV= it would speak to the make run on the operator's own computer."""
    offered = targets((ROOT / "Makefile").read_text("utf-8"))
    for name in ("status", "trace", "redrive", "hold-all", "release", "rotate-signing-key", "verify-audit", "history"):
        assert {"ENV", "STACK", "OPTIONS"} <= set(takes(offered[name][1])), name
    for name in ("connect", "disconnect", "backup", "restore"):
        assert "ENV" in takes(offered[name][1]), name
