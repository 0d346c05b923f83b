"""A network made up for a test: one file like this is all that a new one needs to be counted, composed, limited and previewed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from networks.drafts import Composing, link_below, measured, shared_problems, too_long
from networks.model import AfterUnknown, Declared, Draft, Limit, Mark, Measure, Of, Problem, Rendition


@dataclass(frozen=True)
class Eighth(Composing):
    def measure(self, text: str, link: str = "", *, image_count: int = 0) -> Measure:
        return measured(self.declared, len(link_below(text, link)))

    def compose(self, draft: Draft) -> Rendition | tuple[Problem, ...]:
        shown = link_below(draft.text, draft.link)
        problems = (*too_long(self.declared, self.measure(shown)), *shared_problems(self.declared, draft))
        return problems or Rendition(shown, {"words": shown}, draft.images, draft.card)


NETWORK = Eighth(
    Declared(
        name="eighth",
        label="Eighth",
        limits={
            Of.TEXT: Limit(100, "characters", "nobody", Mark.CAUTION),
            Of.IMAGES: Limit(2, "images", "nobody", Mark.CAUTION),
        },
        image_mimes=("image/jpeg",),
        counted="Code points.",
        after_unknown=AfterUnknown.ASK_OWNER,
        settle=timedelta(minutes=2),
        publish_timeout_seconds=30,
        proves=frozenset(),
        host="https://eighth.example",
    )
)
