"""Every answer that X can give to a request of a publish, a look, a renewal or a probe, and what it is taken for."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from network_samples import IMAGE, NOW, PNG, client, key

from networks.model import Account, Draft, Finding, Outcome, Pause, Presence, Rendition, RenewalUnclear, Result
from networks.x import NETWORK as X

OK, REJECTED, RETRYABLE, UNKNOWN = Result.OK, Result.REJECTED, Result.RETRYABLE, Result.UNKNOWN
ME, POST = "1234", "1991234567890123456"
TEXT = "A very private announcement"
STORED = {
    "access_token": "token-secret",
    "refresh_token": "refresh-secret",
    "client_id": "app",
    "client_secret": "app-secret",
}
Answers = Callable[[httpx.Request], httpx.Response]


def account(**credentials: str) -> Account:
    return Account("x", ME, "https://api.x.com", credentials or STORED)


def composed(draft: Draft) -> Rendition:
    made = X.compose(draft)
    assert isinstance(made, Rendition), made
    return made


def answering(status: int, body: Any = None, **headers: str) -> Answers:
    shown = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: httpx.Response(status, content=content, headers=shown)


def failing(error: Exception) -> Answers:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    return fail


def problem(detail: str = "said so", title: str = "Forbidden", **more: Any) -> dict[str, Any]:
    return {"type": "about:blank", "title": title, "detail": detail, **more}


CREATED = answering(201, {"data": {"id": POST, "text": "x"}})
OWNED = answering(200, {"data": {"id": ME, "username": "cafe", "name": "Café"}})
UPLOADED = answering(200, {"data": {"id": "77", "expires_after_secs": 86_400}})
DESCRIBED = answering(200, {"data": {"id": "77"}})


@dataclass
class Scripted:
    """X before an adapter: what is not told otherwise succeeds."""

    creating: Answers = CREATED
    owner: Answers = OWNED
    uploading: Answers = UPLOADED
    describing: Answers = DESCRIBED
    seen: int = 0
    body: bytes = b""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        match f"{request.method} {request.url.path}":
            case "POST /2/tweets":
                self.seen, self.body = self.seen + 1, request.content
                return self.creating(request)
            case "GET /2/users/me":
                return self.owner(request)
            case "POST /2/media/upload":
                return self.uploading(request)
            case "POST /2/media/metadata":
                return self.describing(request)
        raise AssertionError(request.url)

    def publish(self, who: Account | None = None, *, images: int = 1, **parts: Any) -> Outcome:
        draft = Draft(TEXT, images=(IMAGE,) * images)
        return X.publish(client(self), who or account(), composed(draft), key(), lambda _: PNG, NOW, **parts)


# the creating request


@pytest.mark.parametrize(
    ("status", "body", "result", "pause", "expired"),
    [
        (400, problem("Not valid"), REJECTED, Pause.NONE, False),
        (403, problem("You are not permitted"), REJECTED, Pause.NONE, False),
        (403, problem("not allowed", status=403), REJECTED, Pause.NONE, False),
        (401, problem("Unauthorized"), RETRYABLE, Pause.REAUTHORISE, True),
        (402, problem("no credits"), RETRYABLE, Pause.BILLING, False),
        (429, problem("Too Many Requests"), RETRYABLE, Pause.NONE, False),
        (403, problem("A Tweet with duplicate content"), UNKNOWN, Pause.NONE, False),
        (400, problem("Invalid", errors=[{"message": "Duplicate"}]), UNKNOWN, Pause.NONE, False),
        (403, problem("not allowed", status=400), UNKNOWN, Pause.NONE, False),
        (403, {"error": "Forbidden"}, UNKNOWN, Pause.NONE, False),
        (403, {"title": "Forbidden"}, UNKNOWN, Pause.NONE, False),
        (400, {"code": 400, "message": "Bad"}, UNKNOWN, Pause.NONE, False),
        (400, b"<html>", UNKNOWN, Pause.NONE, False),
        (401, b"", UNKNOWN, Pause.NONE, False),
        (402, b"<html>", UNKNOWN, Pause.NONE, False),
        (429, b"<html>", UNKNOWN, Pause.NONE, False),
        (404, problem(), UNKNOWN, Pause.NONE, False),
        (409, problem(), UNKNOWN, Pause.NONE, False),
        (500, problem(), UNKNOWN, Pause.NONE, False),
        (503, problem("Service Unavailable"), UNKNOWN, Pause.NONE, False),
    ],
)
def test_answers_are_taken_for_what_is_documented(
    status: int, body: Any, result: Result, pause: Pause, expired: bool
) -> None:
    x = Scripted(answering(status, body))
    outcome = x.publish()
    assert (outcome.result, outcome.pause, outcome.expired, x.seen) == (result, pause, expired, 1)


@pytest.mark.parametrize(
    "creating",
    [
        answering(502, b"<html>Bad gateway"),
        answering(504),
        answering(201, b""),
        answering(201, b"<html>Just a moment"),
        answering(201, {"data": {"id": 7}}),
        answering(201, {"data": {"id": "seven"}}),
        answering(201, {"data": []}),
        answering(200, {"errors": [problem()]}),
        answering(201, b"x" * 1_000_001),
        answering(201, {"data": {"id": POST}}, content_encoding="gzip"),
        answering(302, location="https://evil.example"),
        answering(204),
        failing(httpx.ReadTimeout("slow")),
        failing(httpx.WriteTimeout("slow")),
        failing(httpx.ReadError("reset")),
        failing(httpx.RemoteProtocolError("cut")),
    ],
)
def test_whatever_proves_nothing_is_unknown(creating: Answers) -> None:
    x = Scripted(creating)
    outcome = x.publish()
    assert (outcome.result, x.seen) == (UNKNOWN, 1)
    assert outcome.detail


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")]
)
def test_without_a_connection_it_can_be_tried_again(error: Exception) -> None:
    assert Scripted(failing(error)).publish().result is RETRYABLE


def test_a_post_is_told_by_its_number_and_shown_at_x_com() -> None:
    x = Scripted()
    outcome = x.publish()
    assert (outcome.result, outcome.remote_id, outcome.url) == (OK, POST, f"https://x.com/i/status/{POST}")
    assert json.loads(x.body) == {"text": TEXT, "media": {"media_ids": ["77"]}}
    x.publish(images=0)
    assert json.loads(x.body) == {"text": TEXT}


def test_a_rate_limit_tells_when_to_come_back() -> None:
    quarter, day = (str(int((NOW + after).timestamp())) for after in (timedelta(minutes=3), timedelta(hours=7)))
    told = Scripted(answering(429, b"", x_rate_limit_reset=quarter)).publish()
    assert (told.result, told.retry_at) == (RETRYABLE, NOW + timedelta(minutes=3))
    headers = {"x_rate_limit_reset": quarter, "x_user_limit_24hour_reset": day}
    used_up = answering(429, problem(), x_user_limit_24hour_remaining="0", **headers)
    assert Scripted(used_up).publish().retry_at == NOW + timedelta(hours=7)
    left = answering(429, problem(), x_user_limit_24hour_remaining="5", **headers)
    assert Scripted(left).publish().retry_at == NOW + timedelta(minutes=3)
    assert Scripted(answering(429, problem(), x_rate_limit_reset="soon")).publish().retry_at is None


def test_a_refusal_s_particulars_are_told_rather_than_its_heading() -> None:
    said = problem("One or more parameters", errors=[{"message": "too long by 3"}, {"parameters": {}}])
    assert Scripted(answering(400, said)).publish().detail == "X refused the post: too long by 3"


def test_without_anything_to_renew_it_with_a_dead_token_only_pauses() -> None:
    outcome = Scripted(answering(401, problem())).publish(account(access_token="token-secret"))
    assert (outcome.result, outcome.pause, outcome.expired) == (RETRYABLE, Pause.REAUTHORISE, False)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 429])
@pytest.mark.parametrize("step", ["creating", "owner", "uploading"])
def test_the_owner_never_reads_a_token_or_the_text(status: int, step: str) -> None:
    words = " ".join([*STORED.values(), TEXT])
    outcome = Scripted(**{step: answering(status, problem(words, errors=[{"message": words}]))}).publish()
    assert "secret" not in repr(outcome)
    assert step != "creating" or TEXT not in repr(outcome)


# what comes before


@pytest.mark.parametrize("step", ["owner", "uploading", "describing"])
@pytest.mark.parametrize(
    "answer",
    [
        answering(500),
        answering(502, b"<html>"),
        answering(200, b""),
        answering(200, {"data": {"id": 77}}),
        answering(400, b"<html>"),
        answering(403, b"<html>"),
        answering(429, problem()),
        answering(401, problem()),
        answering(402, problem()),
        answering(302, location="https://evil.example"),
        failing(httpx.ReadTimeout("slow")),
        failing(httpx.ConnectError("refused")),
    ],
)
def test_trouble_before_the_post_is_never_unknown_and_nothing_is_posted(step: str, answer: Answers) -> None:
    x = Scripted(**{step: answer})
    assert (x.publish().result, x.seen) == (RETRYABLE, 0)


@pytest.mark.parametrize("step", ["uploading", "describing"])
def test_an_image_that_x_refuses_is_rejected_before_posting(step: str) -> None:
    for refusal in (answering(413), answering(400, problem()), answering(403, problem())):
        x = Scripted(**{step: refusal})
        assert (x.publish().result, x.seen) == (REJECTED, 0)


def test_an_image_that_x_is_not_done_with_is_not_posted() -> None:
    x = Scripted(uploading=answering(200, {"data": {"id": "77", "processing_info": {"state": "pending"}}}))
    assert (x.publish().result, x.seen) == (RETRYABLE, 0)


def test_a_token_of_another_account_posts_nothing_and_stops_the_channel() -> None:
    x = Scripted(owner=answering(200, {"data": {"id": "99", "username": "stranger"}}))
    outcome = x.publish()
    assert (outcome.result, outcome.pause, x.seen) == (RETRYABLE, Pause.MISMATCH, 0)


def test_an_account_that_x_shuts_out_stops_the_channel_rather_than_each_post() -> None:
    x = Scripted(owner=answering(403, problem("The account is suspended")))
    outcome = x.publish()
    assert (outcome.result, outcome.pause, x.seen) == (RETRYABLE, Pause.REAUTHORISE, 0)
    assert "suspended" in outcome.detail


def test_the_gate_is_asked_after_the_images_and_can_still_close() -> None:
    x = Scripted()
    outcome = x.publish(confirm=lambda: "it is on hold")
    assert (outcome.result, outcome.closed, outcome.detail, x.seen) == (RETRYABLE, True, "it is on hold", 0)
    assert x.publish(images=0, confirm=lambda: "it is on hold").result is OK


def test_with_no_time_left_for_posting_nothing_is_posted() -> None:
    x, hurried = Scripted(), replace(X, declared=replace(X.declared, publish_timeout_seconds=0))
    for draft in (Draft(TEXT), Draft(TEXT, images=(IMAGE,))):
        outcome = hurried.publish(client(x), account(), composed(draft), key(), lambda _: PNG, NOW)
        assert (outcome.result, x.seen) == (RETRYABLE, 0)


@pytest.mark.parametrize("host", ["http://api.x.com", "https://a@b.example", "https://b.example/x", "b.example"])
def test_a_host_that_is_no_plain_origin_hears_nothing(host: str) -> None:
    who, deaf = replace(account(), host=host), client(failing(AssertionError("spoken to")))
    outcome = X.publish(deaf, who, composed(Draft(TEXT)), key(), lambda _: PNG, NOW)
    assert (outcome.result, outcome.pause) == (RETRYABLE, Pause.MISMATCH)
    assert X.find(deaf, who, composed(Draft(TEXT)), key()).presence is Presence.UNPROVABLE
    assert X.probe(deaf, who).pause is Pause.MISMATCH
    assert X.refresh(deaf, who, NOW) is None


def test_nothing_usable_to_sign_in_with_pauses_the_channel() -> None:
    deaf = client(failing(AssertionError("spoken to")))
    for stored in ({"other": "x"}, {"access_token": "a\nb"}):
        outcome = X.publish(deaf, account(**stored), composed(Draft(TEXT)), key(), lambda _: PNG, NOW)
        assert (outcome.result, outcome.pause) == (RETRYABLE, Pause.REAUTHORISE)
    elsewhere = replace(account(), account_id="../me")
    assert X.find(deaf, elsewhere, composed(Draft(TEXT)), key()).presence is Presence.UNPROVABLE


# the look


def shown(text: str, *urls: tuple[str, str], number: str = POST, **more: Any) -> dict[str, Any]:
    entities = [{"start": 0, "end": 1, "url": short, "expanded_url": full} for short, full in urls]
    return {"id": number, "text": text, "entities": {"urls": entities}, **more}


def look(draft: Draft, *pages: Any) -> Finding:
    left = iter(pages)

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path == f"/2/users/{ME}/tweets"
        assert request.url.params["start_time"] == "2026-11-21T08:58:00Z"
        page = next(left)
        posts = page if isinstance(page, list) else [page]
        return httpx.Response(200, json={"data": posts, "meta": {"next_token": "more"}})

    return X.find(client(answer), account(), composed(draft), key())


MENU = Draft("Menu: cafe.example.com & more\nhttps://cafe.example.com/menu?a=1&b=2")
SHORT = "https://t.co/aaaaaaaaaa"
SHORT_TOO = "https://t.co/bbbbbbbbbb"
URLS = ((SHORT, "http://cafe.example.com"), (SHORT_TOO, "https://cafe.example.com/menu?a=1&b=2"))


@pytest.mark.parametrize(
    "post",
    [
        shown(f"Menu: {SHORT} &amp; more\n{SHORT_TOO}", *URLS),
        shown(f"Menu: {SHORT} & more {SHORT_TOO}", *URLS),
        shown(f"Menu: {SHORT} &amp; more\n{SHORT_TOO}", (SHORT, "https://CAFE.example.com/"), URLS[1]),
        {**shown(f"Menu: {SHORT} &amp; more\n{SHORT_TOO}", *URLS), "attachments": {"media_keys": None}},
    ],
)
def test_a_post_is_recognised_by_its_words_with_the_links_put_back(post: Any) -> None:
    found = look(MENU, [shown("Something else", number="1")], post)
    assert (found.presence, found.remote_id, found.url) == (Presence.PRESENT, POST, f"https://x.com/i/status/{POST}")


@pytest.mark.parametrize(
    "post",
    [
        shown(f"Menu: {SHORT} &amp; more\n{SHORT_TOO}", (SHORT, "http://other.example.com"), URLS[1]),
        shown(f"Menu: {SHORT} &amp; more\n{SHORT_TOO}", URLS[0], (SHORT_TOO, "https://cafe.example.com/Menu?a=1&b=2")),
        shown(f"Menu: {SHORT} &amp; less\n{SHORT_TOO}", *URLS),
        shown(f"Menu: {SHORT} &amp; more", *URLS),
        shown(f"Menu: {SHORT} &amp; more\n{SHORT_TOO}"),
        shown(f"Menu: {SHORT} &amp; more\n{SHORT_TOO}", *URLS, attachments={"media_keys": ["3_1"]}),
        {"id": POST},
        {"id": POST, "text": 7, "entities": []},
        {**shown(f"Menu: {SHORT} &amp; more\n{SHORT_TOO}", *URLS), "id": "seven"},
        {**shown("x"), "entities": {"urls": [None, {"url": 1}, {"url": SHORT}]}},
    ],
)
def test_what_says_anything_else_is_not_taken_for_it(post: Any) -> None:
    assert look(MENU, *[post] * 5).presence is Presence.UNPROVABLE


def test_the_link_that_only_shows_the_images_is_none_of_the_post_s() -> None:
    draft = Draft("Cake & coffee", images=(IMAGE, IMAGE))
    for own in (
        {"url": SHORT, "expanded_url": f"https://x.com/cafe/status/{POST}/photo/1"},
        {"url": SHORT, "expanded_url": "https://x.com/cafe/status/1/photo/1", "media_key": "3_1"},
    ):
        post = {"id": POST, "text": f"Cake &amp; coffee {SHORT}", "entities": {"urls": [own, own]}}
        assert look(draft, {**post, "attachments": {"media_keys": ["3_1", "3_2"]}}).presence is Presence.PRESENT
        assert look(draft, *[{**post, "attachments": {"media_keys": ["3_1"]}}] * 5).presence is Presence.UNPROVABLE


@pytest.mark.parametrize(
    "answer",
    [
        answering(500),
        answering(200, b"<html>"),
        answering(200, {"errors": [problem()]}),
        answering(200, {"data": {}, "meta": {}}),
        answering(401, problem()),
        answering(402, problem()),
        answering(429, problem()),
        answering(200, {"meta": {"result_count": 0}}),
        failing(httpx.ReadTimeout("slow")),
    ],
)
def test_a_look_that_shows_nothing_proves_nothing(answer: Answers) -> None:
    found = X.find(client(answer), account(), composed(Draft(TEXT)), key())
    assert found.presence is Presence.UNPROVABLE
    assert found.detail.endswith(".")


# the sign-in


def renewed(who: Account, answer: Answers) -> tuple[Account | None, httpx.Request]:
    asked: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer(request)

    return X.refresh(client(keep), who, NOW), asked[0]


PAIR = {"token_type": "bearer", "expires_in": 7200, "access_token": "next", "refresh_token": "next-r", "scope": "x"}


def test_an_app_with_a_secret_shows_it_in_the_header_and_nowhere_else() -> None:
    fresh, asked = renewed(account(), answering(200, PAIR))
    assert asked.headers["authorization"] == f"Basic {base64.b64encode(b'app:app-secret').decode()}"
    assert parse_qs(asked.content.decode()) == {"grant_type": ["refresh_token"], "refresh_token": ["refresh-secret"]}
    assert fresh is not None
    assert fresh.credentials == {
        **STORED,
        "access_token": "next",
        "refresh_token": "next-r",
        "expires_at": "2026-11-21T11:00:00+00:00",
    }
    assert fresh.ends_at == datetime(2026, 11, 21, 11, tzinfo=UTC)


def test_an_app_without_a_secret_names_itself_in_the_form() -> None:
    fresh, asked = renewed(account(**{**STORED, "client_secret": ""}), answering(200, PAIR))
    assert "authorization" not in asked.headers
    assert parse_qs(asked.content.decode())["client_id"] == ["app"]
    assert fresh is not None


@pytest.mark.parametrize("told", [None, "7200", True, -1, 0, 10**12])
def test_an_end_that_makes_no_sense_is_two_hours(told: Any) -> None:
    fresh, _ = renewed(account(), answering(200, {**PAIR, "expires_in": told}))
    assert fresh is not None
    assert fresh.ends_at == NOW + timedelta(hours=2)


@pytest.mark.parametrize(
    "answer",
    [
        answering(400, {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}),
        answering(401, {"error": "unauthorized_client"}),
    ],
)
def test_a_renewal_that_is_refused_gives_nothing(answer: Answers) -> None:
    assert renewed(account(), answer)[0] is None


@pytest.mark.parametrize(
    "answer",
    [
        answering(503),
        answering(429),
        answering(200, b"<html>"),
        answering(200, {**PAIR, "access_token": "two words"}),
        answering(302, PAIR, location="https://evil.example"),
        failing(httpx.ReadTimeout("slow")),
        failing(httpx.ConnectError("refused")),
    ],
)
def test_a_renewal_that_is_lost_or_garbled_says_nothing_of_the_sign_in(answer: Answers) -> None:
    with pytest.raises(RenewalUnclear):
        renewed(account(), answer)


def test_without_a_refresh_token_or_an_app_nobody_is_asked() -> None:
    deaf = client(failing(AssertionError("spoken to")))
    for missing in ("refresh_token", "client_id"):
        assert X.refresh(deaf, account(**{**STORED, missing: ""}), NOW) is None


@pytest.mark.parametrize(
    ("answer", "result", "pause"),
    [
        (answering(200, {"data": {"id": ME, "username": "cafe"}}), OK, Pause.NONE),
        (answering(200, {"data": {"id": "99", "username": "x"}}), RETRYABLE, Pause.MISMATCH),
        (answering(401, problem()), RETRYABLE, Pause.REAUTHORISE),
        (answering(402, problem()), RETRYABLE, Pause.BILLING),
        (answering(403, problem()), RETRYABLE, Pause.REAUTHORISE),
        (answering(429, problem(), x_rate_limit_reset="1795253400"), RETRYABLE, Pause.NONE),
        (answering(500), RETRYABLE, Pause.NONE),
        (answering(200, b"<html>"), RETRYABLE, Pause.NONE),
        (failing(httpx.ReadTimeout("slow")), RETRYABLE, Pause.NONE),
    ],
)
def test_a_probe_tells_the_living_from_the_dead(answer: Answers, result: Result, pause: Pause) -> None:
    outcome = X.probe(client(answer), account())
    assert (outcome.result, outcome.pause, outcome.retry_at) == (result, pause, None)
    assert outcome.receipt == ({"handle": "cafe"} if result is OK else {})
