"""Mails: cards, questions and notes as MIME, text and HTML, images inline. ``mesh.cards.letter`` has the frame of their HTML."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from mesh.cards import letter
from mesh.cards.changes import changes_html
from mesh.cards.model import ACTIONS, ANSWERS, REASONS, Brake, Card, CardPost, Question
from mesh.cards.plain import card_text, note_text, question_text
from mesh.cards.previews import MAIL, Markup, left_out_html, preview_html
from mesh.cards.shares import MOST_IMAGE_BYTES, Part, fitting, images_in, parts_of
from mesh.packages import PackedImage

# A subject on one line: some programs show the blank a folded one begins with. Bodies keep to the 76 characters of RFC 2045.
_HEADERS = SMTP.clone(max_line_length=500)
_BODIES = SMTP.clone(max_line_length=76)
_HOST = "social-scheduler.invalid"
_MOST_SENTENCE_CHARACTERS = 600  # of a remark: nothing of ours is longer, and a mail's size must have a bound
Reader = Callable[[str, str, str], bytes]  # (post_id, revision of the image's package, sha256) -> bytes


@dataclass(frozen=True)
class Envelope:
    """``key`` makes the Message-ID. ``thread`` is the post it is about, "" for none; ``subject`` stands in place of the mail's own."""

    sender: str
    recipient: str
    now: datetime
    key: str
    thread: str = ""
    subject: str = ""


def subject(card: Card) -> str:
    """What is asked, then the post's first words and its time."""
    count = len(card.waiting)
    first = (card.waiting or card.posts)[0]
    named = f"“{first.opening}”, {first.goes}" if first.opening else first.goes
    if not count:
        return f"Decided already: {named}" if len(card.posts) == 1 else f"{len(card.posts)} posts, all decided already"
    if card.reason == "late":
        return (
            f"Too late on its own: still send it? {named}"
            if count == 1
            else f"{count} posts missed their time: still send them? The first: {named}"
        )
    what = "Approve again" if card.reason == "changed" else "Please approve"
    return f"{what}: {named}" if count == 1 else f"{what} {count} posts, the first {named}"


def card_key(card: Card, recipient: str) -> str:
    """One round may be several messages, and each recipient has another: programs drop a second mail of one id."""
    return f"card.{card.round_id}.{card.posts[0].post_id}.{hashlib.sha256(recipient.encode()).hexdigest()[:8]}"


def card_fits(card: Card) -> bool:
    """Whether all of it goes into one mail that no program cuts off."""
    parts = [part for post in card.posts for part in parts_of(post)]
    images = sum(image.size_bytes for _, image in images_in(parts).values())
    return images <= MOST_IMAGE_BYTES and letter.sent_bytes(_card_html(card, parts)) <= letter.MOST_BYTES


def compose_card(card: Card, envelope: Envelope, read_image: Reader) -> EmailMessage:
    """The whole message. What does not fit into it is named in it, and stands on the page behind its button."""
    parts = [part for post in card.posts for part in parts_of(post)]
    shown = fitting(parts, lambda some: letter.sent_bytes(_card_html(card, some)), letter.MOST_BYTES)
    if len(shown) < len(parts):  # "all you see here" must be all of it
        card = replace(card, approve_all="")
    return _message(envelope, subject(card), card_text(card), _card_html(card, shown), shown, read_image)


def compose_question(question: Question, envelope: Envelope, read_image: Reader, brake: Brake) -> EmailMessage:
    """Asks what became of a try that nobody could prove: what was handed over, and the three answers."""
    title, parts = f"Did this go out on {question.channel}?", parts_of(question.post)
    shown = fitting(
        parts, lambda some: letter.sent_bytes(_question_html(question, title, some, brake)), letter.MOST_BYTES
    )
    html = _question_html(question, title, shown, brake)
    return _message(envelope, title, question_text(question, brake), html, shown, read_image)


def compose_note(
    title: str, sentences: Sequence[str], envelope: Envelope, brake: Brake, button: tuple[str, str] | None = None
) -> EmailMessage:
    """A receipt or a trouble: a headline and a few sentences. Addresses in them become links. ``button`` is a label and its address."""
    body = "".join(map(letter.paragraph, sentences)) + (letter.push(*button) if button else "")
    html = letter.letter(title, " ".join(sentences)[:200], body, brake)
    return _message(envelope, title, note_text(sentences, brake, button), html, (), _no_image)


@dataclass(frozen=True)
class Inline:
    """A picture that the HTML shows as ``cid:<name>``. ``kind`` is the part of its type behind the slash."""

    name: str
    data: bytes
    kind: str


def compose_parts(
    envelope: Envelope, title: str, text: str, html: str, pictures: Iterable[Inline] = ()
) -> EmailMessage:
    """A mail of parts that are made already."""
    mail = _message(envelope, title, text, html, (), _no_image)
    html_part = mail.get_payload()[1]  # type: ignore[index]
    for one in pictures:
        html_part.add_related(one.data, maintype="image", subtype=one.kind, cid=f"<{one.name}>")  # type: ignore[union-attr]
    return mail


def _message(
    envelope: Envelope, title: str, text: str, html: str, shown: Sequence[Part], read_image: Reader
) -> EmailMessage:
    mail = EmailMessage(policy=_BODIES)
    mail.set_content(letter.sendable(text))
    mail.add_alternative(html, subtype="html", cte=letter.encoding(html))
    html_part = mail.get_payload()[1]  # type: ignore[index]
    for (post_id, sha256), (revision, image) in images_in(shown).items():
        data, kind = read_image(post_id, revision, sha256), image.mime.partition("/")[2]
        html_part.add_related(data, maintype="image", subtype=kind, cid=f"<{_cid(post_id, image)}>")  # type: ignore[union-attr]
    mail.policy = _HEADERS
    mail["Subject"] = _line(envelope.subject or title)
    mail["From"] = envelope.sender
    mail["To"] = envelope.recipient
    mail["Date"] = format_datetime(envelope.now)
    mail["Message-ID"] = f"<{envelope.key}@{_HOST}>"
    if envelope.thread:
        # All mails about one post hang together under an id that none of them has: SES gives each an id of its own.
        mail["In-Reply-To"] = mail["References"] = f"<post.{envelope.thread}@{_HOST}>"
    return mail


def _line(text: str) -> str:
    """One line, and nothing that a header may not hold."""
    return " ".join("".join(char if char.isprintable() or char == "\u200d" else " " for char in text).split())


def _no_image(post_id: str, revision: str, sha256: str) -> bytes:
    raise AssertionError("a note has no image")


# the HTML of a card and of a question


def _card_html(card: Card, shown: Sequence[Part]) -> str:
    count = len(card.waiting)
    title = {0: "Nothing of this waits for you", 1: "One post waits for you"}.get(count, f"{count} posts wait for you")
    reason = REASONS.get(card.reason, "")
    body = letter.paragraph(reason) if reason else ""
    body += "".join(_post(post, shown, card.sheet) for post in card.posts)
    if card.approve_all:  # apart from the last post's own button
        body += f'<div class="rule">{letter.push(f"Approve all {count} you see here", card.approve_all)}</div>'
    first = (card.waiting or card.posts)[0]
    ahead = " ".join(filter(None, (reason or title + ".", first.opening, first.goes)))
    return letter.letter(title, ahead, body, card.brake)


def _post(post: CardPost, shown: Sequence[Part], sheet: str) -> str:
    parts = [f'<h2 class="h2">{escape(post.goes)}</h2>']
    if post.planned:
        parts.append(letter.paragraph(f"Planned for {post.planned}; {post.why}.", "faint"))
    if post.decided:
        parts.append(letter.paragraph(post.decided))
    mine = [part for part in shown if part.post is post]
    if post.changes is not None and any(part.preview is None for part in mine):
        parts.append(changes_html(post.changes, lambda image, _: f"cid:{_cid(post.post_id, image)}", MAIL))
    others = [remark for remark in post.remarks if remark not in post.costs]
    parts.append(left_out_html(map(_short, post.left_out), map(_short, [*post.costs, *others]), MAIL))
    parts += _previews(mine)
    parts += _unseen(post, mine)
    if "review" in post.links:
        parts.append(letter.push(ACTIONS["review"], post.links["review"]))
    quiet = [(ACTIONS[action], action, "stop" if action == "hold" else "way") for action in ("hold", "now")]
    links = [(label, post.links[action], kind) for label, action, kind in quiet if action in post.links]
    return "".join(parts) + letter.ways([*links, *([("Open in the sheet", sheet, "way")] if sheet else [])])


def _previews(parts: Iterable[Part], markup: Markup = MAIL) -> Iterable[str]:
    told: set[str] = set()
    for part in parts:
        if part.preview is not None:
            post_id = part.post.post_id
            address = _addresses(post_id)
            yield letter.box("sheet", preview_html(part.preview, part.names, address, markup, told))


def _unseen(post: CardPost, mine: Sequence[Part]) -> Iterable[str]:
    """What is on the page alone, by name: nobody shall believe that this mail shows everything."""
    missing = [part for part in parts_of(post) if part not in mine]
    if missing:
        names = "; ".join("what changed" if part.preview is None else part.names for part in missing)
        way = "hold" if "review" not in post.links else "review"
        said = f"Too long for a mail, and shown only on the page behind the button: {names}."
        link = letter.ways([("See all of it", post.links[way], "way")]) if way in post.links else ""
        yield letter.box("banner", letter.paragraph(said) + link)


def _question_html(question: Question, title: str, shown: Sequence[Part], brake: Brake) -> str:
    first, *others = ANSWERS.items()
    body = "".join(map(letter.paragraph, question.sentences)) + "".join(
        [*_previews(shown, _ALONE), *_unseen(question.post, shown)]
    )
    body += letter.push(first[1], question.links[first[0]])
    body += letter.ways([(label, question.links[action], "way") for action, label in others])
    return letter.letter(title, f"{question.post.opening} {question.sentences[1]}", body, brake)


_ALONE = replace(MAIL, heading="h2")  # without a post's own heading above it


def _short(sentence: str) -> str:
    most = _MOST_SENTENCE_CHARACTERS
    return sentence if len(sentence) <= most else f"{sentence[:most]}…"


def _addresses(post_id: str) -> Callable[[PackedImage], str]:
    return lambda image: f"cid:{_cid(post_id, image)}"


def _cid(post_id: str, image: PackedImage) -> str:
    return f"{post_id}.{image.sha256[:24]}@{_HOST}"
