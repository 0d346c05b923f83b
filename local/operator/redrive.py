"""``python -m local redrive``: what lies in the dead-letter queue, and with ``--go`` all of it once more.

A letter is taken out of the queue only when what it held was accepted: where this is broken off in between, it is sent twice at most, and
whoever gets it asks the tables first.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.operator.asking import Refused, asking
from local.operator.books import BooksError
from local.operator.letters import BUS, Letter, read
from local.operator.progress import Progress, progress
from local.operator.which import add_options, reached

_HIDDEN = timedelta(minutes=5)  # from others that look, while this does
MOST = 10_000
_AT_ONCE = 10  # letters that one request is about: SQS's limit
SENT = "sent again"
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Outcome:
    """What became of a letter: ``SENT``, "kept: …" or "not sent: …"; "" where it was only looked at."""

    letter: Letter
    became: str = ""


def main(argv: list[str]) -> int:
    """0 when nothing lies there, or all of it was sent; 1 when something is left; 2 when it could not be looked at."""
    parser = argparse.ArgumentParser(prog="python -m local redrive", description=__doc__)
    parser.add_argument("--go", action="store_true", help="send them again; without it nothing is changed")
    parser.add_argument("--only", default="", metavar="FUNCTION", help="those of one function, as sender")
    parser.add_argument("--older", default="", metavar="SPAN", help="those that lie there for longer: 30m, 2h, 3d")
    parser.add_argument("--json", action="store_true", help="every letter, for a program")
    add_options(parser)
    options = parser.parse_args(argv)
    try:
        before = datetime.now(UTC) - _span(options.older) if options.older else None  # by the queue's own clock
        stack = reached(options)
        with progress() as tell:
            queue = Queue(stack.client, stack.prefix)
            only = options.only.removeprefix(f"{stack.prefix}-")
            outcomes = redrive(queue, go=options.go, tell=tell, only=only, before=before)
    except BooksError as error:
        print(f"redrive: {error}", file=sys.stderr)
        return 2
    print(json.dumps(as_json(outcomes), indent=2) if options.json else told(outcomes, stack.name, went=options.go))
    return 1 if any(one.became != SENT for one in outcomes) else 0


class Queue:
    """The stack's dead letters. ``client`` makes a client of a service."""

    def __init__(self, client: Any, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._sqs = client("sqs")
        name = f"{prefix}-dead-letters"
        with asking(f"the queue {name}", "sqs:GetQueueUrl"):
            self._url = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
        with asking("the account", "sts:GetCallerIdentity"):
            self._account = client("sts").get_caller_identity()["Account"]

    def count(self) -> int:
        """About how many lie there, those included that somebody looks at just now."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        with asking("the dead letters", "sqs:GetQueueAttributes"):
            found = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)["Attributes"]
        return sum(int(found.get(name, 0)) for name in names)

    def letters(self, tell: Progress, most: int = MOST) -> Iterator[tuple[Letter, str]]:
        """Each with the handle that deletes or frees it; hidden from others until then, five minutes at most."""
        seen: set[str] = set()
        while len(seen) < most:
            with asking("the dead letters", "sqs:ReceiveMessage"):
                answer = self._sqs.receive_message(
                    QueueUrl=self._url,
                    MaxNumberOfMessages=min(_AT_ONCE, most - len(seen)),
                    VisibilityTimeout=int(_HIDDEN.total_seconds()),
                    WaitTimeSeconds=1,  # without a wait not every server is asked, and nothing found would not mean nothing there
                    AttributeNames=["All"],
                    MessageAttributeNames=["All"],
                )
            messages = [one for one in answer.get("Messages", []) if one["MessageId"] not in seen]
            if not messages:
                return
            for message in messages:
                seen.add(message["MessageId"])
                tell(f"{len(seen)} letters looked at")
                yield read(message, self._prefix, self._account), message["ReceiptHandle"]

    def send(self, letter: Letter) -> None:
        """As it was. Refused where it was not accepted."""
        if letter.way == BUS:
            event = letter.payload
            entry = {
                "Source": self._prefix,
                "DetailType": event["detail-type"],
                "Detail": json.dumps(event["detail"]),
            }
            with asking("the event bus", "events:PutEvents"):
                failed = [one.get("ErrorCode") for one in self._client("events").put_events(Entries=[entry])["Entries"]]
            if any(failed):
                raise Refused(f"the event bus did not take it ({failed[0]})")
            return
        function = f"{self._prefix}-{letter.function}"
        with asking(f"the function {function}", "lambda:InvokeFunction"):
            payload = json.dumps(dict(letter.payload)).encode()
            self._client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=payload)

    def delete(self, handle: str) -> None:
        with asking("the dead letters", "sqs:DeleteMessage"):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=handle)

    def free(self, handles: Iterable[str]) -> None:
        """Others may see them again, now. One that is not taken is seen again by itself."""
        left = list(handles)
        while left:
            some, left = left[:_AT_ONCE], left[_AT_ONCE:]
            entries = [
                {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                for number, handle in enumerate(some)
            ]
            with asking("the dead letters", "sqs:ChangeMessageVisibility"):
                self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)


def redrive(queue: Queue, *, go: bool, tell: Progress, only: str = "", before: datetime | None = None) -> list[Outcome]:
    """Every letter that is meant, oldest first, and what became of it. The first that a service refuses does not stop the others."""
    found = sorted(queue.letters(tell), key=lambda pair: pair[0].at)
    left = {handle for _, handle in found}
    try:
        meant = [pair for pair in found if _meant(pair[0], only, before)]
        outcomes = []
        for number, (letter, handle) in enumerate(meant, start=1):
            tell(f"{number} of {len(meant)} letters")
            outcomes.append(Outcome(letter, _became(queue, letter, handle, go=go)))
            if outcomes[-1].became == SENT:
                left.discard(handle)
        return outcomes
    finally:
        with suppress(Refused):
            queue.free(left)


def _became(queue: Queue, letter: Letter, handle: str, *, go: bool) -> str:
    if not letter.way:
        return f"kept: {letter.why_kept}"
    if not go:
        return ""
    try:
        queue.send(letter)
    except Refused as error:
        return f"not sent: {error}"
    try:
        queue.delete(handle)
    except Refused as error:
        return f"sent again, and still in the queue: {error}"
    return SENT


def _meant(letter: Letter, only: str, before: datetime | None) -> bool:
    return (not only or letter.function == only) and (before is None or letter.at <= before)


def _span(text: str) -> timedelta:
    number, unit = text[:-1], _UNITS.get(text[-1:])
    if unit is None or not number.isdigit():
        raise BooksError(f"--older takes a number and m, h or d, like 30m, 2h or 3d; not {text}")
    return timedelta(**{unit: int(number)})


def told(outcomes: list[Outcome], name: str, *, went: bool) -> str:
    if not outcomes:
        return f"{name}: no dead letters."
    lines = [_line(one) for one in outcomes]
    sent = sum(one.became == SENT for one in outcomes)
    kept = sum(not one.letter.way for one in outcomes)
    functions = Counter(one.letter.function or "nobody known" for one in outcomes)
    of = ", ".join(f"{count} of {function}" for function, count in sorted(functions.items()))
    if went:
        last = f"{sent} sent again, {len(outcomes) - sent} left."
    else:
        letters = "dead letter" if len(outcomes) == 1 else "dead letters"
        last = (
            f"{len(outcomes)} {letters} ({of}). Nothing was changed; --go sends {len(outcomes) - kept} of them again."
        )
    return "\n".join([*lines, f"{name}: {last}"])


def _line(one: Outcome) -> str:
    letter = one.letter
    tries = f", tried {letter.times} times" if letter.times else ""
    about = f" about {letter.about}" if letter.about else ""
    trace = f" [{letter.trace_id}]" if letter.trace_id else ""
    became = f" - {one.became}" if one.became else ""
    what = letter.what or "something"
    return f"{letter.at:%Y-%m-%d %H:%M} UTC  {letter.function or '?'}: {what}{about}: {letter.why or '?'}{tries}{trace}{became}"


def as_json(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """Without what a letter holds."""
    shown = []
    for one in outcomes:
        facts = {name: value for name, value in dataclasses.asdict(one.letter).items() if name != "payload"}
        shown.append({**facts, "at": one.letter.at.isoformat(), "became": one.became})
    return shown
