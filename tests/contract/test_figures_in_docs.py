"""A figure that stands on two pages is the same on both, and one that the code knows is the code's."""

from __future__ import annotations

import re
from pathlib import Path

from local.console.mesh_switches import mesh_groups
from local.console.network_switches import network_groups
from local.console.service_switches import service_groups
from local.cost.command import standing_now
from local.deploy import read_template

ROOT = Path(__file__).resolve().parents[2]
README, CHANGELOG = (ROOT / "README.md").read_text("utf-8"), (ROOT / "CHANGELOG.md").read_text("utf-8")
COST, PROMISES, PROOF, SETTING_UP = (
    (ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("cost", "promises", "proof", "setting-up")
)
WORDS = {10: "Ten", 11: "eleven", 16: "sixteen", 20: "twenty", 52: "fifty-two"}


def row(name: str) -> list[list[int]]:
    """The whole numbers in each cell of a row of the proof's tables."""
    (cells,) = re.findall(rf"^\| {name} \|(.*)\|$", PROOF, re.MULTILINE)
    return [[int(one) for one in re.findall(r"\d+", cell)] for cell in cells.split("|")]


def test_the_histories_that_are_told_of_are_the_sum_of_the_races() -> None:
    races = re.findall(
        r"^\| [^|]+ \| \d \+ \d \| ([\d,]+) \| ([\d,]+) \| [\d,]+ \| (all|not all) \|$", PROOF, re.MULTILINE
    )
    histories, states = (sum(int(one[place].replace(",", "")) for one in races) for place in (0, 1))
    whole = sum(one[2] == "all" for one in races)
    assert f"{histories:,} histories, {states:,} states, 0 violations" in PROOF
    for page in (README, PROMISES):
        assert (
            f"{histories:,} histories of {WORDS[len(races)]} races, {WORDS[whole]} of them under every schedule" in page
        )


def test_the_two_weeks_figures_are_the_tables() -> None:
    spoilt_and_killed = row("faults that bit, calls spoilt, processes killed")
    spoilt, killed = (sum(week[place] for week in spoilt_and_killed) for place in (1, 2))
    out = sum(week[0] for week in row("sent / held by the owner / deleted"))
    assert f"two virtual weeks with {killed} killed processes" in README
    assert f"two virtual weeks with {killed} killed processes and {spoilt} spoilt calls: {out} posts out" in PROMISES


def test_the_cost_page_has_the_secrets_alarms_and_dashboards_of_the_templates() -> None:
    standing = standing_now()
    for count, what in (
        (standing.secrets, "secrets"),
        (standing.alarm_metrics, "metrics under alarm"),
        (standing.dashboards, "dashboards"),
        (standing.budgets, "budgets that only tell"),
    ):
        assert set(re.findall(rf"\| ([\d,]+) {what} \|", COST)) == {str(count)}, what


def test_what_a_month_is_promised_to_cost_is_what_was_counted() -> None:
    aim, together = (
        re.findall(rf"\| \*\*{name}\*\* \| \| \| \*\*([\d.]+)\*\* \| \*\*([\d.]+)\*\* \|", COST)[0]
        for name in (r"sum of the aim \(3 USD\)", r"sum with \*")
    )
    assert (
        f"{aim[1]} USD a month for 60 posts on three channels with what AWS always gives free, {aim[0]} USD without"
        in PROMISES
    )
    assert f"come on top, {float(together[0]) - float(aim[0]):.2f} USD" in PROMISES


def test_what_is_counted_in_words_is_the_codes() -> None:
    def of(file: str, kind: str) -> int:
        return sum(one["Type"] == kind for one in read_template(ROOT / file)["Resources"].values())

    functions, alarms = (
        of("template.yaml", "AWS::Serverless::Function"),
        of("stacks/watch.yaml", "AWS::CloudWatch::Alarm"),
    )
    switches = sum(len(group.switches) for group in (*network_groups(), *service_groups(), *mesh_groups()))
    schedules = len(
        re.findall(r"^\| `ss-", (ROOT / "docs/reference/schedules.md").read_text().partition("## ")[0], re.MULTILINE)
    )
    assert f"{WORDS[functions]} functions and a state machine" in CHANGELOG
    assert f"{WORDS[alarms]} alarms" in CHANGELOG
    assert f"{WORDS[switches]} faults" in CHANGELOG
    assert f"all {schedules} are enabled" in SETTING_UP
