"""The sender, as it is deployed, against a real PDS: one approved post is one record, whatever is lost or killed."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from approved_post import TEXT, ApprovedPost, Backstage
from between import Held, Passing, PassOn, Reply, Twist, answer_lost, broken_after_effect, never_arrived
from real_channels import BlueskyChannel, MastodonChannel

from mesh.errors import Busy, MeshError
from mesh.ledger import HeadState
from sender.handler import wiring

pytestmark = pytest.mark.real

LEASE, SETTLED = timedelta(seconds=91), timedelta(minutes=3)


@pytest.fixture
def post(backstage: Backstage, bluesky: BlueskyChannel) -> ApprovedPost:
    return ApprovedPost(backstage, bluesky)


def test_an_approved_post_is_sent_and_recorded(post: ApprovedPost, bluesky: BlueskyChannel) -> None:
    post.send()

    (record,) = bluesky.records()
    assert record["value"]["text"] == TEXT
    assert post.head().state is HeadState.SENT
    (attempt,) = post.attempts
    assert (attempt.result, attempt.remote_id) == ("ok", record["uri"])
    assert post.actions == ["ready", "claim", "published"]


def test_an_approved_image_is_sent_with_its_alt_text(backstage: Backstage, bluesky: BlueskyChannel) -> None:
    post = ApprovedPost(backstage, bluesky, image=True)

    post.send()

    assert post.head().state is HeadState.SENT, post.head()
    (record,) = bluesky.records()
    assert [image["alt"] for image in record["value"]["embed"]["images"]] == ["A cake"]


def test_the_same_event_delivered_again_sends_nothing(post: ApprovedPost, bluesky: BlueskyChannel) -> None:
    post.send()
    post.send()

    assert len(bluesky.records()) == len(bluesky.between.creating) == 1


def test_eight_deliveries_at_once_are_one_request_and_one_record(post: ApprovedPost, bluesky: BlueskyChannel) -> None:
    wiring()

    def deliver(_: int) -> str:
        try:
            post.send()
        except MeshError as error:  # what a Lambda raises comes back as a retry
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(deliver, range(8)))

    assert "done" in ends
    assert len(bluesky.records()) == len(bluesky.between.creating) == 1
    post.send()
    assert post.head().state is HeadState.SENT
    assert [attempt.result for attempt in post.attempts] == ["ok"]
    assert len(bluesky.records()) == 1


def test_a_sender_killed_between_request_and_record_leaves_one_record(
    post: ApprovedPost, bluesky: BlueskyChannel
) -> None:
    """The request left, the server posted, the process was killed before it heard so. Nothing was written down."""
    held = Held()
    bluesky.between.script = [held]
    process = post.sender_process()
    try:
        held.wait_until_held()
    finally:
        process.kill()
        assert process.wait(10) == -signal.SIGKILL
    held.let_go()
    assert len(bluesky.records()) == 1
    assert post.head().state is HeadState.OPEN

    with pytest.raises(Busy):
        post.send()
    post.wait(LEASE)
    post.send()
    assert post.head().state is HeadState.UNKNOWN
    post.wait(SETTLED)
    post.send(attempt=2)

    (record,) = bluesky.records()
    assert post.head().state is HeadState.SENT
    assert [(attempt.result, attempt.remote_id) for attempt in post.attempts] == [("ok", record["uri"])]
    assert post.actions == ["ready", "claim", "unknown", "found"]
    assert len(bluesky.between.creating) == 1


def test_a_sender_killed_before_its_request_arrives_leaves_one_record_even_if_that_lands_last(
    post: ApprovedPost, bluesky: BlueskyChannel
) -> None:
    """The worst case: the request is on the line when the process dies, and lands after it was repeated."""
    late = Held(before=True)
    bluesky.between.script = [late]
    process = post.sender_process()
    try:
        late.wait_until_held()
    finally:
        process.kill()
        assert process.wait(10) == -signal.SIGKILL
    assert bluesky.records() == []

    post.wait(LEASE)
    post.send()
    post.wait(SETTLED)
    post.send(attempt=2)
    assert post.head().state is HeadState.SENT
    (record,) = bluesky.records()
    late.let_go()

    assert bluesky.records() == [record]
    assert [attempt.result for attempt in post.attempts] == ["unknown", "ok"]
    assert len(bluesky.between.creating) == 2
    assert bluesky.between.creating[0].body == bluesky.between.creating[1].body


@pytest.mark.parametrize(
    ("twist", "requests"),
    [(answer_lost, 1), (broken_after_effect, 1), (never_arrived, 2)],
    ids=["answer lost", "500 after effect", "never arrived"],
)
def test_an_unknown_is_settled_by_a_look_or_the_same_request(
    post: ApprovedPost, bluesky: BlueskyChannel, twist: Twist, requests: int
) -> None:
    bluesky.between.script = [twist]
    post.send()
    assert post.head().state is HeadState.UNKNOWN

    post.wait(SETTLED)
    post.send(attempt=2)

    assert post.head().state is HeadState.SENT
    assert len(bluesky.records()) == 1
    assert len(bluesky.between.creating) == requests


def test_an_expired_session_is_refreshed_once_and_stored_before_it_is_used(
    post: ApprovedPost, bluesky: BlueskyChannel
) -> None:
    stored = bluesky.signed_in()
    stored["access_jwt"] = bluesky.expired(stored["access_jwt"])
    post.connect(**stored)
    stored_at_use: list[str] = []

    def look_into_the_secret(passing: Passing, pass_on: PassOn) -> Reply:
        stored_at_use.append(f"Bearer {post.credentials['access_jwt']}")
        return pass_on()

    bluesky.between.script = [look_into_the_secret] * 2
    post.send()

    assert post.head().state is HeadState.SENT, post.head()
    assert len(bluesky.between.named("com.atproto.server.refreshSession")) == 1
    used = [{name.lower(): value for name, value in one.headers.items()} for one in bluesky.between.creating]
    assert [one["authorization"] for one in used] == stored_at_use
    assert post.credentials["access_jwt"] != stored["access_jwt"]
    assert post.credentials["refresh_jwt"] != stored["refresh_jwt"]
    assert [attempt.result for attempt in post.attempts] == ["ok"]
    assert len(bluesky.records()) == 1


def test_a_wrong_password_pauses_the_channel_until_a_probe_is_good(post: ApprovedPost, bluesky: BlueskyChannel) -> None:
    post.connect(identifier=bluesky.handle, app_password="wrong-wrong-wrong")
    post.send()
    assert (post.head().state, post.paused) == (HeadState.RETRY, True)
    assert [attempt.counted for attempt in post.attempts] == [False]
    assert bluesky.between.creating == []

    _, ports = wiring()
    assert ports.channels.probe(post.name, "t_real") == "paused"
    post.connect(**bluesky.account.credentials)
    assert ports.channels.probe(post.name, "t_real") == "alive"
    post.send(attempt=2)

    assert (post.head().state, post.paused) == (HeadState.SENT, False)
    assert len(bluesky.records()) == 1


def test_the_sign_in_of_another_account_pauses_the_channel(
    post: ApprovedPost, bluesky: BlueskyChannel, stranger: BlueskyChannel
) -> None:
    post.connect(**stranger.account.credentials)

    post.send()

    assert (post.head().state, post.paused) == (HeadState.RETRY, True)
    assert bluesky.records() == stranger.records() == []


def test_on_mastodon_too_a_lost_answer_is_found_and_sent_once(backstage: Backstage, mastodon: MastodonChannel) -> None:
    post = ApprovedPost(backstage, mastodon)
    mastodon.between.script = [answer_lost]
    post.send()
    assert post.head().state is HeadState.UNKNOWN

    post.wait(SETTLED)
    post.send(attempt=2)

    assert post.head().state is HeadState.SENT
    assert len(mastodon.statuses()) == len(mastodon.between.creating) == 1


def test_on_mastodon_too_a_killed_sender_leaves_one_status(backstage: Backstage, mastodon: MastodonChannel) -> None:
    post = ApprovedPost(backstage, mastodon)
    held = Held()
    mastodon.between.script = [held]
    process = post.sender_process()
    try:
        held.wait_until_held()
    finally:
        process.kill()
        assert process.wait(10) == -signal.SIGKILL
    held.let_go()

    post.wait(LEASE)
    post.send()
    post.wait(SETTLED)
    post.send(attempt=2)

    assert post.head().state is HeadState.SENT
    assert len(mastodon.statuses()) == len(mastodon.between.creating) == 1
