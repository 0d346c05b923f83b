"""Which posts a run looks at, what that costs, and what becomes of a mirror that cannot be read (moto)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from rounds import Rounds
from scheduler_desk import BLUESKY, MASTODON, NOW, RULES, SchedulerDesk

from mesh import clock
from mesh.events import (
    CalendarChanged,
    Cleared,
    PackageReady,
    PackageWanted,
    Probe,
    RulesChanged,
    Send,
    Trouble,
    Voided,
)
from mesh.ledger import State
from mesh.ledger.runtime import MIRRORED, SCHEDULER_STATE
from mesh.posts import Row
from mesh.posts_csv import write_csv
from scheduler import looking
from scheduler.handler import run, wire
from scheduler.looking import Waking, WrongClock
from scheduler.memory import Remembered

TOMORROW = NOW + timedelta(days=1, hours=1)
FAR = NOW + timedelta(days=40)
ONE_BY_ONE = [["bluesky-main"], ["mastodon-main"]]


def mirrored(desk: SchedulerDesk) -> dict[str, str]:
    """As drive-sync says it after it has written; the versions."""
    versions = {}
    for name, bucket, key in (
        ("posts", desk.mesh.posts_bucket, "posts.csv"),
        ("rules", desk.mesh.rules_bucket, "rules.txt"),
    ):
        versions[name] = str(desk.mesh.s3.head_object(Bucket=bucket, Key=key)["VersionId"])
    desk.mesh.runtime.put(MIRRORED, versions)
    return versions


def remembered(desk: SchedulerDesk) -> Remembered:
    return Remembered.of(desk.mesh.runtime.get(SCHEDULER_STATE, clock.now()))


def put_posts(desk: SchedulerDesk, body: bytes) -> None:
    desk.mesh.s3.put_object(Bucket=desk.mesh.posts_bucket, Key="posts.csv", Body=body)


def wanted(desk: SchedulerDesk) -> list[list[str]]:
    return [event.post_ids for event in desk.mesh.events_of(PackageWanted)]


def calls_of(desk: SchedulerDesk, do: Callable[[], object]) -> Counter[str]:
    desk.mesh.calls.clear()
    do()
    return Counter(desk.mesh.calls)


def booked(desk: SchedulerDesk, post_id: str = "p_1", at: datetime = TOMORROW) -> None:
    desk.plan(post_id, at)
    desk.wake(CalendarChanged(post_ids=[post_id]))
    desk.render(post_id)
    desk.wake(PackageReady(post_ids=[post_id]))
    desk.clear(post_id)
    desk.wake(Cleared(post_ids=[post_id]))
    assert len(desk.bookings()) == 1


# what it costs


def many(desk: SchedulerDesk, count: int, due: int) -> None:
    """``due`` rows of the next days among ``count``, long since looked at, a day after the last daily tick."""
    days = [FAR + timedelta(days=number % 300) for number in range(count - due)]
    days = [TOMORROW + timedelta(minutes=number) for number in range(due)] + days
    rows = [
        Row(post_id=f"p_{number}", date=f"{at:%Y-%m-%d}", time=f"{at:%H:%M}", text="Hallo", channels=BLUESKY)
        for number, at in enumerate(days)
    ]
    put_posts(desk, write_csv(rows))
    yesterday = (NOW - timedelta(days=1)).isoformat()
    known = Remembered(version=mirrored(desk), daily_at=yesterday, swept_at=yesterday)
    desk.mesh.runtime.put(SCHEDULER_STATE, known.item())


def test_calls_are_the_same_for_any_number_of_rows(desk: SchedulerDesk) -> None:
    """A daily tick takes up what has come near, and a sweep finds it open."""
    costs = []
    for count in (1_000, 10_000, 100_000):
        many(desk, count, 10)
        tick = calls_of(desk, lambda: desk.tick("daily"))
        sweep = calls_of(desk, desk.tick)
        costs.append((tick, sweep))
        for number in range(10):
            desk.mesh.dynamodb.delete_item(TableName=desk.mesh.names.status, Key={"post_id": {"S": f"p_{number}"}})
            desk.mesh.dynamodb.delete_item(
                TableName=desk.mesh.names.audit, Key={"subject": {"S": f"p_{number}"}, "seq": {"S": "000001"}}
            )
        desk.mesh.entries.clear()
    assert costs[0] == costs[1] == costs[2]
    assert costs[0][0]["TransactWriteItems"] == 10
    assert sum(costs[0][1].values()) <= 12, costs[0][1]


def test_with_nothing_due_a_sweep_makes_three_calls_two_of_them_side_by_side(desk: SchedulerDesk) -> None:
    many(desk, 1_000, 0)
    desk.tick("daily")
    mirrored(desk)
    desk.mesh.entries.clear()
    desk.turn(hours=0.1)
    runner = Rounds(desk.mesh.calls)
    run(replace(wire(), together=runner), Waking("sweep", None, "t_1"), clock.now())
    assert runner.close() == ["BatchGetItem+Query", "PutItem"]
    for _ in range(2):
        desk.turn(hours=0.1)
        assert calls_of(desk, desk.tick) == {"BatchGetItem": 1, "Query": 1, "PutItem": 1}
    assert datetime.fromisoformat(remembered(desk).swept_at or "") > clock.now() - timedelta(minutes=1)
    assert desk.mesh.events == []


def test_with_nothing_due_a_daily_tick_makes_three_calls_and_the_daily_probe_asks_for_every_channel(
    desk: SchedulerDesk,
) -> None:
    many(desk, 1_000, 0)
    desk.tick("daily")
    mirrored(desk)
    three = {"BatchGetItem": 1, "Query": 1, "PutItem": 1}
    for _ in range(2):
        desk.mesh.entries.clear()
        desk.turn(hours=23.5)
        assert calls_of(desk, lambda: desk.tick("daily")) == three
        assert desk.mesh.events == []
        desk.turn(hours=0.5)
        assert calls_of(desk, lambda: desk.tick("probe")) == three | {"GetObject": 1, "PutEvents": 1}
        assert [probe.channels for probe in desk.mesh.events_of(Probe)] == ONE_BY_ONE
        assert calls_of(desk, lambda: desk.tick("probe")) == three, "the same probe, delivered twice"
        assert len(desk.mesh.events_of(Probe)) == len(ONE_BY_ONE)


def test_a_daily_probe_that_did_not_run_is_made_up_for_by_a_sweep(desk: SchedulerDesk) -> None:
    many(desk, 1_000, 0)
    desk.tick("probe")
    assert [probe.channels for probe in desk.mesh.events_of(Probe)] == ONE_BY_ONE
    desk.mesh.entries.clear()
    for hours, asked in ((24.9, []), (0.2, ONE_BY_ONE)):
        desk.turn(hours=hours)
        desk.tick()
        assert [probe.channels for probe in desk.mesh.events_of(Probe)] == asked


def test_without_any_channel_there_is_nothing_to_probe_until_one_is_named(desk: SchedulerDesk) -> None:
    desk.mesh.put_rules("Time zone: Europe/Berlin\n")
    desk.tick("probe")
    assert desk.mesh.events_of(Probe) == []
    desk.mesh.put_rules(RULES)
    desk.tick()
    assert [probe.channels for probe in desk.mesh.events_of(Probe)] == ONE_BY_ONE


def test_a_day_that_comes_within_reach_ends_the_rest(desk: SchedulerDesk) -> None:
    desk.plan("p_1", FAR)
    mirrored(desk)
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    desk.tick("daily")
    desk.change("p_1", "its status is in the sheet")
    desk.mesh.ledger.show(desk.status("p_1"), "Planned.", close=True)

    for _ in range(27):
        desk.turn(days=1)
        desk.tick("daily")

    assert wanted(desk)[0] == ["p_1"]


# what is looked at


def test_far_rows_are_not_read_by_a_daily_tick_and_taken_up_when_they_come_near(desk: SchedulerDesk) -> None:
    desk.plan("p_far", FAR)
    desk.plan("p_near", TOMORROW)
    known = Remembered(version=mirrored(desk), daily_at=NOW.isoformat())
    desk.mesh.runtime.put(SCHEDULER_STATE, known.item())

    desk.tick("daily")
    assert desk.mesh.ledger.statuses(["p_far", "p_near"]).keys() == {"p_near"}

    desk.turn(days=27)
    desk.tick("daily")
    assert desk.mesh.ledger.statuses(["p_far"]).keys() == {"p_far"}


def test_a_row_whose_day_cannot_be_read_is_looked_at(desk: SchedulerDesk) -> None:
    desk.rows["p_1"] = Row(post_id="p_1", date="next Friday", time="09:00", text="Hallo", channels=BLUESKY)
    desk.mirror()
    desk.mesh.runtime.put(SCHEDULER_STATE, Remembered(version=mirrored(desk)).item())

    desk.tick("daily")

    assert [problem.code for problem in desk.status("p_1").row_problems] == ["date-unreadable"]


@pytest.mark.parametrize("at", [TOMORROW, FAR])
@pytest.mark.parametrize("deed", ["new", "edited", "deleted"])
def test_what_a_lost_event_would_have_told_the_next_sweep_finds(desk: SchedulerDesk, at: datetime, deed: str) -> None:
    desk.plan("p_1", at)
    desk.plan("p_2", at)
    desk.tick()
    mirrored(desk)
    desk.tick()
    for post_id in desk.mesh.ledger.statuses(["p_1", "p_2"]):
        desk.mesh.ledger.show(desk.status(post_id), "Planned.", close=True)
    was = desk.status("p_1").source_revision

    if deed == "new":
        desk.plan("p_3", at)
    elif deed == "edited":
        desk.plan("p_1", at, text="Anders")
    else:
        desk.drop("p_1")
    mirrored(desk)
    desk.tick()

    if deed == "new":
        assert desk.status("p_3").source_revision is not None
    elif deed == "edited":
        assert desk.status("p_1").source_revision != was
    else:
        assert desk.status("p_1").state is State.GONE
    assert desk.status("p_2").gone_at is None
    desk.assert_audited("p_1")
    desk.assert_audited("p_2")


def test_a_sweep_that_breaks_off_has_seen_nothing(desk: SchedulerDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.tick()
    desk.plan("p_1", TOMORROW)

    def refuse(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("mesh.bus.Bus.put", refuse)
        with pytest.raises(RuntimeError):
            desk.tick()
    desk.tick()

    assert wanted(desk) == [["p_1"]]


def test_where_the_version_before_is_gone_every_row_is_looked_at_once(desk: SchedulerDesk) -> None:
    desk.plan("p_1", FAR)
    desk.mesh.runtime.put(SCHEDULER_STATE, Remembered(version={"posts": "gone", "rules": "gone"}).item())

    desk.tick()

    assert desk.status("p_1").source_revision is not None
    assert remembered(desk).version == mirrored(desk)


def test_many_new_rows_are_followed_some_at_a_time_and_the_near_ones_first(
    desk: SchedulerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "TAKEN_AT_ONCE", 8)
    monkeypatch.setattr(looking, "_BATCH", 4)
    for number in range(18):
        desk.rows[f"p_{number:03}"] = Row(
            post_id=f"p_{number:03}", date=f"{FAR:%Y-%m-%d}", time="09:00", text="Hallo", channels=BLUESKY
        )
    desk.plan("p_near", TOMORROW)

    followed = []
    for _ in range(4):
        desk.tick()
        followed.append(len(desk.mesh.ledger.statuses(desk.rows)))

    assert followed == [9, 17, 19, 19]
    assert desk.mesh.ledger.statuses(["p_near"])
    assert remembered(desk).version == mirrored(desk)


def test_lost_rules_are_found_by_the_sweep_and_concern_only_their_rows(desk: SchedulerDesk) -> None:
    booked(desk)
    desk.plan("p_far", FAR, channels=BLUESKY)
    desk.plan("p_other", FAR, channels=MASTODON)
    desk.tick()
    mirrored(desk)
    desk.tick()
    for post_id in ("p_far", "p_other"):
        desk.mesh.ledger.show(desk.status(post_id), "Planned.", close=True)
    versions = desk.status("p_other").version
    was = desk.status("p_far").source_revision

    desk.mesh.put_rules(RULES.replace("did:plc:abc", "did:plc:other"))
    mirrored(desk)
    desk.tick()

    assert [event.post_ids for event in desk.mesh.events_of(Voided)] == [["p_1"]]
    assert desk.status("p_far").source_revision != was
    assert desk.status("p_other").version == versions


def test_a_daily_tick_that_did_not_run_is_made_up_for_by_the_next_sweep(desk: SchedulerDesk) -> None:
    desk.plan("p_1", NOW + timedelta(days=16))
    mirrored(desk)
    desk.tick("daily")
    desk.mesh.ledger.show(desk.status("p_1"), "Planned.", close=True)

    desk.turn(hours=24.5)
    desk.tick()
    assert wanted(desk) == [], "not due yet: a day may have 25 hours"

    desk.turn(hours=24)
    desk.tick()
    assert wanted(desk) == [["p_1"]]
    assert remembered(desk).daily_at is not None


# a mirror that cannot be read


def whole(desk: SchedulerDesk) -> bytes:
    return write_csv(desk.rows.values())


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut in half": lambda data: data[: len(data) // 2],
    "cut after its first line": lambda data: data[: data.index(b"\n") + 1],
    "empty": lambda data: b"",
    "not UTF-8": lambda data: data.replace(b"Hallo", b"Hall\xf6"),
    "binary": lambda data: bytes(range(256)) * 20,
    "some rows taken out": lambda data: data[: data.index(b"\n") + 1] + data[data.index(b"end: ") :],
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_mirror_changes_nothing_is_told_once_and_heals(desk: SchedulerDesk, how: str) -> None:
    booked(desk)
    desk.plan("p_2", NOW + timedelta(minutes=30))
    desk.plan("p_3", TOMORROW)
    desk.tick()
    desk.render("p_2")
    desk.clear("p_2")
    before = desk.times()

    put_posts(desk, DAMAGES[how](whole(desk)))
    desk.wake(CalendarChanged(post_ids=["p_1", "p_2", "p_3"]))
    desk.tick()
    desk.tick("daily")

    assert desk.times()[-1:] == before
    assert len(desk.bookings()) == 2, "what was cleared meanwhile is booked"
    assert [desk.status(post_id).gone_at for post_id in ("p_1", "p_2", "p_3")] == [None] * 3
    assert desk.status("p_1").cleared
    (trouble,) = desk.mesh.events_of(Trouble)
    assert trouble.message.startswith("The copy of your sheet that the scheduler works from cannot be read: ")
    assert "approved and booked goes out as planned" in trouble.message
    assert remembered(desk).unreadable["posts"]["version"]

    desk.turn(minutes=28, seconds=30)
    desk.tick()
    desk.turn(minutes=1, seconds=30)
    desk.tick()
    assert {event.post_id for event in desk.mesh.events_of(Send)} <= {"p_2"}, "sends go on"

    desk.mirror()
    desk.plan("p_3", TOMORROW + timedelta(hours=1), text="Anders")
    desk.tick()
    assert remembered(desk).unreadable == {}
    assert datetime.fromisoformat(desk.status("p_3").due_at or "") == TOMORROW + timedelta(hours=1)
    assert len(desk.mesh.events_of(Trouble)) == 1
    for post_id in ("p_1", "p_2", "p_3"):
        desk.assert_audited(post_id)


def test_a_mirror_of_three_hundred_megabytes_is_refused_before_it_is_read(
    desk: SchedulerDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(desk)
    original = desk.mesh.s3.__class__._make_api_call

    def long(client: object, operation: str, request: dict[str, object]) -> object:
        answer = original(client, operation, request)
        if operation == "GetObject" and request["Key"] == "posts.csv":
            answer["ContentLength"] = 300_000_000
            answer["Body"].read = answer["Body"].readinto = None  # nobody reads it
        return answer

    with monkeypatch.context() as patch:
        patch.setattr("botocore.client.BaseClient._make_api_call", long)
        desk.tick()
        desk.tick()

    (trouble,) = desk.mesh.events_of(Trouble)
    assert "it has 300 MB, and 100 MB is the most that is read" in trouble.message
    assert len(desk.bookings()) == 1
    desk.tick()
    assert remembered(desk).unreadable == {}
    assert len(desk.mesh.events_of(Trouble)) == 1


def test_a_mirror_of_an_earlier_version_is_waited_for_without_a_word_for_a_while(desk: SchedulerDesk) -> None:
    booked(desk)
    older = whole(desk).replace(b",sealed\r\n", b"\r\n").rpartition(b"end: ")[0]
    put_posts(desk, older)

    for _ in range(3):
        desk.tick()
        desk.turn(minutes=5)
    assert desk.mesh.events_of(Trouble) == []
    assert remembered(desk).unreadable["posts"]["version"], "drive-sync is to write it anew"

    desk.tick()
    desk.tick()
    assert len(desk.mesh.events_of(Trouble)) == 1
    assert len(desk.bookings()) == 1


def test_a_mirror_that_was_deleted_is_no_empty_calendar(desk: SchedulerDesk) -> None:
    booked(desk)
    desk.tick()
    desk.mesh.s3.delete_object(Bucket=desk.mesh.posts_bucket, Key="posts.csv")

    desk.tick()

    assert desk.status("p_1").gone_at is None
    assert len(desk.bookings()) == 1
    (trouble,) = desk.mesh.events_of(Trouble)
    assert "it is gone" in trouble.message


@pytest.mark.parametrize("rules", [b"\x00\x01\x02", "Kanäle".encode("utf-16"), b"", b"Late rule: 1 hour\n", None])
def test_rules_that_cannot_be_read_leave_the_last_ones_in_force(desk: SchedulerDesk, rules: bytes | None) -> None:
    desk.mesh.put_rules("Posting window: 10:00-21:00\n" + RULES)
    booked(desk)
    desk.tick()
    before = desk.times()
    if rules is None:
        desk.mesh.s3.delete_object(Bucket=desk.mesh.rules_bucket, Key="rules.txt")
    else:
        desk.mesh.s3.put_object(Bucket=desk.mesh.rules_bucket, Key="rules.txt", Body=rules)

    desk.wake(RulesChanged())
    desk.tick()
    desk.plan("p_2", TOMORROW)
    desk.wake(CalendarChanged(post_ids=["p_2"]))
    desk.tick("daily")

    assert desk.times() == before
    assert desk.mesh.events_of(Voided) == []
    assert desk.status("p_2").row_problems == ()
    (trouble,) = desk.mesh.events_of(Trouble)
    assert trouble.message.startswith("The copy of your rules doc that the scheduler works from cannot be read: it ")

    desk.mesh.put_rules(RULES)
    desk.tick()
    assert remembered(desk).unreadable == {}
    assert len(desk.mesh.events_of(Trouble)) == 1
    assert desk.times() != before, "the window is gone from the rules"


def test_with_rules_that_were_never_good_nothing_is_decided(desk: SchedulerDesk) -> None:
    desk.plan("p_1", TOMORROW)
    desk.mesh.s3.put_object(Bucket=desk.mesh.rules_bucket, Key="rules.txt", Body=b"\xff\xfe\x00")

    desk.tick()
    desk.wake(CalendarChanged(post_ids=["p_1"]))

    assert desk.mesh.ledger.status("p_1") is None
    assert len(desk.mesh.events_of(Trouble)) == 1


# a clock that is wrong


@pytest.mark.parametrize("hours", [-3, 3, 24 * 400])
def test_a_run_whose_machine_tells_a_wrong_time_decides_nothing(
    desk: SchedulerDesk, hours: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(desk, at=NOW + timedelta(hours=1))
    before = (desk.status("p_1"), desk.head("p_1"), desk.times(), remembered(desk))
    right = clock.machine

    with monkeypatch.context() as patch:
        patch.setattr(clock, "machine", lambda: right() + timedelta(hours=hours))
        for wake in (desk.tick, lambda: desk.tick("daily"), lambda: desk.wake(Cleared(post_ids=["p_1"]))):
            with pytest.raises(WrongClock):
                wake()

    assert (desk.status("p_1"), desk.head("p_1"), desk.times(), remembered(desk)) == before
    troubles = desk.mesh.events_of(Trouble)
    assert len({trouble.cause for trouble in troubles}) == 1, "the owner hears it once a day"
    assert "It decided nothing, and nothing is lost" in troubles[0].message

    desk.tick()
    assert desk.mesh.events_of(Send) == []
    assert len(desk.bookings()) == 1


def test_a_stack_whose_clock_was_moved_has_no_wrong_clock(desk: SchedulerDesk) -> None:
    desk.plan("p_1", TOMORROW + timedelta(days=300))
    desk.turn(days=300)
    desk.wake(CalendarChanged(post_ids=["p_1"]))
    assert wanted(desk) == [["p_1"]]


def test_a_moment_remembered_from_a_clock_that_was_ahead_does_not_keep_the_daily_tick_away(desk: SchedulerDesk) -> None:
    ahead = (NOW + timedelta(days=300)).isoformat()
    desk.plan("p_1", TOMORROW)
    known = replace(Remembered(version=mirrored(desk)), daily_at=ahead, swept_at=ahead)
    desk.mesh.runtime.put(SCHEDULER_STATE, known.item())

    desk.tick()

    assert wanted(desk) == [["p_1"]]
    assert datetime.fromisoformat(remembered(desk).daily_at or "") < NOW + timedelta(minutes=1)
