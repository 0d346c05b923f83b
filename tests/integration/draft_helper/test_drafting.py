"""From a noted wish to a stored draft."""

from __future__ import annotations

import pytest
from draft_desk import NOTE, NOW, PDF, Context, Desk, photo
from moto_mesh import NAMES

from draft_helper.decide import LEASE, TRIES
from draft_helper.drafting import draft_one
from draft_helper.failing import GAVE_UP
from mesh.converse.model import Throttled
from mesh.ledger.proposals import DRAFTING, STAND_IN, DraftState, Source, Wording

MINE = Wording(text="Mine.", by="ada@example.test", at=NOW.isoformat())
MODELS = Wording(text="The model's.", by="model", at=NOW.isoformat())


def test_a_note_becomes_a_draft_that_its_owner_is_told_of(desk: Desk) -> None:
    desk.notes()
    desk.asks("p_1")
    draft = desk.draft()
    assert (draft.state, draft.lease_until, draft.tries, draft.error) == (DraftState.READY, None, 0, "")
    assert draft.current is not None
    assert (draft.current.text, draft.current.by, draft.current.prompt) == (NOTE, "model", "draft-1")
    assert draft.note.text == NOTE
    assert desk.told == [(["p_1"], "")]


def test_what_the_stand_in_wrote_is_kept_as_its(desk: Desk) -> None:
    desk.notes()
    desk.asks("p_1")
    assert [one.model for one in desk.draft().wordings] == [STAND_IN]


def test_what_it_cost_is_kept_with_the_draft(desk: Desk) -> None:
    desk.notes()
    desk.asks("p_1")
    spent = desk.draft().spent
    assert (spent.calls, spent.tokens_in > 20, spent.tokens_out > 5) == (1, True, True)
    assert spent.micro_usd == spent.tokens_in + 5 * spent.tokens_out


def test_a_draft_has_no_row_and_is_seen_by_nobody_but_drafting(desk: Desk) -> None:
    desk.notes()
    desk.asks("p_1")
    status = desk.status()
    assert (status.open, status.wanted, status.channels) == (DRAFTING, None, ())


def test_neither_the_note_nor_the_draft_stands_in_the_audit_or_in_an_event(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.notes()
    desk.asks("p_1")
    told = f"{desk.mesh.audit('p_1')}{desk.mesh.entries}{capsys.readouterr().out}"
    assert "cinnamon" not in told
    assert [row["action"] for row in desk.mesh.audit("p_1")] == ["noted", "drafting began", "draft ready"]


def test_a_redelivered_event_drafts_nothing_twice(desk: Desk) -> None:
    desk.notes()
    desk.asks("p_1", "p_1")
    before = desk.status()
    desk.asks("p_1")
    assert desk.status() == before
    assert len(desk.asked) == 1
    assert len(desk.told) == 1


def test_a_draft_that_another_is_at_is_left_alone(desk: Desk) -> None:
    desk.notes(proposal={"lease_until": (NOW + LEASE).isoformat()})
    before = desk.status()
    desk.asks("p_1")
    assert desk.status() == before
    assert desk.asked == []


def test_a_killed_one_is_drafted_when_its_lease_has_ended(desk: Desk) -> None:
    desk.notes(proposal={"lease_until": (NOW + LEASE).isoformat(), "tries": 1})
    desk.later(seconds=LEASE.total_seconds() + 1)
    desk.asks("p_1")
    assert desk.draft().state is DraftState.READY


def test_what_was_begun_too_often_is_given_up_without_asking_the_model(desk: Desk) -> None:
    desk.notes(proposal={"tries": TRIES})
    desk.asks("p_1")
    assert (desk.draft().state, desk.draft().error) == (DraftState.FAILED, GAVE_UP.sentence)
    assert desk.asked == []
    assert desk.told == [(["p_1"], "")]


def test_only_what_is_wanted_is_drafted(desk: Desk) -> None:
    done = (DraftState.READY, DraftState.FAILED, DraftState.ACCEPTED, DraftState.DISCARDED)
    for state in done:
        desk.notes(state.value, proposal={"state": state})
    desk.asks(*[state.value for state in done], "p_nobody")
    assert desk.asked == []
    assert desk.told == []


def test_a_draft_that_was_discarded_meanwhile_stays_discarded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from draft_helper import drafting

    gather = drafting.gather

    def discarding(*asked: object) -> object:
        desk.changes("p_1", state=DraftState.DISCARDED)
        return gather(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(drafting, "gather", discarding)
    desk.notes()
    desk.asks("p_1")
    assert (desk.draft().state, desk.draft().wordings) == (DraftState.DISCARDED, ())
    assert desk.told == []


def test_one_that_took_longer_than_its_lease_writes_over_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from draft_helper import drafting

    gather, theirs = drafting.gather, (NOW + 2 * LEASE).isoformat()

    def overtaken(*asked: object) -> object:
        desk.changes("p_1", lease_until=theirs)
        return gather(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(drafting, "gather", overtaken)
    desk.notes()
    desk.asks("p_1")
    assert (desk.draft().lease_until, desk.draft().wordings, desk.told) == (theirs, (), [])


# other wordings


def test_two_other_wordings_are_unlike_the_first_and_the_chosen_one_stays(desk: Desk) -> None:
    desk.notes()
    desk.asks("p_1")
    desk.changes("p_1", state=DraftState.REQUESTED, wants=3)
    desk.asks("p_1")
    draft = desk.draft()
    assert (draft.state, draft.chosen, len({one.text for one in draft.wordings})) == (DraftState.READY, 0, 3)
    assert draft.spent.calls == 3


def test_a_persons_own_wording_counts_for_none_of_the_models(desk: Desk) -> None:
    desk.notes(proposal={"wordings": (MODELS, MINE), "chosen": 1, "wants": 2})
    desk.asks("p_1")
    draft = desk.draft()
    assert [one.by for one in draft.wordings] == ["model", "ada@example.test", "model"]
    assert draft.chosen == 1


def test_alternatives_that_cannot_be_made_leave_the_first_to_be_accepted_and_say_why(desk: Desk) -> None:
    desk.notes()
    desk.asks("p_1")
    desk.changes("p_1", state=DraftState.REQUESTED, wants=3)
    desk.orders("refuse")
    desk.asks("p_1")
    draft = desk.draft()
    assert (draft.state, len(draft.wordings), draft.wants) == (DraftState.READY, 1, 1)
    assert "would not write this post" in draft.error


def test_one_of_two_alternatives_is_kept_when_the_second_has_to_wait(desk: Desk) -> None:
    desk.notes(proposal={"wordings": (MODELS,), "wants": 3})
    desk.orders("slow 0", "throttle", "throttle", "throttle")
    desk.asks("p_1")
    draft = desk.draft()
    assert (draft.state, len(draft.wordings), draft.lease_until) == (DraftState.REQUESTED, 2, None)
    desk.asks("p_1")
    assert (desk.draft().state, len(desk.draft().wordings)) == (DraftState.READY, 3)


# too long


def test_what_is_too_long_is_sent_back_with_by_how_much_and_then_fits(desk: Desk) -> None:
    desk.notes(text=f"{NOTE} [[too long]]")
    desk.asks("p_1")
    draft = desk.draft()
    assert [one["turn"] for one in desk.asked] == [0, 1]
    assert draft.current is not None
    assert (draft.current.text, draft.spent.calls) == (NOTE, 2)
    assert [mark.code for mark in draft.current.marks if mark.stops] == []
    assert "repair" in draft.current.prompt


def test_what_does_not_fit_after_that_is_shown_all_the_same_and_cannot_be_accepted_so(desk: Desk) -> None:
    desk.notes(text=f"{NOTE} [[too long twice]]")
    desk.asks("p_1")
    draft = desk.draft()
    assert draft.state is DraftState.READY
    assert draft.current is not None
    stopping = {(mark.code, mark.channel) for mark in draft.current.marks if mark.stops}
    assert stopping == {("too-long", "bluesky-main")}
    assert (len(desk.asked), draft.current.prompt) == (2, "draft-1")  # the second was no better


def test_where_the_repair_fails_the_first_answer_is_shown(desk: Desk) -> None:
    desk.notes(text=f"{NOTE} [[too long]]")
    desk.orders("too long", "refuse")
    desk.asks("p_1")
    draft = desk.draft()
    assert draft.current is not None
    assert (draft.state, {mark.code for mark in draft.current.marks if mark.stops}) == (DraftState.READY, {"too-long"})


def test_each_channel_has_its_own_limit(desk: Desk) -> None:
    desk.notes(text=f"{NOTE} " * 8, channels=("bluesky-main", "mastodon-main"))
    desk.asks("p_1")
    draft = desk.draft()
    assert draft.current is not None
    assert set(draft.current.texts) == {"bluesky-main"}
    assert len(draft.current.texts["bluesky-main"]) <= 300 < len(draft.current.text)


# files


def test_photos_and_pdfs_are_shown_to_the_model_and_pictures_described(desk: Desk) -> None:
    uploads = (desk.uploads("a.jpg", photo()), desk.uploads("menu.pdf", PDF, "pdf"), desk.uploads("b.jpg", photo(500)))
    desk.notes(uploads=uploads)
    desk.asks("p_1")
    draft = desk.draft()
    assert (desk.asked[0]["images"], desk.asked[0]["documents"]) == (2, 1)
    assert draft.current is not None
    assert draft.current.alt.count(" | ") == 1


def test_an_alt_text_of_the_notes_own_wins(desk: Desk) -> None:
    desk.notes(uploads=(desk.uploads("a.jpg", photo()),), alt="Our cake.")
    desk.asks("p_1")
    draft = desk.draft()
    assert draft.current is not None
    assert draft.current.alt == "Our cake."


def test_a_file_that_the_model_cannot_be_shown_is_named_and_the_draft_made(desk: Desk) -> None:
    bad = desk.uploads("broken.jpg", b"\xff\xd8\xff no picture")
    desk.notes(uploads=(bad,))
    desk.asks("p_1")
    draft = desk.draft()
    assert draft.current is not None
    assert [mark.quote for mark in draft.current.marks if mark.code == "file-left-out"] == ["broken.jpg"]
    assert desk.asked[0]["images"] == 0


# failing


def failed(desk: Desk, post_id: str = "p_1") -> str:
    draft = desk.draft(post_id)
    assert (draft.state, draft.lease_until) == (DraftState.FAILED, None)
    assert draft.note.text
    return draft.error


AT_ONCE = {
    "refuse": "would not write this post",
    "guardrail": "would not write this post",
    "malformed": "no post can be made of",
    "no tool": "no post can be made of",
    "cut off": "cut off, twice",
    "denied": "may not use the model global.anthropic.claude-haiku-4-5",
    "no form": "may not use the model",
    "quota": "tokens it may use in a day",
    "unknown model": "the parameter DraftModel",
    "end of life": "the parameter DraftModel",
    "on demand": "the parameter DraftModel",
    "too large": "more than the model can read",
    "invalid": "did not take the question",
}


def test_what_the_model_will_not_do_is_said_at_once_and_the_note_is_kept(desk: Desk) -> None:
    for order in AT_ONCE:
        desk.notes(order, text=f"{NOTE} [[{order}]]")
    desk.asks(*AT_ONCE)
    assert {order: says for order, says in AT_ONCE.items() if says not in failed(desk, order)} == {}
    assert desk.told == [(list(AT_ONCE), "")]


FOR_A_MOMENT = {
    "malformed 1": 2,
    "no tool 1": 2,
    "cut off 1": 2,
    "throttle 2": 3,
    "503 2": 3,
    "500 1": 2,
    "not ready 2": 3,
    "model error 1": 2,
}


def test_what_goes_away_by_itself_costs_only_another_try(desk: Desk) -> None:
    for order in FOR_A_MOMENT:
        desk.notes(order, text=f"{NOTE} [[{order}]]")
    desk.asks(*FOR_A_MOMENT)
    assert {order: desk.draft(order).spent.calls for order in FOR_A_MOMENT} == FOR_A_MOMENT
    assert {desk.draft(order).state for order in FOR_A_MOMENT} == {DraftState.READY}


LASTING = {"throttle": "asked too much", "503": "does not answer", "model timeout": "took too long"}


def test_what_lasts_waits_for_the_sweep_and_is_told_after_some_tries(desk: Desk) -> None:
    for order in LASTING:
        desk.notes(order, text=f"{NOTE} [[{order}]]")
    for number in range(1, TRIES):
        desk.asks(*LASTING)
        drafts = [desk.draft(order) for order in LASTING]
        assert {(one.state, one.tries, one.lease_until) for one in drafts} == {(DraftState.REQUESTED, number, None)}
        assert desk.told == []
    desk.asks(*LASTING)
    assert {order: says for order, says in LASTING.items() if says not in failed(desk, order)} == {}
    assert desk.told == [(list(LASTING), "")]


def test_a_failed_one_can_be_tried_again(desk: Desk) -> None:
    desk.notes()
    desk.orders("refuse")
    desk.asks("p_1")
    failed(desk)
    desk.changes("p_1", state=DraftState.REQUESTED, tries=0)
    desk.asks("p_1")
    assert (desk.draft().state, desk.draft().error) == (DraftState.READY, "")


def test_one_that_fails_does_not_keep_the_others_and_all_are_told_of_at_once(desk: Desk) -> None:
    desk.notes("p_1")
    desk.notes("p_2", text=f"{NOTE} [[refuse]]")
    desk.notes("p_3", text="Closed on Monday.")
    desk.asks("p_1", "p_2", "p_3")
    assert [desk.draft(post_id).state.value for post_id in ("p_1", "p_2", "p_3")] == ["ready", "failed", "ready"]
    assert desk.told == [(["p_1", "p_2", "p_3"], "")]


def test_one_that_breaks_is_raised_after_the_others_are_done(desk: Desk) -> None:
    desk.mesh.dynamodb.put_item(TableName=NAMES.status, Item={"post_id": {"S": "p_1"}, "state": {"S": "nonsense"}})
    desk.notes("p_2")
    desk.notes("p_3", proposal={"lease_until": "no time"})
    with pytest.raises(ExceptionGroup):
        desk.asks("p_1", "p_3", "p_2")
    assert desk.draft("p_2").state is DraftState.READY
    assert desk.told == [(["p_2"], "")]


def test_without_time_left_nothing_is_begun(desk: Desk) -> None:
    desk.notes()
    before = desk.status()
    desk.asks("p_1", context=Context(milliseconds=20_000))
    assert desk.status() == before


def test_alternatives_for_which_time_ran_out_wait_with_what_there_is(desk: Desk) -> None:
    desk.notes(proposal={"wants": 3})
    desk.asks("p_1", context=Context(milliseconds=90_000, step=12_000))
    draft = desk.draft()
    assert (draft.state, len(draft.wordings)) == (DraftState.REQUESTED, 1)


# what it is made from


def test_without_a_rules_doc_it_says_so(desk: Desk) -> None:
    desk.mesh.s3.delete_object(Bucket=desk.mesh.rules_bucket, Key="rules.txt")
    desk.notes()
    desk.asks("p_1")
    assert "no rules doc" in failed(desk)


def test_with_a_time_zone_that_nobody_knows_it_says_so(desk: Desk) -> None:
    desk.mesh.put_rules("Time zone: Mars/Olympus\n")
    desk.notes()
    desk.asks("p_1")
    assert "time zone" in failed(desk)


def test_with_channels_that_are_gone_it_names_them(desk: Desk) -> None:
    desk.notes(channels=("old-one",))
    desk.asks("p_1")
    assert "(old-one)" in failed(desk)


def test_a_note_from_before_there_were_channels_can_be_accepted_for_those_it_was_drafted_for(desk: Desk) -> None:
    desk.notes(channels=())
    desk.asks("p_1")
    assert desk.draft().state is DraftState.READY
    assert desk.draft().note.channels == ("bluesky-main", "mastodon-main")


def test_with_a_lost_upload_it_names_it(desk: Desk) -> None:
    upload = desk.uploads("cake.jpg", photo())
    desk.mesh.s3.delete_object(Bucket=desk.mesh.posts_bucket, Key=f"uploads/{upload.upload_id}")
    desk.notes(uploads=(upload,))
    desk.asks("p_1")
    assert "“cake.jpg” is no longer there" in failed(desk)


def test_with_a_damaged_copy_of_the_sheet_it_says_so(desk: Desk) -> None:
    desk.posted("2027-03-01", "Old")
    found = desk.mesh.s3.get_object(Bucket=desk.mesh.posts_bucket, Key="posts.csv")["Body"].read()
    desk.mesh.s3.put_object(Bucket=desk.mesh.posts_bucket, Key="posts.csv", Body=found[:-20])
    desk.notes()
    desk.asks("p_1")
    assert "The copy of your sheet" in failed(desk)


def test_an_empty_note_says_so(desk: Desk) -> None:
    desk.notes(text="  ")
    desk.asks("p_1")
    draft = desk.draft()
    assert (draft.state, "neither words nor a file" in draft.error) == (DraftState.FAILED, True)


# for a batch


def test_a_post_of_a_batch_is_drafted_and_its_card_left_to_the_batch(desk: Desk) -> None:
    desk.notes(source=Source.BATCH, batch_id="b_1")
    desk.asks("p_1")
    assert desk.draft().state is DraftState.READY
    assert desk.told == []


def test_a_step_of_the_machine_learns_what_became_of_it(desk: Desk) -> None:
    desk.notes("p_1")
    desk.notes("p_2", text=f"{NOTE} [[refuse]]")
    found = [draft_one(desk.parts, post_id, "t_1", Context()) for post_id in ("p_1", "p_2", "p_1", "p_0")]
    assert [(one.state, one.code, one.ended) for one in found] == [
        ("ready", "", True),
        ("failed", "model-refused", True),
        ("ready", "", False),
        ("", "", False),
    ]


def test_a_step_is_told_by_a_raise_what_it_shall_try_again_and_the_lease_is_given_back(desk: Desk) -> None:
    desk.notes(text=f"{NOTE} [[throttle]]")
    with pytest.raises(Throttled):
        draft_one(desk.parts, "p_1", "t_1", Context())
    assert (desk.draft().state, desk.draft().lease_until) == (DraftState.REQUESTED, None)


def test_a_recurring_posts_own_picture_and_link_stay_its_notes(desk: Desk) -> None:
    desk.notes(source=Source.TEMPLATE, image="logo.png", alt="Our logo", link="https://cafe.example/menu")
    desk.asks("p_1")
    draft = desk.draft()
    assert (draft.state, draft.note.image, draft.note.link) == (
        DraftState.READY,
        "logo.png",
        "https://cafe.example/menu",
    )
    assert draft.current is not None
    assert draft.current.alt == "Our logo"


# figures


def test_a_text_draft_takes_twelve_remote_calls_the_three_reads_of_them_side_by_side(desk: Desk) -> None:
    desk.posted("2027-03-01", "Old")
    desk.notes()
    desk.asks("p_1")  # warm
    desk.notes("p_2", text="Closed on Monday.")
    desk.mesh.calls.clear()
    desk.asks("p_2")
    reads = ["GetObject", "GetObject", "GetObject"]
    assert desk.mesh.calls == [
        "GetItem", "TransactWriteItems", *reads, "GetItem", "UpdateItem", "Converse", "UpdateItem", "PutItem",
        "TransactWriteItems", "PutEvents",
    ]  # fmt: skip


def test_a_repair_takes_four_more_remote_calls_and_another_wording_five(desk: Desk) -> None:
    desk.notes("p_0")
    desk.asks("p_0")  # warm
    desk.notes("p_1", text=f"{NOTE} [[too long]]")
    desk.notes("p_2", text="Closed on Monday.", proposal={"wants": 2})
    taken = []
    for post_id in ("p_1", "p_2"):
        desk.mesh.calls.clear()
        desk.asks(post_id)
        taken.append(len(desk.mesh.calls))
    assert taken == [12 + 4, 12 + 5]
