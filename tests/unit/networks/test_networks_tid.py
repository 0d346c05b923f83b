from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from network_samples import NOW, key

from networks.model import AttemptKey
from networks.tid import derived_tid, is_tid

KEYS = st.builds(
    AttemptKey,
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware
)


@given(KEYS)
def test_a_derived_key_is_a_valid_tid_and_always_the_same(attempt: AttemptKey) -> None:
    assert is_tid(derived_tid(attempt))
    assert derived_tid(attempt) == derived_tid(attempt)


def test_times_kept_to_the_second_give_the_same_key() -> None:
    assert derived_tid(key(created_at=NOW)) == derived_tid(key(created_at=NOW + timedelta(microseconds=999_999)))


def test_posts_recorded_in_one_instant_do_not_meet() -> None:
    assert len({derived_tid(key(f"post-{number}")) for number in range(2_000)}) == 2_000


def test_later_seconds_sort_later() -> None:
    tids = [derived_tid(key(created_at=NOW + timedelta(seconds=second))) for second in range(50)]
    assert tids == sorted(tids)


def test_known_strings_are_told_apart() -> None:
    assert is_tid("3jzfcijpj2z2a")
    assert is_tid("7777777777777")
    for wrong in ("3jzfcijpj2z21", "0000000000000", "3jzfcijpj2z2aa", "3jzf-cij-pj2z-2a", "kjzfcijpj2z2a", ""):
        assert not is_tid(wrong)
