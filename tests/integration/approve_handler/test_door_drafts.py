"""A draft's page behind its link: shown as it is, changed, accepted, discarded; whatever comes twice or too late decides nothing again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from door_desk import ADA, BEN, NOW, WRITES, Visitor, enrolled, package, plain, status, token, update
from drafts_door_desk import CHANNELS, JPEG, PHOTO, TOMORROW, draft, form, link, note, press, proposal, ready, wording
from moto_mesh import MotoMesh, SomeDetail

from approve_handler.handler import wire
from mesh import clock
from mesh.approvals import Action
from mesh.bus import Bus
from mesh.errors import BusError, Unreachable
from mesh.events import Approved, DraftAccepted, DraftRequested
from mesh.ledger import Act, ChannelProblem, PackageRef
from mesh.ledger.book import Ledger
from mesh.ledger.proposals import DRAFTING, STAND_IN, DraftState, Mark, Wording
from mesh.ledger.runtime import pause_key


def one(mesh: MotoMesh, model: type[SomeDetail]) -> SomeDetail:
    (event,) = mesh.events_of(model)
    return event


def test_the_page_shows_the_words_the_marks_the_note_and_every_field(mesh: MotoMesh) -> None:
    mark = Mark(code="price", message="The price 4,90 € is not in your note.", quote="4,90 €", channel="bluesky-main")
    words = wording("Warm <b>rolls</b> 4,90 €", texts={"mastodon-main": "Longer words"}, alt="A cake", marks=(mark,))
    draft(mesh, words, about=note(uploads=(PHOTO,), link="https://cafe.example"))
    page = Visitor().open(link())
    assert (page.status, page.title) == (200, "A draft for your post")
    assert "AI wrote this from your note; nothing is posted until you accept and approve." in page.body
    assert "Warm &lt;b&gt;rolls&lt;/b&gt; 4,90 €" in page.body
    assert "bluesky-main: The price 4,90 € is not in your note." in page.body
    shown = form(page)
    assert shown.first("text:mastodon-main") == "Longer words"
    assert (shown.first("alt"), shown.first("date"), shown.first("time")) == ("A cake", TOMORROW, "09:00")
    assert [value for name, value in shown.fields if name == "channel"] == list(CHANNELS)
    assert shown.first("link") == "https://cafe.example"
    assert set(shown.buttons) == {"Accept", "Two other wordings", "Save the change", "Discard"}
    assert "of the usual 300" in page.body
    assert "Fresh rolls" in page.body


def test_whoever_only_opens_the_link_changes_nothing(mesh: MotoMesh) -> None:
    for state in DraftState:
        ready(mesh, state=state)
        for method in ("GET", "HEAD"):
            mesh.calls.clear()
            assert Visitor().open(link(), method).status == 200
            assert not WRITES & set(mesh.calls)


def test_accepting_wants_the_row_unapproved_and_says_so_on_the_bus(mesh: MotoMesh) -> None:
    draft(
        mesh,
        wording("For all", texts={"mastodon-main": "Own"}, alt="A cake"),
        about=note(uploads=(PHOTO,), image="folder.jpg", link="https://cafe.example"),
    )
    visitor = Visitor()
    done = press(visitor, visitor.open(link()), "Accept")
    assert done.title == "Accepted"
    after = status(mesh, "p_d")
    assert after.proposal is not None
    assert (after.proposal.state, after.proposal.decided_by, after.open) == (DraftState.ACCEPTED, ADA, "1")
    assert after.approval is None
    wanted = after.wanted
    assert wanted is not None
    assert (wanted.by, wanted.date, wanted.time) == (ADA, TOMORROW, "09:00")
    assert (wanted.text, dict(wanted.texts)) == ("For all", {"mastodon-main": "Own"})
    assert (wanted.channels, wanted.image) == ("bluesky-main, mastodon-main", "folder.jpg, upload:u_1")
    assert (wanted.alt, wanted.link) == ("A cake", "https://cafe.example")
    assert one(mesh, DraftAccepted).post_ids == ["p_d"]
    last = mesh.audit("p_d")[-1]
    assert (last["action"], last["by_user"]) == ("draft accepted", ADA)
    assert "For all" not in str(last)


def test_what_is_typed_on_the_page_goes_into_the_row(mesh: MotoMesh) -> None:
    ready(mesh, "Warm rolls", about=note(uploads=(PHOTO,)))
    visitor = Visitor()
    later = (NOW + timedelta(days=9)).date().isoformat()
    press(
        visitor,
        visitor.open(link()),
        "Accept",
        text="Two\nlines, عربي 🥐",
        own_bluesky_main="Short",
        alt="Rolls",
        date=later,
        time="17:30",
        channels=["bluesky-main"],
        link="https://cafe.example/rolls",
    )
    wanted = status(mesh, "p_d").wanted
    assert wanted is not None
    assert (wanted.text, dict(wanted.texts)) == ("Two\nlines, عربي 🥐", {"bluesky-main": "Short"})
    assert (wanted.date, wanted.time, wanted.channels) == (later, "17:30", "bluesky-main")
    assert (wanted.alt, wanted.link) == ("Rolls", "https://cafe.example/rolls")
    assert proposal(mesh).wordings[-1].by == ADA
    assert proposal(mesh).wordings[0].by == "model"


def test_saving_keeps_the_edit_and_decides_nothing(mesh: MotoMesh) -> None:
    ready(mesh, "Warm rolls")
    visitor = Visitor()
    page = press(visitor, visitor.open(link()), "Save the change", text="Warm rolls!", time="11:00")
    assert page.title == "Your change is saved"
    kept = proposal(mesh)
    assert (kept.state, kept.current.text, kept.current.by) == (DraftState.READY, "Warm rolls!", ADA)  # type: ignore[union-attr]
    assert kept.settled is not None
    assert (kept.settled.time, kept.note.time) == ("11:00", "09:00")
    assert status(mesh, "p_d").open == DRAFTING
    again = visitor.open(link())
    assert (form(again).first("text"), form(again).first("time")) == ("Warm rolls!", "11:00")
    assert press(visitor, again, "Save the change").title == "Saved already"
    press(visitor, again, "Save the change", text="Mine again")
    assert [wording.by for wording in proposal(mesh).wordings] == ["model", ADA]
    assert not mesh.events_of(DraftAccepted)


def test_two_other_wordings_are_asked_for_and_what_was_typed_is_kept(mesh: MotoMesh) -> None:
    ready(mesh, "Warm rolls")
    visitor = Visitor()
    page = press(visitor, visitor.open(link()), "Two other wordings", text="My words")
    assert page.title == "Other wordings are being written"
    assert 'http-equiv="refresh"' in page.body
    kept = proposal(mesh)
    assert (kept.state, kept.wants, kept.wordings[-1].text) == (DraftState.REQUESTED, 3, "My words")
    assert one(mesh, DraftRequested).post_ids == ["p_d"]
    early = visitor.post(
        link(), [("do", "accept"), ("shown", "old"), ("text", "Too early")]
    )  # a page still open elsewhere
    assert early.title == "Other wordings are being written"
    assert "Too early" in early.body
    assert 'http-equiv="refresh"' not in early.body


def test_another_wording_can_be_chosen(mesh: MotoMesh) -> None:
    draft(mesh, wording("One"), wording("Two"), wording("Three"), chosen=2, wants=3)
    visitor = Visitor()
    page = visitor.open(link())
    assert form(page).first("text") == "Three"
    chosen = visitor.post(link(), [*form(page).fields, ("do", "use-0")])
    assert (chosen.title, form(chosen).first("text")) == ("This wording is chosen", "One")
    assert proposal(mesh).chosen == 0
    press(visitor, chosen, "Accept")
    assert status(mesh, "p_d").wanted.text == "One"  # type: ignore[union-attr]


def test_wordings_have_an_end(mesh: MotoMesh) -> None:
    draft(mesh, *(wording(f"No. {n}") for n in range(9)), wants=9)
    visitor = Visitor()
    page = press(visitor, visitor.open(link()), "Two other wordings")
    assert "9 wordings are there already" in page.body
    assert proposal(mesh).state is DraftState.READY


def test_discarding_takes_it_off_the_list_and_a_second_click_says_so(mesh: MotoMesh) -> None:
    ready(mesh)
    visitor = Visitor()
    page = visitor.open(link())
    assert press(visitor, page, "Discard").title == "Discarded"
    assert (proposal(mesh).state, status(mesh, "p_d").open) == (DraftState.DISCARDED, None)
    assert mesh.ledger.drafts() == []
    again = press(visitor, page, "Accept")
    assert again.title == "Discarded"
    assert f"{ADA} discarded this draft" in again.body
    assert status(mesh, "p_d").wanted is None
    assert [row["action"] for row in mesh.audit("p_d")] == ["drafted", "draft discarded"]


def test_two_people_accept_and_it_is_one_row(mesh: MotoMesh) -> None:
    ready(mesh)
    ada, ben = Visitor(), Visitor()
    hers, his = ada.open(link()), ben.open(link(recipient=BEN))
    press(ada, hers, "Accept")
    late = press(ben, his, "Accept", text="His words")
    assert late.title == "Decided already"
    assert f"{ADA} accepted this draft" in late.body
    assert "His words" in late.body
    assert press(ben, his, "Accept").title == "Accepted"
    wanted = status(mesh, "p_d").wanted
    assert wanted is not None
    assert (wanted.by, wanted.text) == (ADA, "Warm rolls from seven.")
    press(ada, hers, "Accept")
    press(ada, hers, "Discard")
    assert len(mesh.events_of(DraftAccepted)) == 1
    assert [row["action"] for row in mesh.audit("p_d")] == ["drafted", "draft accepted"]


def test_two_presses_at_the_very_same_moment_are_one_row(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(mesh)
    ada, ben = Visitor(), Visitor()
    hers, his = ada.open(link()), ben.open(link(recipient=BEN))
    original, first = Ledger.change_status, [True]

    def another_is_first(ledger: Ledger, *args: Any, **more: Any) -> Any:
        if first.pop() if first else False:
            press(ben, his, "Accept")
        return original(ledger, *args, **more)

    monkeypatch.setattr(Ledger, "change_status", another_is_first)
    assert press(ada, hers, "Accept").title == "Accepted"
    assert status(mesh, "p_d").wanted.by == BEN  # type: ignore[union-attr]
    assert len(mesh.events_of(DraftAccepted)) == 1


def test_a_draft_that_changed_meanwhile_is_shown_and_what_was_typed_beside_it(mesh: MotoMesh) -> None:
    ready(mesh)
    ada, ben = Visitor(), Visitor()
    hers, his = ada.open(link()), ben.open(link(recipient=BEN))
    press(ben, his, "Save the change", text="Ben was here")
    page = press(ada, hers, "Accept", text="Ada's own")
    assert page.title == "This has changed since"
    assert form(page).first("text") == "Ben was here"
    assert "Ada&#x27;s own" in page.body
    assert status(mesh, "p_d").wanted is None


# bad input


BAD: tuple[tuple[dict[str, Any], str], ...] = (
    ({"date": "2020-01-01"}, "has passed"),
    ({"date": "03/04/2027"}, "can be two days"),
    ({"date": "soon"}, "is no date"),
    ({"time": "25:00"}, "is no time"),
    ({"date": ""}, "choose the day"),
    ({"channels": []}, "tick at least one"),
    ({"channels": ["x-strange"]}, "none of the note"),
    ({"text": ""}, "there is nothing to post"),
    ({"text": "x" * 25_000}, "25,000 characters; 20,000 are the most"),
    ({"text": "🥐" * 16_000}, "more emoji in it than can be kept"),
)


def test_what_cannot_be_accepted_comes_back_with_all_that_was_typed(mesh: MotoMesh) -> None:
    ready(mesh)
    visitor = Visitor()
    opened = visitor.open(link())
    for typed, said in BAD:
        page = press(visitor, opened, "Accept", **{"text": "Typed with care", **typed})
        assert page.title == "Not yet", typed
        assert said in page.body, typed
        assert form(page).first("text") == typed.get("text", "Typed with care")
        assert form(page).first("date") == typed.get("date", TOMORROW)
    assert proposal(mesh).state is DraftState.READY
    assert not mesh.events_of(DraftAccepted)


def test_a_mark_that_stops_keeps_it_from_being_accepted_until_its_words_are_mended(mesh: MotoMesh) -> None:
    mark = Mark(code="too-long", message="12 characters too long for bluesky-main.", channel="bluesky-main", stops=True)
    word = Mark(code="word", message="“cheap” is on your list of words never to be used.", quote="cheap", stops=True)
    draft(mesh, wording("Cheap and cheap", marks=(mark, word)))
    visitor = Visitor()
    page = press(visitor, visitor.open(link()), "Accept")
    assert page.title == "Not yet"
    assert "12 characters too long for bluesky-main." in page.body
    still = press(visitor, page, "Accept", text="Still cheap")
    assert "12 characters too long" not in form_free(still)
    assert "never to be used" in still.body
    assert press(visitor, page, "Accept", text="Fair").title == "Accepted"


def form_free(page: Any) -> str:
    """What is said above the form."""
    return str(page.body.split('role="alert"')[1].split("</div>")[0])


def test_a_mark_of_a_channel_that_is_unticked_stops_nothing(mesh: MotoMesh) -> None:
    mark = Mark(code="too-long", message="Too long.", channel="bluesky-main", stops=True)
    draft(mesh, wording("Words", marks=(mark,)))
    visitor = Visitor()
    assert press(visitor, visitor.open(link()), "Accept", channels=["mastodon-main"]).title == "Accepted"


def test_where_no_time_was_named_the_next_hour_is_proposed_and_can_be_changed(mesh: MotoMesh) -> None:
    ready(mesh, about=note(date="", time=""))
    visitor = Visitor()
    page = visitor.open(link())
    day, clock = form(page).first("date"), form(page).first("time")
    assert clock.endswith(":00")
    assert "09:00" <= clock <= "18:00"
    saved = press(visitor, page, "Save the change", text="Other words")
    assert proposal(mesh).settled is None
    press(visitor, saved, "Accept")
    wanted = status(mesh, "p_d").wanted
    assert wanted is not None
    assert (wanted.date, wanted.time) == (day, clock)


# words of one's own are checked


def checked(mesh: MotoMesh, *marks: Mark) -> None:
    """What draft-helper does with them."""

    def change(before: Any) -> Any:
        wordings = (
            *before.proposal.wordings[:-1],
            before.proposal.wordings[-1].model_copy(update={"marks": marks, "checked": True}),
        )
        return before.model_copy(update={"proposal": before.proposal.model_copy(update={"wordings": wordings})})

    mesh.ledger.change_status("p_d", Act("draft checked", "draft-helper", NOW), change)


def test_what_is_typed_and_saved_is_checked_and_the_page_shows_what_was_found(mesh: MotoMesh) -> None:
    ready(mesh, "Warm rolls")
    visitor = Visitor()
    saved = press(visitor, visitor.open(link()), "Save the change", text="Cheap rolls")
    assert one(mesh, DraftRequested).post_ids == ["p_d"]
    assert [wording.checked for wording in proposal(mesh).wordings] == [True, False]
    assert "Being checked against your rules…" in saved.body
    assert "location.replace" in saved.body
    assert 'http-equiv="refresh"' not in saved.body  # without script it would take away what somebody types
    checked(mesh, Mark(code="never-say", message="“cheap” is on your list.", quote="Cheap", stops=True))
    seen = visitor.open(link())
    assert "“cheap” is on your list." in seen.body
    assert "Being checked" not in seen.body
    assert "location.replace" not in seen.body
    refused = press(visitor, seen, "Accept")
    assert (refused.title, status(mesh, "p_d").wanted) == ("Not yet", None)
    assert press(visitor, refused, "Accept", text="Fair rolls").title == "Accepted"


def test_while_it_is_being_checked_it_can_be_accepted(mesh: MotoMesh) -> None:
    ready(mesh, "Warm rolls")
    visitor = Visitor()
    saved = press(visitor, visitor.open(link()), "Save the change", text="Fresh rolls")
    assert press(visitor, saved, "Accept").title == "Accepted"
    assert status(mesh, "p_d").wanted.text == "Fresh rolls"  # type: ignore[union-attr]
    assert len(mesh.events_of(DraftRequested)) == 1


def test_a_check_that_ends_between_look_and_press_neither_hides_a_mark_nor_loses_a_word(mesh: MotoMesh) -> None:
    ready(mesh, "Warm rolls")
    visitor = Visitor()
    saved = press(visitor, visitor.open(link()), "Save the change", text="Cheap rolls")
    checked(mesh, Mark(code="never-say", message="“cheap” is on your list.", quote="Cheap", stops=True))
    assert press(visitor, saved, "Accept").title == "Not yet"
    assert press(visitor, saved, "Save the change", text="Cheap rolls and more").title == "Your change is saved"
    assert proposal(mesh).wordings[-1].text == "Cheap rolls and more"


def test_what_the_stand_in_wrote_is_said_to_be_its(mesh: MotoMesh) -> None:
    draft(mesh, wording("One", model=STAND_IN), wording("Two", model=STAND_IN), wants=2)
    page = Visitor().open(link())
    assert "Written by the stand-in of this computer, not by a model" in page.body
    assert "Wording 2, by the stand-in" in page.body
    assert "AI wrote" not in page.body


def test_a_paused_channel_is_named_as_long_as_the_post_goes_there(mesh: MotoMesh) -> None:
    ready(mesh)
    mesh.runtime.put(pause_key("mastodon-main"), {"since": NOW.isoformat(), "standing": {"why": "x"}})
    mesh.runtime.put(pause_key("x-main"), {"since": NOW.isoformat(), "standing": {"why": "x"}})
    visitor = Visitor()
    page = visitor.open(link())
    assert "mastodon-main is paused just now: what goes there waits until it is connected again." in page.body
    assert page.body.count("is paused") == 1
    saved = press(visitor, page, "Save the change", channels=["bluesky-main"])
    assert "is paused" not in saved.body


def test_where_pauses_cannot_be_read_the_page_comes_all_the_same(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise Unreachable("the tables")

    monkeypatch.setattr(Ledger, "standing", down)
    ready(mesh)
    assert Visitor().open(link()).title == "A draft for your post"


def test_what_the_model_wrote_is_never_said_to_be_being_checked(mesh: MotoMesh) -> None:
    draft(mesh, wording("One"), wording("Two"), wants=2)
    visitor = Visitor()
    page = visitor.open(link())
    assert "Being checked" not in visitor.post(link(), [*form(page).fields, ("do", "use-1")]).body
    assert press(visitor, visitor.open(link()), "Save the change", time="12:00").title == "Your change is saved"
    assert not mesh.events_of(DraftRequested)


def test_the_page_does_not_wait_for_a_check_for_ever(mesh: MotoMesh) -> None:
    ready(mesh)
    visitor = Visitor()
    press(visitor, visitor.open(link()), "Save the change", text="Fresh rolls")
    mesh.turn_clock(clock.now() + timedelta(minutes=3))
    page = visitor.open(link())
    assert "Not checked against your rules yet." in page.body
    assert "location.replace" not in page.body


# a failure


def test_a_note_that_could_not_be_drafted_is_kept_and_can_be_tried_again(mesh: MotoMesh) -> None:
    draft(mesh, state=DraftState.FAILED, error="The model is not allowed here.", tries=5)
    visitor = Visitor()
    page = visitor.open(link())
    assert page.title == "No draft could be made"
    assert "The model is not allowed here." in page.body
    assert form(page).first("text") == "Fresh rolls"
    again = press(visitor, page, "Try again")
    assert again.title == "Your draft is being written"
    kept = proposal(mesh)
    assert (kept.state, kept.tries, kept.error, kept.wordings) == (DraftState.REQUESTED, 0, "", ())
    assert one(mesh, DraftRequested).post_ids == ["p_d"]


def test_a_note_that_could_not_be_drafted_can_be_written_by_hand(mesh: MotoMesh) -> None:
    draft(mesh, state=DraftState.FAILED, error="No.")
    visitor = Visitor()
    saved = press(visitor, visitor.open(link()), "Save the change", text="By hand")
    assert saved.title == "Your change is saved"
    assert proposal(mesh).state is DraftState.READY
    assert press(visitor, saved, "Accept").title == "Accepted"
    assert status(mesh, "p_d").wanted.text == "By hand"  # type: ignore[union-attr]


def test_where_the_tables_do_not_take_it_the_page_comes_back_with_what_was_typed(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(mesh)
    visitor = Visitor()
    page = visitor.open(link())

    def down(*_: Any, **__: Any) -> None:
        raise Unreachable("the tables")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "change_status", down)
        refused = press(visitor, page, "Accept", text="An hour of work")
    assert refused.title == "Not just now"
    assert form(refused).first("text") == "An hour of work"
    assert press(visitor, refused, "Accept").title == "Accepted"


# who may


def test_only_a_link_for_this_draft_and_a_recipient_on_the_list_opens_it(mesh: MotoMesh) -> None:
    ready(mesh)
    visitor = Visitor()
    assert visitor.open(link(recipient="gone@example.test")).status == 403
    assert visitor.open(link()[:-6] + "aaaaaa").status == 404
    assert visitor.open(link(expires_at=1)).status == 410
    assert "This draft is gone" in visitor.open(link("p_none")).body
    package(mesh, "s1", "A post that was never a draft", "p_1")
    assert "This draft is gone" in visitor.open(link("p_1")).body
    assert "Nothing is known of it any more" in visitor.open(link("b_plan")).body


FOREIGN = (
    {"origin": "https://evil.example"},
    {"sec-fetch-site": "cross-site"},
    {"sec-ch-ua": '"Chromium"'},  # says so of itself, and sends no sign of a person's press
    {"content-type": "text/plain"},
)


def test_a_press_that_is_not_from_our_page_changes_nothing(mesh: MotoMesh) -> None:
    ready(mesh)
    visitor = Visitor()
    fields = [*form(visitor.open(link())).fields, ("do", "accept")]
    for headers in FOREIGN:
        assert visitor.post(link(), fields, **headers).status == 403
    assert proposal(mesh).state is DraftState.READY


def test_a_scripts_press_changes_nothing_however_long_the_form_is(mesh: MotoMesh) -> None:
    """Many fields before it do not hide the mark that the page's script sets."""
    ready(mesh)
    visitor = Visitor()
    fields = [one for one in form(visitor.open(link())).fields if one[0] != "by"]
    padded = [*[(f"x{n}", "1") for n in range(60)], *fields, ("do", "accept"), ("by", "script")]
    assert visitor.post(link(), padded).status == 403
    too_many = [(f"x{n}", "1") for n in range(200)]
    visitor.post(link(), [*too_many, *fields, ("do", "accept"), ("by", "script")])
    visitor.post(link(), [*fields, ("text", "x" * 400_000), ("do", "accept")])
    assert proposal(mesh).state is DraftState.READY


def test_a_press_waits_for_the_code_where_the_business_wants_one_and_loses_no_word(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRST_PRESS", "code")
    ready(mesh)
    visitor = Visitor()
    asked = press(visitor, visitor.open(link()), "Accept", text="Typed & kept")
    assert asked.title == "Type the code we mailed you"
    assert proposal(mesh).state is DraftState.READY
    (wanted,) = [event for event in mesh.events if event.detail_type == "ss.code.wanted"]
    code = wire().coder.code(wanted.code_id, ADA)  # type: ignore[attr-defined]
    path, fields = asked.forms()["Go on"]
    done = visitor.post(path, [*[one for one in fields if one[0] != "code"], ("code", code)])
    assert done.title == "Accepted"
    assert status(mesh, "p_d").wanted.text == "Typed & kept"  # type: ignore[union-attr]


# pictures


def test_only_pictures_of_this_very_draft_are_shown(mesh: MotoMesh) -> None:
    ready(mesh, about=note(uploads=(PHOTO, PHOTO.model_copy(update={"upload_id": "u_big", "size": 9_000_000}))))
    for key in ("u_1", "u_2", "u_big"):
        mesh.s3.put_object(Bucket=mesh.posts_bucket, Key=f"uploads/{key}", Body=JPEG)
    visitor = Visitor()
    page = visitor.open(link())
    assert f"{link()}/upload/u_1" in page.body
    assert "cake.jpg is too large to be shown here" in page.body
    shown = visitor.open(f"/{link()}/upload/u_1")
    assert (shown.status, shown.answer["headers"]["content-type"]) == (200, "image/jpeg")
    assert visitor.open(f"/{link()}/upload/u_2").status == 404
    assert visitor.open(f"/{link()}/upload/u_big").status == 404
    assert visitor.open(f"/{link()}/upload/{quote('../packages', safe='')}").status == 404
    revision = package(mesh, "s1", "Another")
    assert visitor.open(f"/{token(revision)}/upload/u_1").status == 404
    assert visitor.open(f"/{link(expires_at=1)}/upload/u_1").status == 404
    # what is no picture is never handed to a browser, whatever it was called
    mesh.s3.put_object(Bucket=mesh.posts_bucket, Key="uploads/u_1", Body=b"<script>alert(1)</script>")
    assert visitor.open(f"/{link()}/upload/u_1").status == 404


# after it


def test_the_page_follows_until_the_posts_own_approval_can_be_given_there(mesh: MotoMesh) -> None:
    ready(mesh)
    visitor = Visitor()
    done = press(visitor, visitor.open(link()), "Accept")
    assert f'http-equiv="refresh" content="3;url={link()}"' in done.body
    wanted = status(mesh, "p_d").wanted
    assert wanted is not None
    update(mesh, "p_d", wanted=wanted.model_copy(update={"inserted_at": NOW.isoformat()}))
    assert "Its preview is being made" in visitor.open(link()).body
    package(mesh, "s1", "Warm rolls from seven.", "p_d")
    review = visitor.open(link())
    assert review.title == "Approve this post?"
    assert 'http-equiv="refresh"' not in review.body
    assert status(mesh, "p_d").approval is None
    approved = visitor.press(review, "Approve")
    assert approved.title == "Approved"
    assert status(mesh, "p_d").approved
    assert one(mesh, Approved).post_ids == ["p_d"]
    assert visitor.open(link()).title == "Already decided"


def test_what_keeps_it_from_going_out_is_said_on_the_page(mesh: MotoMesh) -> None:
    ready(mesh)
    visitor = Visitor()
    press(visitor, visitor.open(link()), "Accept")
    problem = ChannelProblem(channel="bluesky-main", code="too-long", message="3 characters too long")
    ref = PackageRef(source_revision="s1", problems=(problem,))
    update(mesh, "p_d", source_revision="s1", package=ref)
    page = visitor.open(link())
    assert page.title == "It cannot go out as it is"
    assert "bluesky-main: 3 characters too long" in page.body


def test_the_page_does_not_follow_for_ever(mesh: MotoMesh) -> None:
    ready(mesh)
    visitor = Visitor()
    press(visitor, visitor.open(link()), "Accept")
    mesh.turn_clock(clock.now() + timedelta(minutes=10))
    page = visitor.open(link())
    assert "a mail will ask for your approval" in page.body
    assert 'http-equiv="refresh"' not in page.body


@pytest.mark.parametrize("place", ["post", "draft"])
def test_a_device_of_ours_finds_the_draft_on_its_own_page(mesh: MotoMesh, place: str) -> None:
    ready(mesh)
    visitor = enrolled(mesh, ADA)
    page = visitor.open(f"/{place}/p_d")
    assert page.title == "A draft for your post"
    path = form(page).action
    assert path.startswith("../")
    fields = [*form(page).fields, ("do", "accept")]
    assert visitor.post(path.removeprefix("../"), fields).title == "Accepted"
    assert Visitor().open("/post/p_d").title == "Approve posts from your mail"


def test_a_drafts_own_page_speaks_to_a_stranger_of_a_draft_and_is_the_same_whether_there_is_one_or_not(
    mesh: MotoMesh,
) -> None:
    ready(mesh)
    wire()
    mesh.calls.clear()
    seen = {plain(Visitor().open(f"/draft/{name}").answer) for name in ("p_d", "p_none", "x" * 64)}
    assert len(seen) == 1
    text = seen.pop()
    assert "Open the draft from its mail" in text
    assert "approv" not in text.lower()
    assert "<form" not in text
    assert mesh.calls == []
    assert Visitor().open("/draft/b_1").title == "Open the plan from its mail"
    assert Visitor().post("/draft/p_d").status == 405


# how many calls


def test_a_look_takes_two_calls_and_a_press_three(mesh: MotoMesh) -> None:
    ready(mesh)
    visitor = Visitor()
    wire()
    mesh.calls.clear()
    page = visitor.open(link())
    assert mesh.calls == ["BatchGetItem", "BatchGetItem"]  # the draft; which of its channels are paused
    mesh.calls.clear()
    press(visitor, page, "Accept")
    assert mesh.calls == ["BatchGetItem", "TransactWriteItems", "PutEvents"]
    package(mesh, "s1", "Warm rolls", "p_d")
    update(mesh, "p_d", channels=("bluesky-main",))
    mesh.calls.clear()
    visitor.open(link())
    assert sorted(mesh.calls) == ["BatchGetItem", "BatchGetItem", "GetObject"]


def test_a_lost_event_costs_the_one_who_accepts_nothing(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(mesh)
    visitor = Visitor()
    page = visitor.open(link())

    def lost(*_: Any, **__: Any) -> None:
        raise BusError(1, ["ServiceDown"])

    monkeypatch.setattr(Bus, "put", lost)
    assert press(visitor, page, "Accept").title == "Accepted"
    assert status(mesh, "p_d").awaited


def test_nothing_of_a_draft_reaches_the_log_or_the_bus(mesh: MotoMesh, capsys: pytest.CaptureFixture[str]) -> None:
    ready(mesh, "SECRET words", about=note(text="SECRET note"))
    visitor = Visitor()
    press(visitor, visitor.open(link()), "Accept", text="SECRET edit")
    assert "SECRET" not in capsys.readouterr().out
    assert "SECRET" not in str(mesh.entries)
    assert "SECRET" not in str(mesh.audit("p_d"))


def test_a_review_link_is_no_draft_link(mesh: MotoMesh) -> None:
    ready(mesh)
    visitor = Visitor()
    for action in (Action.REVIEW, Action.HOLD, Action.SEND_NOW, Action.RELEASE):
        done = visitor.post(token("", action, posts=(("p_d", ""),), nonce=f"n-{action}"))
        assert done.title not in {"Approved", "It goes out now"}
    assert status(mesh, "p_d").approval is None


def test_an_edit_by_hand_says_who_wrote_it(mesh: MotoMesh) -> None:
    draft(mesh, wording("One"), Wording(text="Mine", by=BEN, at=NOW.isoformat()), chosen=1)
    assert f"{BEN} wrote this." in Visitor().open(link()).body
