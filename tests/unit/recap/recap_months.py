"""Months made by hand, with what their figures must come to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from mesh.ledger.spending import Day
from mesh.reckoning.figures import figures
from mesh.reckoning.model import Approved, Failure, Figures, Happened, Publication
from mesh.span import month_before
from recap import decide
from recap.costs import Charges
from recap.decide import Told
from recap.paragraph import plain
from recap.phrases import phrases

BERLIN = ZoneInfo("Europe/Berlin")
OCTOBER = month_before(datetime(2026, 11, 2, 8, tzinfo=UTC), BERLIN)
NOON = datetime(2026, 10, 1, 10, tzinfo=UTC)  # 12:00 in Berlin


def out(day: int, channel: str, post: str = "", late: bool = False) -> Publication:
    at = NOON + timedelta(days=day - 1)
    due = at - timedelta(minutes=30 if late else 0)
    return Publication(post or f"p_{day}", channel, at, due=due, began=at, revision=f"r_{post or day}")


EMPTY = Happened(OCTOBER)
ONE = Happened(OCTOBER, publications=(out(9, "bluesky-main"),))
# Six posts, two of them on X too; the ninth is the busiest day.
TYPICAL = Happened(
    OCTOBER,
    publications=(
        *(out(day, "bluesky-main") for day in (2, 5, 9, 14, 23)),
        out(9, "bluesky-main", "p_b", late=True),
        out(9, "x-main"),
        out(9, "x-main", "p_b"),
    ),
    failures=(Failure("p_5", "x-main", NOON, "The network said no."),),
    approvals=tuple(Approved(f"p_{n}", NOON, "ada", "mail", NOON - timedelta(hours=n)) for n in (1, 3, 8)),
    held=("p_7",),
    retried=(("p_9", "x-main"), ("p_b", "x-main")),
    drafts_made=4,
    drafts_accepted=3,
    drafting={date(2026, 10, 3): Day(drafts=4, calls=4, micro_usd=12_300)},
)
CHARGES = Charges(2, 215_000, 215_000)


def huge() -> Happened:
    """5,000 posts on twelve channels."""
    names = [f"channel-{number:02}" for number in range(12)]
    return Happened(
        OCTOBER,
        publications=tuple(out(1 + n % 31, names[(n * n + n // 7) % 12], f"p_{n // 2}") for n in range(5_000)),
    )


def figures_of(happened: Happened) -> Figures:
    return figures(happened)


def told(happened: Happened, charges: Charges = CHARGES) -> Told:
    """By code alone."""
    found = figures(happened)
    charges = charges if happened.publications else Charges()
    return decide.told(happened, found, charges, plain(found, phrases(found, charges)), "")
