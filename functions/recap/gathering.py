"""What the figures do not hold: on which network a channel is, and the words of what went out on X, which decide what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from mesh.errors import MeshError
from mesh.packages import Packages
from mesh.reckoning.model import Publication
from mesh.side_by_side import Together
from recap.costs import Charges, charges

X = "x"
MOST_READ = 300
"""Packages of posts on X that are looked at: ten a day, some seconds of the function's minute. What is beyond is charged for as a range."""


@dataclass(frozen=True)
class Books:
    """``together`` makes its reads side by side."""

    packages: Packages
    together: Together

    def charges_of_x(self, publications: Sequence[Publication]) -> Charges:
        """A package that is gone or damaged costs the certainty of one price, and nothing else."""
        on_x = self._on(X, publications)
        read = self.together([partial(self._text, one) for one in on_x[:MOST_READ]])
        return charges([*read, *(None for _ in on_x[MOST_READ:])])

    def _on(self, network: str, publications: Sequence[Publication]) -> list[Publication]:
        newest: dict[str, Publication] = {one.channel: one for one in publications}
        names = self.together([partial(self._network, one) for one in newest.values()])
        known: Mapping[str, str] = dict(zip(newest, names, strict=True))
        return [one for one in publications if known[one.channel] == network]

    def _network(self, one: Publication) -> str:
        """As its newest package says, whatever became of the channel since; by its name where that cannot be read."""
        try:
            return self.packages.read(one.post_id, one.revision).channels[one.channel].network
        except (MeshError, KeyError, ValueError):
            return one.channel.partition("-")[0]

    def _text(self, one: Publication) -> str | None:
        try:
            return self.packages.read(one.post_id, one.revision).channels[one.channel].text
        except (MeshError, KeyError, ValueError):
            return None
