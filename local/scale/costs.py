"""What a business costs among others, a month: its counts many times, and what is always free once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.cost.bill import Line
from local.cost.business import CHANNELS
from local.cost.prices import PRICES
from local.scale.house import Shape

_NOT_AWS = frozenset({"bedrock.usd", "x.posts", "x.linked_posts", "x.users_read"})
_ONCE = frozenset({"cloudwatch.alarms", "cloudwatch.metrics", "cloudwatch.dashboards", "budgets.kept"})
"""What a stack for all would have once."""
_DASHBOARD = "cloudwatch.dashboards"


@dataclass(frozen=True)
class Each:
    """US dollars a month for one business, AWS alone. ``undashed`` without a dashboard in each stack."""

    usd: float
    undashed: float


def each(counts: Mapping[str, float], businesses: int, shape: Shape) -> Each:
    """With what is always free, which a payer has once, however many accounts are under them."""
    amounts = {key: _amount(key, count, businesses, shape) for key, count in counts.items() if key not in _NOT_AWS}
    usd = {key: Line(PRICES[key], amount).free_usd for key, amount in amounts.items()}
    total = sum(usd.values())
    return Each(total / businesses, (total - usd[_DASHBOARD]) / businesses)


def _amount(key: str, count: float, businesses: int, shape: Shape) -> float:
    if shape is Shape.STACKS:
        return count * businesses
    if key in _ONCE:
        return count
    if key == "secrets.kept":  # a channel's are its business's; the others are once
        return len(CHANNELS) * businesses + count - len(CHANNELS)
    return count * businesses
