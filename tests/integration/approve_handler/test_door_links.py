"""What opening a link does not do, and what one press does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from door_desk import ADA, BEN, NOW, WRITES, Visitor, approval, head, package, status, token, update
from moto_mesh import MotoMesh

from mesh.approvals import Action
from mesh.events import Approved, Held, Released
from mesh.ledger import Asking, FlagState, HeadState, Hold, State
from mesh.ledger.audit import row_hash


def test_opening_a_link_changes_nothing(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    mesh.calls.clear()
    for action in Action:
        for method in ("GET", "HEAD", "GET", "GET"):
            known = action is not Action.COMPOSE  # the other door's, under a signature of its own
            assert visitor.open(token(revision, action), method).status == (200 if known else 404)
    assert not WRITES & set(mesh.calls)


def test_one_press_approves_exactly_this_revision_and_burns_its_nonce(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    page = visitor.press(visitor.open(token(revision)), "Approve")
    after = status(mesh)
    assert (page.status, page.title) == (200, "Approved")
    assert after.approved
    assert after.approval is not None
    assert (after.approval.revision, after.approval.by, after.approval.how) == (revision, ADA, "mail")
    assert after.flag is not None
    assert after.flag.state is FlagState.PENDING
    assert [event.post_ids for event in mesh.events_of(Approved)] == [["p_1"]]
    chain = mesh.audit("p_1")
    assert [row["action"] for row in chain] == ["package ready", "approved"]
    assert all(row["hash"] == row_hash(row) for row in chain)


def test_undo_on_the_done_page_is_a_hold(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    done = visitor.press(visitor.open(token(revision)), "Approve")
    assert visitor.press(done, "Undo: hold it").title == "On hold"
    assert status(mesh).held is not None


def test_a_second_press_says_who_decided_and_how_and_changes_nothing(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    visitor.post(token(revision))
    before = status(mesh)
    again = visitor.post(token(revision))
    assert again.title == "Already decided"
    assert "ada@example.test approved exactly this already" in again.body
    assert "by a link&#x27;s button" in again.body
    assert status(mesh) == before
    assert len(mesh.events_of(Approved)) == 1


def test_what_was_decided_elsewhere_says_by_which_way(mesh: MotoMesh, revision: str) -> None:
    ways = {"device": "by opening its link", "slack": "in Slack", "mail": "by a link&#x27;s button"}
    for how, said in ways.items():
        update(mesh, approval=approval(revision, how=how))
        assert said in Visitor().open(token(revision)).body


def test_a_spent_link_does_not_undo_a_hold_that_came_after_it(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    visitor.post(token(revision))
    visitor.post(token(revision, Action.HOLD, nonce="n-2"))
    visitor.post(token(revision))
    assert status(mesh).held is not None
    assert len(mesh.events_of(Held)) == 1


def test_a_spent_release_does_not_lift_a_hold_that_came_after_it(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    visitor.post(token(revision, Action.HOLD, nonce="n-hold"))
    release = token(revision, Action.RELEASE, nonce="n-release")
    visitor.post(release)
    visitor.post(token(revision, Action.HOLD, nonce="n-again"))
    assert "This link was used already" in visitor.post(release).body
    assert status(mesh).held is not None
    assert len(mesh.events_of(Released)) == 1


def test_a_spent_link_says_so_when_it_is_opened_and_offers_what_stands_now(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    visitor.post(token(revision))
    visitor.post(token(revision, Action.HOLD, nonce="n-2"))
    page = visitor.open(token(revision))
    assert page.title == "This link was used already"
    assert visitor.press(page, "Approve (as it is now)").title == "Approved"
    assert status(mesh).held is None


def test_a_link_of_an_older_revision_approves_nothing_and_shows_what_changed(mesh: MotoMesh, revision: str) -> None:
    package(mesh, "s2", "Hallo, geändert")
    visitor = Visitor()
    page = visitor.post(token(revision))
    assert status(mesh).approval is None
    assert page.title == "This has changed since"
    assert "Hallo, geändert" in page.body
    assert "What changed" in page.body
    assert "<del" in page.body
    assert page.body.count("<script") == 1, "our own, which says that a hand pressed"
    assert visitor.press(page, "Approve (as it is now)").title == "Approved"
    assert status(mesh).approved


def test_the_page_shows_the_packages_text_and_runs_none_of_it(mesh: MotoMesh, revision: str) -> None:
    page = Visitor().open(token(revision))
    assert "Hallo &lt;script&gt;alert(1)&lt;/script&gt; &amp; „Möwe“" in page.body
    assert page.body.count("<script") == 1, "our own, which says that a hand pressed"
    headers = page.answer["headers"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert re.search(r"script-src 'nonce-[\w-]{20,}';", headers["content-security-policy"])
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"gone_at": NOW.isoformat()}, "This post is gone"),
        ({"state": State.SENT}, "It is out, or on its way"),
        ({"package": None}, "This has changed since"),
    ],
)
def test_a_post_that_takes_no_press_says_why(
    mesh: MotoMesh, revision: str, changes: dict[str, Any], title: str
) -> None:
    update(mesh, **changes)
    assert Visitor().open(token(revision)).title == title
    assert Visitor().post(token(revision)).title == title
    assert status(mesh).approval is None


def test_what_is_leaving_is_not_held_any_more(mesh: MotoMesh, revision: str) -> None:
    update(mesh, approval=approval(revision))
    head(mesh, HeadState.OPEN, revision)
    assert Visitor().open(token(revision, Action.HOLD)).title == "It is out, or on its way"


def test_ten_posts_are_approved_by_one_press_but_for_the_one_that_changed(mesh: MotoMesh) -> None:
    pairs = [(f"p_{number}", package(mesh, "s1", f"Post {number}", f"p_{number}")) for number in range(10)]
    package(mesh, "s2", "Post 3, edited", "p_3")
    link = token("", posts=tuple(pairs))
    visitor = Visitor()
    page = visitor.press(visitor.open(link), "Approve all 9")
    assert page.title == "9 of 10 approved"
    assert [event.post_ids for event in mesh.events_of(Approved)] == [[f"p_{n}" for n in range(10) if n != 3]]
    assert status(mesh, "p_3").approval is None
    assert visitor.post(link).title == "Nothing is left to do here"


def test_a_hold_is_shown_beside_the_button_and_lifted_only_where_it_was_shown(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    page = visitor.open(token(revision))
    update(mesh, held=Hold(by=BEN, how="mail", at=NOW.isoformat()))
    again = visitor.press(page, "Approve")
    assert again.title == "Approve this post?"
    assert status(mesh).approval is None
    assert visitor.press(again, "Approve").title == "Approved"


def test_a_late_post_is_approved_again_because_it_was_asked_again(mesh: MotoMesh, revision: str) -> None:
    late = Asking(revision=revision, round_id="r_2", reason="late", at="2999-01-01T00:00:00+00:00")
    update(mesh, approval=approval(revision), asked=late)
    assert Visitor().post(token(revision)).title == "Approved"
