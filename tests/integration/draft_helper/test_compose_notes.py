"""A note is written, stored first, answered at once, and told; and every way in which it is not taken gives back what was typed."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date, timedelta

import pytest
from compose_desk import ADA, BEN, NOW, RULES, Writer, drafts, in_days, jpeg, pdf, put, token
from moto_mesh import MotoMesh

from draft_helper import inspecting, intake
from mesh import clock
from mesh.bus import Bus
from mesh.door.limits import Limit
from mesh.errors import BusError, Unreachable
from mesh.events import BatchRequested, DraftRequested
from mesh.ledger import Act
from mesh.ledger.proposals import DRAFTING, DraftState, Proposal, Source, Wording
from mesh.ledger.runtime import pause_key

WORDS = "Zimtschnecken ab Samstag 🥐\nعجينة طازجة كل صباح 👩‍🍳"


@pytest.fixture(autouse=True)
def rules(mesh: MotoMesh) -> None:
    mesh.put_rules(RULES)
    mesh.calls.clear()


@pytest.fixture
def writer() -> Writer:
    return Writer()


# taken


def test_a_note_is_stored_answered_with_its_page_and_told(mesh: MotoMesh, writer: Writer) -> None:
    page = writer.open(token())
    assert (page.status, page.title) == (200, "What shall be posted?")
    assert page.ticked == ["bluesky-main", "mastodon-main"]

    noted = writer.follow(writer.write(page, WORDS, link="cafe.example/menu", date=in_days(3), time="09:30"))

    (status,) = drafts(mesh)
    proposal = status.proposal
    assert proposal is not None
    note = proposal.note
    assert (status.open, proposal.state, proposal.wants, proposal.wordings) == (DRAFTING, DraftState.REQUESTED, 1, ())
    assert (note.text, note.by, note.source) == (WORDS, ADA, Source.NOTE)
    assert note.channels == ("bluesky-main", "mastodon-main")
    assert (note.date, note.time, note.link) == (in_days(3), "09:30", "https://cafe.example/menu")
    assert status.post_id.startswith("p_")
    assert noted.title == "Noted"
    assert "Zimtschnecken" in noted.words
    (event,) = mesh.events_of(DraftRequested)
    assert (event.post_ids, event.trace_id) == ([status.post_id], status.trace_id)
    (row,) = mesh.audit(status.post_id)
    assert (row["action"], row["by_user"]) == ("note taken", ADA)
    assert "Zimtschnecken" not in str(row)


def test_a_plan_first_is_stored_as_a_batch_and_told_as_one(mesh: MotoMesh, writer: Writer) -> None:
    page = writer.open(token())

    noted = writer.follow(writer.write(page, "five posts for the spring sale, two with photos", kind="several"))

    (status,) = drafts(mesh)
    assert status.proposal is not None
    assert (status.post_id[:2], status.proposal.note.source, status.proposal.note.batch_id) == ("b_", Source.BATCH, "")
    assert [event.batch_id for event in mesh.events_of(BatchRequested)] == [status.post_id]
    assert mesh.events_of(DraftRequested) == []
    assert "its plan is on its way" in noted.words


def test_a_slash_that_a_mail_program_glued_to_the_link_leads_nobody_astray(mesh: MotoMesh, writer: Writer) -> None:
    page = writer.open(f"/{token()}/")

    noted = writer.follow(writer.write(page, "Rolls"))

    assert noted.status == 200
    assert "Your note is safe" in noted.words


def test_a_second_press_of_the_same_form_is_the_same_note_and_other_words_are_another(
    mesh: MotoMesh, writer: Writer
) -> None:
    page = writer.open(token())

    first, again = writer.write(page, "Rolls"), writer.write(page, "Rolls")
    other = writer.write(page, "Rolls, and buns")

    assert first.answer["headers"]["location"] == again.answer["headers"]["location"]
    assert other.answer["headers"]["location"] != first.answer["headers"]["location"]
    assert len(drafts(mesh)) == 2
    assert len(mesh.events_of(DraftRequested)) == 2


def test_two_presses_at_the_same_moment_are_one_note(
    mesh: MotoMesh, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, stands = writer.open(token()), intake.counted

    def slower(*arguments: object) -> object:
        monkeypatch.setattr(intake, "counted", stands)
        assert writer.write(page, "Rolls").status == 303
        return stands(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "counted", slower)

    assert writer.write(page, "Rolls").status == 303
    assert len(drafts(mesh)) == 1
    assert len(mesh.events_of(DraftRequested)) == 1


def test_a_note_whose_news_is_lost_is_taken_all_the_same(
    mesh: MotoMesh, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(bus: Bus, details: object) -> int:
        raise BusError(1, ["InternalFailure"])

    monkeypatch.setattr(Bus, "put", down)

    assert writer.follow(writer.write(writer.open(token()), "Rolls")).title == "Noted"
    assert len(drafts(mesh)) == 1


def test_files_are_looked_at_and_stand_in_the_note_by_their_bytes(mesh: MotoMesh, writer: Writer) -> None:
    link = token()
    photo, menu = (
        writer.add(mesh, link, "Möwe, 1.jpg", jpeg()),
        writer.add(mesh, link, "menu.pdf", pdf(), "application/pdf"),
    )

    answer = writer.write(writer.open(link), "", upload=[photo, menu])

    (status,) = drafts(mesh)
    assert answer.status == 303
    assert status.proposal is not None
    first, second = status.proposal.note.uploads
    assert (first.kind, first.name, first.mime, first.size) == ("image", "Möwe, 1.jpg", "image/jpeg", len(jpeg()))
    assert first.cell == f"upload:{photo.split()[0]}"
    assert (second.kind, second.mime, len(second.md5)) == ("pdf", "application/pdf", 32)


def test_a_form_takes_two_calls_and_a_note_four_and_one_for_each_file(mesh: MotoMesh, writer: Writer) -> None:
    link = token()
    page = writer.open(link)
    mesh.calls.clear()
    page = writer.open(link)
    assert Counter(mesh.calls) == {"GetObject": 1, "BatchGetItem": 1}

    mesh.calls.clear()
    answer = writer.write(page, "Rolls")
    assert Counter(mesh.calls) == {"GetObject": 1, "BatchGetItem": 1, "TransactWriteItems": 1, "PutEvents": 1}

    mesh.calls.clear()
    writer.follow(answer)
    assert Counter(mesh.calls) == {"BatchGetItem": 1}

    photo = writer.add(mesh, link, "a.jpg", jpeg())
    mesh.calls.clear()
    writer.write(writer.open(link), "Rolls", upload=[photo])
    assert mesh.calls.count("GetObject") == 3


# not taken, and nothing lost


REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("", {}, "The note is empty. Write a few words, or add a photo."),
    (" \n\t ", {}, "The note is empty."),
    ("", {"kind": "several"}, "Say in a few words what the posts are to be about"),
    ("ß🥐" * 25_000, {}, "The note has 50,000 characters; 5,000 are the most. Take 45,000 out"),
    ("Rolls", {"channel": []}, "Choose at least one channel."),
    ("Rolls", {"channel": ["old-one"]}, "“old-one” is not in your rules doc (there: bluesky-main, mastodon-main)"),
    ("Rolls", {"date": "2020-02-03"}, "3 February 2020 is over"),
    ("Rolls", {"date": "03/04/2031"}, "can be 3 April or 4 March"),
    ("Rolls", {"date": "31.02.2031"}, "“31.02.2031” is no date"),
    ("Rolls", {"time": "25:00"}, "“25:00” is no time; write it like 09:00."),
    ("Rolls", {"link": "javascript:alert(1)"}, "is no web address"),
    ("Rolls", {"link": "https://a.example/" + "x" * 3000}, "is no web address"),
    ("Rolls", {"upload": [f"u234567{letter} a.jpg" for letter in "abcdefghjkm"]}, "11 files are more than the 10"),
    ("Rolls", {"upload": ["u2345678 a.jpg"]}, "a.jpg did not arrive; add it again."),
]


def test_what_cannot_be_taken_is_said_and_comes_back_as_it_was_typed(mesh: MotoMesh, writer: Writer) -> None:
    for text, fields, said in REFUSED:
        page = writer.write(writer.open(token()), text, **fields)

        assert (page.status, page.title) == (422, "Not noted yet"), said
        assert said in page.words
        assert page.text == text.strip(), said
        for name in ("date", "time", "link"):
            assert page.field(name) == fields.get(name, ""), said
    assert drafts(mesh) == []
    assert mesh.events == []


def test_what_nobody_types_is_left_out_and_the_rest_stays(mesh: MotoMesh, writer: Writer) -> None:
    page = writer.open(token())
    body = (
        f"by=hand&form={page.field('form')}&kind=one&channel=bluesky-main&text=Rolls%00+and%ED%A0%80+%FFbuns%0D%0Anow"
    )

    answer = writer._send(
        "POST",
        page.path,
        body,
        {"content-type": "application/x-www-form-urlencoded", "origin": f"https://{'compose.example.test'}"},
    )

    assert answer.status == 303
    (status,) = drafts(mesh)
    assert status.proposal is not None
    text = status.proposal.note.text
    assert text.startswith("Rolls and")
    assert text.endswith("buns\nnow")
    assert "\x00" not in text
    text.encode("utf-8")


def test_a_time_that_the_clocks_skip_is_taken_and_said(mesh: MotoMesh, writer: Writer) -> None:
    year = NOW.year + 1
    day = next(day for day in (date(year, 3, last) for last in range(25, 32)) if day.weekday() == 6)

    noted = writer.follow(writer.write(writer.open(token()), "Rolls", date=day.isoformat(), time="02:30"))

    assert "02:30 does not exist that day, the clocks go forward; it goes out at 03:30." in noted.words


def test_a_paused_channel_is_shown_as_one_is_not_ticked_and_can_be_chosen(mesh: MotoMesh, writer: Writer) -> None:
    act = Act("paused", "sender", NOW)
    mesh.ledger.set_standing("channel#bluesky-main", pause_key("bluesky-main"), {"since": NOW.isoformat()}, act)

    page = writer.open(token())

    assert page.ticked == ["mastodon-main"]
    assert "bluesky-main paused: what is posted here waits until the channel is well again" in page.words
    assert writer.write(page, "Rolls", channel=["bluesky-main"]).status == 303


def test_without_a_rules_doc_the_note_is_kept_all_the_same(mesh: MotoMesh, writer: Writer) -> None:
    mesh.s3.delete_object(Bucket=mesh.rules_bucket, Key="rules.txt")

    page = writer.open(token())

    assert "Your rules doc names no channel yet." in page.words
    assert writer.write(page, "Rolls").status == 303


def test_bad_files_are_named_and_the_good_ones_and_the_words_stay(mesh: MotoMesh, writer: Writer) -> None:
    link = token()
    page = writer.open(link)
    good = writer.add(mesh, link, "good.jpg", jpeg())
    locked = writer.add(mesh, link, "locked.pdf", pdf(password="x"), "application/pdf")
    long = writer.add(mesh, link, "long.pdf", pdf(21), "application/pdf")

    answer = writer.write(page, WORDS, upload=[good, locked, long])

    assert answer.status == 422
    assert "locked.pdf is locked with a password; save it without one and add it again." in answer.words
    assert "long.pdf has 21 pages; 20 are the most." in answer.words
    assert answer.files == [good]
    assert answer.text == WORDS
    assert writer.write(answer, WORDS).status == 303


def test_forty_megabytes_are_refused_before_they_are_sent_and_unread_where_they_were_sent_all_the_same(
    mesh: MotoMesh, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unread(_: object) -> io.BytesIO:
        return io.BufferedReader(io.BytesIO())  # type: ignore[return-value]

    link = token()
    status, told = writer.ask(link, "menu.pdf", "application/pdf", 40_000_000)
    assert (status, told["error"]) == (
        422,
        "menu.pdf has 40 MB; 10 MB are the most for a PDF. Save it smaller and add it again.",
    )

    put(mesh, "u2345678", b"%PDF-1.7\n" + bytes(12_000_000), "application/pdf")
    monkeypatch.setattr(inspecting, "SpooledTemporaryFile", unread)
    page = writer.write(writer.open(link), "Rolls", upload=["u2345678 menu.pdf"])
    assert "menu.pdf has 12 MB; 10 MB are the most for a PDF." in page.words


def test_too_many_notes_wait_and_are_not_lost(mesh: MotoMesh, writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [limit.most for limit in intake.note_limits(ADA)] == [20, 60]
    monkeypatch.setattr(intake, "note_limits", lambda recipient: [Limit(f"rate#note#{recipient}", 2)])
    page = writer.open(token())
    for number in range(2):
        assert writer.write(page, f"Rolls {number}").status == 303

    refused = writer.write(page, "One more")

    assert refused.status == 429
    assert "Many notes were written just now. It works again at" in refused.words
    assert refused.text == "One more"
    mesh.turn_clock(clock.now() + timedelta(minutes=11))
    assert writer.write(refused, "One more").status == 303


def test_what_aws_refuses_is_a_plain_page_with_what_was_typed(
    mesh: MotoMesh, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = writer.open(token())

    def down(*_: object, **__: object) -> None:
        raise Unreachable("DynamoDB")

    monkeypatch.setattr("mesh.ledger.book.Ledger.change_status", down)

    answer = writer.write(page, WORDS)

    assert (answer.status, answer.title) == (503, "Not just now")
    assert answer.text == WORDS


def test_a_link_that_ends_while_somebody_types_gives_back_the_words(mesh: MotoMesh, writer: Writer) -> None:
    page = writer.open(token(expires_at=int((clock.now() + timedelta(minutes=5)).timestamp())))
    mesh.turn_clock(clock.now() + timedelta(minutes=6))

    answer = writer.write(page, WORDS)

    assert (answer.status, answer.title) == (410, "This link is too old")
    assert answer.text == WORDS
    assert "Open the one at the end of your newest mail" in answer.words


# the note's page


def _set(mesh: MotoMesh, post_id: str, **changes: object) -> None:
    def change(before: object) -> object:
        assert before is not None
        proposal = before.proposal.model_copy(update=changes)  # type: ignore[attr-defined]
        return before.model_copy(update={"proposal": proposal})  # type: ignore[attr-defined]

    mesh.ledger.change_status(post_id, Act("drafted", "draft-helper", NOW), change)  # type: ignore[arg-type]


def test_the_page_follows_its_note_and_leads_to_the_draft(mesh: MotoMesh, writer: Writer) -> None:
    page = writer.follow(writer.write(writer.open(token()), "Rolls"))
    post_id = drafts(mesh)[0].post_id
    assert 'http-equiv="refresh"' in page.body

    _set(mesh, post_id, lease_until=(clock.now() + timedelta(minutes=2)).isoformat())
    assert writer.open(page.path).title == "The draft is being made"
    _set(mesh, post_id, state=DraftState.FAILED, error="Bedrock is not switched on for this account.")
    failed = writer.open(page.path)
    assert failed.title == "There is no draft yet"
    assert "Bedrock is not switched on for this account. Your note is safe." in failed.words
    wording = Wording(text="Fresh rolls", by="model", at=NOW.isoformat())
    _set(mesh, post_id, state=DraftState.READY, wordings=(wording,))
    ready = writer.open(page.path)
    assert ready.title == "The draft is ready"
    assert 'http-equiv="refresh"' not in ready.body
    link = ready.body.split('href="https://approve.example.test/')[1].split('"')[0]
    assert link == f"draft/{post_id}"  # the draft's own page: nothing of it is signed here
    for state, title in ((DraftState.ACCEPTED, "Accepted"), (DraftState.DISCARDED, "Discarded")):
        _set(mesh, post_id, state=state)
        assert writer.open(page.path).title == title


def test_a_notes_page_is_shown_to_whoever_wrote_it_alone(mesh: MotoMesh, writer: Writer) -> None:
    noted = writer.follow(writer.write(writer.open(token()), "A secret of Ada's"))
    post_id = drafts(mesh)[0].post_id

    other = writer.open(f"{token(recipient=BEN)}/draft/{post_id}")
    nobody = writer.open(f"{token(recipient=BEN)}/draft/p_nothing")

    assert (other.status, nobody.status, noted.status) == (404, 404, 200)
    assert "secret" not in other.words
    assert other.title == nobody.title == "This link does not work"


def test_what_is_no_draft_has_no_page(mesh: MotoMesh, writer: Writer) -> None:
    from mesh.ledger import Status

    mesh.ledger.change_status("p_row", Act("row", "scheduler", NOW), lambda _: Status(post_id="p_row"))
    assert writer.open(f"{token()}/draft/p_row").status == 404


def test_with_a_stand_in_for_the_model_every_page_says_so(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer()
    monkeypatch.setenv("BEDROCK_URL", "http://127.0.0.1:9")

    page = writer.open(token())

    said = "Drafts come from a stand-in here, not from a model."
    assert said in page.words
    assert said in writer.follow(writer.write(page, "Rolls")).words


def test_no_word_of_a_note_and_no_link_reaches_the_log(
    mesh: MotoMesh, writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    link = token()
    photo = writer.add(mesh, link, "Ada at home.jpg", jpeg())
    writer.write(writer.open(link), "Zimtschnecken", upload=[photo], date="never")
    writer.follow(writer.write(writer.open(link), "Zimtschnecken", upload=[photo]))

    logged = [str(record.__dict__) for record in caplog.records if record.name == "draft-helper"]

    assert len(logged) == 3  # two notes, of which one is taken, and its event
    assert not [word for word in ("Zimt", "Ada at home", link[:40], "ada@") if word in "".join(logged)]


def test_nothing_of_a_draft_is_seen_by_who_looks_for_posts(mesh: MotoMesh, writer: Writer) -> None:
    writer.write(writer.open(token()), "Rolls")

    assert mesh.ledger.open_statuses() == []
    assert isinstance(drafts(mesh)[0].proposal, Proposal)
