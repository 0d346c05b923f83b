"""The brake over all, and how often it may be pulled."""

from __future__ import annotations

from datetime import datetime, timedelta

from door_desk import ADA, BEN, NOW, Visitor, token
from moto_mesh import MotoMesh

from mesh.approvals import Action
from mesh.events import Held, Released


def hold(recipient: str = ADA) -> str:
    return token("", Action.HOLD_EVERYTHING, posts=(), recipient=recipient)


def release(nonce: str, recipient: str = ADA) -> str:
    return token("", Action.RELEASE_EVERYTHING, posts=(), nonce=nonce, recipient=recipient)


def test_it_says_who_and_since_when_on_every_page_and_leads_to_its_end(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    page = visitor.press(visitor.open(hold()), "Hold everything")
    assert page.title == "Everything is on hold"
    assert f"Held by {ADA}, since" in page.body
    other = Visitor().open(token(revision, recipient=BEN))
    assert f"Everything is on hold: {ADA}, since" in other.body
    address = other.body.partition('<a href="')[2].partition('"')[0]
    ending = Visitor().open(address)
    assert ending.title == "Let everything go on?"
    assert Visitor().press(ending, "Let everything go on").title == "Nothing is on hold"
    assert [len(mesh.events_of(model)) for model in (Held, Released)] == [1, 1]
    assert "Everything is on hold" not in Visitor().open(token(revision)).body


def test_a_hold_that_stands_costs_nothing(mesh: MotoMesh) -> None:
    for _ in range(20):
        assert Visitor().post(hold()).title == "Everything is on hold"
    assert len(mesh.audit("everything")) == 1


def test_to_and_fro_too_often_is_refused_and_says_when_it_works_again(mesh: MotoMesh) -> None:
    titles = [Visitor().post(hold() if n % 2 == 0 else release(f"n-{n}")).title for n in range(7)]
    assert titles[:6] == ["Everything is on hold", "Nothing is on hold"] * 3
    refused = Visitor().post(hold())
    assert refused.title == titles[6] == "Not again so soon"
    assert "It works again at" in refused.body
    assert len(mesh.audit("everything")) == 6
    mesh.turn_clock(datetime.now(NOW.tzinfo) + timedelta(minutes=11))
    assert Visitor().post(hold()).title == "Everything is on hold"


def test_one_recipients_to_and_fro_leaves_the_others_their_brake(mesh: MotoMesh) -> None:
    for n in range(6):
        Visitor().post(hold() if n % 2 == 0 else release(f"n-{n}"))
    assert Visitor().post(hold(BEN)).title == "Everything is on hold"


def test_a_spent_release_is_told_and_changes_nothing(mesh: MotoMesh) -> None:
    Visitor().post(hold())
    Visitor().post(release("n-1"))
    Visitor().post(hold())
    assert Visitor().post(release("n-1")).title == "This link was used already"
    assert len(mesh.events_of(Released)) == 1
