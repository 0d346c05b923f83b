"""What the referee of a long run computes by itself: bursts, the rules in force, until when something was in the way, and the plan."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from local.calendars.sample import load_sample
from local.quarter import DAYS, OUTAGES, POSTS, listed
from local.quarter_plan import plan_quarter
from local.week import TODAY
from local.week_bursts import Out, distances, most_within
from local.week_plan import IN_A_CROWD, Deed, Trouble, Week, moment_of
from local.week_rules import Doc, Rules, rules_in
from local.week_spans import Span, free_from
from local.week_telling import named_time, told_by_cell

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2027, 3, 16, 11, tzinfo=UTC)
SAMPLE_RULES = (
    "Time zone: Europe/Berlin\nPosting window: 07:00-21:00\nBlackout days: 2027-04-02\nMinimum gap: 5 minutes\n"
)


def _minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def _doc(gap_minutes: int = 5) -> Doc:
    return Doc(Rules(BERLIN, NOON - timedelta(days=9), gap=_minutes(gap_minutes)))


def _outs(*after_noon: float, late: float = 0, channel: str = "bluesky-main") -> list[Out]:
    return [Out(channel, number, NOON + _minutes(at), _minutes(late)) for number, at in enumerate(after_noon)]


# bursts


@pytest.mark.parametrize(
    ("gap", "late", "at", "close"),
    [
        (5, 0, (0, 5, 10), 0),
        (5, 0, (0, 3), 0),  # in under two minutes is at once
        (5, 0, (0, 2.5), 1),
        (20, 0, (0, 10, 20), 2),
        (0, 0, (0, 0), 0),
        (0, 60, (0, 0, 0), 2),  # no gap asked for: late ones do not come all at once, all the same
    ],
)
def test_what_is_closer_together_than_the_rules_want_is_a_burst(
    gap: int, late: int, at: tuple[float], close: int
) -> None:
    assert sum(one.too_close for one in distances(_outs(*at, late=late), _doc(gap))) == close


def test_channels_are_not_each_others_neighbours_and_strays_nobodys() -> None:
    outs = [*_outs(0), *_outs(0, channel="mastodon-main"), Out("bluesky-main", 7, NOON, timedelta(), stray=True)]
    assert distances(outs, _doc()) == []
    assert most_within(outs) == 1


def test_a_shorter_gap_counts_from_its_edit_and_a_longer_one_once_it_must_have_been_seen() -> None:
    doc = _doc(20)
    doc.edit(since=NOON, gap=_minutes(5))
    assert [one.too_close for one in distances(_outs(1, 9), doc)] == [False]
    doc = _doc(5)
    doc.edit(since=NOON, gap=_minutes(20))
    assert [one.too_close for one in distances(_outs(1, 9, 18, 27), doc)] == [False, False, True]


def test_the_most_within_ten_minutes_is_counted_wherever_they_begin() -> None:
    assert most_within(_outs(0, 9, 11, 12, 18.9, 30)) == 4


# the rules


@pytest.mark.parametrize(
    ("day", "clock", "to"),
    [
        ((2027, 4, 1), time(12), (2027, 4, 1, 12)),
        ((2027, 4, 1), time(6, 59), (2027, 4, 1, 7)),
        ((2027, 4, 1), time(21), (2027, 4, 3, 7)),  # Good Friday lies between
        ((2027, 4, 2), time(12), (2027, 4, 3, 7)),
    ],
)
def test_the_next_allowed_moment(day: tuple[int, int, int], clock: time, to: tuple[int, int, int, int]) -> None:
    rules = rules_in(SAMPLE_RULES, BERLIN, NOON)
    moment = datetime.combine(date(*day), clock, BERLIN).astimezone(UTC)
    assert rules.next_allowed(moment) == datetime(*to, tzinfo=BERLIN)


def test_an_edit_is_typed_into_its_line_and_nowhere_else() -> None:
    doc = Doc(rules_in(SAMPLE_RULES, BERLIN, NOON))
    doc.edit(gap=_minutes(0), window=(time(9), time(18)), zone=ZoneInfo("Asia/Kolkata"), since=NOON)
    assert doc.now.typed_into(SAMPLE_RULES + "- a line\n") == (
        "Time zone: Asia/Kolkata\nPosting window: 09:00-18:00\nBlackout days: 2027-04-02\nMinimum gap: none\n- a line\n"
    )


# trouble


def test_a_quarter_of_an_hour_is_counted_from_the_end_of_what_was_in_the_way() -> None:
    hour = Span(NOON - _minutes(10), NOON + _minutes(50))
    after_it = Span(NOON + _minutes(60), NOON + _minutes(62), mute=False)
    much_later = Span(NOON + _minutes(90), NOON + _minutes(95))
    spans, now = [much_later, after_it, hour], NOON + _minutes(200)
    assert free_from(NOON, spans, "bluesky-main", now) == NOON + _minutes(62)
    assert free_from(NOON, spans, "bluesky-main", now, mute=True) == NOON + _minutes(50)
    assert free_from(NOON, [Span(NOON, None)], "bluesky-main", now) == now
    assert free_from(NOON, [Span(NOON, None, network="mastodon")], "bluesky-main", now) == NOON
    assert free_from(NOON, [Span(NOON - _minutes(9), NOON - _minutes(8))], "bluesky-main", now) == NOON


@pytest.mark.parametrize(
    ("cell", "told", "named"),
    [
        ("Booked for Tue 16 Mar, 12:20 (outside the posting window)", "", "12:21"),
        ("bluesky-main: posted u; mastodon-main: will be tried again at Tue 16 Mar, 12:05 (503)", "trying", "12:06"),
        ("mastodon-main: not known yet whether it is out; checking at Tue", "trying", None),
        ("mastodon-main: nobody can tell whether it is out; please look there", "unknown", None),
        ("mastodon-main is paused: its sign-in ended. The post waits.", "waiting", None),
        ("Please mend: date and time: 2027-03-16 09:00 has passed; write a time to come", "late", None),
        (
            "Booked: bluesky-main for Tue 16 Mar, 12:00; mastodon-main for Tue 16 Mar, 12:40, not 12:00 as planned: the gap",
            "",
            "12:41",
        ),
        ("Booked for Tue 16 Mar, 12:20, not 12:00 as planned: outside the posting window", "", "12:21"),
        ("Posted: u", "", None),
    ],
)
def test_what_a_row_says_of_a_post_that_is_not_out(cell: str, told: str, named: str | None) -> None:
    assert told_by_cell(cell, "mastodon-main") == told
    at = named_time(cell, "mastodon-main", BERLIN, NOON)
    assert (f"{at.astimezone(BERLIN):%H:%M}" if at else None) == named


# the plan


@pytest.fixture(scope="module")
def quarter() -> Week:
    return _quarter(5)


def _quarter(seed: int) -> Week:
    sample = load_sample("cafe", TODAY, BERLIN)
    assert sample.start is not None
    return plan_quarter(seed, sample.start, BERLIN, sample.rows, days=DAYS, posts=POSTS, outages=OUTAGES)


def test_a_seed_is_one_quarter(quarter: Week) -> None:
    assert _quarter(5) == quarter
    assert _quarter(6).happenings != quarter.happenings


def test_a_quarter_has_a_clock_change_a_move_and_every_outage_over_posts_that_are_due(quarter: Week) -> None:
    offsets = {at.astimezone(BERLIN).utcoffset() for at in (quarter.start, quarter.end)}
    assert len(offsets) == 2
    assert [one.what for one in quarter.happenings].count(Deed.ZONE) == 1
    assert {Deed.RETIME, Deed.COPY, Deed.GAP, Deed.WINDOW, Deed.BLACKOUT, Trouble.LOST, Trouble.DOUBLED} <= {
        one.what for one in quarter.happenings
    }
    begun = [one for one in quarter.happenings if one.what is Trouble.OUTAGE]
    ended = {one.detail: one.at for one in quarter.happenings if one.what is Trouble.OUTAGE_ENDS}
    assert sorted(one.detail for one in begun) == sorted(
        f"{kind}, {int(lasts.total_seconds() // 60)}" for kind, lasts in OUTAGES
    )
    dues = [moment_of(row, BERLIN) for row in quarter.rows]
    hour = [one for one in begun if one.detail.endswith(", 60")]
    assert all(sum(one.at < due < ended[one.detail] for due in dues) >= IN_A_CROWD for one in hour)


def test_one_thing_is_down_at_a_time_and_the_move_comes_in_a_calm_hour(quarter: Week) -> None:
    down = 0
    for one in quarter.happenings:
        down += {Trouble.OUTAGE: 1, Trouble.OUTAGE_ENDS: -1}.get(one.what, 0)  # type: ignore[call-overload]
        assert down in {0, 1}
        assert not (down and one.what is Deed.ZONE)
    assert down == 0


def test_outages_that_do_not_fit_are_refused() -> None:
    sample = load_sample("cafe", TODAY, BERLIN)
    assert sample.start is not None
    with pytest.raises(ValueError, match="do not fit into 5 days"):
        plan_quarter(1, sample.start, BERLIN, sample.rows, days=5, posts=9, outages=OUTAGES)


def test_outages_are_listed_by_kind_and_minutes() -> None:
    assert listed("google:60, throttled tables:15") == (("google", _minutes(60)), ("throttled tables", _minutes(15)))
    with pytest.raises(ValueError, match="“gogle:60” is no outage"):
        listed("gogle:60")
