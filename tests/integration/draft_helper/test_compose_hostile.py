"""Words that would be markup, in every place where the compose pages show what somebody typed."""

from __future__ import annotations

import pytest
from compose_desk import ADA, NOW, RULES, Page, Writer, token
from moto_mesh import MotoMesh
from page_shape import HOSTILE, shape

from mesh.ledger import Act, Status
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal, Source, Upload


def form_pages(words: str) -> list[Page]:
    """A refused form, a press from elsewhere, and one behind a link that is too old."""
    writer = Writer()
    page = writer.open(token())
    named = dict.fromkeys(("text", "channel", "date", "time", "link"), words)
    fields = {"by": "hand", "form": page.field("form"), "kind": "one", "upload": f"u_12345678 {words}", **named}
    return [
        writer.post(page.path, fields),
        writer.post(page.path, fields, origin="https://evil.example"),
        writer.post(f"/{token(expires_at=5)}", fields),
    ]


def progress(mesh: MotoMesh, state: DraftState, source: Source, words: str) -> Page:
    photo = Upload(upload_id="u_1", kind="image", name=words, mime="image/jpeg", size=5, md5="0" * 32)
    said = Note(
        text=words,
        channels=(words,),
        uploads=(photo,),
        time=words,
        link=words,
        by=ADA,
        at=NOW.isoformat(),
        source=source,
    )
    post_id = f"p_{len(words)}"
    status = Status(post_id=post_id, open=DRAFTING, proposal=Proposal(state=state, note=said, error=words))
    mesh.ledger.change_status(post_id, Act("noted", ADA, NOW), lambda _: status)
    return Writer().open(f"/{token()}/draft/{post_id}")


def test_no_words_in_the_form_make_an_element_or_an_attribute(mesh: MotoMesh) -> None:
    mesh.put_rules(RULES)
    plain, hostile = form_pages("plain words"), form_pages(HOSTILE)
    assert [page.status for page in hostile] == [422, 403, 410]
    assert [shape(page.body) for page in hostile] == [shape(page.body) for page in plain]


@pytest.mark.same_words
@pytest.mark.parametrize("state", list(DraftState))
@pytest.mark.parametrize("source", [Source.NOTE, Source.BATCH])
def test_no_words_of_a_note_make_an_element_or_an_attribute(mesh: MotoMesh, state: DraftState, source: Source) -> None:
    mesh.put_rules(RULES)
    plain, hostile = (progress(mesh, state, source, words) for words in ("plain words", HOSTILE))
    assert (plain.status, hostile.status) == (200, 200)
    assert shape(hostile.body) == shape(plain.body)
