"""What a month's posts cost at the networks, as far as a network charges by the post: X does. Pure.

Prices: ``networks.x_prices``, the same that a card tells before a post goes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from networks.x_prices import PRICE_USD, PRICE_WITH_LINK_USD
from recap.words import dollars, micro_usd

PLAIN, WITH_LINK = micro_usd(PRICE_USD), micro_usd(PRICE_WITH_LINK_USD)


@dataclass(frozen=True)
class Charges:
    """Of X's ``posts``: in all between ``least`` and ``most``, in millionths of a US dollar. They differ where a post's words, and so
    whether it held a link, could not be read: ``unseen`` counts those."""

    posts: int = 0
    least: int = 0
    most: int = 0
    unseen: int = 0

    @property
    def said(self) -> str:
        return dollars(self.most) if self.least == self.most else f"{dollars(self.least)} to {dollars(self.most)}"


def charges(texts: Iterable[str | None]) -> Charges:
    """One for each post on X: what the public sees of it, None where that could not be read."""
    from networks.x_text import find_x_links

    found = Charges()
    for text in texts:
        least, most = (PLAIN, WITH_LINK) if text is None else 2 * (WITH_LINK if find_x_links(text) else PLAIN,)
        found = Charges(found.posts + 1, found.least + least, found.most + most, found.unseen + (text is None))
    return found
