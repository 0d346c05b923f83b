"""Woken by its schedule on the first Monday of a month. What it tells is settled by the first run, and told by every other the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from mesh import clock, log
from mesh.cards.email import compose_note
from mesh.cards.model import Brake
from mesh.errors import MeshError, Misconfigured
from mesh.reckoning import reading
from mesh.reckoning.figures import figures
from mesh.span import Span, month_before
from recap import decide, mail
from recap.chart import draw
from recap.decide import Told
from recap.phrases import owed, phrases
from recap.wiring import Parts, wire, wire_slack

_LOG = log.logger("recap")
KEPT_FOR = timedelta(days=62)
"""A month's recap is told once until then: whoever fires the schedule by hand, later in the same month, tells nobody twice."""
_PLENTY = 60_000


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """How many mails went out, and how many messages in Slack.

    What SES, Slack or the tables do not take now is raised, once both have had their turn: Lambda calls again, and who has it is left out.
    """
    parts, now = wire(), clock.now()
    span = month_before(now, ZoneInfo(parts.settings.tz_name))
    told = settled(parts, span, now, getattr(context, "get_remaining_time_in_millis", lambda: _PLENTY))
    # Tries of one invocation share its id; a schedule that fired twice at once has two, and the second finds the first at it.
    run = f"recap#{told.label}#{getattr(context, 'aws_request_id', '')}"
    counts, troubles = {"mails": 0, "slack": 0}, []
    try:
        counts["mails"] = _mails(parts, told, run, now)
    except MeshError as error:
        troubles.append(error)
    if parts.settings.slack_secret:
        from mesh.slack import SlackRefused

        try:
            counts["slack"] = _slack(told, run, now)
        except (Misconfigured, SlackRefused) as error:  # it stays so until somebody mends it, and the mails say it all
            log.line(_LOG, "not in Slack", move="recap", reason=str(error))
        except MeshError as error:
            troubles.append(error)
    if troubles:
        raise troubles[0]
    log.line(_LOG, "recap", move=told.label, count=sum(counts.values()))
    return counts


def settled(parts: Parts, span: Span, now: datetime, left: Callable[[], int]) -> Told:
    """The month as it is told: as the first run found it, and the model worded it. The tables are read and the model asked only once."""
    key = f"recap#{next(span.days):%Y-%m}#told"
    item = parts.runtime.get(key, now)
    if item is None:
        made = _shape().dump_python(_made(parts, span, now, left), mode="json")
        item = parts.runtime.agree(key, {"told": made}, now, now + KEPT_FOR)
    return _shape().validate_python(item["told"])


def _made(parts: Parts, span: Span, now: datetime, left: Callable[[], int]) -> Told:
    happened = reading.read(parts.ledger, parts.runtime, span, now)
    found = figures(happened)
    charges = parts.books.charges_of_x(happened.publications)
    said = phrases(found, charges)
    written = parts.writer.write(found, said, owed(found), now, left)
    log.line(_LOG, "paragraph", move="recap", outcome=written.by or "by code", reason=written.why)
    return decide.told(happened, found, charges, written.text, written.by)


@cache
def _shape() -> TypeAdapter[Told]:
    return TypeAdapter(Told)


def _mails(parts: Parts, told: Told, run: str, now: datetime) -> int:
    office, settings = parts.office, parts.settings
    picture = draw(told.chart) if any(told.chart.totals) else b""

    def compose(reader: str) -> EmailMessage:
        envelope = office.envelope(reader, now)
        return mail.compose(told, picture, envelope, listed=settings.listed, answers_to=settings.people[:1])

    key = f"recap#{told.label}"
    went = office.send_all(run, key, compose, now, KEPT_FOR, people=settings.readers)
    if went.refused:
        _name_refused(parts, told, went.refused, run, now)
    return went.sent


def _name_refused(parts: Parts, told: Told, refused: tuple[str, ...], run: str, now: datetime) -> None:
    """To those who approve: nobody else can take an address off the list."""
    office = parts.office
    said = [
        f"The recap of {told.month} did not reach everybody: " + "; ".join(refused) + ".",
        f"Correct the address in the stack's parameter {parts.settings.list_name}, or take it off that list. The others have their recap.",
    ]

    def compose(recipient: str) -> EmailMessage:
        return compose_note(
            "The recap did not reach everybody",
            said,
            office.envelope(recipient, now),
            Brake(sheet=office.settings.sheet_url),
        )

    office.send_all(run, f"recap#{told.label}#refused", compose, now, KEPT_FOR)


def _slack(told: Told, run: str, now: datetime) -> int:
    from mesh.messages.slack_standing import Reference
    from recap import slack

    room = wire_slack()
    key = f"slack#recap#{told.label}"
    if room.recall(key, now) is not None:
        return 0
    reference = Reference(
        key=key, round_id=told.label, reason="recap", pairs=(), expires_at=int((now + KEPT_FOR).timestamp())
    )
    return int(room.post(run, reference, lambda _: slack.message(told), now))
