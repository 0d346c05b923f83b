"""The page of a draft: what was written, what to look at, every field to change it in, and its buttons. Pure but for fresh links.

It works without script.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

from approve_handler.draft_decide import MODEL, Press, concerns, in_force, own_texts, say_over
from approve_handler.draft_fields import button, form
from approve_handler.draft_form import USE, Typed
from approve_handler.frame import Frame
from approve_handler.pauses import say_paused
from mesh.cards.drafts import say_author
from mesh.ledger.proposals import STAND_IN, DraftState, Mark, Proposal, Source, Wording

_AGAIN_SECONDS = 4
_CHECKED_WITHIN = timedelta(minutes=2)  # later the page follows no longer: the sweep has it checked
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
    paused: Sequence[str] = (),
) -> str:
    """``typed`` stands in the fields in place of what is kept; ``lost`` was typed over a draft that changed since: shown to be copied.

    ``paused`` are channels of the note that send nothing just now.
    """
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
    sentences += [say_paused(name) for name in paused if name in in_force(proposal).channels]
    body = _again(proposal) + _checking(frame, proposal) + _marks(proposal)
    body += form(frame, proposal, typed) + _others(proposal) + _note(proposal)
    body += _lost(lost) if lost is not None else ""
    follows = typed is None and lost is None and _is_being_checked(frame, proposal)
    head = _followed(frame, _FOLLOW_IDLE_SCRIPT, _AGAIN_SECONDS) if follows else ""
    return frame.message(title, sentences, extra=body, alert=alert, style=STYLE, head=head)


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
    meta = f'<meta http-equiv="refresh" content="{seconds};url={escape(frame.text)}">'
    return f"<noscript>{meta}</noscript>{_followed(frame, _FOLLOW_SCRIPT, seconds)}"


def _followed(frame: Frame, script: str, seconds: int) -> str:
    script = script.replace("ADDRESS", frame.text).replace("DELAY", str(seconds * 1000))
    return f'<script nonce="{frame.nonce}">{script}</script>'


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

# Only as long as nobody has begun to do anything on the page: nothing that is typed is lost.
_FOLLOW_IDLE_SCRIPT = """
(function () {
  "use strict";
  var busy = false;
  ["click", "focusin", "input", "keydown"].forEach(function (name) {
    document.addEventListener(name, function () { busy = true; }, true);
  });
  function follow() {
    if (busy) return;
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
    return say_author(proposal)


def _checking(frame: Frame, proposal: Proposal) -> str:
    """Of words that a person wrote, until the guards have read them."""
    wording = proposal.current
    if wording is None or wording.checked or proposal.state is not DraftState.READY:
        return ""
    said = "Being checked against your rules…"
    if not _is_being_checked(frame, proposal):
        said = "Not checked against your rules yet."
    again = f'<a class="on" href="{escape(frame.text)}">Look again</a>'
    return f'<p class="faint">{said} {again}</p>'


def _is_being_checked(frame: Frame, proposal: Proposal) -> bool:
    wording = proposal.current
    if wording is None or wording.checked or proposal.state is not DraftState.READY:
        return False
    return frame.now < datetime.fromisoformat(wording.at) + _CHECKED_WITHIN


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


def _again(proposal: Proposal) -> str:
    """Above the form, which nobody has to read for it."""
    if proposal.state is not DraftState.FAILED:
        return ""
    return f'<p class="deeds">{button(Press.AGAIN, "Try again", form="draft")}</p>'


def _others(proposal: Proposal) -> str:
    """The wordings beside the one in the fields, each with its button."""
    found = []
    for number, wording in enumerate(proposal.wordings):
        if number != proposal.chosen:
            who = wording.by if wording.by != MODEL else "the stand-in" if wording.model == STAND_IN else "AI"
            use = button(f"{USE}{number}", "Use this one", "quiet", form="draft")
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
