"""The counted business, and what stands in the templates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from local import ROOT
from local.cost.business import CHANNELS, Deed, plan_month
from local.cost.command import standing_now
from local.cost.month import CountsDisagreeError, check_counts, difference
from local.cost.page import BEGIN, END, PAGE
from local.cost.standing import Filtered, read_standing

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2027, 3, 15, 7, tzinfo=UTC)
SAMPLE = [
    {"text": "One.", "image": "a.jpg", "alt text": "An a"},
    {"text": "Two.", "image": "b.jpg", "alt text": "A b"},
    {"text": "With a link.", "link": "https://x.example"},
]


@pytest.mark.parametrize(("posts", "drafts", "edits"), [(60, 8, 5), (600, 80, 50)])
def test_a_month_has_its_posts_drafts_and_edits(posts: int, drafts: int, edits: int) -> None:
    month = plan_month(START, BERLIN, SAMPLE, posts_a_month=posts)
    rows = [row for one in month.happenings for row in one.rows]
    assert (len(rows) + month.drafts, month.drafts) == (posts, drafts)
    assert sum(one.what is Deed.NOTE for one in month.happenings) == drafts
    assert sum(one.what is Deed.EDIT for one in month.happenings) == edits
    assert sum(one.what is Deed.READ for one in month.happenings) == 3 * 30
    assert all(row["channels"] == ", ".join(CHANNELS) and row["image"] and "link" not in row for row in rows)
    assert len({row["text"] for row in rows}) == len(rows), "no two posts read alike"


def test_every_row_is_typed_in_before_its_time_and_goes_out_within_the_month() -> None:
    month = plan_month(START, BERLIN, SAMPLE)
    for one in month.happenings:
        for row in one.rows:
            due = datetime.fromisoformat(f"{row['date']}T{row['time']}").replace(tzinfo=BERLIN)
            assert one.at + timedelta(hours=2) <= due < month.end
    moments = [one.at for one in month.happenings]
    assert moments == sorted(moments)
    assert all(START <= at < month.end for at in moments)


def test_a_day_has_its_share() -> None:
    day = plan_month(START, BERLIN, SAMPLE, days=1)
    assert (day.posts, day.drafts) == (2, 0)


def test_a_difference_leaves_what_was_before_out() -> None:
    def tally(calls: int, invocations: int, mails: int) -> dict[str, object]:
        return {
            "calls": [["s3", "GetObject", "ss-a", calls]],
            "units": [],
            "causes": [],
            "remote": [],
            "functions": {"ss-a": {"invocations": invocations}},
            "hours": [["metric", "ss", "Age", "{}", mails]],
            "plain": {"mails": mails},
            "held": {"ss-a": 80 + calls},
        }

    found = difference(tally(7, 5, 3), tally(4, 1, 3))
    assert found["calls"] == [["s3", "GetObject", "ss-a", 3]]
    assert found["functions"] == {"ss-a": {"invocations": 4}}
    assert (found["plain"], found["hours"]) == ({"mails": 0}, [["metric", "ss", "Age", "{}", 0]])
    assert found["held"] == {"ss-a": 87}


def test_a_request_that_one_side_has_not_counted_ends_the_count() -> None:
    figures = {"functions": {"ss-a": {"calls": 3}}, "calls": [["s3", "GetObject", "ss-a", 2]]}
    with pytest.raises(CountsDisagreeError, match="3 times by its own count, 2 times at the door"):
        check_counts(figures)


def test_what_stands_is_counted_from_the_templates(tmp_path: Path) -> None:
    template = tmp_path / "t.yaml"
    template.write_text(
        """
Globals:
  Function: {Timeout: 9}
Resources:
  Fn::ForEach::Channel: [C, [a], {}]
  F:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: !Sub "${Prefix}-f", MemorySize: 256, FunctionUrlConfig: {AuthType: NONE}, ReservedConcurrentExecutions: 2}
  S: {Type: AWS::SecretsManager::Secret}
  L: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 7}}
  Plain: {Type: AWS::CloudWatch::Alarm, Properties: {MetricName: Errors}}
  Ratio:
    Type: AWS::CloudWatch::Alarm
    Properties: {Metrics: [{Id: a, MetricStat: {}}, {Id: b, MetricStat: {}}, {Id: r, Expression: a / b}]}
  Filter:
    Type: AWS::Logs::MetricFilter
    Properties:
      LogGroupName: !Sub "/aws/lambda/${Prefix}-f"
      FilterPattern: '{ $.late > 0 }'
      MetricTransformations: [{MetricName: Late, DefaultValue: 0}]
  Failures:
    Type: AWS::Logs::MetricFilter
    Properties: {LogGroupName: !Sub "/aws/lambda/${Prefix}-f", FilterPattern: '?"[ERROR]"', MetricTransformations: [{MetricName: Bad}]}
  Board: {Type: AWS::CloudWatch::Dashboard, Condition: With}
  NoBoard: {Type: AWS::CloudWatch::Dashboard, Condition: Without}
Parameters: {With: {Default: "true"}, Without: {Default: "false"}}
Conditions: {With: !Equals [!Ref With, "true"], Without: !Equals [!Ref Without, "true"]}
"""
    )
    found = read_standing([template], channels=3, prefix="ss")
    assert (found.secrets, found.alarm_metrics, found.dashboards) == (4, 3, 1)
    assert found.filtered == (Filtered("Late", "ss-f", True, False), Filtered("Bad", "ss-f", False, True))
    assert (found.memory_mb, found.timeout_seconds) == ({"ss-f": 256}, {"ss-f": 9})
    assert (found.reserved, found.public, found.retention_days) == ({"ss-f": 2}, {"ss-f"}, 7)


def test_our_templates_are_read_and_know_every_function() -> None:
    standing = standing_now()
    assert standing.public == {"ss-approve-handler", "ss-draft-helper"}
    assert standing.secrets == 3 + len(CHANNELS)
    assert standing.memory_mb["ss-sender"] == 512
    assert standing.retention_days == 7


def test_the_page_has_its_tables_between_its_marks() -> None:
    text = PAGE.read_text()
    assert PAGE.is_relative_to(ROOT)
    counted = text.partition(BEGIN)[2].partition(END)[0]
    for wanted in (
        "## A month of 60 posts",
        "## A month of 600 posts",
        "## A stranger who hammers",
        "sum of the aim (3 USD)",
        "| SES |",
        "ss-drive-sync",
    ):
        assert wanted in counted, wanted
