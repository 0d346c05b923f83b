"""What a draft costs."""

from __future__ import annotations

from mesh.converse.prices import _FAMILIES, cost_micro_usd, watched_micro_usd


def test_a_million_tokens_of_each_model_cost_what_the_list_says() -> None:
    million = 1_000_000
    assert cost_micro_usd("global.anthropic.claude-haiku-4-5-20251001-v1:0", million, 0) == 1_000_000
    assert cost_micro_usd("global.anthropic.claude-haiku-4-5-20251001-v1:0", 0, million) == 5_000_000
    assert cost_micro_usd("global.anthropic.claude-sonnet-4-6", million, million) == 18_000_000


def test_a_regional_profile_costs_a_tenth_more() -> None:
    assert cost_micro_usd("anthropic.claude-sonnet-4-6", 1_000_000, 0) == 3_300_000
    assert cost_micro_usd("eu.anthropic.claude-haiku-4-5-20251001-v1:0", 1_000_000, 0) == 1_100_000


def test_nothing_that_was_asked_looks_free() -> None:
    assert cost_micro_usd("eu.anthropic.claude-haiku-4-5-20251001-v1:0", 1, 0) == 2


def test_an_unknown_model_has_no_price() -> None:
    assert cost_micro_usd("anthropic.claude-haiku-9", 1, 1) is None


def test_for_the_alarm_a_model_of_no_known_price_is_as_dear_as_the_dearest() -> None:
    known = [f"global.anthropic.{family}-v1" for family in _FAMILIES]
    unknown = watched_micro_usd("some.other-model", 1_000, 100)
    assert unknown == max(watched_micro_usd(model, 1_000, 100) for model in known)
    assert all(watched_micro_usd(model, 1_000, 100) == cost_micro_usd(model, 1_000, 100) for model in known)
