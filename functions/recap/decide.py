"""A month as its recap tells it: every figure, the rows of its tables, and what its picture shows. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from mesh.ledger.proposals import STAND_IN
from mesh.reckoning.model import Figures, Happened
from recap.costs import Charges
from recap.words import counted, dollars, month, number, span, weekday

MOST_SERIES = 11  # of the picture, and then "others": more colours nobody tells apart
OTHERS = "other channels"
_BY_MODEL = "A language model chose the words of the paragraph above. Every figure in it was put in by the program."
_BY_STAND_IN = (
    "The words of the paragraph above come from the stand-in for Bedrock on one computer: no model is behind it."
)
_NOT_IN_IT = "What Amazon charges for running all this is not in these figures: it stands in the AWS bill."


@dataclass(frozen=True)
class Channel:
    """One row of the table of channels. ``series`` is the number of its colour in the picture, -1 where it is not in it."""

    name: str
    series: int
    posted: int
    on_time: int
    failed: int
    retried: int


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Chart:
    """Columns for each of the ``days``, in ISO form: of each series, in the order of its colour, how many went out that day."""

    days: tuple[str, ...]
    series: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(map(sum, zip(*(counts for _, counts in self.series), strict=True))) or (0,) * len(self.days)


@dataclass(frozen=True)
class Told:
    """A month's recap, all of it in words and numbers that are kept: who is told later is told the same.

    ``label`` is the month in ISO form, ``month`` in words. ``written_by`` is the model behind ``paragraph``, "" for this code.
    """

    __pydantic_config__: ClassVar[dict[str, bool]] = {"hide_input_in_errors": True}

    label: str
    month: str
    headline: str
    paragraph: str
    written_by: str
    glance: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    channels: tuple[Channel, ...]
    chart: Chart
    notes: tuple[str, ...]

    @property
    def alt(self) -> str:
        """What the picture says to who cannot see it."""
        totals = self.chart.totals
        if not any(totals):
            return f"What went out each day in {self.month}: nothing."
        best = max(totals)
        day = date.fromisoformat(self.chart.days[totals.index(best)])
        active = sum(map(bool, totals))
        return (
            f"What went out each day in {self.month}, a column for each day, coloured by channel: {number(sum(totals))} in all on"
            f" {counted(active, 'day')}, the most on {weekday(day)} with {number(best)}. The tables below have the figures."
        )


def is_empty(figures: Figures) -> bool:
    """Nothing went out, and nothing was tried, asked or written."""
    return not any(
        (
            figures.posted,
            figures.failed,
            figures.approvals,
            figures.held,
            figures.held_everything,
            figures.retried,
            figures.unknown,
            figures.drafts_made,
        )
    )


def told(happened: Happened, figures: Figures, charges: Charges, paragraph: str, written_by: str) -> Told:
    """Everything but the paragraph is made here, and by nobody else."""
    first = next(happened.span.days)
    ranked = ranking(figures)
    return Told(
        label=f"{first:%Y-%m}",
        month=month(first),
        headline=_headline(figures, month(first)),
        paragraph=paragraph,
        written_by=written_by,
        glance=_glance(figures),
        facts=tuple(_facts(figures, charges)),
        channels=tuple(_channel(figures, name, at) for at, name in enumerate(ranked)),
        chart=_chart(happened, ranked),
        notes=tuple(_notes(figures, charges, written_by)),
    )


def ranking(figures: Figures) -> Sequence[str]:
    """The channels, the busiest first; by name where they are equal."""
    return sorted(figures.channels, key=lambda name: (-figures.channels[name].posted, name))


def busiest_day(figures: Figures) -> tuple[date, int] | None:
    """The first of the days with the most; None where nothing went out."""
    best = max(figures.by_day.values(), default=0)
    if not best:
        return None
    return next(day for day in sorted(figures.by_day) if figures.by_day[day] == best), best


def is_alone(figures: Figures, day: date) -> bool:
    """No other day had as many."""
    return sum(count == figures.by_day[day] for count in figures.by_day.values()) == 1


def _headline(figures: Figures, name: str) -> str:
    if not figures.posted:
        return f"{name}: nothing was posted"
    said = f"{name}: {counted(figures.posts, 'post')}"
    return said if figures.on_time_percent is None else f"{said}, {figures.on_time_percent}% on time"


def _glance(figures: Figures) -> tuple[Fact, ...]:
    if not figures.posted:
        return ()
    approval = figures.approval_seconds
    return (
        Fact("posts went out", number(figures.posts)),
        Fact("on time", "–" if figures.on_time_percent is None else f"{figures.on_time_percent}%"),
        Fact("typical wait for approval", "–" if approval is None else span(approval)),
    )


def _facts(figures: Figures, charges: Charges) -> Iterator[Fact]:
    """None of a month of nothing: one sentence says it."""
    if is_empty(figures):
        return
    posted, percent, wait = figures.posted, figures.on_time_percent, figures.approval_seconds
    yield Fact("Posts that went out", number(figures.posts))
    yield Fact(
        "Appearances", number(posted), "a post counts once for each channel that it went out on" if posted else ""
    )
    if percent is not None:
        yield Fact(
            "On time", f"{percent}%", f"{number(figures.on_time)} of {number(posted)} within five minutes of their time"
        )
    yield Fact(
        "Approvals",
        number(figures.approvals),
        f"half of them within {span(wait)} of being asked" if wait is not None else "",
    )
    yield Fact("Posts put on hold", number(figures.held), _held_everything(figures.held_everything))
    yield Fact("Failed", number(figures.failed), "given up on a channel, and not out there" if figures.failed else "")
    yield Fact("Tried again", number(figures.retried), "tries after a first one" if figures.retried else "")
    if figures.unknown:
        yield Fact("Unclear at first", number(figures.unknown), "nobody could tell at once whether it was out")
    used = f"{number(figures.drafts_accepted)} of them were used" if figures.drafts_made else ""
    yield Fact("Drafts written", number(figures.drafts_made), used)
    yield Fact("Cost of the model", dollars(figures.drafting.micro_usd), "Amazon Bedrock, for drafts and recaps")
    if charges.posts:
        yield Fact("Charges of X", charges.said, f"for {counted(charges.posts, 'post')}, by X's price list")


def _held_everything(times: int) -> str:
    if not times:
        return ""
    return "and everything once" if times == 1 else f"and everything {number(times)} times"


def _channel(figures: Figures, name: str, at: int) -> Channel:
    one = figures.channels[name]
    return Channel(name, min(at, MOST_SERIES) if one.posted else -1, one.posted, one.on_time, one.failed, one.retried)


def _chart(happened: Happened, ranked: Sequence[str]) -> Chart:
    days = tuple(happened.span.days)
    place = {day: at for at, day in enumerate(days)}
    counts: Mapping[str, Counter[int]] = {name: Counter() for name in ranked}
    for one in happened.publications:
        at = place.get(happened.span.day_of(one.at))
        if at is not None and one.channel in counts:
            counts[one.channel][at] += 1
    shown = [(name, tuple(counts[name][at] for at in range(len(days)))) for name in ranked if counts[name]]
    named, rest = shown[:MOST_SERIES], shown[MOST_SERIES:]
    if rest:
        named.append((OTHERS, tuple(map(sum, zip(*(one for _, one in rest), strict=True)))))
    return Chart(tuple(day.isoformat() for day in days), tuple(named))


def _notes(figures: Figures, charges: Charges, written_by: str) -> Sequence[str]:
    found = [_BY_STAND_IN if written_by == STAND_IN else _BY_MODEL] if written_by else []
    found += figures.incomplete
    if figures.drafting.unpriced:
        found.append(
            f"The model was asked {counted(figures.drafting.unpriced, 'time')} more at a price that is not known here:"
            " its cost stands in the AWS bill alone."
        )
    if charges.unseen:
        found.append(
            f"Whether {counted(charges.unseen, 'post')} on X held a link could not be looked up, so X's charges are given as a range."
        )
    if not is_empty(figures):
        found.append(_NOT_IN_IT)
    return found
