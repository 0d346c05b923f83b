"""What a recap tells of a month: its tables, its words and what its picture shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter
from recap_months import EMPTY, ONE, TYPICAL, figures_of, huge, out, told

from mesh.ledger.proposals import STAND_IN
from mesh.ledger.spending import Day
from mesh.reckoning.model import Happened, Publication
from mesh.span import month_before
from recap import decide
from recap.costs import Charges, charges
from recap.decide import MOST_SERIES, OTHERS, Told
from recap.words import counted, dollars, micro_usd, span


def values(one: Told) -> dict[str, str]:
    return {fact.label: fact.value for fact in one.facts}


def test_a_typical_months_figures() -> None:
    one = told(TYPICAL)
    assert one.headline == "October 2026: 6 posts, 88% on time"
    assert values(one) == {
        "Posts that went out": "6",
        "Appearances": "8",
        "On time": "88%",
        "Approvals": "3",
        "Posts put on hold": "1",
        "Failed": "1",
        "Tried again": "2",
        "Drafts written": "4",
        "Cost of the model": "US$0.01",
        "Charges of X": "US$0.22",
    }
    assert [(row.name, row.posted, row.on_time, row.failed, row.retried) for row in one.channels] == [
        ("bluesky-main", 6, 5, 0, 0),
        ("x-main", 2, 2, 1, 2),
    ]


def test_the_pictures_columns_are_those_of_the_days_in_the_businesss_zone() -> None:
    zone = ZoneInfo("Pacific/Auckland")
    october = month_before(datetime(2026, 11, 2, tzinfo=UTC), zone)
    late = Publication("p_1", "x", datetime(2026, 10, 4, 11, 30, tzinfo=UTC))  # the 5th there, half past midnight
    one = told(Happened(october, publications=(late,)))
    assert dict(zip(one.chart.days, one.chart.totals, strict=True))["2026-10-05"] == 1
    assert sum(one.chart.totals) == 1


def test_the_pictures_columns_add_up_to_the_table() -> None:
    for happened in (ONE, TYPICAL, huge()):
        one = told(happened)
        assert sum(one.chart.totals) == sum(row.posted for row in one.channels) == len(happened.publications)


def test_from_the_twelfth_channel_on_they_share_a_colour() -> None:
    many = Happened(TYPICAL.span, publications=tuple(out(day, f"c-{day:02}") for day in range(1, 15)))
    one = told(many)
    assert [name for name, _ in one.chart.series][MOST_SERIES:] == [OTHERS]
    assert [row.series for row in one.channels][-3:] == [MOST_SERIES] * 3


def test_a_channel_on_which_all_failed_has_a_row_and_no_colour() -> None:
    one = told(Happened(TYPICAL.span, publications=ONE.publications, failures=TYPICAL.failures))
    assert [(row.name, row.series) for row in one.channels] == [("bluesky-main", 0), ("x-main", -1)]


def test_the_alt_text_says_what_the_picture_shows() -> None:
    assert told(TYPICAL).alt == (
        "What went out each day in October 2026, a column for each day, coloured by channel: 8 in all on 5 days, the most on"
        " Friday 9 October with 4. The tables below have the figures."
    )
    assert told(EMPTY).alt.endswith("nothing.")


def test_a_month_of_nothing_has_one_sentence_and_no_tables() -> None:
    one = told(EMPTY)
    assert (one.headline, one.facts, one.channels, one.notes) == ("October 2026: nothing was posted", (), (), ())


def test_what_could_not_be_read_is_said_in_a_month_of_nothing_too() -> None:
    one = told(replace(EMPTY, incomplete=("2 entries of the history could not be read.",)))
    assert one.notes == ("2 entries of the history could not be read.",)


def test_what_is_not_in_the_cost_is_said() -> None:
    unpriced = replace(TYPICAL, drafting={next(TYPICAL.span.days): Day(calls=2, unpriced=2)})
    notes = " ".join(told(unpriced, Charges(1, 15_000, 200_000, 1)).notes)
    assert "2 times more at a price that is not known" in notes
    assert "Whether 1 post on X held a link" in notes
    assert "What Amazon charges for running all this is not in these figures" in notes


@pytest.mark.parametrize(
    ("by", "said"),
    [("", ""), (STAND_IN, "no model is behind it"), ("anthropic.claude", "A language model chose the words")],
)
def test_who_chose_the_words_is_said(by: str, said: str) -> None:
    notes = decide.told(TYPICAL, figures_of(TYPICAL), Charges(), "Words.", by).notes
    assert said in notes[0]
    assert ("paragraph above" in notes[0]) == bool(by)


def test_what_is_kept_comes_back_as_it_was() -> None:
    shape = TypeAdapter(Told)
    for happened in (EMPTY, TYPICAL, huge()):
        one = told(happened)
        assert shape.validate_python(shape.dump_python(one, mode="json")) == one


# words and money


def test_counts_and_spans_read_as_people_say_them() -> None:
    assert [counted(n, "post") for n in (0, 1, 1200)] == ["no posts", "1 post", "1,200 posts"]
    assert [span(n) for n in (0, 59, 60, 89 * 60, 90 * 60, 35 * 3600, 36 * 3600, 10 * 86400)] == [
        "less than a minute",
        "less than a minute",
        "1 minute",
        "89 minutes",
        "2 hours",
        "35 hours",
        "2 days",
        "10 days",
    ]


def test_a_part_of_a_cent_is_not_called_nothing() -> None:
    assert [dollars(n) for n in (0, 1, 9_999, 10_000, 14_999, 15_000, 1_234_560_000)] == [
        "US$0.00",
        "less than US$0.01",
        "less than US$0.01",
        "US$0.01",
        "US$0.01",
        "US$0.02",
        "US$1,234.56",
    ]
    assert [micro_usd(price) for price in ("0.015", "0.20", "2")] == [15_000, 200_000, 2_000_000]


def test_x_charges_by_the_post_and_more_for_one_with_a_link() -> None:
    assert charges(["Cake", "Cake at https://cafe.de", None]) == Charges(3, 230_000, 415_000, 1)
    assert charges([]).said == "US$0.00"
    assert charges([None]).said == "US$0.02 to US$0.20"
