"""Instagram and Threads: every answer to the publishing of a container, held against what the container says afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from meta_answers import BLOBS, NO_PROOF, TEXT, TOKEN, Answers, account, answering, composed, failing, graph
from network_samples import NOW, client, key

from networks.instagram import NETWORK as INSTAGRAM
from networks.model import Account, Outcome, Pause, Presence, RenewalUnclear, Result
from networks.threads import NETWORK as THREADS

OK, REJECTED, RETRYABLE, UNKNOWN = Result.OK, Result.REJECTED, Result.RETRYABLE, Result.UNKNOWN
BOTH = pytest.mark.parametrize("network", ["instagram", "threads"])
LISTED_AT = "2026-11-21T09:00:05+0000"


@dataclass
class Memory:
    """``networks.model.Notes``."""

    kept: dict[str, str] = field(default_factory=dict)

    def keep(self, name: str, value: str) -> bool:
        self.kept = {**self.kept, name: value}
        return True


@dataclass
class Stage:
    """An account before a scripted server. Container 7 is FINISHED until the publishing request, then ``after``."""

    network: str
    publishing: Answers = field(default_factory=lambda: answering(200, {"id": "99"}))
    after: str = "FINISHED"
    before: str = "FINISHED"
    making: Answers = field(default_factory=lambda: answering(200, {"id": "7"}))
    reading: Answers | None = None
    words: str = ""
    notes: Memory = field(default_factory=Memory)
    made: list[httpx.Request] = field(default_factory=list)
    published: list[str] = field(default_factory=list)

    @property
    def adapter(self) -> Any:
        adapter: Any = INSTAGRAM if self.network == "instagram" else THREADS
        return replace(adapter, container_poll_seconds=0.0)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("_publish"):
            self.published.append(request.content.decode())
            return self.publishing(request)
        if path.endswith(("/media", "/threads")) and request.method == "POST":
            self.made.append(request)
            return self.making(request)
        if path.endswith(("/media", "/threads")):
            one = {
                "id": "99",
                "caption": TEXT,
                "text": TEXT,
                "timestamp": LISTED_AT,
                "permalink": "https://p.example/99",
            }
            return httpx.Response(200, json={"data": [one]})
        if path.endswith("/99"):
            return httpx.Response(200, json={"id": "99", "permalink": "https://p.example/99"})
        if path.endswith("_limit"):
            return httpx.Response(500)
        return self.state(request)

    def state(self, request: httpx.Request) -> httpx.Response:
        if self.published and self.reading is not None:
            return self.reading(request)
        word = self.after if self.published else self.before
        if self.network == "instagram":
            return httpx.Response(200, json={"id": "7", "status_code": word, "status": self.words})
        return httpx.Response(200, json={"id": "7", "status": word, "error_message": self.words})

    def publish(self, who: Account | None = None, image_count: int = 1) -> Outcome:
        rendition, seconds = composed(self.adapter, image_count), timedelta(seconds=5)
        outcome: Outcome = self.adapter.publish(
            client(self.answer), who or account(self.network), rendition, key(), BLOBS, NOW + seconds, notes=self.notes
        )
        return outcome


REFUSALS = [
    (graph(100), REJECTED, Pause.NONE),
    (graph(4), RETRYABLE, Pause.NONE),
    (graph(32), RETRYABLE, Pause.NONE),
    (graph(1), RETRYABLE, Pause.NONE),
    (graph(2), RETRYABLE, Pause.NONE),
    (graph(190, 463), RETRYABLE, Pause.REAUTHORISE),
    (graph(10), RETRYABLE, Pause.REAUTHORISE),
    (graph(368), RETRYABLE, Pause.REAUTHORISE),
    (graph(2635), RETRYABLE, Pause.API_VERSION),
    (graph(25, 2207050), RETRYABLE, Pause.REAUTHORISE),
    (graph(9, 2207042), RETRYABLE, Pause.NONE),
    *((graph(-1, subcode), RETRYABLE, Pause.NONE) for subcode in (2207001, 2207003, 2207008, 2207032)),
    *((graph(-1, subcode), RETRYABLE, Pause.NONE) for subcode in (2207020, 2207027, 2207053)),
    *((graph(36000, subcode), REJECTED, Pause.NONE) for subcode in (2207004, 2207005, 2207009, 2207010)),
    *((graph(4, subcode), REJECTED, Pause.NONE) for subcode in (2207028, 2207051, 2207052)),
]


@BOTH
@pytest.mark.parametrize(("body", "result", "pause"), REFUSALS)
def test_a_refusal_counts_while_the_container_says_that_it_is_not_out(
    network: str, body: object, result: Result, pause: Pause
) -> None:
    stage = Stage(network, answering(400, body))
    outcome = stage.publish()
    assert (outcome.result, outcome.pause, len(stage.published)) == (result, pause, 1)
    assert stage.notes.kept == {"container": "7"}


@BOTH
@pytest.mark.parametrize("publishing", [answering(400, body) for body, *_ in REFUSALS] + NO_PROOF)
def test_whatever_was_answered_a_published_container_is_out(network: str, publishing: Answers) -> None:
    stage = Stage(network, publishing, after="PUBLISHED")
    outcome = stage.publish()
    assert (outcome.result, outcome.remote_id, outcome.url) == (OK, "99", "https://p.example/99")
    assert len(stage.published) == 1


@BOTH
@pytest.mark.parametrize("publishing", NO_PROOF)
@pytest.mark.parametrize("after", ["FINISHED", "IN_PROGRESS"])
def test_whatever_proves_nothing_is_unknown_while_it_may_still_be_published(
    network: str, publishing: Answers, after: str
) -> None:
    stage = Stage(network, publishing, after=after)
    outcome = stage.publish()
    assert (outcome.result, len(stage.published)) == (UNKNOWN, 1)
    assert outcome.detail


@BOTH
@pytest.mark.parametrize("after", ["EXPIRED", "ERROR"])
def test_what_can_never_be_published_can_be_tried_again(network: str, after: str) -> None:
    assert Stage(network, failing(httpx.ReadTimeout("slow")), after=after).publish().result is RETRYABLE


@BOTH
@pytest.mark.parametrize("reading", NO_PROOF)
def test_a_refusal_is_not_believed_where_the_container_cannot_be_read(network: str, reading: Answers) -> None:
    for body in (graph(100), graph(4), graph(4, 2207051)):
        assert Stage(network, answering(400, body), reading=reading).publish().result is UNKNOWN


@BOTH
def test_a_refusal_for_good_is_not_believed_while_it_is_still_at_work(network: str) -> None:
    assert Stage(network, answering(400, graph(4, 2207051)), after="IN_PROGRESS").publish().result is UNKNOWN


@BOTH
def test_a_dead_token_that_the_look_meets_as_well_is_a_dead_token(network: str) -> None:
    dead = answering(401, graph(190, 460))
    outcome = Stage(network, dead, reading=dead).publish()
    assert (outcome.result, outcome.pause) == (RETRYABLE, Pause.REAUTHORISE)


@BOTH
def test_without_a_connection_it_can_be_tried_again(network: str) -> None:
    assert Stage(network, failing(httpx.ConnectError("refused"))).publish().result is RETRYABLE


@BOTH
@pytest.mark.parametrize("making", NO_PROOF)
def test_trouble_with_a_container_never_leaves_doubt(network: str, making: Answers) -> None:
    stage = Stage(network, making=making)
    assert stage.publish(image_count=3).result is RETRYABLE
    assert stage.published == []


@BOTH
@pytest.mark.parametrize("before", ["FINISHED", "PUBLISHED", "IN_PROGRESS"])
def test_no_other_container_is_made_while_the_noted_one_may_be_published(network: str, before: str) -> None:
    stage = Stage(network, before=before, notes=Memory({"container": "5"}))
    impatient = replace(stage.adapter, declared=replace(stage.adapter.declared, publish_timeout_seconds=1))
    outcome = impatient.publish(
        client(stage.answer), account(network), composed(impatient), key(), BLOBS, NOW, notes=stage.notes
    )
    assert stage.made == []
    assert outcome.result is (RETRYABLE if before == "IN_PROGRESS" else OK)
    assert stage.published == (["creation_id=5"] if before == "FINISHED" else [])


@BOTH
@pytest.mark.parametrize("before", ["EXPIRED", "ERROR"])
def test_another_container_is_made_and_noted_where_the_noted_one_never_will_be(network: str, before: str) -> None:
    stage = Stage(network, notes=Memory({"container": "5"}))

    def state(request: httpx.Request) -> httpx.Response:
        name = "status_code" if network == "instagram" else "status"
        return httpx.Response(200, json={name: before if request.url.path.endswith("/5") else "FINISHED"})

    stage.state = state  # type: ignore[method-assign]
    assert stage.publish().result is OK
    assert stage.notes.kept == {"container": "7"}
    assert stage.published == ["creation_id=7"]


@BOTH
@pytest.mark.parametrize(
    ("before", "presence"),
    [
        ("PUBLISHED", Presence.PRESENT),
        ("FINISHED", Presence.ABSENT),
        ("EXPIRED", Presence.ABSENT),
        ("ERROR", Presence.ABSENT),
        ("IN_PROGRESS", Presence.UNPROVABLE),
        ("SOMETHING_NEW", Presence.UNPROVABLE),
    ],
)
def test_a_look_goes_by_the_container(network: str, before: str, presence: Presence) -> None:
    stage = Stage(network, before=before)

    def look(**kept: str) -> Presence:
        found: Presence = stage.adapter.find(
            client(stage.answer), account(network), composed(stage.adapter), key(), kept
        ).presence
        return found

    assert look(container="7") is presence
    assert look(container="../me") is Presence.UNPROVABLE
    assert look() is Presence.ABSENT


@BOTH
@pytest.mark.parametrize("reading", [*NO_PROOF, answering(400, graph(100, 33)), answering(401, graph(190))])
def test_a_look_that_cannot_look_proves_nothing(network: str, reading: Answers) -> None:
    adapter = Stage(network).adapter
    found = adapter.find(client(reading), account(network), composed(adapter), key(), {"container": "7"})
    assert found.presence is Presence.UNPROVABLE
    assert found.detail


@BOTH
def test_the_next_day_is_named_where_the_day_s_posts_are_used_up(network: str) -> None:
    outcome = Stage(network, answering(403, graph(9, 2207042))).publish()
    assert outcome.retry_at == NOW + timedelta(days=1, seconds=5)


@BOTH
def test_the_token_goes_in_a_header_and_in_no_address_and_no_sentence(network: str) -> None:
    stage = Stage(network, making=answering(400, graph(100, message=f"{TOKEN} cannot say {TEXT}")))
    outcome = stage.publish()
    assert outcome.result is REJECTED
    assert stage.made[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in str(stage.made[0].url)
    assert TOKEN not in outcome.detail
    assert TEXT not in outcome.detail


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ("Error: Media upload has failed with error code 2207009", REJECTED),
        ("Error: Media upload has failed with error code 2207053", RETRYABLE),
        ("Error", RETRYABLE),
    ],
)
def test_instagram_s_error_is_what_its_words_name(words: str, result: Result) -> None:
    stage = Stage("instagram", before="ERROR", words=words)
    assert (stage.publish().result, stage.published) == (result, [])


@pytest.mark.parametrize(
    ("words", "result"), [("INVALID_ASPEC_RATIO", REJECTED), ("UNKNOWN", RETRYABLE), ("", RETRYABLE)]
)
def test_threads_s_error_is_what_its_message_says(words: str, result: Result) -> None:
    stage = Stage("threads", before="ERROR", words=words)
    assert (stage.publish().result, stage.published) == (result, [])


def test_threads_never_lets_two_steps_be_one() -> None:
    stage = Stage("threads")
    assert stage.publish(image_count=0).result is OK
    assert b"media_type=TEXT" in stage.made[0].content
    assert b"auto_publish" not in stage.made[0].content


def test_instagram_s_own_sign_in_is_asked_about_itself_and_renewed_and_a_page_s_is_not() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.path == "/refresh_access_token":
            return httpx.Response(200, json={"access_token": "IGfresh", "expires_in": 5_184_000})
        return httpx.Response(200, json={"id": "1000", "user_id": "42", "username": "cafe"})

    credentials = {"access_token": TOKEN, "login": "instagram"}
    own = Account("instagram", "42", "https://graph.instagram.com", credentials)
    assert INSTAGRAM.probe(client(answer), own).result is OK
    fresh = INSTAGRAM.refresh(client(answer), own, NOW)
    assert fresh is not None
    assert fresh.credentials["access_token"] == "IGfresh"
    assert fresh.ends_at == NOW + timedelta(days=60)
    assert fresh.credentials["login"] == "instagram"
    assert asked[1].url.params["grant_type"] == "ig_refresh_token"
    assert INSTAGRAM.refresh(client(answer), account("instagram"), NOW) is None
    assert len(asked) == 2


def test_a_renewal_that_is_refused_is_none() -> None:
    assert THREADS.refresh(client(answering(400, graph(190, 463))), account("threads"), NOW) is None


@pytest.mark.parametrize(
    "answer",
    [
        answering(500, graph(2)),
        answering(429),
        answering(200, b"<html>"),
        answering(200, {"access_token": "new"}),
        answering(200, {"access_token": "a b", "expires_in": 60}),
        answering(200, {"access_token": "new", "expires_in": -1}),
        failing(httpx.ReadTimeout("slow")),
    ],
)
def test_a_renewal_that_brings_nothing_usable_says_nothing_of_the_sign_in(answer: Answers) -> None:
    with pytest.raises(RenewalUnclear):
        THREADS.refresh(client(answer), account("threads"), NOW)
