"""Months of business by chance, reckoned twice: from the tables, and from plain notes by code that knows docs/figures.md alone."""

from __future__ import annotations

from typing import Any

import pytest
from random_months import Chance
from reckoned_apart import reckon

from mesh.reckoning.figures import figures
from mesh.reckoning.model import Figures, Happened

_EACH = 40


def _plain(happened: Happened) -> dict[str, Any]:
    told: Figures = figures(happened)
    names = (
        "posts",
        "posted",
        "on_time",
        "on_time_percent",
        "approvals",
        "approval_seconds",
        "held",
        "held_everything",
    )
    names += ("failed", "retried", "unknown", "drafts_made", "drafts_accepted", "by_day")
    found = {name: getattr(told, name) for name in names}
    found["channels"] = {
        name: (one.posted, one.on_time, one.failed, one.retried) for name, one in told.channels.items()
    }
    return found | {"micro_usd": told.drafting.micro_usd, "pauses": set(happened.pauses)}


def differs(seed: int) -> str:
    """What the two do not agree on; "" where they agree on everything."""
    chance = Chance(seed)
    business = chance.run()
    happened = business.happened(chance.span)
    told, apart = _plain(happened), reckon(business.notes, chance.span.begins, chance.span.ends, chance.span.zone)
    assert happened.incomplete == (), (seed, happened.incomplete)
    wrong = {name: (told[name], apart[name]) for name in apart if told[name] != apart[name]}
    assert set(told) == set(apart), "a figure that only one of them knows"
    return f"seed {seed}: (told, apart) {wrong}" if wrong else ""


@pytest.mark.parametrize("first", range(0, 120, _EACH))
def test_what_the_tables_tell_is_what_was_done(first: int) -> None:
    assert [said for seed in range(first, first + _EACH) if (said := differs(seed))] == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 2000, 5 * _EACH))
def test_so_it_is_in_a_thousand_other_months(first: int) -> None:
    assert [said for seed in range(first, first + 5 * _EACH) if (said := differs(seed))] == []


def test_months_by_chance_hold_what_is_to_be_counted() -> None:
    """A reference that never meets a retry says nothing about retries."""
    seen: dict[str, int] = {}
    for seed in range(40):
        chance = Chance(seed)
        told = reckon(chance.run().notes, chance.span.begins, chance.span.ends, chance.span.zone)
        for name, value in told.items():
            seen[name] = seen.get(name, 0) + bool(value)
        seen["late"] = seen.get("late", 0) + (told["posted"] > told["on_time"])
        seen["empty"] = seen.get("empty", 0) + (told["posted"] == 0)
    assert min(seen.values()) >= 3, seen
