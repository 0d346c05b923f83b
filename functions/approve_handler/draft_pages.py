"""The page of a draft: what was written, what to look at, every field to change it in, and its buttons. Pure but for fresh links.

It works without script. Enter in a field presses the form's first button, which saves and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from approve_handler.draft_decide import MODEL, Press, blank, concerns, digest, in_force, own_texts, say_over
from approve_handler.draft_form import DO, OWN, USE, Typed
from approve_handler.draft_pictures import SHOWN_MIMES, can_be_shown
from approve_handler.draft_times import proposed
from approve_handler.frame import Frame
from mesh.cards.drafts import AI_SAYS, usual_network
from mesh.cards.pages import BY
from mesh.ledger.proposals import DraftState, Mark, Proposal, Source, Upload, Wording
from networks import composer

_AGAIN_SECONDS = 4
STYLE = """
textarea,input[type=date],input[type=time]{font:inherit;color:var(--ink);background:var(--sheet);border:1px solid var(--faint);
 border-radius:10px;padding:.7rem .9rem;min-height:48px;width:100%;margin-bottom:.5rem}
textarea{line-height:1.5;field-sizing:content;min-height:6rem;max-height:40rem;resize:vertical}
textarea:focus-visible,summary:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
summary{cursor:pointer;padding:.7rem 0;min-height:48px}
fieldset{border:0;padding:0;margin:1rem 0}
legend{font-weight:600;padding:0}
label.tick{display:flex;gap:.7rem;align-items:center;font-weight:400;min-height:48px;margin:0}
label.tick input{width:1.35rem;height:1.35rem;margin:0;accent-color:var(--go);flex:none}
.row{display:flex;gap:1rem;flex-wrap:wrap}
.row>div{flex:1 1 9rem}
.deeds{margin-top:1.5rem}
.deeds button{margin:0 .5rem .75rem 0}
.marks{background:var(--sheet);border:1px solid var(--line);border-left:4px solid var(--stop);border-radius:10px;
 padding:.25rem 1rem;margin:1rem 0}
.over{color:var(--stop);font-weight:600}
form img{max-height:22rem;width:auto}
a.on{display:inline-block;color:var(--ink);padding:.75rem 0;min-height:48px}
article .text{margin:.25rem 0 .75rem}
""".strip()


def draft_page(
    frame: Frame,
    proposal: Proposal,
    title: str = "",
    said: Sequence[str] = (),
    *,
    alert: bool = False,
    typed: Typed | None = None,
    lost: Typed | None = None,
) -> str:
    """``typed`` stands in the fields in place of what is kept; ``lost`` was typed over a draft that changed since: shown to be copied."""
    if proposal.state is DraftState.REQUESTED:
        return _being_written(frame, proposal, lost)
    failed = proposal.state is DraftState.FAILED
    title = title or ("No draft could be made" if failed else "A draft for your post")
    sentences = list(said)
    if failed:
        sentences += [
            proposal.error or "The drafting did not work.",
            "Your note is kept. Try again, or write it yourself below.",
        ]
        alert = True
    else:
        sentences.append(_who(proposal))
    body = _again(proposal) + _marks(proposal) + _form(frame, proposal, typed) + _others(proposal) + _note(proposal)
    body += _lost(lost) if lost is not None else ""
    return frame.message(title, sentences, extra=body, alert=alert, style=STYLE)


def over_page(frame: Frame, proposal: Proposal, *, now: bool) -> str:
    """Of a draft that was discarded. One that was accepted goes on (``draft_after``)."""
    said = (
        ["Nothing goes into the sheet."]
        if now
        else [say_over(proposal, frame.desk.zone), "Nothing goes into the sheet."]
    )
    return frame.message("Discarded", said, extra=_note(proposal), style=STYLE)


def gone_page(frame: Frame) -> str:
    return frame.message(
        "This draft is gone", ["Nothing is known of it any more. Please write a new note."], alert=True
    )


def expired_page(frame: Frame, proposal: Proposal | None) -> str:
    """The link is too old; the draft is not."""
    said = ["It was sent more than a month ago."]
    if proposal is not None and proposal.state in {DraftState.ACCEPTED, DraftState.DISCARDED}:
        said.append(say_over(proposal, frame.desk.zone))
    else:
        said.append("Please write the note once more, from the link in the newest mail.")
    return frame.message("This link is too old", said, alert=True)


def refreshed(frame: Frame, seconds: int = _AGAIN_SECONDS) -> str:
    """For a page's head: it is opened anew by then, with script or without. With script only as long as somebody has it before them."""
    script = _FOLLOW_SCRIPT.replace("ADDRESS", frame.text).replace("DELAY", str(seconds * 1000))
    meta = f'<meta http-equiv="refresh" content="{seconds};url={escape(frame.text)}">'
    return f'<noscript>{meta}</noscript><script nonce="{frame.nonce}">{script}</script>'


# A signed link has nothing in it that ends a string or a script.
_FOLLOW_SCRIPT = """
(function () {
  "use strict";
  function follow() {
    if (document.visibilityState === "visible") location.replace("ADDRESS");
    else document.addEventListener("visibilitychange", follow, { once: true });
  }
  setTimeout(follow, DELAY);
})();
""".strip()


def _being_written(frame: Frame, proposal: Proposal, lost: Typed | None) -> str:
    """It follows by itself, unless somebody's words on it would be gone with that."""
    title = "Other wordings are being written" if proposal.wordings else "Your draft is being written"
    body = _kept(proposal) + _note(proposal)
    if lost is not None:
        said = ["Somebody asked for them since you opened it; nothing was done with what you typed."]
        return frame.message(title, said, extra=body + _lost(lost) + _go_on(frame), alert=True, style=STYLE)
    said = ["This page follows by itself; it takes a minute at most times. You can also close it: nothing is lost."]
    return frame.message(title, said, extra=body, style=STYLE, head=refreshed(frame))


def overtaken_page(frame: Frame, proposal: Proposal, lost: Typed) -> str:
    """It was decided while somebody was still typing."""
    said = [say_over(proposal, frame.desk.zone), "What you typed is not in it; it stands below."]
    return frame.message("Decided already", said, extra=_lost(lost) + _go_on(frame), alert=True, style=STYLE)


def _go_on(frame: Frame) -> str:
    return f'<p><a class="on" href="{escape(frame.text)}">Go on to how it stands</a></p>'


def _who(proposal: Proposal) -> str:
    wording = proposal.current
    if wording is not None and wording.by != MODEL:
        return f"{wording.by} wrote this. Nothing is posted until you accept and approve it."
    return AI_SAYS[proposal.note.source]


# parts


def _marks(proposal: Proposal) -> str:
    wording = proposal.current
    found = [one for one in (wording.marks if wording else ()) if concerns(one, in_force(proposal).channels)]
    if not found:
        return ""
    lines = "".join(f'<li dir="auto">{escape(_mark(one))}</li>' for one in dict.fromkeys(found))
    return f'<div class="marks"><p><strong>Please check</strong></p><ul>{lines}</ul></div>'


def _mark(mark: Mark) -> str:
    where = f"{mark.channel}: " if mark.channel else ""
    quote = f" (“{mark.quote}”)" if mark.quote and mark.quote not in mark.message else ""
    return f"{where}{mark.message}{quote}" + (" It must be mended before you can accept." if mark.stops else "")


def _form(frame: Frame, proposal: Proposal, typed: Typed | None) -> str:
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


def _again(proposal: Proposal) -> str:
    """Above the form, which nobody has to read for it."""
    if proposal.state is not DraftState.FAILED:
        return ""
    return f'<p class="deeds">{_button(Press.AGAIN, "Try again", form="draft")}</p>'


def _buttons(proposal: Proposal) -> str:
    if proposal.state is DraftState.FAILED:
        bare = not proposal.wordings  # what stands in the fields is the note
        first = [_button(Press.ACCEPT, "Accept what I wrote" if bare else "Accept", "quiet" if bare else "")]
    else:
        first = [_button(Press.ACCEPT, "Accept"), _button(Press.OTHERS, "Two other wordings", "quiet")]
    rest = [_button(Press.SAVE, "Save the change", "quiet"), _button(Press.DISCARD, "Discard", "stop")]
    note = '<p class="faint small">Accept puts it into the sheet, not approved. You approve the post after that, on this page.</p>'
    return f'<div class="deeds">{note}{"".join([*first, *rest])}</div>'


def _button(do: str, label: str, kind: str = "", form: str = "") -> str:
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


def _others(proposal: Proposal) -> str:
    """The wordings beside the one in the fields, each with its button."""
    found = []
    for number, wording in enumerate(proposal.wordings):
        if number != proposal.chosen:
            who = "AI" if wording.by == MODEL else wording.by
            use = _button(f"{USE}{number}", "Use this one", "quiet", form="draft")
            found.append(f"<article><h2>Wording {number + 1}, by {escape(who)}</h2>{_texts(wording)}{use}</article>")
    return (
        f'<section aria-labelledby="others"><h2 id="others">Other wordings</h2>{"".join(found)}</section>'
        if found
        else ""
    )


def _kept(proposal: Proposal) -> str:
    wording = proposal.current
    return f"<article><h2>What is there so far</h2>{_texts(wording)}</article>" if wording is not None else ""


def _texts(wording: Wording) -> str:
    said = f'<div class="text" dir="auto">{escape(wording.text)}</div>' if wording.text else ""
    for channel, text in own_texts(wording).items():
        said += f'<h2>{escape(channel)}</h2><div class="text" dir="auto">{escape(text)}</div>'
    return said


def _note(proposal: Proposal) -> str:
    """What it was made from, as it came."""
    note = proposal.note
    files = "".join(f'<li dir="auto">{escape(one.name)}</li>' for one in note.uploads)
    files = f"<ul>{files}</ul>" if files else ""
    whose = "The recurring post’s own words" if note.source is Source.TEMPLATE else f"The note of {note.by}"
    text = f'<div class="text" dir="auto">{escape(note.text)}</div>' if note.text else ""
    return f"<details><summary>{escape(whose)}</summary>{text}{files}</details>"


def _lost(typed: Typed) -> str:
    wording = Wording(text=typed.text, texts=dict(typed.texts), by="", at="")
    return f"<article><h2>What you had typed</h2>{_texts(wording)}</article>" if typed.text or typed.texts else ""
