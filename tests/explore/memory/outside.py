"""An outside that says nothing of itself: the networks' usual limits, and no page behind any link."""

from __future__ import annotations

from mesh.fitting import composer_of
from mesh.posts import Plan
from mesh.rulebook import Rulebook
from renderer.decide import LinkedPage, Told


class QuietOutside:
    def told(self, plan: Plan, rulebook: Rulebook) -> dict[str, Told]:
        return {channel.name: Told(composer_of(channel, rulebook)) for channel in plan.channels}

    def page(self, link: str) -> LinkedPage | None:
        return None
