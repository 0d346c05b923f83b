"""The month's figures as whole phrases, each with the noun it belongs to: what a paragraph is put together from. Pure.

A number never stands in a paragraph without what it counts, so none can be said of another thing.
"""

from __future__ import annotations

from collections.abc import Mapping

from mesh.reckoning.model import Figures
from recap.costs import Charges
from recap.decide import busiest_day, is_alone, ranking
from recap.words import counted, dollars, month, span, weekday

_MOST_CHANNELS = 3  # that have a phrase of their own: the table has all of them


def phrases(figures: Figures, charges: Charges) -> Mapping[str, str]:
    """By the name that stands in braces for it. Those that would say nothing are not there."""
    found = {
        "month": month(next(figures.span.days)),
        "posts": counted(figures.posts, "post"),
        "appearances": f"{counted(figures.posted, 'appearance')} in all",
        "channels": counted(sum(bool(one.posted) for one in figures.channels.values()), "channel"),
        "approvals": counted(figures.approvals, "approval"),
        "failed": f"{counted(figures.failed, 'appearance')} that failed for good",
    }
    if figures.held:
        found["held"] = f"{counted(figures.held, 'post')} put on hold"
    if figures.retried:
        found["retried"] = counted(figures.retried, "repeated try", "repeated tries")
    if figures.drafts_made:
        found["drafts"] = (
            f"{counted(figures.drafts_made, 'draft')} written and {figures.drafts_accepted:,} of them used"
        )
    if figures.drafting.micro_usd:
        found["model_cost"] = f"{dollars(figures.drafting.micro_usd)} for the model"
    if figures.on_time_percent is not None:
        found["on_time"] = f"{figures.on_time_percent}% of appearances on time"
    if figures.approval_seconds is not None:
        found["approval_time"] = f"a typical wait for approval of {span(figures.approval_seconds)}"
    if (busiest := busiest_day(figures)) is not None:
        day, count = busiest
        which = "the busiest day" if is_alone(figures, day) else "one of the busiest days"
        found["busiest_day"] = f"{weekday(day)} as {which} with {counted(count, 'appearance')}"
    for place, name in enumerate(ranking(figures)[:_MOST_CHANNELS], start=1):
        if posted := figures.channels[name].posted:
            found[f"channel_{place}"] = f"{name} with {counted(posted, 'appearance')}"
    if figures.unknown:
        found["unknown"] = f"{counted(figures.unknown, 'try', 'tries')} with an outcome that was unclear at first"
    if charges.posts:
        found["x_charges"] = f"{charges.said} charged by X"
    return found


def owed(figures: Figures) -> frozenset[str]:
    """Which of them no paragraph may leave out: what went out, and what did not."""
    return frozenset({"month", "posts"} | ({"failed"} if figures.failed else set()))
