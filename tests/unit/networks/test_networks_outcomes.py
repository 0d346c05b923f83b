"""Every answer a creating request can get, and what it may be taken for. The line is drawn by the networks'
documentation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from network_samples import (
    BLUESKY,
    DID,
    IMAGE,
    MASTODON,
    NOW,
    PNG,
    bluesky_account,
    client,
    hurried,
    key,
    mastodon_account,
    rendition,
)

from networks.bluesky import Bluesky
from networks.mastodon import Mastodon
from networks.model import Account, Draft, Outcome, Pause, Presence, RenewalUnclear, Result
from networks.tid import derived_tid

OK, REJECTED, RETRYABLE, UNKNOWN = Result.OK, Result.REJECTED, Result.RETRYABLE, Result.UNKNOWN
BOTH = pytest.mark.parametrize("network", ["bluesky", "mastodon"])
TEXT = "A very private announcement"
Answers = Callable[[httpx.Request], httpx.Response]


@dataclass
class Stage:
    """One adapter before a scripted server: harmless steps succeed unless ``preparing`` says otherwise."""

    network: str
    creating: Answers
    preparing: Answers | None = None
    seen: int = 0

    @property
    def adapter(self) -> Bluesky | Mastodon:
        return BLUESKY if self.network == "bluesky" else MASTODON

    @property
    def account(self) -> Account:
        return bluesky_account() if self.network == "bluesky" else mastodon_account()

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path in ("/xrpc/com.atproto.repo.putRecord", "/api/v1/statuses"):
            self.seen += 1
            return self.creating(request)
        if self.preparing is not None:
            return self.preparing(request)
        if self.network == "bluesky":
            return httpx.Response(200, json={"blob": {"$type": "blob", "ref": {"$link": "bafk"}}})
        return httpx.Response(200, json={"id": "7"})

    def publish(self, account: Account | None = None) -> Outcome:
        composed = rendition(self.adapter, Draft(TEXT, images=(IMAGE,)))
        return self.adapter.publish(
            client(self.answer), account or self.account, composed, key(), lambda _: PNG, NOW + timedelta(seconds=5)
        )


def answering(status: int, body: Any = None, **headers: str) -> Answers:
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, bytes):
        return lambda _: httpx.Response(status, content=body, headers=shown)
    return lambda _: httpx.Response(status, json=body, headers=shown)


def failing(error: Exception) -> Answers:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    return fail


def xrpc(name: str, message: str = "said so") -> dict[str, str]:
    return {"error": name, "message": message}


@pytest.mark.parametrize(
    ("status", "body", "result", "pause", "expired"),
    [
        (400, xrpc("InvalidRequest"), REJECTED, Pause.NONE, False),
        (400, xrpc("BlobNotFound"), REJECTED, Pause.NONE, False),
        (400, xrpc("ExpiredToken"), RETRYABLE, Pause.NONE, True),
        (400, xrpc("InvalidToken"), RETRYABLE, Pause.REAUTHORISE, False),
        (401, xrpc("AuthMissing"), RETRYABLE, Pause.REAUTHORISE, False),
        (401, xrpc("AccountDeactivated"), RETRYABLE, Pause.REAUTHORISE, False),
        (429, xrpc("RateLimitExceeded"), RETRYABLE, Pause.NONE, False),
        (400, xrpc("InvalidSwap"), UNKNOWN, Pause.NONE, False),
        (400, xrpc("SomethingNew"), UNKNOWN, Pause.NONE, False),
        (400, None, UNKNOWN, Pause.NONE, False),
        (401, b"<html>", UNKNOWN, Pause.NONE, False),
        (403, xrpc("Forbidden"), UNKNOWN, Pause.NONE, False),
        (404, xrpc("InvalidRequest"), UNKNOWN, Pause.NONE, False),
        (409, None, UNKNOWN, Pause.NONE, False),
        (500, xrpc("InternalServerError"), UNKNOWN, Pause.NONE, False),
    ],
)
def test_bluesky_answers_are_taken_for_what_is_documented(
    status: int, body: Any, result: Result, pause: Pause, expired: bool
) -> None:
    outcome = Stage("bluesky", answering(status, body)).publish()
    assert (outcome.result, outcome.pause, outcome.expired) == (result, pause, expired)


@pytest.mark.parametrize(
    ("status", "body", "result", "pause"),
    [
        (422, {"error": "Validation failed: Text character limit of 500 exceeded"}, REJECTED, Pause.NONE),
        (400, {"error": "status is too long"}, REJECTED, Pause.NONE),
        (401, {"error": "The access token is invalid"}, RETRYABLE, Pause.REAUTHORISE),
        (429, {"error": "Too many requests"}, RETRYABLE, Pause.NONE),
        (429, b"<html>", RETRYABLE, Pause.NONE),
        (400, b"<html>", UNKNOWN, Pause.NONE),
        (401, b"", UNKNOWN, Pause.NONE),
        (403, {"error": "This action is outside the authorized scopes"}, UNKNOWN, Pause.NONE),
        (404, {"error": "Record not found"}, UNKNOWN, Pause.NONE),
        (410, None, UNKNOWN, Pause.NONE),
        (500, {"error": "oops"}, UNKNOWN, Pause.NONE),
    ],
)
def test_mastodon_answers_are_taken_for_what_is_documented(
    status: int, body: Any, result: Result, pause: Pause
) -> None:
    outcome = Stage("mastodon", answering(status, body)).publish()
    assert (outcome.result, outcome.pause) == (result, pause)


@BOTH
@pytest.mark.parametrize(
    "creating",
    [
        answering(502, b"<html>Bad gateway"),
        answering(503),
        answering(504),
        answering(200, b""),
        answering(200, b"<html>Just a moment"),
        answering(200, {"id": 7, "uri": 7}),
        answering(200, []),
        answering(200, b"x" * 1_000_001),
        answering(302, location="https://evil.example"),
        answering(204),
        answering(418),
        failing(httpx.ReadTimeout("slow")),
        failing(httpx.WriteTimeout("slow")),
        failing(httpx.ReadError("reset")),
        failing(httpx.RemoteProtocolError("cut")),
    ],
)
def test_whatever_proves_nothing_is_unknown(network: str, creating: Answers) -> None:
    stage = Stage(network, creating)
    outcome = stage.publish()
    assert outcome.result is UNKNOWN
    assert outcome.detail
    assert stage.seen == 1


@BOTH
@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")]
)
def test_without_a_connection_it_can_be_tried_again(network: str, error: Exception) -> None:
    assert Stage(network, failing(error)).publish().result is RETRYABLE


@BOTH
@pytest.mark.parametrize(
    "preparing",
    [
        answering(500),
        answering(502, b"<html>"),
        answering(200, b""),
        answering(302, location="https://evil.example"),
        failing(httpx.ReadTimeout("slow")),
        failing(httpx.ConnectError("refused")),
    ],
)
def test_a_failed_preparation_is_never_unknown_and_nothing_is_posted(network: str, preparing: Answers) -> None:
    stage = Stage(network, answering(200), preparing)
    assert stage.publish().result is RETRYABLE
    assert stage.seen == 0


@BOTH
def test_an_image_the_network_refuses_is_rejected_before_posting(network: str) -> None:
    for refusal in (answering(413), answering(400, xrpc("InvalidRequest")), answering(422, {"error": "bad file"})):
        if network == "mastodon" or refusal(httpx.Request("POST", "https://x.example")).status_code != 422:
            stage = Stage(network, answering(200), refusal)
            assert stage.publish().result is REJECTED
            assert stage.seen == 0


@BOTH
@pytest.mark.parametrize("host", ["http://bsky.social", "https://a@b.example", "https://b.example/x", "b.example"])
def test_a_host_that_is_no_plain_origin_hears_nothing(network: str, host: str) -> None:
    stage = Stage(network, failing(AssertionError("spoken to")), failing(AssertionError("spoken to")))
    account = Account(network, stage.account.account_id, host, stage.account.credentials)
    outcome = stage.publish(account)
    assert (outcome.result, outcome.pause) == (RETRYABLE, Pause.MISMATCH)
    composed = rendition(stage.adapter, Draft(TEXT))
    assert stage.adapter.find(client(stage.answer), account, composed, key()).presence is Presence.UNPROVABLE
    assert stage.adapter.probe(client(stage.answer), account).pause is Pause.MISMATCH
    assert stage.adapter.refresh(client(stage.answer), account, NOW) is None


SIGN_INS = {"access_jwt": "a", "refresh_jwt": "r", "app_password": "p", "identifier": "cafe.test"}
PAIR = {"did": DID, "accessJwt": "next", "refreshJwt": "next-r"}


def renewed(*answers: Answers) -> tuple[Account | None, list[str]]:
    """What a renewal brings, where the one by token is answered first and the one by app password after it; and what was asked."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rpartition(".")[2])
        return answers[len(asked) - 1](request)

    return BLUESKY.refresh(client(answer), bluesky_account(**SIGN_INS), NOW), asked


@pytest.mark.parametrize(
    "answer",
    [
        answering(429),
        answering(408),
        answering(502, b"<html>"),
        answering(200, b"<html>"),
        answering(200, {**PAIR, "accessJwt": "two words"}),
        answering(200, {**PAIR, "did": ""}),
        answering(302, PAIR, location="https://evil.example"),
        failing(httpx.ReadTimeout("slow")),
        failing(httpx.ConnectError("refused")),
    ],
)
def test_a_renewal_that_bluesky_does_not_answer_says_nothing_of_the_sign_in(answer: Answers) -> None:
    with pytest.raises(RenewalUnclear):
        renewed(answer)
    with pytest.raises(RenewalUnclear):
        renewed(answering(400, xrpc("ExpiredToken")), answer)


def test_the_app_password_is_asked_where_the_refresh_token_is_refused() -> None:
    fresh, asked = renewed(answering(400, xrpc("ExpiredToken")), answering(200, PAIR))
    assert fresh is not None
    assert (fresh.credentials["access_jwt"], asked) == ("next", ["refreshSession", "createSession"])
    refused = answering(401, xrpc("AuthenticationRequired"))
    assert renewed(refused, refused)[0] is None
    stranger = answering(200, {**PAIR, "did": "did:plc:stranger"})
    assert renewed(stranger, stranger)[0] is None


@BOTH
def test_nothing_to_sign_in_with_pauses_the_channel(network: str) -> None:
    stage = Stage(network, failing(AssertionError("spoken to")))
    for stored in ({"other": "x"}, {"access_token": "a\nb"}):
        outcome = stage.publish(Account(network, stage.account.account_id, stage.account.host, stored))
        assert (outcome.result, outcome.pause) == (RETRYABLE, Pause.REAUTHORISE)


@BOTH
@pytest.mark.parametrize("status", [400, 401, 422])
def test_the_owner_never_reads_a_token_or_the_text(network: str, status: int) -> None:
    stage = Stage(network, answering(status))
    token = next(iter(stage.account.credentials.values()))
    words = f"{token} said {TEXT} is wrong"
    body = {"error": "InvalidRequest" if network == "bluesky" else words, "message": words}
    outcome = Stage(network, answering(status, body)).publish()
    assert "secret" not in repr(outcome)
    assert TEXT not in repr(outcome)


@BOTH
def test_a_rate_limit_tells_when_to_come_back(network: str) -> None:
    reset = NOW + timedelta(minutes=3)
    told = str(int(reset.timestamp())) if network == "bluesky" else "2026-11-21T09:03:00.000000Z"
    header = "ratelimit_reset" if network == "bluesky" else "x_ratelimit_reset"
    assert Stage(network, answering(429, {"error": "x"}, **{header: told})).publish().retry_at == reset


@BOTH
def test_with_no_time_left_for_posting_nothing_is_posted(network: str) -> None:
    stage = Stage(network, answering(200))
    adapter = replace(stage.adapter, declared=replace(stage.adapter.declared, publish_timeout_seconds=0))
    for draft in (Draft(TEXT), Draft(TEXT, images=(IMAGE,))):
        composed = rendition(adapter, draft)
        outcome = adapter.publish(client(stage.answer), stage.account, composed, key(), lambda _: PNG, NOW)
        assert outcome.result is RETRYABLE
    assert stage.seen == 0


def test_bluesky_writes_the_same_record_to_the_same_place_every_time() -> None:
    bodies: list[bytes] = []

    def keep(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        raise httpx.ReadTimeout("slow")

    for _ in range(2):
        Stage("bluesky", keep).publish()
    assert bodies[0] == bodies[1]
    assert b'"swapRecord":null' in bodies[0].replace(b" ", b"")
    assert derived_tid(key()).encode() in bodies[0]


def test_bluesky_posts_are_shown_by_bsky_app() -> None:
    rkey = derived_tid(key())
    uri = f"at://{DID}/app.bsky.feed.post/{rkey}"
    outcome = Stage("bluesky", answering(200, {"uri": uri, "cid": "bafy"})).publish()
    assert outcome.result is OK
    assert outcome.remote_id == uri
    assert outcome.url == f"https://bsky.app/profile/{DID}/post/{rkey}"
    assert outcome.receipt == {"cid": "bafy", "rkey": rkey}


def test_bluesky_with_another_post_s_address_is_unknown() -> None:
    uri = f"at://{DID}/app.bsky.feed.post/3jzfcijpj2z2a"
    assert Stage("bluesky", answering(200, {"uri": uri, "cid": "bafy"})).publish().result is UNKNOWN


def test_bluesky_refuses_a_session_of_another_account() -> None:
    stage = Stage("bluesky", answering(200), answering(200, {"did": "did:plc:other", "accessJwt": "t"}))
    outcome = stage.publish(bluesky_account(identifier="cafe", app_password="p"))
    assert (outcome.result, outcome.pause, stage.seen) == (RETRYABLE, Pause.MISMATCH, 0)


def test_bluesky_s_look_sends_no_token_and_needs_the_record_to_be_ours() -> None:
    def look(value: dict[str, str]) -> Presence:
        def answer(request: httpx.Request) -> httpx.Response:
            assert "authorization" not in request.headers
            uri = f"at://{DID}/app.bsky.feed.post/{derived_tid(key())}"
            return httpx.Response(200, json={"uri": uri, "value": value})

        return BLUESKY.find(client(answer), bluesky_account(), rendition(BLUESKY, Draft(TEXT)), key()).presence

    assert look({"text": TEXT, "createdAt": "2026-11-21T09:00:00.000Z"}) is Presence.PRESENT
    assert look({"text": TEXT, "createdAt": "2025-01-01T00:00:00.000Z"}) is Presence.UNPROVABLE


@BOTH
@pytest.mark.parametrize(
    "answer",
    [answering(500), answering(200, b"<html>"), answering(401), answering(404), failing(httpx.ReadTimeout("slow"))],
)
def test_a_look_that_cannot_look_proves_nothing(network: str, answer: Answers) -> None:
    stage = Stage(network, answer, answer)
    composed = rendition(stage.adapter, Draft(TEXT))
    found = stage.adapter.find(client(stage.answer), stage.account, composed, key())
    assert found.presence is Presence.UNPROVABLE


def mastodon_status(number: int, content: str, created_at: str = "2026-11-21T09:00:01.000Z") -> dict[str, Any]:
    return {
        "id": str(number),
        "url": f"https://cafe.example/@cafe/{number}",
        "content": content,
        "created_at": created_at,
        "media_attachments": [],
    }


def mastodon_look(pages: list[list[dict[str, Any]]], source: str = "") -> Presence:
    left = iter(pages)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/source"):
            return httpx.Response(200, json={"text": source})
        return httpx.Response(200, json=next(left, []))

    composed = rendition(MASTODON, Draft("Hi @anna@social.example"))
    return MASTODON.find(client(answer), mastodon_account(), composed, key()).presence


def test_mastodon_s_look_reads_the_source_where_the_page_hides_words() -> None:
    content = "<p>Hi @<span>anna</span></p>"
    assert mastodon_look([[mastodon_status(9, content)]], "Hi @anna@social.example") is Presence.PRESENT
    assert mastodon_look([[mastodon_status(9, content)]], "Hi @anna@other.example") is Presence.ABSENT


def test_mastodon_s_look_goes_back_to_the_first_attempt_and_no_further() -> None:
    mine = mastodon_status(5, "<p>Hi @anna@social.example</p>")
    older = {**mine, "created_at": "2026-11-21T08:57:00.000Z"}
    assert mastodon_look([[mastodon_status(9, "<p>Other</p>")], [mine]]) is Presence.PRESENT
    assert mastodon_look([[mastodon_status(9, "<p>Other</p>"), older]]) is Presence.ABSENT
    assert mastodon_look([[mastodon_status(9, "<p>Other</p>")]] * 9) is Presence.UNPROVABLE


def test_mastodon_s_look_wants_as_many_images_as_were_sent() -> None:
    pictured = {**mastodon_status(9, "<p>Hi @anna@social.example</p>"), "media_attachments": [{"id": "1"}]}
    assert mastodon_look([[pictured]]) is Presence.ABSENT


def test_a_mastodon_post_under_another_account_is_out_and_stops_the_channel() -> None:
    status = {**mastodon_status(9, ""), "account": {"id": "43"}}
    outcome = Stage("mastodon", answering(200, status)).publish()
    assert (outcome.result, outcome.pause) == (OK, Pause.MISMATCH)


def test_mastodon_gives_up_on_an_image_that_is_never_ready() -> None:
    def preparing(request: httpx.Request) -> httpx.Response:
        return httpx.Response(202 if request.method == "POST" else 206, json={"id": "7"})

    adapter = hurried(MASTODON)
    composed = rendition(adapter, Draft(TEXT, images=(IMAGE,)))
    outcome = adapter.publish(client(preparing), mastodon_account(), composed, key(), lambda _: PNG, NOW)
    assert outcome.result is RETRYABLE
