"""The form of a draft's page: every field as it would go into the sheet, and the buttons. Pure.

Enter in a field presses the form's first button, which saves and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from approve_handler.draft_decide import Press, blank, digest, in_force, own_texts
from approve_handler.draft_form import DO, OWN, Typed
from approve_handler.draft_pictures import SHOWN_MIMES, can_be_shown
from approve_handler.draft_times import proposed
from approve_handler.frame import Frame
from mesh.cards.drafts import usual_network
from mesh.cards.pages import BY
from mesh.ledger.proposals import DraftState, Proposal, Upload
from networks import composer


def form(frame: Frame, proposal: Proposal, typed: Typed | None) -> str:
    """``typed`` stands in the fields in place of what is kept."""
    wording = proposal.current or blank(proposal)
    stands = in_force(proposal)
    slot = proposed(stands.date, stands.time, frame.now, frame.desk.zone)
    offered = "" if (slot.date, slot.time) == (stands.date, stands.time) else f"{slot.date} {slot.time}"
    text, texts, alt = (
        (typed.text, typed.texts, typed.alt) if typed else (wording.text, own_texts(wording), wording.alt)
    )
    day, clock, link = (typed.date, typed.time, typed.link) if typed else (slot.date, slot.time, stands.link)
    channels = typed.channels if typed else stands.channels
    names = proposal.note.channels
    images = [one for one in proposal.note.uploads if one.kind == "image"]
    parts = [
        BY,
        _hidden("shown", digest(proposal)),
        _hidden("offered", offered),
        f'<button type="submit" name="{DO}" value="{Press.SAVE}" hidden></button>',
        _area("text", "The post’s words", text),
        _counts([name for name in channels if name not in texts], text, link, len(images)),
        *(_own(name, texts.get(name, ""), link, len(images)) for name in names),
        "".join(_picture(frame, one) for one in images),
        _alt(alt, count) if (count := len(images) + bool(proposal.note.image)) else "",
        '<div class="row">',
        f"<div>{_line('date', 'Day', day, 'date')}</div><div>{_line('time', _clock_of(frame), clock, 'time')}</div></div>",
        f'<p class="faint small">{escape(slot.why)}</p>' if slot.why and not typed else "",
        _ticks(names, channels),
        _line("link", "Link", link, "text"),
        _buttons(proposal),
    ]
    return f'<form method="post" action="{escape(frame.text)}" id="draft">{"".join(parts)}</form>'


def _clock_of(frame: Frame) -> str:
    """ "Time (Berlin)": a phone may be elsewhere."""
    return f"Time ({frame.desk.zone.key.rsplit('/', 1)[-1].replace('_', ' ')})"


def _buttons(proposal: Proposal) -> str:
    if proposal.state is DraftState.FAILED:
        bare = not proposal.wordings  # what stands in the fields is the note
        first = [button(Press.ACCEPT, "Accept what I wrote" if bare else "Accept", "quiet" if bare else "")]
    else:
        first = [button(Press.ACCEPT, "Accept"), button(Press.OTHERS, "Two other wordings", "quiet")]
    rest = [button(Press.SAVE, "Save the change", "quiet"), button(Press.DISCARD, "Discard", "stop")]
    note = '<p class="faint small">Accept puts it into the sheet, not approved. You approve the post after that, on this page.</p>'
    return f'<div class="deeds">{note}{"".join([*first, *rest])}</div>'


def button(do: str, label: str, kind: str = "", form: str = "") -> str:
    """``form`` is the id of the form that it sends, where it stands outside of it."""
    kind = f' class="{kind}"' if kind else ""
    form = f' form="{form}"' if form else ""
    return f'<button{kind}{form} type="submit" name="{DO}" value="{escape(do)}">{escape(label)}</button>'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _area(name: str, label: str, value: str) -> str:
    named = f'id="{name}"'
    return f'<label for="{name}">{escape(label)}</label>{_field(name, value, named)}'


def _field(name: str, value: str, named: str) -> str:
    """A browser drops the first line end in a field: ours stands before the words for that."""
    rows = min(30, 3 + value.count("\n") + len(value) // 38)
    return f'<textarea {named} name="{escape(name)}" rows="{rows}" dir="auto">\n{escape(value)}</textarea>'


def _own(channel: str, text: str, link: str, images: int) -> str:
    """A channel's own words; without any it has everybody's."""
    label = f"Own words for {channel}"
    area = _field(f"{OWN}{channel}", text, f'aria-label="{escape(label)}"')
    hint = "" if text else '<p class="faint small">Empty: it gets the words above.</p>'
    count = _counts([channel], text, link, images) if text else ""
    return f"<details{' open' if text else ''}><summary>{escape(label)}</summary>{area}{hint}{count}</details>"


def _counts(channels: Iterable[str], text: str, link: str, images: int) -> str:
    """How long it is as the networks count it, by their usual limits; the rules may set others, which the preview goes by."""
    lines = []
    for channel in channels:
        network = usual_network(channel)
        if not network:
            continue
        measure = composer(network).measure(text, link, image_count=images)
        said = f"{channel}: {measure.length:,} of the usual {measure.limit:,} {measure.unit}"
        over = f', <span class="over">{measure.over:,} too many</span>' if measure.over else ""
        lines.append(f"{escape(said)}{over}")
    return f'<p class="faint small">{"<br>".join(lines)}</p>' if lines else ""


def _alt(alt: str, count: int) -> str:
    several = "; one picture’s from the next’s by |" if count > 1 else ""
    return _area("alt", f"What the picture shows, for those who cannot see it{several}", alt)


def _line(name: str, label: str, value: str, kind: str) -> str:
    """A value that a date field would not show, as one that cannot be read, stands in a plain one."""
    plain = "text" if (kind == "date" and len(value) != 10) or (kind == "time" and len(value) != 5) else kind
    kind = kind if value == "" else plain
    return f'<label for="{name}">{escape(label)}</label><input type="{kind}" id="{name}" name="{name}" value="{escape(value)}">'


def _ticks(names: Sequence[str], ticked: Sequence[str]) -> str:
    boxes = "".join(
        f'<label class="tick"><input type="checkbox" name="channel" value="{escape(name)}"{" checked" if name in ticked else ""}>'
        f"{escape(name)}</label>"
        for name in names
    )
    return f"<fieldset><legend>Channels</legend>{boxes}</fieldset>" if boxes else ""


def _picture(frame: Frame, upload: Upload) -> str:
    if not can_be_shown(upload):
        why = "is too large to be shown here" if upload.mime in SHOWN_MIMES else "cannot be shown here"
        return (
            f'<p class="faint small" dir="auto">{escape(upload.name)} {why}; its preview is on the page after this.</p>'
        )
    address = escape(f"{frame.text}/upload/{upload.upload_id}")
    return f'<img src="{address}" alt="{escape(upload.name)}" loading="lazy">'
