"""How the business itself stands: what ``make status`` finds, as findings; the dead letters are counted and not taken."""

from __future__ import annotations

import dataclasses
import io
from datetime import datetime

from local.checks.looking import Subject
from local.checks.model import Finding, State
from local.operator.asking import asking
from local.operator.books import BooksError
from local.operator.progress import Progress
from local.operator.redrive import Queue
from local.operator.stand import Dead, Stand, findings
from local.operator.status import Gathering
from local.operator.which import Chosen
from mesh.errors import MeshError

_NOT_SEEN = "Not seen: "


class Counting(Gathering):
    """A look at a dead letter hides it from others for a while, which is no read: they are counted alone."""

    def _dead(self) -> Dead:
        with asking("the dead letters", "sqs:GetQueueAttributes"):
            return Dead(Queue(self._stack.client, self._stack.prefix).count())


def posts(subject: Subject, stack: Chosen) -> list[Finding]:
    try:
        stand = Counting(stack, Progress(io.StringIO())).stand()
    except (BooksError, MeshError) as error:
        return [Finding("tables", State.UNKNOWN, str(error), subject.deploy)]
    return judged(stand, subject.beside)


def judged(stand: Stand, beside: str) -> list[Finding]:
    """The channels' sign-ins have a check of their own, which sees more of them."""
    found = []
    for one in findings(dataclasses.replace(stand, sign_ins=())):
        if one.what.startswith(_NOT_SEEN):
            found.append(Finding("status", State.UNKNOWN, one.what.removeprefix(_NOT_SEEN), one.do))
        else:
            found.append(Finding("status", State.BAD, one.what, f"{one.do}{f' (each with{beside})' if beside else ''}"))
    if stand.held is not None:
        said = f"everything is on hold, by {stand.held[0]}: nothing goes out"
        found.append(Finding("hold", State.DOUBTFUL, said, f"if that is over: make release{beside}"))
    if stand.held_posts:
        found.append(Finding("held posts", State.GOOD, f"{len(stand.held_posts)}, meant so"))
    ran = [_ran("sheet", stand.synced_at, stand.now), _ran("sweep", stand.swept_at, stand.now)]
    ran.append(_ran("daily tick", stand.ticked_at, stand.now))
    if never := [name for name, minutes in ran if minutes is None]:
        said = f"{' and '.join(never)} never ran yet"
        found.append(Finding("last runs", State.LATER, said, "look again a quarter of an hour after the deployment"))
    else:
        found.append(Finding("last runs", State.GOOD, ", ".join(f"{name} {minutes} min ago" for name, minutes in ran)))
    if stand.alarms is not None and not stand.alarms:
        found.append(Finding("alarms", State.GOOD, "none rings"))
    if stand.dead is not None and not stand.dead.count:
        found.append(Finding("dead letters", State.GOOD, "none"))
    return found


def _ran(name: str, at: datetime | None, now: datetime) -> tuple[str, int | None]:
    return name, None if at is None else max(0, round((now - at).total_seconds() / 60))
