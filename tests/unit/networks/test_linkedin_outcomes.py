"""Every answer LinkedIn can give to the request that posts, and what it may be taken for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from network_samples import IMAGE, NOW, PNG, client, key

from networks.linkedin import NETWORK
from networks.linkedin_door import API_VERSION
from networks.linkedin_publish import difference, readable
from networks.model import (
    Account,
    Draft,
    Finding,
    LinkCard,
    Outcome,
    Pause,
    Presence,
    Rendition,
    RenewalUnclear,
    Result,
)

OK, REJECTED, RETRYABLE, UNKNOWN = Result.OK, Result.REJECTED, Result.RETRYABLE, Result.UNKNOWN
MEMBER, PAGE = "urn:li:person:abc", "urn:li:organization:7"
SHARE = "urn:li:share:7141138937766391808"
TEXT = "A very private announcement (of cake)"
LITTLE = "A very private announcement \\(of cake\\)"
UPLOAD = "https://www.linkedin.com/dms-uploads/sp/1/uploaded-image/0?ut=2"
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
Answers = Callable[[httpx.Request], httpx.Response]


def said(status: int, message: str = "said so", **more: Any) -> dict[str, Any]:
    return {"status": status, "message": message, **more}


def account(urn: str = MEMBER, host: str = "https://api.linkedin.com", **credentials: str) -> Account:
    return Account("linkedin", urn, host, {"access_token": "access-secret", **credentials})


def answering(status: int, body: Any = None, **headers: str) -> Answers:
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, bytes):
        return lambda _: httpx.Response(status, content=body, headers=shown)
    return lambda _: httpx.Response(status, json=body, headers=shown)


def failing(error: Exception) -> Answers:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    return fail


CREATED = answering(201, b"", x_restli_id=SHARE)
BEGUN = answering(200, {"value": {"uploadUrl": UPLOAD, "image": "urn:li:image:D4E"}})
PUT = answering(201, b"")
AVAILABLE = answering(200, {"status": "AVAILABLE"})
WHOLE = answering(200, {"author": MEMBER, "commentary": LITTLE, "createdAt": NOW.timestamp() * 1_000})
ANNA = answering(200, {"sub": "abc"})
NOTHING_LISTED = answering(200, {"elements": []})
NOT_SPOKEN_TO = failing(AssertionError("spoken to"))


@dataclass
class Stage:
    """LinkedIn as told: everything but ``creating`` goes well unless another answer is given for it."""

    creating: Answers = CREATED
    beginning: Answers = BEGUN
    putting: Answers = PUT
    waiting: Answers = AVAILABLE
    reading: Answers = WHOLE
    standing: Answers = ANNA
    listing: Answers = NOTHING_LISTED
    seen: list[httpx.Request] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        path = request.url.path
        if path == "/rest/posts":
            return (self.creating if request.method == "POST" else self.listing)(request)
        if path.startswith("/rest/posts/"):
            return self.reading(request)
        if path == "/rest/images":
            return self.beginning(request)
        if path.startswith("/rest/images/"):
            return self.waiting(request)
        return (self.putting if request.method == "PUT" else self.standing)(request)

    def publish(self, draft: Draft | None = None, of: Account | None = None, **changed: Any) -> Outcome:
        adapter = replace(NETWORK, image_poll_seconds=0.001, **changed)
        composed = rendition(draft or Draft(TEXT))
        return adapter.publish(
            client(self.answer), of or account(), composed, key(), lambda _: PNG, NOW + timedelta(seconds=5)
        )

    def find(self, of: Account, draft: Draft | None = None, **kept: str) -> Finding:
        return NETWORK.find(client(self.answer), of, rendition(draft or Draft(TEXT)), key(), kept)

    @property
    def posted(self) -> int:
        return sum(request.method == "POST" and request.url.path == "/rest/posts" for request in self.seen)


def rendition(draft: Draft) -> Rendition:
    composed = NETWORK.compose(draft)
    assert isinstance(composed, Rendition), composed
    return composed


LOOK = Draft(TEXT, images=(IMAGE,))


@pytest.mark.parametrize(
    ("status", "body", "result", "pause"),
    [
        (400, said(400, code="ILLEGAL_ARGUMENT"), REJECTED, Pause.NONE),
        (403, said(403, serviceErrorCode=100), REJECTED, Pause.NONE),
        (422, said(422, "ERROR :: /x :: unrecognized field"), REJECTED, Pause.NONE),
        (422, said(422, code="FIELD_LENGTH_TOO_LONG"), REJECTED, Pause.NONE),
        (401, said(401, serviceErrorCode=65600), RETRYABLE, Pause.REAUTHORISE),
        (429, said(429, serviceErrorCode=101), RETRYABLE, Pause.NONE),
        (426, said(426, code="NONEXISTENT_VERSION"), RETRYABLE, Pause.API_VERSION),
        (426, said(426), RETRYABLE, Pause.API_VERSION),
        (400, said(400, code="NONEXISTENT_VERSION"), RETRYABLE, Pause.API_VERSION),
        (400, said(401), UNKNOWN, Pause.NONE),
        (400, {"message": "no status"}, UNKNOWN, Pause.NONE),
        (400, {"status": 400}, UNKNOWN, Pause.NONE),
        (400, {"status": 400, "message": ["a list"]}, UNKNOWN, Pause.NONE),
        (400, [said(400)], UNKNOWN, Pause.NONE),
        (400, b"<html>", UNKNOWN, Pause.NONE),
        (401, b"<html>", UNKNOWN, Pause.NONE),
        (403, {"error": "a gateway's"}, UNKNOWN, Pause.NONE),
        (422, b"", UNKNOWN, Pause.NONE),
        (426, b"<html>", UNKNOWN, Pause.NONE),
        (429, b"<html>", UNKNOWN, Pause.NONE),
        (404, said(404), UNKNOWN, Pause.NONE),
        (405, said(405), UNKNOWN, Pause.NONE),
        (409, said(409), UNKNOWN, Pause.NONE),
        (999, b"", UNKNOWN, Pause.NONE),
        (500, said(500), UNKNOWN, Pause.NONE),
        (503, said(503), UNKNOWN, Pause.NONE),
    ],
    ids=str,
)
def test_answers_are_taken_for_what_is_documented_in_linkedin_s_own_words_only(
    status: int, body: Any, result: Result, pause: Pause
) -> None:
    stage = Stage(answering(status, body))
    outcome = stage.publish()
    assert (outcome.result, outcome.pause, stage.posted) == (result, pause, 1)
    assert outcome.detail


@pytest.mark.parametrize(
    "creating",
    [
        answering(200, b""),
        answering(200, {"id": SHARE}),
        answering(201, {"id": SHARE}),
        answering(201, b"", x_restli_id=""),
        answering(201, b"", x_restli_id="urn:li:person:abc"),
        answering(201, b"", x_restli_id="urn:li:share:7/../../evil"),
        answering(201, b"x" * 1_000_001, x_restli_id=SHARE),
        answering(201, b"", x_restli_id=SHARE, content_encoding="gzip"),
        answering(202, b"", x_restli_id=SHARE),
        answering(204),
        answering(302, location="https://evil.example"),
        failing(httpx.ReadTimeout("slow")),
        failing(httpx.WriteTimeout("slow")),
        failing(httpx.ReadError("reset")),
        failing(httpx.RemoteProtocolError("cut")),
    ],
)
def test_whatever_proves_nothing_is_unknown(creating: Answers) -> None:
    stage = Stage(creating)
    outcome = stage.publish()
    assert (outcome.result, stage.posted) == (UNKNOWN, 1)
    assert outcome.detail


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")]
)
def test_without_a_connection_it_can_be_tried_again(error: Exception) -> None:
    assert Stage(failing(error)).publish().result is RETRYABLE


def test_the_id_is_taken_from_the_header_and_the_address_made_of_it() -> None:
    for told in (SHARE, SHARE.replace(":", "%3A"), "urn:li:ugcPost:12"):
        outcome = Stage(answering(201, b"", x_restli_id=told)).publish()
        urn = told.replace("%3A", ":")
        assert (outcome.result, outcome.remote_id) == (OK, urn)
        assert outcome.url == f"https://www.linkedin.com/feed/update/{urn}"
        assert outcome.receipt == {"post": urn}


def test_every_request_brings_version_protocol_and_token() -> None:
    stage = Stage()
    assert stage.publish(LOOK).result is OK
    assert len(stage.seen) == 5
    for request in stage.seen:
        assert request.headers["authorization"] == "Bearer access-secret"
        if request.method != "PUT":
            assert request.headers["linkedin-version"] == API_VERSION
            assert request.headers["x-restli-protocol-version"] == "2.0.0"


@pytest.mark.parametrize(("told", "sent"), [("202611", "202611"), ("202611.01", "202611.01"), ("soon\n", API_VERSION)])
def test_the_version_is_the_one_stored_with_the_sign_in(told: str, sent: str) -> None:
    stage = Stage()
    assert stage.publish(of=account(api_version=told)).result is OK
    assert stage.seen[0].headers["linkedin-version"] == sent


def test_a_rate_limit_ends_at_midnight_utc_unless_linkedin_says_when() -> None:
    limited = said(429, "Resource level throttle")
    assert Stage(answering(429, limited)).publish().retry_at == MIDNIGHT
    told = Stage(answering(429, limited, retry_after="60")).publish().retry_at
    assert told == NOW + timedelta(seconds=65)


def test_a_refresh_token_is_tried_before_a_human_is_asked() -> None:
    dead = answering(401, said(401))
    for stage in (Stage(dead), Stage(beginning=dead)):
        outcome = stage.publish(LOOK, account(refresh_token="refresh-secret"))
        assert (outcome.result, outcome.expired, outcome.pause) == (RETRYABLE, True, Pause.NONE)


def test_a_missing_permission_of_another_s_sign_in_pauses_the_channel() -> None:
    refused = answering(403, said(403, "Not enough permissions"))
    for stage in (Stage(refused), Stage(beginning=refused)):
        assert stage.publish(LOOK).result is REJECTED
        stage.standing = answering(200, {"sub": "xyz"})
        assert stage.publish(LOOK).pause is Pause.MISMATCH


# the text that lies there


@pytest.mark.parametrize(
    ("lying", "missing"),
    [
        (LITTLE, ""),
        (TEXT, ""),
        (TEXT + "\n", ""),
        ("A very private announcement ", "the last 10 of 37 characters"),
        ("A very private announcement \\(of", "the last 6 of 37 characters"),
        ("", "the last 37 of 37 characters"),
        ("Another announcement", "not the one that was sent"),
    ],
)
def test_its_owner_is_told_how_much_of_the_text_is_missing(lying: str, missing: str) -> None:
    outcome = Stage(reading=answering(200, {"author": MEMBER, "commentary": lying})).publish()
    assert outcome.result is OK
    assert bool(outcome.detail) == bool(missing)
    assert missing in outcome.detail
    assert "announcement" not in outcome.detail


@pytest.mark.parametrize(
    "reading",
    [
        answering(403, said(403)),
        answering(404, said(404)),
        answering(500),
        answering(200, b"<html>"),
        answering(200, {"commentary": None}),
        failing(httpx.ReadTimeout("slow")),
        failing(httpx.ConnectError("refused")),
    ],
)
def test_a_look_that_is_refused_or_fails_says_nothing(reading: Answers) -> None:
    outcome = Stage(reading=reading).publish()
    assert (outcome.result, outcome.remote_id, outcome.detail) == (OK, SHARE, "")


def test_hashtags_and_spellings_are_no_difference() -> None:
    composed = rendition(Draft("Cafe\u0301 ＃cake_day #pie"))
    for lying in ("Café {hashtag|\\#|cake\\_day} {hashtag|#|pie}", "Café #cake_day #pie", "Café \\#cake\\_day \\#pie"):
        assert difference(lying, composed) == ""
    assert "the last 5 of 19" in difference("Café #cake_day", composed)


def test_a_mention_reads_as_its_name() -> None:
    assert readable("Hi @[Cafe \\(Luna\\)](urn:li:organization:12)") == "Hi Cafe (Luna)"


# images and cards


@pytest.mark.parametrize("step", ["beginning", "putting", "waiting"])
@pytest.mark.parametrize(
    "answer",
    [
        answering(500),
        answering(502, b"<html>"),
        answering(200, b"x" * 1_000_001),
        answering(302, location="https://evil.example"),
        answering(400, b"<html>"),
        answering(404, said(404)),
        answering(429, said(429)),
        failing(httpx.ReadTimeout("slow")),
        failing(httpx.ConnectError("refused")),
    ],
)
def test_a_failed_upload_is_never_unknown_and_nothing_is_posted(step: str, answer: Answers) -> None:
    stage = Stage(NOT_SPOKEN_TO, **{step: answer})
    assert stage.publish(LOOK).result is RETRYABLE
    assert stage.posted == 0


@pytest.mark.parametrize(
    "change",
    [
        {"beginning": answering(400, said(400))},
        {"putting": answering(413)},
        {"putting": answering(400, said(400, "not an image"))},
        {"waiting": answering(200, {"status": "PROCESSING_FAILED"})},
    ],
)
def test_an_image_that_is_refused_is_rejected_before_posting(change: dict[str, Answers]) -> None:
    assert Stage(NOT_SPOKEN_TO, **change).publish(LOOK).result is REJECTED


@pytest.mark.parametrize(
    "address",
    [
        "http://www.linkedin.com/dms-uploads/1",
        "https://linkedin.com.evil.example/1",
        "https://evil-linkedin.com/1",
        "https://www.linkedin.com@evil.example/1",
        "https://me@www.linkedin.com/1",
        "https://www.linkedin.com:8443/1",
        "http://127.0.0.1:9/1",
        "https://localhost/1",
        "https://[::1/",
        "/dms-uploads/1",
        "",
    ],
)
def test_an_upload_address_elsewhere_gets_neither_image_nor_token(address: str) -> None:
    stage = Stage(NOT_SPOKEN_TO, answering(200, {"value": {"uploadUrl": address, "image": "urn:li:image:D4E"}}))
    assert stage.publish(LOOK).result is RETRYABLE
    assert [request.method for request in stage.seen] == ["POST"]


@pytest.mark.parametrize("value", [None, [], {}, {"uploadUrl": UPLOAD}, {"uploadUrl": UPLOAD, "image": "../posts"}])
def test_an_upload_without_a_handle_is_none(value: Any) -> None:
    assert Stage(NOT_SPOKEN_TO, answering(200, {"value": value})).publish(LOOK).result is RETRYABLE


def test_contents_are_as_linkedin_wants_them() -> None:
    def content(draft: Draft) -> Any:
        stage = Stage()
        assert stage.publish(draft).result is OK
        (post,) = [one for one in stage.seen if one.url.path == "/rest/posts"]
        return json.loads(post.content).get("content")

    image = {"id": "urn:li:image:D4E", "altText": IMAGE.alt}
    assert content(Draft(TEXT)) is None
    assert content(LOOK) == {"media": image}
    assert content(Draft(TEXT, images=(IMAGE,) * 3)) == {"multiImage": {"images": [image] * 3}}
    link = "https://cafe.example/menu"
    card = LinkCard(link, "Menu", "Cakes")
    article = {"source": link, "title": "Menu", "description": "Cakes"}
    assert content(Draft(TEXT, link, card=card)) == {"article": article}
    pictured = replace(card, thumbnail=IMAGE)
    assert content(Draft(TEXT, link, card=pictured)) == {"article": {**article, "thumbnail": "urn:li:image:D4E"}}


def test_the_image_goes_as_it_is_and_all_are_uploaded_before_the_first_is_waited_for() -> None:
    stage = Stage()
    stage.publish(Draft(TEXT, images=(IMAGE, IMAGE)))
    assert [request.method for request in stage.seen] == ["POST", "PUT", "POST", "PUT", "GET", "GET", "POST", "GET"]
    assert stage.seen[1].content == PNG
    assert stage.seen[1].headers["content-type"] == "image/png"
    assert json.loads(stage.seen[0].content) == {"initializeUploadRequest": {"owner": MEMBER}}


# duplicates


def duplicate(urn: str = SHARE, status: int = 422) -> Answers:
    error = {"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}
    message = f"com.example.BadRequest: Content is a duplicate of {urn}".strip()
    return answering(status, said(status, message, errorDetails={"inputErrors": [error]}))


def lying(**changed: Any) -> Answers:
    told = {"author": MEMBER, "commentary": LITTLE, "createdAt": NOW.timestamp() * 1_000}
    return answering(200, {**told, **changed})


@pytest.mark.parametrize(
    ("reading", "result"),
    [
        (lying(), OK),
        (lying(createdAt=int((NOW - timedelta(minutes=1)).timestamp() * 1_000)), OK),
        (lying(createdAt=int((NOW - timedelta(minutes=3)).timestamp() * 1_000)), UNKNOWN),
        (lying(createdAt=None), UNKNOWN),
        (lying(createdAt=1e300), UNKNOWN),
        (lying(author="urn:li:person:xyz"), UNKNOWN),
        (lying(commentary="Something else"), UNKNOWN),
        (lying(content={"media": {"id": "urn:li:image:1"}}), UNKNOWN),
        (answering(404, said(404)), UNKNOWN),
        (answering(403, said(403)), UNKNOWN),
        (failing(httpx.ReadTimeout("slow")), UNKNOWN),
    ],
)
def test_a_duplicate_is_verified_before_it_is_believed(reading: Answers, result: Result) -> None:
    for status in (400, 409, 422):
        stage = Stage(duplicate(status=status), reading=reading)
        outcome = stage.publish()
        assert outcome.result is result
        assert (outcome.remote_id, bool(outcome.detail)) == ((SHARE, False) if result is OK else ("", True))


def test_a_duplicate_that_is_not_named_proves_nothing() -> None:
    stage = Stage(duplicate(""))
    assert stage.publish().result is UNKNOWN
    assert len(stage.seen) == 1


# looking


def test_what_a_try_noted_is_found_without_asking() -> None:
    for urn in (MEMBER, PAGE):
        found = Stage(listing=NOT_SPOKEN_TO).find(account(urn), post=SHARE)
        assert (found.presence, found.remote_id) == (Presence.PRESENT, SHARE)
        assert found.url.endswith(SHARE)


def test_a_member_s_posts_are_never_asked_for() -> None:
    stage = Stage(listing=NOT_SPOKEN_TO)
    assert stage.find(account()).presence is Presence.UNPROVABLE
    assert stage.seen == []


@pytest.mark.parametrize(
    ("listing", "presence"),
    [
        (answering(200, {"elements": []}), Presence.UNPROVABLE),
        (answering(200, {"elements": ["x", {"id": 7}]}), Presence.UNPROVABLE),
        (answering(200, {}), Presence.UNPROVABLE),
        (answering(200, b"<html>"), Presence.UNPROVABLE),
        (answering(403, said(403)), Presence.UNPROVABLE),
        (answering(500), Presence.UNPROVABLE),
        (failing(httpx.ReadTimeout("slow")), Presence.UNPROVABLE),
        (failing(httpx.ConnectError("refused")), Presence.UNPROVABLE),
    ],
)
def test_a_list_proves_a_post_and_never_its_absence(listing: Answers, presence: Presence) -> None:
    assert Stage(listing=listing).find(account(PAGE)).presence is presence
    mine = {"id": SHARE, "author": PAGE, "commentary": LITTLE, "createdAt": NOW.timestamp() * 1_000}
    listed = Stage(listing=answering(200, {"elements": [{**mine, "author": MEMBER}, mine]}))
    assert listed.find(account(PAGE)).presence is Presence.PRESENT
    asked = listed.seen[0].url.params
    assert (asked["q"], asked["author"], asked["sortBy"]) == ("author", PAGE, "CREATED")
    nameless = Stage(listing=answering(200, {"elements": [{**mine, "id": "x"}]}))
    assert nameless.find(account(PAGE)).presence is Presence.UNPROVABLE


# the door


@pytest.mark.parametrize("host", ["http://api.linkedin.com", "https://a@b.example", "https://b.example/x", "b.example"])
def test_a_host_that_is_no_plain_origin_hears_nothing(host: str) -> None:
    for bad in (account(host=host), account(host=host, refresh_token="r"), account("123")):
        stage = Stage()
        if bad.account_id != "123":
            assert NETWORK.refresh(client(stage.answer), bad, NOW) is None
        assert stage.publish(of=bad).pause is Pause.MISMATCH
        assert stage.find(bad, post=SHARE).presence is Presence.UNPROVABLE
        assert NETWORK.probe(client(stage.answer), bad).pause is Pause.MISMATCH
        assert stage.seen == []


@pytest.mark.parametrize("token", ["", "a\nb", "a b"])
def test_nothing_to_sign_in_with_pauses_the_channel(token: str) -> None:
    stage = Stage()
    assert stage.publish(of=account(access_token=token)).pause is Pause.REAUTHORISE
    assert stage.seen == []


@pytest.mark.parametrize("status", [400, 401, 403, 422])
def test_the_owner_never_reads_a_secret_or_the_text(status: int) -> None:
    draft = Draft('First line "of" it\n\nSecond_line with more', images=(replace(IMAGE, alt="A private picture"),))
    composed = rendition(draft)
    commentary = composed.payload["post"]["commentary"]
    for quoted in (
        composed.text,
        commentary,
        json.dumps(composed.text),
        commentary.splitlines()[-1],
        "A private picture",
    ):
        words = f"access-secret of app-secret: {quoted} is wrong"
        stage = Stage(answering(status, said(status, words)))
        shown = repr(stage.publish(draft, account(client_secret="app-secret")))
        assert "secret" not in shown
        assert not any(piece in shown for piece in ("First line", "with more", "A private picture"))


def test_with_no_time_left_for_posting_nothing_is_posted() -> None:
    stage = Stage(NOT_SPOKEN_TO)
    hasty = replace(NETWORK.declared, publish_timeout_seconds=0)
    for draft in (Draft(TEXT), LOOK):
        assert stage.publish(draft, declared=hasty).result is RETRYABLE
    assert stage.seen == []


def test_an_image_that_is_never_ready_is_given_up_in_time() -> None:
    stage = Stage(NOT_SPOKEN_TO, waiting=answering(200, {"status": "PROCESSING"}))
    brief = replace(NETWORK.declared, publish_timeout_seconds=0.2)
    assert stage.publish(LOOK, declared=brief).result is RETRYABLE


# refreshing


def refreshed(body: Any, status: int = 200, host: str = "https://api.linkedin.com") -> tuple[Account | None, list[Any]]:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answering(status, body)(request)

    told = account(refresh_token="r-1", client_id="app", client_secret="s", api_version="202611", host=host)
    return NETWORK.refresh(client(answer), told, NOW), seen


def test_a_refresh_asks_where_linkedin_signs_in_and_keeps_the_rest() -> None:
    fresh, (request,) = refreshed({"access_token": "a-2", "expires_in": 5_184_000})
    assert str(request.url) == "https://www.linkedin.com/oauth/v2/accessToken"
    assert "authorization" not in request.headers
    assert sorted(request.content.decode().split("&")) == [
        "client_id=app",
        "client_secret=s",
        "grant_type=refresh_token",
        "refresh_token=r-1",
    ]
    assert fresh is not None
    assert fresh.ends_at == NOW + timedelta(days=60)
    assert {**fresh.credentials, "expires_at": ""} == {
        "access_token": "a-2",
        "refresh_token": "r-1",
        "client_id": "app",
        "client_secret": "s",
        "api_version": "202611",
        "expires_at": "",
    }
    newer, _ = refreshed({"access_token": "a-2", "refresh_token": "r-2"})
    assert newer is not None
    assert (newer.credentials["refresh_token"], newer.ends_at) == ("r-2", None)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"access_token": "a-2"}, 500),
        ({}, 429),
        ({"access_token": "a\nb"}, 200),
        ({}, 200),
        (b"<html>", 200),
        (b"<html>", 302),
    ],
)
def test_an_answer_that_is_neither_a_token_nor_a_refusal_says_nothing_of_the_sign_in(body: Any, status: int) -> None:
    with pytest.raises(RenewalUnclear):
        refreshed(body, status)


def test_a_refresh_that_is_refused_gives_nothing() -> None:
    assert refreshed({"error": "invalid_request"}, 400)[0] is None


def test_without_a_refresh_token_nothing_is_asked() -> None:
    assert NETWORK.refresh(client(NOT_SPOKEN_TO), account(), NOW) is None
    unreachable = client(failing(httpx.ConnectError("refused")))
    with pytest.raises(RenewalUnclear, match="no line to it"):
        NETWORK.refresh(unreachable, account(refresh_token="r"), NOW)


# probing


@pytest.mark.parametrize(
    ("answer", "result", "pause"),
    [
        (answering(200, {"sub": "abc", "name": "Anna"}), OK, Pause.NONE),
        (answering(200, {"sub": "xyz"}), RETRYABLE, Pause.MISMATCH),
        (answering(200, {"sub": 7}), RETRYABLE, Pause.NONE),
        (answering(200, b"<html>"), RETRYABLE, Pause.NONE),
        (answering(401, said(401)), RETRYABLE, Pause.REAUTHORISE),
        (answering(401, b"<html>"), RETRYABLE, Pause.NONE),
        (answering(403, said(403)), RETRYABLE, Pause.REAUTHORISE),
        (answering(426, said(426)), RETRYABLE, Pause.API_VERSION),
        (answering(429, said(429)), RETRYABLE, Pause.NONE),
        (answering(400, said(400)), RETRYABLE, Pause.NONE),
        (answering(500), RETRYABLE, Pause.NONE),
        (failing(httpx.ReadTimeout("slow")), RETRYABLE, Pause.NONE),
    ],
)
def test_a_probe_of_a_person_is_sure_before_it_pauses(answer: Answers, result: Result, pause: Pause) -> None:
    def standing(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v2/userinfo":
            return answer(request)
        return httpx.Response(403, json=said(403))

    outcome = NETWORK.probe(client(Stage(standing=standing).answer), account())
    assert (outcome.result, outcome.pause, outcome.retry_at) == (result, pause, None)


def part(urn: str = PAGE, role: str = "ADMINISTRATOR", state: str = "APPROVED") -> dict[str, str]:
    return {"organization": urn, "role": role, "state": state}


@pytest.mark.parametrize(
    ("elements", "result", "pause"),
    [
        ([part("urn:li:organization:8"), part()], OK, Pause.NONE),
        ([part(role="CONTENT_ADMINISTRATOR")], OK, Pause.NONE),
        ([part(role="ANALYST"), part()], OK, Pause.NONE),
        ([part(role="ANALYST")], RETRYABLE, Pause.MISMATCH),
        ([part(state="REQUESTED")], RETRYABLE, Pause.MISMATCH),
        ([], RETRYABLE, Pause.MISMATCH),
        (["x", None], RETRYABLE, Pause.MISMATCH),
        ([part("urn:li:organization:8")] * 100, RETRYABLE, Pause.NONE),
        (None, RETRYABLE, Pause.NONE),
    ],
)
def test_a_probe_of_a_page_wants_a_part_that_may_post(elements: Any, result: Result, pause: Pause) -> None:
    stage = Stage(standing=answering(200, {"elements": elements}))
    outcome = NETWORK.probe(client(stage.answer), account(PAGE))
    assert (outcome.result, outcome.pause) == (result, pause)
