"""The mail about drafts: their words, what to look at, and the way to each one's page. Text and HTML; no pictures are attached."""

from __future__ import annotations

from email.message import EmailMessage
from html import escape

from mesh.cards import letter
from mesh.cards.drafts import OPEN, TRY_AGAIN, DraftCard, DraftPost, Words
from mesh.cards.email import Envelope, compose_parts
from mesh.cards.plain import note_text

_SHORTER = (1500, 400, 120)  # characters of each text, where the whole mail would be cut off


def compose_drafts(card: DraftCard, envelope: Envelope) -> EmailMessage:
    """The whole message; where it would be too long, the beginnings of the texts, which says so."""
    shown = next(
        (one for one in (card, *map(card.shortened, _SHORTER)) if letter.sent_bytes(_html(one)) <= letter.MOST_BYTES),
        card.shortened(_SHORTER[-1]),
    )
    return compose_parts(envelope, card.subject, _text(card), _html(shown))


def _html(card: DraftCard) -> str:
    body = letter.paragraph(card.says) if card.says else ""
    body += _left(card)
    several = len(card.posts) > 1
    body += "".join(_post(post, heading=several) for post in card.posts)
    first = (card.ready or card.posts)[0]
    ahead = " ".join(filter(None, (first.opening, first.failed, card.says)))
    return letter.letter(card.title, ahead[:200], body, card.brake)


def _left(card: DraftCard) -> str:
    gone = card.planned - len(card.posts)
    return letter.paragraph(say_missing(gone)) if card.planned and gone > 0 else ""


def say_missing(count: int) -> str:
    """Of a plan's posts that this card does not show."""
    return f"{count} more of the plan {'is' if count == 1 else 'are'} not here: discarded, or still being written."


def _post(post: DraftPost, *, heading: bool) -> str:
    parts = [f'<h2 class="h2" dir="auto">{escape(post.opening or post.goes)}</h2>'] if heading else []
    if post.goes:
        parts.append(letter.paragraph(f"Would go out {post.goes}.", "faint"))
    if post.failed:
        parts.append(letter.box("banner", letter.paragraph(post.failed) + letter.paragraph(_kept(post), "faint")))
        parts.append(letter.push(TRY_AGAIN, post.link))
        return "".join(parts)
    if post.marks:
        parts.append(letter.box("banner", "".join(map(letter.paragraph, post.marks))))
    parts += [letter.box("sheet", _words(one)) for one in post.words]
    parts.append(letter.paragraph(about_files(post), "faint") if post.files else "")
    parts.append(letter.push(OPEN, post.link))
    return "".join(parts)


def _words(words: Words) -> str:
    names = f'<p class="faint">{escape(words.channels)}</p>' if words.channels else ""
    text = escape(words.text).replace("\n", "<br>")
    return f'{names}<div class="pv-text" dir="auto">{text}</div>'


def _kept(post: DraftPost) -> str:
    return f"Your note is kept: “{post.about}”" if post.about else "Your note is kept."


def about_files(post: DraftPost) -> str:
    """Their names alone: the pictures stand on the page."""
    alt = f" Shown to those who cannot see them as: {post.alt}" if post.alt else ""
    return f"With {', '.join(post.files)}.{alt}"


def _text(card: DraftCard) -> str:
    parts = [card.title + ".", *([card.says] if card.says else [])]
    gone = card.planned - len(card.posts)
    parts += [say_missing(gone)] if card.planned and gone > 0 else []
    for post in card.posts:
        parts.append("== " + " · ".join(filter(None, (post.opening, post.goes))))
        if post.failed:
            parts += [post.failed, _kept(post), f"{TRY_AGAIN}: {post.link}"]
            continue
        parts += ["\n".join(post.marks)] if post.marks else []
        parts += [
            "\n".join(filter(None, (f"[{one.channels}]" if one.channels else "", one.text))) for one in post.words
        ]
        parts += [about_files(post)] if post.files else []
        parts.append(f"{OPEN}: {post.link}")
    return note_text(parts, card.brake, None)
