"""The frame every mail stands in, and its parts, by the rules that hold in Gmail, Outlook and Apple Mail.

Tables carry the layout and their cells the padding; Outlook, which knows no ``max-width``, gets a table of fixed width in a comment that
nobody else reads. The declarations are put into the tags by css-inline; what turns round in the dark stays in the head as well. Only who
writes mails may import this: the pages' function has no css-inline.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from functools import cache
from html import escape

from css_inline import CSSInliner

from mesh.cards.looks import MAIL_CSS, MAIL_DARK_CSS
from mesh.cards.model import COMPOSE, GO_ON, HOLD_ALL, Brake

# Gmail cuts a mail's HTML at 102 kB and its last buttons with it (as senders report; Google documents no figure); some way is left below.
MOST_BYTES = 95_000
_WIDTH_PX = 560
_TABLE = 'role="presentation" cellpadding="0" cellspacing="0" border="0"'
# Keeps a mailbox's list from showing the mail's first words behind those that are meant for it.
_FILL = "&#847;&zwnj;&nbsp;" * 40


def letter(title: str, ahead: str, body: str, brake: Brake, foot: str = "") -> str:
    """A whole mail's HTML. ``ahead`` says the news in the mailbox's list; ``body`` is HTML of the parts below.

    ``foot`` stands at the end in place of the ways to act that every other mail has: for people who have none.
    """
    held = ""
    if brake.held:
        said = f"<strong>Everything is on hold.</strong> {escape(brake.held)} Nothing goes out until somebody lets it go on."
        held = box("banner", f'<p class="p" dir="auto">{said}</p>{push(GO_ON, brake.release_everything)}')
    ending = paragraph(foot, "foot") if foot else _foot(brake)
    inner = f'{held}<h1 class="h1" dir="auto">{escape(title)}</h1>{body}{ending}'
    html = (
        '<!doctype html><html lang="en" dir="ltr" xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="x-apple-disable-message-reformatting">'
        '<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(title)}</title>"
        "<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml>"
        "<style>td,p,h1,h2,h3,a,li{font-family:Arial,sans-serif !important}</style><![endif]-->"
        f'<style data-css-inline="keep">:root{{color-scheme:light dark}}\n{MAIL_DARK_CSS}</style></head>'
        f'<body class="paper" style="margin:0;padding:0"><div class="ahead">{escape(ahead)}{_FILL}</div>'
        f'<table class="paper" {_TABLE} width="100%"><tr><td class="frame" align="center">'
        f'<!--[if mso]><table {_TABLE} width="{_WIDTH_PX}" align="center"><tr><td><![endif]-->'
        f'<table class="letter" {_TABLE} width="100%"><tr><td class="body">{inner}</td></tr></table>'
        "<!--[if mso]></td></tr></table><![endif]--></td></tr></table></body></html>"
    )
    return _inliner().inline(sendable(html))


def sent_bytes(html: str) -> int:
    """The size of an HTML part as it is sent."""
    return min(_sizes(html))


def encoding(html: str) -> str:
    """The shorter transfer encoding: for a text in Thai that is not the one for English."""
    quoted, base64 = _sizes(html)
    return "quoted-printable" if quoted <= base64 else "base64"


def sendable(text: str) -> str:
    """Half an emoji has no UTF-8, and may not cost anybody the mail."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def paragraph(text: str, kind: str = "p") -> str:
    """A sentence of ours or the owner's. Addresses in it become links."""
    return f'<p class="{kind}" dir="auto">{_linked(text)}</p>'


def box(kind: str, inner: str) -> str:
    """A frame around ``inner``, which is HTML."""
    return f'<table class="box" {_TABLE} width="100%"><tr><td class="{kind}">{inner}</td></tr></table>'


def push(label: str, address: str, kind: str = "go") -> str:
    """A button: a padded link in a cell of its colour. ``kind`` is "go" or "halt"."""
    link = f'<a class="label" href="{escape(address)}">{escape(label)}</a>'
    return f'<table class="push" {_TABLE}><tr><td class="{kind}" bgcolor="{_GROUNDS[kind]}">{link}</td></tr></table>'


def ways(links: Sequence[tuple[str, str, str]]) -> str:
    """Quiet links beside a button: label, address, and kind, which is "way" or "stop"."""
    return f'<p class="ways">{" ".join(_way(*link) for link in links)}</p>' if links else ""


_GROUNDS = {"go": "#0f6b4f", "halt": "#9a3b1f"}


def _foot(brake: Brake) -> str:
    links = [(COMPOSE, brake.compose, "quiet")] if brake.compose else []
    links += [("Open the sheet", brake.sheet, "quiet")] if brake.sheet else []
    if brake.held:
        links.append((GO_ON, brake.release_everything, "quiet"))
    elif brake.hold_everything:
        links.append((HOLD_ALL, brake.hold_everything, "quiet"))
    note = "Opening a link changes nothing: the button on its page does, unless you told that device to act at once."
    shown = " &nbsp;·&nbsp; ".join(_way(*link) for link in links)
    return f'<p class="foot">{note}{"<br>" if shown else ""}{shown}</p>'


def _way(label: str, address: str, kind: str) -> str:
    return f'<a class="{kind}" href="{escape(address)}">{escape(label)}</a>'


def _linked(sentence: str) -> str:
    words = (
        _way(word, word, "link") if word.startswith(("http://", "https://")) else escape(word)
        for word in sentence.split(" ")
    )
    return " ".join(words).replace("\n", "<br>")


@cache
def _inliner() -> CSSInliner:
    return CSSInliner(load_remote_stylesheets=False, minify_css=True, extra_css=MAIL_CSS)


def _sizes(html: str) -> tuple[int, int]:
    """In quoted-printable and in base64, in bytes; both have lines of 76 characters."""
    data = html.replace("\n", "\r\n").encode()
    return len(binascii.b2a_qp(data, istext=True)), 4 * -(-len(data) // 3) + 2 * -(-len(data) // 57)
