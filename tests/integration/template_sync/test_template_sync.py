"""template-sync's runs: schedules equal to the rules, each row wanted once, whatever is lost, doubled or killed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError
from template_desk import CAKE, GROUP, HEAD, LUNCH, SOUP, TARGET, TemplateDesk

from mesh import clock, schedules
from mesh.errors import Doubt, Foreign, Misconfigured
from mesh.events import RowWanted, Trouble
from mesh.ledger import Act
from mesh.ledger.verify import End, walk
from template_sync import edges
from template_sync.handler import wire

FRIDAYS = ("2027-03-19 09:00", "2027-03-26 09:00", "2027-04-02 09:00")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules.time, "sleep", lambda _: None)


def failing(
    monkeypatch: pytest.MonkeyPatch, operation: str, fails: Callable[[int, dict[str, Any]], bool], code: str
) -> None:
    """Calls of that name for which ``fails`` answers yes, given how many came before, are refused."""
    original, seen = botocore.client.BaseClient._make_api_call, [0]

    def call(client: Any, name: str, request: dict[str, Any]) -> Any:
        if name == operation:
            seen[0] += 1
            if fails(seen[0] - 1, request):
                raise ClientError({"Error": {"Code": code, "Message": code}}, name)
        return original(client, name, request)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)


# rows


def test_new_rules_bring_the_row_of_the_next_days_and_say_so(desk: TemplateDesk) -> None:
    assert desk.hear() == {"rows": 1, "drafts": 0, "made": 1, "deleted": 0}
    (item,) = desk.items()
    assert item.wanted is not None
    assert (item.wanted.date, item.wanted.time, item.wanted.channels) == ("2027-03-19", "09:00", "bluesky-main")
    assert item.wanted.text in {"Friday's cake: plum", "Friday's cake: rye"}
    assert (item.wanted.image, item.wanted.alt, item.wanted.note) == (
        "cake.jpg",
        "A cake",
        "Friday cake (every Friday 9:00)",
    )
    assert (item.state, item.open, item.approval, item.flag) == ("draft", "1", None, None)
    (event,) = desk.mesh.events_of(RowWanted)
    assert (event.post_ids, event.trace_id, item.trace_id) == ([item.post_id], "t_rules", "t_rules")


def test_the_row_is_found_by_who_lists_what_is_open(desk: TemplateDesk) -> None:
    desk.hear()
    assert [status.post_id for status in desk.mesh.ledger.open_statuses()] == desk.wanted()[0]


def test_each_post_is_wanted_once_whatever_is_delivered_again(desk: TemplateDesk) -> None:
    for wake in (desk.hear, desk.hear, desk.wake, lambda: desk.wake(template="abc"), desk.wake):
        wake()
    assert desk.rows() == [FRIDAYS[0]]
    assert len(desk.wanted()) == 1


def test_the_rules_doc_says_how_many_days_ahead(desk: TemplateDesk) -> None:
    desk.rules(CAKE, head=HEAD.replace("Recurring posts", "Recurring posts: 14 days ahead"))
    desk.wake()
    assert desk.rows() == list(FRIDAYS[:2])
    desk.rules(CAKE, head=HEAD.replace("Recurring posts", "Recurring posts: 2 days ahead"))
    desk.turn(days=5)
    desk.wake()
    assert desk.rows() == list(FRIDAYS[:2])


def test_rules_that_nobody_told_of_are_found_by_its_own_sweep(desk: TemplateDesk) -> None:
    desk.wake()
    desk.rules(CAKE, SOUP)
    assert desk.wake() == {"rows": 1, "drafts": 0, "made": 2, "deleted": 0}


def test_week_after_week_over_a_clock_change_there_is_a_row_each(desk: TemplateDesk) -> None:
    desk.hear()
    for _ in range(14):
        desk.turn(days=1)
        desk.wake()
    assert desk.rows() == list(FRIDAYS)
    said = [item.wanted.text for item in desk.items() if item.wanted]
    assert said[0] == said[2] != said[1]


def test_an_inserted_row_that_its_owner_deleted_stays_deleted(desk: TemplateDesk) -> None:
    desk.hear()
    (item,) = desk.items()
    gone = {"gone_at": "2027-03-15T09:00:00+00:00", "open": None}
    act = Act("the row is gone", "drive-sync", clock.now())
    desk.mesh.ledger.change_status(item.post_id, act, lambda before: before and before.model_copy(update=gone))
    desk.wake()
    assert len(desk.wanted()) == 1
    assert desk.items()[0].gone_at is not None


def test_the_change_has_its_audit_row_which_tells_no_word(desk: TemplateDesk) -> None:
    desk.rules(CAKE, LUNCH)
    desk.hear()
    actions = []
    for item in desk.items():
        chain = desk.mesh.audit(item.post_id)
        assert walk(item.post_id, chain, End(item.audit.seq, item.audit.hash, item.version)) == ()
        assert "Friday's cake" not in json.dumps(chain)
        assert "every Tuesday" not in json.dumps(chain)
        actions += [row["action"] for row in chain]
    assert sorted(actions) == ["draft of a recurring post wanted", "row of a recurring post wanted"]


def test_no_word_of_the_rules_is_in_an_event_or_in_the_log(
    desk: TemplateDesk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.rules(CAKE, LUNCH)
    desk.hear()
    *emits, line = [vars(record) for record in caplog.records if record.name == "template-sync"]
    assert {one["message"] for one in emits} == {"emits"}
    assert (line["move"], line["count"], line["trace_id"]) == ("rules", 2, "t_rules")
    said = json.dumps(desk.mesh.entries) + str([*emits, line])
    assert not [word for word in ("cake", "Lunch", "every Tuesday") if word in said]


def test_without_a_text_a_draft_is_asked_for(desk: TemplateDesk) -> None:
    desk.rules(LUNCH)
    assert desk.hear()["drafts"] == 1
    (item,) = desk.items()
    assert desk.requested() == [[item.post_id]]
    assert desk.wanted() == []
    assert [status.post_id for status in desk.mesh.ledger.drafts()] == [item.post_id]
    assert desk.mesh.ledger.open_statuses() == []
    desk.wake()
    assert len(desk.requested()) == 1


def test_a_run_that_loses_the_race_for_a_row_says_nothing_of_it(
    desk: TemplateDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.hear()
    monkeypatch.setattr(type(wire().ledger), "statuses", lambda *_: {})  # read before the other run wrote
    assert desk.wake()["rows"] == 0
    assert (len(desk.rows()), len(desk.wanted())) == (1, 1)


def test_where_nothing_is_to_be_done_it_makes_three_calls(desk: TemplateDesk) -> None:
    desk.rules(CAKE, LUNCH, SOUP)
    desk.hear()
    desk.mesh.calls.clear()
    desk.wake()
    assert desk.mesh.calls == ["GetObject", "BatchGetItem", "ListSchedules"]


def test_without_recurring_posts_it_makes_two_calls(desk: TemplateDesk) -> None:
    desk.rules()
    desk.wake()
    desk.mesh.calls.clear()
    desk.wake()
    assert desk.mesh.calls == ["GetObject", "ListSchedules"]


# schedules


def test_there_is_a_schedule_for_each_cron_in_the_zone_of_the_rules(desk: TemplateDesk) -> None:
    desk.rules(CAKE, SOUP)
    assert desk.hear()["made"] == 3
    assert desk.expressions() == [
        ("cron(0 11 ? * 2#1 *)", "Europe/Berlin"),
        ("cron(0 11 ? * 2#3 *)", "Europe/Berlin"),
        ("cron(0 9 ? * FRI *)", "Europe/Berlin"),
    ]
    for name, one in desk.schedules().items():
        assert name.startswith("ss-template-")
        assert len(name) <= 64
        target = one["Target"]
        assert target["Arn"] == TARGET
        assert json.loads(target["Input"]) == {"template": name.removeprefix("ss-template-")}
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 900, "MaximumRetryAttempts": 2}
        assert target["DeadLetterConfig"]["Arn"].endswith(":ss-dead-letters")


def test_they_follow_the_rules(desk: TemplateDesk) -> None:
    desk.rules(CAKE, SOUP)
    desk.hear()
    desk.rules(CAKE.replace("9:00", "10:00"))
    assert desk.hear() == {"rows": 0, "drafts": 0, "made": 1, "deleted": 3}
    assert desk.expressions() == [("cron(0 10 ? * FRI *)", "Europe/Berlin")]
    desk.rules(CAKE, head=HEAD.replace("Berlin", "Lisbon"))
    desk.hear()
    assert desk.expressions() == [("cron(0 9 ? * FRI *)", "Europe/Lisbon")]
    desk.rules()
    desk.hear()
    assert desk.schedules() == {}
    assert desk.rows() == ["2027-03-15 11:00", FRIDAYS[0]]


def test_another_text_leaves_the_schedule_alone(desk: TemplateDesk) -> None:
    desk.hear()
    desk.rules(CAKE.replace("plum", "cherry"))
    assert desk.hear() == {"rows": 0, "drafts": 0, "made": 0, "deleted": 0}


def test_one_deleted_by_hand_is_made_again_and_others_in_the_group_stay(desk: TemplateDesk) -> None:
    desk.hear()
    (name, one) = next(iter(desk.schedules().items()))
    target = {"Arn": one["Target"]["Arn"], "RoleArn": one["Target"]["RoleArn"]}
    desk.mesh.schedules.create_schedule(
        Name="by-hand",
        GroupName=GROUP,
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    desk.mesh.schedules.delete_schedule(Name=name, GroupName=GROUP)
    desk.wake()
    assert set(desk.schedules()) == {name, "by-hand"}


def test_more_than_a_page_of_schedules_are_kept_so_many_a_run(
    desk: TemplateDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edges, "MOST_A_RUN", 110)
    far = CAKE.replace("every Friday", "every year on 24 December")
    desk.rules(*(far.replace("Friday cake", f"Cake {number}") for number in range(120)))
    assert [desk.wake()["made"] for _ in range(3)] == [110, 10, 0]
    desk.rules()
    assert [desk.wake()["deleted"] for _ in range(3)] == [110, 10, 0]


# trouble


@pytest.mark.parametrize("rules", ["Time zone: Atlantis\n" + HEAD.partition("\n")[2] + CAKE, "x" * 100_001, "\ud800"])
def test_rules_by_which_nothing_may_be_planned_change_nothing(desk: TemplateDesk, rules: str) -> None:
    desk.hear()
    before = desk.schedules()
    desk.mesh.s3.put_object(Bucket=desk.mesh.rules_bucket, Key="rules.txt", Body=rules.encode("utf-8", "surrogatepass"))
    assert desk.hear() == {}
    assert desk.schedules() == before


def test_before_there_are_rules_nothing_is_done(desk: TemplateDesk) -> None:
    desk.mesh.s3.delete_object(Bucket=desk.mesh.rules_bucket, Key="rules.txt")
    assert desk.wake() == {}


def test_rules_that_cannot_be_read_now_are_raised(desk: TemplateDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, "GetObject", lambda *_: True, "SlowDown")
    with pytest.raises(Doubt):
        desk.wake()


def test_a_post_whose_line_cannot_be_read_is_left_out_and_the_others_go_on(desk: TemplateDesk) -> None:
    desk.rules(CAKE.replace("{weekday}", "{dish}"), SOUP)
    desk.hear()
    assert desk.rows() == ["2027-03-15 11:00"]


def test_a_killed_run_is_finished_by_the_next(desk: TemplateDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after its first row, before it has told of it or made a schedule."""
    desk.rules(CAKE, SOUP)

    class Killed(BaseException):
        pass

    with monkeypatch.context() as patch:
        original = botocore.client.BaseClient._make_api_call

        def call(client: Any, name: str, request: dict[str, Any]) -> Any:
            answer = original(client, name, request)
            if name == "TransactWriteItems":
                raise Killed
            return answer

        patch.setattr(botocore.client.BaseClient, "_make_api_call", call)
        with pytest.raises(Killed):
            desk.hear()
    assert (len(desk.rows()), desk.wanted(), desk.schedules()) == (1, [], {})
    desk.wake()
    assert desk.rows() == ["2027-03-15 11:00", FRIDAYS[0]]
    assert len(desk.schedules()) == 3
    assert len(desk.mesh.ledger.open_statuses()) == 2  # which the poll goes by, for the one that nobody told of


def test_a_row_that_fails_keeps_none_of_the_others_back_and_is_raised(
    desk: TemplateDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.rules(CAKE, SOUP)
    with monkeypatch.context() as patch:
        failing(patch, "TransactWriteItems", lambda number, _: number == 0, "ThrottlingException")
        with pytest.raises(ExceptionGroup, match="1 things"):
            desk.hear()
    assert desk.rows() == [FRIDAYS[0]]
    assert len(desk.schedules()) == 3
    desk.wake()
    assert len(desk.rows()) == 2


def test_a_schedule_that_is_refused_keeps_none_of_the_others_back(
    desk: TemplateDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.rules(CAKE, SOUP)
    with monkeypatch.context() as patch:
        failing(
            patch, "CreateSchedule", lambda _, request: "FRI" in request["ScheduleExpression"], "ValidationException"
        )
        with pytest.raises(ExceptionGroup):
            desk.hear()
    assert len(desk.schedules()) == 2
    assert len(desk.rows()) == 2
    desk.wake()
    assert len(desk.schedules()) == 3


def test_a_service_that_asks_for_patience_gets_it(desk: TemplateDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        failing(patch, "CreateSchedule", lambda number, _: number < 3, "ThrottlingException")
        assert desk.hear()["made"] == 1
    desk.rules()
    with monkeypatch.context() as patch:
        failing(patch, "ListSchedules", lambda number, _: number < 3, "ThrottlingException")
        assert desk.hear()["deleted"] == 1


def test_a_post_that_comes_too_often_is_told_with_its_line_once(desk: TemplateDesk) -> None:
    desk.rules(CAKE, "- Hourly: cron(0 * * * ? *)\n    channels: bluesky-main\n    text: Ding\n")
    assert desk.hear()["rows"] == 31
    desk.wake()
    (trouble,) = desk.mesh.events_of(Trouble)
    assert (
        "The recurring post in line 10 of your rules doc comes more than 30 times in the next 7 days."
        in trouble.message
    )
    assert trouble.post_ids == []


def test_what_it_is_not_woken_by_is_refused(desk: TemplateDesk) -> None:
    event = {"source": "ss", "detail-type": "ss.sent", "detail": {"post_id": "p", "channel": "c", "attempt": 1}}
    with pytest.raises(TypeError, match=r"ss\.sent"):
        desk.wake(**event)
    with pytest.raises(Foreign):
        desk.wake(**{**event, "source": "other"})
    with pytest.raises(Foreign):
        desk.wake(tick="sweep")
    assert desk.items() == []


def test_a_missing_setting_is_named(desk: TemplateDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TARGET_ARN")
    with pytest.raises(Misconfigured, match="TARGET_ARN"):
        desk.wake()
