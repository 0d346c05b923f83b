"""What a batch asks for, what the model proposes for it, and when its posts would go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from draft_material import BOOK, TODAY, book, material, row, upload
from hypothesis import given, settings
from hypothesis import strategies as st

from draft_helper.answers import Malformed
from draft_helper.planning import MOST_POSTS, Topic, asked, first, read, timetable
from mesh.posts import Row
from mesh.schedule_time import effective_time, planned_moment

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
TOMORROW = date(2027, 3, 2)


@pytest.mark.parametrize(
    ("note", "count", "pictures", "days"),
    [
        ("five posts for the spring sale, two with photos, next two weeks", 5, 2, 14),
        ("Fünf Beiträge zum Frühlingsfest, zwei mit Fotos, in den nächsten zwei Wochen", 5, 2, 14),
        ("7 posts about bread over the next 10 days", 7, 0, 10),
        ("Three short funny posts this week, all with pictures", 3, 3, 7),
        ("a post a day for a week", 7, 0, 7),
        ("two posts per week for the next month", 8, 0, 30),
        ("täglich ein Post, eine Woche lang", 7, 0, 7),
        ("drei Entwürfe, einer davon mit Bild", 3, 1, 14),
        ("The spring sale: everything must go", 3, 0, 14),
        ("", 3, 0, 14),
        ("one post", 1, 0, 14),
        ("2 posts, nine with photos", 2, 2, 14),
    ],
)
def test_what_a_note_asks_for_is_read(note: str, count: int, pictures: int, days: int) -> None:
    found = asked(note)
    assert (found.count, found.pictures, found.days) == (count, pictures, days)
    assert found.told == ()


@pytest.mark.parametrize(
    ("note", "count", "days", "told"),
    [
        ("200 posts", 14, 14, "You asked for 200 posts"),
        ("0 posts please", 3, 14, "You asked for no posts at all"),
        ("five posts over 90 weeks", 5, 60, "You asked for 630 days"),
        ("999999 posts a day for 999999 weeks", 14, 60, "days"),
    ],
)
def test_what_is_too_much_is_bounded_and_told(note: str, count: int, days: int, told: str) -> None:
    found = asked(note)
    assert (found.count, found.days) == (count, days)
    assert told in found.told[0]


@settings(max_examples=200)
@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(["5", "posts", "two", "a", "week", "with", "photos", "täglich", "99999", "zero", "days"])
    ).map(" ".join)
)
def test_whatever_is_asked_for_is_a_plan_that_can_be_made(note: str) -> None:
    found = asked(note)
    assert 1 <= found.count <= MOST_POSTS
    assert 0 <= found.pictures <= found.count
    assert 1 <= found.days <= 60


def test_the_model_is_asked_for_topics_and_has_no_room_for_more() -> None:
    request = first(material("five posts for the spring sale", uploads=(upload(1), upload(2))), TODAY)
    schema: Any = request.tool["toolSpec"]["inputSchema"]["json"]["properties"]["posts"]
    assert (request.prompt, request.purpose) == ("plan-1", "plan")
    assert schema["maxItems"] == 5
    assert set(schema["items"]["properties"]) == {"topic", "picture"}
    assert schema["items"]["properties"]["picture"]["maximum"] == 2
    assert "Exactly 5 posts" in request.system
    assert "set by others" in request.system
    assert "picture" not in str(first(material("five posts"), TODAY).tool)


def test_fewer_are_asked_for_where_fewer_are_allowed() -> None:
    assert "Exactly 2 posts" in first(material("five posts"), TODAY, most=2).system
    assert "Exactly 1 post," in first(material("one post"), TODAY).system


def test_topics_are_read_in_order_with_each_picture_once() -> None:
    found = material("five posts", uploads=(upload(1), upload(2, "pdf"), upload(3)))
    given_posts = [
        {"topic": " Bread\n is back ", "picture": 2},
        {"topic": "Cake", "picture": 2, "date": "tomorrow", "channels": ["ex"]},
        {"topic": "Gull", "picture": True},
        {"topic": "Canal", "picture": 1},
        {"topic": "", "picture": 1},
        {"topic": "One too many"},
    ]
    assert read(found, {"posts": given_posts}) == (
        Topic("Bread is back", 1),
        Topic("Cake"),
        Topic("Gull"),
        Topic("Canal", 0),
    )


@pytest.mark.parametrize(
    "given_plan",
    [
        None,
        {},
        {"posts": "x"},
        {"posts": []},
        {"posts": [{"topic": 5}]},
        {"posts": ["x"]},
        {"posts": [{"topic": "\u200b"}]},
    ],
)
def test_a_plan_of_another_shape_is_malformed(given_plan: Any) -> None:
    with pytest.raises(Malformed):
        read(material("five posts"), given_plan)


def test_a_very_long_topic_is_cut_and_says_so() -> None:
    (topic,) = read(material("one post"), {"posts": [{"topic": "word " * 1_000}]})
    assert len(topic.topic) < 620
    assert topic.topic.endswith("[…]")


def made(count: int, span: int = 14, rules: Any = BOOK, rows: tuple[Row, ...] = ()) -> list[tuple[date, time]]:
    return list(timetable(count, span, rules, rows, NOW, rules.zone))


def test_posts_are_spread_over_the_days_from_tomorrow_on() -> None:
    days = [day for day, _ in made(5, 14)]
    assert days == sorted(set(days))
    assert TOMORROW <= days[0] <= days[-1] < TOMORROW + timedelta(days=14)
    assert min((b - a).days for a, b in pairwise(days)) >= 2


def test_they_go_at_the_hours_at_which_the_business_usually_posts() -> None:
    rows = tuple(replace(row(f"2027-02-{day:02}", "x"), time="08:15" if day % 3 else "18:40") for day in range(1, 28))
    assert {clock for _, clock in made(4, rows=rows)} == {time(8, 15), time(18, 40)}
    assert {clock for _, clock in made(4)} == {time(10)}


def test_days_with_a_post_are_avoided_where_there_are_others() -> None:
    plain = [day for day, _ in made(3)]
    assert [day for day, _ in made(3, rows=(row(plain[1].isoformat(), "x"),))][1] != plain[1]


def test_posts_keep_two_hours_from_others_of_their_day() -> None:
    found = made(3, 1, rows=(row(TOMORROW.isoformat(), "x"),))
    moments = sorted(
        [planned_moment(*one, BOOK.zone).at for one in found] + [planned_moment(TOMORROW, time(9), BOOK.zone).at]
    )
    assert min(b - a for a, b in pairwise(moments)) >= timedelta(hours=2)
    assert {day for day, _ in found} == {TOMORROW}


def test_closed_days_and_closed_hours_are_left_free() -> None:
    rules = book("Posting window: 12-14\nBlackout days: 2027-03-02 to 2027-03-14")
    rules = replace(rules, window=(time(12), time(14)))
    found = made(3, 14, rules)
    assert found[0][0] == date(2027, 3, 15)
    assert all(time(12) <= clock < time(14) for _, clock in found)


def test_where_nothing_is_ever_open_there_is_no_time() -> None:
    rules = replace(BOOK, blackout_days=frozenset(TOMORROW + timedelta(days=number) for number in range(200)))
    assert made(3, 14, rules) == []


def test_a_time_that_the_clocks_skip_is_not_taken() -> None:
    rows = tuple(replace(row(f"2027-02-{day:02}", "x"), time="02:30") for day in range(1, 20))
    rules = replace(BOOK, window=None)
    found = timetable(1, 1, rules, rows, datetime(2027, 3, 27, 12, tzinfo=UTC), rules.zone)
    assert found[0][0] == date(2027, 3, 28)
    assert not planned_moment(*found[0], rules.zone).note


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        timetable(1, 1, BOOK, (), datetime(2027, 3, 1), BOOK.zone)  # noqa: DTZ001


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 14),
    st.integers(1, 30),
    st.sets(st.integers(0, 40)),
    st.sampled_from([None, (time(7), time(21)), (time(22), time(2))]),
)
def test_every_time_is_allowed_and_apart_from_all_others(count: int, span: int, closed: set[int], window: Any) -> None:
    rules = replace(
        BOOK, window=window, blackout_days=frozenset(TOMORROW + timedelta(days=number) for number in closed)
    )
    rows = (row("2027-03-03", "x"), row("2027-03-05", "x"))
    found = made(count, span, rules, rows)
    moments = [planned_moment(*one, rules.zone).at for one in found]
    assert len(found) == count
    assert moments == sorted(moments)
    assert all(effective_time(moment, rules, now=NOW).at == moment for moment in moments)
    others = [planned_moment(date.fromisoformat(one.date), time(9), rules.zone).at for one in rows]
    assert all(abs(a - b) >= timedelta(minutes=30) for n, a in enumerate(moments) for b in [*moments[n + 1 :], *others])
