"""Facebook, Instagram and Threads: a kill and each fault at each request of a publish, and the sender going on after it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sender_side import drawn
from spoilt_line import FAULTS, Sender, SpoiltLine

from networks.model import AfterUnknown, AttemptKey, Draft, Result

SHAPES = [("facebook", 0), ("facebook", 1), ("facebook", 3), ("instagram", 1), ("instagram", 3)]
SHAPES += [("threads", 0), ("threads", 1), ("threads", 3)]
EACH_SHAPE = pytest.mark.parametrize(("network", "image_count"), SHAPES)
# Of Facebook's no test believes a refusal to be false: it documents spam for Instagram's containers alone.
FACEBOOK_FAULTS = [fault for fault in FAULTS if "refused as spam" not in fault]


@pytest.fixture
def channel(network: str, request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(network)


def draft_of(channel: Any, name: str, image_count: int) -> Draft:
    pictures = [channel.blobs.put(drawn(400, 400, colour=colour)) for colour in ("red", "green", "blue")]
    return Draft(f"Cake of {name}", images=tuple(pictures[:image_count]))


def publish_over(channel: Any, line: SpoiltLine, draft: Draft, key: AttemptKey) -> tuple[str, str]:
    with httpx.Client(transport=line) as spoilt:
        channel.http = spoilt
        return Sender(channel, draft, key).send()


def containers_of(image_count: int) -> int:
    return image_count + 1 if image_count > 1 else 1


def told_apart(key: AttemptKey, name: str) -> AttemptKey:
    return AttemptKey(name, key.created_at)


@pytest.mark.parametrize("length", [1, pytest.param(2, marks=pytest.mark.slow)], ids=["at one", "at two in a row"])
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_breaks_at_whichever_request_there_is_one_post_at_most_and_nobody_is_told_a_lie(
    opened: Any, fault: str, length: int, key: AttemptKey
) -> None:
    for network, image_count in SHAPES:
        if network == "facebook" and fault not in FACEBOOK_FAULTS:
            continue
        channel = opened(network)
        http, clean = channel.http, SpoiltLine()
        first = told_apart(key, "clean")
        assert publish_over(channel, clean, draft_of(channel, "clean", image_count), first)[0] == "sent"
        for number in range(len(clean.seen)):
            name = f"{network}, {image_count} images, {fault} at {number}"
            line = SpoiltLine(fault, frozenset(range(number, number + length)))
            draft = draft_of(channel, name, image_count)
            end, url = publish_over(channel, line, draft, told_apart(key, name))
            channel.http = http
            posts = [post for post in channel.feed() if post["text"] == draft.text]
            said = (name, end, line.seen)
            assert len(posts) <= 1, said
            assert (end == "sent") <= (len(posts) == 1), said
            assert (end == "failed") <= (posts == []), said
            assert not url or url == posts[0]["url"], said
            assert end in allowed_ends(channel, fault, number, number + length, image_count), said


def allowed_ends(channel: Any, fault: str, first: int, after: int, image_count: int) -> set[str]:
    """What may become of a post when this fault meets these requests of it."""
    if "spam" in fault and first < containers_of(image_count):
        return {"sent", "failed"}  # before anything can be published, it may be believed
    if channel.adapter.declared.after_unknown is AfterUnknown.REPEAT_SAME:
        return {"sent"}
    if "killed" not in fault and after <= image_count:
        return {"sent"}  # photos that nobody sees are sent again
    return {"sent", "asked"}


@EACH_SHAPE
def test_what_is_asked_of_the_network_for_one_post(
    channel: Any, network: str, image_count: int, key: AttemptKey
) -> None:
    line = SpoiltLine()
    assert publish_over(channel, line, draft_of(channel, "figures", image_count), key)[0] == "sent"
    photos = {0: 0, 1: 1, 3: 3}[image_count]
    assert len(line.seen) == (photos + 2 if network == "facebook" else containers_of(image_count) + 3), line.seen


@EACH_SHAPE
def test_a_closed_gate_keeps_back_what_was_prepared_and_an_open_one_lets_the_same_go(
    channel: Any, network: str, image_count: int, key: AttemptKey
) -> None:
    if network == "facebook" and not image_count:
        return  # nothing is prepared, and the gate was read a moment ago
    draft = draft_of(channel, "gate", image_count)
    outcome = channel.publish(draft, key, confirm=lambda: "everything is on hold")
    assert (outcome.result, outcome.closed, outcome.detail) == (Result.RETRYABLE, True, "everything is on hold")
    assert channel.feed() == []
    line = SpoiltLine()
    assert publish_over(channel, line, draft, key)[0] == "sent"
    if network != "facebook":
        assert not [one for one in line.seen if one.endswith(("/media", "/threads"))], line.seen
