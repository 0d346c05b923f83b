"""The Mastodon adapter against mastodon-mock, a server of other people's making, and its faults.

Where the mock differs from Mastodon, the test says so: it counts code points where Mastodon counts characters as people see
them, counts an address in full where Mastodon counts 23, and tells the end of a rate limit in unix seconds where Mastodon
writes a date. Its faults come before the effect; those after it are made by the proxy.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from between import Held, answer_lost, broken_after_effect, never_arrived
from real_channels import PICTURE, PNG, MastodonChannel, new_key

from networks.mastodon_text import html_words
from networks.model import AttemptKey, Draft, Pause, Presence, Rendition, Result

pytestmark = pytest.mark.real

TEXT = "Käsekuchen 🥧 & Tee <3 für alle 👩‍👩‍👧\n\n#Kuchen https://cafe.example/menu?a=1&b=2"
DRAFT = Draft(TEXT)


def test_a_text_arrives_as_it_was_written(mastodon: MastodonChannel, key: AttemptKey) -> None:
    outcome = mastodon.publish(DRAFT, key)

    assert outcome.result is Result.OK, outcome
    (status,) = mastodon.statuses()
    assert (status["id"], status["url"], status["visibility"]) == (outcome.remote_id, outcome.url, "public")
    assert html_words(status["content"]).split() == TEXT.split()


def test_a_link_stands_below_the_text(mastodon: MastodonChannel, key: AttemptKey) -> None:
    assert mastodon.publish(Draft("Our menu", "https://cafe.example/menu"), key).result is Result.OK

    (status,) = mastodon.statuses()
    assert html_words(status["content"]) == "Our menu\n\nhttps://cafe.example/menu"


def test_an_image_arrives_byte_for_byte_with_its_alt_text(mastodon: MastodonChannel, key: AttemptKey) -> None:
    assert mastodon.publish(Draft("Look", images=(PICTURE,)), key).result is Result.OK

    (status,) = mastodon.statuses()
    (media,) = status["media_attachments"]
    assert (media["type"], media["description"]) == ("image", PICTURE.alt)
    assert mastodon.http.get(media["url"]).content == PNG


@pytest.mark.parametrize("draft", [DRAFT, Draft("Look", images=(PICTURE,))], ids=["text", "image"])
def test_the_same_key_twice_is_one_status(mastodon: MastodonChannel, key: AttemptKey, draft: Draft) -> None:
    first, second = mastodon.publish(draft, key), mastodon.publish(draft, key)

    assert (first.result, first.remote_id, first.url) == (second.result, second.remote_id, second.url)
    assert len(mastodon.statuses()) == 1
    assert mastodon.find(draft, key).remote_id == first.remote_id


def test_two_keys_are_two_statuses(mastodon: MastodonChannel, key: AttemptKey) -> None:
    assert mastodon.publish(DRAFT, key).remote_id != mastodon.publish(DRAFT, new_key(key.created_at)).remote_id
    assert len(mastodon.statuses()) == 2


def test_eight_at_once_are_one_status(mastodon: MastodonChannel, key: AttemptKey) -> None:
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: mastodon.publish(DRAFT, key), range(8)))

    assert {outcome.result for outcome in outcomes} == {Result.OK}, outcomes
    assert len({outcome.remote_id for outcome in outcomes}) == 1
    assert len(mastodon.statuses()) == 1


def test_a_look_tells_present_from_absent(mastodon: MastodonChannel, key: AttemptKey) -> None:
    draft = Draft(TEXT, images=(PICTURE,))
    mastodon.publish(Draft("Something else"), new_key())
    mastodon.publish(DRAFT, new_key())
    assert mastodon.find(draft, key).presence is Presence.ABSENT

    outcome = mastodon.publish(draft, key)

    found = mastodon.find(draft, key)
    assert (found.presence, found.remote_id, found.url) == (Presence.PRESENT, outcome.remote_id, outcome.url)


def test_a_look_goes_back_over_several_pages(mastodon: MastodonChannel, key: AttemptKey) -> None:
    outcome = mastodon.publish(DRAFT, key)
    for number in range(45):
        mastodon.publish(Draft(f"Later {number}"), new_key())

    assert mastodon.find(DRAFT, key).remote_id == outcome.remote_id


def test_a_deleted_status_is_absent(mastodon: MastodonChannel, key: AttemptKey) -> None:
    outcome = mastodon.publish(DRAFT, key)
    own = {"authorization": f"Bearer {mastodon.account.credentials['access_token']}"}
    address = f"{mastodon.origin}/api/v1/statuses/{outcome.remote_id}"
    mastodon.http.delete(address, headers=own).raise_for_status()

    assert mastodon.find(DRAFT, key).presence is Presence.ABSENT


# the mock's faults


def test_a_rate_limit_is_retried_after_the_wait_it_names(mastodon: MastodonChannel, key: AttemptKey) -> None:
    """The mock sends ``Retry-After: 300`` beside a reset in unix seconds; both mean five minutes."""
    mastodon.fault({"type": "ratelimit"})
    before = datetime.now(UTC)

    outcome = mastodon.publish(DRAFT, key)

    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.NONE)
    assert outcome.retry_at is not None
    assert timedelta(minutes=4, seconds=50) < outcome.retry_at - before < timedelta(minutes=5, seconds=10)
    assert mastodon.statuses() == []


@pytest.mark.parametrize("form", ["a date, as Mastodon", "unix seconds, as the mock"])
def test_a_rate_limits_reset_is_read_as_either_writes_it(mastodon: MastodonChannel, key: AttemptKey, form: str) -> None:
    reset = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=7)
    told = reset.isoformat().replace("+00:00", "Z") if form.startswith("a date") else str(int(reset.timestamp()))
    mastodon.fault({"type": "status", "status": 429, "headers": {"X-RateLimit-Reset": told}})

    assert mastodon.publish(DRAFT, key).retry_at == reset


def test_a_500_before_the_effect_is_unknown_and_absent(mastodon: MastodonChannel, key: AttemptKey) -> None:
    mastodon.fault({"type": "status", "status": 500})

    assert mastodon.publish(DRAFT, key).result is Result.UNKNOWN

    assert mastodon.find(DRAFT, key).presence is Presence.ABSENT
    assert mastodon.publish(DRAFT, key).result is Result.OK
    assert len(mastodon.statuses()) == 1


@pytest.mark.parametrize(
    "effect", [{"type": "malformed"}, {"type": "malformed", "truncate": False}], ids=["cut", "no JSON"]
)
def test_a_200_that_names_no_status_is_unknown(
    mastodon: MastodonChannel, key: AttemptKey, effect: dict[str, Any]
) -> None:
    mastodon.fault(effect)

    assert mastodon.publish(DRAFT, key).result is Result.UNKNOWN
    assert mastodon.statuses() == []


def test_an_effect_later_than_our_patience_is_unknown_then_one_status(
    mastodon: MastodonChannel, key: AttemptKey
) -> None:
    """The mock waits three seconds and then posts, although nobody listens any more: an effect that lands late."""
    mastodon.impatient()
    mastodon.fault({"type": "latency", "delay_ms": 3_000})
    assert mastodon.publish(DRAFT, key).result is Result.UNKNOWN
    assert mastodon.find(DRAFT, key).presence is Presence.ABSENT

    repeated = mastodon.publish(DRAFT, key, later=timedelta(minutes=5))
    assert repeated.result is Result.OK
    mastodon.between.wait_until_answered()

    assert [status["id"] for status in mastodon.statuses()] == [repeated.remote_id]


@pytest.mark.parametrize("status", [401, 422])
def test_a_documented_refusal_is_one(mastodon: MastodonChannel, key: AttemptKey, status: int) -> None:
    mastodon.fault({"type": "status", "status": status, "body": {"error": "Validation failed"}})

    outcome = mastodon.publish(DRAFT, key)

    expected = (Result.RETRYABLE, Pause.REAUTHORISE) if status == 401 else (Result.REJECTED, Pause.NONE)
    assert (outcome.result, outcome.pause) == expected


# the line's faults


@pytest.mark.parametrize(
    ("twist", "posted"),
    [(answer_lost, 1), (broken_after_effect, 1), (never_arrived, 0)],
    ids=["answer lost", "500 after effect", "never arrived"],
)
@pytest.mark.parametrize("draft", [DRAFT, Draft("Look", images=(PICTURE,))], ids=["text", "image"])
def test_what_proves_nothing_is_unknown_then_found_and_one_status(
    mastodon: MastodonChannel, key: AttemptKey, twist: Any, posted: int, draft: Draft
) -> None:
    mastodon.between.script = [twist]

    assert mastodon.publish(draft, key).result is Result.UNKNOWN

    assert len(mastodon.statuses()) == posted
    assert mastodon.find(draft, key).presence is (Presence.PRESENT if posted else Presence.ABSENT)
    assert mastodon.publish(draft, key, later=timedelta(minutes=5)).result is Result.OK
    assert len(mastodon.statuses()) == 1
    assert len(mastodon.between.creating) == (1 if posted else 2), "what is found is not sent again"


def test_an_answer_that_comes_too_late_is_unknown_and_then_found(mastodon: MastodonChannel, key: AttemptKey) -> None:
    mastodon.impatient()
    held = Held()
    mastodon.between.script = [held]

    assert mastodon.publish(DRAFT, key).result is Result.UNKNOWN

    held.let_go()
    assert mastodon.find(DRAFT, key).presence is Presence.PRESENT
    assert len(mastodon.statuses()) == 1


# who is who


def test_a_wrong_token_pauses_the_channel(mastodon: MastodonChannel, key: AttemptKey) -> None:
    assert mastodon.adapter.probe(mastodon.http, mastodon.account).result is Result.OK
    mastodon.sign_in_with(access_token="revoked-token")

    outcome = mastodon.publish(DRAFT, key)

    assert (outcome.result, outcome.pause) == (Result.RETRYABLE, Pause.REAUTHORISE)
    assert "revoked-token" not in outcome.detail
    assert mastodon.adapter.probe(mastodon.http, mastodon.account).pause is Pause.REAUTHORISE
    assert mastodon.statuses() == []


def test_the_token_of_another_account_is_noticed(mastodon: MastodonChannel, key: AttemptKey) -> None:
    mastodon.sign_in_with(access_token="stranger")

    assert mastodon.adapter.probe(mastodon.http, mastodon.account).pause is Pause.MISMATCH
    outcome = mastodon.publish(DRAFT, key)
    assert (outcome.result, outcome.pause) == (Result.OK, Pause.MISMATCH)
    assert mastodon.statuses() == []


# lengths


def test_too_long_a_text_is_refused_by_us_and_by_the_server(mastodon: MastodonChannel, key: AttemptKey) -> None:
    text = "é" * 501
    problems = mastodon.adapter.compose(Draft(text))
    assert isinstance(problems, tuple)
    assert [problem.code for problem in problems] == ["too-long"]

    outcome = mastodon.publish(Rendition(text, {"status": {"status": text, "visibility": "public"}}), key)

    assert outcome.result is Result.REJECTED, outcome
    assert mastodon.statuses() == []


@pytest.mark.parametrize(
    "text",
    ["https://cafe.example/" + "x" * 500, "👩‍👩‍👧‍👦" * 100, "@anna@" + "a-very-long-host." * 30 + "example and more"],
    ids=["an address counts 23", "a family counts one", "a mention counts without its host"],
)
def test_where_the_mock_counts_wrong_its_refusal_is_still_a_plain_one(
    mastodon: MastodonChannel, key: AttemptKey, text: str
) -> None:
    """Mastodon takes each of these; the mock counts code points and refuses. Our measure follows Mastodon."""
    assert mastodon.adapter.measure(text).over == 0

    outcome = mastodon.publish(Draft(text), key)

    assert outcome.result is Result.REJECTED
    assert "too long" in outcome.detail
