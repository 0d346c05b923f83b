"""Will it send? What stands in the way of a post to come is said in time, once, with what to do; and nothing is done to the post."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from moto_mesh import MotoMesh
from sender_stage import BLUESKY_HOST, CHANNEL, DID, DUE, PNG, POST, RULES, Stage

from mesh.events import Probe, Trouble, Upcoming
from mesh.ledger import Act, Booked
from mesh.ledger.runtime import HOLD_EVERYTHING, alive_key, pause_key, tried_key
from sender.ahead import SURE_AFTER, Trial, the_posts_of, try_ahead

DAY_BEFORE = DUE - timedelta(hours=23)


@pytest.fixture
def ahead(mesh: MotoMesh) -> Stage:
    return stand(Stage(mesh, image=True))


def stand(stage: Stage, channels: tuple[str, ...] = (CHANNEL,)) -> Stage:
    """Booked, and a day before it is due."""
    stage.now = DAY_BEFORE
    for channel in channels:
        head = stage.head(channel)
        booked = head.model_copy(update={"booking": Booked(name=f"b-{channel}", at=DUE.isoformat(), attempt=1)})
        stage.mesh.ledger.change_head(head, booked, Act("booked", "test", stage.now))
    stage.mesh.entries.clear()
    stage.mesh.calls.clear()
    return stage


def attempt(stage: Stage, channels: tuple[str, ...] = (CHANNEL,)) -> Trial:
    post = Upcoming(post_id=POST, revision=stage.revision, channels=list(channels))
    return try_ahead(stage.ports, Probe(channels=[], posts=[post]), lambda: stage.remaining_seconds)


def said(stage: Stage) -> list[str]:
    return [trouble.message for trouble in stage.mesh.events_of(Trouble)]


def tried(stage: Stage) -> bool:
    return bool((stage.mesh.runtime.get(tried_key(POST), stage.now) or {}).get("at"))


def test_nothing_is_said_and_nothing_is_done_when_all_is_well(ahead: Stage) -> None:
    before = ahead.head(), ahead.mesh.ledger.status(POST)

    assert attempt(ahead) == Trial(tried=1)

    assert tried(ahead)
    assert ahead.mesh.entries == []
    assert ahead.networks.creating == []
    assert (ahead.head(), ahead.mesh.ledger.status(POST)) == before
    assert ahead.attempts() == []
    assert not {"TransactWriteItems", "DeleteItem"} & set(ahead.mesh.calls)


def dead(_: httpx.Request) -> httpx.Response:
    return httpx.Response(401, json={"error": "AuthMissing", "message": "no"})


def kill_the_sign_in(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = stage.networks.__class__.__call__

    def answers(networks: Any, request: httpx.Request) -> httpx.Response:
        return dead(request) if "getSession" in request.url.path else answer(networks, request)

    monkeypatch.setattr(stage.networks.__class__, "__call__", answers)


def test_a_dead_sign_in_pauses_its_channel_and_names_the_post_once(
    ahead: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_the_sign_in(ahead, monkeypatch)

    attempt(ahead)
    ahead.now += timedelta(hours=1)
    attempt(ahead)

    (message,) = said(ahead)
    assert message.startswith(f"{CHANNEL} is paused, nothing is posted there: Bluesky does not accept the sign-in")
    assert message.endswith("The post of Friday 27 March, 09:00, Berlin time will not go out before that is mended.")
    assert pause_key(CHANNEL) in ahead.mesh.ledger.standing([pause_key(CHANNEL)])
    assert ahead.attempts() == []


def test_a_channel_paused_long_before_is_said_again_with_the_post_and_the_way_out(ahead: Stage) -> None:
    values = {"reason": "reauthorise", "detail": "Its sign-in ended.", "since": "2026-03-01T00:00:00+00:00"}
    act = Act("pause", "sender", ahead.now)
    ahead.mesh.ledger.set_standing(f"channel#{CHANNEL}", pause_key(CHANNEL), values, act)

    attempt(ahead)
    attempt(ahead)

    assert said(ahead) == [
        f"The post of Friday 27 March, 09:00, Berlin time will not go out on {CHANNEL} as things are, for {CHANNEL} is paused: "
        "Its sign-in ended. Connect the channel again before then."
    ]
    assert ahead.networks.paths == []


def test_a_hold_on_everything_is_remembered_once(ahead: Stage) -> None:
    values = {"by": "ada@example.test", "at": "2026-03-20T08:00:00+00:00", "since": "2026-03-20T08:00:00+00:00"}
    act = Act("hold everything", "ada", ahead.now - timedelta(days=5))
    ahead.mesh.ledger.set_standing("everything", HOLD_EVERYTHING, values, act)

    attempt(ahead)
    attempt(ahead)

    (message,) = said(ahead)
    assert "everything is on hold since Saturday 21 March" in message
    assert message.endswith("Let it go on before then.")


def not_connected(stage: Stage) -> None:
    stage.mesh.secrets.delete_secret(SecretId=f"ss/channels/{CHANNEL}", ForceDeleteWithoutRecovery=True)


def another_account(stage: Stage) -> None:
    stage.connect(CHANNEL, "bluesky", "did:plc:another", BLUESKY_HOST, {"access_jwt": "x"})


def another_in_the_rules(stage: Stage) -> None:
    stage.rules(RULES.replace(DID, "did:plc:bcdefghijklmnopqrstuvwxy"))


@pytest.mark.parametrize(
    ("befalls", "words"),
    [
        (not_connected, "is not connected"),
        (another_account, "another account"),
        (another_in_the_rules, "another account than the one that was connected"),
    ],
)
def test_a_secret_that_is_gone_or_another_account_pauses_the_channel_in_time(
    ahead: Stage, befalls: Callable[[Stage], None], words: str
) -> None:
    befalls(ahead)
    attempt(ahead)
    (message,) = said(ahead)
    assert words in message
    assert "The post of Friday 27 March, 09:00" in message


def test_a_package_that_is_damaged_is_said_with_what_to_do(ahead: Stage) -> None:
    key = f"packages/{POST}/{ahead.revision}/{hashlib.sha256(PNG).hexdigest()}"
    ahead.mesh.s3.put_object(Bucket=ahead.mesh.posts_bucket, Key=key, Body=b"other bytes")
    attempt(ahead)
    attempt(ahead)
    (message,) = said(ahead)
    assert message.endswith(
        "will not go out as things are: what was approved is damaged. Change a word of its text, so that it is made anew, "
        "and approve it again."
    )


def untick(stage: Stage) -> None:
    stage.row[8] = False


def edit(stage: Stage) -> None:
    stage.row[3] = "Fresh plum cake"


def new_picture(stage: Stage) -> None:
    stage.google.images = {"cake.png": "n" * 32}


def delete(stage: Stage) -> None:
    stage.google.values = stage.google.values[:1]


@pytest.mark.parametrize(
    ("befalls", "words"),
    [(untick, "the tick"), (edit, "was edited"), (new_picture, "was edited"), (delete, "not in the sheet any more")],
)
def test_a_row_that_disagrees_is_said_once_it_has_done_so_for_some_minutes(
    ahead: Stage, befalls: Callable[[Stage], None], words: str
) -> None:
    befalls(ahead)

    attempt(ahead)
    assert (said(ahead), tried(ahead)) == ([], False)
    ahead.now += SURE_AFTER
    attempt(ahead)

    (trouble,) = ahead.mesh.events_of(Trouble)
    assert trouble.message.endswith("its row is not as it was approved.")
    note = ahead.mesh.runtime.get(trouble.words_key, ahead.now)
    assert note is not None
    assert words in note["message"]
    assert tried(ahead)


def test_a_row_on_its_way_through_drive_sync_is_no_trouble(ahead: Stage) -> None:
    untick(ahead)
    attempt(ahead)
    ahead.row[8] = True
    ahead.now += SURE_AFTER
    attempt(ahead)
    assert (said(ahead), tried(ahead)) == ([], True)


def test_a_sign_in_that_ends_before_the_post_is_said_where_it_cannot_be_renewed(mesh: MotoMesh) -> None:
    stage = stand(Stage(mesh, channels=("mastodon-main",)), ("mastodon-main",))
    ends = (DUE - timedelta(hours=1)).isoformat()
    stage.connect(
        "mastodon-main", "mastodon", "42", "https://masto.example.test", {"access_token": "t", "expires_at": ends}
    )
    stage.mesh.runtime.put(alive_key("mastodon-main"), {}, ttl=stage.now + timedelta(hours=1))

    attempt(stage, ("mastodon-main",))
    attempt(stage, ("mastodon-main",))

    (message,) = said(stage)
    assert "its sign-in ends on Friday 27 March, 08:00, Berlin time. Connect the channel again before then." in message


def test_a_sign_in_that_ends_before_the_post_is_renewed_where_it_can_be(ahead: Stage) -> None:
    ends = (DUE - timedelta(hours=1)).isoformat()
    ahead.connect(
        CHANNEL, "bluesky", DID, BLUESKY_HOST, {"access_jwt": "stale", "refresh_jwt": "r", "expires_at": ends}
    )
    attempt(ahead)
    assert ahead.networks.refreshed == 1


@pytest.mark.parametrize("what", ["google", "network"])
def test_what_cannot_be_asked_now_is_no_trouble_and_left_to_the_next_sweep(
    ahead: Stage, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if what == "google":
        ahead.google.down = lambda _: httpx.Response(503, json={})
    else:
        monkeypatch.setattr(
            ahead.networks.__class__, "__call__", lambda *_: httpx.Response(503, text="<html>busy</html>")
        )
    attempt(ahead)
    assert said(ahead) == []
    assert tried(ahead) is (what == "network")
    assert ahead.mesh.ledger.standing([pause_key(CHANNEL)]) == {}


def test_what_is_no_longer_approved_booked_or_as_it_was_is_left_alone(ahead: Stage) -> None:
    ahead.hold()
    assert attempt(ahead) == Trial()
    ahead.change(held=None, approval=None)
    assert attempt(ahead) == Trial()
    assert said(ahead) == []
    assert ahead.networks.paths == ahead.google.calls == []


def test_with_little_time_left_it_stops_and_the_next_sweep_goes_on(ahead: Stage) -> None:
    ahead.remaining_seconds = 5
    assert attempt(ahead) == Trial(left=1)
    assert not tried(ahead)


def test_a_channel_is_probed_once_an_hour_however_many_posts_come_up(ahead: Stage) -> None:
    for _ in range(3):
        ahead.now += timedelta(minutes=5)
        attempt(ahead)
    assert ahead.networks.paths == ["com.atproto.server.getSession"]


def test_many_posts_are_named_by_their_times_and_a_count() -> None:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Berlin")
    told = the_posts_of([DUE + timedelta(hours=number) for number in range(7)], zone)
    assert told.startswith("The posts of Friday 27 March, 09:00; Friday 27 March, 10:00;")
    assert told.endswith(" and 2 more")
