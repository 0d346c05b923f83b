"""What a press may do to a post."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from approve_handler.decide import Verdict, decide, lift, standing
from mesh.approvals import Action
from mesh.ledger import Approval, Asking, Flag, FlagState, Head, HeadState, Hold, PackageRef, State, Status

BERLIN = ZoneInfo("Europe/Berlin")
EARLIER = "2026-03-20T08:00:00+00:00"
NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)
ADA = Hold(by="ada@example.test", how="mail", at=NOW.isoformat())
BEN = Hold(by="ben@example.test", how="mail", at=EARLIER)
APPROVED = Approval(revision="r1", by="ben@example.test", how="mail", at=EARLIER)


def post(**update: Any) -> Status:
    base = Status(
        post_id="p_1",
        channels=("a", "b"),
        source_revision="s1",
        package=PackageRef(source_revision="s1", revision="r1"),
        open=None,
    )
    return base.model_copy(update=update)


def heads(*states: HeadState) -> list[Head]:
    return [
        Head(post_channel=f"p_1#{name}", state=state, revision="r1", posted_url=f"https://n.test/{name}")
        for name, state in zip("ab", states, strict=False)
    ]


def stands(action: Action, status: Status | None, *states: HeadState, revision: str = "r1") -> Verdict:
    return standing(action, status, revision, heads(*states), BERLIN).verdict


def press(action: Action, before: Status | None, revision: str = "r1", lifts: tuple[str, ...] = ()) -> Status | None:
    return decide(action, before, revision, ADA, BERLIN, lifts)


def test_an_approval_names_who_how_when_and_which_and_wants_its_flag() -> None:
    after = press(Action.REVIEW, post())
    assert after is not None
    assert after.approval == Approval(revision="r1", by=ADA.by, how="mail", at=ADA.at)
    assert after.flag is not None
    assert (after.flag.state, after.open) == (FlagState.PENDING, "1")


def test_send_now_is_an_approval_that_says_now_also_over_one_that_did_not() -> None:
    after = press(Action.SEND_NOW, post(approval=APPROVED))
    assert after is not None
    assert after.approval is not None
    assert after.approval.now


@pytest.mark.parametrize("action", [Action.REVIEW, Action.SEND_NOW])
def test_an_older_revision_is_never_approved(action: Action) -> None:
    assert press(action, post(), revision="r0") is None
    assert press(action, post(source_revision="s2")) is None
    assert stands(action, post(), revision="r0") is Verdict.CHANGED


def test_a_plain_approval_does_not_take_a_send_now_back() -> None:
    assert press(Action.REVIEW, post(approval=APPROVED.model_copy(update={"now": True}))) is None


def test_a_late_post_may_be_approved_again_because_it_was_asked_again() -> None:
    late = Asking(revision="r1", round_id="r", reason="late", at=NOW.isoformat())
    assert stands(Action.REVIEW, post(approval=APPROVED)) is Verdict.ALREADY
    assert stands(Action.REVIEW, post(approval=APPROVED, asked=late)) is Verdict.OPEN


def test_a_click_over_a_written_tick_is_newer_than_an_untick_found_later() -> None:
    after = press(
        Action.REVIEW, post(held=BEN, flag=Flag(state=FlagState.WRITTEN, at=EARLIER)), lifts=(lift("p_1", BEN),)
    )
    assert after is not None
    assert after.flag is not None
    assert (after.flag.state, after.flag.again) == (FlagState.PENDING, True)
    first = press(Action.REVIEW, post())
    assert first is not None
    assert first.flag is not None
    assert not first.flag.again


def test_a_hold_beats_an_approval_whose_page_did_not_show_it() -> None:
    held = post(held=BEN, state=State.HELD)
    assert press(Action.REVIEW, held) is None
    assert press(Action.REVIEW, held, lifts=("p_1 2026-03-20T07:00:00+00:00", "p_2 " + EARLIER)) is None
    after = press(Action.REVIEW, held, lifts=(lift("p_1", BEN),))
    assert after is not None
    assert (after.held, after.state) == (None, State.DRAFT)


def test_a_hold_keeps_the_approval_and_its_release_wants_the_flag_again() -> None:
    held = press(Action.HOLD, post(approval=APPROVED, queued_for=EARLIER, state=State.QUEUED))
    assert held is not None
    assert (held.held, held.state, held.queued_for, held.approval) == (ADA, State.HELD, None, APPROVED)
    after = press(Action.RELEASE, held)
    assert after is not None
    assert after.held is None
    assert after.flag is not None
    assert after.flag.state is FlagState.PENDING


def test_a_release_of_what_is_not_approved_as_it_is_now_approves_nothing() -> None:
    after = press(Action.RELEASE, post(held=BEN, approval=APPROVED, source_revision="s2"))
    assert after is not None
    assert (after.held, after.flag) == (None, None)


@pytest.mark.parametrize("revision", ["r1", "r0"])
def test_a_hold_works_whatever_revision_its_link_is_of_and_with_no_package_at_all(revision: str) -> None:
    assert press(Action.HOLD, post(package=None), revision=revision) is not None


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        ((), Verdict.OPEN),
        ((HeadState.READY, HeadState.READY), Verdict.OPEN),
        ((HeadState.OPEN, HeadState.READY), Verdict.OPEN),
        ((HeadState.SENT,), Verdict.OPEN),
        ((HeadState.UNKNOWN, HeadState.SENT), Verdict.OPEN),
        ((HeadState.OPEN, HeadState.SENT), Verdict.LEAVING),
        ((HeadState.SENT, HeadState.SENT), Verdict.LEAVING),
    ],
)
def test_a_hold_is_refused_only_where_nothing_is_left_to_stop(states: tuple[HeadState, ...], verdict: Verdict) -> None:
    assert stands(Action.HOLD, post(), *states) is verdict


@pytest.mark.parametrize("action", [Action.REVIEW, Action.HOLD, Action.SEND_NOW, Action.RELEASE])
def test_what_is_gone_or_out_takes_no_press(action: Action) -> None:
    assert press(action, None) is None
    assert press(action, post(gone_at=EARLIER, held=BEN)) is None
    assert press(action, post(state=State.SENT, held=BEN), lifts=(lift("p_1", BEN),)) is None


def test_what_was_decided_is_said_with_name_and_time_in_the_business_zone() -> None:
    said = standing(Action.REVIEW, post(approval=APPROVED), "r1", [], BERLIN).sentence
    assert (
        said
        == "ben@example.test approved exactly this already (Friday 20 March, 09:00, Berlin time; by a link's button)."
    )
