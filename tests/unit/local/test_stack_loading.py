"""What a calendar's cells become in the local sheet."""

from __future__ import annotations

import pytest

from local.stack import _as_loaded


@pytest.mark.parametrize(
    ("column", "text", "typed"),
    [
        ("date", "2027-04-03", "2027-04-03"),
        ("date", "03/04/2027", "'03/04/2027"),
        ("date", "soon", "'soon"),
        ("time", "09:00", "09:00"),
        ("time", "25:00 h", "'25:00 h"),
        ("date", "", ""),
        ("text", "03/04/2027", "03/04/2027"),
    ],
)
def test_a_date_nobody_could_read_stays_the_text_it_is(column: str, text: str, typed: str) -> None:
    assert _as_loaded(column, text) == typed
