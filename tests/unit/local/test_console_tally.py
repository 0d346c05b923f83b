"""What the switchboard says came of a fault: counted from the books and from what the networks show, never assumed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from local.console.tally import Tally, tally

SINCE = datetime(2027, 3, 15, 8, 0, tzinfo=UTC)
NOW = SINCE + timedelta(hours=1)
BEFORE = SINCE - timedelta(days=7)


def at(minutes: float) -> str:
    return (SINCE + timedelta(minutes=minutes)).isoformat()


def head(post: str = "p1", channel: str = "bluesky-main", state: str = "sent", **more: Any) -> dict[str, Any]:
    told = {
        "post_channel": f"{post}#{channel}",
        "attempt": 0,
        "state": state,
        "attempts": 1,
        "due": at(5),
        "since": at(5),
    }
    return {**told, "posted_url": f"https://b/{post}" if state == "sent" else "", **more}


def post(url: str = "p1", text: str = "Cake", channel: str = "bluesky-main", minutes: float = 5) -> dict[str, Any]:
    return {"id": url, "url": f"https://b/{url}", "text": text, "channel": channel, "created_at": at(minutes)}


def counted(heads: list[dict[str, Any]], feed: list[dict[str, Any]]) -> Tally:
    return tally(heads, feed, SINCE, NOW)


def figures(found: Tally) -> dict[str, int]:
    return {name: value for name, value in vars(found).items() if name != "stories" and value}


def test_a_post_that_the_books_and_the_network_know_is_out() -> None:
    assert figures(counted([head()], [post()])) == {"planned": 1, "out": 1}


def test_nothing_is_counted_that_was_settled_before() -> None:
    assert figures(counted([head(since=BEFORE.isoformat())], [post(minutes=-10_080)])) == {}


def test_the_same_words_twice_on_one_channel_are_doubled() -> None:
    found = counted([head()], [post(), post("p1-again", minutes=7)])
    assert figures(found) == {"planned": 1, "out": 1, "doubled": 1}
    assert [(story.state, story.detail) for story in found.stories] == [("doubled", "https://b/p1-again")]


def test_a_third_one_counts_too_and_the_same_words_elsewhere_do_not() -> None:
    feed = [post(), post("b"), post("c"), post("d", channel="mastodon-main")]
    assert counted([head()], feed).doubled == 2


def test_a_second_row_of_the_same_words_is_no_double() -> None:
    assert figures(counted([head("p1"), head("p2")], [post("p1"), post("p2")])) == {"planned": 2, "out": 2}


def test_last_weeks_post_of_the_same_words_is_no_double_while_this_weeks_is_looked_for() -> None:
    heads = [head("old", since=BEFORE.isoformat()), head("new", state="unknown")]
    assert figures(counted(heads, [post("old", minutes=-10_080), post("new")])) == {"planned": 1, "out": 1}


def test_what_was_sent_by_the_books_and_stands_nowhere_is_missing() -> None:
    found = counted([head()], [])
    assert figures(found) == {"planned": 1, "missing": 1}
    assert [(story.post_id, story.channel, story.state) for story in found.stories] == [
        ("p1", "bluesky-main", "missing")
    ]


def test_a_post_whose_sender_died_is_out_before_the_books_know_it() -> None:
    assert figures(counted([head(state="open")], [post()])) == {"planned": 1, "out": 1}


def test_one_post_that_nobody_has_claimed_is_out_for_one_head_alone() -> None:
    heads = [head("p1", state="unknown"), head("p2", state="unknown", since=at(6))]
    assert figures(counted(heads, [post()])) == {"planned": 2, "out": 1, "waiting": 1}


def test_a_post_that_is_out_and_cannot_be_looked_for_is_out_and_its_owner_is_asked() -> None:
    found = counted([head(state="unknown", asked_at=at(20))], [post()])
    assert figures(found) == {"planned": 1, "out": 1}
    assert [story.state for story in found.stories] == ["asked"]


def test_what_was_in_doubt_before_is_not_of_this_fault() -> None:
    before = head(state="unknown", since=BEFORE.isoformat(), due=BEFORE.isoformat(), asked_at=at(-20))
    assert figures(counted([before], [])) == {}


def test_what_is_not_out_is_waited_for_asked_about_or_refused() -> None:
    heads = [
        head("a", state="retry", next_at=at(70), detail="Bluesky asks to slow down."),
        head("b", state="unknown", asked_at=at(20)),
        head("c", state="failed"),
        head("d", state="ready", attempts=0, since=None),
        head("later", state="ready", attempts=0, since=None, due=at(600)),
    ]
    found = counted(heads, [])
    assert figures(found) == {"planned": 4, "waiting": 2, "asked": 1, "refused": 1}
    assert found.planned == found.out + found.waiting + found.asked + found.refused + found.missing
    assert {story.post_id: story.next_at for story in found.stories}["a"] == at(70)
    assert found.shown()["stories"][1]["detail"] == "Bluesky asks to slow down."
