"""The compose page's door: what opens it, what does not, files' places, and devices that need no mail."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from compose_desk import ADA, BEN, FORM, HOST, NOW, RULES, Page, Writer, drafts, token
from moto_mesh import MotoMesh

from draft_helper import intake
from draft_helper.handler import handler
from mesh import clock
from mesh.approvals import Action, Purpose
from mesh.door.devices import devices_in, devices_key
from mesh.door.limits import Limit
from mesh.errors import Unreachable

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "PutEvents", "PutObject"}
OFFER = "Open this page without a mail on this device"


@pytest.fixture(autouse=True)
def rules(mesh: MotoMesh) -> None:
    mesh.put_rules(RULES)
    mesh.calls.clear()


@pytest.fixture
def writer() -> Writer:
    return Writer()


def bare(page: Page) -> str:
    return page.words


def test_whatever_is_no_link_of_ours_gets_one_and_the_same_answer(mesh: MotoMesh, writer: Writer) -> None:
    good = token()
    forged = [
        "nothing",
        good[:-8] + "AAAAAAAA",
        token(key="another-signing-key-of-forty-characters-0"),
        token(purpose=Purpose.LINK),  # a link to a post opens no form
        token(purpose=Purpose.DEVICE),
        token(Action.REVIEW),
        token(expires_at=int((NOW + timedelta(days=90)).timestamp())),
        f"{good}/draft/p_nothing",
        f"{good}/draft/../../x",
        f"{good}/elsewhere",
        "%00" * 30,
        "a" * 5_000,
        "💥",
    ]
    answers = {(page.status, bare(page)) for page in map(writer.open, forged)}

    assert answers == {
        (
            404,
            "This link does not work This link does not work It may be incomplete. Please open it again from the newest mail.",
        )
    }
    assert not WRITES & set(mesh.calls)


def test_looking_changes_nothing_whatever_is_looked_at(mesh: MotoMesh, writer: Writer) -> None:
    link = token()
    for path in ("", link, f"{link}/upload", f"{link}/draft/p_2345678923", token(Action.ENROL), token(Action.FORGET)):
        for method in ("GET", "HEAD"):
            page = writer.open(path, method)
            assert page.status in {200, 404, 405}, path
            if method == "HEAD":
                assert page.body == ""
    assert not WRITES & set(mesh.calls)
    assert writer.cookies == {}


def test_other_methods_are_refused(mesh: MotoMesh, writer: Writer) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        for path in ("", token(), token(Action.ENROL)):
            assert writer.open(path, method).status == 405


def test_only_a_press_of_our_own_page_is_a_note_and_its_words_come_back(mesh: MotoMesh, writer: Writer) -> None:
    fields = {"by": "hand", "form": "f-12345678", "text": "Rolls", "channel": "bluesky-main"}
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "", "sec_fetch_site": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_dest": "iframe"},
        {"sec_fetch_mode": "cors"},
        {"sec_ch_ua": '"Chromium"'},  # a press of a person's says so besides
        {"content_type": "text/plain"},
        {"purpose": "prefetch"},
    ):
        page = writer.post(f"/{token()}", fields, **headers)

        assert (page.status, page.title) == (403, "Please press the button on the page"), headers
        assert page.text == "Rolls"
    assert drafts(mesh) == []


def test_a_scripts_press_is_none(mesh: MotoMesh, writer: Writer) -> None:
    assert writer.write(writer.open(token()), "Rolls", by="script").status == 403
    assert drafts(mesh) == []


def test_who_is_not_on_the_list_any_more_is_told_so(mesh: MotoMesh, writer: Writer) -> None:
    page = writer.open(token(recipient="gone@example.test"))
    assert (page.status, page.title) == (403, "This link is no longer yours")
    assert writer.open(token(recipient=" ADA@example.test ")).status == 200


def test_a_form_too_long_to_be_read_is_refused_in_words(mesh: MotoMesh, writer: Writer) -> None:
    event: dict[str, Any] = {
        "rawPath": f"/{token()}",
        "headers": {"content-type": FORM, "origin": f"https://{HOST}"},
        "requestContext": {"domainName": HOST, "http": {"method": "POST"}},
        "isBase64Encoded": True,
        "body": base64.b64encode(b"by=hand&text=" + b"a" * 1_100_000).decode(),
    }
    answer = handler(event, None)
    assert (answer["statusCode"], "far longer than any note" in answer["body"]) == (413, True)


def test_a_stranger_never_makes_it_stumble(mesh: MotoMesh) -> None:
    strange: list[dict[str, Any]] = [{}, {"headers": [1], "rawPath": 5}, {"body": "%%%", "isBase64Encoded": True}]
    for event in strange:
        for method in ("GET", "POST"):
            shaped = {
                "rawPath": f"/{token()}",
                **event,
                "requestContext": {"http": {"method": method}, "domainName": 7},
            }
            assert handler(shaped, None)["statusCode"] in {200, 403, 404}


def test_every_page_is_kept_by_nobody_and_runs_only_what_is_ours(mesh: MotoMesh, writer: Writer) -> None:
    form = writer.open(token())
    noted = writer.follow(writer.write(form, "Rolls"))
    for page in (form, noted, writer.open(""), writer.open("nothing")):
        headers = page.answer["headers"]
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'nonce-")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    wide = form.answer["headers"]["content-security-policy"]
    assert f"connect-src 'self' https://{mesh.posts_bucket}.s3.ap-southeast-1.amazonaws.com" in wide
    assert "img-src 'self' blob:" in wide
    assert noted.answer["headers"]["content-security-policy"].endswith("connect-src 'self'")


# files


def test_a_files_place_is_signed_for_its_own_key_type_and_size(mesh: MotoMesh, writer: Writer) -> None:
    status, told = writer.ask(token(), "IMG_1.HEIC", "", 3_000_000)

    assert status == 200
    policy = json.loads(base64.b64decode(told["fields"]["policy"]))["conditions"]
    assert {"key": f"uploads/{told['id']}"} in policy
    assert {"bucket": mesh.posts_bucket} in policy
    assert {"Content-Type": "image/heic"} in policy
    assert ["content-length-range", 1, 15_000_000] in policy
    assert told["url"] == f"https://{mesh.posts_bucket}.s3.ap-southeast-1.amazonaws.com/"


def test_a_file_that_would_not_be_taken_gets_no_place(mesh: MotoMesh, writer: Writer) -> None:
    for name, kind, size, said in (
        ("a.gif", "image/gif", 10, "a.gif is neither a photo nor a PDF"),
        ("a.exe", "", 10, "a.exe is neither a photo nor a PDF"),
        ("a.jpg", "text/html", 10, "a.jpg is neither a photo nor a PDF"),
        ("C:\\Users\\ada\\a.jpg", "image/jpeg", 16_000_000, "a.jpg has 16 MB; 15 MB are the most for a photo."),
        ("a.jpg", "image/jpeg", 0, "a.jpg is empty"),
    ):
        status, told = writer.ask(token(), name, kind, size)
        assert status == 422
        assert told["error"].startswith(said)
    assert not WRITES & set(mesh.calls)


def test_a_place_is_given_to_our_own_script_alone_and_not_without_end(
    mesh: MotoMesh, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [limit.most for limit in intake.upload_limits(ADA)] == [60, 200]
    link = token()
    for headers in (
        {"origin": "https://evil.example"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_mode": "navigate"},
    ):
        assert writer.ask(link, "a.jpg", "image/jpeg", 10, **headers)[0] == 403
    assert "TransactWriteItems" not in mesh.calls
    monkeypatch.setattr(intake, "upload_limits", lambda recipient: [Limit(f"rate#upload#{recipient}", 2)])
    for _ in range(2):
        assert writer.ask(link, "a.jpg", "image/jpeg", 10)[0] == 200
    status, told = writer.ask(link, "a.jpg", "image/jpeg", 10)
    assert status == 429
    assert told["error"].startswith("Many files were added just now. It works again at")
    assert writer.ask(token(recipient=BEN), "a.jpg", "image/jpeg", 10)[0] == 200


def test_a_place_that_cannot_be_given_now_is_said_to_the_script(
    mesh: MotoMesh, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise Unreachable("DynamoDB")

    monkeypatch.setattr("mesh.ledger.book.Ledger.count", down)
    status, told = writer.ask(token(), "a.jpg", "image/jpeg", 10)
    assert status == 503
    assert "could not be added just now" in told["error"]


# devices


def enrolled(writer: Writer, link: str) -> Page:
    noted = writer.follow(writer.write(writer.open(link), "Rolls"))
    return writer.press(noted, OFFER)


def test_the_bare_address_opens_for_a_known_device_and_shows_everybody_else_one_page(
    mesh: MotoMesh, writer: Writer
) -> None:
    stranger = Writer().open("")
    assert (stranger.status, stranger.title) == (200, "Notes are written from your mail")
    assert set(mesh.calls) <= {"GetSecretValue"}  # nothing is asked for somebody who shows nothing

    page = enrolled(writer, token())
    assert page.title == "This device is known"
    form = writer.open("")

    assert form.title == "What shall be posted?"
    assert writer.write(form, "Buns").status == 303
    assert {status.proposal.note.by for status in drafts(mesh) if status.proposal} == {ADA}
    assert Writer({"__Host-ss-notes-12345678": "x.y.z"}).open("").title == stranger.title


def test_a_device_is_listed_with_the_others_by_what_it_is_for_and_can_be_forgotten(
    mesh: MotoMesh, writer: Writer
) -> None:
    enrolled(writer, token())
    _, kept = mesh.ledger.deciding([], [devices_key(ADA)])
    assert [one.name for one in devices_in(kept[devices_key(ADA)])] == ["A browser, for notes"]

    form = writer.open("")
    gone = writer.press(form, "Forget this device")

    assert gone.title == "No longer known"
    assert writer.open("").title == "Notes are written from your mail"
    _, kept = mesh.ledger.deciding([], [devices_key(ADA)])
    assert devices_in(kept[devices_key(ADA)]) == ()
    assert [row["action"] for row in mesh.audit(devices_key(ADA))] == ["device for notes", "device not for notes"]


def test_a_device_taken_off_the_list_elsewhere_is_a_stranger_here(mesh: MotoMesh, writer: Writer) -> None:
    enrolled(writer, token())
    mesh.runtime.forget(devices_key(ADA))
    assert writer.open("").title == "Notes are written from your mail"


def test_a_device_for_notes_approves_nothing_where_both_doors_share_a_host(mesh: MotoMesh, writer: Writer) -> None:
    from moto_mesh import SIGNING_KEY

    from mesh.approvals import Signer
    from mesh.door.devices import DeviceCookies

    enrolled(writer, token())
    theirs = DeviceCookies(Signer([SIGNING_KEY], "ss", Purpose.DEVICE), "ss")
    cookies = [f"{name}={value}" for name, value in writer.cookies.items()]
    renamed = [f"{theirs.name(ADA)}={value}" for value in writer.cookies.values()]
    assert theirs.claims([*cookies, *renamed], clock.now()) == ()


def test_an_offer_that_was_taken_is_spent(mesh: MotoMesh, writer: Writer) -> None:
    noted = writer.follow(writer.write(writer.open(token()), "Rolls"))
    writer.press(noted, OFFER)
    mesh.turn_clock(clock.now() + timedelta(minutes=1))

    again = Writer().press(noted, OFFER)

    assert again.title == "This link was used already"
    assert "cookies" not in again.answer
