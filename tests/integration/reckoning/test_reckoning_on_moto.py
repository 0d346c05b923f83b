"""The same reckoning over DynamoDB's own expressions, and over a month that is too much for a careless reader."""

from __future__ import annotations

from dataclasses import replace

import pytest
from moto_mesh import MotoMesh
from random_months import Chance

from mesh.reckoning.reading import read


@pytest.mark.parametrize("seed", [1, 111])
def test_it_reads_the_same_from_dynamodb(mesh: MotoMesh, seed: int) -> None:
    remembered, stored = Chance(seed), Chance(seed, mesh.tables)
    told = remembered.run(40).happened(remembered.span)
    stored.run(40)

    assert told.publications
    assert told.approvals
    assert told.failures
    assert told.retried
    found = read(mesh.ledger, mesh.runtime, stored.span, stored.business.now)
    assert found == replace(told, span=found.span)


def test_each_kind_of_read_is_a_call_or_two_in_a_usual_month(mesh: MotoMesh) -> None:
    chance = Chance(1, mesh.tables)
    business = chance.run(40)
    mesh.calls.clear()
    happened = business.happened(chance.span)
    assert happened.incomplete == ()
    unsure = sum(one.asked_at is not None and one.asked_at < chance.span.begins for one in happened.approvals)
    months = len(list(chance.span.index_months))
    assert mesh.calls.count("Query") <= 3 * months + unsure + 2
    assert mesh.calls.count("BatchGetItem") <= 3
