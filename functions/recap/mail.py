"""The recap as a mail: headline, three numbers, the picture, the paragraph, and every figure once more in tables. Text and HTML.

It carries no signed link and no way to act: whoever reads it need not be one of those who approve.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from html import escape

from mesh.cards import letter
from mesh.cards.email import Envelope, compose_parts
from mesh.cards.model import Brake
from recap.decide import OTHERS, Channel, Fact, Told
from recap.palette import colour
from recap.words import number

_CID = "recap@social-scheduler.invalid"
_MOST_CHANNELS = 60  # rows of the table: with so many the mail is far below what mail programs cut off
_CELL = "padding:6px 0;vertical-align:top"
_NAME = f"{_CELL};text-align:left;font-weight:400"
_NUMBER = "padding:6px 0 6px 10px;text-align:right;white-space:nowrap;vertical-align:top"


def compose(
    told: Told, picture: bytes, envelope: Envelope, listed: bool, answers_to: Sequence[str] = ()
) -> EmailMessage:
    """``picture`` is PNG, empty for none. ``listed``: to somebody of the list of stakeholders, not to one who approves; what such a
    reader answers goes to ``answers_to``: the sender's own address is often read by nobody.
    """
    mail = compose_parts(
        envelope, told.headline, text(told, envelope.sender, listed), html(told, bool(picture), envelope.sender, listed)
    )
    if listed and answers_to:
        mail["Reply-To"] = ", ".join(answers_to)
    if picture:
        rich = mail.get_body(("html",))
        assert rich is not None
        rich.add_related(picture, maintype="image", subtype="png", cid=f"<{_CID}>", disposition="inline")
    return mail


def text(told: Told, sender: str, listed: bool) -> str:
    parts = [f"{told.month} on social media", told.paragraph]
    parts += ["\n".join(map(_line, told.facts))] if told.facts else []
    if told.channels:
        parts.append("\n".join(["By channel:", *map(_channel_line, told.channels)]))
    parts += ["\n".join(f"* {note}" for note in told.notes)] if told.notes else []
    parts.append("\n".join(_why(sender, listed)))
    return "\n\n".join(parts) + "\n"


def _line(fact: Fact) -> str:
    return f"{fact.label}: {fact.value}" + (f" ({fact.note})" if fact.note else "")


def _channel_line(one: Channel) -> str:
    said = f"{one.name}: {number(one.posted)} posted, {number(one.on_time)} of them on time"
    more = [
        f"{number(count)} {word}" for word, count in (("failed", one.failed), ("tried again", one.retried)) if count
    ]
    return ", ".join([f"- {said}", *more])


def _why(sender: str, listed: bool) -> Iterator[str]:
    """Who sends it, and how to get it no more."""
    yield f"Sent once a month, on its first Monday, by the Social Scheduler that posts for the business behind {sender}."
    if listed:
        yield (
            "You get it because your address is on its list of stakeholders. To get it no more, answer this mail: the owner of the"
            " business can take you off that list. Nothing in this mail can change anything."
        )
    else:
        yield "It goes to those who approve posts, because no other readers are named (the parameter Stakeholders)."


# HTML


def html(told: Told, pictured: bool, sender: str, listed: bool) -> str:
    body = _glance(told.glance)
    body += f'<p class="p">{escape(told.paragraph)}</p>'
    if pictured:
        body += _picture(told)
    body += _channels(told) + _facts(told.facts)
    body += "".join(letter.paragraph(note, "faint") for note in told.notes)
    return letter.letter(told.headline, told.paragraph[:200], body, Brake(), " ".join(_why(sender, listed)))


def _glance(facts: Sequence[Fact]) -> str:
    if not facts:
        return ""
    cells = "".join(
        f'<td class="ink" style="padding:0 6px 14px 0;vertical-align:top;width:{100 // len(facts)}%">'
        f'<span style="font-size:26px;line-height:1.2;font-weight:700">{escape(fact.value)}</span><br>'
        f'<span class="quiet" style="font-size:14px;line-height:1.3">{escape(fact.label)}</span></td>'
        for fact in facts
    )
    return f'<table class="box" role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%"><tr>{cells}</tr></table>'


def _picture(told: Told) -> str:
    said = '<p class="faint" style="margin:0 0 4px">What went out each day</p>'
    alt, look = escape(told.alt), "display:block;width:100%;max-width:560px;height:auto;margin:0 0 16px"
    return f'{said}<img src="cid:{_CID}" alt="{alt}" width="560" style="{look}">'


def _channels(told: Told) -> str:
    if not told.channels:
        return ""
    shown, rest = told.channels[:_MOST_CHANNELS], len(told.channels) - _MOST_CHANNELS
    heads = "".join(
        f'<th class="quiet" scope="col" style="{_NUMBER};font-weight:400">{head}</th>'
        for head in ("Posted", "On time", "Failed")
    )
    rows = "".join(map(_channel, shown))
    more = (
        letter.paragraph(f"And {number(rest)} more channels, which are in the text part of this mail.", "faint")
        if rest > 0
        else ""
    )
    caption = (
        "By channel"
        if all(one.series < len(told.chart.series) for one in told.channels)
        else f"By channel ({OTHERS} share a colour)"
    )
    return (
        _table(
            caption,
            f'<th class="quiet" scope="col" style="{_NAME}">Channel</th>{heads}',
            rows,
        )
        + more
    )


def _channel(one: Channel) -> str:
    """The square's white rim keeps its colour apart from a dark ground."""
    if one.series < 0:
        hue, rim = "", "transparent"
    else:
        hue, rim = f"background-color:{colour(one.series)};", "#ffffff"
    look = f"{hue}width:12px;height:12px;border:2px solid {rim};border-radius:4px"
    dot = f'<span style="{look};display:inline-block;margin:0 6px 0 0"></span>'
    numbers = "".join(
        f'<td class="ink" style="{_NUMBER}">{number(count)}</td>' for count in (one.posted, one.on_time, one.failed)
    )
    name = f'<th class="ink" scope="row" dir="auto" style="{_NAME}">{dot}{escape(one.name)}</th>'
    return f"<tr>{name}{numbers}</tr>"


def _facts(facts: Sequence[Fact]) -> str:
    if not facts:
        return ""
    rows = "".join(
        f'<tr><th class="ink" scope="row" style="{_NAME}">{escape(fact.label)}'
        + (f'<br><span class="quiet" style="font-size:14px">{escape(fact.note)}</span>' if fact.note else "")
        + f'</th><td class="ink" style="{_NUMBER};font-weight:600">{escape(fact.value)}</td></tr>'
        for fact in facts
    )
    heads = (
        f'<th class="quiet" scope="col" style="{_NAME}">Figure</th>'
        f'<th class="quiet" scope="col" style="{_NUMBER};font-weight:400">In this month</th>'
    )
    return _table("All in all", heads, rows)


def _table(caption: str, heads: str, rows: str) -> str:
    return (
        f'<h2 class="h2">{escape(caption)}</h2><table class="sheet" cellpadding="0" cellspacing="0" border="0" width="100%"'
        f' style="border-collapse:separate;font-size:16px;margin:0 0 16px">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )
