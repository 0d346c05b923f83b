"""The page on which a note is written. It works without script, but for files; everything typed comes back with a refusal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from draft_helper.form_script import FORM_SCRIPT
from draft_helper.typed import MOST_UPLOADS, Added, Problem, Typed
from draft_helper.uploads import IMAGE_LIMIT_BYTES, IMAGES, MOST_PAGES, PDF, PDF_LIMIT_BYTES
from mesh.cards.pages import BY, Around, page

STAND_IN = "Drafts come from a stand-in here, not from a model."
FORM_CSS = """
textarea,input[type=date],input[type=time],input[type=url]{font:inherit;color:var(--ink);background:var(--sheet);border:1px solid var(--faint);border-radius:10px;padding:.7rem .9rem;min-height:48px;width:100%}
textarea{min-height:9.5rem;resize:vertical;line-height:1.5}
textarea:focus-visible,summary:focus-visible,a.go:focus-visible,.choice:focus-within{outline:3px solid var(--ink);outline-offset:2px}
fieldset{border:0;margin:1.25rem 0;padding:0;min-width:0} legend{font-weight:600;padding:0;margin:0 0 .25rem}
.choice{display:flex;align-items:center;gap:.75rem;font-weight:400;margin:0;min-height:48px;padding:.25rem .5rem;border-radius:10px;cursor:pointer}
.choice input{width:1.35rem;height:1.35rem;flex:none;accent-color:var(--go);margin:0} .choice span{flex:1}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 1rem}
details{margin:1.25rem 0} summary{cursor:pointer;font-weight:600;min-height:48px;display:flex;align-items:center;border-radius:10px} summary::before{content:"+";display:inline-block;width:1.4rem;font-size:1.3rem} details[open]>summary::before{content:"\\2212"}
.wrong{border:1px solid var(--stop);border-radius:10px;padding:.25rem 1rem;margin:1rem 0} .mend{color:var(--stop);margin:.25rem 0}
[aria-invalid=true]{border-color:var(--stop)!important;border-width:2px!important}
.files{list-style:none;padding:0;margin:.5rem 0} .files li{display:flex;align-items:center;gap:.75rem;flex-wrap:wrap;border:1px solid var(--line);background:var(--sheet);border-radius:10px;padding:.25rem .5rem;margin:.5rem 0}
.files img{width:48px;height:48px;object-fit:cover;margin:0;flex:none} .files .name{flex:1;min-width:6rem} .files progress{flex:1 1 100%;accent-color:var(--go);width:100%}
.files button,button.add{width:auto;min-width:0;padding:.5rem 1rem}
input[type=file]{font:inherit;color:var(--ink);min-height:48px;width:100%;padding:.55rem;border:1px dashed var(--faint);border-radius:10px;background:none} input[type=file]::file-selector-button{font:inherit;font-weight:600;border:1px solid var(--line);border-radius:8px;background:var(--sheet);color:var(--ink);padding:.3rem .8rem;margin-right:.75rem}
button:disabled{opacity:.6;cursor:default}
a.go{display:block;text-align:center;font-weight:600;text-decoration:none;border-radius:10px;padding:.85rem 1.4rem;min-height:48px;background:var(--go);color:var(--on);margin:1rem 0}
a.way{display:inline-flex;align-items:center;min-height:48px;color:var(--ink)}
.banner{border:1px dashed var(--faint);border-radius:10px;padding:.25rem 1rem;margin:0 0 1rem}
.quote{white-space:pre-wrap;overflow-wrap:anywhere}
@media (min-width:40rem){a.go{display:inline-block;min-width:14rem}}
"""


@dataclass(frozen=True)
class Choice:
    """A channel to choose; ``paused``: what is posted there waits until it is well again."""

    name: str
    paused: bool = False


@dataclass(frozen=True)
class Form:
    """What the page is made of. ``sent_to`` is where it goes, ``upload`` where its script asks for a file's place, both relative.

    ``fresh``: nothing was typed on it yet, so that its script may bring back what a reload or a lost connection took away.
    """

    sent_to: str
    upload: str
    typed: Typed
    choices: Sequence[Choice]
    problems: Sequence[Problem] = ()
    fresh: bool = False
    stand_in: bool = False
    foot: str = ""


def form_page(form: Form, nonce: str) -> str:
    problems, typed = form.problems, form.typed
    body = (
        f"{banner(form.stand_in)}<h1>{'Not noted yet' if problems else 'What shall be posted?'}</h1>{_wrong(problems)}"
        '<p class="faint">Write down what it is about, in your own words. A draft is made of it by AI, in the voice of your business. '
        "Nothing goes out before you have accepted and approved it.</p>"
        f'<form method="post" action="{escape(form.sent_to)}" id="note" data-upload="{escape(form.upload)}" data-most="{MOST_UPLOADS}"'
        f'{" data-fresh" if form.fresh else ""}>{BY}<input type="hidden" name="form" value="{escape(typed.form)}">'
        f"{_kinds(typed)}{_text(typed, problems)}{_files(typed.added, problems)}{_channels(form.choices, typed, problems)}{_more(typed, problems)}"
        '<p id="kept" class="faint" hidden></p>'
        '<button type="submit" name="go" value="1" id="send">Have it drafted</button>'
        '<p id="said" class="faint" role="status"></p></form>'
    )
    return page("A note for the next post", body, nonce, Around(foot=form.foot, script=FORM_SCRIPT, style=FORM_CSS))


def banner(stand_in: bool) -> str:
    return f'<div class="banner"><p>{STAND_IN}</p></div>' if stand_in else ""


def _wrong(problems: Sequence[Problem]) -> str:
    if not problems:
        return ""
    said = "".join(f'<p dir="auto">{escape(one.sentence)}</p>' for one in problems)
    return f'<div class="wrong" role="alert">{said}<p class="faint">Everything you typed is still here.</p></div>'


def _marked(problems: Iterable[Problem], field: str) -> tuple[str, str]:
    """The attributes of a field that is to be mended, and the sentences that stand at it."""
    mine = [one for one in problems if one.field == field]
    if not mine:
        return "", ""
    said = " ".join(one.sentence for one in mine)
    return (
        f' aria-invalid="true" aria-describedby="{field}-mend"',
        f'<p class="mend" id="{field}-mend" dir="auto">{escape(said)}</p>',
    )


def _kinds(typed: Typed) -> str:
    kinds = (("one", "One post", not typed.several), ("several", "Several posts: a plan first", typed.several))
    radios = "".join(
        f'<label class="choice"><input type="radio" name="kind" value="{value}"{" checked" if on else ""}><span>{label}</span></label>'
        for value, label, on in kinds
    )
    return f"<fieldset><legend>How many?</legend>{radios}</fieldset>"


def _text(typed: Typed, problems: Sequence[Problem]) -> str:
    marks, said = _marked(problems, "text")
    hint = "For example: cinnamon buns again from Saturday, as long as there are any. For several: “five posts for the spring sale, two with photos, in the next two weeks”."
    described = (
        marks.replace('aria-describedby="', 'aria-describedby="text-hint ')
        if marks
        else ' aria-describedby="text-hint"'
    )
    # The line break after the tag is the parser's to drop; without it the note's own first one would be.
    return (
        f'<label for="text">Your note</label>{said}<textarea id="text" name="text" rows="6" dir="auto"{described}>\n{escape(typed.text)}</textarea>'
        f'<p class="faint small" id="text-hint">{hint}</p>'
    )


def _files(added: Sequence[Added], problems: Sequence[Problem]) -> str:
    marks, said = _marked(problems, "files")
    items = "".join(
        f'<li><label class="choice name"><input type="checkbox" name="upload" value="{escape(f"{one.upload_id} {one.name}")}" checked>'
        f'<span dir="auto">{escape(one.name)}</span></label></li>'
        for one in added
    )
    mega = 1_000_000
    hint = f"JPEG, PNG, WebP or HEIC up to {IMAGE_LIMIT_BYTES // mega} MB, PDF up to {PDF_LIMIT_BYTES // mega} MB and {MOST_PAGES} pages; {MOST_UPLOADS} files at most."
    return (
        f'<div id="files-part" hidden><label for="files">Photos or a PDF <span class="faint">(if you like)</span></label>{said}'
        f'<input type="file" id="files" multiple accept="{",".join((*IMAGES, PDF, ".heic", ".heif"))}"{marks}>'
        f'<p class="faint small">{hint}</p></div>{said if not added and problems else ""}<ul class="files" id="list">{items}</ul>'
        '<p class="faint" id="no-files">To add photos or a PDF, this page needs JavaScript. The note itself does not.</p>'
    )


def _channels(choices: Sequence[Choice], typed: Typed, problems: Sequence[Problem]) -> str:
    if not choices:
        return '<p class="faint">Your rules doc names no channel yet. The note is kept; name a channel there before its draft is accepted.</p>'
    _, said = _marked(problems, "channel")
    boxes = "".join(
        f'<label class="choice"><input type="checkbox" name="channel" value="{escape(one.name)}"{" checked" if one.name in typed.channels else ""}>'
        f"<span>{escape(one.name)}{_paused(one)}</span></label>"
        for one in choices
    )
    return (
        f"<fieldset{' aria-describedby=channel-mend' if said else ''}><legend>Channels</legend>{said}{boxes}</fieldset>"
    )


def _paused(choice: Choice) -> str:
    if not choice.paused:
        return ""
    return ' <span class="faint small">paused: what is posted here waits until the channel is well again</span>'


def _more(typed: Typed, problems: Sequence[Problem]) -> str:
    shown = typed.date or typed.time or typed.link or any(one.field in {"date", "time", "link"} for one in problems)
    fields = []
    for name, kind, label, value in (("date", "date", "Day", typed.date), ("time", "time", "Time", typed.time)):
        marks, said = _marked(problems, name)
        as_text = "text" if value and said else kind  # a field of that kind shows nothing of what it cannot read
        fields.append(
            f'<div><label for="{name}">{label}</label>{said}<input type="{as_text}" id="{name}" name="{name}" value="{escape(value)}"{marks}></div>'
        )
    marks, said = _marked(problems, "link")
    link = (
        f'<label for="link">Link</label>{said}<input type="text" inputmode="url" id="link" name="link" dir="ltr" autocomplete="off" autocapitalize="none"'
        f' value="{escape(typed.link)}" placeholder="https://"{marks}>'
    )
    return (
        f'<details{" open" if shown else ""}><summary>Day, time, link</summary><p class="faint small">Leave empty what you do not know yet: '
        f'you choose it with the draft.</p><div class="two">{"".join(fields)}</div>{link}</details>'
    )
