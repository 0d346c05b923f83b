"""A batch's plan behind its link: looked at, changed, agreed to, made anew, discarded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from door_desk import ADA, BEN, NOW, WRITES, Visitor, plain
from moto_mesh import MotoMesh
from plan_desk import DAYS, PHOTOS, Plan, batch, item, link, planned, proposal

from mesh.batches import LONGEST_TOPIC_CHARACTERS, MOST_POSTS
from mesh.errors import Throttled
from mesh.events import BatchRequested
from mesh.ledger import Ledger
from mesh.ledger.proposals import DRAFTING, STAND_IN, DraftState
from mesh.ledger.runtime import pause_key


def asked(mesh: MotoMesh) -> list[str]:
    return [one.batch_id for one in mesh.events_of(BatchRequested)]


def test_the_page_shows_what_each_post_is_about_when_it_goes_and_its_picture(mesh: MotoMesh) -> None:
    batch(mesh)
    plan = Plan(mesh)
    assert (plan.page.status, plan.page.title) == (200, "The plan: 3 posts")
    fields = plan.form.fields
    assert [fields[f"topic-{number}"] for number in range(4)] == ["Topic 1", "Topic 2", "Topic 3", ""]
    assert (fields["date-0"], fields["time-0"], fields["picture-0"], fields["picture-1"]) == (
        DAYS[1],
        "09:00",
        "u_1",
        "",
    )
    assert f'src="{plan.text}/upload/u_1" alt="photo 1.jpg"' in plan.page.body
    assert "&lt;b&gt;now&lt;/b&gt;" in plan.page.body
    assert plan.buttons[:2] == ["Draft these", "Plan again"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("state", list(DraftState))
def test_looking_changes_nothing(mesh: MotoMesh, method: str, state: DraftState) -> None:
    batch(mesh, state)
    mesh.calls.clear()
    assert Visitor().open(link(), method).status == 200
    assert not WRITES & set(mesh.calls)


def test_agreed_to_it_is_drafted_and_two_presses_draft_once(mesh: MotoMesh) -> None:
    batch(mesh)
    plan, again = Plan(mesh), Plan(mesh)
    assert plan.press("Draft these").title == "Your posts are being drafted"
    found = proposal(mesh)
    assert (found.state, found.plan, found.decided_by) == (DraftState.ACCEPTED, planned(), ADA)
    assert again.press("Draft these").title == "Your posts are being drafted"
    other = Plan(mesh, text=link(BEN))
    assert other.page.title == "Your posts are being drafted"
    assert asked(mesh) == ["b_1"]
    assert [row["action"] for row in mesh.audit("b_1")][1:] == ["plan agreed to"]


def test_what_is_changed_is_what_is_drafted(mesh: MotoMesh) -> None:
    batch(mesh)
    changed = {"topic_0": "  Rolls \r\n and bread ", "date_1": DAYS[9], "time_1": "17:30", "picture_1": "u_2"}
    Plan(mesh).press("Draft these", **changed, picture_0="", out_2="1", topic_3="Our new baker")
    first, second, added = proposal(mesh).plan
    assert (first.post_id, first.topic, first.uploads) == ("p_1", "Rolls and bread", ())
    assert (second.date, second.time, second.uploads) == (DAYS[9], "17:30", (PHOTOS[1],))
    assert (added.topic, added.date, added.channels) == ("Our new baker", "", first.channels)
    assert added.post_id.startswith("p_")
    assert added.post_id not in {"p_1", "p_2", "p_3"}


def test_changes_can_be_saved_first_and_then_another_post_added(mesh: MotoMesh) -> None:
    batch(mesh)
    plan = Plan(mesh)
    page = plan.press("Save the changes", topic_3="Our new baker")
    assert page.title == "Your changes are saved"
    assert len(proposal(mesh).plan) == 4
    assert plan.form.fields["topic-4"] == ""
    assert asked(mesh) == []
    assert plan.press("Save the changes").title == "Saved already"
    plan.press("Draft these")
    assert len(proposal(mesh).plan) == 4
    assert proposal(mesh).state is DraftState.ACCEPTED


def test_enter_in_a_field_saves_and_decides_nothing(mesh: MotoMesh) -> None:
    batch(mesh)
    body = Plan(mesh).page.body
    first = body[body.index("<button") :].partition(">")[0]
    assert 'value="save"' in first
    assert "hidden" in first


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"topic_1": ""}, "Post 2: say what it is to be about"),
        ({"topic_1": "x" * (LONGEST_TOPIC_CHARACTERS + 7)}, "Post 2: its topic is 7 characters too long"),
        ({"date_1": "soon"}, "Post 2, date: “soon” is no date"),
        ({"time_1": "25:99"}, "Post 2, time: “25:99” is no time"),
        ({"time_1": ""}, "Post 2, time: choose when"),
        ({"date_1": "2020-01-01"}, "has passed"),
        ({"date_1": "9999-12-31"}, "is no date"),
        ({"out_0": "1", "out_1": "1", "out_2": "1"}, "There is no post left"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_that_was_typed_is_lost(
    mesh: MotoMesh, changed: dict[str, str], words: str
) -> None:
    batch(mesh)
    plan = Plan(mesh)
    page = plan.press("Draft these", topic_0="Typed by hand", **changed)
    assert page.title == "Not yet"
    assert words in page.body
    assert plan.form.fields["topic-0"] == "Typed by hand"
    assert all(plan.form.fields[name.replace("_", "-")] == value for name, value in changed.items())
    assert proposal(mesh).plan == planned()
    assert asked(mesh) == []


def test_a_post_without_a_day_is_drafted_all_the_same(mesh: MotoMesh) -> None:
    batch(mesh)
    Plan(mesh).press("Draft these", date_0="", time_0="")
    first = proposal(mesh).plan[0]
    assert (first.date, first.time) == ("", "")
    assert proposal(mesh).state is DraftState.ACCEPTED


def test_a_plan_has_fourteen_posts_at_most(mesh: MotoMesh) -> None:
    batch(mesh, plan=planned(13))
    plan = Plan(mesh)
    plan.press("Save the changes", topic_13="The fourteenth")
    assert len(proposal(mesh).plan) == MOST_POSTS
    assert "topic-14" not in plan.form.fields
    page = plan.press("Draft these", topic_14="One too many")
    assert "leave 1 out" in page.body
    assert proposal(mesh).state is DraftState.READY


def test_nothing_but_what_the_page_offers_can_be_typed_in(mesh: MotoMesh) -> None:
    batch(mesh)
    Plan(mesh).press("Draft these", picture_0="u_of_others", id_1="p_of_others", channels_0="x-main", id_2="p_1")
    found = proposal(mesh).plan
    assert found[0].uploads == ()
    assert "p_of_others" not in {one.post_id for one in found}
    assert len({one.post_id for one in found}) == 3
    assert {one.channels for one in found} == {("bluesky-main", "mastodon-main")}


@pytest.mark.parametrize(
    "typed", ["\x00\x07 bell", "‮reversed", "مرحبا 🥐 بكم", "<script>alert(1)</script>", "a\ud800b"]
)
def test_whatever_is_typed_the_page_comes_back(mesh: MotoMesh, typed: str) -> None:
    batch(mesh)
    text = typed.encode("utf-8", "replace").decode()
    page = Plan(mesh).press("Save the changes", topic_0=text)
    assert page.status == 200
    assert "<script>alert" not in page.body


def test_planned_again_waits_for_another_plan(mesh: MotoMesh) -> None:
    batch(mesh, tries=3)
    page = Plan(mesh).press("Plan again")
    assert page.title == "Your plan is on its way"
    assert '<meta http-equiv="refresh"' in page.body
    found = proposal(mesh)
    assert (found.state, found.tries, found.decided_by) == (DraftState.REQUESTED, 0, ADA)
    assert asked(mesh) == ["b_1"]


def test_without_a_plan_its_sentence_stands_there_and_one_can_be_written_by_hand(mesh: MotoMesh) -> None:
    batch(mesh, DraftState.FAILED, plan=(), error="The model did not answer.")
    plan = Plan(mesh)
    assert plan.page.title == "There is no plan yet"
    assert "The model did not answer." in plan.page.body
    assert plan.buttons[:2] == ["Plan again", "Draft these"]
    plan.press("Draft these", topic_0="By hand")
    (one,) = proposal(mesh).plan
    assert (one.topic, one.channels) == ("By hand", ("bluesky-main",))
    assert proposal(mesh).state is DraftState.ACCEPTED


def test_discarded_it_is_off_the_index_and_a_second_press_says_so(mesh: MotoMesh) -> None:
    batch(mesh)
    plan, again = Plan(mesh), Plan(mesh, text=link(BEN))
    assert plan.press("Discard").title == "Discarded"
    status = mesh.ledger.status("b_1")
    assert status is not None
    assert status.open is None
    page = again.press("Draft these")
    assert page.title == "Discarded"
    assert f"By {ADA}" in page.body
    assert asked(mesh) == []


def test_discarded_while_it_is_drafted_it_stays_until_its_posts_are_discarded(mesh: MotoMesh) -> None:
    until = (NOW + timedelta(minutes=5)).isoformat()
    batch(mesh, DraftState.ACCEPTED, lease_until=until, lease_by="run-1")
    assert Plan(mesh).press("Discard").title == "Discarded"
    status = mesh.ledger.status("b_1")
    assert status is not None
    assert status.open == DRAFTING
    assert proposal(mesh).lease_by == "run-1"
    assert asked(mesh) == ["b_1"]


def test_a_plan_that_changed_meanwhile_is_shown_and_nothing_is_done(mesh: MotoMesh) -> None:
    batch(mesh)
    plan, other = Plan(mesh), Plan(mesh, text=link(BEN))
    other.press("Save the changes", topic_0="Changed by Ben")
    page = plan.press("Draft these")
    assert page.title == "This has changed since"
    assert plan.form.fields["topic-0"] == "Changed by Ben"
    assert proposal(mesh).state is DraftState.READY


def test_while_it_is_drafted_the_page_says_how_far_it_has_come(mesh: MotoMesh) -> None:
    batch(mesh, DraftState.ACCEPTED)
    item(mesh, "p_1", DraftState.READY)
    item(mesh, "p_2", DraftState.REQUESTED)
    page = Plan(mesh).page
    assert "1 of 3 are written so far" in page.body
    assert "<bdi>Topic 2</bdi>: being drafted" in page.body
    assert "<bdi>Topic 3</bdi>: waits for its turn" in page.body


def test_afterwards_each_draft_has_its_link_and_what_is_missing_is_named(mesh: MotoMesh) -> None:
    batch(mesh, DraftState.ACCEPTED, open=None)
    for number in (1, 2):
        item(mesh, f"p_{number}", DraftState.READY)
    item(mesh, "p_3", DraftState.FAILED, "The model would not write it.")
    plan = Plan(mesh)
    assert "2 of 3 are here." in plan.page.body
    assert "“Topic 3” could not be drafted. The model would not write it." in plan.page.body
    address = plan.page.body.partition('<li><bdi><a href="')[2].partition('"')[0]
    assert plan.visitor.open(address).status == 200


def test_a_plan_of_the_stand_in_is_said_to_be_its(mesh: MotoMesh) -> None:
    said = "The stand-in of this computer made this plan, not a model."
    batch(mesh)
    assert said not in Plan(mesh).page.body
    batch(mesh, planner=STAND_IN)
    assert said in Plan(mesh).page.body


def test_a_paused_channel_is_named(mesh: MotoMesh) -> None:
    batch(mesh)
    mesh.runtime.put(pause_key("mastodon-main"), {"since": NOW.isoformat(), "standing": {"why": "x"}})
    assert "mastodon-main is paused just now" in Plan(mesh).page.body
    assert "bluesky-main is paused" not in Plan(mesh).page.body


def test_what_the_tables_do_not_take_now_is_said_and_nothing_is_lost(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch(mesh)
    plan = Plan(mesh)

    def refuse(*_: Any, **__: Any) -> None:
        raise Throttled("told to")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "change_status", refuse)
        page = plan.press("Draft these", topic_0="Typed by hand")
    assert page.title == "Not just now"
    assert plan.form.fields["topic-0"] == "Typed by hand"
    assert plan.press("Draft these").title == "Your posts are being drafted"


def test_a_press_that_does_not_come_from_our_page_does_nothing(mesh: MotoMesh) -> None:
    batch(mesh)
    plan = Plan(mesh)
    fields = [*plan.form.fields.items(), ("do", "draft")]
    assert plan.visitor.post(plan.text, fields, origin="https://elsewhere.test").status == 403
    fields = [(name, "script" if name == "by" else value) for name, value in fields]
    assert plan.visitor.post(plan.text, fields).status == 403
    assert proposal(mesh).state is DraftState.READY


def test_a_link_to_a_batch_that_is_not_there_and_one_too_old_say_so(mesh: MotoMesh) -> None:
    assert Plan(mesh).page.title == "This plan is gone"
    batch(mesh)
    old = Visitor().open(link(expires_at=int((NOW - timedelta(hours=1)).timestamp())))
    assert old.status == 410
    assert "Draft these" not in old.body


def test_a_look_costs_two_calls_and_a_press_three(mesh: MotoMesh) -> None:
    batch(mesh)
    plan = Plan(mesh)
    mesh.calls.clear()
    plan.page = plan.visitor.open(plan.text)
    assert len(mesh.calls) == 2, mesh.calls
    mesh.calls.clear()
    plan.press("Draft these")
    assert len(mesh.calls) == 3, mesh.calls


def test_the_page_runs_nothing_but_its_own_and_is_kept_nowhere(mesh: MotoMesh) -> None:
    batch(mesh)
    answer = Plan(mesh).page.answer
    assert "default-src 'none'" in answer["headers"]["content-security-policy"]
    assert answer["headers"]["cache-control"] == "no-store"
    assert "style=" not in plain(answer)
