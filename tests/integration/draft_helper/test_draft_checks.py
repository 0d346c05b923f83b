"""A person's words are read by the guards of the model's: after the press that keeps them, and without the model."""

from __future__ import annotations

from typing import Any

import pytest
from draft_desk import NOTE, NOW, RULES, Context, Desk, photo

from approve_handler.draft_decide import Fate, Hand, digest, rule
from approve_handler.draft_form import Typed
from draft_helper import checking
from draft_helper.decide import CHECK_WANTED_FOR
from draft_helper.drafting import draft_one
from mesh import clock
from mesh.errors import Unreachable
from mesh.events import DraftRequested
from mesh.ledger import Act
from mesh.ledger.proposals import DraftState, Mark, Settled, Wording

ADA = "ada@example.test"
MODELS = Wording(text=NOTE, by="model", at=NOW.isoformat())


def edited(text: str, **more: Any) -> Wording:
    """As the draft's page keeps what somebody typed."""
    return Wording(**{"text": text, "by": ADA, "at": clock.now().isoformat(), "checked": False, **more})


def typed(desk: Desk, *wordings: Wording, post_id: str = "p_1", **told: Any) -> None:
    """A draft that is there, with these words of a person's beside the model's, the last of them chosen."""
    own = {"state": DraftState.READY, "wordings": (MODELS, *wordings), "chosen": len(wordings)}
    desk.notes(post_id, proposal={**own, **told.pop("proposal", {})}, **told)


def codes(desk: Desk, number: int = -1, *, stops: bool = False) -> set[str]:
    return {mark.code for mark in desk.draft().wordings[number].marks if mark.stops or not stops}


def test_what_a_person_typed_is_checked_and_neither_told_of_nor_asked_of_the_model(desk: Desk) -> None:
    typed(desk, edited("Fresh cinnamon rolls from Friday on, 4,90 € each."))
    desk.asks("p_1")
    draft = desk.draft()
    assert (draft.state, draft.lease_until, draft.tries, draft.ended_at) == (DraftState.READY, None, 0, None)
    assert (draft.wordings[1].checked, draft.wordings[1].text) == (
        True,
        "Fresh cinnamon rolls from Friday on, 4,90 € each.",
    )
    assert codes(desk) == {"price"}
    assert (desk.asked, desk.told, draft.spent.calls) == ([], [], 0)
    assert [row["action"] for row in desk.mesh.audit("p_1")] == ["noted", "draft checked"]


def test_a_forbidden_word_that_a_person_typed_stops_the_draft(desk: Desk) -> None:
    desk.mesh.s3.put_object(Bucket=desk.mesh.rules_bucket, Key="voice.txt", Body=b"Never say: cheap, yummy\n")
    typed(desk, edited("Cheap rolls from Friday on.", texts={"bluesky-main": "Yummy rolls."}))
    desk.asks("p_1")
    found = {(mark.quote, mark.channel) for mark in desk.draft().wordings[1].marks if mark.stops}
    assert found == {("Yummy", "bluesky-main")}  # the words for all go nowhere


def test_an_ads_disclosure_that_a_person_took_out_stops_the_draft(desk: Desk) -> None:
    desk.mesh.put_rules(f"Ads: #ad, Werbung\n{RULES}")
    typed(desk, edited("Rolls with butter of Alm & Co."), text="Sponsored by Alm & Co: rolls with their butter")
    desk.asks("p_1")
    assert codes(desk, stops=True) == {"ad-undisclosed"}


def test_what_a_person_made_too_long_stops_the_draft(desk: Desk) -> None:
    typed(desk, edited("Fresh cinnamon rolls. " * 20))
    desk.asks("p_1")
    assert codes(desk, stops=True) == {"too-long"}


def test_the_link_that_was_set_in_the_notes_place_counts(desk: Desk) -> None:
    there = "https://cafe.example/" + "rolls/" * 8
    settled = Settled(link=there, channels=("bluesky-main",))
    typed(desk, edited(f"{'Fresh rolls. ' * 22} {there}"), link="https://old.example", proposal={"settled": settled})
    desk.asks("p_1")
    assert "link" not in codes(desk)


def test_marks_that_stood_until_then_are_replaced(desk: Desk) -> None:
    old = Mark(code="price", message="Old.", quote="4,90 €")
    typed(desk, edited("Fresh rolls from Friday on.", marks=(old,)))
    desk.asks("p_1")
    assert desk.draft().wordings[1].marks == ()


def test_of_a_check_five_calls_are_made_and_no_file_is_read(desk: Desk) -> None:
    typed(desk, edited("Fresh rolls."), uploads=(desk.uploads("a.jpg", photo()),))
    desk.asks("p_0")  # warm
    desk.mesh.calls.clear()
    desk.asks("p_1")
    assert sorted(desk.mesh.calls) == ["GetItem", "GetObject", "GetObject", "GetObject", "TransactWriteItems"]


def test_a_check_whose_event_was_lost_is_done_by_the_sweep(desk: Desk) -> None:
    typed(desk, edited("Rolls, 4,90 € each."))
    desk.sweeps()
    (found,) = desk.mesh.events_of(DraftRequested)
    desk.asks(*found.post_ids)
    assert codes(desk) == {"price"}
    desk.mesh.entries.clear()
    desk.sweeps()
    assert desk.mesh.entries == []


def test_one_that_was_checked_is_not_checked_again(desk: Desk) -> None:
    typed(desk, edited("Rolls."))
    desk.asks("p_1", "p_1")
    before = desk.status()
    desk.asks("p_1")
    assert desk.status() == before


def meanwhile(desk: Desk, monkeypatch: pytest.MonkeyPatch, **own: Any) -> None:
    """Somebody presses while the words are being read."""
    gather = checking.gather

    def pressing(*asked: Any, **more: Any) -> Any:
        if own:
            desk.changes("p_1", **own)
            own.clear()
        return gather(*asked, **more)

    monkeypatch.setattr(checking, "gather", pressing)


def test_words_that_were_changed_once_more_meanwhile_wait_for_a_check_of_their_own(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(desk, edited("Rolls, 4,90 € each."))
    meanwhile(desk, monkeypatch, wordings=(MODELS, edited("Rolls, 5,90 € each.")))
    desk.asks("p_1")
    found = desk.draft().wordings[1]
    assert (found.text, found.checked, found.marks) == ("Rolls, 5,90 € each.", False, ())
    desk.asks("p_1")
    assert [mark.quote for mark in desk.draft().wordings[1].marks] == ["5,90 €"]


@pytest.mark.parametrize("state", [DraftState.ACCEPTED, DraftState.DISCARDED, DraftState.REQUESTED])
def test_a_draft_that_was_decided_meanwhile_stays_as_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, state: DraftState
) -> None:
    typed(desk, edited("Rolls, 4,90 € each."))
    meanwhile(desk, monkeypatch, state=state)
    desk.asks("p_1")
    draft = desk.draft()
    assert (draft.state, draft.wordings[1].marks, draft.wordings[1].checked) == (state, (), False)
    assert [row["action"] for row in desk.mesh.audit("p_1")] == ["noted", "changed"]


def test_words_of_several_people_are_checked_together(desk: Desk) -> None:
    typed(desk, edited("Ada's, 4,90 €."), edited("Ben's, 5,90 €.", by="ben@example.test"))
    desk.asks("p_1")
    assert [[mark.quote for mark in one.marks] for one in desk.draft().wordings] == [[], ["4,90 €"], ["5,90 €"]]


def test_words_that_were_kept_beside_a_wish_for_others_are_checked_with_these(desk: Desk) -> None:
    typed(desk, edited("Rolls, 4,90 € each."), proposal={"state": DraftState.REQUESTED, "wants": 2})
    desk.asks("p_1")
    draft = desk.draft()
    assert (draft.state, [one.by for one in draft.wordings]) == (DraftState.READY, ["model", ADA, "model"])
    assert (draft.unchecked, {mark.code for mark in draft.wordings[1].marks}) == ((), {"price"})
    assert desk.told == [(["p_1"], "")]


def test_words_kept_beside_others_that_could_not_be_made_are_checked_too(desk: Desk) -> None:
    typed(desk, edited("Rolls, 4,90 € each."), proposal={"state": DraftState.REQUESTED, "wants": 2})
    desk.orders("refuse")
    desk.asks("p_1")
    assert desk.draft().state is DraftState.READY
    assert codes(desk) == {"price"}


def test_without_a_rules_doc_it_says_that_nothing_was_checked_and_asks_no_more(desk: Desk) -> None:
    desk.mesh.s3.delete_object(Bucket=desk.mesh.rules_bucket, Key="rules.txt")
    typed(desk, edited("Rolls."))
    desk.asks("p_1")
    (mark,) = desk.draft().wordings[1].marks
    assert mark.message == "These words could not be checked against your rules: there is no rules doc."
    assert (mark.stops, desk.draft().unchecked) == (False, ())


def test_what_cannot_be_read_now_is_tried_again_by_the_sweep_for_a_day(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise Unreachable("the mirror")

    typed(desk, edited("Rolls."))
    with monkeypatch.context() as patch:
        patch.setattr(checking, "gather", down)
        desk.asks("p_1")
    assert desk.draft().unchecked
    desk.later(seconds=CHECK_WANTED_FOR.total_seconds() - 1)
    desk.sweeps()
    assert [one.post_ids for one in desk.mesh.events_of(DraftRequested)] == [["p_1"]]
    desk.later(minutes=5)
    desk.sweeps()
    assert len(desk.mesh.events_of(DraftRequested)) == 1


def test_a_step_of_the_batch_machine_is_told_of_nothing_that_ended(desk: Desk) -> None:
    typed(desk, edited("Rolls."))
    found = draft_one(desk.parts, "p_1", "t_1", Context())
    assert (found.state, found.ended, found.checked) == ("ready", False, True)


def test_nothing_of_what_was_typed_reaches_a_log_an_event_or_the_audit(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(desk, edited("SECRET rolls, 4,90 € each."))
    desk.asks("p_1")
    told = f"{desk.mesh.audit('p_1')}{desk.mesh.entries}{capsys.readouterr().out}"
    assert "SECRET" not in told
    assert "4,90" not in told


@pytest.mark.parametrize("text", ["", " ", "🥐" * 9_000, "a@b " * 4_000, "1 " * 9_000, "x" * 20_000])
def test_whatever_a_person_types_is_read_to_its_end(desk: Desk, text: str) -> None:
    typed(desk, edited(text))
    desk.asks("p_1")
    assert desk.draft().unchecked == ()


def test_an_old_wording_counts_as_checked(desk: Desk) -> None:
    """One that was kept before people's words were checked."""
    mine = edited("Rolls, 4,90 € each.").model_dump(exclude={"checked"})
    typed(desk, Wording.model_validate(mine))
    before = desk.status()
    desk.later(hours=1)
    desk.sweeps()
    desk.asks("p_1")
    assert desk.status() == before


def test_what_the_page_keeps_is_checked_and_then_stops_or_lets_it_go(desk: Desk) -> None:
    """The two functions that write a draft, one after the other: they share nothing but its item."""
    desk.mesh.s3.put_object(Bucket=desk.mesh.rules_bucket, Key="voice.txt", Body=b"Never say: cheap\n")
    desk.notes(date="2027-03-22", time="09:00")
    desk.asks("p_1")

    def presses(do: str, text: str) -> tuple[Fate, tuple[str, ...]]:
        shown = digest(desk.draft())
        typed = Typed(do, shown, text=text, date="2027-03-22", time="09:00", channels=("bluesky-main",))
        ruling = rule(desk.status(), typed, Hand(ADA, clock.now(), desk.parts.zone))
        desk.mesh.ledger.change_status("p_1", Act("pressed", ADA, clock.now()), lambda _: ruling.after)
        return ruling.fate, ruling.sentences

    assert presses("save", "Cheap rolls from Friday on.")[0] is Fate.DONE
    desk.asks("p_1")
    fate, sentences = presses("accept", "Cheap rolls from Friday on.")
    assert fate is Fate.REFUSED
    assert sentences == ("“cheap” is on your voice doc's list of what you never say: take it out.",)
    assert presses("save", "Fair rolls from Friday on.")[0] is Fate.DONE
    desk.asks("p_1")
    assert desk.draft().current == desk.draft().wordings[1]
    assert (desk.draft().unchecked, desk.draft().wordings[1].marks) == ((), ())
    assert presses("accept", "Fair rolls from Friday on.")[0] is Fate.DONE
