"""``python -m local status``: how the stack stands, on one screen, and what of it needs a human."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from local.operator.asking import asking
from local.operator.books import BOUNCED, BooksError
from local.operator.holding import names_of
from local.operator.progress import Progress, progress
from local.operator.redrive import Queue
from local.operator.rotating import ages, secret_name
from local.operator.stand import SIGN_IN_NEAR, Dead, Place, Stand, findings, screen
from local.operator.which import Chosen, add_options, chosen
from local.watch.stack import alarm_names
from mesh.errors import MeshError
from mesh.ledger import Head, HeadState, Ledger, Runtime, Status, Tables
from mesh.ledger.runtime import HOLD_EVERYTHING, SCHEDULER_STATE, SYNC_STATE, pause_key
from mesh.reckoning.figures import figures
from mesh.reckoning.model import Figures
from mesh.reckoning.reading import read
from mesh.span import Span

LATE = timedelta(minutes=10)
_NO_MINUTE = "9999"
_LETTERS_READ = 200  # of any number: a look at how it stands is no long work
_T = TypeVar("_T")


def main(argv: list[str]) -> int:
    """0 when nothing needs a human, 1 when something does, 2 when the tables could not be read."""
    parser = argparse.ArgumentParser(prog="python -m local status", description=__doc__)
    parser.add_argument("--json", action="store_true", help="all of it, for a program")
    add_options(parser)
    options = parser.parse_args(argv)
    try:
        with chosen(options) as stack, progress() as tell:
            stand = Gathering(stack, tell).stand()
            zone = stack.zone
    except BooksError as error:
        print(f"status: {error}", file=sys.stderr)
        return 2
    print(json.dumps(as_json(stand), indent=2) if options.json else "\n".join(screen(stand, zone)))
    return 1 if findings(stand) else 0


class Gathering:
    """Asks the stack's services, each for itself: what one refuses leaves the others."""

    def __init__(self, stack: Chosen, tell: Progress) -> None:
        self._stack = stack
        self._tell = tell
        self._now = stack.now()
        tables = Tables(stack.client("dynamodb"))
        names = names_of(stack.prefix)
        self._ledger, self._runtime = Ledger(tables, names), Runtime(tables, names)
        self._unread: list[str] = []

    def stand(self) -> Stand:
        """BooksError where the tables cannot be read at all."""
        self._tell("reading the posts")
        with asking("the tables", "dynamodb:GetItem, Query and Scan on the four tables"):
            kept = self._runtime.several([HOLD_EVERYTHING, SCHEDULER_STATE, SYNC_STATE], self._now)
            statuses = self._ledger.open_statuses()
            heads = self._ledger.heads(statuses)
        states = self._stack.books.states()
        standing = dict(self._stack.books.standing(self._now))
        stand = Stand(self._stack.name, self._now, self._stack.up, _beside(self._stack), states=states)
        stand = _with_kept(stand, kept, standing)
        stand = _with_posts(stand, statuses, heads)
        return dataclasses.replace(
            stand,
            dead=self._or_none(self._dead),
            alarms=self._or_none(self._alarms),
            sign_ins=self._or_none(self._sign_ins) or (),
            key_days=self._or_none(self._key_days) or (),
            figures=self._or_none(self._figures),
            unread=tuple(self._unread),
        )

    def _or_none(self, ask: Callable[[], _T]) -> _T | None:
        self._tell(f"reading{ask.__name__.replace('_', ' ')}")
        try:
            return ask()
        except (BooksError, MeshError) as error:
            self._unread.append(str(error))
            return None

    def _dead(self) -> Dead:
        """Counted alone where there are none: a look hides them from others for a moment."""
        queue = Queue(self._stack.client, self._stack.prefix)
        count = queue.count()
        if not count:
            return Dead(0)
        letters = list(queue.letters(self._tell, _LETTERS_READ))
        queue.free(handle for _, handle in letters)
        functions = Counter(letter.function or "nobody known" for letter, _ in letters)
        oldest = min((letter.at for letter, _ in letters), default=None)
        # The queue's clock is not the stack's on one computer: how long it lies there is told by the queue's own.
        aged = self._now - (datetime.now(UTC) - oldest) if oldest is not None else None
        return Dead(max(count, len(letters)), aged, dict(functions))

    def _alarms(self) -> list[str] | None:
        """Those of stacks/watch.yaml that ring, without the prefix, by which their runbooks are called. None where none is deployed.

        Asked for by their names: the prefix of one business may be the beginning of another's.
        """
        if self._stack.local and not self._stack.up:
            return None
        names = {f"{self._stack.prefix}-{name}": name for name in alarm_names()}
        with asking("the alarms", "cloudwatch:DescribeAlarms"):
            found = self._stack.client("cloudwatch").describe_alarms(AlarmNames=list(names))["MetricAlarms"]
        return [names[one["AlarmName"]] for one in found if one["StateValue"] == "ALARM"] if found else None

    def _sign_ins(self) -> list[Place]:
        """Those that end soon, and that nothing renews by itself."""
        client, prefix = self._stack.client("secretsmanager"), f"{self._stack.prefix}/channels/"
        found = []
        with asking("the channels' sign-ins", "secretsmanager:ListSecrets and GetSecretValue"):
            pages = client.get_paginator("list_secrets").paginate(Filters=[{"Key": "name", "Values": [prefix]}])
            names = [one["Name"] for page in pages for one in page["SecretList"] if one["Name"].startswith(prefix)]
            for name in names:
                ends_at = _ends_at(_text_of(client, name))
                if ends_at is not None and ends_at - self._now < SIGN_IN_NEAR:
                    found.append(Place("", name.removeprefix(prefix), ends_at))
        return sorted(found, key=lambda one: one.channel)

    def _key_days(self) -> list[int | None]:
        name = secret_name(self._stack.prefix)
        with asking(f"the secret {name}", "secretsmanager:GetSecretValue"):
            text = self._stack.client("secretsmanager").get_secret_value(SecretId=name).get("SecretString", "")
        try:
            document = json.loads(text)
            return ages(document if isinstance(document, dict) else {}, self._now)
        except (ValueError, TypeError):  # nothing of it is repeated
            raise BooksError(f"the secret {name} is not as make rotate-signing-key writes it") from None

    def _figures(self) -> Figures:
        zone = self._stack.zone
        first = self._now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        with asking("this month's figures", "dynamodb:Query on the month indexes"):
            return figures(read(self._ledger, self._runtime, Span(first.astimezone(UTC), self._now, zone), self._now))


def _beside(stack: Chosen) -> str:
    """What each command wants to be told, so that it speaks to this stack and not to a make run."""
    if stack.local:
        return ""
    region = stack.client("dynamodb").meta.region_name
    return f"STACK={stack.prefix} REGION={region}"


def _with_kept(stand: Stand, kept: Mapping[str, Mapping[str, Any]], standing: Mapping[str, str]) -> Stand:
    """Of the working memory: holds, pauses, addresses that take no mail, when what ran last.

    The tick's is its own schedule's, as the alarm *tick* has it; what never ran is as old as the first run of all.
    """
    paused = {key.removeprefix(pause_key("")): at for key, at in standing.items() if not key.startswith(BOUNCED)}
    hold = kept.get(HOLD_EVERYTHING, {}).get("standing")
    memory, drive = kept.get(SCHEDULER_STATE, {}), kept.get(SYNC_STATE, {})
    return dataclasses.replace(
        stand,
        held=(str(hold.get("by") or "somebody"), _moment(hold.get("at"))) if hold else None,
        paused={channel: _moment(since) for channel, since in sorted(paused.items())},
        bounced=sorted(key.removeprefix(BOUNCED) for key in standing if key.startswith(BOUNCED)),
        synced_at=_moment(drive.get("synced_at") or memory.get("first_at")),
        sync_failing_since=_moment(drive.get("failing_since")),
        swept_at=_moment(memory.get("swept_at")),
        ticked_at=_moment(memory.get("ticked_at") or memory.get("first_at")),
    )


def _with_posts(stand: Stand, statuses: list[Status], heads: Mapping[str, tuple[Head, ...]]) -> Stand:
    """Of the posts that are open: what comes, what is late, unknown, stuck, held, broken."""
    coming, late, unknown, stuck = [], [], [], []
    for status in statuses:
        for head in heads.get(status.post_id, ()):
            place = Place(status.post_id, head.channel, _due(head))
            if head.state is HeadState.UNKNOWN:
                unknown.append(place)
            elif head.state is HeadState.OPEN:
                until = _moment(head.lease_until)
                if until is not None and stand.now - until > LATE:
                    stuck.append(dataclasses.replace(place, at=until))
            elif head.state in {HeadState.READY, HeadState.RETRY} and place.at is not None and status.approved:
                explained = stand.held or status.held or head.channel in stand.paused
                if place.at >= stand.now:
                    coming.append(place)
                elif stand.now - place.at > LATE and not explained:
                    late.append(place)
    everyone = [head for several in heads.values() for head in several]
    return dataclasses.replace(
        stand,
        held_posts=[Place(one.post_id, "", _moment(one.held.at)) for one in statuses if one.held is not None],
        coming=sorted(coming, key=lambda one: one.at or stand.now),
        late=late,
        unknown=unknown,
        stuck=stuck,
        broken=[one.post_id for one in statuses if one.broken]
        + [head.post_channel for head in everyone if head.state is HeadState.BROKEN],
    )


def _due(head: Head) -> datetime | None:
    return _moment(head.booking.at if head.booking is not None else head.next_at)


def _text_of(client: Any, name: str) -> str:
    """ "" for a secret that is empty: its channel was never connected."""
    try:
        return str(client.get_secret_value(SecretId=name).get("SecretString", ""))
    except client.exceptions.ResourceNotFoundException:
        return ""


def _ends_at(text: str) -> datetime | None:
    """None also where a refresh token renews it."""
    try:
        found = json.loads(text)["credentials"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(found, dict) or found.get("refresh_token"):
        return None
    return _moment(found.get("expires_at"))


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and not str(text).startswith(_NO_MINUTE) else None


def as_json(stand: Stand) -> dict[str, Any]:
    """Moments as ISO; the findings with what to do."""
    told = {one.name: getattr(stand, one.name) for one in dataclasses.fields(stand) if one.name != "figures"}
    month = stand.figures
    return {
        **json.loads(json.dumps(told, default=_plain)),
        "findings": [dataclasses.asdict(one) for one in findings(stand)],
        "month": None
        if month is None
        else {name: getattr(month, name) for name in ("posts", "posted", "on_time_percent", "approvals", "failed")},
    }


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(f"{type(value).__name__} is not for JSON")
