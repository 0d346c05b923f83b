"""What follows from a post's item and its heads; and the chain of its audit rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from mesh.ledger import (
    Act,
    Approval,
    ChannelProblem,
    Flag,
    FlagState,
    Head,
    HeadState,
    Hold,
    PackageRef,
    State,
    Status,
    derive_state,
)
from mesh.ledger.audit import audit_row, row_hash
from mesh.ledger.items import AuditHead
from mesh.ledger.tables import Write
from mesh.ledger.values import pack, unpack

AT = "2026-03-27T08:00:00+00:00"
ACT = Act("test", by="test", at=datetime(2026, 3, 27, 8, 0, tzinfo=UTC), trace_id="t_1")
CLEARED = Status(
    post_id="p_1",
    channels=("a", "b"),
    source_revision="s1",
    package=PackageRef(source_revision="s1", revision="r1"),
    approval=Approval(revision="r1", by="ada", how="card", at=AT),
    flag=Flag(state=FlagState.WRITTEN, at=AT),
)
HELD = Hold(by="ada", how="card", at=AT)


def heads(**states: HeadState) -> tuple[Head, ...]:
    return tuple(Head(post_channel=f"p_1#{name}", state=state, revision="r1") for name, state in states.items())


READY, OPEN, SENT, RETRY, UNKNOWN, FAILED = (
    HeadState.READY,
    HeadState.OPEN,
    HeadState.SENT,
    HeadState.RETRY,
    HeadState.UNKNOWN,
    HeadState.FAILED,
)


@pytest.mark.parametrize(
    ("status", "known", "state"),
    [
        (Status(post_id="p_1"), (), State.DRAFT),
        (CLEARED, (), State.QUEUED),
        (CLEARED, heads(a=READY, b=READY), State.QUEUED),
        (CLEARED, heads(a=SENT), State.QUEUED),
        (CLEARED, heads(a=SENT, b=OPEN), State.SENDING),
        (CLEARED, heads(a=SENT, b=SENT), State.SENT),
        (CLEARED, heads(a=SENT, b=FAILED), State.FAILED),
        (CLEARED, heads(a=RETRY, b=FAILED), State.QUEUED),
        (CLEARED, heads(a=UNKNOWN, b=SENT), State.QUEUED),
        (CLEARED.model_copy(update={"held": HELD}), heads(a=READY), State.HELD),
        (CLEARED.model_copy(update={"held": HELD}), heads(a=SENT, b=SENT), State.SENT),
        (CLEARED.model_copy(update={"held": HELD}), heads(a=OPEN), State.SENDING),
        (CLEARED.model_copy(update={"gone_at": AT}), heads(a=READY), State.GONE),
        (CLEARED, heads(other=SENT), State.QUEUED),
    ],
)
def test_the_state_follows_from_the_post_and_its_heads(status: Status, known: tuple[Head, ...], state: State) -> None:
    assert derive_state(status, known) is state


def test_an_approval_stands_only_for_the_package_of_the_current_source() -> None:
    assert CLEARED.approved
    assert not CLEARED.model_copy(update={"source_revision": "s2"}).approved
    rendered_anew = CLEARED.model_copy(update={"package": PackageRef(source_revision="s1", revision="r2")})
    assert not rendered_anew.approved
    assert not Status(post_id="p_1").approved


def test_a_flag_not_yet_written_clears_nothing() -> None:
    assert CLEARED.cleared
    assert not CLEARED.model_copy(update={"flag": Flag(state=FlagState.PENDING, at=AT)}).cleared
    assert not CLEARED.model_copy(update={"flag": None}).cleared
    assert not CLEARED.model_copy(update={"held": HELD}).cleared


def test_problems_of_an_older_source_are_not_told() -> None:
    problem = ChannelProblem(code="too-long", message="3 characters too long")
    package = PackageRef(source_revision="s0", problems=(problem,))

    assert CLEARED.model_copy(update={"package": package}).problems == ()
    assert CLEARED.model_copy(update={"package": package, "source_revision": "s0"}).problems == (problem,)


def test_attributes_of_a_later_version_are_ignored() -> None:
    assert Status.model_validate({"post_id": "p_1", "of_a_later_version": 1}) == Status(post_id="p_1")


def test_an_audit_row_holds_only_what_differs() -> None:
    row, _ = audit_row("p_1", AuditHead(), ACT, {"a": 1, "b": 2, "version": 1}, {"a": 1, "b": 3, "c": 4, "version": 2})

    assert (row["before"], row["after"]) == ({"b": 2}, {"b": 3, "c": 4})
    assert (row["by_user"], row["trace_id"], row["month"]) == ("test", "t_1", "2026-03")


def test_each_row_holds_the_hash_of_the_row_before_and_its_own() -> None:
    first, chain = audit_row("p_1", AuditHead(), ACT, {}, {"a": 1})
    second, _ = audit_row("p_1", chain, ACT, {"a": 1}, {"a": 2})

    assert (first["previous"], second["previous"]) == ("", first["hash"])
    assert first["seq"] < second["seq"]


@given(st.sampled_from(["action", "by_user", "ts", "before", "after", "previous", "trace_id", "subject", "seq"]))
def test_a_changed_row_no_longer_has_its_hash(name: str) -> None:
    row, _ = audit_row("p_1", AuditHead(), ACT, {"a": 1}, {"a": 2})

    assert row_hash(row) == row["hash"]
    assert row_hash(row | {name: "tampered"}) != row["hash"]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(min_size=1, max_size=6), values, max_size=4))
def test_an_item_read_is_the_item_written_but_for_what_is_none(item: dict[str, object]) -> None:
    assert unpack(pack(item)) == {name: value for name, value in item.items() if value is not None}


@given(st.dictionaries(st.text(min_size=1, max_size=6), values, max_size=4))
def test_an_item_is_packed_as_boto3_packs_it(item: dict[str, object]) -> None:
    there = {name: value for name, value in item.items() if value is not None}
    assert pack(item) == {name: TypeSerializer().serialize(value) for name, value in there.items()}
    assert pack({**there, "state": State.SENT, "some": {"a"}, "both": (1, "b")}) == {
        **pack(there),
        "state": {"S": "sent"},
        "some": {"SS": ["a"]},
        "both": {"L": [{"N": "1"}, {"S": "b"}]},
    }
    assert unpack({"some": {"SS": ["a"]}, "half": {"N": "1.5"}}) == {"some": {"a"}, "half": 1}


def test_every_attribute_in_an_expression_is_named() -> None:
    write = Write("Put", "t", {"pk": "x"}, condition="#state = :s AND #a.#b = :s", values={":s": "1"}).wire()

    assert write["Put"]["ExpressionAttributeNames"] == {"#state": "state", "#a": "a", "#b": "b"}
