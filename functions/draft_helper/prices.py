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
    """In millionths of a US dollar for a token."""

    token_in: float
    token_out: float


_GLOBAL = "global."
_REGIONAL = 1.1
_FAMILIES = {
    "claude-haiku-4-5": Price(1, 5),
    "claude-sonnet-4-6": Price(3, 15),
    "claude-sonnet-4-5": Price(3, 15),
    "claude-opus-4-6": Price(5, 25),
    "claude-opus-4-5": Price(5, 25),
}


def price_of(model: str) -> Price | None:
    """None for a model that the table does not know: its tokens are counted, its cost is not."""
    found = next((price for family, price in _FAMILIES.items() if f"anthropic.{family}" in model), None)
    if found is None or _GLOBAL in model:
        return found
    return Price(found.token_in * _REGIONAL, found.token_out * _REGIONAL)


def cost_micro_usd(model: str, tokens_in: int, tokens_out: int) -> int | None:
    """Rounded up, so that nothing looks free; None where no price is known."""
    price = price_of(model)
    if price is None:
        return None
    return -int(-(price.token_in * tokens_in + price.token_out * tokens_out) // 1)
