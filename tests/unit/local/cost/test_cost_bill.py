"""From counts to dollars: each by hand, and nothing that is counted goes unpriced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.cost import command
from local.cost.bill import Bill, Line, log_bytes, make_bill
from local.cost.durations import API_SECONDS, CORE_FACTOR, REMOTE_SECONDS, duration_of
from local.cost.hammering import MONTH_SECONDS, hit_of
from local.cost.month import Counted
from local.cost.operations import BY_THEIR_EFFECT, FREE, PRICED, UnknownCallError, charged_as
from local.cost.prices import PRICES, TABLE, Free
from local.cost.standing import Filtered, Standing
from local.cost.telling import bill_notes, bill_table, functions_table, hits_table

STANDING = Standing(
    secrets=5,
    alarm_metrics=12,
    filtered=(
        Filtered("Late", "ss-a", always=True, of_failures=False),
        Filtered("Tries", "ss-a", always=False, of_failures=False),
        Filtered("Failed", "ss-a", always=False, of_failures=True),
    ),
    dashboards=1,
    budgets=1,
    memory_mb={"ss-a": 512, "ss-door": 256},
    timeout_seconds={"ss-a": 60, "ss-door": 15},
    reserved={},
    public=frozenset({"ss-door"}),
    retention_days=7,
)
_FUNCTION = {
    "invocations": 1000,
    "cpu_seconds": 10.0,
    "init_cpu_seconds": 1.0,
    "cold": 2,
    "bursts": 3,
    "errors": 0,
    "calls": 3,
    "log_lines": 1000,
    "log_bytes": 100_000,
    "sent_bytes": 5_000,
    "answered_bytes": 0,
}


def _counted(days: int = 30, **figures: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "calls": [],
        "units": [],
        "functions": {},
        "causes": [],
        "remote": [],
        "hours": [],
        "plain": {},
    }
    return {
        "days": days,
        "posts": 60,
        "drafts": 8,
        "published": 180,
        "figures": {**empty, **figures},
        "stored": {"table ss-status": 2_000_000_000, "s3 ss-posts": 4_000_000_000},
        "hosts": {"127.0.0.1:1": "google"},
        "bedrock_micro_usd": 50_000,
        "mails": {},
        "took_seconds": 1.0,
    }


def _usd(bill: Bill, key: str) -> float:
    return bill.of(key).usd


def test_each_count_times_its_price() -> None:
    bill = make_bill(
        _counted(
            units=[["ss-status", "", "ss-a", "read", 2_000_000.0], ["ss-status", "open", "ss-a", "write", 1_000_000.0]],
            calls=[
                ["s3", "GetObject", "ss-a", 10_000],
                ["s3", "PutObject", "ss-a", 2_000],
                ["secretsmanager", "GetSecretValue", "ss-a", 20_000],
            ],
            plain={"event_chunks": 1_000_000, "firings": 2_000_000, "mails": 5_000, "transitions": 8_000, "mail_bytes": 10**9},
            hours=[["metric", "ss", "TickAge", "{}", 720], ["metric", "ss", "Seldom", "{}", 72], ["logged", "ss-a", 36]],
        ),
        STANDING,
    )  # fmt: skip
    assert _usd(bill, "dynamodb.reads") == pytest.approx(2 * 0.1425)
    assert _usd(bill, "dynamodb.writes") == pytest.approx(0.7125)
    assert _usd(bill, "s3.gets") == pytest.approx(0.004)
    assert _usd(bill, "s3.puts") == pytest.approx(0.01)
    assert _usd(bill, "secrets.calls") == pytest.approx(0.10)
    assert _usd(bill, "events.put") == pytest.approx(1.0)
    assert (_usd(bill, "scheduler.firings"), bill.of("scheduler.firings").free_usd) == (pytest.approx(2.0), 0)
    assert (_usd(bill, "states.transitions"), bill.of("states.transitions").free_usd) == (
        pytest.approx(0.2),
        pytest.approx(0.1),
    )
    assert _usd(bill, "ses.mails") == pytest.approx(0.5)
    assert (bill.of("ses.mails").free_usd, bill.of("ses.mails").first_year_usd) == (
        pytest.approx(0.5),
        pytest.approx(0.2),
    )
    assert _usd(bill, "ses.bytes") == pytest.approx(0.12)
    assert (_usd(bill, "secrets.kept"), _usd(bill, "cloudwatch.alarms")) == (pytest.approx(2.0), pytest.approx(1.2))
    assert (bill.of("cloudwatch.metrics").count, _usd(bill, "cloudwatch.metrics")) == (
        pytest.approx(1 + 1 + 0.1 + 0.05),
        pytest.approx(0.645),
    )
    assert (_usd(bill, "cloudwatch.dashboards"), bill.of("cloudwatch.dashboards").free_usd) == (3.0, 0)
    assert _usd(bill, "dynamodb.stored") == pytest.approx(0.57)
    assert _usd(bill, "dynamodb.recovery") == pytest.approx(0.456)
    assert _usd(bill, "s3.stored") == pytest.approx(0.1)
    assert _usd(bill, "bedrock.usd") == pytest.approx(0.05)
    assert _usd(bill, "x.posts") == pytest.approx(60 * 0.015)
    assert _usd(bill, "x.users_read") == pytest.approx(30 * 0.010)


def test_a_shorter_run_is_scaled_to_a_month_and_what_stands_all_month_is_not() -> None:
    plain = {"event_chunks": 1_000_000}
    whole, tenth = (make_bill(_counted(days, plain=plain), STANDING) for days in (30, 3))
    assert _usd(tenth, "events.put") == pytest.approx(10 * _usd(whole, "events.put"))
    assert _usd(tenth, "secrets.kept") == _usd(whole, "secrets.kept")
    assert _usd(tenth, "dynamodb.stored") == _usd(whole, "dynamodb.stored")


def test_the_aim_leaves_out_secrets_bedrock_and_x_and_nothing_else() -> None:
    bill = make_bill(_counted(plain={"mails": 1000}), STANDING)
    beside = sum(
        _usd(bill, key) for key in ("secrets.kept", "bedrock.usd", "x.posts", "x.linked_posts", "x.users_read")
    )
    assert bill.total() - bill.total(aim_only=True) == pytest.approx(beside)
    assert bill.total("free_usd") < bill.total()


def test_a_call_that_nothing_is_known_of_ends_the_count() -> None:
    with pytest.raises(UnknownCallError, match="kms Decrypt"):
        make_bill(_counted(calls=[["kms", "Decrypt", "ss-a", 1]]), STANDING)


def test_what_nobody_of_ours_called_is_left_out_but_for_files_by_a_signed_address() -> None:
    calls = [["sqs", "ReceiveMessage", "", 10**6], ["s3", "GetObject", "", 10_000]]
    bill = make_bill(_counted(calls=calls), STANDING)
    assert (_usd(bill, "sqs.requests"), _usd(bill, "s3.gets")) == (0, pytest.approx(0.004))


def test_every_operation_is_said_once_and_every_price_named_is_there() -> None:
    assert len(PRICED) + len(BY_THEIR_EFFECT) + len(FREE) == len({*PRICED, *BY_THEIR_EFFECT, *FREE})
    assert set(PRICED.values()) <= set(PRICES)
    assert charged_as("s3", "GetObject") == "s3.gets"
    assert charged_as("dynamodb", "Query") is None
    assert charged_as("scheduler", "CreateSchedule") is None


def test_an_allowance_has_a_kind_and_is_never_more_than_the_count() -> None:
    assert all((price.free > 0) == (price.free_for is not None) for price in TABLE)
    few = Line(PRICES["scheduler.firings"], 100)
    assert few.free_usd == few.first_year_usd == 0
    mails = PRICES["ses.mails"]
    assert mails.free_for is Free.FIRST_YEAR
    assert (Line(mails, 4_000).free_usd, Line(mails, 4_000).first_year_usd) == (pytest.approx(0.4), pytest.approx(0.1))


def test_time_is_cpu_by_the_share_of_a_core_and_every_request_waited_for() -> None:
    one = duration_of(_FUNCTION, 512, 1.0, {"dynamodb": 100, "s3": 10}, {"google": 5, "somebody": 1})
    assert one.computing == pytest.approx(10 * CORE_FACTOR * 1769 / 512)
    assert one.waiting == pytest.approx(
        100 * API_SECONDS["dynamodb"] + 10 * API_SECONDS["s3"] + 5 * REMOTE_SECONDS["google"] + 0.7
    )
    assert one.gb_seconds == pytest.approx((one.computing + one.waiting + one.starting) / 2)
    assert one.starting == pytest.approx(12 * 0.5 * CORE_FACTOR), "a start has a whole core"
    assert duration_of(_FUNCTION, 3008, 1.0, {}, {}).computing == pytest.approx(10 * CORE_FACTOR)


def test_a_busy_function_starts_anew_twelve_times_a_day_a_seldom_one_each_time() -> None:
    assert duration_of(_FUNCTION, 512, 2.0, {}, {}).cold == 24
    assert duration_of({**_FUNCTION, "invocations": 9, "bursts": 8}, 512, 2.0, {}, {}).cold == 9
    assert duration_of({**_FUNCTION, "invocations": 90, "bursts": 80}, 512, 2.0, {}, {}).cold == 80


def test_a_log_is_what_was_said_and_what_lambda_says_around_it() -> None:
    quiet = {**_FUNCTION, "log_lines": 0, "log_bytes": 0, "cold": 0}
    assert log_bytes(quiet) == 1000 * (68 + 51 + 145 + 3 * 26)
    assert log_bytes({**quiet, "log_lines": 1, "log_bytes": 200}) - log_bytes(quiet) == 226


def test_counts_are_priced_again_without_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "cost.json"
    kept.write_text(json.dumps({"months": {"60 posts": _counted(plain={"mails": 1000})}, "hostile": []}))
    monkeypatch.setattr(command, "OUT", kept)
    assert command.main(["--again"]) == 0
    assert "| SES | 1,000 mails |" in capsys.readouterr().out
    assert json.loads(kept.read_text())["bills"]["60 posts"]["usd"]["ses.mails"] == pytest.approx(0.1)


def test_a_call_without_a_price_ends_the_bill_and_not_the_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "cost.json"
    found = _counted(calls=[["glacier", "ThawArchive", "ss-a", 1]], functions={"ss-a": _FUNCTION})
    counted = Counted(**{**found, "took_seconds": 900.0})
    monkeypatch.setattr(command, "OUT", kept)
    monkeypatch.setattr(command, "standing_now", lambda: STANDING)
    monkeypatch.setattr(command, "count_month", lambda *given: counted)
    assert command.main(["--no-hostile"]) == 1
    assert "glacier ThawArchive is called" in capsys.readouterr().out
    assert json.loads(kept.read_text())["months"]["60 posts"]["took_seconds"] == 900.0
    assert command.main(["--again"]) == 1, "until somebody lists it"


@pytest.mark.parametrize("days", ["0", "-1", "31", "x"])
def test_a_run_of_no_days_is_none(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--days", days])
    assert "--days" in capsys.readouterr().err


def test_a_stranger_fills_every_place_but_is_taken_ten_times_a_second_for_each() -> None:
    figures = _counted(functions={"ss-door": {**_FUNCTION, "invocations": 10, "cpu_seconds": 0.1}})["figures"]
    hit = hit_of("x", "ss-door", 10, figures, 256)
    assert hit.seconds == pytest.approx(0.01 * CORE_FACTOR * 1769 / 256)
    assert hit.month_requests(2) == pytest.approx(2 / hit.seconds * MONTH_SECONDS)
    quick = hit_of("x", "ss-door", 10, {**figures, "functions": {"ss-door": {**_FUNCTION, "cpu_seconds": 0.001}}}, 256)
    assert quick.month_requests(2) == 20 * MONTH_SECONDS
    assert hit.month_usd(20) == pytest.approx(10 * hit.month_usd(2))


def test_the_tables_say_every_line_that_counts_and_both_sums() -> None:
    counted = _counted(plain={"mails": 1000}, functions={"ss-a": _FUNCTION})
    bill = make_bill(counted, STANDING)
    told = "\n".join(bill_table(bill))
    assert "| SES | 1,000 mails | 0.1 / 1,000 (?) | 0.10 | 0.10 |" in told
    assert "SQS" not in told, "nothing was queued"
    assert told.count("**sum") == 2
    assert "ss-a | 512 | - | 1,000 |" in "\n".join(functions_table(bill, counted))
    measured = counted | {"figures": counted["figures"] | {"held": {"ss-a": 77}}}
    assert "ss-a | 512 | 77 | 1,000 |" in "\n".join(functions_table(bill, measured))
    assert any("twice what is assumed" in note for note in bill_notes(bill, counted))
    figures = _counted(functions={"ss-door": _FUNCTION})["figures"]
    assert "| x |" in "\n".join(hits_table([hit_of("x", "ss-door", 10, figures, 256)]))
