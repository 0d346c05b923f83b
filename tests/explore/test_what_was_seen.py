"""Whatever sheet, images, rules or voice do between card and send: what posts is byte for byte what an approver saw, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from approver_world.life import ALTS, LINKS, TEXTS, Life, WholeNetwork
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from mesh_world.world import in_memory

POST = st.integers(0, 1)
RULES = (
    "",
    "Posting window: 9:00-18:00",
    "Minimum gap: 20 minutes",
    "Limit main text: 20",
    "Blackout days: 2027-03-26",
)

edits = st.one_of(
    st.tuples(st.just("write"), POST, st.just("text"), st.sampled_from(TEXTS)),
    st.tuples(st.just("write"), POST, st.just("alt text"), st.sampled_from(ALTS)),
    st.tuples(st.just("write"), POST, st.just("link"), st.sampled_from(LINKS)),
    st.tuples(st.just("write"), POST, st.just("image"), st.sampled_from(("cake.png", ""))),
    st.tuples(st.just("write"), POST, st.just("channels"), st.sampled_from(("main", "second", "main, second"))),
    st.tuples(st.just("write"), POST, st.just("time"), st.sampled_from(("09:00", "09:05", "10:00"))),
    st.tuples(st.just("write"), POST, st.just("approved"), st.booleans()),
    st.tuples(st.just("replace_picture"), st.integers(1, 3)),
    st.tuples(st.just("delete"), POST),
    st.tuples(st.just("rule"), st.sampled_from(RULES)),
    st.tuples(st.just("move_account")),
)
clicks = st.tuples(st.just("click"), st.integers(0, 3), st.integers(0, 6), st.booleans())
waits = st.tuples(st.just("wait"), st.sampled_from((1, 6, 20)))
lives = st.lists(st.one_of(clicks, edits, waits, st.tuples(st.just("last"), edits)), max_size=14)


@pytest.fixture(autouse=True, scope="module")
def memory() -> Iterator[None]:
    with in_memory():
        yield


def act(life: Life, step: tuple[Any, ...]) -> None:
    name, *given_ = step
    if name == "last":
        life.at_the_last_moment(lambda: act(life, given_[0]))
    elif name == "click":
        life.click(given_[0], given_[1], again=given_[2])
    else:
        getattr(life, name)(*given_)


def lived(steps: list[tuple[Any, ...]]) -> Life:
    life = Life()
    for step in steps:
        act(life, step)
    return life


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(lives)
def test_what_posts_is_what_an_approver_saw_or_nothing(steps: list[tuple[Any, ...]]) -> None:
    assert lived(steps).end() == []


# In parts, so that both processors have something to do; the first two by day, the others at night.
@pytest.mark.parametrize(
    "part", [pytest.param(part, marks=pytest.mark.slow if part < 2 else pytest.mark.night) for part in range(10)]
)
def test_nor_in_fifteen_hundred_lives(part: int) -> None:
    @seed(part)
    @settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    @given(lives)
    def live(steps: list[tuple[Any, ...]]) -> None:
        assert lived(steps).end() == []

    live()


def test_an_approved_post_that_nobody_touches_goes_out_as_it_was_seen() -> None:
    life = lived([("click", 0, 0, False), ("wait", 20)])
    assert life.end() == []
    assert {one.channel for one in WholeNetwork.got} == {"main", "second"}
    assert all(one.pictures for one in WholeNetwork.got)


def test_a_hold_of_what_has_changed_since_shows_the_pictures_of_now() -> None:
    """The brake works from any mail, and what it shows is the post as it stands."""
    life = lived([("replace_picture", 2), ("wait", 1)])
    address = next(one for one in life.mails()[-1] if life.open(one).heading == "Hold this post?")
    assert {one.pictures for one in life.open(address).shown} != {one.pictures for one in lived([]).open(address).shown}


def test_a_picture_replaced_under_the_same_name_stops_what_was_approved() -> None:
    life = lived([("click", 0, 0, False), ("last", ("replace_picture", 2))])
    assert life.end() == []
    assert WholeNetwork.got == []
