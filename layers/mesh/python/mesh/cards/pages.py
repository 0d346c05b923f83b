"""The pages behind the signed links. They work without script; each has one main button; everything of the owner's is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from mesh.cards.model import CardPost, grouped
from mesh.cards.previews import PAGE, PAGE_PREVIEW_CSS, Preview, left_out_html, preview_html
from mesh.cards.style import BASE_CSS, PAGE_CSS


@dataclass(frozen=True)
class Button:
    """A form of one button. ``action`` is relative to the page's own address; "" posts to the page itself."""

    label: str
    action: str = ""
    kind: str = ""  # "" the main one, "stop", "quiet"
    fields: tuple[tuple[str, str], ...] = ()  # what the form says back, unseen


@dataclass(frozen=True)
class Around:
    """What stands around what a page says: above it, below it (both HTML of ours), a script and a style that stand under its nonce, and
    what goes into its head."""

    top: str = ""
    foot: str = ""
    script: str = ""
    style: str = ""
    head: str = ""


BARE = Around()

BY = '<input type="hidden" name="by" value="page">'  # in every form: who pressed its button, see the script

# Says in each form whether a hand pressed its button: only what a person does makes an event that a browser calls trusted, and it stays
# untrusted also where a scanner's tool lends its scripts a user's gesture. Without script the field says "page", and the browser's own
# marks decide (``mesh.door.request``).
_HAND_SCRIPT = """
(function () {
  "use strict";
  for (var i = 0; i < document.forms.length; i++) document.forms[i].elements.by.value = "script";
  document.addEventListener("click", function (event) {
    var button = event.isTrusted && event.target.closest && event.target.closest("button");
    if (button && button.form) button.form.elements.by.value = "hand";
  }, true);
})();
""".strip()


def page(title: str, body: str, nonce: str, around: Around = BARE, *, plain: bool = False) -> str:
    """A whole page. ``nonce`` allows its style sheet and its scripts, and nothing else. ``plain``: a heading and sentences are all it has."""
    style = BASE_CSS if plain else f"{PAGE_CSS}\n{PAGE_PREVIEW_CSS}"
    scripts = [_HAND_SCRIPT] if "<form" in f"{around.top}{body}{around.foot}" else []
    scripts += [around.script] if around.script else []
    script = "".join(f'<script nonce="{nonce}">{one}</script>' for one in scripts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{escape(title)}</title><style nonce="{nonce}">{style}{around.style}</style>{around.head}</head>'
        f"<body><main>{around.top}{body}{around.foot}</main>{script}</body></html>"
    )


def button(what: Button) -> str:
    kind = f' class="{what.kind}"' if what.kind else ""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in what.fields
    )
    return (
        f'<form method="post" action="{escape(what.action)}">{BY}{hidden}'
        f'<button{kind} type="submit" name="go" value="1">{escape(what.label)}</button></form>'
    )


def post_view(post: CardPost, token: str) -> str:
    """Exactly what will go out, and when. Images come from the page's own address."""
    when = f'<p class="when">{escape(post.goes)}</p>'
    if post.planned:
        when += f'<p class="faint small">Planned for {escape(post.planned)}; {escape(post.why)}.</p>'
    when += left_out_html(post.left_out, post.remarks, PAGE)
    return when + "".join(_preview(name, preview, token) for name, preview in grouped(post.previews))


def _preview(names: str, preview: Preview, token: str) -> str:
    shown = preview_html(preview, names, lambda image: f"{token}/image/{image.sha256}", PAGE)
    return f"<article>{shown}</article>"


def review(
    posts: Sequence[CardPost],
    token: str,
    nonce: str,
    what: Button,
    title: str,
    note: str = "",
    others: Sequence[Button] = (),
    around: Around = BARE,
) -> str:
    """What goes out, then the main button, then the others."""
    views = "".join(post_view(post, token) for post in posts)
    remark = f'<p role="alert">{escape(note)}</p>' if note else ""
    buttons = "".join(button(one) for one in (what, *others))
    return page(title, f"<h1>{escape(title)}</h1>{remark}{views}{buttons}", nonce, around)


def message(
    title: str,
    sentences: Sequence[str],
    nonce: str,
    buttons: Sequence[Button] = (),
    extra: str = "",
    around: Around = BARE,
    *,
    alert: bool = False,
) -> str:
    """A page that says something; ``extra`` is HTML of ours. ``alert``: it is no good news, and is read out at once."""
    said = "".join(f'<p dir="auto">{escape(sentence)}</p>' for sentence in sentences)
    if said:
        said = f'<div role="{"alert" if alert else "status"}">{said}</div>'
    return page(
        title, f"<h1>{escape(title)}</h1>{said}{extra}{''.join(button(what) for what in buttons)}", nonce, around
    )


def refused(nonce: str) -> str:
    """The one answer to everything that is not a link of ours. It is small: whoever hammers the door has each of them sent to him."""
    title, said = "This link does not work", "It may be incomplete. Please open it again from the newest mail."
    return page(title, f'<h1>{title}</h1><div role="alert"><p dir="auto">{said}</p></div>', nonce, plain=True)
