"""A device that acts at once: how it comes to be one, what it does, what it leaves to the button, and how it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from door_desk import ADA, BEN, NOW, ORIGIN, WRITES, Page, Visitor, enrolled, package, status, token, update
from moto_mesh import SIGNING_KEY, MotoMesh

from approve_handler.frame import STOP_EVERYWHERE, STOP_HERE
from mesh.approvals import Action, Purpose, Signer
from mesh.events import Approved
from mesh.ledger import Hold

OFFER = "Act as soon as I open a link on this device"


def test_a_first_press_offers_it_and_the_offer_gives_a_cookie_for_this_host_alone(
    mesh: MotoMesh, revision: str
) -> None:
    visitor = Visitor()
    done = visitor.press(visitor.open(token(revision)), "Approve")
    page = visitor.press(done, OFFER)
    (cookie,) = page.answer["cookies"]
    assert cookie.startswith("__Host-ss-")
    assert cookie.endswith("; Max-Age=34560000; Path=/; Secure; HttpOnly; SameSite=Lax")
    assert ADA not in cookie
    (row,) = mesh.audit(f"devices#{ADA}")
    assert (row["action"], row["by_user"], row["how"]) == ("device enrolled", ADA, "mail")
    assert [one["name"] for one in row["after"]["devices"]] == ["Chrome on Android"]
    item = mesh.tables.get(mesh.names.runtime, {"pk": f"devices#{ADA}"})
    assert item is not None
    assert "ttl" not in item


def test_opening_alone_approves_nothing_and_its_pages_own_script_does(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    revision = package(mesh, "s1", "Rolls")
    link = token(revision, nonce="n-auto")
    mesh.calls.clear()
    page = visitor.open(link)
    assert not WRITES & set(mesh.calls)
    assert page.acts_at_once
    assert "Rolls" in page.body
    assert "script-src 'nonce-" in page.answer["headers"]["content-security-policy"]
    done = visitor.script(page, sec_ch_ua='"Chromium"', sec_fetch_site="same-origin")
    assert done.title == "Approved"
    assert "You opened its link" in done.body
    approval = status(mesh).approval
    assert approval is not None
    assert (approval.by, approval.how) == (ADA, "device")
    assert mesh.audit("p_1")[-1]["how"] == "device"
    assert OFFER not in done.forms()
    assert {"Undo: hold it", STOP_HERE, STOP_EVERYWHERE} <= set(done.forms())
    assert visitor.press(done, "Undo: hold it").title == "On hold"


def test_a_hold_link_holds_at_once_and_its_way_back_keeps_its_button(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    revision = package(mesh, "s1", "Rolls")
    done = visitor.script(visitor.open(token(revision, Action.HOLD, nonce="n-h")))
    assert done.title == "On hold"
    held = status(mesh).held
    assert held is not None
    assert held.how == "device"
    assert not visitor.open(token(revision, Action.RELEASE, nonce="n-r")).acts_at_once


def test_ten_posts_are_approved_by_opening_where_all_stand_as_they_were_mailed(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    pairs = tuple((f"p_{n}", package(mesh, "s1", f"Post {n}", f"p_{n}")) for n in range(3))
    done = visitor.script(visitor.open(token("", posts=pairs, nonce="n-all")))
    assert done.title == "3 of 3 approved"
    undo = [label for label in done.forms() if label.startswith("Undo: hold it (Post ")]
    assert len(undo) == 3
    visitor.press(done, undo[2])
    assert status(mesh, "p_2").held is not None
    package(mesh, "s2", "Post 1, edited", "p_1")
    assert not visitor.open(token("", posts=pairs, nonce="n-again")).acts_at_once


def test_everything_else_keeps_its_button_also_for_a_forged_script(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    revision = package(mesh, "s1", "Rolls")
    for action in set(Action) - {Action.REVIEW, Action.HOLD}:
        link = token(revision, action, nonce=f"n-{action}")
        assert not visitor.open(link).acts_at_once, action
        before = status(mesh)
        mesh.calls.clear()
        visitor.post(link, [("opened", "1")], sec_ch_ua='"Chromium"', sec_fetch_site="same-origin")
        assert not WRITES & set(mesh.calls), action
        assert status(mesh) == before


def test_what_needs_an_eye_is_left_to_the_button(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    revision = package(mesh, "s1", "Rolls")
    link = token(revision, nonce="n-eye")
    shown = visitor.open(link)
    assert shown.acts_at_once
    update(mesh, held=Hold(by=BEN, how="mail", at=NOW.isoformat()))
    page = visitor.script(shown)
    assert (page.title, page.acts_at_once) == ("Approve this post?", False)
    assert "Approving it lifts the hold" in page.body
    assert status(mesh).approval is None
    assert visitor.press(page, "Approve").title == "Approved"


def test_a_script_that_names_the_hold_does_not_lift_it_either(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    revision = package(mesh, "s1", "Rolls")
    update(mesh, held=Hold(by=BEN, how="mail", at=NOW.isoformat()))
    page = visitor.open(token(revision, nonce="n-lift"))
    visitor.script(page)
    assert status(mesh).held is not None


def test_while_everything_is_on_hold_the_button_stays(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    revision = package(mesh, "s1", "Rolls")
    visitor.post(token("", Action.HOLD_EVERYTHING, posts=(), nonce="n-e"))
    page = visitor.open(token(revision, nonce="n-1"))
    assert not page.acts_at_once
    assert "Everything is on hold" in page.body


AHEAD = [
    {"sec-purpose": "prefetch"},
    {"sec-purpose": "prefetch;prerender"},
    {"purpose": "prefetch"},
    {"x-moz": "prefetch"},
    {"sec-fetch-dest": "iframe"},
    {"sec-fetch-dest": "empty", "sec-fetch-mode": "cors"},
    {"sec-fetch-mode": "no-cors"},
]


def test_a_page_loaded_ahead_of_time_or_in_a_frame_has_no_script(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    link = token(package(mesh, "s1", "Rolls"), nonce="n-1")
    for headers in AHEAD:
        page = visitor.open(link, **headers)
        assert (page.status, page.acts_at_once) == (200, False), headers
    assert visitor.open(link, sec_fetch_dest="document", sec_fetch_mode="navigate").acts_at_once


def acts(visitor: Visitor, link: str) -> bool:
    """Whether the link acts for this visitor, by its page or by a script that says so all the same."""
    page = visitor.open(link)
    posted = visitor.post(link, [("opened", "1")])
    return page.acts_at_once or posted.title == "Approved"


def test_a_cookie_that_is_not_a_listed_device_of_this_recipient_is_as_if_absent(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    revision = package(mesh, "s1", "Rolls")
    ((name, value),) = visitor.cookies.items()
    good = Signer([SIGNING_KEY], "ss", Purpose.DEVICE).read(value, NOW)

    def signed(stack: str = "ss", purpose: Purpose = Purpose.DEVICE, **changes: object) -> str:
        return Signer([SIGNING_KEY], stack, purpose).sign(good.model_copy(update=changes))

    others = {
        "mangled": {name: value[:-3]},
        "another stack's": {name: signed("tt")},
        "another salt": {name: signed(purpose=Purpose.LINK)},
        "not listed": {name: signed(nonce="0" * 16)},
        "under another's name": {name: signed(recipient=BEN)},
        "out of time": {name: signed(expires_at=1)},
        "huge": {name: value + "A" * 5_000},
        "a link's own text": {name: token(revision)},
    }
    for what, cookies in others.items():
        assert not acts(Visitor(cookies=cookies), token(revision, nonce="n-1")), what
    assert not acts(visitor, token(revision, recipient=BEN, nonce="n-ben"))
    assert status(mesh).approval is None
    assert acts(visitor, token(revision, nonce="n-1"))


def test_a_device_is_stopped_from_any_page_seen_on_it(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    revision = package(mesh, "s1", "Rolls")
    stolen = dict(visitor.cookies)
    page = visitor.press(visitor.open(token(revision, nonce="n-1")), STOP_HERE)
    assert page.title == "No longer at once"
    assert visitor.cookies == {}
    assert not acts(Visitor(cookies=stolen), token(revision, nonce="n-1"))
    assert [row["action"] for row in mesh.audit(f"devices#{ADA}")] == ["device enrolled", "device stopped"]


def test_all_devices_are_stopped_at_once(mesh: MotoMesh) -> None:
    phone = enrolled(mesh)
    desk = enrolled(mesh, agent="Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/132.0")
    revision = package(mesh, "s1", "Rolls")
    listed = phone.press(phone.open(token(revision, nonce="n-1")), STOP_EVERYWHERE)
    assert listed.title == "No longer at once"
    assert not acts(desk, token(revision, nonce="n-1"))
    names = [one["name"] for one in mesh.audit(f"devices#{ADA}")[-1]["before"]["devices"]]
    assert names == ["Chrome on Android", "Firefox on Windows"]


def test_the_offer_pressed_twice_is_one_device_and_a_stopped_one_does_not_come_back(
    mesh: MotoMesh, revision: str
) -> None:
    visitor = Visitor()
    done = visitor.press(visitor.open(token(revision)), "Approve")
    for _ in range(2):
        assert visitor.press(done, OFFER).title == "This device acts at once"
    assert len(mesh.audit(f"devices#{ADA}")) == 1
    visitor.press(visitor.press(done, OFFER), STOP_HERE)
    assert visitor.press(done, OFFER).title == "This link was used already"
    assert not visitor.cookies


def test_the_offer_replayed_later_makes_no_other_device_act_at_once(mesh: MotoMesh, revision: str) -> None:
    """As a box on the line might that saw the press go by."""
    visitor, box = Visitor(), Visitor()
    done = visitor.press(visitor.open(token(revision)), "Approve")
    assert visitor.press(done, OFFER).title == "This device acts at once"
    mesh.turn_clock(datetime.now(UTC) + timedelta(minutes=1))
    assert box.press(done, OFFER).title == "This link was used already"
    assert not box.cookies


def test_at_most_twenty_devices_are_kept_and_the_oldest_leaves(mesh: MotoMesh, revision: str) -> None:
    first = None
    for number in range(21):
        visitor = Visitor()
        page: Page = visitor.post(token(revision, Action.ENROL, posts=(), nonce=f"n-{number}"))
        assert page.title == "This device acts at once"
        first = first or visitor
    item = mesh.tables.get(mesh.names.runtime, {"pk": f"devices#{ADA}"})
    assert item is not None
    assert len(item["kept"]["devices"]) == 20
    assert first is not None
    assert not acts(first, token(revision, nonce="n-old"))


def test_a_press_still_has_to_come_from_our_own_origin(mesh: MotoMesh) -> None:
    visitor = enrolled(mesh)
    revision = package(mesh, "s1", "Rolls")
    page = visitor.open(token(revision, nonce="n-1"))
    assert visitor.script(page, origin="https://evil.example").status == 403
    assert visitor.script(page, sec_fetch_mode="cors", sec_fetch_dest="empty", origin=ORIGIN).status == 403
    assert len(mesh.events_of(Approved)) == 0
