"""The HTML of a plan's page, in each state of its batch. Pure but for fresh links; everything of the owner's is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from approve_handler.draft_pages import STYLE, refreshed
from approve_handler.draft_pictures import can_be_shown
from approve_handler.frame import Frame
from approve_handler.pauses import say_paused
from approve_handler.plan_form import DO, Line, Press, TypedPlan, field
from mesh.approvals import Action
from mesh.batches import MOST_POSTS, pictures_of, plan_digest
from mesh.cards.model import first_words
from mesh.cards.pages import BY
from mesh.cards.plan_words import STAND_IN_PLANNED
from mesh.ledger.items import Status
from mesh.ledger.proposals import STAND_IN, DraftState, Planned, Proposal, Upload
from mesh.schedule_time import say_with_zone

_FOLLOWED_EVERY_SECONDS = 5
_STYLE = (
    STYLE
    + """
select{font:inherit;color:var(--ink);background:var(--sheet);border:1px solid var(--faint);border-radius:10px;
 padding:.7rem .9rem;min-height:48px;width:100%;margin-bottom:.5rem}
select:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
fieldset.post{background:var(--sheet);border:1px solid var(--line);border-radius:12px;padding:.25rem 1.1rem .75rem;margin:1rem 0}
fieldset.post legend{font-size:.85rem;color:var(--faint);padding:0 .4rem}
fieldset.post textarea{min-height:4rem;background:var(--paper)}
fieldset.post label{margin-top:.5rem}
fieldset.post label.tick{margin:0}
fieldset.post .row{gap:.75rem}
fieldset.post .row>div{flex-basis:8rem}
fieldset.post input{padding:.7rem .6rem}
.thumb{max-width:8rem;max-height:8rem;margin:.5rem 0}
""".rstrip()
)
_STATES = {
    DraftState.REQUESTED: "being drafted",
    DraftState.READY: "ready to look at",
    DraftState.FAILED: "could not be drafted",
    DraftState.ACCEPTED: "accepted",
    DraftState.DISCARDED: "discarded",
}


def plan_page(
    frame: Frame,
    proposal: Proposal,
    title: str = "",
    said: Sequence[str] = (),
    *,
    alert: bool = False,
    typed: TypedPlan | None = None,
    paused: Sequence[str] = (),
) -> str:
    """``typed`` stands in the fields in place of the plan; ``paused`` are channels of it that send nothing just now."""
    failed, count = proposal.state is DraftState.FAILED, len(proposal.plan)
    if not title:
        title = "There is no plan yet" if failed else f"The plan: {count} {'post' if count == 1 else 'posts'}"
        said = [*said, "Nothing is drafted yet. Change what you like here first."] if not failed else said
    sentences = [*said, *([proposal.error] if proposal.error else [])]
    sentences += [STAND_IN_PLANNED] if proposal.plan and proposal.planner == STAND_IN else []
    sentences += map(say_paused, paused)
    body = _note(proposal) + _form(frame, proposal, typed)
    return frame.message(title, sentences, extra=body, alert=alert or failed, style=_STYLE)


def being_made(frame: Frame, proposal: Proposal) -> str:
    said = [
        "The plan is being made: what each post is to be about, and when it would go.",
        "This page follows by itself. A mail comes too, so you can close it.",
    ]
    return _following(frame, "Your plan is on its way", said, proposal, "")


def drafting(frame: Frame, proposal: Proposal, posts: Mapping[str, Status]) -> str:
    """How far it has come; ``posts`` are their items, as far as there are any."""
    done = sum(_state(posts.get(one.post_id)) not in {None, DraftState.REQUESTED} for one in proposal.plan)
    said = [
        f"{done} of {len(proposal.plan)} are written so far." if done else f"{_count(proposal)} to be written.",
        "When all of them are, one mail comes with all of them. This page follows by itself.",
    ]
    return _following(frame, "Your posts are being drafted", said, proposal, _list(frame, proposal, posts, links=False))


def drafts(frame: Frame, proposal: Proposal, posts: Mapping[str, Status]) -> str:
    """All of them, each with its own page."""
    missing = [one for one in proposal.plan if _state(posts.get(one.post_id)) is DraftState.FAILED]
    here = len(proposal.plan) - len(missing)
    said = [f"{here} of {len(proposal.plan)} are here." if missing else "All of them are written."]
    said += [_missing(one, posts[one.post_id]) for one in missing]
    said.append("Open each to accept, change or discard it. Nothing is posted before you approve it.")
    return frame.message("Your drafts", said, extra=_list(frame, proposal, posts, links=True), style=_STYLE)


def discarded(frame: Frame, proposal: Proposal) -> str:
    when = (
        f", {say_with_zone(datetime.fromisoformat(proposal.decided_at), frame.desk.zone, now=frame.now)}"
        if proposal.decided_at
        else ""
    )
    said = [f"By {proposal.decided_by}{when}. None of its posts goes into the sheet."]
    return frame.message("Discarded", said, extra=_note(proposal), style=_STYLE)


def gone(frame: Frame) -> str:
    said = ["Nothing is known of it any more. Please write a new note."]
    return frame.message("This plan is gone", said, alert=True)


def expired(frame: Frame) -> str:
    said = [
        "It was sent more than a month ago.",
        "If you still want these posts, please write the note once more, from the link in the newest mail.",
    ]
    return frame.message("This link is too old", said, alert=True)


# parts


def _following(frame: Frame, title: str, said: Sequence[str], proposal: Proposal, shown: str) -> str:
    deeds = _button(Press.DISCARD, "Discard", "stop")
    form = f'<form method="post" action="{escape(frame.text)}">{BY}{deeds}</form>'
    head = refreshed(frame, _FOLLOWED_EVERY_SECONDS)
    return frame.message(title, said, extra=shown + _note(proposal) + form, style=_STYLE, head=head)


def _form(frame: Frame, proposal: Proposal, typed: TypedPlan | None) -> str:
    lines = list(typed.lines) if typed is not None else [_line(one) for one in proposal.plan]
    added = [] if len(lines) > MOST_POSTS - 1 else [Line()]
    pictures = pictures_of(proposal)
    posts = "".join(_post(frame, number, line, pictures) for number, line in enumerate([*lines, *added]))
    save = f'<button type="submit" name="{DO}" value="{Press.SAVE}" hidden></button>'
    shown = plan_digest(proposal) if typed is None else typed.shown
    hidden = f'<input type="hidden" name="shown" value="{escape(shown)}">'
    return f'<form method="post" action="{escape(frame.text)}">{BY}{hidden}{save}{posts}{_deeds(proposal)}</form>'


def _deeds(proposal: Proposal) -> str:
    planned = bool(proposal.plan)
    first = _button(Press.DRAFT, "Draft these", "" if planned else "quiet")
    again = _button(Press.AGAIN, "Plan again", "quiet" if planned else "")
    said = (
        "“Draft these” has each one written; you see all of them in one mail, and nothing is posted before you accept and approve it."
        " “Plan again” makes another plan from your note in place of this one."
    )
    note = f'<p class="faint small">{said}</p>'
    rest = _button(Press.SAVE, "Save the changes", "quiet") + _button(Press.DISCARD, "Discard", "stop")
    return f'<div class="deeds">{note}{first + again if planned else again + first}{rest}</div>'


def _post(frame: Frame, number: int, line: Line, pictures: Sequence[Upload]) -> str:
    added = not line.post_id
    legend = "One more post (leave it empty for none)" if added and line.blank else f"Post {number + 1}"
    rows = max(2, len(line.topic) // 38 + 1)

    def label(name: str, words: str) -> str:
        return f'<label for="{field(name, number)}">{words}</label>'

    def named(name: str) -> str:
        return f'id="{field(name, number)}" name="{field(name, number)}"'

    topic = f'{label("topic", "About")}<textarea {named("topic")} rows="{rows}" dir="auto">\n{escape(line.topic)}</textarea>'
    day = f'<div>{label("date", "Day")}<input type="{_kind("date", line.date)}" {named("date")} value="{escape(line.date)}"></div>'
    clock = f'<div>{label("time", "Time")}<input type="{_kind("time", line.time)}" {named("time")} value="{escape(line.time)}"></div>'
    parts = [topic, f'<div class="row">{day}{clock}</div>']
    if pictures:
        parts.append(label("picture", "Picture") + _choice(named("picture"), line.picture, pictures))
        parts.append(_thumb(frame, next((one for one in pictures if one.upload_id == line.picture), None)))
    if not added:
        ticked = " checked" if line.out else ""
        parts.append(
            f'<label class="tick"><input type="checkbox" name="{field("out", number)}" value="1"{ticked}>Leave this one out</label>'
        )
        parts.append(f'<input type="hidden" name="{field("id", number)}" value="{escape(line.post_id)}">')
    return f'<fieldset class="post"><legend>{legend}</legend>{"".join(parts)}</fieldset>'


def _kind(kind: str, value: str) -> str:
    """A value that a date field would not show, as one that cannot be read, stands in a plain one."""
    length = {"date": len("2026-12-25"), "time": len("09:00")}[kind]
    return kind if len(value) in {0, length} else "text"


def _choice(named: str, chosen: str, pictures: Sequence[Upload]) -> str:
    options = "".join(
        f'<option value="{escape(one.upload_id)}"{" selected" if one.upload_id == chosen else ""}>{escape(first_words(one.name))}</option>'
        for one in pictures
    )
    return f'<select {named}><option value="">None</option>{options}</select>'


def _thumb(frame: Frame, upload: Upload | None) -> str:
    if upload is None or not can_be_shown(upload):
        return ""
    address = escape(f"{frame.text}/upload/{upload.upload_id}")
    return f'<img class="thumb" src="{address}" alt="{escape(upload.name)}" loading="lazy">'


def _list(frame: Frame, proposal: Proposal, posts: Mapping[str, Status], *, links: bool) -> str:
    lines = []
    for one in proposal.plan:
        state = _state(posts.get(one.post_id))
        said = escape(_STATES.get(state, "waits for its turn") if state is not None else "waits for its turn")
        named = escape(first_words(one.topic))
        if links and state is not None:
            named = f'<a href="{escape(frame.link(Action.DRAFT, ((one.post_id, ""),)))}">{named}</a>'
        lines.append(f"<li><bdi>{named}</bdi>: {said}</li>")
    return f"<ul>{''.join(lines)}</ul>"


def _missing(one: Planned, status: Status) -> str:
    why = status.proposal.error if status.proposal is not None else ""
    return f"“{first_words(one.topic)}” could not be drafted. {why}".strip()


def _note(proposal: Proposal) -> str:
    files = "".join(f'<li dir="auto">{escape(one.name)}</li>' for one in proposal.note.uploads)
    files = f"<ul>{files}</ul>" if files else ""
    channels = sorted({name for one in proposal.plan for name in one.channels} or set(proposal.note.channels))
    goes = f'<p class="faint small">For {escape(", ".join(channels))}</p>' if channels else ""
    text = f'<div class="text" dir="auto">{escape(proposal.note.text)}</div>'
    return f"<details><summary>The note of {escape(proposal.note.by)}</summary>{text}{files}{goes}</details>"


def _line(one: Planned) -> Line:
    picture = one.uploads[0].upload_id if one.uploads else ""
    return Line(one.post_id, one.topic, one.date, one.time, picture)


def _button(do: Press, label: str, kind: str = "") -> str:
    kind = f' class="{kind}"' if kind else ""
    return f'<button{kind} type="submit" name="{DO}" value="{do}">{label}</button>'


def _state(status: Status | None) -> DraftState | None:
    return status.proposal.state if status is not None and status.proposal is not None else None


def _count(proposal: Proposal) -> str:
    count = len(proposal.plan)
    return "One post is" if count == 1 else f"{count} posts are"
