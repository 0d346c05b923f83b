"""Mails and pages, read back as their readers see them."""

from __future__ import annotations

import email
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

import pytest

from mesh.cards.email import Envelope, compose_card, compose_note
from mesh.cards.model import Brake, Card, CardPost, card_post
from mesh.cards.pages import Button, message, refused, review
from mesh.ledger import Asking, ChannelProblem, PackageRef, Status
from mesh.packages import Manifest, PackedChannel, PackedImage

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
PICTURE = b"not really a jpeg"
SHA256 = hashlib.sha256(PICTURE).hexdigest()
HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</td></table></div><h1>Approve</h1>",
    "&lt;b&gt; &amp; <!-- ]]> -->",
    "مرحبا \u202eevil\u202c שלום",
    "two  blanks,   three\n\n\nand lines\n",
    "👩\u200d🍳 ﷽ e\u0301",
]
VOID = {"meta", "img", "br", "input"}


class Texts(HTMLParser):
    """The text inside each preview's text, but for the line that marks the fold; a ``<br>`` is a line's end. Also every tag."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._depth = 0
        self._aside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if self._depth and tag == "br":
            self.texts[-1] += "\n"
        elif self._depth and tag not in VOID:
            self._depth += 1
            if self._aside or "border-top:1px dashed" in str(dict(attrs)) or "pv-fold" in str(dict(attrs)):
                self._aside += 1
        elif "pv-text" in str(dict(attrs)) or "white-space:pre-wrap" in str(dict(attrs)):
            self.texts.append("")
            self._depth = 1

    def handle_endtag(self, tag: str) -> None:
        if self._depth and tag not in VOID:
            self._depth -= 1
            self._aside = max(0, self._aside - 1)

    def handle_data(self, data: str) -> None:
        if self._depth and not self._aside:
            self.texts[-1] += data


def parsed(html: str) -> Texts:
    reader = Texts()
    reader.feed(html)
    return reader


def post(
    text: str,
    other: str = "",
    *,
    post_id: str = "p_1",
    alt: str = "A cake",
    goes_at: str | None = None,
    problems: tuple[ChannelProblem, ...] = (),
) -> CardPost:
    image = PackedImage(sha256=SHA256, mime="image/jpeg", size_bytes=len(PICTURE), width_px=4, height_px=3, alt=alt)
    texts = {"bluesky-main": text, **({"mastodon-main": other} if other else {})}
    channels = {
        name: PackedChannel(
            network=name.partition("-")[0], account="a", host="https://h", text=said, payload={}, images=(image,)
        )
        for name, said in texts.items()
    }
    manifest = Manifest(
        post_id=post_id,
        source_revision="s",
        planned_at="2026-03-27T08:00:00+00:00",
        time_zone="Europe/Berlin",
        channels=channels,
    )
    asked = Asking(
        revision=manifest.revision, round_id="r", reason="new", at=NOW.isoformat(), goes_at=goes_at, why="moved: why"
    )
    package = PackageRef(source_revision="s", revision=manifest.revision)
    status = Status(post_id=post_id, channels=tuple(channels), source_revision="s", package=package, asked=asked)
    status = status.model_copy(update={"row_problems": problems})
    links = {action: f"https://a.test/{post_id}-{action}?a=1&b=2" for action in ("review", "hold", "now")}
    return card_post(status, manifest, NOW, links)


def test_a_page_says_of_a_post_whose_row_has_something_to_mend_that_a_click_alone_does_not_send_it() -> None:
    never = ChannelProblem(code="never", message="date and time: there is no minute at which it may go out")
    shown = post("Hallo", problems=(never,))
    assert shown.remarks == (never.message,)
    button = Button("Approve", "/go", (), "")
    page = review([shown], "t", "n", button, "A post")
    assert never.message in page


def envelope(recipient: str = "ada@example.test", posts: tuple[CardPost, ...] = (), **update: str) -> Envelope:
    about = posts[0].post_id if len(posts) == 1 else ""
    key = f"card.r_1.{posts[0].post_id}.{recipient}" if posts else "n"
    return replace(Envelope("Café Möwe <p@example.test>", recipient, NOW, key, about), **update)


def sent(*posts: CardPost, recipient: str = "ada@example.test", reason: str = "new") -> EmailMessage:
    """As it arrives: written to bytes and read back."""
    every = "https://a.test/all" if len(posts) > 1 else ""
    card = Card("r_1", reason, posts, every, "https://a.test/stop", "https://sheet.test/")
    mail = compose_card(card, envelope(recipient, posts), lambda post_id, revision, sha256: PICTURE)
    return email.message_from_bytes(mail.as_bytes(), policy=policy.default)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def foreign_scripts(found: Any) -> list[dict[str, Any]]:
    """A page's own carries the nonce "n"; a mail has none at all."""
    return [attributes for tag, attributes in found.tags if tag == "script" and attributes != {"nonce": "n"}]


@pytest.mark.parametrize("text", HOSTILE)
def test_mail_and_page_show_exactly_the_packages_text_and_run_none_of_it(text: str) -> None:
    for html in (
        body(sent(post(text, "Something else")), "html"),
        review([post(text, "Something else")], "T", "n", Button("Approve"), "Approve?"),
    ):
        found = parsed(html)
        assert [said.replace("\r\n", "\n") for said in found.texts] == [text, "Something else"]
        assert not {tag for tag, _ in found.tags} & {"iframe", "object", "link", "base"}
        assert foreign_scripts(found) == []
        assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("text", HOSTILE)
def test_the_text_part_says_the_same_and_has_every_link(text: str) -> None:
    plain = body(sent(post(text, "Other"), post("Second", post_id="p_2")), "plain").replace("\r\n", "\n")
    assert text in plain
    for link in ("p_1-review", "p_1-hold", "p_1-now", "p_2-review", "all", "stop"):
        assert f"https://a.test/{link}" in plain


def test_an_alt_text_cannot_break_out_of_its_attribute() -> None:
    hostile = "\"><script>alert('1')</script>"
    for html in (
        body(sent(post("Hi", alt=hostile)), "html"),
        review([post("Hi", alt=hostile)], "T", "n", Button("Approve"), "Approve?"),
    ):
        found = parsed(html)
        assert [attributes["alt"] for tag, attributes in found.tags if tag == "img"] == [hostile]
        assert foreign_scripts(found) == []


def test_every_picture_of_the_mail_comes_with_it_once() -> None:
    mail = sent(post("Hi", "Ho"))
    shown = {
        str(attributes["src"]).removeprefix("cid:")
        for tag, attributes in parsed(body(mail, "html")).tags
        if tag == "img"
    }
    there = [str(part["Content-ID"]).strip("<>") for part in mail.walk() if part.get_content_maintype() == "image"]
    assert there == sorted(shown)
    assert {part.get_content() for part in mail.walk() if part.get_content_maintype() == "image"} == {PICTURE}


def test_a_moved_post_says_both_times_and_why() -> None:
    moved = sent(post("Hi", goes_at="2026-03-28T08:00:00+00:00"))
    for kind in ("plain", "html"):
        said = body(moved, kind)
        assert "Saturday 28 March, 09:00, Berlin time" in said
        assert "Friday 27 March, 09:00, Berlin time" in said
        assert "moved: why" in said


def test_the_subject_says_how_many_and_when() -> None:
    assert sent(post("Hi"))["Subject"] == "Please approve: “Hi”, Friday 27 March, 09:00, Berlin time"
    two = sent(post("Hi"), post("Ho", post_id="p_2"))
    assert two["Subject"] == "Please approve 2 posts, the first “Hi”, Friday 27 March, 09:00, Berlin time"
    assert "again" in sent(post("Hi"), reason="changed")["Subject"]


def test_two_messages_of_one_round_are_two_messages_for_every_program() -> None:
    ids = {
        sent(post("Hi"))["Message-ID"],
        sent(post("Hi"), recipient="ben@example.test")["Message-ID"],
        sent(post("Hi", post_id="p_2"))["Message-ID"],
    }
    assert len(ids) == 3


def test_the_mails_about_one_post_hang_together() -> None:
    note = compose_note("Posted", ["Here."], envelope(thread="p_1"), Brake())
    assert note["References"] == sent(post("Hi"))["References"]
    assert sent(post("Hi"), post("Ho", post_id="p_2"))["References"] is None


def test_a_note_links_its_addresses_and_escapes_the_rest() -> None:
    said = ['a: https://n.test/?a=1&b="2"', "<b>no</b> javascript:alert(1)"]
    note = compose_note("<Title>", said, envelope(), Brake(), ("Go on", "https://a.test/x"))
    found = parsed(body(note, "html"))
    assert [attributes["href"] for tag, attributes in found.tags if tag == "a"] == [
        'https://n.test/?a=1&b="2"',
        "https://a.test/x",
    ]
    assert "b" not in {tag for tag, _ in found.tags}
    assert "Go on: https://a.test/x" in body(note, "plain")


@pytest.mark.parametrize(
    "html",
    [
        review([post("Hi")], "T", "n-1", Button("Approve", fields=(("lifts", 'p_1 "2026"'),)), "Approve?"),
        message("Done", ["Yes."], "n-1", [Button("Undo", "FRESH", "quiet")]),
    ],
)
def test_a_page_has_one_button_needs_no_script_and_names_no_absolute_path(html: str) -> None:
    tags = parsed(html).tags
    assert [tag for tag, _ in tags if tag == "button"] == ["button"]
    assert [attributes["nonce"] for tag, attributes in tags if tag == "style"] == ["n-1"]
    assert not [attributes for _, attributes in tags if "style" in attributes], "the policy allows no inline style"
    addresses = [attributes.get(name) or "" for _, attributes in tags for name in ("src", "href", "action")]
    assert not [address for address in addresses if address.startswith(("/", "http"))]


def test_the_answer_to_strangers_is_small_and_has_its_style_under_the_nonce() -> None:
    """Each of a million is paid for by its bytes (docs/cost.md)."""
    answer = refused("n" * 22)
    assert len(answer.encode()) < 1_400
    assert len(message("This link does not work", ["It may be incomplete."], "n" * 22).encode()) > 3_000
    assert f'<style nonce="{"n" * 22}">' in answer
    assert "prefers-color-scheme:dark" in answer
    assert "<h1>This link does not work</h1>" in answer
