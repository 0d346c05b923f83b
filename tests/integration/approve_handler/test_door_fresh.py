"""Links that are too old, a post's own page, and the fresh cards that both can have mailed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from door_desk import ADA, BEN, NOW, WRITES, Page, Visitor, approval, enrolled, package, plain, status, token, update
from moto_mesh import MotoMesh

from approve_handler.handler import wire
from mesh.approvals import Action
from mesh.events import Held, ReviewRequested
from mesh.ledger import Hold, State

OLD = int((NOW - timedelta(days=1)).timestamp())
MAIL_ME = "Mail me a fresh card"


def test_an_old_link_says_how_things_stand_and_does_nothing(mesh: MotoMesh, revision: str) -> None:
    mesh.calls.clear()
    for action in (Action.REVIEW, Action.HOLD, Action.SEND_NOW, Action.RELEASE):
        link = token(revision, action, expires_at=OLD)
        for page in (Visitor().open(link), Visitor().post(link)):
            assert (page.status, page.title) == (410, "This link is too old")
            assert "it waits for your approval" in page.body
            assert set(page.forms()) == {MAIL_ME}
    assert not WRITES & set(mesh.calls)


def test_its_button_mails_a_fresh_card_of_what_stands_now_to_that_recipient_only(mesh: MotoMesh, revision: str) -> None:
    newer = package(mesh, "s2", "Edited since")
    visitor = Visitor()
    page = visitor.press(visitor.open(token(revision, expires_at=OLD, recipient=BEN)), MAIL_ME)
    assert page.title == "A fresh card is on its way"
    assert BEN in page.body
    (event,) = mesh.events_of(ReviewRequested)
    assert [(asked.post_id, asked.revision) for asked in event.posts] == [("p_1", newer)]
    assert (event.reason, event.only_for) == ("fresh", BEN)
    assert event.round_id.startswith("r_")
    assert event.round_id != "r_1"


def test_fresh_cards_are_mailed_three_times_in_ten_minutes_and_no_more(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    page = visitor.open(token(revision, expires_at=OLD))
    titles = [visitor.press(page, MAIL_ME).title for _ in range(5)]
    assert titles == ["A fresh card is on its way"] * 3 + ["Not again so soon"] * 2
    assert len(mesh.events_of(ReviewRequested)) == 3
    other = visitor.press(visitor.open(token(revision, expires_at=OLD, recipient=BEN)), MAIL_ME)
    assert other.title == "A fresh card is on its way"


def test_where_nothing_is_left_to_decide_an_old_link_offers_nothing(mesh: MotoMesh, revision: str) -> None:
    update(mesh, approval=approval(revision))
    page = Visitor().open(token(revision, expires_at=OLD))
    assert "approved exactly this already" in page.body
    assert not page.forms()
    update(mesh, state=State.SENT)
    assert "is out already" in Visitor().open(token(revision, expires_at=OLD)).body
    update(mesh, gone_at=NOW.isoformat())
    assert "no longer in the sheet" in Visitor().open(token(revision, expires_at=OLD)).body


def test_an_old_link_gives_none_that_lets_everything_go_on(mesh: MotoMesh, revision: str) -> None:
    Visitor().post(token("", Action.HOLD_EVERYTHING, posts=()))
    page = Visitor().open(token(revision, expires_at=OLD))
    assert "Everything is on hold" in page.body
    assert "<a " not in page.body
    old = Visitor().open(token("", Action.RELEASE_EVERYTHING, posts=(), expires_at=OLD))
    assert old.title == "This link is too old"
    assert Visitor().press(old, "Mail us a link to let it go on").title == "A mail is on its way"
    assert [event.scope for event in mesh.events_of(Held)] == ["everything", "everything"]


def test_an_old_answer_says_only_that_it_is_too_old(mesh: MotoMesh, revision: str) -> None:
    link = token(revision, Action.FOUND, expires_at=OLD, channel="bluesky-main", attempt=1)
    assert Visitor().post(link).status == 410


def ask(visitor: Visitor, page: Page) -> Page:
    return visitor.press(page, MAIL_ME)


def test_a_posts_own_page_is_one_and_the_same_whether_there_is_such_a_post_or_not(
    mesh: MotoMesh, revision: str
) -> None:
    update(mesh, held=Hold(by=BEN, how="mail", at=NOW.isoformat()))
    mesh.calls.clear()
    seen = {plain(Visitor().open(f"/post/{name}").answer) for name in ("p_1", "p_none", "x" * 64)}
    assert len(seen) == 1
    assert "Hallo" not in seen.pop()
    assert set(mesh.calls) <= {"GetSecretValue"}
    told = {plain(ask(Visitor(), Visitor().open(f"/post/{name}")).answer) for name in ("p_1", "p_none")}
    assert len(told) == 1
    assert "If it waits for an approval, a card is on its way." in told.pop()
    (event,) = mesh.events_of(ReviewRequested)
    assert ([asked.post_id for asked in event.posts], event.only_for, event.reason) == (["p_1"], "", "fresh")


def test_a_posts_own_page_mails_twice_in_ten_minutes_and_says_so_alike_of_none(mesh: MotoMesh, revision: str) -> None:
    for name in ("p_1", "p_none"):
        pages = [ask(Visitor(), Visitor().open(f"/post/{name}")) for _ in range(3)]
        assert [page.title for page in pages] == ["Look into your mail"] * 2 + ["Not again so soon"]
    assert len(mesh.events_of(ReviewRequested)) == 2


def test_over_all_posts_twenty_fresh_cards_are_mailed_in_ten_minutes(mesh: MotoMesh, revision: str) -> None:
    titles = [ask(Visitor(), Visitor().open(f"/post/p_{n}")).title for n in range(21)]
    assert titles == ["Look into your mail"] * 20 + ["Not again so soon"]


def test_a_decided_post_mails_nothing(mesh: MotoMesh, revision: str) -> None:
    update(mesh, approval=approval(revision))
    assert ask(Visitor(), Visitor().open("/post/p_1")).title == "Look into your mail"
    assert not mesh.events_of(ReviewRequested)


def test_the_bare_address_asks_which_post_is_meant(mesh: MotoMesh, revision: str) -> None:
    page = Visitor().open("/")
    assert (page.status, page.title) == (200, "Approve posts from your mail")
    for typed, mails in ((" p_1 ", 1), ("", 1), ("../x", 1), ("é", 1)):
        said = Visitor().post("/", [("post", typed), ("go", "1")])
        assert said.title == "Look into your mail", typed
        assert len(mesh.events_of(ReviewRequested)) == mails, typed


def test_a_press_on_a_posts_own_page_has_to_come_from_it(mesh: MotoMesh, revision: str) -> None:
    assert Visitor().post("/post/p_1", origin="https://evil.example").status == 403
    assert Visitor().post("/post/p_1", sec_ch_ua='"Chromium"').status == 403
    assert not mesh.events_of(ReviewRequested)


def test_a_device_that_acts_at_once_sees_the_post_there_and_presses(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    package(mesh, "s1", "Rolls & butter")
    page = visitor.open("/post/p_1")
    assert "Rolls &amp; butter" in page.body
    assert not page.acts_at_once
    assert {"Approve", "Hold this post", "Approve and send now"} <= set(page.forms())
    assert visitor.press(page, "Approve").title == "Approved"
    held = visitor.press(visitor.open("/post/p_1"), "Undo: hold it")
    assert held.title == "On hold"
    after = status(mesh)
    assert after.approval is not None
    assert (after.approval.by, after.approval.how) == (ADA, "mail")
    assert visitor.open("/post/p_none").title == "This post is gone"


def test_a_device_that_was_stopped_sees_there_what_everybody_sees(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    package(mesh, "s1", "Rolls")
    cookies = dict(visitor.cookies)
    visitor.press(visitor.open("/post/p_1"), "Stop it on all my devices")
    assert plain(Visitor(cookies=cookies).open("/post/p_1").answer) == plain(Visitor().open("/post/p_1").answer)


def test_a_count_that_somebody_else_made_meanwhile_is_counted_on(
    mesh: MotoMesh, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = type(wire().desk.ledger)
    count = ledger.count

    def and_another_first(self: Any, writes: Any) -> None:
        monkeypatch.setattr(ledger, "count", count)
        Visitor().post("/post/p_1")
        count(self, writes)

    monkeypatch.setattr(ledger, "count", and_another_first)
    assert Visitor().post("/post/p_1").title == "Look into your mail"
    assert Visitor().post("/post/p_1").title == "Not again so soon"
