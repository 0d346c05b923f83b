"""The clock's buttons lead where a person would expect."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from local import ROOT
from local.console import moments
from local.console.moments import next_thing, planned, tomorrow_at_nine
from local.deploy import read_template

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2027, 3, 27, 8, 0, tzinfo=UTC)
ROUTINE = {"ss-drive-sync", "ss-sweep"}


def test_tomorrow_is_nine_of_the_owners_clock_also_over_a_clock_change() -> None:
    assert tomorrow_at_nine(NOW, BERLIN) == datetime(2027, 3, 28, 7, 0, tzinfo=UTC)
    assert tomorrow_at_nine(datetime(2027, 3, 27, 23, 30, tzinfo=UTC), BERLIN) == datetime(
        2027, 3, 29, 7, 0, tzinfo=UTC
    )


def test_a_time_in_the_gap_moves_forward_and_of_a_fold_the_first_is_meant() -> None:
    rows = [{"date": "2027-03-28", "time": "02:30"}, {"date": "2027-10-31", "time": "02:30"}]
    assert planned(rows, BERLIN) == [
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
        datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
    ]


def test_a_row_without_a_readable_moment_is_passed_over() -> None:
    assert planned([{"date": "13/25/2026", "time": "09:00"}, {"date": "2027-01-01"}, {}], BERLIN) == []


def test_the_next_thing_is_the_first_post_or_schedule_ahead() -> None:
    rows = [{"date": "2027-03-27", "time": time} for time in ("08:00", "12:00", "10:00")]
    at_ten = datetime(2027, 3, 27, 9, 0, tzinfo=UTC)
    assert next_thing(NOW, rows, BERLIN, None, ROUTINE) == at_ten
    earlier = {"at": "2027-03-27T08:30:00+00:00", "schedule": "ss-daily-tick"}
    assert next_thing(NOW, rows, BERLIN, earlier, ROUTINE) == datetime(2027, 3, 27, 8, 30, tzinfo=UTC)


def test_every_schedule_of_every_few_minutes_is_routine() -> None:
    resources = read_template(ROOT / "template.yaml")["Resources"].values()
    events = [event for one in resources for event in one["Properties"].get("Events", {}).values()]
    often = {
        event["Properties"]["Name"]["Fn::Sub"].removeprefix("${Prefix}-")
        for event in events
        if event["Properties"].get("ScheduleExpression", "").startswith("rate(")
    }
    assert often == set(moments.ROUTINE)


def test_the_five_minute_schedules_are_no_thing() -> None:
    sync = {"at": "2027-03-27T08:05:00+00:00", "schedule": "ss-drive-sync"}
    assert next_thing(NOW, [], BERLIN, sync, ROUTINE) is None
