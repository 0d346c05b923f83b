"""What a delivery means for a head, over all states; what an outcome makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.errors import BrokenItem
from mesh.events import AttemptFailed, Failed, Send, Sent
from mesh.ledger import Attempt, Booked, Head, HeadState, Status
from networks.bluesky import NETWORK as BLUESKY
from networks.model import AfterUnknown, Declared, Finding, Outcome, Pause, Presence, Result
from sender import decide
from sender.decide import AfterLook, Step, Tried

NOW = datetime(2026, 3, 27, 8, 0, tzinfo=UTC)
REVISION = "9f" * 32
STATUS = Status(post_id="p_1")
DECLARED = BLUESKY.declared


def head(state: HeadState = HeadState.READY, **update: object) -> Head:
    made = Head(post_channel="p_1#bluesky-main", state=state, revision=REVISION, since=NOW.isoformat())
    return made.model_copy(update=update)


def event(attempt: int = 1, revision: str = REVISION) -> Send:
    return Send(post_id="p_1", channel="bluesky-main", revision=revision, attempt=attempt)


def at(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).isoformat()


@pytest.mark.parametrize(
    ("before", "attempt", "step"),
    [
        (None, 1, Step.REST),
        (head(), 1, Step.SEND),
        (head(attempts=1), 1, Step.REST),
        (head(attempts=1), 2, Step.SEND),
        (head(HeadState.RETRY, attempts=1, next_at=at(0)), 2, Step.SEND),
        (head(HeadState.RETRY, attempts=1, next_at=at(600)), 2, Step.REST),
        (head(HeadState.RETRY, attempts=1), 1, Step.REST),
        (head(HeadState.OPEN, attempts=1, lease_until=at(1)), 1, Step.BUSY),
        (head(HeadState.OPEN, attempts=1, lease_until=at(0)), 1, Step.EXPIRE),
        (head(HeadState.OPEN, attempts=2, lease_until=at(0)), 1, Step.REST),
        (head(HeadState.UNKNOWN, attempts=1, next_at=at(0)), 2, Step.LOOK),
        (head(HeadState.UNKNOWN, attempts=1, next_at=at(300)), 2, Step.REST),
        (head(HeadState.SENT, attempts=1), 1, Step.AGAIN),
        (head(HeadState.FAILED, attempts=6), 6, Step.AGAIN),
    ],
)
def test_each_state_has_one_next_step(before: Head | None, attempt: int, step: Step) -> None:
    assert decide.next_step(event(attempt), STATUS, before, NOW).step is step


@pytest.mark.parametrize("state", [HeadState.READY, HeadState.RETRY])
@pytest.mark.parametrize(
    ("late_seconds", "step"), [(0, Step.SEND), (179, Step.SEND), (180, Step.REST), (900, Step.REST)]
)
def test_what_is_delivered_three_minutes_late_is_left_to_the_sweep_which_says_it_in_its_turn(
    state: HeadState, late_seconds: int, step: Step
) -> None:
    booked = head(state, booking=Booked(name="n", at=at(-late_seconds), attempt=1))
    assert decide.next_step(event(), STATUS, booked, NOW).step is step


WRITTEN = [state for state in HeadState if state is not HeadState.BROKEN]


@pytest.mark.parametrize("state", WRITTEN)
def test_an_event_for_another_version_never_acts(state: HeadState) -> None:
    assert decide.next_step(event(revision="0" * 64), STATUS, head(state), NOW).step is Step.REST


def test_an_item_that_no_code_writes_is_refused_aloud() -> None:
    with pytest.raises(BrokenItem):
        decide.next_step(event(), STATUS, head(HeadState.BROKEN), NOW)
    with pytest.raises(BrokenItem):
        decide.next_step(event(), STATUS.model_copy(update={"broken": True}), head(), NOW)


def test_without_a_post_nothing_happens() -> None:
    assert decide.next_step(event(), None, head(), NOW).step is Step.REST


@pytest.mark.parametrize("state", [HeadState.OPEN, HeadState.UNKNOWN])
def test_a_head_without_the_time_its_state_needs_is_broken(state: HeadState) -> None:
    with pytest.raises(BrokenItem):
        decide.next_step(event(), STATUS, head(state), NOW)


@given(state=st.sampled_from(WRITTEN), attempts=st.integers(0, 9), asked=st.integers(0, 9))
def test_only_a_ready_or_retry_head_is_sent_and_only_for_its_next_attempt(
    state: HeadState, attempts: int, asked: int
) -> None:
    before = head(state, attempts=attempts, lease_until=at(0), next_at=at(0))

    if decide.next_step(event(asked), STATUS, before, NOW).step is Step.SEND:
        assert state in {HeadState.READY, HeadState.RETRY}
        assert asked == attempts + 1


def attempt(number: int = 1, **update: object) -> Attempt:
    made = Attempt(post_channel="p_1#bluesky-main", attempt=number, revision=REVISION, started_at=at(0), key_at=at(0))
    return made.model_copy(update=update)


def test_every_repetition_has_the_first_trys_key() -> None:
    tries = [attempt(1, revision="0" * 64, key_at=at(-900)), attempt(2, key_at=at(-600)), attempt(3, key_at=at(-600))]

    opened, written = decide.claimed(head(attempts=3), event(4), NOW, tries)

    assert (opened.attempts, written.attempt, written.key_at) == (4, 4, at(-600))
    assert opened.lease_until == at(90)


def test_the_key_differs_by_post_channel_and_revision_only() -> None:
    key = decide.attempt_key(head(attempts=1), at(0))

    assert key == decide.attempt_key(head(attempts=5, state=HeadState.RETRY), at(0))
    assert key.value != decide.attempt_key(head(revision="0" * 64), at(0)).value
    assert key.value != decide.attempt_key(head(post_channel="p_1#other"), at(0)).value


def tried(*earlier: Attempt, repeats_unknown: bool = False) -> Tried:
    number = len(earlier) + 1
    opened = head(HeadState.OPEN, attempts=number, lease_until=at(90))
    return Tried(opened, attempt(number), earlier, repeats_unknown)


def outcome(result: Result, **facts: object) -> Outcome:
    return replace(Outcome(result, detail="Words."), **facts)


@pytest.mark.parametrize(
    ("result", "state", "kept", "said"),
    [
        (Result.OK, HeadState.SENT, "ok", Sent),
        (Result.REJECTED, HeadState.FAILED, "fail", Failed),
        (Result.RETRYABLE, HeadState.RETRY, "fail", AttemptFailed),
        (Result.UNKNOWN, HeadState.UNKNOWN, "unknown", AttemptFailed),
    ],
)
def test_an_outcome_ends_the_lease_and_is_said(result: Result, state: HeadState, kept: str, said: type) -> None:
    record = decide.recorded(tried(), outcome(result), DECLARED, NOW, 0.0)

    assert (record.head.state, record.attempt.result, record.head.lease_until) == (state, kept, None)
    assert [type(one) for one in record.events] == [said]


@given(
    result=st.sampled_from(Result),
    pause=st.sampled_from(Pause),
    earlier=st.integers(0, 9),
    reset=st.one_of(st.none(), st.integers(0, 86_400)),
)
def test_a_repeated_unknown_ends_as_sent_or_unknown_never_as_not_sent(
    result: Result, pause: Pause, earlier: int, reset: int | None
) -> None:
    told = outcome(result, pause=pause, retry_at=None if reset is None else NOW + timedelta(seconds=reset))
    tries = [attempt(number, result="unknown") for number in range(1, earlier + 1)]

    record = decide.recorded(tried(*tries, repeats_unknown=True), told, DECLARED, NOW, 0.5)

    assert record.head.state is (HeadState.SENT if result is Result.OK else HeadState.UNKNOWN)


def test_a_paused_try_does_not_count_and_waits_without_a_time() -> None:
    dead = outcome(Result.RETRYABLE, pause=Pause.REAUTHORISE)
    earlier = [attempt(number, result="fail", counted=False) for number in range(1, 9)]

    record = decide.recorded(tried(*earlier), dead, DECLARED, NOW, 0.0)

    assert (record.head.state, record.head.next_at, record.attempt.counted) == (HeadState.RETRY, None, False)


def test_tries_of_another_version_do_not_count() -> None:
    earlier = [attempt(number, result="fail", revision="0" * 64) for number in range(1, 9)]

    assert decide.recorded(tried(*earlier), outcome(Result.RETRYABLE), DECLARED, NOW, 0.0).head.state is HeadState.RETRY


def test_the_backoff_grows_to_nine_minutes() -> None:
    minutes = [decide.backoff(fails, 0.0) / timedelta(minutes=1) for fails in range(1, 7)]

    assert minutes == [1, 4, 9, 9, 9, 9]
    assert decide.backoff(1, 1.0) == timedelta(seconds=72)


def test_the_networks_own_reset_comes_before_the_backoff() -> None:
    told = outcome(Result.RETRYABLE, retry_at=NOW + timedelta(minutes=42))

    assert decide.recorded(tried(), told, DECLARED, NOW, 0.0).head.next_at == at(42 * 60)


PROVES_NOTHING = replace(DECLARED, after_unknown=AfterUnknown.ASK_OWNER)
PROVES_PRESENCE = replace(DECLARED, proves=frozenset({Presence.PRESENT}))
PROVES_NEITHER = replace(PROVES_NOTHING, proves=frozenset())
FORGETS = replace(DECLARED, repeat_within=timedelta(hours=1))


@pytest.mark.parametrize(
    ("presence", "declared", "last", "waited_minutes", "after"),
    [
        (Presence.PRESENT, PROVES_NOTHING, attempt(result="unknown"), 2, AfterLook.SENT),
        (Presence.ABSENT, PROVES_NOTHING, attempt(result="unknown"), 2, AfterLook.ASK),
        (Presence.UNPROVABLE, PROVES_NOTHING, attempt(result="unknown"), 2, AfterLook.ASK),
        (Presence.ABSENT, DECLARED, attempt(result="unknown"), 2, AfterLook.REPEAT),
        (Presence.UNPROVABLE, DECLARED, attempt(result="unknown"), 2, AfterLook.LOOK_AGAIN),
        (Presence.ABSENT, DECLARED, attempt(result="fail"), 2, AfterLook.ASK),
        (Presence.ABSENT, DECLARED, attempt(6, result="unknown"), 2, AfterLook.ASK),
        (Presence.ABSENT, FORGETS, attempt(result="unknown"), 58, AfterLook.REPEAT),
        (Presence.ABSENT, FORGETS, attempt(result="unknown"), 60, AfterLook.ASK),
        (Presence.ABSENT, PROVES_PRESENCE, attempt(result="unknown"), 2, AfterLook.LOOK_AGAIN),
        (Presence.PRESENT, PROVES_PRESENCE, attempt(result="unknown"), 2, AfterLook.SENT),
        (Presence.PRESENT, PROVES_NEITHER, attempt(result="unknown"), 2, AfterLook.ASK),
    ],
)
def test_a_look_leads_to_another_request_only_where_the_network_knows_it_again(
    presence: Presence, declared: Declared, last: Attempt, waited_minutes: int, after: AfterLook
) -> None:
    now = NOW + timedelta(minutes=waited_minutes)

    assert decide.after_look(Finding(presence), declared, last, now) is after


def test_a_lost_sender_may_have_asked_until_its_lease_ended() -> None:
    opened = head(HeadState.OPEN, attempts=1, lease_until=at(90))

    record = decide.expired(opened, attempt(), timedelta(minutes=2))

    assert (record.head.state, record.head.next_at) == (HeadState.UNKNOWN, at(210))


def test_a_sender_lost_before_it_noted_that_the_post_goes_out_left_nothing_behind() -> None:
    opened = head(HeadState.OPEN, attempts=1, lease_until=at(90))
    preparing = attempt(prepares=True)

    record = decide.expired(opened, preparing, timedelta(minutes=2))
    assert (record.head.state, record.head.next_at, record.attempt.result) == (HeadState.RETRY, at(90), "fail")

    left = preparing.model_copy(update={"receipt": {decide.CONFIRMED: "yes"}})
    assert decide.expired(opened, left, timedelta(minutes=2)).head.state is HeadState.UNKNOWN


def test_what_stumbles_before_it_noted_that_the_post_goes_out_is_tried_again() -> None:
    stumbled = outcome(Result.UNKNOWN)
    for receipt, state in (({}, HeadState.RETRY), ({decide.CONFIRMED: "yes"}, HeadState.UNKNOWN)):
        preparing = replace(tried(), attempt=attempt(prepares=True, receipt=receipt))
        assert decide.recorded(preparing, stumbled, PROVES_NOTHING, NOW, 0).head.state is state


@pytest.mark.parametrize(
    ("state", "result", "may"),
    [
        (HeadState.OPEN, Result.RETRYABLE, True),
        (HeadState.UNKNOWN, Result.OK, True),
        (HeadState.UNKNOWN, Result.RETRYABLE, False),
        (HeadState.SENT, Result.OK, False),
    ],
)
def test_a_late_record_changes_only_what_it_can_prove(state: HeadState, result: Result, may: bool) -> None:
    assert decide.recordable(head(state, attempts=1), tried(), outcome(result)) is may
    assert not decide.recordable(head(state, attempts=2), tried(), outcome(result))


def test_after_its_owner_was_asked_it_is_looked_for_ever_more_rarely() -> None:
    """Some networks charge for a look, and what did not show for days will hardly do so."""
    looked, now, waits = head(HeadState.UNKNOWN, attempts=1, since=at(0), next_at=at(0)), NOW, []
    for _ in range(9):
        looked = decide.ask_owner(looked, attempt(result="unknown"), "", now).head
        then = decide.moment(looked, looked.next_at, "next look")
        waits.append(round((then - now) / timedelta(hours=1)))
        now = then
    assert waits == [1, 1, 2, 4, 8, 16, 32, 64, 128]


def test_a_look_that_did_not_find_it_is_told_as_such_and_not_in_an_earlier_looks_words() -> None:
    before = head(HeadState.UNKNOWN, detail="Bluesky could not be asked.")
    assert decide.seen(Finding(Presence.ABSENT), DECLARED, before) == "Bluesky was asked, and does not show it."
    assert decide.seen(Finding(Presence.UNPROVABLE, detail="It said 502."), DECLARED, before) == "It said 502."
    assert decide.seen(Finding(Presence.UNPROVABLE), DECLARED, before) == "Bluesky could not be asked."
