"""Cards about drafts: every word that would stand, what to look at, and one way to each draft's page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from mesh.cards import letter
from mesh.cards.block_parts import MOST_BLOCKS, MOST_CHARACTERS, weight
from mesh.cards.draft_blocks import draft_messages
from mesh.cards.draft_mail import compose_drafts
from mesh.cards.drafts import STAND_IN_SAYS, DraftCard, DraftPost, draft_post, usual_network
from mesh.cards.email import Envelope
from mesh.cards.model import Brake
from mesh.ledger.items import Status
from mesh.ledger.proposals import DRAFTING, STAND_IN, DraftState, Mark, Note, Proposal, Source, Upload, Wording

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
BRAKE = Brake(hold_everything="https://approve.test/hold", sheet="https://sheet.test")
SAYS = "AI wrote this from your note; nothing is posted until you accept and approve."
PHOTO = Upload(upload_id="u_1", kind="image", name="cake.jpg", mime="image/jpeg", size=5, md5="0" * 32)


def post(text: str = "Warm rolls", state: DraftState = DraftState.READY, **more: Any) -> DraftPost:
    words = {name: more.pop(name) for name in ("marks", "texts", "alt", "model") if name in more}
    note = Note(
        **{"text": "Rolls <b>", "channels": ("x-main", "bluesky-main"), "by": "ada", "at": NOW.isoformat(), **more}
    )
    wording = Wording(text=text, by="model", at=NOW.isoformat(), **words)
    failed = state is DraftState.FAILED
    proposal = Proposal(
        state=state, note=note, wordings=() if failed else (wording,), error="No access." if failed else ""
    )
    made = draft_post(Status(post_id="p_1", open=DRAFTING, proposal=proposal), ZONE, NOW)
    return DraftPost(**{**vars(made), "link": "https://approve.test/draft"})


def mail(card: DraftCard) -> tuple[EmailMessage, str, str]:
    made = compose_drafts(card, Envelope("a@b.test", "ada@example.test", NOW, "draft.1"))
    text, html = (str(part.get_content()) for part in made.iter_parts())  # type: ignore[attr-defined]
    return made, text, html


def test_a_card_says_when_a_stand_in_wrote_it_and_not_that_ai_did() -> None:
    by_stand_in, by_model = post(model=STAND_IN), post()
    assert DraftCard((by_stand_in,)).says == DraftCard((by_stand_in, by_stand_in)).says == STAND_IN_SAYS
    _, text, html = mail(DraftCard((by_stand_in,), BRAKE))
    assert [STAND_IN_SAYS in part and "AI wrote" not in part for part in (text, html)] == [True, True]
    assert STAND_IN_SAYS in json.dumps([one.blocks for one in draft_messages(DraftCard((by_stand_in,)), str)])
    assert "AI wrote" in DraftCard((by_stand_in, by_model)).says


def test_a_mail_shows_every_text_once_under_its_channels_and_the_way_to_the_page() -> None:
    made, text, html = mail(DraftCard((post(texts={"x-main": "Short & <b>"}, date="2027-03-02", time="09:00"),), BRAKE))
    assert made["Subject"] == "A draft waits for you: “Short & <b>”"
    for part in (text, html):
        assert SAYS in part
        assert part.count("Warm rolls") == 1
        assert "Tuesday 2 March, 09:00, Berlin time" in part
        assert "https://approve.test/draft" in part
        assert "https://approve.test/hold" in part
    assert "Short &amp; &lt;b&gt;" in html
    assert "[x-main]\nShort & <b>" in text


def test_marks_and_files_are_named() -> None:
    mark = Mark(code="price", message="the price 4,90 € is not in your note", channel="x-main")
    stop = Mark(code="long", message="12 too many", stops=True)
    _, text, html = mail(DraftCard((post(marks=(mark, stop), uploads=(PHOTO,), alt="A cake"),), BRAKE))
    for part in (text, html):
        assert "Please check (x-main): the price 4,90 € is not in your note" in part
        assert "To be mended: 12 too many" in part
        assert "With cake.jpg. Shown to those who cannot see them as: A cake" in part


def test_a_note_that_could_not_be_drafted_says_why_and_is_kept() -> None:
    made, text, html = mail(DraftCard((post(state=DraftState.FAILED),), BRAKE))
    assert made["Subject"] == "A note could not be drafted: “Rolls <b>”"
    for part in (text, html):
        assert "No access." in part
        assert "Try again, or write it yourself" in part
    assert "Your note is kept: “Rolls <b>”" in text
    assert "AI wrote" not in html


def test_a_batch_is_one_card_that_says_how_many_are_missing() -> None:
    posts = (post("One"), post("Two"), post("", DraftState.FAILED))
    made, text, html = mail(DraftCard(posts, BRAKE, planned=5))
    assert made["Subject"].startswith("2 of 5 drafts are here")
    for part in (text, html):
        assert "2 more of the plan are not here: discarded, or still being written." in part
        assert "AI wrote these from your notes; nothing is posted until you accept and approve." in part
    assert DraftCard(posts[:2], BRAKE, planned=2).title == "All 2 drafts are here"


def test_a_recurring_post_says_so() -> None:
    _, text, _ = mail(DraftCard((post(source=Source.TEMPLATE),), BRAKE))
    assert "AI wrote this for your recurring post" in text


def test_no_program_cuts_a_mail_off_whatever_was_drafted() -> None:
    long = "عربي 🥐 " * 1500
    card = DraftCard(tuple(post(f"{n} {long}", texts={"x-main": long}) for n in range(10)), BRAKE, planned=10)
    _, text, html = mail(card)
    assert letter.sent_bytes(html) <= letter.MOST_BYTES
    assert "(the rest is on its page)" in html
    assert text.count(long.strip()) == 20  # the plain part has all of it
    assert html.count("Open the draft") == 10


def test_in_slack_each_draft_has_one_button_and_no_link_of_anybodys() -> None:
    (message,) = draft_messages(
        DraftCard((post("*One*"), post("", DraftState.FAILED)), BRAKE), lambda one: f"signed-{one}"
    )
    said = json.dumps(message.blocks, ensure_ascii=False)
    assert "approve.test" not in said
    assert "*One*" in said
    assert "mrkdwn" not in said
    values = [one["value"] for block in message.blocks if block["type"] == "actions" for one in block["elements"]]
    assert values == ["signed-p_1", "signed-p_1"]
    assert "One" not in message.text


def test_slack_takes_every_message_whatever_was_drafted() -> None:
    long = "🥐" * 9000
    posts = tuple(post(f"{n} {long}", texts={"x-main": long + "x"}) for n in range(12))
    messages = draft_messages(DraftCard(posts, BRAKE, planned=12), lambda one: one)
    assert all(len(one.blocks) <= MOST_BLOCKS and weight(one.blocks) <= MOST_CHARACTERS for one in messages)
    assert sum(block["type"] == "actions" for one in messages for block in one.blocks) == 12


def test_half_an_emoji_costs_nobody_the_mail() -> None:
    made, _, _ = mail(DraftCard((post("Half \ud83e of one"),), BRAKE))
    assert made.as_bytes()
    assert draft_messages(DraftCard((post("Half \ud83e of one"),), BRAKE), lambda one: one)


def test_a_channel_is_of_the_network_that_it_is_named_after() -> None:
    assert [usual_network(one) for one in ("x-main", "bluesky", "main", "xylophone")] == ["x", "bluesky", "", ""]
