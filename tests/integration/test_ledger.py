"""Every change with its audit row, or not at all; on moto."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from moto_mesh import MotoMesh

from mesh.errors import Busy, Conflict
from mesh.ledger import Act, Answer, Approval, Attempt, Head, HeadState, Hold, PackageRef, Says, State, Status
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from mesh.ledger.verify import End, walk

NOW = datetime(2026, 3, 27, 8, 0, tzinfo=UTC)
ACT = Act("test", by="test", at=NOW)
APPROVED = Status(
    post_id="p_1",
    due_at=NOW.isoformat(),
    channels=("a",),
    source_revision="s1",
    package=PackageRef(source_revision="s1", revision="r1"),
    approval=Approval(revision="r1", by="ada", how="card", at=NOW.isoformat()),
)
READY = Head(post_channel="p_1#a", state=HeadState.READY, revision="r1")
OPENED = READY.model_copy(update={"state": HeadState.OPEN, "attempts": 1})
FIRST = Attempt(post_channel="p_1#a", attempt=1, revision="r1", started_at=NOW.isoformat(), key_at=NOW.isoformat())


@pytest.fixture
def approved(mesh: MotoMesh) -> Status:
    status = mesh.ledger.change_status("p_1", ACT, lambda _: APPROVED)
    assert status is not None
    return status


def test_the_chain_read_back_holds(mesh: MotoMesh, approved: Status) -> None:
    for number in range(12):
        mesh.ledger.change_status("p_1", ACT, lambda before, n=number: before.model_copy(update={"due_at": str(n)}))

    rows = mesh.audit("p_1")
    assert len(rows) == 13
    last = mesh.ledger.status("p_1")
    assert last is not None
    assert walk("p_1", rows, End(last.audit.seq, last.audit.hash, last.version)) == ()
    assert (last.version, last.audit.hash) == (13, rows[-1]["hash"])


def test_no_change_writes_no_row(mesh: MotoMesh, approved: Status) -> None:
    assert mesh.ledger.change_status("p_1", ACT, lambda before: before) is None
    assert mesh.ledger.change_status("p_1", ACT, lambda _: None) is None
    assert len(mesh.audit("p_1")) == 1


def test_who_comes_second_decides_again_on_what_stands_then(mesh: MotoMesh, approved: Status) -> None:
    seen: list[int] = []

    def change(before: Status | None) -> Status:
        assert before is not None
        seen.append(before.version)
        if len(seen) == 1:
            mesh.ledger.change_status("p_1", ACT, lambda one: one and one.model_copy(update={"queued_for": "x"}))
        return before.model_copy(update={"held": Hold(by="ada", how="card", at=NOW.isoformat())})

    after = mesh.ledger.change_status("p_1", ACT, change)

    assert seen == [1, 2]
    assert after is not None
    assert (after.queued_for, after.version) == ("x", 3)


def test_a_nonce_burned_before_undoes_the_whole_change(mesh: MotoMesh, approved: Status) -> None:
    nonce = mesh.ledger.nonce("n1", int(NOW.timestamp()) + 60)
    hold = Hold(by="ada", how="card", at=NOW.isoformat())
    mesh.ledger.change_status("p_1", ACT, lambda one: one and one.model_copy(update={"held": hold}), extra=[nonce])

    with pytest.raises(Conflict):
        mesh.ledger.change_status("p_1", ACT, lambda one: one and one.model_copy(update={"held": None}), extra=[nonce])

    held = mesh.ledger.status("p_1")
    assert held is not None
    assert held.held == hold
    assert len(mesh.audit("p_1")) == 2


def test_a_head_is_made_once(mesh: MotoMesh) -> None:
    mesh.ledger.change_head(None, READY, ACT)

    with pytest.raises(Conflict):
        mesh.ledger.change_head(None, READY, ACT)


def test_of_two_claims_of_one_head_one_wins(mesh: MotoMesh, approved: Status) -> None:
    ready = mesh.ledger.change_head(None, READY, ACT)
    checks = mesh.ledger.claim_checks(approved, "a")
    mesh.ledger.change_head(ready, OPENED, ACT, attempt=FIRST, attempt_is_new=True, checks=checks)

    with pytest.raises(Conflict):
        mesh.ledger.change_head(ready, OPENED, ACT, attempt=FIRST, attempt_is_new=True, checks=checks)

    assert len(mesh.ledger.attempts("p_1", "a")) == 1
    assert len(mesh.audit("p_1#a")) == 2


def test_of_two_changes_of_one_head_at_different_moments_the_second_reads_again(
    mesh: MotoMesh, approved: Status
) -> None:
    """Not the audit row's own condition, which a later moment passes, but the head's version keeps the second out."""
    ready = mesh.ledger.change_head(None, READY, ACT)
    mesh.ledger.change_head(ready, ready.model_copy(update={"detail": "first"}), ACT)
    later = Act("test", by="test", at=NOW + timedelta(seconds=1))

    with pytest.raises(Conflict):
        mesh.ledger.change_head(ready, ready.model_copy(update={"detail": "second"}), later)

    head = mesh.ledger.head("p_1", "a")
    assert head is not None
    assert (head.detail, head.version, len(mesh.audit("p_1#a"))) == ("first", 2, 2)


def test_without_its_audit_row_nothing_changes(mesh: MotoMesh, approved: Status) -> None:
    """Somebody else's row stands where the next one belongs: the change is refused whole."""
    mesh.tables.put("ss-audit", {"subject": "p_1", "seq": f"{NOW.isoformat()}#000002"})

    with pytest.raises(Conflict):
        mesh.ledger.change_status("p_1", ACT, lambda one: one and one.model_copy(update={"queued_for": "x"}))

    status = mesh.ledger.status("p_1")
    assert status is not None
    assert (status.queued_for, status.version) == (None, 1)


def test_an_answer_is_about_one_try_and_no_other() -> None:
    says = Answer(channel="a", revision="r1", attempt=1, says=Says.FOUND, by="ada", how="mail", at=NOW.isoformat())
    status = APPROVED.model_copy(update={"answers": (says,)})
    unknown = OPENED.model_copy(update={"state": HeadState.UNKNOWN})

    assert status.answer_about(unknown) is says
    for other in ({"attempts": 2}, {"revision": "r2"}, {"post_channel": "p_1#b"}):
        assert status.answer_about(unknown.model_copy(update=other)) is None


def test_an_attempt_there_already_is_never_overwritten_by_a_claim(mesh: MotoMesh, approved: Status) -> None:
    ready = mesh.ledger.change_head(None, READY, ACT, attempt=FIRST, attempt_is_new=True)

    with pytest.raises(Conflict):
        mesh.ledger.change_head(ready, OPENED, ACT, attempt=FIRST, attempt_is_new=True)


@pytest.mark.parametrize(
    "update",
    [
        {"held": Hold(by="ada", how="card", at="x")},
        {"gone_at": "x"},
        {"approval": None},
        {"approval": Approval(revision="r2", by="ada", how="card", at="x")},
        {"source_revision": "s2"},
        {"package": PackageRef(source_revision="s1", revision="r2")},
        {"package": PackageRef(source_revision="s1")},
    ],
)
def test_a_claim_fails_on_whatever_changed_since_the_gate(
    mesh: MotoMesh, approved: Status, update: dict[str, object]
) -> None:
    ready = mesh.ledger.change_head(None, READY, ACT)
    mesh.ledger.change_status("p_1", ACT, lambda one: one and one.model_copy(update=update))

    with pytest.raises(Conflict):
        mesh.ledger.change_head(ready, OPENED, ACT, checks=mesh.ledger.claim_checks(approved, "a"))

    assert mesh.ledger.head("p_1", "a") == ready


def test_a_claim_survives_what_does_not_concern_it(mesh: MotoMesh, approved: Status) -> None:
    ready = mesh.ledger.change_head(None, READY, ACT)
    mesh.ledger.change_status("p_1", ACT, lambda one: one and one.model_copy(update={"queued_for": "x"}))
    mesh.ledger.set_standing("channel#b", pause_key("b"), {"reason": "billing"}, ACT)

    mesh.ledger.change_head(ready, OPENED, ACT, checks=mesh.ledger.claim_checks(approved, "a"))


@pytest.mark.parametrize("key", [HOLD_EVERYTHING, pause_key("a")])
def test_a_standing_hold_or_pause_fails_the_claim_until_it_is_lifted(
    mesh: MotoMesh, approved: Status, key: str
) -> None:
    ready = mesh.ledger.change_head(None, READY, ACT)
    checks = mesh.ledger.claim_checks(approved, "a")
    assert mesh.ledger.set_standing("subject", key, {"by": "ada"}, ACT)
    assert not mesh.ledger.set_standing("subject", key, {"by": "ben"}, ACT), "it stands already"
    with pytest.raises(Conflict):
        mesh.ledger.change_head(ready, OPENED, ACT, checks=checks)

    assert mesh.ledger.standing([key]) == {key: {"by": "ada"}}
    assert mesh.ledger.set_standing("subject", key, None, ACT)

    mesh.ledger.change_head(ready, OPENED, ACT, checks=checks)
    assert [row["after"] for row in mesh.audit("subject")] == [{"by": "ada"}, {}]


def test_sending_reads_all_four_at_once(mesh: MotoMesh, approved: Status) -> None:
    ready = mesh.ledger.change_head(None, READY, ACT)
    mesh.ledger.set_standing("channel#a", pause_key("a"), {"reason": "billing"}, ACT)
    mesh.calls.clear()

    assert mesh.ledger.sending("p_1", "a") == (approved, ready, {pause_key("a"): {"reason": "billing"}})
    assert mesh.ledger.sending("p_2", "b") == (None, None, {})
    assert mesh.calls == ["BatchGetItem", "BatchGetItem"]


def test_the_sends_of_a_moment_ago_are_read_by_month_and_a_damaged_one_keeps_nobody_back(mesh: MotoMesh) -> None:
    def sent(post_id: str, at: str, **update: object) -> None:
        item = {"post_channel": f"{post_id}#a", "attempt": 1, "revision": "r", "started_at": at, "key_at": at}
        mesh.tables.put(mesh.names.sends, {**item, "sent_at": at, "month": at[:7], **update})

    sent("p_1", "2027-01-30T11:59:00+00:00")
    sent("p_2", "2027-01-31T12:00:00+00:00")
    sent("p_3", "2027-02-01T00:00:00+00:00")
    sent("p_4", "2027-03-01T00:00:00+00:00")
    sent("p_broken", "2027-03-01T00:00:00+00:00", attempt=2, started_at=7)
    mesh.calls.clear()

    since, now = datetime(2027, 1, 31, tzinfo=UTC), datetime(2027, 3, 2, tzinfo=UTC)
    assert [one.post_channel for one in mesh.ledger.sent_since(since, now)] == ["p_2#a", "p_3#a", "p_4#a"]
    assert mesh.calls == ["Query"] * 3
    mesh.calls.clear()
    assert mesh.ledger.sent_since(now, now) == []
    assert mesh.calls == ["Query"]


def test_deriving_raises_the_version_even_when_the_state_stays(mesh: MotoMesh, approved: Status) -> None:
    mesh.ledger.change_head(None, READY, ACT)

    after = mesh.ledger.derive("p_1", ACT)

    assert after is not None
    assert (after.state, after.version) == (State.DRAFT, approved.version + 1)


def test_a_shown_and_closed_post_leaves_the_open_index_until_it_changes_again(mesh: MotoMesh, approved: Status) -> None:
    mesh.ledger.show(approved, "Posted", close=True)
    assert mesh.ledger.open_statuses() == []

    mesh.ledger.derive("p_1", ACT)

    assert [status.post_id for status in mesh.ledger.open_statuses()] == ["p_1"]


def test_an_old_version_is_not_shown_as_the_current_one(mesh: MotoMesh, approved: Status) -> None:
    mesh.ledger.derive("p_1", ACT)

    with pytest.raises(Conflict):
        mesh.ledger.show(approved, "old news", close=True)


def test_said_once_until_its_time_is_over(mesh: MotoMesh) -> None:
    assert mesh.runtime.first("said", NOW, NOW + timedelta(minutes=1))
    assert not mesh.runtime.first("said", NOW, NOW + timedelta(minutes=1))
    assert mesh.runtime.first("said", NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)), (
        "gone, though still there"
    )
    assert mesh.runtime.get("said", NOW + timedelta(minutes=2)) is None


def test_a_lease_is_let_go_only_when_nobody_asked_for_another_look(mesh: MotoMesh) -> None:
    minute = timedelta(minutes=1)
    mesh.runtime.take_lease("lease#sync", "one", NOW, minute)
    with pytest.raises(Busy):
        mesh.runtime.take_lease("lease#sync", "two", NOW, minute)

    assert not mesh.runtime.release_lease("lease#sync", "one"), "look again"
    assert mesh.runtime.release_lease("lease#sync", "one")
    mesh.runtime.take_lease("lease#sync", "two", NOW, minute)


def test_an_ended_lease_is_taken_over_and_its_old_owner_lets_nothing_go(mesh: MotoMesh) -> None:
    minute = timedelta(minutes=1)
    mesh.runtime.take_lease("lease#sync", "one", NOW, minute)
    mesh.runtime.take_lease("lease#sync", "two", NOW + 2 * minute, minute)

    assert mesh.runtime.release_lease("lease#sync", "one")

    with pytest.raises(Busy):
        mesh.runtime.take_lease("lease#sync", "three", NOW + 2 * minute, minute)
