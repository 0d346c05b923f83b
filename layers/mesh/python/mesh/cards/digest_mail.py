"""The weekly digest as a mail: text and HTML, small pictures inline. ``mesh.cards.letter`` has the frame."""

from __future__ import annotations

from email.message import EmailMessage
from html import escape

from mesh.cards import letter
from mesh.cards.digest import Digest, Entry, Link, Part, Picture, Press, fitting
from mesh.cards.email import Envelope, Inline, compose_parts
from mesh.cards.model import Brake
from mesh.cards.plain import note_text


def compose_digest(digest: Digest, envelope: Envelope, brake: Brake, link: Link) -> EmailMessage:
    """The whole message, below what mail programs cut off. ``link`` signs this recipient's buttons."""
    signed: dict[Press, str] = {}

    def once(press: Press) -> str:  # what is shown is measured several times, and every link has another nonce
        if press not in signed:
            signed[press] = link(press)
        return signed[press]

    shown = fitting(digest, lambda some: letter.sent_bytes(digest_html(some, brake, once)), letter.MOST_BYTES)
    pictures = [Inline(_cid(one), one.data, "jpeg") for one in shown.pictures.values()]
    html = digest_html(shown, brake, once)
    return compose_parts(envelope, shown.subject, digest_text(shown, brake, once), html, pictures)


def digest_html(digest: Digest, brake: Brake, link: Link) -> str:
    body = letter.paragraph(digest.summary) if digest.summary else ""
    body += "".join(_part(part, link) for part in digest.parts)
    return letter.letter(digest.title, digest.summary, body, brake)


def digest_text(digest: Digest, brake: Brake, link: Link) -> str:
    """Reads by itself: whoever sees no HTML finds every sentence and every link."""
    blocks = [f"{digest.title}.", *([digest.summary] if digest.summary else [])]
    for part in digest.parts:
        blocks.append(f"=== {part.heading}")
        above = ""
        for entry in part.entries:
            if entry.above != above:
                above = entry.above
                blocks.append(above)
            blocks.append(_entry_text(entry, link, short=part.short))
        if part.all_at_once is not None:
            blocks.append(f"{part.all_at_once.label}: {link(part.all_at_once)}")
        blocks += [part.rest] if part.rest else []
    return note_text(blocks, brake, None)


def _entry_text(entry: Entry, link: Link, *, short: bool) -> str:
    if short:
        said = [" – ".join(filter(None, (entry.title, entry.words, *entry.lines)))]
    else:
        said = [f"* {entry.title}", *([f"“{entry.words}”"] if entry.words else []), *entry.lines]
    said += [f"{label}: {address}" for label, address in entry.ways]
    said += [f"{press.label}: {link(press)}" for press in entry.presses]
    return "\n  ".join(said)


# HTML


def _part(part: Part, link: Link) -> str:
    shown = [f'<h2 class="h2">{escape(part.heading)}</h2>']
    above = ""
    for entry in part.entries:
        if entry.above != above:
            above = entry.above
            shown.append(f'<p class="dg-day">{escape(above)}</p>')
        shown.append(_short(entry, link) if part.short else _entry(entry, link))
    every = part.all_at_once
    if every is not None:
        shown.append(letter.push(every.label, link(every)))
    if part.rest:
        shown.append(letter.paragraph(part.rest, "faint"))
    return "".join(shown)


def _short(entry: Entry, link: Link) -> str:
    words = f' <span dir="auto">{escape(entry.words)}</span>' if entry.words else ""
    lines = "".join(f' <span class="quiet">· {escape(line)}</span>' for line in entry.lines)
    return f'<p class="dg-line"><strong>{escape(entry.title)}</strong>{words}{lines}</p>{_ways(entry, link)}'


def _entry(entry: Entry, link: Link) -> str:
    said = [f'<p class="dg-title" dir="auto">{escape(entry.title)}</p>']
    if entry.words:
        said.append(f'<p class="dg-words" dir="auto">{escape(entry.words)}</p>'.replace("\n", "<br>"))
    said += [letter.paragraph(line, "dg-faint") for line in entry.lines]
    said += [letter.push(press.label, link(press)) for press in entry.presses if press.kind == "go"]
    ways = _ways(entry, link)
    inner, kind = "".join(said) + ways, "dg-sheet" if ways else "sheet"  # its links have room below them already
    if entry.picture is None:
        return letter.box(kind, inner)
    picture = entry.picture
    image = (
        f'<img class="dg-image" src="cid:{_cid(picture)}" alt="{escape(picture.alt)}" width="{picture.width_px}"'
        f' height="{picture.height_px}">'
    )
    beside = (
        '<table role="presentation" class="dg-both" cellpadding="0" cellspacing="0" border="0" width="100%"><tr>'
        f'<td class="dg-picture" width="{picture.width_px}">{image}</td><td class="dg-said">{inner}</td></tr></table>'
    )
    return letter.box(kind, beside)


def _ways(entry: Entry, link: Link) -> str:
    quiet = [(press.label, link(press), press.kind) for press in entry.presses if press.kind != "go"]
    return letter.ways([*quiet, *((label, address, "way") for label, address in entry.ways)])


def _cid(picture: Picture) -> str:
    return f"{picture.name}@social-scheduler.invalid"
