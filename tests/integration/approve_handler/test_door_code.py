"""Where the business wants a code for a device's first press: nothing is committed before the six digits from the mail are typed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.policy import default

import pytest
from door_desk import ADA, BEN, Page, Visitor, package, status, token
from moto.ses.models import ses_backends
from moto_mesh import REGION, MotoMesh

import notifier.handler
from approve_handler.handler import wire
from mesh.approvals import Action
from mesh.events import Approved, CodeWanted

ENTRY = "Type the code we mailed you"


@pytest.fixture(autouse=True)
def wants_a_code(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRST_PRESS", "code")
    wire.cache_clear()


@pytest.fixture
def revision(mesh: MotoMesh) -> str:
    return package(mesh, "s1", "Fresh rolls from seven")


def mailed(mesh: MotoMesh) -> list[tuple[str, str]]:
    """Hand what was put on the bus to the notifier; each mail's recipient and the digits in it."""
    for detail in mesh.events_of(CodeWanted):
        event = {"source": "ss", "detail-type": detail.detail_type, "detail": json.loads(detail.model_dump_json())}
        notifier.handler.handler(event, object())
    found = []
    for sent in [message for account in ses_backends for message in ses_backends[account][REGION].sent_messages]:
        mail = message_from_string(sent.raw_data, policy=default)
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        found.append((str(mail["To"]), re.search(r"The code is (\d{6})\.", text)[1]))  # type: ignore[index]
    return found


def type_in(visitor: Visitor, page: Page, code: str) -> Page:
    path, fields = page.forms()["Go on"]
    return visitor.post(path, [*fields, ("code", code)])


def test_a_press_by_a_new_device_commits_nothing_and_mails_a_code_to_that_recipient_alone(
    mesh: MotoMesh, revision: str
) -> None:
    visitor = Visitor()
    page = visitor.press(visitor.open(token(revision)), "Approve")
    assert page.title == ENTRY
    assert status(mesh).approval is None
    ((to, code),) = mailed(mesh)
    assert to == ADA
    assert code not in page.body
    assert not [entry for entry in mesh.entries if code in entry["Detail"]], "the code is in an event"


def test_the_typed_code_commits_the_press_and_the_device_needs_none_from_then_on(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    page = visitor.press(visitor.open(token(revision)), "Approve")
    ((_, code),) = mailed(mesh)
    done = type_in(visitor, page, f"{code[:3]} {code[3:]}")
    assert done.title == "Approved"
    assert status(mesh).approved
    assert len(mesh.events_of(Approved)) == 1
    assert len(visitor.cookies) == 1
    other = package(mesh, "s2", "Closed on Monday", "p_2")
    assert visitor.open(token(other, posts=(("p_2", other),), nonce="n-2")).acts_at_once


def test_a_wrong_code_commits_nothing_and_five_of_them_end_it(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    page = visitor.press(visitor.open(token(revision)), "Approve")
    ((_, code),) = mailed(mesh)
    for _ in range(5):
        page = type_in(visitor, page, "000000" if code != "000000" else "111111")
        assert page.title == ENTRY
    assert "not the code" in page.body
    assert type_in(visitor, page, code).title == ENTRY, "the old code counts after five wrong ones"
    assert status(mesh).approval is None
    assert not visitor.cookies
    assert mailed(mesh)[-1][1] != code


def test_five_wrong_ones_end_a_code_also_where_no_other_is_mailed_any_more(mesh: MotoMesh, revision: str) -> None:
    """Who guesses on has the last of the mailed codes before them, and it is to be worth nothing."""
    visitor = Visitor()
    form = page = visitor.press(visitor.open(token(revision)), "Approve")
    for _ in range(6):
        code = mailed(mesh)[-1][1]
        for _ in range(5):
            page = type_in(visitor, form, "000000" if code != "000000" else "111111")
    assert page.title == "Not again so soon"
    assert type_in(visitor, form, mailed(mesh)[-1][1]).title == "Not again so soon"
    assert status(mesh).approval is None


@pytest.mark.parametrize("given", ["", "12345", "1234567", "٣٣٣٣٣٣", "abcdef", "' or 1=1"])
def test_what_is_no_code_is_none(mesh: MotoMesh, revision: str, given: str) -> None:
    visitor = Visitor()
    page = visitor.press(visitor.open(token(revision)), "Approve")
    assert type_in(visitor, page, given).title == ENTRY
    assert status(mesh).approval is None


def test_a_code_is_good_for_ten_minutes_for_its_recipient_and_its_link(mesh: MotoMesh, revision: str) -> None:
    ada, ben = Visitor(), Visitor()
    page = ada.press(ada.open(token(revision)), "Approve")
    ((_, code),) = mailed(mesh)
    bens = ben.press(ben.open(token(revision, recipient=BEN, nonce="n-ben")), "Approve")
    assert type_in(ben, bens, code).title == ENTRY
    mesh.turn_clock(datetime.now(UTC) + timedelta(minutes=11))
    assert type_in(ada, page, code).title == ENTRY
    assert status(mesh).approval is None


def test_the_brake_waits_for_no_code(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    assert visitor.press(visitor.open(token(revision, Action.HOLD)), "Hold this post").title == "On hold"
    held = visitor.press(visitor.open(token("", Action.HOLD_EVERYTHING, posts=(), nonce="n-h")), "Hold everything")
    assert held.title == "Everything is on hold"
    assert mailed(mesh) == []
    release = token("", Action.RELEASE_EVERYTHING, posts=(), nonce="n-r")
    assert visitor.press(visitor.open(release), "Let everything go on").title == ENTRY


def test_a_scanner_that_presses_again_and_again_does_not_fill_the_mail(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    for number in range(9):
        visitor.press(visitor.open(token(revision, nonce=f"n-{number}")), "Approve")
    assert len(mesh.events_of(CodeWanted)) == 5
    assert status(mesh).approval is None


def test_a_hold_that_the_page_showed_is_still_lifted_after_the_code(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    visitor.press(visitor.open(token(revision, Action.HOLD, nonce="n-h")), "Hold this post")
    page = visitor.press(visitor.open(token(revision)), "Approve")
    ((_, code),) = mailed(mesh)
    assert type_in(visitor, page, code).title == "Approved"
    assert status(mesh).held is None
