"""LinkedIn alone: little text that is cut without an error, duplicates, organizations and members, versions, tokens of 60 days."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from local.clock import now
from local.networks.linkedin import VERSIONS
from local.networks.linkedin_text import public_text
from networks.linkedin import RESERVED, little_text
from networks.linkedin_door import API_VERSION
from networks.model import Account, AttemptKey, Draft, Image, LinkCard, Outcome, Pause, Presence, Rendition, Result

DRAFT = Draft("Soup of the day")
ORDERED = "".join(sorted(RESERVED))
HEADERS = {"linkedin-version": API_VERSION, "x-restli-protocol-version": "2.0.0"}
Clock = Callable[[timedelta], None]


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Moves the stack's clock so far ahead."""
    path = tmp_path / "clock.json"
    monkeypatch.setenv("MESH_CLOCK_FILE", str(path))
    return lambda ahead: path.write_text(json.dumps({"offset_seconds": ahead.total_seconds()})) and None


@pytest.fixture
def page(linkedin: Any, servers: Any) -> Any:
    """The channel of an organization."""
    return as_account(linkedin, servers, f"{linkedin.handle}-page", kind="organization")


def as_account(channel: Any, servers: Any, handle: str, **told: Any) -> Any:
    made = servers.accounts.add({"network": "linkedin", "handle": handle, **told})
    account = Account("linkedin", made["account_id"], made["host"], made["credentials"])
    return replace(channel, account=account, handle=handle)


def behave(channel: Any, **behaviour: Any) -> None:
    assert channel.http.post(f"{channel.host}/_local/behaviour", json=behaviour).status_code == 200


def ask(channel: Any, method: str, path: str, **content: Any) -> httpx.Response:
    told = {**HEADERS, "authorization": f"Bearer {channel.account.credentials['access_token']}"}
    headers = {name: value for name, value in {**told, **content.pop("headers", {})}.items() if value}
    answer: httpx.Response = channel.http.request(method, channel.host + path, headers=headers, **content)
    return answer


def body(channel: Any, **changed: Any) -> dict[str, Any]:
    whole = {
        "author": channel.account.account_id,
        "commentary": "Soup",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


def uploaded(channel: Any, content: bytes) -> str:
    wanted = {"initializeUploadRequest": {"owner": channel.account.account_id}}
    value = ask(channel, "POST", "/rest/images?action=initializeUpload", json=wanted).json()["value"]
    assert channel.http.put(value["uploadUrl"], content=content).status_code == 201
    return str(value["image"])


def send(channel: Any, rendition: Rendition, key: AttemptKey, **options: Any) -> Outcome:
    outcome: Outcome = channel.adapter.publish(
        channel.http, channel.account, rendition, key, lambda _: b"\xff\xd8\xff", now(), **options
    )
    return outcome


# little text


@pytest.mark.parametrize("character", ORDERED)
@pytest.mark.parametrize("around", ["{}", "Cake {} today", "{} first", "last {}", "tou{}ching", "{0}{0}{0}"])
def test_every_reserved_character_arrives_whole(linkedin: Any, key: AttemptKey, character: str, around: str) -> None:
    draft = Draft(around.format(character) + ".")
    outcome = linkedin.publish(draft, key)
    assert (outcome.result, outcome.detail) == (Result.OK, "")
    assert [post["text"] for post in linkedin.feed()] == [draft.text]


@pytest.mark.parametrize(
    "text",
    [
        ORDERED,
        ORDERED[::-1] + " and back",
        "Today (9:00-17:00): *cake* & <coffee> ~3 € [inside] {outside} a|b c_d \\o/ @anna #cake #1",
        "#cake_of_the_day, (#pie) #2027 ##x #a#b @[no one](urn:li:person:1) {hashtag|\\#|fake}",
        "see https://cafe.example/a_(b)?c=[d]#e~f or mail a_b@cafe.example",
        "\\\\ \\_ \\( \\",
        "line one_\n(line two)\n\n#three",
    ],
)
def test_mixed_reserved_characters_arrive_whole(linkedin: Any, key: AttemptKey, text: str) -> None:
    outcome = linkedin.publish(Draft(text), key)
    assert (outcome.result, outcome.detail) == (Result.OK, "")
    assert [post["text"] for post in linkedin.feed()] == [text]


def test_hashtags_are_the_networks_own_and_can_be_clicked(linkedin: Any, key: AttemptKey) -> None:
    outcome = linkedin.publish(Draft("Fresh #cake_day"), key)
    lying = ask(linkedin, "GET", f"/rest/posts/{quote(outcome.remote_id)}").json()
    assert lying["commentary"] == "Fresh {hashtag|\\#|cake\\_day}"


@pytest.mark.parametrize("character", ORDERED)
def test_a_bare_reserved_character_cuts_the_post_without_an_error_and_its_owner_is_told(
    linkedin: Any, key: AttemptKey, character: str
) -> None:
    composed = replace(
        linkedin.compose(Draft(f"Cake {character} coffee")),
        payload={"post": {"commentary": f"Cake {character} coffee"}},
    )
    outcome = send(linkedin, composed, key)
    assert outcome.result is Result.OK
    assert "the last 9 of 13 characters are missing" in outcome.detail
    assert [post["text"].strip() for post in linkedin.feed()] == ["Cake"]


def test_what_a_cut_post_lacks_is_not_said_where_nobody_may_read_it(linkedin: Any, key: AttemptKey) -> None:
    composed = replace(linkedin.compose(Draft("Cake (now)")), payload={"post": {"commentary": "Cake (now)"}})
    behave(linkedin, read_back_refused=True)
    outcome = send(linkedin, composed, key)
    assert (outcome.result, outcome.detail) == (Result.OK, "")


@pytest.mark.parametrize(
    ("commentary", "shown"),
    [
        ("{hashtag|\\#|cake}!", "#cake!"),
        ("Hi @[Cafe \\(Luna\\)](urn:li:organization:12)!", "Hi Cafe (Luna)!"),
        ("{hashtag|#|cake}", ""),
        ("Hi @[Luna](https://cafe.example)", "Hi "),
        ("Hi @anna", "Hi "),
        ("a \\n b", "a "),
        ("end\\", "end"),
    ],
)
def test_the_server_reads_templates_and_stops_at_what_is_none(commentary: str, shown: str) -> None:
    assert public_text(commentary) == shown


def test_adapter_and_server_count_alike(linkedin: Any) -> None:
    for text in ("👩‍🍳 (a_b) #cake", "\\" * 40, "#tag #other_tag é"):
        room = 3_000 - linkedin.adapter.measure(text).length - 1
        fits, over = (little_text("x" * (room + more) + " " + text) for more in (0, 1))
        assert ask(linkedin, "POST", "/rest/posts", json=body(linkedin, commentary=fits)).status_code == 201
        answer = ask(linkedin, "POST", "/rest/posts", json=body(linkedin, commentary=over))
        assert (answer.status_code, answer.json()["code"]) == (422, "FIELD_LENGTH_TOO_LONG")


# images and cards


def test_a_link_card_brings_its_picture(linkedin: Any, key: AttemptKey, picture: Image) -> None:
    card = LinkCard("https://cafe.example/menu", "Our menu", "Cakes", thumbnail=picture)
    outcome = linkedin.publish(Draft("Menu", card.url, card=card), key)
    assert outcome.result is Result.OK
    content = ask(linkedin, "GET", f"/rest/posts/{quote(outcome.remote_id)}").json()["content"]
    assert content["article"].keys() == {"source", "title", "description", "thumbnail"}
    assert linkedin.feed()[0]["link"] == card.url


def test_a_slow_image_is_waited_for_and_never_posted_before_it_is_ready(
    linkedin: Any, key: AttemptKey, picture: Image
) -> None:
    behave(linkedin, image_polls=3)
    linkedin.adapter = replace(linkedin.adapter, image_poll_seconds=0.01)
    assert linkedin.publish(Draft("Look", images=(picture, picture)), key).result is Result.OK
    assert len(linkedin.feed()[0]["images"]) == 2


def test_an_image_that_is_never_ready_ends_the_try_in_time(linkedin: Any, key: AttemptKey, picture: Image) -> None:
    behave(linkedin, image_polls=1_000_000)
    linkedin.impatient()
    linkedin.adapter = replace(linkedin.adapter, image_poll_seconds=0.05)
    assert linkedin.publish(Draft("Look", images=(picture,)), key).result is Result.RETRYABLE
    assert linkedin.feed() == []


def test_an_image_that_cannot_be_used_is_named(linkedin: Any, key: AttemptKey, picture: Image) -> None:
    behave(linkedin, image_fails=True)
    outcome = linkedin.publish(Draft("Look", images=(picture,)), key)
    assert (outcome.result, "image 1" in outcome.detail) == (Result.REJECTED, True)
    assert linkedin.feed() == []


def test_where_nobody_may_ask_about_an_image_it_is_posted_all_the_same(
    linkedin: Any, key: AttemptKey, picture: Image
) -> None:
    behave(linkedin, image_status_refused=True)
    assert linkedin.publish(Draft("Look", images=(picture,)), key).result is Result.OK


def test_a_gate_that_closes_during_the_uploads_keeps_the_post_back(
    linkedin: Any, key: AttemptKey, picture: Image
) -> None:
    outcome = send(linkedin, linkedin.compose(Draft("Look", images=(picture,))), key, confirm=lambda: "on hold")
    assert (outcome.result, outcome.closed, outcome.detail) == (Result.RETRYABLE, True, "on hold")
    assert linkedin.feed() == []


# duplicates and looks


def test_a_duplicate_that_can_be_seen_to_be_ours_is_the_post(linkedin: Any, key: AttemptKey) -> None:
    first, second = linkedin.publish(DRAFT, key), linkedin.publish(DRAFT, key)
    assert (second.result, second.remote_id, second.receipt["found"]) == (Result.OK, first.remote_id, "as a duplicate")
    assert len(linkedin.feed()) == 1


def test_a_duplicate_that_nobody_may_read_proves_nothing(linkedin: Any, key: AttemptKey) -> None:
    linkedin.publish(DRAFT, key)
    behave(linkedin, read_back_refused=True)
    assert linkedin.publish(DRAFT, key).result is Result.UNKNOWN


def test_a_duplicate_of_a_post_that_is_not_there_proves_nothing(linkedin: Any, key: AttemptKey) -> None:
    first = linkedin.publish(DRAFT, key)
    behave(linkedin, ghost_duplicates=True)
    assert ask(linkedin, "DELETE", f"/rest/posts/{quote(first.remote_id)}").status_code == 204
    outcome = linkedin.publish(DRAFT, key)
    assert outcome.result is Result.UNKNOWN
    assert first.remote_id not in outcome.detail
    assert linkedin.feed() == []


def test_a_duplicate_from_an_earlier_time_is_not_taken_for_this_post(
    linkedin: Any, key: AttemptKey, clock: Clock
) -> None:
    first = linkedin.publish(DRAFT, key)
    clock(timedelta(hours=3))
    later = AttemptKey(key.value, now())
    outcome = linkedin.publish(DRAFT, later)
    assert (outcome.result, first.url in outcome.detail) == (Result.UNKNOWN, True)
    clock(timedelta(days=2))
    assert linkedin.publish(DRAFT, AttemptKey(key.value, now())).result is Result.OK


def test_a_member_s_posts_are_not_asked_for_because_nobody_lists_them(linkedin: Any, key: AttemptKey) -> None:
    linkedin.publish(DRAFT, key)
    answer = ask(linkedin, "GET", f"/rest/posts?q=author&author={quote(linkedin.account.account_id)}&sortBy=CREATED")
    assert answer.status_code == 403
    linkedin.order("status", match=".*", status=500, count=9)
    assert linkedin.find(DRAFT, key).presence is Presence.UNPROVABLE
    assert linkedin.http.get(f"{linkedin.host}/_local/faults").json()[0]["count"] == 9


def test_an_organization_s_post_is_found_in_its_list(page: Any, key: AttemptKey, picture: Image) -> None:
    drafts = [Draft("Look (now) #cake", images=(picture, picture)), Draft("Menu", "https://cafe.example/menu"), DRAFT]
    for draft in drafts:
        assert page.find(draft, key).presence is Presence.UNPROVABLE
        outcome = page.publish(draft, key)
        found = page.find(draft, key)
        assert (found.presence, found.remote_id, found.url) == (Presence.PRESENT, outcome.remote_id, outcome.url)
    assert page.find(Draft("Look (now) #cake", images=(picture,)), key).presence is Presence.UNPROVABLE


def test_a_list_that_lags_behind_proves_nothing(page: Any, key: AttemptKey, clock: Clock) -> None:
    behave(page, listing_lag_seconds=60)
    page.publish(DRAFT, key)
    assert page.find(DRAFT, key).presence is Presence.UNPROVABLE
    clock(timedelta(seconds=61))
    assert page.find(DRAFT, key).presence is Presence.PRESENT


def test_an_older_post_with_the_same_words_is_not_ours(page: Any, key: AttemptKey, clock: Clock) -> None:
    page.publish(DRAFT, key)
    clock(timedelta(hours=1))
    assert page.find(DRAFT, AttemptKey(key.value, now())).presence is Presence.UNPROVABLE


def test_a_long_list_is_read_page_by_page(page: Any, key: AttemptKey) -> None:
    behave(page, daily_posts=500)
    first = page.publish(DRAFT, key)
    for number in range(104):
        ask(page, "POST", "/rest/posts", json=body(page, commentary=f"Post {number}"))
    assert page.find(DRAFT, key).remote_id == first.remote_id


# who and until when


def test_a_probe_knows_a_person_and_a_page_by_the_channel_s_id(linkedin: Any, page: Any) -> None:
    for channel in (linkedin, page):
        assert channel.adapter.probe(channel.http, channel.account).result is Result.OK
    for channel, other in ((linkedin, page), (page, linkedin)):
        mixed = replace(channel.account, account_id=other.account.account_id)
        assert channel.adapter.probe(channel.http, mixed).pause is Pause.MISMATCH
    strange = replace(linkedin.account, account_id="urn:li:person:nobody")
    assert linkedin.adapter.probe(linkedin.http, strange).pause is Pause.MISMATCH
    assert page.adapter.probe(page.http, replace(page.account, account_id="urn:li:organization:1")).pause is (
        Pause.MISMATCH
    )


def test_a_part_that_may_not_post_is_told_from_one_that_may(linkedin: Any, servers: Any) -> None:
    for role, pause in (("ANALYST", Pause.MISMATCH), ("CONTENT_ADMINISTRATOR", Pause.NONE)):
        page = as_account(linkedin, servers, f"{linkedin.handle}-{role.lower()}", kind="organization", role=role)
        assert page.adapter.probe(page.http, page.account).pause is pause


def test_a_version_that_is_gone_pauses_until_another_is_stored(
    linkedin: Any, page: Any, key: AttemptKey, picture: Image
) -> None:
    behave(linkedin, versions=["203001"])
    for channel in (linkedin, page):
        for draft in (DRAFT, Draft("Look", images=(picture,))):
            assert channel.publish(draft, key).pause is Pause.API_VERSION
        assert channel.adapter.probe(channel.http, channel.account).pause is Pause.API_VERSION
        stored = {**channel.account.credentials, "api_version": "203001"}
        channel.account = replace(channel.account, credentials=stored)
        assert channel.adapter.probe(channel.http, channel.account).result is Result.OK
        assert channel.publish(DRAFT, key).result is Result.OK


def test_the_version_that_is_sent_unless_told_otherwise_is_a_living_one() -> None:
    assert API_VERSION in VERSIONS


def test_the_day_s_posts_are_counted_and_begin_anew_at_midnight_utc(
    linkedin: Any, key: AttemptKey, clock: Clock
) -> None:
    behave(linkedin, daily_posts=1)
    assert linkedin.publish(DRAFT, key).result is Result.OK
    outcome = linkedin.publish(Draft("Another"), key)
    midnight = datetime.combine(now().date() + timedelta(days=1), datetime.min.time(), UTC)
    assert (outcome.result, outcome.retry_at) == (Result.RETRYABLE, midnight)
    clock(midnight - now() + timedelta(seconds=1))
    assert linkedin.publish(Draft("Another"), key).result is Result.OK


def test_without_a_refresh_token_the_owner_has_to_sign_in_again_after_60_days(
    linkedin: Any, key: AttemptKey, clock: Clock
) -> None:
    clock(timedelta(days=59))
    assert linkedin.publish(DRAFT, key).result is Result.OK
    ends_at = linkedin.account.ends_at
    assert ends_at is not None
    assert timedelta() < ends_at - now() < timedelta(days=1, minutes=1)
    clock(timedelta(days=60, seconds=1))
    assert linkedin.publish(Draft("Later"), key).pause is Pause.REAUTHORISE
    assert linkedin.adapter.refresh(linkedin.http, linkedin.account, now()) is None


def test_a_partner_s_sign_in_is_renewed_for_a_year(linkedin: Any, servers: Any, key: AttemptKey, clock: Clock) -> None:
    behave(linkedin, partner=True)
    channel = as_account(linkedin, servers, linkedin.handle)
    clock(timedelta(days=61))
    outcome = channel.publish(DRAFT, key)
    assert (outcome.result, outcome.expired, outcome.pause) == (Result.RETRYABLE, True, Pause.NONE)
    fresh = channel.adapter.refresh(channel.http, channel.account, now())
    assert fresh is not None
    assert fresh.credentials["refresh_token"] == channel.account.credentials["refresh_token"]
    assert fresh.ends_at is not None
    assert fresh.ends_at > now() + timedelta(days=59)
    channel.account = fresh
    assert channel.publish(DRAFT, key).result is Result.OK
    clock(timedelta(days=366))
    assert channel.adapter.refresh(channel.http, channel.account, now()) is None


def test_dead_tokens_pause_the_channel(linkedin: Any, key: AttemptKey, picture: Image) -> None:
    behave(linkedin, dead_tokens=True)
    for draft in (DRAFT, Draft("Look", images=(picture,))):
        assert linkedin.publish(draft, key).pause is Pause.REAUTHORISE
    assert linkedin.adapter.probe(linkedin.http, linkedin.account).pause is Pause.REAUTHORISE


def test_a_permission_that_is_missing_is_a_refusal_where_the_sign_in_is_the_right_one(
    linkedin: Any, servers: Any, key: AttemptKey
) -> None:
    channel = as_account(linkedin, servers, linkedin.handle, scopes="openid profile")
    outcome = channel.publish(DRAFT, key)
    assert (outcome.result, outcome.pause) == (Result.REJECTED, Pause.NONE)


# signing in

REDIRECT = "http://127.0.0.1:9/back"


def signed_in(channel: Any, scope: str, decision: str = "allow") -> dict[str, list[str]]:
    asked = {
        "response_type": "code",
        "client_id": "local",
        "redirect_uri": REDIRECT,
        "state": "s-1",
        "scope": scope,
    }
    shown = channel.http.get(f"{channel.host}/oauth/v2/authorization", params=asked)
    if shown.status_code == 302:
        return parse_qs(urlsplit(shown.headers["location"]).query)
    assert all(one in shown.text for one in scope.split())
    form = {**asked, "account": channel.account.account_id, "decision": decision}
    back = channel.http.post(f"{channel.host}/oauth/v2/authorization", data=form)
    return parse_qs(urlsplit(back.headers["location"]).query)


def redeemed(channel: Any, told: dict[str, str]) -> httpx.Response:
    form = {"client_id": "local", "redirect_uri": REDIRECT, **told}
    answer: httpx.Response = channel.http.post(f"{channel.host}/oauth/v2/accessToken", data=form)
    return answer


def app_secret(channel: Any, servers: Any) -> str:
    behave(channel, partner=True)
    made = servers.accounts.add({"network": "linkedin", "handle": channel.handle})
    behave(channel, partner=False)
    return str(made["credentials"]["client_secret"])


def test_who_signs_in_by_the_browser_can_post_as_what_was_allowed(linkedin: Any, servers: Any, key: AttemptKey) -> None:
    secret = app_secret(linkedin, servers)
    back = signed_in(linkedin, "openid profile w_member_social")
    assert back["state"] == ["s-1"]
    told = {"grant_type": "authorization_code", "code": back["code"][0], "client_secret": secret}
    answer = redeemed(linkedin, told).json()
    assert (answer["expires_in"], "refresh_token" in answer) == (5_184_000, False)
    linkedin.account = replace(linkedin.account, credentials={"access_token": answer["access_token"]})
    assert linkedin.adapter.probe(linkedin.http, linkedin.account).result is Result.OK
    outcome = linkedin.publish(DRAFT, key)
    assert (outcome.result, outcome.detail) == (Result.OK, "")
    assert redeemed(linkedin, told).json()["error"] == "invalid_grant"


def test_a_page_of_one_s_own_is_listed_to_who_may_ask(page: Any) -> None:
    listed = ask(page, "GET", "/rest/organizationAcls?q=roleAssignee").json()["elements"]
    assert [one["organization"] for one in listed] == [page.account.account_id]


def test_saying_no_and_unknown_scopes_come_back_as_errors(linkedin: Any) -> None:
    assert signed_in(linkedin, "openid", "deny")["error"] == ["access_denied"]
    assert signed_in(linkedin, "openid everything")["error"] == ["unauthorized_scope_error"]
    assert signed_in(linkedin, "")["error"] == ["unauthorized_scope_error"]


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"code": "wrong"}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:9/other"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_is_redeemed_by_its_app_alone(linkedin: Any, servers: Any, spoil: dict[str, str], error: str) -> None:
    told = {
        "grant_type": "authorization_code",
        "code": signed_in(linkedin, "openid")["code"][0],
        "client_secret": app_secret(linkedin, servers),
    }
    answer = redeemed(linkedin, {**told, **spoil})
    assert (answer.status_code, answer.json()["error"]) == (401 if error == "invalid_client" else 400, error)


def test_a_code_is_good_for_half_an_hour(linkedin: Any, servers: Any, clock: Clock) -> None:
    told = {
        "grant_type": "authorization_code",
        "code": signed_in(linkedin, "openid")["code"][0],
        "client_secret": app_secret(linkedin, servers),
    }
    clock(timedelta(minutes=31))
    assert redeemed(linkedin, told).json()["error"] == "invalid_grant"


def test_a_revoked_token_is_dead(linkedin: Any, servers: Any) -> None:
    form = {
        "client_id": "local",
        "client_secret": app_secret(linkedin, servers),
        "token": linkedin.account.credentials["access_token"],
    }
    assert linkedin.http.post(f"{linkedin.host}/oauth/v2/revoke", data=form).status_code == 200
    assert linkedin.adapter.probe(linkedin.http, linkedin.account).pause is Pause.REAUTHORISE


# what the server refuses


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"surprise": 1}, 422),
        ({"distribution": {"feedDistribution": "MAIN_FEED", "surprise": 1}}, 422),
        ({"content": {"article": {"source": "https://cafe.example", "title": "x", "surprise": 1}}}, 422),
        ({"content": {"article": {"title": "x"}}}, 422),
        ({"content": {"article": {"source": "cafe.example", "title": "x"}}}, 422),
        ({"content": {"article": {"source": "https://cafe.example", "title": "x" * 401}}}, 422),
        ({"content": {"media": {"id": "urn:li:image:x"}, "article": {}}}, 422),
        ({"content": {"media": {"id": "urn:li:image:x"}}}, 400),
        ({"content": {"media": {"id": "urn:li:image:x", "altText": "x" * 4_087}}}, 422),
        ({"content": {"multiImage": {"images": [{"id": "urn:li:image:x"}]}}}, 400),
        ({"content": {"multiImage": {"images": [{"id": "urn:li:image:x"}] * 21}}}, 400),
        ({"commentary": 7}, 422),
        ({"commentary": None}, 422),
        ({"commentary": ""}, 400),
        ({"author": None}, 422),
        ({"author": "urn:li:person:somebody"}, 403),
        ({"visibility": "EVERYONE"}, 422),
        ({"visibility": None}, 422),
        ({"lifecycleState": "DRAFT"}, 422),
        ({"distribution": None}, 422),
        ({"isReshareDisabledByAuthor": "no"}, 422),
    ],
    ids=str,
)
def test_a_post_that_is_not_of_the_shape_is_refused(linkedin: Any, changed: dict[str, Any], status: int) -> None:
    answer = ask(linkedin, "POST", "/rest/posts", json=body(linkedin, **changed))
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.json()["message"]
    assert linkedin.feed() == []


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"linkedin-version": ""}, 400, "VERSION_MISSING"),
        ({"linkedin-version": "202406"}, 426, "NONEXISTENT_VERSION"),
        ({"x-restli-protocol-version": ""}, 400, "ILLEGAL_ARGUMENT"),
        ({"authorization": ""}, 401, "INVALID_ACCESS_TOKEN"),
        ({"authorization": "Bearer wrong"}, 401, "INVALID_ACCESS_TOKEN"),
        ({"content-type": "text/plain"}, 400, "ILLEGAL_ARGUMENT"),
    ],
)
def test_a_request_without_what_every_request_needs_is_refused(
    linkedin: Any, headers: dict[str, str], status: int, code: str
) -> None:
    answer = ask(linkedin, "POST", "/rest/posts", json=body(linkedin), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_image_is_posted_by_its_owner_alone_and_only_when_it_is_there(
    linkedin: Any, servers: Any, picture_bytes: bytes
) -> None:
    stranger = as_account(linkedin, servers, f"{linkedin.handle}-b")
    theirs = {"content": {"media": {"id": uploaded(stranger, picture_bytes)}}}
    answer = ask(linkedin, "POST", "/rest/posts", json=body(linkedin, **theirs))
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_CONTENT_OWNERSHIP")
    wanted = {"initializeUploadRequest": {"owner": linkedin.account.account_id}}
    value = ask(linkedin, "POST", "/rest/images?action=initializeUpload", json=wanted).json()["value"]
    empty = {"content": {"media": {"id": value["image"]}}}
    answer = ask(linkedin, "POST", "/rest/posts", json=body(linkedin, **empty))
    assert (answer.status_code, answer.json()["code"]) == (400, "MEDIA_ASSET_WAITING_UPLOAD")
    wanted = {"initializeUploadRequest": {"owner": stranger.account.account_id}}
    assert ask(linkedin, "POST", "/rest/images?action=initializeUpload", json=wanted).status_code == 403
    assert linkedin.http.put(value["uploadUrl"][:-1], content=picture_bytes).status_code == 403


def test_what_is_no_image_fails_after_its_upload(linkedin: Any) -> None:
    urn = uploaded(linkedin, b"%PDF-1.7")
    assert ask(linkedin, "GET", f"/rest/images/{quote(urn)}").json()["status"] == "PROCESSING_FAILED"


@pytest.mark.parametrize(
    "told", [{"kind": "robot"}, {"kind": "organization", "again": True}], ids=["an unknown kind", "two kinds at once"]
)
def test_accounts_that_make_no_sense_are_refused(linkedin: Any, told: dict[str, Any]) -> None:
    handle = linkedin.handle if told.pop("again", False) else "nobody"
    answer = linkedin.http.post(
        f"{linkedin.host}/_local/accounts", json={"network": "linkedin", "handle": handle, **told}
    )
    assert answer.status_code == 400
