"""Signed links: whatever is not exactly ours is a forgery, and nothing else is ever raised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from mesh.approvals import DEVICE_LIFETIME, LIFETIME, Action, Expired, Forged, Purpose, Signer, Token, new_nonce

KEY = "a-signing-key-of-forty-characters-0123456"
NEXT_KEY = "the-key-after-it-forty-characters-9876543"
NOW = datetime(2027, 3, 26, 8, 0, tzinfo=UTC)
TOKEN = Token(
    action=Action.REVIEW,
    posts=(("p_7k2m9qf4", "9f" * 32),),
    recipient="ada@example.test",
    round_id="r_1",
    nonce="Zm9vYmFyYmF6cXV4",
    expires_at=int((NOW + LIFETIME).timestamp()),
)


def signer(*keys: str, stack: str = "ss") -> Signer:
    return Signer(list(keys or (KEY,)), stack)


def test_a_token_reads_back_as_it_was_signed() -> None:
    assert signer().read(signer().sign(TOKEN), NOW) == TOKEN


def test_every_single_bit_flip_is_refused_or_reads_as_the_very_same_token() -> None:
    text = signer().sign(TOKEN).encode()
    read = 0
    for position in range(len(text)):
        for bit in range(8):
            flipped = bytearray(text)
            flipped[position] ^= 1 << bit
            try:
                assert signer().read(flipped.decode("latin-1"), NOW) == TOKEN
                read += 1
            except Forged:
                continue
    assert read < 8  # the spare bits of the last character


def test_another_stacks_token_is_a_forgery() -> None:
    with pytest.raises(Forged):
        signer().read(signer(stack="bakery").sign(TOKEN), NOW)


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose is not Purpose.LINK])
def test_what_is_signed_for_one_purpose_is_a_forgery_for_another(purpose: Purpose) -> None:
    with pytest.raises(Forged):
        signer().read(Signer([KEY], "ss", purpose).sign(TOKEN), NOW)
    with pytest.raises(Forged):
        Signer([KEY], "ss", purpose).read(signer().sign(TOKEN), NOW)


@pytest.mark.parametrize(("purpose", "longest"), [(Purpose.LINK, LIFETIME), (Purpose.DEVICE, DEVICE_LIFETIME)])
def test_what_is_good_for_longer_than_anything_ever_signed_is_a_forgery(purpose: Purpose, longest: timedelta) -> None:
    ours = Signer([KEY], "ss", purpose)

    def good_for(length: timedelta) -> str:
        return ours.sign(TOKEN.model_copy(update={"expires_at": int((NOW + length).timestamp())}))

    assert ours.read(good_for(longest + timedelta(hours=23)), NOW)  # another clock may be fast
    with pytest.raises(Forged):
        ours.read(good_for(longest + timedelta(days=1, seconds=1)), NOW)


def test_a_token_of_another_key_is_a_forgery() -> None:
    with pytest.raises(Forged):
        signer().read(signer(NEXT_KEY).sign(TOKEN), NOW)


def test_after_a_rotation_the_old_links_work_and_new_ones_carry_the_new_key() -> None:
    rotated = signer(KEY, NEXT_KEY)
    assert rotated.read(signer(KEY).sign(TOKEN), NOW) == TOKEN
    assert signer(NEXT_KEY).read(rotated.sign(TOKEN), NOW) == TOKEN


def test_a_key_that_was_taken_out_opens_nothing_any_more() -> None:
    with pytest.raises(Forged):
        signer(NEXT_KEY).read(signer(KEY).sign(TOKEN), NOW)


def test_a_link_past_its_time_is_expired_and_says_whose_it_was() -> None:
    with pytest.raises(Expired) as caught:
        signer().read(signer().sign(TOKEN), NOW + LIFETIME)
    assert caught.value.token == TOKEN


def test_a_link_is_good_until_the_second_before() -> None:
    assert signer().read(signer().sign(TOKEN), NOW + LIFETIME - timedelta(seconds=1)) == TOKEN


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        signer().read(signer().sign(TOKEN), NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    "text",
    [None, "", ".", "..", "a.b", "\ud800", "x.\udfff", b"\xff.\xff", 7, [], "." * 10_000, "e" * 100_000],
    ids=lambda text: ascii(text)[:12],
)
def test_anything_that_is_no_token_is_a_forgery(text: Any) -> None:
    with pytest.raises(Forged):
        signer().read(text, NOW)


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    with pytest.raises(Forged):
        signer().read(text, NOW)


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "text",
        7,
        {},
        {"a": "review"},
        {**TOKEN.model_dump(mode="json", by_alias=True), "a": "delete"},
        {**TOKEN.model_dump(mode="json", by_alias=True), "extra": 1},
        {**TOKEN.model_dump(mode="json", by_alias=True), "p": [["p", "r"]] * 11},
    ],
)
def test_what_our_key_signed_but_is_no_link_is_a_forgery(content: Any) -> None:
    import hashlib

    serializer = URLSafeSerializer(
        KEY, salt="ss/approval/v1", signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
    )
    assert signer().read(serializer.dumps(TOKEN.model_dump(mode="json", by_alias=True)), NOW) == TOKEN
    with pytest.raises(Forged):
        signer().read(serializer.dumps(content), NOW)


def test_a_token_stands_in_a_links_path_as_it_is() -> None:
    assert all(char.isascii() and (char.isalnum() or char in "-_.") for char in signer().sign(TOKEN))


def test_nonces_do_not_repeat() -> None:
    assert len({new_nonce() for _ in range(1_000)}) == 1_000
