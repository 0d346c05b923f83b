"""An update that stopped half-way: half of the functions old, half new, over posts of several days. Nothing lost, nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from previous_release import before_this, unpacked
from shipped import Shipped, functions, half_way, needs_sam, whole
from unhurried import unhurried
from upgraded import QUIET, Business, calendar

from local import ROOT
from mesh.approvals import Action

BOTH = "bluesky-main, mastodon-main"
ROWS = {
    f"{name} of day {day}": (str(day), at, channels)
    for day in (15, 16, 17)
    for name, at, channels in (
        ("first", "10:00", BOTH),
        ("second", "11:00", "bluesky-main"),
        ("held", "12:00", "mastodon-main"),
        ("edited", "13:00", "bluesky-main"),
        ("unsure", "14:00", "mastodon-main"),
        ("unapproved", "15:00", "bluesky-main"),
    )
}
OUT = {"first": 2, "second": 1, "held": 0, "edited": 1, "unsure": 1, "unapproved": 0}


@pytest.mark.slow
@needs_sam
def test_functions_of_two_releases_side_by_side_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    _, old = unpacked(before_this(), tmp_path / "old")
    names = [name for name in functions(whole(ROOT)) if name in functions(whole(old))]
    one_half, the_other = set(names[::2]), set(names[1::2])
    with unhurried(tmp_path / "stack", calendar(ROWS), old, Shipped) as stack:
        business = Business(stack, ROWS)
        business.world.sync()
        business.world.forward(QUIET)
        for day, still_old in ((15, one_half), (16, the_other), (17, set(names[:5]))):
            business.deploy(half_way(old, ROOT, still_old, tmp_path / f"half-{day}"))
            business.expect(
                "some functions are old, and some new", business.still_old() == len(still_old), business.still_old()
            )
            _a_day(business, day)
        public, heads = business.public(), business.heads()
        for name in ROWS:
            wanted = OUT[name.partition(" ")[0]]
            business.expect(f"{name} is out {wanted} times", public[name] == wanted, (public[name], heads))
        broken = business.world.broken_chains()
        business.expect("the audit's chains are whole", broken == (), broken)
        business.expect("no dead letters", business.world.dead_letters() == 0, business.world.dead_letters())
        assert business.wrong == []


def _a_day(business: Business, day: int) -> None:
    """Cards are answered that the other half may have sent; a hold, an edit, and a try whose answer is lost."""
    world = business.world
    of = lambda name: f"{name} of day {day}"  # noqa: E731 - as short as what it stands for
    business.at(day, 8, 30)
    for name in ("first", "second", "held", "edited", "unsure"):
        business.press(business.link(of(name), Action.REVIEW))
    world.settle()
    world.sync()
    business.press(business.link(of("held"), Action.HOLD))
    world.type(business.post(of("edited")), "text", f"The {of('edited')} one. And another word.")
    world.sync()
    business.at(day, 10, 0)
    business.press(business.link(of("edited"), Action.REVIEW))
    for hour in (11, 12, 13):
        business.at(day, hour, 0)
    business.spoil("mastodon", "POST /api/v1/statuses", do="timeout-after")
    for hour in (14, 15, 16):
        business.at(day, hour, 0)
    world.sync()
