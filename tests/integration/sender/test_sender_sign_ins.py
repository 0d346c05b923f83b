"""A sign-in that ends: renewed before it is used, by one alone, stored before use; told in time where only its owner can renew it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from moto_mesh import MotoMesh
from sender_stage import BLUESKY_HOST, CHANNEL, DID, DUE, Stage

from mesh.errors import Doubt, Misconfigured, Throttled
from mesh.events import Trouble
from networks import network
from networks.model import Account, Finding, Outcome, Presence, RenewalUnclear, Result


class Renewing:
    """Bluesky's adapter, with sign-ins that are renewed ahead; ``used`` are the tokens it published with."""

    def __init__(self, ahead: timedelta | None, fresh_for: timedelta = timedelta(days=60)) -> None:
        inner: Any = network("bluesky")
        self._inner = inner
        self.declared = replace(inner.declared, renew_ahead=ahead)
        self.fresh_for = fresh_for
        self.used: list[str] = []
        self.asked = 0
        self.refuses = False
        self.is_down = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def publish(self, http: Any, account: Account, *rest: Any) -> Outcome:
        self.used.append(account.credentials["access_jwt"])
        return self._inner.publish(http, account, *rest)  # type: ignore[no-any-return]

    def refresh(self, http: Any, account: Account, now: datetime) -> Account | None:
        self.asked += 1
        if self.is_down:
            raise RenewalUnclear("Bluesky could not be asked")
        if self.refuses:
            return None
        ends = (now + self.fresh_for).isoformat()
        fresh = {"access_jwt": f"fresh-{self.asked}", "refresh_jwt": f"next-{self.asked}", "expires_at": ends}
        return replace(account, credentials={**account.credentials, **fresh})


@pytest.fixture
def stage(mesh: MotoMesh) -> Stage:
    return Stage(mesh)


def signed_in_until(stage: Stage, ends_at: datetime | None, **more: str) -> None:
    ends = {"expires_at": ends_at.isoformat()} if ends_at else {}
    stage.connect(CHANNEL, "bluesky", DID, BLUESKY_HOST, {"access_jwt": "old", "refresh_jwt": "r", **ends, **more})


def renewing(stage: Stage, ahead: timedelta | None = timedelta(minutes=10)) -> Renewing:
    adapter = Renewing(ahead)
    stage.ports = replace(stage.ports, network=lambda _: adapter)  # type: ignore[arg-type,return-value]
    stage.ports.channels._network = lambda _: adapter  # type: ignore[arg-type,return-value]
    return adapter


def stored(stage: Stage) -> dict[str, Any]:
    found = stage.mesh.secrets.get_secret_value(SecretId=f"ss/channels/{CHANNEL}")["SecretString"]
    return dict(json.loads(found))


def test_a_sign_in_that_ends_soon_is_renewed_stored_and_then_used(stage: Stage) -> None:
    adapter = renewing(stage)
    signed_in_until(stage, DUE + timedelta(minutes=9))
    assert stage.send().outcome == Result.OK
    assert (adapter.used, adapter.asked) == (["fresh-1"], 1)
    assert stored(stage)["credentials"]["refresh_jwt"] == "next-1"
    assert stored(stage)["note"] == "kept"


def test_a_renewed_pair_is_stored_also_where_somebody_wrote_the_accounts_id_as_a_number(stage: Stage) -> None:
    before = replace(stage.ports.surroundings.account(CHANNEL), account_id="101")
    stage.mesh.put_secret(f"ss/channels/{CHANNEL}", stored(stage) | {"account_id": 101})
    fresh = replace(before, credentials={"access_jwt": "fresh"})
    assert stage.ports.surroundings.keep(CHANNEL, before, fresh)
    assert stored(stage)["credentials"] == {"access_jwt": "fresh"}


@pytest.mark.parametrize("ends_at", [DUE + timedelta(minutes=11), None])
def test_one_that_lasts_is_left_alone(stage: Stage, ends_at: datetime | None) -> None:
    adapter = renewing(stage)
    signed_in_until(stage, ends_at)
    assert stage.send().outcome == Result.OK
    assert (adapter.used, adapter.asked) == (["old"], 0)


def test_where_it_cannot_be_renewed_the_old_one_is_still_tried(stage: Stage) -> None:
    adapter = renewing(stage)
    adapter.refuses = True
    signed_in_until(stage, DUE + timedelta(minutes=2))
    assert stage.send().outcome == Result.OK
    assert adapter.used == ["old"]


def test_two_that_meet_an_ended_sign_in_ask_once_and_both_go_on(stage: Stage) -> None:
    """The second comes while the first one asks; it waits for what that one stores, and does not spend the token again."""
    adapter = renewing(stage)
    signed_in_until(stage, DUE)
    before = stage.ports.surroundings.account(CHANNEL)
    channels = stage.ports.channels
    first_asks = adapter.refresh

    def meanwhile(http: Any, account: Account, now: datetime) -> Account | None:
        with pytest.raises(Doubt, match="by another"):  # the lock is taken, and nothing stored yet
            channels.refreshed(CHANNEL, adapter, before)
        return first_asks(http, account, now)

    adapter.refresh = meanwhile  # type: ignore[method-assign]
    fresh = channels.refreshed(CHANNEL, adapter, before)
    assert fresh is not None
    # it waited for seconds, and the first one was stuck for longer
    assert sum(stage.naps) == pytest.approx(5.0)
    late = channels.refreshed(CHANNEL, adapter, before)
    assert late is not None
    assert late.credentials == fresh.credentials
    assert adapter.asked == 1


def test_who_waits_takes_what_is_stored_meanwhile(stage: Stage) -> None:
    adapter = renewing(stage)
    signed_in_until(stage, DUE)
    before = stage.ports.surroundings.account(CHANNEL)
    assert stage.mesh.runtime.first(f"refresh#{CHANNEL}", DUE, DUE + timedelta(minutes=1))
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            signed_in_until(stage, DUE + timedelta(hours=2), access_jwt="by another")

    stage.ports.channels._sleep = nap
    found = stage.ports.channels.refreshed(CHANNEL, adapter, before)
    assert found is not None
    assert found.credentials["access_jwt"] == "by another"
    assert (adapter.asked, len(naps)) == (0, 2)


@pytest.mark.parametrize("credentials", [{"access_jwt": "of a new sign-in", "refresh_jwt": "its own"}, {}])
def test_a_channel_connected_anew_or_disconnected_while_its_sign_in_is_renewed_stays_so(
    stage: Stage, credentials: dict[str, str]
) -> None:
    adapter = renewing(stage)
    signed_in_until(stage, DUE)
    before = stage.ports.surroundings.account(CHANNEL)
    first_asks = adapter.refresh

    def meanwhile(http: Any, account: Account, now: datetime) -> Account | None:
        fresh = first_asks(http, account, now)
        stage.mesh.put_secret(f"ss/channels/{CHANNEL}", stored(stage) | {"credentials": credentials})
        return fresh

    adapter.refresh = meanwhile  # type: ignore[method-assign]
    if credentials:
        found = stage.ports.channels.refreshed(CHANNEL, adapter, before)
        assert found is not None
        assert found.credentials == credentials
    else:
        with pytest.raises(Misconfigured, match="lacks credentials"):
            stage.ports.channels.refreshed(CHANNEL, adapter, before)
    assert stored(stage)["credentials"] == credentials


def test_a_sign_in_that_is_refused_and_cannot_be_renewed_pauses_its_channel_at_once(stage: Stage) -> None:
    """Else each of its posts would be tried fifteen times for nothing."""
    adapter = renewing(stage)
    adapter.refuses = True
    stage.networks.script = [
        lambda _: httpx.Response(400, json={"error": "ExpiredToken", "message": "Token has expired"})
    ]
    assert stage.send().outcome == Result.RETRYABLE
    (told,) = warnings(stage)
    assert told.endswith("Bluesky's sign-in has run out. It could not be renewed: connect the channel again.")
    assert [attempt.counted for attempt in stage.attempts()] == [False]


def test_a_network_that_is_down_while_a_sign_in_is_renewed_pauses_nothing_and_wakes_nobody(stage: Stage) -> None:
    """Nothing says that the sign-in is dead: the post is tried again soon, and not after an hour's probe."""
    adapter = renewing(stage)
    adapter.is_down = True
    signed_in_until(stage, DUE + timedelta(minutes=2))  # renewed ahead too, which fails as well
    stage.networks.script = [
        lambda _: httpx.Response(400, json={"error": "ExpiredToken", "message": "Token has expired"})
    ]
    assert stage.send().outcome == Result.RETRYABLE
    assert adapter.asked == 2
    assert warnings(stage) == []
    (attempt,) = stage.attempts()
    assert (attempt.counted, attempt.error) == (
        True,
        "Bluesky's sign-in has run out, and it could not be renewed just now.",
    )
    adapter.is_down = False
    stage.wait(timedelta(minutes=5))
    assert stage.send(attempt=2).outcome == Result.OK


def test_a_sign_in_that_another_is_renewing_is_no_reason_for_a_pause(stage: Stage) -> None:
    renewing(stage)
    assert stage.mesh.runtime.first(f"refresh#{CHANNEL}", DUE, DUE + timedelta(minutes=1))
    stage.networks.script = [
        lambda _: httpx.Response(400, json={"error": "ExpiredToken", "message": "Token has expired"})
    ]
    assert stage.send().outcome == Result.RETRYABLE
    assert warnings(stage) == []
    assert [attempt.counted for attempt in stage.attempts()] == [True]


def failing_store(stage: Stage, times: int) -> Callable[..., bool]:
    keep, left = stage.ports.surroundings.keep, [times]

    def store(*what: Any) -> bool:
        if left[0]:
            left[0] -= 1
            raise Throttled("secret")
        return keep(*what)

    return store


def test_a_pair_is_stored_although_the_store_is_in_trouble_for_a_moment(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = renewing(stage)
    signed_in_until(stage, DUE)
    monkeypatch.setattr(stage.ports.surroundings, "keep", failing_store(stage, 3))
    assert stage.send().outcome == Result.OK
    assert (adapter.used, stored(stage)["credentials"]["access_jwt"]) == (["fresh-1"], "fresh-1")


def test_a_pair_that_cannot_be_stored_is_not_used(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = renewing(stage)
    signed_in_until(stage, DUE)
    monkeypatch.setattr(stage.ports.surroundings, "keep", failing_store(stage, 99))
    assert stage.send().outcome == Result.OK
    assert adapter.used == ["old"]
    assert stage.mesh.runtime.first(f"refresh#{CHANNEL}", DUE, DUE)  # the next one may try


def test_a_look_hours_after_the_try_renews_first_too(stage: Stage) -> None:
    """Else it is refused, proves nothing, and its owner is asked for nothing."""
    adapter = renewing(stage)
    signed_in_until(stage, DUE + timedelta(hours=2))
    stage.networks.script = [lambda accept: accept() and httpx.Response(502)]
    assert stage.send().outcome == Result.UNKNOWN
    stage.wait(timedelta(hours=2, minutes=1))
    looked: list[str] = []
    adapter.find = lambda http, account, *_: (
        looked.append(account.credentials["access_jwt"])
        or Finding(  # type: ignore[func-returns-value,attr-defined]
            Presence.UNPROVABLE
        )
    )
    stage.send(attempt=2)
    assert looked == ["fresh-1"]


# in time


def warnings(stage: Stage) -> list[str]:
    return [event.message for event in stage.mesh.events if isinstance(event, Trouble)]


def test_the_end_of_a_sign_in_that_only_its_owner_can_renew_is_said_fourteen_seven_and_one_days_before(
    stage: Stage,
) -> None:
    renewing(stage, None)
    ends = DUE + timedelta(days=20, hours=3)
    signed_in_until(stage, ends)
    said = {}
    for day in range(21):
        stage.now = DUE + timedelta(days=day)
        before = len(warnings(stage))
        for _ in range(2):  # an event may come twice
            assert stage.ports.channels.probe(CHANNEL, "t_probe") == "alive"
        said[20 - day] = len(warnings(stage)) - before
    assert [days for days, count in said.items() if count] == [13, 6, 0]
    assert sum(said.values()) == 3
    assert "bluesky-main's sign-in ends on Thursday 16 April, 13:00, Berlin time" in warnings(stage)[0]
    assert "Connect the channel again" in warnings(stage)[0]


def test_what_is_renewed_by_itself_is_not_said(stage: Stage) -> None:
    adapter = renewing(stage, timedelta(days=20))
    signed_in_until(stage, DUE + timedelta(days=19))
    assert stage.ports.channels.probe(CHANNEL, "t_probe") == "alive"
    assert warnings(stage) == []
    assert adapter.asked == 1
    assert datetime.fromisoformat(stored(stage)["credentials"]["expires_at"]) == DUE + timedelta(days=60)


def test_an_access_token_of_two_hours_is_no_news(stage: Stage) -> None:
    adapter = renewing(stage, timedelta(minutes=10))
    adapter.refuses = True
    signed_in_until(stage, DUE + timedelta(minutes=5))
    assert stage.ports.channels.probe(CHANNEL, "t_probe") == "alive"
    assert warnings(stage) == []


# a secret that is not what it should be

BAD = {
    "is no JSON": "{",
    "is a list": "[]",
    "of a network nobody knows": json.dumps(
        {"network": "orkut", "account_id": "1", "host": "https://a.b", "credentials": {"t": "x"}}
    ),
    "with credentials that are a text": json.dumps(
        {"network": "bluesky", "account_id": "1", "host": "https://a.b", "credentials": "secret-token"}
    ),
    "with a number for a token": json.dumps(
        {"network": "bluesky", "account_id": "1", "host": "https://a.b", "credentials": {"access_jwt": 1234567}}
    ),
    "of another network": json.dumps(
        {
            "network": "mastodon",
            "account_id": "42",
            "host": BLUESKY_HOST,
            "credentials": {"access_token": "secret-token"},
        }
    ),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_secret_that_is_not_the_channels_pauses_it_and_gives_nothing_away(stage: Stage, text: str) -> None:
    stage.mesh.secrets.put_secret_value(SecretId=f"ss/channels/{CHANNEL}", SecretString=text)
    assert stage.send().move == "gate waiting"
    assert stage.networks.creating == []
    (told,) = warnings(stage)
    assert told.startswith("bluesky-main is paused, nothing is posted there:")
    assert "secret-token" not in told
    assert "1234567" not in told
    stage.mesh.entries.clear()
    assert stage.ports.channels.probe(CHANNEL, "t_probe") == "paused"


def test_a_secret_with_a_field_more_is_read_all_the_same(stage: Stage) -> None:
    document = stored(stage) | {"comment": "made by hand", "network_version": 7}
    stage.mesh.put_secret(f"ss/channels/{CHANNEL}", document)
    assert stage.send().outcome == Result.OK


def test_the_vault_says_what_is_wrong_in_words(stage: Stage) -> None:
    stage.mesh.secrets.put_secret_value(
        SecretId=f"ss/channels/{CHANNEL}", SecretString=BAD["of a network nobody knows"]
    )
    with pytest.raises(Misconfigured, match="of no network known here"):
        stage.ports.surroundings.account(CHANNEL)
