"""Whatever is not a link of ours, or not a press of our page's button, changes nothing and learns nothing."""

from __future__ import annotations

import base64
from datetime import timedelta

from door_desk import ADA, FORM, NOW, WRITES, Visitor, plain, status, token
from moto_mesh import COMPOSE_KEY, SIGNING_KEY, MotoMesh

from approve_handler.handler import handler, wire
from mesh.approvals import LIFETIME, Action, Purpose, Signer, Token


def of_purpose(purpose: Purpose, revision: str) -> str:
    said = Token(
        action=Action.REVIEW,
        posts=(("p_1", revision),),
        recipient=ADA,
        round_id="r_1",
        nonce="n-1",
        expires_at=int((NOW + LIFETIME).timestamp()),
    )
    return Signer([SIGNING_KEY], "ss", purpose).sign(said)


def test_whatever_is_not_ours_gets_one_and_the_same_answer(mesh: MotoMesh, revision: str) -> None:
    good = token(revision)
    far = int((NOW + LIFETIME + timedelta(days=2)).timestamp())
    forged = [
        "x",
        good[:-4],
        good[1:],
        good.swapcase(),
        token(revision, stack="other"),
        token(revision, key="b-signing-key-of-forty-characters-0123456"),
        token(revision, expires_at=far),
        *(of_purpose(purpose, revision) for purpose in Purpose if purpose is not Purpose.LINK),
        "a/b/c/d",
        f"{good}/image",
        f"{good}/other/ab",
        "é" * 50,
        "\udcff",
        "%00%ff",
        "A" * 3000,
        "A" * 90_000,
        f"{good[:20]}%0d%0a{good[20:]}",
    ]
    mesh.calls.clear()
    answers = [
        page.answer
        for text in forged
        for page in (Visitor().open(f"/{text}"), Visitor().open(f"/{text}", "HEAD"), Visitor().post(f"/{text}"))
    ]
    assert {answer["statusCode"] for answer in answers} == {404}
    assert len({plain(answer) for answer in answers if answer["body"]}) == 1
    assert len({frozenset(set(answer["headers"]) - {"content-security-policy"}) for answer in answers}) == 1
    # Whether one is made of ours is looked up for what has a token's shape: one read, and nothing for the rest.
    assert set(mesh.calls) <= {"GetSecretValue", "GetItem"}
    assert 0 < mesh.calls.count("GetItem") <= len(answers) / 2
    assert status(mesh).approval is None


GLUED = [
    "{}.",
    "{}>",
    "{}=",
    "{})",
    "{}%3E",
    "{}%253E",
    "<{}>",
    "{},",
    '{}"',
    "{}&gt;",
    "{}/",
    "{}%20",
    "{}...",
    "%3C{}%3E.",
]


def test_what_a_mail_program_glues_onto_an_address_is_no_part_of_the_link(mesh: MotoMesh, revision: str) -> None:
    visitor = Visitor()
    pages = [visitor.open(f"/{around.format(token(revision))}") for around in GLUED]
    assert {page.title for page in pages} == {"Approve this post?"}
    assert visitor.press(pages[-1], "Approve").title == "Approved"


def test_a_mail_program_may_encode_every_letter(mesh: MotoMesh, revision: str) -> None:
    encoded = "".join(f"%{ord(letter):02x}" for letter in token(revision))
    assert Visitor().open(f"/{encoded}").title == "Approve this post?"


def test_a_key_that_is_still_listed_is_good_and_one_taken_off_is_not(mesh: MotoMesh, revision: str) -> None:
    old = token(revision)
    mesh.put_secret("ss/approval/signing-secret", {"keys": [SIGNING_KEY, "c" * 40]})
    assert Visitor().open(old).status == 200
    wire.cache_clear()
    mesh.put_secret("ss/approval/signing-secret", {"keys": ["c" * 40]})
    assert Visitor().open(old).status == 404


def test_what_the_notes_own_key_signs_is_a_forgery_at_the_door_that_decides(mesh: MotoMesh, revision: str) -> None:
    """draft-helper has that key and no other."""
    for action in Action:
        assert Visitor().open(token(revision, action, key=COMPOSE_KEY)).status == 404, action


FROM_ELSEWHERE: list[dict[str, str]] = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://approve.example.test,https://approve.example.test"},
    {"content-type": "application/json"},
    {"content-type": "multipart/form-data; boundary=x"},
    {"content-type": f"{FORM},application/json"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-origin", "sec-fetch-dest": "empty", "sec-fetch-mode": "cors"},
    {"sec-fetch-site": "same-origin", "sec-fetch-dest": "iframe"},
    {"sec-ch-ua": '"Chromium"', "sec-fetch-site": "same-origin"},
    {"sec-purpose": "prefetch;prerender"},
    {"x-moz": "prefetch"},
]


def test_a_press_from_anywhere_but_our_page_changes_nothing_and_says_what_to_do(mesh: MotoMesh, revision: str) -> None:
    mesh.calls.clear()
    for action in set(Action) - {Action.COMPOSE}:  # the other door's
        for headers in FROM_ELSEWHERE:
            page = Visitor().post(token(revision, action), **headers)
            assert page.status == 403, (action, headers)
            assert "press the button there" in page.body
    assert not WRITES & set(mesh.calls)


def test_a_body_that_is_too_long_or_no_text_is_no_press(mesh: MotoMesh, revision: str) -> None:
    for body, encoded in [
        ("go=1&x=" + "a" * 1_000_000, False),
        (base64.b64encode(b"go=1&x=" + b"a" * 1_000_000).decode(), True),
        ("!" * 1_000_000, True),
    ]:
        event = {
            "rawPath": f"/{token(revision)}",
            "headers": {"origin": "https://approve.example.test", "content-type": FORM},
            "requestContext": {"http": {"method": "POST"}},
            "body": body,
            "isBase64Encoded": encoded,
        }
        assert handler(event, object())["statusCode"] == 403
    assert status(mesh).approval is None


def test_bytes_that_are_no_text_are_a_press_without_fields(mesh: MotoMesh, revision: str) -> None:
    event = {
        "rawPath": f"/{token(revision)}",
        "headers": {"origin": "https://approve.example.test", "content-type": FORM},
        "requestContext": {"http": {"method": "POST"}},
        "body": base64.b64encode(b"go=1&lifts=\xff\xfe").decode(),
        "isBase64Encoded": True,
    }
    assert handler(event, object())["statusCode"] == 200


def test_other_methods_change_nothing(mesh: MotoMesh, revision: str) -> None:
    for method in ("PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", ""):
        Visitor().open(token(revision), method)
    assert status(mesh).approval is None


def test_a_recipient_is_known_however_the_address_is_written(mesh: MotoMesh, revision: str) -> None:
    assert Visitor().post(token(revision, recipient=" ADA@Example.test ")).title == "Approved"


def test_whoever_is_not_on_the_list_any_more_can_do_nothing_with_a_link(mesh: MotoMesh, revision: str) -> None:
    link = token(revision, recipient="gone@example.test")
    mesh.calls.clear()
    for page in (Visitor().open(link), Visitor().post(link), Visitor().open(f"{link}/image/{'0' * 64}")):
        assert (page.status, page.title) == (403, "This link is no longer yours")
        assert not page.forms()
    assert status(mesh).approval is None
    assert not WRITES & set(mesh.calls)
