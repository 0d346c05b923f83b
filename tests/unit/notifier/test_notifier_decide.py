"""Which posts a card shows, what is noted of it, and what a receipt says."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.events import Asked, ReviewRequested
from mesh.ledger import Approval, Asking, CardSent, Head, HeadState, Hold, PackageRef, Status
from mesh.packages import Manifest, PackedChannel
from notifier.decide import note_card, opening, receipt, to_show

AT = "2026-03-20T08:00:00+00:00"
APPROVED = Approval(revision="r1", by="ada", how="mail", at=AT)


def post(**update: Any) -> Status:
    base = Status(
        post_id="p_1",
        channels=("a", "b"),
        source_revision="s1",
        package=PackageRef(source_revision="s1", revision="r1"),
        asked=Asking(revision="r1", round_id="round", reason="new", at=AT),
    )
    return base.model_copy(update=update)


def head(channel: str, state: HeadState, **update: Any) -> Head:
    return Head(post_channel=f"p_1#{channel}", state=state, revision="r1", **update)


def shows(status: Status | None, reason: str = "new", revision: str = "r1") -> bool:
    event = ReviewRequested(posts=[Asked(post_id="p_1", revision=revision)], round_id="round", reason=reason)
    return bool(to_show(event, {"p_1": status} if status else {}))


def test_a_card_shows_what_still_needs_a_click() -> None:
    assert shows(post())
    assert shows(post(approval=APPROVED, held=Hold(by="ben", how="mail", at=AT)))


@pytest.mark.parametrize("status", [None, post(gone_at=AT), post(source_revision="s2"), post(approval=APPROVED)])
def test_a_card_leaves_out_what_is_gone_changed_or_decided(status: Status | None) -> None:
    assert not shows(status)


def test_a_late_post_is_asked_about_although_its_approval_stands() -> None:
    assert shows(post(approval=APPROVED), reason="late")


def test_an_older_rounds_card_is_not_noted_over_a_newer_ones() -> None:
    assert note_card(post(), "older", AT, "") is None
    noted = note_card(post(), "round", None, "refused")
    assert noted is not None
    assert noted.card == CardSent(round_id="round", sent_at=None, error="refused")
    assert note_card(noted, "round", None, "refused") is None


@pytest.mark.parametrize("state", [HeadState.READY, HeadState.OPEN, HeadState.RETRY, HeadState.UNKNOWN])
def test_there_is_no_receipt_while_anything_may_still_happen(state: HeadState) -> None:
    assert receipt(post(), [head("a", HeadState.SENT), head("b", state)], "Hi", "now") is None
    assert receipt(post(), [head("a", HeadState.SENT)], "Hi", "now") is None


def test_a_receipt_has_the_links_and_says_what_failed_and_why() -> None:
    ends = [head("a", HeadState.SENT, posted_url="https://n.test/1"), head("b", HeadState.FAILED, detail="Too long.")]
    found = receipt(post(), ends, "Apple cake", "Friday")
    assert found is not None
    assert found.title == "Posted on 1 of 2 channels: Apple cake"
    assert found.sentences == ["Friday.", "a: https://n.test/1", "b: not posted. Too long."]
    assert found.failed


def test_another_end_is_another_receipt() -> None:
    def outcome(state: HeadState, attempts: int) -> str:
        found = receipt(post(), [head("a", HeadState.SENT), head("b", state, attempts=attempts)], "", "")
        assert found is not None
        return found.outcome

    assert outcome(HeadState.FAILED, 1) == outcome(HeadState.FAILED, 1)
    assert len({outcome(HeadState.FAILED, 1), outcome(HeadState.FAILED, 2), outcome(HeadState.SENT, 2)}) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Apple\ncake", "Apple cake"),
        ("a\r\nBcc: x\x00\u202eevil", "a Bcc: xevil"),
        ("👩\u200d🍳 cooks", "👩\u200d🍳 cooks"),
        ("words " * 30, ("words " * 8).strip() + "…"),
        ("word " * 30, ("word " * 10).strip() + "…"),
        ("x" * 80, "x" * 50 + "…"),
        ("", ""),
    ],
)
def test_the_opening_words_fit_a_subject(text: str, words: str) -> None:
    channel = PackedChannel(network="bluesky", account="a", host="https://h", text=text, payload={})
    manifest = Manifest(post_id="p", source_revision="s", planned_at=AT, time_zone="UTC", channels={"a": channel})
    assert opening(manifest) == words
