"""A draft behind its link: looked at, and decided by a press. One transaction, then the event; a second press finds it done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from approve_handler import draft_pages, plan_pages
from approve_handler.coding import AGAIN, CODE
from approve_handler.commit import Desk, Found, announce, nonce_keys
from approve_handler.draft_after import accepted_page, after_page
from approve_handler.draft_decide import Fate, Hand, Press, Ruling, blank, own_texts, rule
from approve_handler.draft_form import Typed, read_typed, words
from approve_handler.draft_pages import expired_page, gone_page, over_page, overtaken_page
from approve_handler.draft_pictures import picture
from approve_handler.frame import Frame
from approve_handler.pauses import paused_among
from mesh import log
from mesh.approvals import Action, How, Token
from mesh.batches import is_batch
from mesh.cards.pages import refused
from mesh.door.request import LONG_FORM_BYTES, Answer, Request, form_fields
from mesh.errors import Conflict, MeshError
from mesh.events import Detail, DraftAccepted, DraftRequested, new_trace_id
from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Proposal

_LATER = "It could not be saved just now. Nothing you typed is lost: please press again in a minute."
_CHANGED = "The draft has changed since you opened it. This is how it stands now; nothing was done."
_log = log.logger("approve-handler")


def with_long_form(request: Request) -> Request:
    """A post's words are longer than any other form of this door."""
    return replace(request, limit_bytes=LONG_FORM_BYTES)


def proposal_in(status: Status | None) -> Proposal | None:
    """The draft of a post that is one, or was."""
    if status is None or status.broken or status.proposal is None:
        return None
    over = status.proposal.state in {DraftState.ACCEPTED, DraftState.DISCARDED}
    return status.proposal if over or status.open == DRAFTING else None


def answer(frame: Frame, found: Found, pressed: Request | None) -> Answer:
    """The page of a link opened; ``pressed`` is the form of one of its buttons."""
    if is_batch(frame.token.posts[0][0]):
        return plan_pages.answer(frame, found, pressed)
    return Answer(200, look(frame, found) if pressed is None else press(frame, found, pressed))


def upload(desk: Desk, token: Token, upload_id: str, s3: Any, bucket: str, nonce: str) -> Answer:
    """A picture that this link's own draft names; of any other, and of any other link, there is none."""
    found = desk.find(token, packages=False) if token.action is Action.DRAFT else Found()
    proposal = proposal_in(found.statuses.get(token.posts[0][0])) if found.statuses else None
    named = next((one for one in proposal.note.uploads if one.upload_id == upload_id), None) if proposal else None
    shown = picture(s3, bucket, named) if named is not None else None
    return Answer(404, refused(nonce)) if shown is None else Answer(200, *shown)


def carried(request: Request) -> list[tuple[str, str]]:
    """What the form said, to be said again beside a code that is asked for first."""
    return [field for field in form_fields(request) if field[0] not in {CODE, AGAIN, "by", "go"}]


def waits(status: Status | None) -> bool:
    """It is a draft still, or its row is on its way: a post's own page is its draft's as long."""
    proposal = proposal_in(status)
    if status is None or proposal is None or is_batch(status.post_id):
        return False
    return proposal.state is not DraftState.ACCEPTED or status.awaited


def look(frame: Frame, found: Found) -> str:
    """Changes nothing."""
    status = _status(frame, found)
    proposal = proposal_in(status)
    if status is None or proposal is None:
        return gone_page(frame)
    if frame.expired:
        return expired_page(frame, proposal)
    if proposal.state is DraftState.ACCEPTED:
        return after_page(frame, found, status)
    if proposal.state is DraftState.DISCARDED:
        return over_page(frame, proposal, now=False)
    return _page(frame, proposal)


def press(frame: Frame, found: Found, request: Request) -> str:
    """What a press came to. What the tables do not take now is said above the form, with all that was typed in it."""
    typed, status = read_typed(form_fields(request)), _status(frame, found)
    trace_id = new_trace_id()
    hand = Hand(frame.token.recipient, frame.now, frame.desk.zone, trace_id)
    try:
        ruling = _commit(frame, found, typed, hand)
    except MeshError as error:
        proposal = proposal_in(status)
        if proposal is None or proposal.state in {DraftState.ACCEPTED, DraftState.DISCARDED}:
            raise
        _told(frame, typed, type(error).__name__)
        return _page(frame, proposal, "Not just now", [_LATER], alert=True, typed=typed)
    _told(frame, typed, ruling.fate.value)
    if ruling.fate is Fate.DONE and ruling.after is not None:
        announce(frame.desk, _event(ruling.after, trace_id))
        return _done_page(frame, ruling.after, typed, ruling)
    if ruling.fate in {Fate.ALREADY, Fate.CHANGED, Fate.DRAFTING, Fate.GONE}:
        return _as_it_stands(frame, found, typed)
    assert status is not None
    assert status.proposal is not None
    if ruling.fate is Fate.SAME:
        said = ["Nothing was changed: it stands as you see it.", *_noted(ruling)]
        return _page(frame, status.proposal, "Saved already", said)
    return _page(frame, status.proposal, "Not yet", ruling.sentences, alert=True, typed=typed)


def _page(
    frame: Frame,
    proposal: Proposal,
    title: str = "",
    said: Sequence[str] = (),
    *,
    alert: bool = False,
    typed: Typed | None = None,
    lost: Typed | None = None,
) -> str:
    """The draft's page; with its fields, which of its channels are paused is read too."""
    paused = () if proposal.state is DraftState.REQUESTED else paused_among(frame.desk, proposal.note.channels)
    return draft_pages.draft_page(frame, proposal, title, said, alert=alert, typed=typed, lost=lost, paused=paused)


def _status(frame: Frame, found: Found) -> Status | None:
    return found.statuses.get(frame.token.posts[0][0])


def _commit(frame: Frame, found: Found, typed: Typed, hand: Hand) -> Ruling:
    """The ruling of the try that was written, else of the last that was looked at."""
    desk, token = frame.desk, frame.token
    post_id = token.posts[0][0]
    rulings: list[Ruling] = []

    def change(before: Status | None) -> Status | None:
        rulings.append(rule(before, typed, hand))
        return rulings[-1].after

    burn = []
    if typed.do in {Press.ACCEPT, Press.DISCARD}:
        (key,) = nonce_keys(token)
        burn = [desk.ledger.nonce(key.removeprefix("nonce#"), token.expires_at)]
    try:
        after = desk.ledger.change_status(post_id, _deed(typed, hand), change, extra=burn, read=found.statuses)
    except Conflict:
        if not burn:
            raise
        again = rule(desk.ledger.status(post_id), typed, hand)  # an earlier press of this very link
        if again.fate is Fate.DONE:
            raise
        return again
    return replace(rulings[-1], after=after)


def _deed(typed: Typed, hand: Hand) -> Act:
    return Act(_ACTS[_kind(typed)], hand.by, hand.at, hand.trace_id, How.MAIL)


_ACTS = {
    "accept": "draft accepted",
    "discard": "draft discarded",
    "others": "other wordings wanted",
    "again": "draft wanted again",
    "use": "other wording chosen",
    "save": "draft edited",
}


def _kind(typed: Typed) -> str:
    """What was pressed; a button nobody knows saves what was typed."""
    if typed.uses is not None:
        return "use"
    return typed.do if typed.do in _ACTS else "save"


def _event(after: Status, trace_id: str) -> Detail | None:
    """What is wanted now: its row, other words, or a check of what was typed."""
    proposal = after.proposal
    assert proposal is not None
    if proposal.state is DraftState.ACCEPTED:
        return DraftAccepted(trace_id=trace_id, post_ids=[after.post_id])
    wanted = proposal.state is DraftState.REQUESTED or (proposal.state is DraftState.READY and proposal.unchecked)
    return DraftRequested(trace_id=trace_id, post_ids=[after.post_id]) if wanted else None


def _done_page(frame: Frame, after: Status, typed: Typed, ruling: Ruling) -> str:
    proposal = after.proposal
    assert proposal is not None
    if proposal.state is DraftState.ACCEPTED:
        return accepted_page(frame, after, ruling.note)
    if proposal.state is DraftState.DISCARDED:
        return over_page(frame, proposal, now=True)
    if proposal.state is DraftState.REQUESTED:
        return _page(frame, proposal)
    title = "This wording is chosen" if typed.uses is not None else "Your change is saved"
    return _page(frame, proposal, title, _noted(ruling))


def _as_it_stands(frame: Frame, found: Found, typed: Typed) -> str:
    """Somebody else was first, or an earlier press of this one. What was typed in vain is shown, so that it can be copied."""
    now = frame.desk.find(frame.token, packages=False)
    status = _status(frame, now)
    proposal = proposal_in(status)
    if proposal is None or not _in_vain(proposal_in(_status(frame, found)), proposal, typed):
        return look(frame, now)
    if proposal.state in {DraftState.ACCEPTED, DraftState.DISCARDED}:
        return overtaken_page(frame, proposal, typed)
    return _page(frame, proposal, "This has changed since", [_CHANGED], alert=True, lost=typed)


def _in_vain(seen: Proposal | None, now: Proposal, typed: Typed) -> bool:
    """Words were typed that are in no wording."""
    wordings = [*(seen.wordings if seen is not None else ()), *now.wordings, blank(now)]
    known = {(words(one.text), frozenset(own_texts(one).items())) for one in wordings}
    texts = frozenset((name, text) for name, text in typed.texts.items() if text != typed.text)
    return bool(typed.text or texts) and typed.do != Press.DISCARD and (typed.text, texts) not in known


def _noted(ruling: Ruling) -> list[str]:
    return [ruling.note] if ruling.note else []


def _told(frame: Frame, typed: Typed, outcome: str) -> None:
    log.line(_log, "pressed", post_id=frame.token.posts[0][0], move=f"draft {_kind(typed)}", outcome=outcome)
