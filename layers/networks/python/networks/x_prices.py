"""What X charges for a post, in US dollars."""

from __future__ import annotations

PRICE_USD = "0.015"
PRICE_WITH_LINK_USD = "0.20"
