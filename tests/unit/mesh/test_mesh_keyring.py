"""Keys that are read again: a rotation while a function is warm, a key taken away, and who sends forgeries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mesh.approvals import Action, Coder, Forged, Signer, Token
from mesh.errors import Misconfigured, Throttled
from mesh.keyring import Keyring

OLD, NEW = "old" * 12, "new" * 12
NOW = datetime(2027, 3, 20, 8, tzinfo=UTC)


class Secret:
    def __init__(self) -> None:
        self.keys = [OLD]
        self.reads = 0
        self.trouble: Exception | None = None

    def __call__(self) -> list[str]:
        self.reads += 1
        if self.trouble is not None:
            raise self.trouble
        return list(self.keys)


class Warm:
    """A function that stays warm: its secret, its clock, its keys."""

    def __init__(self) -> None:
        self.secret = Secret()
        self.now = NOW
        self.ring = Keyring(self.secret, now=lambda: self.now)
        self.signer = Signer(self.ring, "ss")

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)


def token() -> Token:
    return Token(
        action=Action.REVIEW,
        posts=(("p_1", "r"),),
        recipient="ada@example.test",
        round_id="r_1",
        nonce="n",
        expires_at=int((NOW + timedelta(days=3)).timestamp()),
    )


def test_a_link_signed_by_a_key_that_came_since_is_read_at_once_and_so_is_an_older_one() -> None:
    warm = Warm()
    before = warm.signer.sign(token())
    warm.secret.keys = [OLD, NEW]
    after = Signer([OLD, NEW], "ss").sign(token())
    assert warm.signer.read(after, NOW) == token()
    assert warm.signer.read(before, NOW) == token()
    assert warm.secret.reads == 2


def test_six_digits_by_a_key_that_came_since_are_right_at_once() -> None:
    warm = Warm()
    warm.secret.keys = [OLD, NEW]
    coder = Coder(warm.ring, "ss")
    assert coder.is_right(Coder([OLD, NEW], "ss").code("c_1", "ada"), "c_1", "ada")


def test_forgeries_have_the_secret_read_once_a_minute_however_many_they_are() -> None:
    warm = Warm()
    forged = Signer(["x" * 32], "ss").sign(token())
    for _ in range(500):
        with pytest.raises(Forged):
            warm.signer.read(forged, NOW)
        warm.later(seconds=0.2)
    assert warm.secret.reads == 1 + 2  # a hundred seconds of it


def test_among_forgeries_a_new_key_is_known_within_a_minute() -> None:
    warm = Warm()
    with pytest.raises(Forged):
        warm.signer.read("forged.forged", NOW)
    warm.secret.keys = [OLD, NEW]
    after = Signer([OLD, NEW], "ss").sign(token())
    warm.later(seconds=61)
    assert warm.signer.read(after, NOW) == token()


def test_a_key_that_was_taken_away_is_good_for_no_more_than_five_minutes() -> None:
    warm = Warm()
    leaked = warm.signer.sign(token())
    warm.secret.keys = [NEW]
    warm.later(minutes=5)
    with pytest.raises(Forged):
        warm.signer.read(leaked, NOW)
    assert Signer([NEW], "ss").read(warm.signer.sign(token()), NOW) == token()


@pytest.mark.parametrize("trouble", [Throttled("asked to wait"), Misconfigured("no key in it")])
def test_while_the_secret_cannot_be_read_the_keys_that_are_held_go_on(trouble: Exception) -> None:
    warm = Warm()
    link = warm.signer.sign(token())
    warm.secret.trouble = trouble
    for _ in range(20):
        warm.later(minutes=5, seconds=1)
        assert warm.signer.read(link, NOW) == token()
        warm.signer.sign(token())
    assert warm.secret.reads == 1 + 20  # once for each five minutes, not for each link
