"""Facebook: every answer to a page's post, and what it may be taken for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import parse_qs

import httpx
import pytest
from meta_answers import BLOBS, NO_PROOF, TEXT, TOKEN, Answers, account, answering, composed, failing, graph
from network_samples import NOW, client, key

from networks.facebook import NETWORK
from networks.model import Account, Outcome, Pause, Presence, Result

OK, REJECTED, RETRYABLE, UNKNOWN = Result.OK, Result.REJECTED, Result.RETRYABLE, Result.UNKNOWN
POST_ID = "42_77"


@dataclass
class Stage:
    """The page before a scripted server; photos succeed unless ``preparing`` says otherwise."""

    creating: Answers = field(default_factory=lambda: answering(200, {"id": POST_ID}))
    preparing: Answers = field(default_factory=lambda: answering(200, {"id": "7"}))
    listing: Answers = field(default_factory=lambda: answering(200, {"data": []}))
    asked: list[httpx.Request] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.url.path.endswith("/feed"):
            return self.creating(request)
        if request.url.path.endswith("/published_posts"):
            return self.listing(request)
        if request.url.path.endswith("/photos"):
            return self.preparing(request)
        return httpx.Response(200, json={"id": POST_ID, "permalink_url": "https://www.facebook.com/42/posts/77"})

    def publish(self, image_count: int = 0, who: Account | None = None) -> Outcome:
        rendition = composed(NETWORK, image_count)
        return NETWORK.publish(client(self.answer), who or account("facebook"), rendition, key(), BLOBS, NOW)

    @property
    def posted(self) -> int:
        return sum(request.url.path.endswith("/feed") for request in self.asked)


@pytest.mark.parametrize(
    ("body", "result", "pause"),
    [
        (graph(100), REJECTED, Pause.NONE),
        (graph(1609005), REJECTED, Pause.NONE),
        (graph(506), REJECTED, Pause.NONE),
        (graph(4), RETRYABLE, Pause.NONE),
        (graph(17), RETRYABLE, Pause.NONE),
        (graph(32), RETRYABLE, Pause.NONE),
        (graph(341), RETRYABLE, Pause.NONE),
        (graph(613), RETRYABLE, Pause.NONE),
        (graph(102), RETRYABLE, Pause.REAUTHORISE),
        *((graph(190, subcode), RETRYABLE, Pause.REAUTHORISE) for subcode in (0, 458, 460, 463, 467)),
        (graph(10), RETRYABLE, Pause.REAUTHORISE),
        (graph(200), RETRYABLE, Pause.REAUTHORISE),
        (graph(299), RETRYABLE, Pause.REAUTHORISE),
        (graph(368), RETRYABLE, Pause.REAUTHORISE),
        (graph(2635), RETRYABLE, Pause.API_VERSION),
        (graph(100, 33), RETRYABLE, Pause.MISMATCH),
        (graph(1), UNKNOWN, Pause.NONE),
        (graph(2), UNKNOWN, Pause.NONE),
        (graph(300), UNKNOWN, Pause.NONE),
    ],
)
def test_codes_are_taken_for_what_is_documented(body: object, result: Result, pause: Pause) -> None:
    stage = Stage(answering(400, body))
    outcome = stage.publish()
    assert (outcome.result, outcome.pause, stage.posted) == (result, pause, 1)
    assert outcome.detail


@pytest.mark.parametrize("creating", NO_PROOF)
def test_whatever_proves_nothing_is_unknown_and_asked_once(creating: Answers) -> None:
    stage = Stage(creating)
    outcome = stage.publish()
    assert (outcome.result, stage.posted) == (UNKNOWN, 1)
    assert outcome.detail


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("full")]
)
def test_without_a_connection_it_can_be_tried_again(error: Exception) -> None:
    assert Stage(failing(error)).publish().result is RETRYABLE


@pytest.mark.parametrize("preparing", [*NO_PROOF, answering(400, graph(1)), answering(400, graph(4))])
def test_trouble_with_a_photo_never_leaves_doubt(preparing: Answers) -> None:
    stage = Stage(preparing=preparing)
    assert stage.publish(2).result is RETRYABLE
    assert stage.posted == 0


def test_the_wait_of_a_limit_is_meta_s_own() -> None:
    usage = json.dumps({"42": [{"type": "pages", "estimated_time_to_regain_access": 19}, {"type": "x"}]})
    stage = Stage(answering(403, graph(4), {"x-business-use-case-usage": usage}))
    assert stage.publish().retry_at == NOW + timedelta(minutes=19)
    for told in ("", "{", "[]", '{"42": 7}', '{"42": [{"estimated_time_to_regain_access": -1}]}'):
        stage = Stage(answering(403, graph(4), {"x-business-use-case-usage": told}))
        assert stage.publish().retry_at is None
    assert Stage(answering(403, graph(4), {"retry-after": "60"})).publish().retry_at == NOW + timedelta(minutes=1)


def test_a_post_has_its_address_or_the_one_that_leads_there() -> None:
    assert Stage().publish().url == "https://www.facebook.com/42/posts/77"

    def silent(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(200, json={"id": POST_ID})
        raise httpx.ReadTimeout("slow")

    outcome = NETWORK.publish(client(silent), account("facebook"), composed(NETWORK, 0), key(), BLOBS, NOW)
    assert (outcome.result, outcome.url) == (OK, "https://www.facebook.com/42_77")


def test_photos_go_unpublished_by_their_address_and_the_post_shows_them_in_order() -> None:
    stage = Stage()
    assert stage.publish(2).result is OK
    first, second, post = (parse_qs(request.content.decode()) for request in stage.asked[:3])
    assert [photo["alt_text_custom"] for photo in (first, second)] == [["Cup 0"], ["Cup 1"]]
    assert first["published"] == ["false"]
    assert first["url"] == [f"https://images.example/{0:064x}"]
    assert json.loads(post["attached_media"][0]) == [{"media_fbid": "7"}, {"media_fbid": "7"}]


def test_the_token_goes_in_a_header_and_in_no_address_and_no_sentence() -> None:
    said = f"Error validating access token {TOKEN} for {TEXT}"
    stage = Stage(answering(400, graph(190, 463, said)))
    outcome = stage.publish()
    assert all(request.headers["authorization"] == f"Bearer {TOKEN}" for request in stage.asked)
    assert all(TOKEN not in str(request.url) for request in stage.asked)
    assert TOKEN not in outcome.detail
    assert TEXT not in outcome.detail


@pytest.mark.parametrize(
    ("change", "pause"),
    [
        ({"host": "http://graph.facebook.com"}, Pause.MISMATCH),
        ({"host": "https://me@graph.facebook.com"}, Pause.MISMATCH),
        ({"account_id": "../7"}, Pause.MISMATCH),
        ({"credentials": {}}, Pause.REAUTHORISE),
        ({"credentials": {"access_token": "a\nb"}}, Pause.REAUTHORISE),
    ],
)
def test_an_account_that_cannot_be_used_pauses_before_anything_is_asked(change: dict[str, str], pause: Pause) -> None:
    stage, spoilt = Stage(), replace(account("facebook"), **change)  # type: ignore[arg-type]
    assert stage.publish(who=spoilt).pause is pause
    assert NETWORK.probe(client(stage.answer), spoilt).pause is pause
    assert NETWORK.find(client(stage.answer), spoilt, composed(NETWORK, 0), key()).presence is Presence.UNPROVABLE
    assert stage.asked == []


@pytest.mark.parametrize(
    "listing", [*NO_PROOF[:2], answering(200, b"<html>"), answering(200, {"data": 7}), answering(200, {"data": []})]
)
def test_absence_is_never_proved(listing: Answers) -> None:
    stage = Stage(listing=listing)
    found = NETWORK.find(client(stage.answer), account("facebook"), composed(NETWORK, 0), key())
    assert found.presence is Presence.UNPROVABLE
    assert found.detail


def test_only_the_same_words_since_the_first_try_are_the_post() -> None:
    def look(message: str, created_time: str, text: str = TEXT) -> Presence:
        post = {"id": POST_ID, "message": message, "created_time": created_time, "permalink_url": "https://f.example"}
        stage = Stage(listing=answering(200, {"data": [post]}))
        rendition = replace(composed(NETWORK, 0), text=text)
        return NETWORK.find(client(stage.answer), account("facebook"), rendition, key()).presence

    assert look(TEXT, "2026-11-21T09:00:05+0000") is Presence.PRESENT
    assert look("Other words", "2026-11-21T09:00:05+0000") is Presence.UNPROVABLE
    assert look(TEXT, "2026-11-21T08:50:00+0000") is Presence.UNPROVABLE
    assert look(TEXT, "yesterday") is Presence.UNPROVABLE
    assert look("", "2026-11-21T09:00:05+0000", text="") is Presence.UNPROVABLE


@pytest.mark.parametrize(
    ("answer", "result", "pause"),
    [
        (answering(200, {"id": "42", "name": "Café"}), OK, Pause.NONE),
        (answering(200, {"id": "43", "name": "Other"}), RETRYABLE, Pause.MISMATCH),
        (answering(200, {"name": "Café"}), RETRYABLE, Pause.NONE),
        (answering(401, graph(190, 460)), RETRYABLE, Pause.REAUTHORISE),
        (answering(400, graph(2635)), RETRYABLE, Pause.API_VERSION),
        (answering(400, graph(100)), RETRYABLE, Pause.NONE),
        (answering(500, graph(2)), RETRYABLE, Pause.NONE),
        (answering(200, b"<html>"), RETRYABLE, Pause.NONE),
        (failing(httpx.ReadTimeout("slow")), RETRYABLE, Pause.NONE),
    ],
)
def test_a_probe_tells_alive_from_dead_from_unclear(answer: Answers, result: Result, pause: Pause) -> None:
    outcome = NETWORK.probe(client(answer), account("facebook"))
    assert (outcome.result, outcome.pause, outcome.retry_at) == (result, pause, None)
