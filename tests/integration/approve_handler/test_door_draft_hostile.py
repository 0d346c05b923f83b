"""Words that would be markup, in every place where a draft's and a plan's page show somebody's, or a model's, words."""

from __future__ import annotations

import re

import pytest
from door_desk import NOW, Page, Visitor
from drafts_door_desk import draft, form, link, note, wording
from moto_mesh import MotoMesh
from page_shape import HOSTILE, shape
from plan_desk import link as plan_link

from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Mark, Note, Planned, Proposal, Settled, Upload

OPEN = {DraftState.READY, DraftState.FAILED}


def about(words: str) -> Note:
    photo = Upload(upload_id="u_1", kind="image", name=words, mime="image/jpeg", size=5, md5="0" * 32)
    pdf = photo.model_copy(update={"upload_id": "u_2", "kind": "pdf", "mime": "application/pdf"})
    channels = ("bluesky-main", f"{words} channel")
    return note(text=words, channels=channels, uploads=(photo, pdf), date=words, time=words, link=words, by=words)


def draft_pages(mesh: MotoMesh, state: DraftState, words: str) -> list[Page]:
    """Its page, and what becomes of a press with such words in every field."""
    asked, at = about(words), NOW.isoformat()
    marks = tuple(Mark(code="c", message=words, quote=f"{words} q", stops=stops) for stops in (False, True))
    wordings = [
        wording(f"{words} {number}", texts={"bluesky-main": f"{words} own"}, alt=words, marks=marks, by=by, at=at)
        for number, by in enumerate((words, "model", words))
    ]
    settled = Settled(date=f"x {words}", time=f"y {words}", channels=asked.channels[1:], link=words)
    post_id = draft(
        mesh,
        *wordings,
        state=state,
        post_id=f"p_{len(words)}",
        about=asked,
        error=words,
        decided_by=words,
        decided_at=at,
        settled=settled,
    )
    visitor = Visitor()
    pages = [visitor.open(link(post_id))]
    if state in OPEN:
        names = ("text", "alt", "date", "time", "channel", "link", f"text:{words}")
        typed = [("by", "hand"), *((name, words) for name in names)]
        shown = [("do", "accept"), ("shown", form(pages[0]).first("shown"))]
        pages.append(visitor.post(pages[0].path, [*typed, *shown]))
        pages.append(visitor.post(pages[0].path, [*typed, ("do", words), ("shown", words)]))
    return pages


def plan_pages(mesh: MotoMesh, state: DraftState, words: str) -> list[Page]:
    asked, batch_id = about(words), f"b_{len(words)}"
    planned = Planned(
        post_id="p_x", topic=words, date=words, time=words, channels=asked.channels, uploads=asked.uploads[:1]
    )
    proposal = Proposal(
        state=state, note=asked, plan=(planned,), error=words, decided_by=words, decided_at=NOW.isoformat()
    )
    status = Status(post_id=batch_id, open=DRAFTING, due_at=NOW.isoformat(), proposal=proposal)
    mesh.ledger.change_status(batch_id, Act("planned", "draft-helper", NOW), lambda _: status)
    visitor = Visitor()
    pages = [visitor.open(plan_link(batch_id=batch_id))]
    if shown := re.search(r'name="shown" value="([^"]*)"', pages[0].body):
        typed = [(f"{name}-0", words) for name in ("id", "topic", "date", "time", "picture")]
        pages.append(visitor.post(pages[0].path, [("by", "hand"), ("do", "draft"), ("shown", shown[1]), *typed]))
    return pages


@pytest.mark.same_words
@pytest.mark.parametrize("state", list(DraftState))
@pytest.mark.parametrize("pages", [draft_pages, plan_pages])
def test_no_words_make_an_element_or_an_attribute(mesh: MotoMesh, pages: object, state: DraftState) -> None:
    assert callable(pages)
    plain, hostile = pages(mesh, state, "plain words"), pages(mesh, state, HOSTILE)
    assert [page.status for page in hostile] == [200] * len(plain)
    assert [shape(page.body) for page in hostile] == [shape(page.body) for page in plain]
