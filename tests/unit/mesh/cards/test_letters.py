"""The frame of a mail by the rules that hold in Gmail, Outlook and Apple Mail, and what every mail carries."""

from __future__ import annotations

import ast
import email
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest
from preview_samples import PICTURES, TEXT, post_on_all

import mesh.cards
from mesh.cards.changes import compare
from mesh.cards.email import Envelope, compose_card, compose_note, compose_question, subject
from mesh.cards.model import Brake, Card, CardPost, Question, card_post, first_words, only_on
from networks import NAMES

NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)
ENVELOPE = Envelope("Café Möwe <posts@example.test>", "ada@example.test", NOW, "k")
LINKS = {action: f"https://a.test/{action}?a=1&b=2" for action in ("review", "hold", "now")}
HELD = Brake(release_everything="https://a.test/go", held="Ada held everything (Friday).", sheet="https://s.test/")
FREE = Brake(hold_everything="https://a.test/stop", sheet="https://s.test/")


class Read(HTMLParser):
    """Tags with their attributes, comments, and the text a reader is shown with the links' addresses behind their words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.comments: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        if tag == "a":
            self.words += f" ({found['href']}) "

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        if not self.tags or self.tags[-1][0] not in {"style", "title"}:
            self.words += data

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def one_post(text: str = TEXT, images: int = 2) -> CardPost:
    before, _ = post_on_all(1, "Es war anders. " + text)
    manifest, status = post_on_all(images, text)
    return replace(card_post(status, manifest, NOW, LINKS), changes=compare(before, manifest))


def a_card(*posts: CardPost, reason: str = "new", brake: Brake = FREE) -> Card:
    every = "https://a.test/all" if len(posts) > 1 else ""
    held = (brake.hold_everything, brake.release_everything, brake.held)
    return Card("r", reason, posts, every, *held, brake.sheet, brake.compose)


def arrived(mail: EmailMessage) -> EmailMessage:
    return email.message_from_bytes(mail.as_bytes(), policy=policy.default)  # type: ignore[return-value]


def body(mail: EmailMessage, kind: str = "html") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def picture(post_id: str, revision: str, sha256: str) -> bytes:
    return PICTURES[sha256][0]


def every_mail(brake: Brake) -> dict[str, EmailMessage]:
    post = one_post()
    asked = {action: f"https://a.test/{action}" for action in ("found", "not-there", "send-again")}
    question = Question("x-main", "Friday", only_on(post, "x-main"), asked)
    return {
        "card": arrived(compose_card(a_card(post, brake=brake), ENVELOPE, picture)),
        "question": arrived(compose_question(question, ENVELOPE, picture, brake)),
        "note": arrived(compose_note("Posted", ["On bluesky: https://b.test/1"], ENVELOPE, brake)),
    }


KINDS = ["card", "question", "note"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_holds_everything_by_a_link(kind: str) -> None:
    mail = every_mail(FREE)[kind]
    assert "(https://a.test/stop) Hold everything" in Read(body(mail)).words
    assert "Hold everything: https://a.test/stop\n" in body(mail, "plain")
    assert "is on hold" not in body(mail)


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_leads_to_where_notes_are_written_where_there_is_such_a_page(kind: str) -> None:
    for brake in (FREE, HELD):
        mail = every_mail(replace(brake, compose="https://c.test/token"))[kind]
        assert "(https://c.test/token) Write a note for the next post" in Read(body(mail)).words
        assert "Write a note for the next post: https://c.test/token\n" in body(mail, "plain")
        assert "Write a note" not in body(every_mail(brake)[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_while_everything_is_held_every_mail_says_so_at_its_top_and_lets_it_go_on(kind: str) -> None:
    mail = every_mail(HELD)[kind]
    words = Read(body(mail)).words
    assert words.index("Everything is on hold. Ada held everything (Friday).") < words.index("Opening a link")
    html = body(mail)
    assert html.index("Everything is on hold.") < html.index("<h1")
    assert "(https://a.test/go) Let everything go on" in words
    assert "Hold everything" not in words
    assert body(mail, "plain").startswith(
        "Everything is on hold. Ada held everything (Friday).\nLet everything go on: "
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_is_made_as_mail_programs_want_it(kind: str) -> None:
    html = body(every_mail(HELD)[kind])
    read = Read(html)
    assert read.named("html")[0]["lang"] == "en"
    assert {meta.get("name") for meta in read.named("meta")} >= {"viewport", "color-scheme", "supported-color-schemes"}
    assert all(table["role"] == "presentation" for table in read.named("table")), "no table is one of figures"
    assert all(image["width"].isdigit() and "alt" in image for image in read.named("img"))
    assert any('<table role="presentation"' in comment and 'width="560"' in comment for comment in read.comments)
    (kept,) = re.findall(r"(?s)<style[^>]*>(.*?)</style>", re.sub(r"(?s)<!--.*?-->", "", html))
    assert "prefers-color-scheme:dark" in kept
    assert "[data-ogsc] .ink" in kept
    assert not read.named("script") + read.named("link") + read.named("form")
    buttons = [cell for cell in read.named("td") if "mso-padding-alt" in cell.get("style", "")]
    assert buttons
    assert all(cell["bgcolor"] for cell in buttons)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_is_read_is_smaller_than_sixteen_pixels(kind: str) -> None:
    read = Read(body(every_mail(HELD)[kind]))
    small = [
        (attributes.get("class"), size)
        for _, attributes in read.tags
        for size in re.findall(r"font-size:\s*(\d+)px", attributes.get("style", ""))
        if int(size) < 16
    ]
    assert {kind for kind, _ in small} <= {"ahead", *(f"pv-dot pv-{name}" for name in NAMES)}


def test_every_class_but_those_that_only_name_a_thing_has_its_declarations_in_its_tag() -> None:
    read = Read(body(every_mail(HELD)["card"]))
    bare = [attributes["class"] for _, attributes in read.tags if "class" in attributes and "style" not in attributes]
    assert bare == []


def test_the_mailbox_shows_the_news_first() -> None:
    card = arrived(compose_card(a_card(one_post(), reason="changed"), ENVELOPE, picture))
    assert Read(body(card)).words.strip().startswith("Changed since you were last asked. Apfelkuchen vom Blech")
    assert Read(body(every_mail(FREE)["note"])).words.strip().startswith("On bluesky:")


def test_the_subject_begins_with_what_is_asked_and_names_the_post() -> None:
    post = one_post("Cake, still warm")
    said = "“Cake, still warm”, Friday 27 March, 09:00, Berlin time"
    assert subject(a_card(post)) == f"Please approve: {said}"
    assert subject(a_card(post, reason="changed")) == f"Approve again: {said}"
    assert subject(a_card(post, reason="late")) == f"Too late on its own: still send it? {said}"
    assert subject(a_card(post, post)) == f"Please approve 2 posts, the first {said}"
    assert subject(a_card(post, post, reason="late")).startswith("2 posts missed their time")
    decided = replace(post, decided="Approved by Ada.")
    assert subject(a_card(decided)) == f"Decided already: {said}"
    assert subject(a_card(decided, post)) == f"Please approve: {said}"
    assert subject(a_card(one_post(""))) == "Please approve: Friday 27 March, 09:00, Berlin time"


def test_a_post_that_is_decided_says_so_and_offers_only_what_is_left() -> None:
    decided = replace(one_post(), decided="Approved by Ada (Friday).", links={"hold": "https://a.test/h"})
    mail = arrived(compose_card(a_card(decided, reason="fresh"), ENVELOPE, picture))
    words = Read(body(mail)).words
    assert "Approved by Ada (Friday)." in words
    assert "Approved by Ada (Friday)." in body(mail, "plain")
    assert "(https://a.test/h) Hold" in words
    assert "Send now" not in words
    assert ") Approve" not in words


def test_a_card_has_its_buttons_its_costs_and_the_sheet() -> None:
    words = Read(body(every_mail(FREE)["card"])).words
    for said in (
        f"({LINKS['review']}) Approve",
        f"({LINKS['hold']}) Hold",
        f"({LINKS['now']}) Send now",
        "(https://s.test/) Open in the sheet",
        "X charges $0.20 for this post",
        "Not on x-second: 3 characters too long",
        "What changed",
    ):
        assert said in words
    assert words.index("X charges") < words.index("Nearly the same"), "what it costs comes first"


@pytest.mark.parametrize(
    "text",
    [
        "a\r\nBcc: evil@example.test\r\n\r\nbody",
        "a\nSubject: other",
        "a\x00b\x0bc\x1bd\x85e\u2028f\u2029g",
        "\u202eevil\u202c \ufeff x",
        "\ud83c half",
        "x" * 400,
        "cid:p_1.0123@social-scheduler.invalid",
        "=?utf-8?q?Bcc=3A_evil?=",
        "مرحبا بالعالم",
    ],
)
def test_no_text_adds_a_header_or_breaks_the_subject(text: str) -> None:
    made = compose_card(a_card(one_post(text, 1)), replace(ENVELOPE, subject=text, thread="p_1"), picture)
    raw = made.as_bytes()
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert set(mail.keys()) == {
        "Subject", "From", "To", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type"
    }  # fmt: skip
    assert len(mail.get_all("Subject")) == 1
    assert "\n" not in mail["Subject"]
    head = raw.partition(b"\r\n\r\n")[0]
    assert b"\n " not in head.partition(b"Subject:")[2].partition(b"\r\n")[0], "a subject is on one line"
    assert all(len(line) < 998 for line in raw.split(b"\r\n"))
    assert mail["References"] == mail["In-Reply-To"] == "<post.p_1@social-scheduler.invalid>"


@pytest.mark.parametrize(
    "text", ["</td></tr></table><h1>x</h1>", "<!--[if mso]><b>x</b><![endif]-->", "<style>*{}</style>", "cid:p_1.x"]
)
def test_a_text_with_markup_in_it_stays_a_text(text: str) -> None:
    plain = Read(body(arrived(compose_card(a_card(one_post("Cake", 1)), ENVELOPE, picture))))
    hostile = Read(body(arrived(compose_card(a_card(one_post(text, 1)), ENVELOPE, picture))))
    count = [sum(tag == name for tag, _ in read.tags) for read in (plain, hostile) for name in ("h1", "table", "style")]
    assert count[:3] == count[3:]
    assert text in hostile.words


def test_right_to_left_text_runs_right_to_left_and_the_frame_does_not() -> None:
    read = Read(body(arrived(compose_card(a_card(one_post("مرحبا بالعالم", 1)), ENVELOPE, picture))))
    assert read.named("html")[0]["dir"] == "ltr"
    texts = [attributes for _, attributes in read.tags if attributes.get("class") == "pv-text"]
    assert texts
    assert all(text["dir"] == "auto" for text in texts)


def test_bodies_keep_to_lines_of_76_characters() -> None:
    mail = compose_card(a_card(one_post("ไทย " * 500)), ENVELOPE, picture)
    for part in mail.walk():
        if not part.is_multipart():
            assert max(map(len, part.get_payload().splitlines())) <= 76  # type: ignore[union-attr]


def test_first_words_are_one_line() -> None:
    assert first_words("a\r\n\u2028b \ud800") == "a b"


def test_only_who_writes_mails_needs_css_inline() -> None:
    folder = Path(mesh.cards.__file__).parent
    imports = {}
    for file in folder.glob("*.py"):
        tree = ast.walk(ast.parse(file.read_text()))
        imports[file.stem] = {node.module for node in tree if isinstance(node, ast.ImportFrom)}
    assert {name for name, found in imports.items() if "css_inline" in found} == {"letter"}
    # In a process of its own: here, others have imported it already.
    code = "import sys; sys.modules['css_inline'] = None; import mesh.cards.pages, mesh.cards.changes, approve_handler.handler"
    path = ":".join(sys.path)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
