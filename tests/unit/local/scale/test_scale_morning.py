"""Whatever runs out, each post goes out once or its owner is told; more of the same is never better; the same town is the same morning."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from local import ROOT
from local.cost.business import CHANNELS
from local.cost.business import MONTH_DAYS as DAYS
from local.deploy import read_template
from local.scale import morning, quotas, ticks
from local.scale.house import House, Shape
from local.scale.measured import BUSY, SMALL, measured
from local.scale.morning import Morning
from local.scale.outcome import Outcome, Stand
from local.scale.quotas import NEW_PLACES, READS_A_PROJECT, READS_A_USER
from local.scale.telling import told
from local.scale.town import businesses
from mesh.ledger.items import OVERDUE
from mesh.rulebook.model import LATE
from scheduler.troubles import TOLD_AFTER
from sender.channels import _STORING_SECONDS
from sender.decide import ATTEMPT_LIMIT, BACKOFF

WELL = House(Shape.STACKS, 20, SMALL, a_user=1, all_at_nine=True)
ONE_KEY = House(Shape.STACKS, 200, SMALL)
HOUSES = {
    "well": WELL,
    "one service account": ONE_KEY,
    "ten places": replace(WELL, places=NEW_PLACES),
    "one place": House(Shape.STACKS, 60, BUSY, a_user=1, a_project=20, places=1, ticks=False),
    "a sender for all": House(Shape.SHARED, 200, SMALL, a_user=1, a_project=20, all_at_nine=True, places=500),
}


@cache
def live(house: House) -> Outcome:
    return Morning(house).live()


@pytest.mark.parametrize("house", HOUSES.values(), ids=HOUSES)
def test_each_post_goes_out_once_on_each_channel_or_its_owner_is_told(house: House) -> None:
    outcome = live(house)
    town = businesses(house.businesses, house.posts_a_month, all_at_nine=house.all_at_nine)
    assert len(outcome.sends) == len(CHANNELS) * sum(len(business.posts) for business in town) > 0
    assert all(send.published == (send.stand is Stand.SENT) for send in outcome.sends)
    over = {Stand.SENT, Stand.ASKED, Stand.FAILED, Stand.SIGNED_OUT}
    assert {send.stand for send in outcome.sends} <= over
    assert len(outcome.lateness) + sum(outcome.standing(one) for one in over - {Stand.SENT}) == len(outcome.sends)
    assert all(0 < one <= morning.ASKED_AFTER + 60 for one in outcome.lateness)
    assert outcome.most_places <= house.places


def test_some_of_those_towns_come_to_each_end() -> None:
    """Or the test above would hold of towns in which nothing goes wrong."""
    assert live(HOUSES["one service account"]).dead_letters > 0
    assert live(HOUSES["one place"]).standing(Stand.ASKED) > 0


def test_a_sign_in_that_cannot_be_stored_is_lost_and_its_post_does_not_go_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "STORED", replace(quotas.STORED, value=1))
    outcome = Morning(replace(WELL, businesses=60, a_project=20)).live()
    lost = [send for send in outcome.sends if send.stand is Stand.SIGNED_OUT]
    assert lost
    assert {(send.network, send.published) for send in lost} == {("x", 0)}
    assert len(outcome.lateness) + len(lost) == len(outcome.sends)
    assert outcome.refused[quotas.STORED.key][0] > len(lost)


def test_the_same_town_has_the_same_morning_and_another_seed_another() -> None:
    def figures(outcome: Outcome) -> tuple[object, ...]:
        return outcome.lateness, outcome.refused, outcome.redelivered, outcome.rows_latest, outcome.happened

    house = replace(ONE_KEY, businesses=60)
    assert figures(Morning(house).live()) == figures(live(house))
    assert figures(Morning(house, seed=2).live()) != figures(live(house))


def test_more_businesses_on_the_same_keys_are_never_served_sooner() -> None:
    mornings = [live(replace(ONE_KEY, businesses=count)) for count in (20, 60, 120, 200)]
    for fewer, more in pairwise(mornings):
        assert sum(often for often, _ in fewer.refused.values()) <= sum(often for often, _ in more.refused.values())
        assert all(fewer.late(share) <= more.late(share) + 10 for share in (0.5, 0.99, 1.0))
        assert told(fewer) <= told(more)
    assert told(mornings[-1]) > 0


def test_more_places_are_never_worse() -> None:
    latest = [live(replace(WELL, places=places)).late(1.0) for places in (NEW_PLACES, 20, 40, 1_000)]
    assert latest == sorted(latest, reverse=True)
    assert latest[0] > latest[-1]


def test_a_turn_mends_what_bent() -> None:
    assert live(ONE_KEY).first == READS_A_USER.key
    assert live(replace(ONE_KEY, a_user=1)).first == READS_A_PROJECT.key
    assert live(replace(ONE_KEY, a_user=1, a_project=20, an_account=20, ticks=False)).refused == {}


def test_a_simulated_post_asks_google_what_a_counted_one_does() -> None:
    one = Morning(WELL)
    outcome = one.live()
    posts = len(outcome.sends) / len(CHANNELS)
    reads = sum(user.reads.asked for user in one.rooms.users.values())
    assert reads / posts == pytest.approx(measured().sheet_reads, rel=0.1)
    assert measured().gates == 2, "the morning has a gate before a post is prepared, and one before it goes out"


def test_the_ticks_are_the_templates_and_as_many_as_a_counted_month_had() -> None:
    a_month = sum(86_400 / every for _, every in ticks.rates()) * DAYS
    assert a_month == pytest.approx(measured().months[SMALL].counts["scheduler.firings"], rel=0.02)


def test_its_waits_and_limits_are_the_products() -> None:
    assert [wait.total_seconds() for wait in BACKOFF] == list(morning.BACKOFF_SECONDS)
    assert (morning.ATTEMPT_LIMIT, morning.STORING_SECONDS) == (ATTEMPT_LIMIT, _STORING_SECONDS)
    assert tuple(one.total_seconds() for one in (OVERDUE, TOLD_AFTER, LATE)) == (
        morning.SWEEP_AFTER,
        morning.TOLD_AFTER,
        morning.ASKED_AFTER,
    )
    sender = read_template(ROOT / "template.yaml")["Resources"]["Sender"]["Properties"]["EventInvokeConfig"]
    assert sender["MaximumEventAgeInSeconds"] == morning.OLDEST_EVENT
    assert sender["MaximumRetryAttempts"] == len(morning.AFTER_AN_ERROR)
