"""``python -m local status``: how the stack stands, on one screen, and what of it needs a human."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from local.operator import cut_off
from local.operator.asking import asking
from local.operator.books import BooksError, names_of
from local.operator.posts import moment_of, open_posts
from local.operator.progress import Progress, progress
from local.operator.redrive import Queue
from local.operator.rotating import ages, secret_name
from local.operator.stand import SIGN_IN_NEAR, Dead, Place, Stand, findings, screen
from local.operator.which import Chosen, add_options, chosen
from local.watch.stack import alarm_names
from mesh.errors import MeshError
from mesh.ledger import Ledger, Runtime, Tables
from mesh.reckoning.figures import figures
from mesh.reckoning.model import Figures
from mesh.reckoning.reading import read
from mesh.span import Span

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
        empty = Stand(self._stack.name, self._now, self._stack.up, _beside(self._stack))
        found = open_posts(self._ledger, self._runtime, self._stack.books, empty)
        return dataclasses.replace(
            found.stand,
            states=self._stack.books.states(),
            dead=self._or_none(self._dead),
            alarms=self._or_none(self._alarms),
            sign_ins=self._or_none(self._sign_ins) or (),
            key_days=self._or_none(self._key_days) or (),
            figures=self._or_none(self._figures),
            cut_off=self._or_none(self._cut_off),
            unread=tuple(self._unread),
        )

    def _or_none(self, ask: Callable[[], _T]) -> _T | None:
        self._tell(f"reading{ask.__name__.replace('_', ' ')}")
        try:
            return ask()
        except (BooksError, MeshError) as error:
            self._unread.append(str(error))
            return None

    def _cut_off(self) -> tuple[str, str] | None:
        with asking("the working memory", "dynamodb:BatchGetItem"):
            return cut_off.said(self._runtime, self._now)

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
    return moment_of(found.get("expires_at"))


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
