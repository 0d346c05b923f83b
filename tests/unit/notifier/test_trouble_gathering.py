"""Which troubles wait, which were told and when the next message goes out: whatever comes, in whatever order, and dies in between."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from mesh.events import Said, Trouble, together
from notifier.gathering import (
    ANOTHER_TIME,
    APART,
    CLAIMED_FOR,
    GATHER,
    MOST_AN_HOUR,
    STANDS_FOR,
    Book,
    claimed,
    given_back,
    noted,
    settled,
)

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
TICK = timedelta(minutes=5)
PAUSE = "pause#x-main#2026-03-20T07:00:00+00:00"


def trouble(cause: str, *post_ids: str, message: str = "m", ended: bool = False) -> Trouble:
    return Trouble(cause=cause, message=message, post_ids=list(post_ids), ended=ended, trace_id="t")


def tell(book: Book, now: datetime) -> tuple[Book, list[str]]:
    """What one message tells at this moment, as ``cause`` or ``cause over``."""
    taken = claimed(book, now)
    if taken is None or taken.claim is None:
        return book, []
    told = [f"{one.cause} over" if one.ended else one.cause for one in taken.claim.entries]
    return settled(taken, taken.claim.name, now), told


def heard(*troubles: Trouble, at: datetime = NOW) -> Book:
    return heard_more(Book(), *troubles, at=at)


def heard_more(book: Book, *troubles: Trouble, at: datetime = NOW) -> Book:
    for one in troubles:
        book = noted(book, one, at)
    return book


def test_twelve_late_posts_of_one_sweep_are_one_message_at_once() -> None:
    (event,) = together([trouble(f"late#p_{number}#x-main#", f"p_{number}") for number in range(12)])
    _, told = tell(heard(event), NOW)
    assert len(told) == 12


def test_what_is_not_urgent_waits_for_what_belongs_to_it_and_then_goes_together() -> None:
    book = heard(*(trouble(f"pause#x-{number}#s") for number in range(7)))
    assert tell(book, NOW)[1] == []
    assert len(tell(book, NOW + GATHER)[1]) == 7


def test_what_waits_goes_with_what_is_urgent() -> None:
    assert len(tell(heard(trouble(PAUSE), trouble("late#p_1#x-main#", "p_1")), NOW)[1]) == 2


def test_what_comes_right_after_a_message_waits_some_minutes() -> None:
    book, _ = tell(heard(trouble(PAUSE)), NOW + GATHER)
    book = noted(book, trouble("sheet-broken#a"), NOW + GATHER)
    assert tell(book, NOW + GATHER + APART - timedelta(seconds=1))[1] == []
    assert tell(book, NOW + GATHER + APART)[1] == ["sheet-broken#a"]


def test_what_was_told_is_told_again_only_with_more_posts() -> None:
    book, _ = tell(heard(trouble("never#a", "p_1", "p_2")), NOW + GATHER)
    later = NOW + timedelta(minutes=30)
    assert noted(book, trouble("never#a", "p_2"), later) is book
    grown = noted(book, trouble("never#a", "p_1", "p_2", "p_3"), later)
    assert tell(grown, later + GATHER)[1] == ["never#a"]


def test_what_stands_on_is_told_after_one_two_four_and_eight_days_and_every_eight_from_then() -> None:
    book, told, moment = Book(), [], NOW
    while moment < NOW + timedelta(days=25):
        book = noted(book, trouble("sheet-not-shared"), moment)
        book, said = tell(book, moment + GATHER)
        told += [(moment - NOW) / timedelta(days=1) for _ in said]
        moment += timedelta(hours=1)
    assert [round(day) for day in told] == [0, 1, 3, 7, 15, 23]
    assert STANDS_FOR[-1] == timedelta(days=8)


def test_what_was_mended_and_breaks_again_is_told_at_once() -> None:
    book, _ = tell(heard(trouble("sheet-not-shared")), NOW + GATHER)
    again = NOW + GATHER + ANOTHER_TIME
    assert tell(noted(book, trouble("sheet-not-shared"), again), again + GATHER)[1] == ["sheet-not-shared"]


def test_the_end_of_what_was_told_is_told_once_and_of_what_nobody_heard_of_never() -> None:
    book, _ = tell(heard(trouble(PAUSE)), NOW + GATHER)
    later = NOW + timedelta(hours=1)
    book = noted(noted(book, trouble(PAUSE, ended=True), later), trouble(PAUSE, ended=True), later)
    book, told = tell(book, later + GATHER)
    assert told == [f"{PAUSE} over"]
    assert tell(noted(book, trouble(PAUSE, ended=True), later + APART), later + 2 * APART)[1] == []
    assert tell(heard(trouble(PAUSE), trouble(PAUSE, ended=True)), NOW + TICK)[1] == []


def test_what_comes_after_its_own_end_is_a_late_delivery_and_no_trouble() -> None:
    assert tell(heard(trouble(PAUSE, ended=True), trouble(PAUSE, "p_1")), NOW + TICK)[1] == []


def test_what_ends_while_it_is_being_told_is_told_to_be_over() -> None:
    taken = claimed(heard(trouble(PAUSE)), NOW + GATHER)
    assert taken is not None
    assert taken.claim is not None
    over = noted(taken, trouble(PAUSE, ended=True), NOW + GATHER)
    book = settled(over, taken.claim.name, NOW + GATHER)
    assert tell(book, NOW + GATHER + APART)[1] == [f"{PAUSE} over"]


def test_a_message_whose_sender_died_is_taken_over_as_it_is_and_not_before() -> None:
    first = claimed(heard(trouble(PAUSE)), NOW + GATHER)
    assert first is not None
    first = noted(first, trouble("late#p_1#x-main#", "p_1"), NOW + GATHER)
    assert claimed(first, NOW + GATHER + CLAIMED_FOR - timedelta(seconds=1)) is None
    second = claimed(first, NOW + GATHER + CLAIMED_FOR)
    assert second is not None
    assert first.claim is not None
    assert second.claim is not None
    assert (second.claim.name, second.claim.entries) == (first.claim.name, first.claim.entries)


def test_where_nobody_could_be_reached_all_waits_again_with_what_has_come_since() -> None:
    taken = claimed(heard(trouble(PAUSE)), NOW + GATHER)
    assert taken is not None
    assert taken.claim is not None
    book = given_back(noted(taken, trouble("clock#a"), NOW + GATHER), taken.claim.name, NOW + GATHER)
    assert tell(book, NOW + TICK)[1] == []
    assert sorted(tell(book, NOW + timedelta(minutes=30))[1]) == ["clock#a", PAUSE]


def crowd(number: int) -> list[Trouble]:
    """So many late posts, as their sweep tells of them."""
    sentence = "The approved post of Friday 20 March, 09:00 has not gone out on instagram-main yet: " + "why " * 100
    causes = [f"late#p_{one:08}#instagram-main#2026-03-20T08:00:00+00:00" for one in range(number)]
    return together([trouble(cause, cause[5:15], message=sentence) for cause in causes])


def test_five_thousand_late_posts_fit_into_one_item_and_are_counted() -> None:
    taken = claimed(heard(*crowd(5_000)), NOW)
    assert taken is not None
    assert taken.claim is not None
    assert len(taken.claim.entries) + sum(taken.claim.more.values()) == 5_000


def test_an_outage_after_a_bad_fortnight_fits_whatever_becomes_of_its_message() -> None:
    book, now = Book(), NOW
    for day in range(10):  # a busy fortnight is remembered
        now += timedelta(days=1)
        book = tell(
            heard_more(book, *(trouble(f"cell-hit#{number}#{day}", "p_1") for number in range(60)), at=now),
            now + GATHER,
        )[0]
    now += timedelta(hours=1)
    events = crowd(5_100)
    taken = claimed(heard_more(book, *events, at=now), now)
    assert taken is not None
    assert taken.claim is not None
    meanwhile = heard_more(
        taken, *(trouble(f"ahead#p_{number}", "p_1", message="why " * 250) for number in range(5_100)), at=now
    )
    refused, out = (after(meanwhile, taken.claim.name, now) for after in (given_back, settled))
    # More than DynamoDB counts, which takes 400 KB: the letters of names and values, and a byte or three for each.
    assert max(len(str(one.item())) for one in (meanwhile, refused, out)) < 390_000
    assert len(refused.over["late"]) == len(taken.claim.over["late"])


def test_what_was_told_as_one_of_a_number_is_not_told_again_by_a_redelivery() -> None:
    events = crowd(500)
    book, told = tell(heard(*events), NOW)
    assert len(told) < 500
    soon = NOW + APART
    assert heard_more(book, *events, at=soon) == book
    later = NOW + ANOTHER_TIME
    assert tell(heard_more(book, *events, at=later), later)[1] != []


def test_an_event_of_an_earlier_version_is_one_trouble_and_a_folded_one_is_all_of_them() -> None:
    event = Trouble(cause="a", message="m", also=[Said(cause="b", message="n")])
    assert [one.cause for one in event.each] == ["a", "b"]
    assert [one.cause for one in Trouble.model_validate({"cause": "a", "message": "m"}).each] == ["a"]


# whatever comes

CAUSES = ["late#p_1#x#", "late#p_2#x#", "pause#x-main#s", "pause#y-main#s", "sheet-broken#a", "never#a"]
STEPS = st.one_of(
    st.tuples(st.just("hear"), st.sampled_from(CAUSES), st.integers(1, 3)),
    st.tuples(st.just("end"), st.sampled_from(CAUSES[2:4]), st.just(0)),
    st.tuples(st.sampled_from(["tell", "die", "refuse"]), st.just(""), st.just(0)),
    st.tuples(st.just("wait"), st.just(""), st.integers(10, 1_000)),
)
WITHIN = 3 * TICK  # of ticks that get through
LONGEST_TRIED = timedelta(minutes=15)


@settings(max_examples=400, deadline=None)
@given(st.lists(STEPS, max_size=60))
def test_whatever_comes_all_is_told_soon_nothing_twice_and_never_too_often(
    steps: list[tuple[str, str, int]],
) -> None:
    """``die``: an invocation claims a message and sends it to nobody. ``refuse``: every recipient is refused."""
    book, now = Book(), NOW
    mails: list[tuple[datetime, tuple[tuple[str, int, bool], ...]]] = []
    owed: dict[str, set[str]] = {}
    over: set[str] = set()

    def message() -> None:
        nonlocal book
        taken = claimed(book, now)
        if taken is None or taken.claim is None:
            return
        told = tuple((one.cause, len(one.post_ids), one.ended) for one in taken.claim.entries)
        mails.append((now, told))
        for one in taken.claim.entries:
            owed.get(one.cause, set()).difference_update(one.post_ids)
        book = settled(taken, taken.claim.name, now)

    for step, cause, number in steps:
        now += timedelta(seconds=1)
        if step == "hear":
            posts = [f"p_{one}" for one in range(number)]
            book = noted(book, trouble(cause, *posts), now)
            if cause not in over:
                before = {
                    one for _, told in mails for c, size, e in told if c == cause for one in posts[:size] if not e
                }
                owed.setdefault(cause, set()).update(set(posts) - before)
        elif step == "end":
            book = noted(book, trouble(cause, ended=True), now)
            over.add(cause)
            owed.pop(cause, None)
        elif step == "tell":
            message()
        elif step == "wait":
            now += timedelta(seconds=number)
        else:
            taken = claimed(book, now)
            if taken is not None and taken.claim is not None:
                book = taken if step == "die" else given_back(taken, taken.claim.name, now)

    for _ in range(int((LONGEST_TRIED + WITHIN) / TICK)):
        now += TICK
        message()
    assert {cause: posts for cause, posts in owed.items() if posts} == {}, "never told"
    assert (book.waiting, book.claim) == ({}, None)
    for at, _ in mails:
        assert len([one for one, _ in mails if at <= one < at + timedelta(hours=1)]) <= MOST_AN_HOUR
    ends = Counter(cause for _, told in mails for cause, _, ended in told if ended)
    assert set(ends.values()) <= {1}
    for (_, earlier), (_, later) in pairwise(mails):
        assert earlier != later, "the very same set twice"
