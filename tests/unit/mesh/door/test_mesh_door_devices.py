"""Devices that act at once: their names, their list, their cookies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from approve_handler.settings import ApproveSettings
from mesh.approvals import DEVICE_LIFETIME, Purpose, Signer
from mesh.door.devices import (
    MOST,
    Device,
    DeviceCookies,
    device_of,
    devices_in,
    devices_key,
    kept,
    plain_name,
    with_one_more,
)

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
ADA, BEN = "ada@example.test", "ben@example.test"
COOKIES = DeviceCookies(Signer(["k" * 40], "ss", Purpose.DEVICE), "ss")
PHONE = Device("d1", "Safari on iPhone", NOW.isoformat())


def cookie(recipient: str = ADA, device_id: str = "d1", now: datetime = NOW) -> str:
    return COOKIES.set(recipient, device_id, now).partition(";")[0]


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/130.0 Mobile Safari/604.1", "Chrome on iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Linux; Android 14) SamsungBrowser/26.0 Chrome/122 Safari/537.36", "Samsung Internet on Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15) Gecko/20100101 Firefox/132.0", "Firefox on a Mac"),
        ("", "A browser"),
        ("<script>alert(1)</script>", "A browser"),
    ],
)
def test_a_device_is_named_in_plain_words_and_never_in_those_it_sent(agent: str, name: str) -> None:
    assert plain_name(agent) == name


def test_the_list_keeps_the_newest() -> None:
    many: tuple[Device, ...] = ()
    for number in range(MOST + 5):
        many = with_one_more(many, Device(f"d{number}", "", (NOW + timedelta(days=number)).isoformat()))
    assert [one.id for one in many] == [f"d{number}" for number in range(5, MOST + 5)]
    assert devices_in({"kept": kept(many)}) == many


@pytest.mark.parametrize("item", [None, {}, {"kept": {}}, {"kept": None}])
def test_no_list_is_an_empty_one(item: dict[str, Any] | None) -> None:
    assert devices_in(item) == ()


def test_a_cookie_is_good_for_its_recipient_and_while_its_device_is_listed() -> None:
    claims = COOKIES.claims([cookie(), "other=1", "__Host-ss-00000000=junk"], NOW)
    listed = {devices_key(ADA): {"kept": kept([PHONE])}}
    assert device_of(claims, " Ada@Example.TEST", listed) == PHONE
    assert device_of(claims, BEN, {devices_key(BEN): {"kept": kept([PHONE])}}) is None
    assert device_of(claims, ADA, {}) is None
    assert device_of(COOKIES.claims([cookie(device_id="d2")], NOW), ADA, listed) is None


def test_two_recipients_of_one_browser_have_a_cookie_each() -> None:
    claims = COOKIES.claims([cookie(ADA), cookie(BEN, "d2")], NOW)
    assert {claim.recipient: claim.device_id for claim in claims} == {ADA: "d1", BEN: "d2"}


def test_a_cookie_ends_after_four_hundred_days_whatever_the_browser_keeps() -> None:
    assert COOKIES.claims([cookie()], NOW + DEVICE_LIFETIME - timedelta(minutes=1))
    assert not COOKIES.claims([cookie()], NOW + DEVICE_LIFETIME)


def test_a_cookie_under_another_name_is_none() -> None:
    _, _, value = cookie().partition("=")
    assert not COOKIES.claims([f"{COOKIES.name(BEN)}={value}", f"ss={value}"], NOW)


def test_recipients_are_compared_as_people_write_them() -> None:
    names = ("STATUS_TABLE", "SENDS_TABLE", "AUDIT_TABLE", "RUNTIME_TABLE", "POSTS_BUCKET", "SIGNING_SECRET")
    settings = ApproveSettings.load(
        {**dict.fromkeys(names, "x"), "TZ_NAME": "UTC", "RECIPIENTS": " Ada@Example.test ,, b@x.test"}
    )
    assert settings.one_of_us("ada@example.TEST ") == "Ada@Example.test"
    assert settings.one_of_us("") == ""
    assert settings.one_of_us("c@x.test") == ""
