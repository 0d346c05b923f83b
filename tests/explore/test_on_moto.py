"""Random histories of the explorer again, with AWS's side by moto: the same calls, the same end, and nothing wrong with it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from exploring.engine import Bound, Engine
from mesh_world.on_moto import moto, moved
from mesh_world.scenarios import SCENARIOS, Scenario, factory
from mesh_world.world import MeshWorld, in_memory

BOUND = Bound(3, 3)
PARTS = 20  # of the sampled histories, so that both processors have something to do
HISTORIES = 500
SOONER = 5  # each fifth part, a hundred histories of every race, is tried by day; the others at night


def run(world: MeshWorld, path: list[int] | None = None, seed: str = "") -> tuple[Engine, dict[str, Any]]:
    """One history and its end: what is out, and where each post stands on each channel."""
    chance = random.Random(seed)
    choose = None if path is not None else lambda width: 0 if chance.random() < 0.8 else chance.randrange(width)
    engine = Engine(world, BOUND, path or (), choose=choose)
    engine.run()
    world.settle()
    heads = {head["post_channel"]: (head["state"], head["attempts"]) for head in world.heads()}
    posts = sorted((post.account, post.text) for post in world.kind.feed.posts)
    return engine, {"heads": heads, "posts": posts, "complaints": world.complaints()}


def replay_on_moto(scenario: Scenario, seeds: list[str]) -> None:
    with in_memory(), moto() as clients:
        make = factory(scenario)
        for seed in seeds:
            first, expected = run(make(), seed=seed)
            second, found = run(moved(make(), clients), path=first.taken)
            told = [(line.who, line.text, line.befell) for line in first.story]
            assert [(line.who, line.text, line.befell) for line in second.story] == told, (scenario.name, seed)
            assert found == expected, (scenario.name, seed)
            assert expected["complaints"] == [], (scenario.name, seed)


@pytest.mark.parametrize("scenario", SCENARIOS[::4], ids=lambda one: one.name)
def test_a_sampled_history_goes_the_same_way_on_moto(scenario: Scenario) -> None:
    replay_on_moto(scenario, [f"{scenario.name}/quick"])


@pytest.mark.parametrize(
    "part",
    [pytest.param(part, marks=pytest.mark.night if part % SOONER else pytest.mark.slow) for part in range(PARTS)],
)
def test_five_hundred_sampled_histories_go_the_same_way_on_moto(part: int) -> None:
    for number in range(part, HISTORIES, PARTS):
        scenario = SCENARIOS[number % len(SCENARIOS)]
        replay_on_moto(scenario, [f"{scenario.name}/{number}"])
