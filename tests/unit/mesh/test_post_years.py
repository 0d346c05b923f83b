"""A mistyped year is named and stops nothing."""

from __future__ import annotations

from mesh.posts import Plan, Row, plan_row
from mesh.rulebook import Channel, Rulebook

BOOK = Rulebook("America/New_York", {"b": Channel("b", "bluesky", "did:plc:a", "https://bsky.social")})


def test_a_year_nobody_means_is_named_instead_of_raised() -> None:
    for year in ("9999", "0206", "1999"):
        problems = plan_row(Row(post_id="p", date=f"{year}-12-31", time="23:59", text="Hi", channels="b"), BOOK)
        assert not isinstance(problems, Plan)
        assert "correct the year" in problems[0].message
