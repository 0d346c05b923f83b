"""A link whose signature does not hold is told from a stranger's guess by what it knows, at the cost of one read."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from approve_handler.settings import ApproveSettings
from approve_handler.tampering import made_of_ours
from mesh.approvals import Action, Signer, Token, words_of
from mesh.errors import Unreachable
from mesh.ledger import Approval, PackageRef, Status

NOW = datetime(2027, 3, 20, 9, tzinfo=UTC)
POST, REVISION = "p_7k2m9qf4", "a" * 64
TOKEN = Token(
    action=Action.REVIEW,
    posts=((POST, REVISION),),
    recipient="ada@example.test",
    round_id="r_1",
    nonce="n1",
    expires_at=int((NOW + timedelta(days=20)).timestamp()),
)
SETTINGS = ApproveSettings.load(
    {
        "PREFIX": "ss",
        "TZ_NAME": "Europe/Berlin",
        "RECIPIENTS": "ada@example.test, ben@example.test",
        "SIGNING_SECRET": "s",
        **{f"{name}_TABLE": name for name in ("STATUS", "SENDS", "AUDIT", "RUNTIME")},
        "POSTS_BUCKET": "b",
    }
)


class Desk:
    """As much of the approver's desk as is asked: the post, and which ones were looked up."""

    def __init__(self, error: Exception | None = None, **update: Any) -> None:
        self.read: list[str] = []
        self.ledger = self
        self._error = error
        package = PackageRef(source_revision="s1", revision=REVISION)
        self._post = Status(post_id=POST, source_revision="s1", package=package).model_copy(update=update)

    def status(self, post_id: str) -> Status | None:
        self.read.append(post_id)
        if self._error is not None:
            raise self._error
        return self._post if post_id == POST else None


def forged(**update: Any) -> str:
    return Signer(["a-strangers-own-key-of-forty-characters-0"], "ss").sign(TOKEN.model_copy(update=update))


def counts(text: str, desk: Desk | None = None) -> bool:
    return made_of_ours(desk or Desk(), SETTINGS, text, NOW)  # type: ignore[arg-type]


def test_who_names_an_approver_a_post_and_its_revision_has_one_of_our_links() -> None:
    assert counts(forged())
    assert counts(forged()[:-5]), "also where the link was cut"
    older = Desk(package=None, approval=Approval(revision=REVISION, by="ada", how="mail", at=NOW.isoformat()))
    assert counts(forged(), older), "the one that was approved"


@pytest.mark.parametrize(
    "update",
    [
        {"posts": ((POST, "b" * 64),)},
        {"posts": ((POST, ""),)},
        {"posts": (("p_guessed1", REVISION),)},
        {"posts": (("p\ud800", REVISION),)},
        {"posts": (("", REVISION),)},
        {"posts": ()},
        {"recipient": "eve@example.test"},
        {"expires_at": int(NOW.timestamp())},
    ],
    ids=lambda update: "-".join(update),
)
def test_who_does_not_is_a_stranger(update: dict[str, Any]) -> None:
    said = TOKEN.model_copy(update=update).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    words = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    assert not counts(f"{words}.{'A' * 43}")


@pytest.mark.parametrize(
    "text", ["", ".", "x", "x.y", "..", "é.é", "\ud800.x", f"{'A' * 9_000}.x", ".eJw.x", "W10.x", "eyJhIjo3fQ.x"]
)
def test_what_has_no_tokens_shape_costs_no_read(text: str) -> None:
    desk = Desk()
    assert not counts(text, desk)
    assert desk.read == []


def test_the_read_is_the_same_one_whomever_it_names() -> None:
    read = []
    for update in ({}, {"recipient": "eve@example.test"}, {"posts": (("p_guessed1", REVISION), (POST, REVISION))}):
        desk = Desk()
        counts(forged(**update), desk)
        read.append(len(desk.read))
    assert read == [1, 1, 1], "the time it takes says nothing of who approves"


def test_where_the_tables_do_not_answer_nothing_is_counted_and_nothing_raised() -> None:
    assert not counts(forged(), Desk(Unreachable("no answer")))


def test_packed_words_are_unpacked_and_a_bomb_is_not() -> None:
    many = TOKEN.model_copy(update={"posts": tuple((POST, REVISION) for _ in range(10))})
    packed = Signer(["k" * 40], "ss").sign(many)
    assert packed.startswith(".")
    assert words_of(packed) == many
    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 5_000_000 + b"{}")).decode().rstrip("=")
    assert words_of(f".{bomb}.x") is None
