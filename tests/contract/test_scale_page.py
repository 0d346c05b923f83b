"""docs/scale.md has what the templates, the quotas and the simulation say now."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.scale.costs import each
from local.scale.house import Shape
from local.scale.measured import BUSY, FILE, SMALL, measured
from local.scale.page import read_page, row_of, rows_on, simulated_lines, with_counted, with_simulated
from local.scale.quotas import KEPT, PASSED
from local.scale.stacks import fits, held, largest_stack
from local.scale.steps import MOST_IN_ONE, QUICK, SIZES, TWENTY, Step, steps
from local.scale.uses import OWN, uses

ROOT = Path(__file__).resolve().parents[2]
PAGE = read_page()
COST = (ROOT / "docs" / "cost.md").read_text("utf-8")
MORE = "make scale OPTIONS=--page writes it anew"


def test_what_is_counted_is_as_it_stands_there() -> None:
    assert with_counted(PAGE) == PAGE, "python -m local.generate writes it anew"


@pytest.mark.parametrize(
    "step", [step for step in steps() if step.house.businesses <= QUICK], ids=lambda step: step.name
)
def test_a_small_town_is_as_it_stands_there(step: Step) -> None:
    assert row_of(step) in rows_on(PAGE), MORE


@pytest.mark.slow
def test_every_town_is_as_it_stands_there() -> None:
    told = [(step, row_of(step)) for step in steps()]
    assert with_simulated(PAGE, told) == PAGE, MORE


def test_the_page_has_a_row_for_every_town_and_no_other() -> None:
    towns = [(f"{step.house.businesses:,}", step.name) for step in steps()]
    assert [row[:2] for row in rows_on(PAGE)] == towns, MORE


def test_a_table_can_be_read_back() -> None:
    told = [(step, tuple(str(number) for number in range(9))) for step in steps()[:1]]
    assert re.findall(r"^\| 0 \|.*$", "\n".join(simulated_lines(told)), re.MULTILINE)


def test_a_twenty_fits_into_an_account_and_a_project() -> None:
    takes = measured()
    first = fits()[0]
    assert first.businesses == MOST_IN_ONE > TWENTY
    posts = {use.quota.key: use.enough_for(use.small) for use in uses(takes)}
    assert posts["reads of a project"] > TWENTY
    assert TWENTY * largest_stack() > 500 > largest_stack(), "they are stacks of their own"


@pytest.mark.parametrize(
    "said",
    [
        "takes eight reads",
        "the eighth client who posts at nine waits",
        "thirty-six posts in one minute",
        "Every stack has nine rules on the account's default bus, and a bus has 300. The thirty-fourth deployment fails",
        "forty-seven is where roles end next",
        "191 sends a second",
        "alarms | eleven for each stack",
    ],
)
def test_the_figures_in_words_are_those_of_the_tables(said: str) -> None:
    """Whoever changes one of them changes the sentence, too."""
    assert said in PAGE
    takes, kinds = measured(), held()
    enough = {use.quota.key: use.enough_for(use.small) for use in uses(takes)}
    assert (round(takes.sheet_reads), enough["reads of a service account"] + 1) == (8, 8)
    assert (enough["reads of a project"], enough["partition writes"]) == (36, 191)
    assert (kinds["AWS::Events::Rule"], kinds["AWS::CloudWatch::Alarm"]) == (9, 11)
    assert [one.businesses for one in fits()[:2]] == [33, 47]


@pytest.mark.parametrize(
    ("town", "column", "figure", "said"),
    [
        (
            "one service account for all, everybody at nine",
            5,
            "6 min",
            "with twenty at nine, the last post is six minutes late",
        ),
        ("a service account each, one project, everybody at nine", 5, "17 s", "all of them are out in twenty seconds"),
        (
            "the same in a new account, with ten places",
            5,
            "2 min",
            "Twenty clients at nine are then two minutes late",
        ),
        ("posts spread over five minutes", 3, "3 min", "half of all posts are three minutes late for it"),
    ],
)
def test_what_is_said_of_a_town_is_its_row(town: str, column: int, figure: str, said: str) -> None:
    assert said in PAGE
    assert {row[column] for row in rows_on(PAGE) if row[1] == town} == {figure}


@pytest.mark.parametrize(
    ("businesses", "column", "figure", "said"),
    [
        ("200", 3, "9 min", "half of the posts are nine minutes late"),
        ("200", 5, "23 min", "the last is out after twenty-three"),
    ],
)
def test_what_is_said_of_two_hundred_on_one_key_is_their_row(
    businesses: str, column: int, figure: str, said: str
) -> None:
    assert said in PAGE
    (row,) = [one for one in rows_on(PAGE) if one[:2] == (businesses, "one service account for all")]
    assert row[column] == figure


def test_what_each_size_is_said_to_cost_is_what_it_costs() -> None:
    counts = measured().months[SMALL].counts
    costs = {size: each(counts, size, Shape.STACKS) for size in SIZES}
    part = PAGE.partition("## What to do")[2].partition("## What is counted")[0]
    said = [float(figure) for figure in re.findall(r"(\d\.\d\d) USD", part)]
    shared = round(each(counts, 10_000, Shape.SHARED).usd, 2)
    alone = round(costs[1].usd, 2)
    undashed = [round(costs[size].undashed, 2) for size in (20, 200, 1_000, 10_000)]
    assert said == [alone, undashed[0], alone, *undashed[1:3], shared, undashed[3], 0.02]


def test_the_guide_and_the_promises_say_the_same() -> None:
    guide, promises = ((ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("guide-deployer", "promises"))
    assert "lets only seven posts out in a minute" in guide
    assert "Thirty-three fit into one account" in guide
    assert "20 in one account out within 18 s, 33 too; 50,000 in twenties, on an ordinary day, the same" in promises
    well = [row for row in rows_on(PAGE) if row[8] == "nothing" and row[0] in ("20", "33", "50,000")]
    assert max(row[5] for row in well if "twenty to an account" in row[1] or "at nine" in row[1]) == "18 s"


def test_the_month_is_the_one_of_the_cost_page() -> None:
    for posts in (SMALL, BUSY):
        part = COST.partition(f"## A month of {posts} posts")[2].partition("\n## ")[0]
        counts = measured().months[posts].counts
        for key, unit in (
            ("scheduler.firings", "Scheduler invocations"),
            ("dynamodb.reads", "read request units"),
            ("lambda.requests", "requests"),
            ("secrets.kept", "secrets"),
        ):
            assert f"| {counts[key]:,.0f} {unit} |" in part, "make cost was run again: make scale OPTIONS=--measure=…"


def test_every_quota_stands_in_a_table_and_has_its_source() -> None:
    quotas = [*(quota for quota, _ in KEPT), *PASSED]
    assert len({quota.key for quota in quotas}) == len(quotas)
    assert all(quota.source and quota.value > 0 and (quota.up_to or quota.value) >= quota.value for quota in quotas)
    told = {use.quota.key for use in uses(measured())} | {quota.key for quota in OWN} | {quota.key for quota, _ in KEPT}
    assert {quota.key for quota in quotas} == told


def test_what_was_measured_holds_no_host_and_no_text() -> None:
    kept: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    assert set(kept["post"]["functions"]["sender"]["remote"]) == {"google", "instagram", "facebook", "x"}
    assert re.search(r"127\.0|https?:", FILE.read_text("utf-8")) is None
