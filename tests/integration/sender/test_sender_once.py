"""Published once, whatever is delivered twice, lost or killed on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from moto_mesh import MotoMesh
from rounds import Rounds
from sender_stage import CHANNEL, POST, Stage

from mesh.errors import Busy, Conflict, Doubt
from mesh.events import AttemptFailed, Failed, Sent, Trouble
from mesh.ledger import HeadState, State
from mesh.ledger.book import Ledger
from sender.decide import ATTEMPT_LIMIT

Accept = Callable[[], httpx.Response]


@pytest.fixture
def stage(mesh: MotoMesh) -> Stage:
    return Stage(mesh)


def lost(accept: Accept) -> httpx.Response:
    """It takes effect, and the answer never comes."""
    accept()
    raise httpx.ReadTimeout("no answer")


def never_arrived(_: Accept) -> httpx.Response:
    raise httpx.ReadTimeout("no answer")


def test_an_approved_due_post_is_published_and_recorded(stage: Stage) -> None:
    done = stage.send()

    assert (done.move, done.outcome, done.attempt) == ("send", "ok", 1)
    head, attempt = stage.head(), stage.attempts()[0]
    assert head.state is HeadState.SENT
    assert head.posted_url == attempt.posted_url != ""
    assert (attempt.result, attempt.month) == ("ok", "2026-03")
    assert stage.event_names() == ["ss.sent"]
    status = stage.mesh.ledger.status(POST)
    assert status is not None
    assert status.state is State.SENT


def test_every_change_has_its_audit_row(stage: Stage) -> None:
    stage.send()

    assert [row["action"] for row in stage.mesh.audit(f"{POST}#{CHANNEL}")] == ["ready", "claim", "published"]


def rounds_of(stage: Stage, channel: str = CHANNEL) -> list[str]:
    assert stage.ports.surroundings.table()  # a warm process has signed in to Google
    runner = Rounds(stage.all_calls)
    stage.ports = replace(stage.ports, together=runner)
    stage.send(channel=channel)
    return runner.close()


LIVE = "GET values/Posts+GetObject+GetSecretValue"  # the live row, rules and manifest, the channel's account
AFTER = [
    "BatchGetItem+TransactWriteItems",  # the record, and the post as it stands
    *["BatchGetItem", "TransactWriteItems"],  # its heads, and its derived state
    "PutEvents",
]


def test_a_text_only_send_takes_four_calls_one_after_the_other_until_it_is_out_and_eight_in_all(stage: Stage) -> None:
    assert rounds_of(stage) == [
        "BatchGetItem",  # post, head, holds and pauses
        LIVE,
        "TransactWriteItems",  # the claim
        "POST com.atproto.repo.putRecord",
        *AFTER,
    ]


def test_a_picture_costs_its_hash_its_bytes_and_the_gate_once_more(mesh: MotoMesh) -> None:
    assert rounds_of(Stage(mesh, image=True)) == [
        *["BatchGetItem", LIVE],
        "GET /v3/files",
        "GetObject",
        "TransactWriteItems",
        "POST com.atproto.repo.uploadBlob",
        *["BatchGetItem", LIVE, "GET /v3/files"],  # read again, for what was prepared meanwhile
        "POST com.atproto.repo.putRecord",
        *AFTER,
    ]


def test_an_event_delivered_again_publishes_nothing_and_says_sent_again(stage: Stage) -> None:
    stage.send()
    stage.mesh.entries.clear()

    done = stage.send()

    assert done.move == "again"
    assert len(stage.networks.creating) == 1
    assert stage.event_names() == ["ss.sent"]


def test_a_crash_after_the_record_is_healed_by_the_next_delivery(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "derive", killed)
        patched.setattr(type(stage.mesh.bus), "put", killed)
        with pytest.raises(SystemExit):
            stage.send()

    stage.send()

    status = stage.mesh.ledger.status(POST)
    assert status is not None
    assert status.state is State.SENT
    assert stage.event_names() == ["ss.sent"]
    assert len(stage.networks.creating) == 1


def test_a_delivery_while_another_publishes_is_busy(stage: Stage) -> None:
    def second(accept: Accept) -> httpx.Response:
        with pytest.raises(Busy):
            stage.send()
        return accept()

    stage.networks.script = [second]

    stage.send()

    assert len(stage.networks.creating) == 1
    assert stage.head().state is HeadState.SENT


def test_of_two_deliveries_that_both_passed_the_gate_one_publishes(stage: Stage) -> None:
    stage.google.meanwhile = lambda: assert_sent(stage)

    done = stage.send()

    assert done.move == "again"
    assert len(stage.networks.creating) == 1
    assert len(stage.attempts()) == 1


def assert_sent(stage: Stage) -> None:
    assert stage.send().outcome == "ok"


def test_a_crash_before_the_record_is_found_and_sent_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(accept: Accept) -> httpx.Response:
        accept()
        raise SystemExit("killed")

    stage.networks.script = [killed]
    with pytest.raises(SystemExit):
        stage.send()
    assert stage.head().state is HeadState.OPEN

    stage.wait(timedelta(seconds=91))
    assert stage.send().move == "rest"
    assert stage.head().state is HeadState.UNKNOWN
    stage.wait(timedelta(minutes=3))
    assert stage.send(attempt=2).move == "found"

    assert len(stage.networks.creating) == 1
    assert stage.head().state is HeadState.SENT
    assert stage.event_names() == ["ss.attempt.failed", "ss.sent"]


def test_a_lost_answer_is_unknown_and_found_after_the_settle_time(stage: Stage) -> None:
    stage.networks.script = [lost]

    stage.send()
    assert stage.head().state is HeadState.UNKNOWN
    assert [event.outcome for event in stage.mesh.events_of(AttemptFailed)] == ["unknown"]
    assert stage.send(attempt=1).move == "rest", "too early to look"
    stage.wait(timedelta(minutes=2))
    stage.send(attempt=2)

    assert len(stage.networks.creating) == 1
    assert stage.head().state is HeadState.SENT
    assert [attempt.result for attempt in stage.attempts()] == ["ok"]


def test_a_request_that_never_arrived_is_repeated_the_very_same(stage: Stage) -> None:
    stage.networks.script = [never_arrived]

    stage.send()
    stage.wait(timedelta(minutes=2))
    stage.send(attempt=2)

    first, second = stage.networks.creating
    assert first.content == second.content
    assert stage.head().state is HeadState.SENT
    assert len({attempt.key_at for attempt in stage.attempts()}) == 1


def test_an_effect_that_lands_after_the_look_makes_no_second_post(stage: Stage) -> None:
    late: list[Accept] = []
    stage.networks.script = [
        lambda accept: (late.append(accept), never_arrived(accept))[1],
        lambda accept: (late[0](), accept())[1],
    ]

    stage.send()
    stage.wait(timedelta(minutes=2))
    stage.send(attempt=2)

    assert len(stage.networks.posts) == 1
    assert stage.head().state is HeadState.SENT


def test_repeating_goes_through_the_gate_again(stage: Stage) -> None:
    stage.networks.script = [never_arrived]
    stage.send()
    stage.hold()

    stage.wait(timedelta(minutes=2))
    done = stage.send(attempt=2)

    assert done.move == "gate final"
    assert len(stage.networks.creating) == 1
    assert stage.head().state is HeadState.UNKNOWN, "it may be out: the head is not made ready"
    assert len(stage.mesh.events_of(Trouble)) == 1


def test_a_repetition_that_is_refused_does_not_make_the_first_try_undone(stage: Stage) -> None:
    refusal = httpx.Response(400, json={"error": "InvalidRequest", "message": "no"})
    stage.networks.script = [never_arrived, lambda _: refusal]
    stage.send()
    stage.wait(timedelta(minutes=2))

    stage.send(attempt=2)
    assert stage.head().state is HeadState.UNKNOWN
    stage.wait(timedelta(minutes=2))
    done = stage.send(attempt=3)

    assert done.move == "ask"
    assert stage.head().state is HeadState.UNKNOWN
    assert stage.mesh.events_of(Failed) == []
    assert len(stage.mesh.events_of(Trouble)) == 1
    assert len(stage.networks.creating) == 2


def test_a_repetition_past_the_networks_memory_asks_the_owner_once(mesh: MotoMesh) -> None:
    stage = Stage(mesh, channels=("mastodon-main",))
    stage.networks.script = [never_arrived]
    stage.send(channel="mastodon-main")

    stage.wait(timedelta(hours=1))
    assert stage.send(attempt=2, channel="mastodon-main").move == "ask"
    stage.wait(timedelta(hours=1))
    assert stage.send(attempt=2, channel="mastodon-main").move == "ask"

    assert len(stage.networks.creating) == 1
    assert stage.head("mastodon-main").state is HeadState.UNKNOWN
    assert len(stage.mesh.events_of(Trouble)) == 1


def test_a_record_in_conflict_is_tried_until_it_is_written(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    original, failing = Ledger.change_head, iter([Conflict("another"), Doubt("throttled"), None])

    def change_head(self: Ledger, before: object, after: object, act: object, **rest: object) -> object:
        if getattr(act, "action", "") == "published" and (error := next(failing)):
            raise error
        return original(self, before, after, act, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Ledger, "change_head", change_head)

    stage.send()

    assert stage.head().state is HeadState.SENT
    assert len(stage.naps) == 2
    assert len(stage.networks.creating) == 1


def test_a_record_whose_answer_was_lost_is_recognised(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Ledger.change_head

    def change_head(self: Ledger, before: object, after: object, act: object, **rest: object) -> object:
        changed = original(self, before, after, act, **rest)  # type: ignore[arg-type]
        if getattr(act, "action", "") == "published":
            raise Doubt("no answer")
        return changed

    monkeypatch.setattr(Ledger, "change_head", change_head)

    assert stage.send().outcome == "ok"

    assert stage.event_names() == ["ss.sent"]
    assert len(stage.mesh.audit(f"{POST}#{CHANNEL}")) == 3


def test_a_record_that_cannot_be_written_raises_and_the_next_delivery_finds_the_post(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Ledger.change_head

    def change_head(self: Ledger, before: object, after: object, act: object, **rest: object) -> object:
        if getattr(act, "action", "") == "published":
            stage.wait(timedelta(seconds=30))
            raise Doubt("down")
        return original(self, before, after, act, **rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "change_head", change_head)
        with pytest.raises(Doubt):
            stage.send()
    stage.wait(timedelta(minutes=5))
    stage.send()

    assert stage.head().state is HeadState.SENT
    assert len(stage.networks.creating) == 1


def test_a_rate_limit_is_retried_at_the_networks_reset(stage: Stage) -> None:
    stage.networks.script = [lambda _: httpx.Response(429, headers={"retry-after": "600"}, json={"error": "RateLimit"})]

    stage.send()
    head = stage.head()
    assert (head.state, head.next_at) == (HeadState.RETRY, (stage.now + timedelta(minutes=10)).isoformat())
    assert stage.send(attempt=1).move == "rest", "the first event again starts no second attempt"
    assert stage.send(attempt=2).move == "rest", "not yet due"
    stage.wait(timedelta(minutes=10))
    stage.send(attempt=2)

    assert stage.head().state is HeadState.SENT
    assert [attempt.result for attempt in stage.attempts()] == ["fail", "ok"]
    assert stage.event_names() == ["ss.attempt.failed", "ss.sent"]


def test_after_fifteen_tries_without_a_connection_it_has_failed(stage: Stage) -> None:
    def unreachable(_: Accept) -> httpx.Response:
        raise httpx.ConnectError("refused")

    stage.networks.script = [unreachable] * (ATTEMPT_LIMIT + 1)
    for number in range(1, ATTEMPT_LIMIT + 2):
        stage.send(attempt=number)
        stage.wait(timedelta(hours=2))

    assert len(stage.networks.creating) == ATTEMPT_LIMIT == 15
    assert stage.head().state is HeadState.FAILED
    assert len(stage.mesh.events_of(AttemptFailed)) == ATTEMPT_LIMIT - 1
    assert len(stage.mesh.events_of(Failed)) == 2, "said again when an event comes after it"


def test_a_refusal_fails_with_the_networks_words(stage: Stage) -> None:
    refusal = httpx.Response(400, json={"error": "InvalidRequest", "message": "too many tags"})
    stage.networks.script = [lambda _: refusal]

    stage.send()

    assert stage.head().state is HeadState.FAILED
    assert "too many tags" in stage.head().detail
    assert stage.event_names() == ["ss.failed"]


def test_an_expired_token_is_refreshed_stored_and_used_within_the_attempt(stage: Stage) -> None:
    stage.networks.script = [lambda _: httpx.Response(400, json={"error": "ExpiredToken"})]

    assert stage.send().outcome == "ok"

    assert stage.networks.refreshed == 1
    assert len(stage.attempts()) == 1
    stored = stage.mesh.vault.document(f"ss/channels/{CHANNEL}")
    assert stored["credentials"] == {"access_jwt": "fresh", "refresh_jwt": "fresh-r"}
    assert stored["note"] == "kept"
    assert stage.networks.creating[1].headers["authorization"] == "Bearer fresh"


def test_a_dead_token_pauses_the_channel_and_counts_no_attempt(stage: Stage) -> None:
    stage.networks.script = [lambda _: httpx.Response(401, json={"error": "AuthMissing", "message": "revoked"})]

    stage.send()

    assert "pause#bluesky-main" in stage.mesh.ledger.standing(["pause#bluesky-main"])
    assert (stage.head().state, stage.head().next_at) == (HeadState.RETRY, None)
    assert [attempt.counted for attempt in stage.attempts()] == [False]
    assert len(stage.mesh.events_of(Trouble)) == 1
    assert stage.send(attempt=2).move == "gate waiting"
    assert len(stage.networks.creating) == 1


def test_a_good_probe_lifts_the_pause(stage: Stage) -> None:
    stage.networks.script = [lambda _: httpx.Response(401, json={"error": "AuthMissing", "message": "revoked"})]
    stage.send()

    assert stage.ports.channels.probe(CHANNEL, "t_1") == "alive"

    assert stage.mesh.ledger.standing(["pause#bluesky-main"]) == {}
    stage.send(attempt=2)
    assert stage.head().state is HeadState.SENT
    assert [row["action"] for row in stage.mesh.audit(f"channel#{CHANNEL}")] == ["pause", "lift pause"]
    said, over = stage.mesh.events_of(Trouble)
    assert (over.cause, over.ended) == (said.cause, True), "whoever was told of it is told that it is over"
    stage.ports.channels.probe(CHANNEL, "t_2")
    assert len(stage.mesh.events_of(Trouble)) == 2


def test_an_adapter_that_stumbles_leaves_an_unknown(stage: Stage) -> None:
    def stumble(_: Accept) -> httpx.Response:
        raise RuntimeError("a defect")

    stage.networks.script = [stumble]

    stage.send()

    assert stage.head().state is HeadState.UNKNOWN


def test_with_too_little_time_left_nothing_is_claimed(stage: Stage) -> None:
    stage.remaining_seconds = 34.0

    with pytest.raises(Doubt):
        stage.send()

    assert stage.head().state is HeadState.READY
    assert stage.networks.creating == []


def test_channels_are_independent(mesh: MotoMesh) -> None:
    stage = Stage(mesh, channels=("bluesky-main", "mastodon-main"))
    stage.networks.script = [lambda _: httpx.Response(400, json={"error": "InvalidRequest", "message": "no"})]

    stage.send(channel="bluesky-main")
    stage.send(channel="mastodon-main")

    assert stage.head("bluesky-main").state is HeadState.FAILED
    assert stage.head("mastodon-main").state is HeadState.SENT
    assert [type(event) for event in stage.mesh.events] == [Failed, Sent]


def endless() -> Iterator[bytes]:
    """Three gigabytes, if anybody reads them."""
    for _ in range(3 * 1024):
        READ.append(1)
        yield b"x" * 1024 * 1024


READ: list[int] = []
NONSENSE = {
    "HTML with 200": lambda: httpx.Response(200, html="<html><body>Welcome</body></html>"),
    "HTML with 502": lambda: httpx.Response(502, html="<html><body>Bad Gateway</body></html>"),
    "nothing": lambda: httpx.Response(200),
    "half of an answer": lambda: httpx.Response(200, content=b'{"uri": "at://did'),
    "three gigabytes": lambda: httpx.Response(200, content=endless()),
    "a list": lambda: httpx.Response(200, json=[1, 2]),
}


@pytest.mark.parametrize("channel", [CHANNEL, "mastodon-main"])
@pytest.mark.parametrize("takes_effect", [True, False], ids=["posted", "not posted"])
@pytest.mark.parametrize("name", NONSENSE)
def test_an_answer_that_is_none_proves_nothing_and_the_post_is_out_once(
    mesh: MotoMesh, name: str, takes_effect: bool, channel: str
) -> None:
    stage = Stage(mesh, channels=(channel,))
    READ.clear()

    def nonsense(accept: Accept) -> httpx.Response:
        if takes_effect:
            accept()
        return NONSENSE[name]()

    stage.networks.script = [nonsense]

    assert stage.send(channel=channel).outcome == "unknown"
    assert len(READ) < 5, "it was read to its end"
    stage.wait(timedelta(minutes=2))
    stage.send(attempt=2, channel=channel)

    assert stage.head(channel).state is HeadState.SENT
    assert len(stage.networks.posts) == 1
    assert len(stage.networks.creating) == (1 if takes_effect else 2)
    assert stage.mesh.events_of(Trouble) == []
