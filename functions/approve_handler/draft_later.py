"""What somebody typed on a draft's or a plan's page, where not even the page can be read just now: given back to be copied. Pure."""

from __future__ import annotations

from html import escape

from approve_handler.draft_form import read_typed
from approve_handler.draft_pages import STYLE
from approve_handler.plan_form import read_plan
from mesh.cards.pages import Around, message
from mesh.door.request import Request, form_fields

_NOT_NOW = "Please open the link again in a minute. If your press did arrive, the page will say so."
_BELOW = "What you had typed stands below, to be copied."


def not_now_page(request: Request, nonce: str) -> str:
    """Without a form: whoever opens the link again has the draft as it stands by then."""
    words = kept_words(request)
    fields = "".join(
        f'<label for="kept-{number}">{escape(name)}</label>'
        f'<textarea id="kept-{number}" rows="6" readonly dir="auto">\n{escape(text)}</textarea>'
        for number, (name, text) in enumerate(words)
    )
    said = [_NOT_NOW, *([_BELOW] if words else [])]
    return message("Not just now", said, nonce, extra=fields, around=Around(style=STYLE), alert=True)


def kept_words(request: Request) -> list[tuple[str, str]]:
    """Everything that was typed by hand, each under what its field is called."""
    fields = form_fields(request)
    typed = read_typed(fields)
    found = [
        ("The post’s words", typed.text),
        *((f"Own words for {channel}", text) for channel, text in typed.texts.items()),
        ("What the picture shows", typed.alt),
        ("Link", typed.link),
        *((f"Post {number}", line.topic) for number, line in enumerate(read_plan(fields).lines, start=1)),
    ]
    return [(name, text) for name, text in found if text]
