"""The Function URL over real tables (moto): what opening a link does not do, and what one press does."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto_mesh import SIGNING_KEY, MotoMesh

from approve_handler.handler import handler
from mesh.approvals import Action, Signer, Token
from mesh.events import Approved, Held
from mesh.ledger import Act, FlagState, PackageRef, Status
from mesh.ledger.audit import row_hash
from mesh.packages import Manifest, PackedChannel

NOW = datetime.now(UTC)
ORIGIN = "https://approve.example.test"
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "PutEvents", "PutObject"}


@pytest.fixture
def revision(mesh: MotoMesh) -> str:
    """A post with a package, waiting for its approval."""
    return package(mesh, "s1", "Hallo <script>alert(1)</script> & „Möwe“")


def package(mesh: MotoMesh, source: str, text: str) -> str:
    channel = PackedChannel(network="bluesky", account="did:plc:a", host="https://bsky.social", text=text, payload={})
    manifest = Manifest(
        post_id="p_1",
        source_revision=source,
        planned_at=(NOW + timedelta(days=1)).isoformat(),
        time_zone="Europe/Berlin",
        channels={"bluesky-main": channel},
    )
    made = mesh.packages.write(manifest, {})

    def change(before: Status | None) -> Status:
        base = before or Status(post_id="p_1", channels=("bluesky-main",), due_at=manifest.planned_at)
        update = {"source_revision": source, "package": PackageRef(source_revision=source, revision=made)}
        return base.model_copy(update=update)

    mesh.ledger.change_status("p_1", Act("package ready", "renderer", NOW), change)
    return made


def link(revision: str, action: Action = Action.REVIEW, *, stack: str = "ss", **update: Any) -> str:
    token = Token(
        action=action,
        posts=(("p_1", revision),),
        recipient="ada@example.test",
        round_id="r_1",
        nonce=update.pop("nonce", "n-1"),
        expires_at=int((NOW + timedelta(days=3)).timestamp()),
    )
    return Signer([SIGNING_KEY], stack).sign(token.model_copy(update=update))


def call(method: str, token: str, **headers: str) -> dict[str, Any]:
    sent = (
        {"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded", **headers}
        if method == "POST"
        else headers
    )
    event = {
        "version": "2.0",
        "rawPath": f"/{token}",
        "headers": sent,
        "requestContext": {"http": {"method": method}, "domainName": "x.on.aws"},
        "body": "go=1" if method == "POST" else "",
    }
    return handler(event, object())


def status(mesh: MotoMesh) -> Status:
    found = mesh.ledger.status("p_1")
    assert found is not None
    return found


def plain(answer: dict[str, Any]) -> str:
    """The page without its one-time nonce."""
    return re.sub(r'nonce="[^"]+"', "", answer["body"])


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("action", list(Action))
def test_opening_a_link_changes_nothing(mesh: MotoMesh, revision: str, method: str, action: Action) -> None:
    call(method, link(revision, action))
    mesh.calls.clear()
    for _ in range(3):
        assert call(method, link(revision, action))["statusCode"] == 200
    assert not WRITES & set(mesh.calls)


def test_one_press_approves_exactly_this_revision_and_burns_its_nonce(mesh: MotoMesh, revision: str) -> None:
    answer = call("POST", link(revision))
    after = status(mesh)
    assert answer["statusCode"] == 200
    assert after.approved
    assert after.approval is not None
    assert (after.approval.revision, after.approval.by) == (revision, "ada@example.test")
    assert after.flag is not None
    assert after.flag.state is FlagState.PENDING
    assert [event.post_ids for event in mesh.events_of(Approved)] == [["p_1"]]
    chain = mesh.audit("p_1")
    assert [row["action"] for row in chain] == ["package ready", "approved"]
    assert all(row["hash"] == row_hash(row) for row in chain)


def test_a_second_press_says_who_decided_and_changes_nothing(mesh: MotoMesh, revision: str) -> None:
    call("POST", link(revision))
    before = status(mesh)
    answer = call("POST", link(revision))
    assert "ada@example.test approved exactly this already" in answer["body"]
    assert status(mesh) == before


def test_a_spent_link_does_not_undo_a_hold_that_came_after_it(mesh: MotoMesh, revision: str) -> None:
    call("POST", link(revision))
    call("POST", link(revision, Action.HOLD, nonce="n-2"))
    call("POST", link(revision))
    assert status(mesh).held is not None
    assert len(mesh.events_of(Held)) == 1


def test_a_spent_release_does_not_lift_a_hold_that_came_after_it(mesh: MotoMesh, revision: str) -> None:
    call("POST", link(revision, Action.HOLD, nonce="n-hold"))
    release = link(revision, Action.RELEASE, nonce="n-release")
    call("POST", release)
    call("POST", link(revision, Action.HOLD, nonce="n-again"))

    answer = call("POST", release)

    assert "This link was used already" in answer["body"]
    assert status(mesh).held is not None


def test_a_link_of_an_older_revision_approves_nothing_and_shows_the_current_one(mesh: MotoMesh, revision: str) -> None:
    package(mesh, "s2", "Hallo, geändert")
    answer = call("POST", link(revision))
    assert status(mesh).approval is None
    assert "changed since" in answer["body"]
    assert "Hallo, geändert" in answer["body"]


def test_the_page_shows_the_packages_text_and_runs_none_of_it(mesh: MotoMesh, revision: str) -> None:
    answer = call("GET", link(revision))
    assert "Hallo &lt;script&gt;alert(1)&lt;/script&gt; &amp; „Möwe“" in answer["body"]
    assert "<script" not in answer["body"]
    assert "default-src 'none'" in answer["headers"]["content-security-policy"]
    assert answer["headers"]["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"content-type": "application/json"},
        {"sec-fetch-site": "cross-site"},
        {"sec-ch-ua": '"Chromium"', "sec-fetch-site": "same-origin"},
    ],
)
def test_a_press_from_anywhere_but_our_page_is_refused(mesh: MotoMesh, revision: str, headers: dict[str, str]) -> None:
    assert call("POST", link(revision), **headers)["statusCode"] == 403
    assert status(mesh).approval is None


def test_whatever_is_not_ours_gets_one_and_the_same_answer(mesh: MotoMesh, revision: str) -> None:
    good = link(revision)
    forged = [
        "",
        "x",
        good[:-4],
        good[1:],
        good.swapcase(),
        link(revision, stack="other"),
        "a/b/c/d",
        "é" * 50,
        "A" * 9000,
    ]
    answers = [call(method, token) for token in forged for method in ("GET", "POST")]
    assert {answer["statusCode"] for answer in answers} == {404}
    assert len({plain(answer) for answer in answers}) == 1
    assert status(mesh).approval is None


def test_a_throttled_table_is_a_plain_page_and_nothing_is_approved(
    mesh: MotoMesh, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mesh.errors import Throttled
    from mesh.ledger.tables import Tables

    call("GET", link(revision))

    def throttled(self: Tables, writes: object) -> None:
        raise Throttled("TransactWriteItems")

    with monkeypatch.context() as patch:
        patch.setattr(Tables, "transact", throttled)
        answer = call("POST", link(revision))
    assert answer["statusCode"] == 503
    assert status(mesh).approval is None
    assert call("POST", link(revision))["statusCode"] == 200
    assert status(mesh).approved
