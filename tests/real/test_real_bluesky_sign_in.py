"""Sessions on a real PDS: what has run out, what is wrong, whose it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from between import Between
from real_channels import BlueskyChannel, new_key, sign_up

from networks.model import AttemptKey, Draft, Pause, Presence, Result

pytestmark = pytest.mark.real

DRAFT = Draft("Soup of the day")


def test_a_stored_session_posts_without_signing_in_again(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    bluesky.sign_in_with(**bluesky.signed_in())

    assert bluesky.publish(DRAFT, key).result is Result.OK

    assert [passing.name for passing in bluesky.between.seen] == ["com.atproto.repo.putRecord"]


def test_an_expired_token_posts_nothing_and_a_fresh_pair_does(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    stored = bluesky.signed_in()
    bluesky.sign_in_with(**stored | {"access_jwt": bluesky.expired(stored["access_jwt"])})

    outcome = bluesky.publish(DRAFT, key)
    assert (outcome.result, outcome.expired, outcome.pause) == (Result.RETRYABLE, True, Pause.NONE)
    assert bluesky.adapter.probe(bluesky.http, bluesky.account).expired
    assert bluesky.records() == []

    fresh = bluesky.adapter.refresh(bluesky.http, bluesky.account, key.created_at)
    assert fresh is not None
    assert fresh.credentials["refresh_jwt"] != stored["refresh_jwt"]
    bluesky.account = fresh
    assert bluesky.adapter.probe(bluesky.http, bluesky.account).result is Result.OK
    assert bluesky.publish(DRAFT, key).result is Result.OK
    assert len(bluesky.between.named("com.atproto.server.refreshSession")) == 1


def test_a_used_refresh_token_gives_the_same_next_one_for_a_while(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    """So a second sender that refreshes with the old token at the same time does no harm."""
    bluesky.sign_in_with(**bluesky.signed_in())

    pairs = [bluesky.adapter.refresh(bluesky.http, bluesky.account, key.created_at) for _ in range(2)]

    for fresh in pairs:
        assert fresh is not None
        bluesky.account = fresh
        assert bluesky.publish(DRAFT, new_key()).result is Result.OK


def test_a_revoked_app_password_ends_in_a_pause(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    stored = bluesky.signed_in()
    bluesky.sign_in_with(**stored | {"access_jwt": bluesky.expired(stored["access_jwt"])})
    told = {"name": "social scheduler"}
    bluesky.call("server.revokeAppPassword", told, bluesky.session["accessJwt"]).raise_for_status()

    assert bluesky.publish(DRAFT, key).expired
    assert bluesky.adapter.refresh(bluesky.http, bluesky.account, key.created_at) is None


def test_a_wrong_password_pauses_the_channel(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    bluesky.sign_in_with(identifier=bluesky.handle, app_password="wrong-wrong-wrong")

    outcome = bluesky.publish(DRAFT, key)

    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.REAUTHORISE), outcome
    assert "wrong-wrong-wrong" not in outcome.detail
    assert bluesky.adapter.probe(bluesky.http, bluesky.account).pause is Pause.REAUTHORISE
    assert bluesky.adapter.refresh(bluesky.http, bluesky.account, key.created_at) is None
    assert bluesky.records() == []


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_a_token_that_is_none_pauses_the_channel(bluesky: BlueskyChannel, key: AttemptKey, token: str) -> None:
    bluesky.sign_in_with(access_jwt=token)

    outcome = bluesky.publish(DRAFT, key)

    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.REAUTHORISE), outcome


def test_the_sign_in_of_another_account_posts_nothing(
    bluesky: BlueskyChannel, before_pds: Between, key: AttemptKey
) -> None:
    stranger = sign_up(bluesky.pds, before_pds, bluesky.http)
    bluesky.account = replace(bluesky.account, credentials=stranger.account.credentials)

    outcome = bluesky.publish(DRAFT, key)

    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.MISMATCH), outcome
    assert bluesky.adapter.probe(bluesky.http, bluesky.account).pause is Pause.MISMATCH
    assert bluesky.adapter.refresh(bluesky.http, bluesky.account, key.created_at) is None
    assert bluesky.records() == stranger.records() == []


def test_a_stored_session_of_another_account_posts_nothing(
    bluesky: BlueskyChannel, before_pds: Between, key: AttemptKey
) -> None:
    stranger = sign_up(bluesky.pds, before_pds, bluesky.http)
    bluesky.sign_in_with(**stranger.signed_in())

    outcome = bluesky.publish(DRAFT, key)

    assert outcome.result is Result.RETRYABLE, outcome
    assert outcome.pause is not Pause.NONE
    assert bluesky.adapter.probe(bluesky.http, bluesky.account).pause is Pause.MISMATCH
    assert bluesky.records() == stranger.records() == []


def test_a_deactivated_account_pauses_the_channel_and_proves_nothing(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    bluesky.sign_in_with(**bluesky.signed_in())
    bluesky.publish(DRAFT, key)
    bluesky.call("server.deactivateAccount", {}, bluesky.session["accessJwt"]).raise_for_status()

    outcome = bluesky.publish(Draft("After"), new_key())

    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.REAUTHORISE), outcome
    assert bluesky.adapter.probe(bluesky.http, bluesky.account).pause is Pause.REAUTHORISE
    assert bluesky.find(DRAFT, key).presence is not Presence.ABSENT


def test_nobody_else_can_post_for_the_account_without_a_token(bluesky: BlueskyChannel, key: AttemptKey) -> None:
    bluesky.sign_in_with(identifier=bluesky.handle)

    outcome = bluesky.publish(DRAFT, key)

    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.REAUTHORISE)
    assert bluesky.between.creating == []
