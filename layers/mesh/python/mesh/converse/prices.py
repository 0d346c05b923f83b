"""What Bedrock's models cost, by a dated table. Pure.

US dollars for a million tokens, which are millionths of a dollar for one. Source: the vendor's price list
(platform.claude.com, "Pricing", read 2026-11-22), which Bedrock's own follows: global profiles at these prices, regional ones
(``eu.``, ``us.``, ``apac.`` …, or none) a tenth above, from the 4.5 models on.
"""

from __future__ import annotations

from dataclasses import dataclass

AS_OF = "2026-11-22"


@dataclass(frozen=True)
class Price:
    """In ten-millionths of a US dollar for a token, so that a tenth more is a whole number."""

    token_in: int
    token_out: int


_FAMILIES = {
    "claude-haiku-4-5": Price(10, 50),
    "claude-sonnet-4-6": Price(30, 150),
    "claude-sonnet-4-5": Price(30, 150),
    "claude-opus-4-6": Price(50, 250),
    "claude-opus-4-5": Price(50, 250),
}


def price_of(model: str) -> Price | None:
    """None for a model that the table does not know: its tokens are counted, its cost is not."""
    found = next((price for family, price in _FAMILIES.items() if f"anthropic.{family}" in model), None)
    if found is None or "global." in model:
        return found
    return Price(found.token_in * 11 // 10, found.token_out * 11 // 10)


def cost_micro_usd(model: str, tokens_in: int, tokens_out: int) -> int | None:
    """Rounded up, so that nothing looks free; None where no price is known."""
    price = price_of(model)
    return None if price is None else _micro_usd(price, tokens_in, tokens_out)


def watched_micro_usd(model: str, tokens_in: int, tokens_out: int) -> int:
    """For who is to be told when it gets dear: a model that the table does not know is taken for the dearest of those in it."""
    known = cost_micro_usd(model, tokens_in, tokens_out)
    return max(_micro_usd(one, tokens_in, tokens_out) for one in _FAMILIES.values()) if known is None else known


def _micro_usd(price: Price, tokens_in: int, tokens_out: int) -> int:
    return -(-(price.token_in * tokens_in + price.token_out * tokens_out) // 10)
