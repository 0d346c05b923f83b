"""Everything a stack on this computer has told by now, looked through for what must not be told: the end of ``make story``.

What is watched for is read from the stack itself: every secret in Secrets Manager, every text, note and draft in the sheet and the
tables. Mails, Slack's messages, pages and what networks got are not looked at: they are where these belong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.leaks.canaries import Canaries, leaves
from local.stack import PREFIX, Stack
from mesh.ledger.values import unpack

LINES, EVENTS, HISTORIES, AUDIT, LETTERS, SCHEDULES, RUNS, KEPT = (
    "log lines",
    "events",
    "steps of machines",
    "audit rows",
    "dead letters",
    "bookings",
    "lines of invocations",
    "items",
)
_OF_TEXT = frozenset({"text", "texts", "alt", "alt text", "note"})
"""What fields of a row, a note or a draft are named that hold words."""


@dataclass(frozen=True)
class Leak:
    """``where`` is one of the places above with a name that finds it again, ``kind`` what stands there; never the thing itself."""

    where: str
    kind: str


@dataclass(frozen=True)
class Scan:
    """``looked_at``: how many there were in each place; ``secrets``: how many were watched for."""

    leaks: tuple[Leak, ...]
    looked_at: Mapping[str, int]
    secrets: int


def scan(stack: Stack, rows: list[dict[str, Any]]) -> Scan:
    """``rows`` are the sheet's. Dead letters are looked at and stay. The tables hold texts, and are looked through for secrets alone."""
    canaries = _watched_for(stack, rows)
    leaks: list[Leak] = []
    counted: dict[str, int] = {}
    for place, name, told in _told(stack):
        counted[place] = counted.get(place, 0) + 1
        if kind := canaries.found_in(told):
            leaks.append(Leak(f"{place}, {name}", kind))
    unworded = Canaries(secrets=canaries.secrets)
    for table in ("status", "sends", "runtime"):
        for item in _items(stack, table):
            counted[KEPT] = counted.get(KEPT, 0) + 1
            if kind := unworded.found_in(item):
                leaks.append(Leak(f"{KEPT}, {table}", kind))
    return Scan(tuple(leaks), counted, len(canaries.secrets))


def _watched_for(stack: Stack, rows: list[dict[str, Any]]) -> Canaries:
    canaries = Canaries()
    vault = stack.client("secretsmanager")
    for page in vault.get_paginator("list_secrets").paginate():
        for secret in page["SecretList"]:
            text = vault.get_secret_value(SecretId=secret["Name"])["SecretString"]
            canaries.add_document(secret["Name"], json.loads(text))
    for row in (*rows, *_items(stack, "status")):
        _add_words(canaries, row)
    return canaries


def _add_words(canaries: Canaries, told: Any, name: str = "") -> None:
    if isinstance(told, Mapping):
        for key, value in told.items():
            _add_words(canaries, value, name if name == "texts" else str(key))
    elif isinstance(told, list):
        for value in told:
            _add_words(canaries, value, name)
    elif isinstance(told, str) and (name in _OF_TEXT or name.startswith("text:")):
        canaries.add_text(told)


def _told(stack: Stack) -> Iterator[tuple[str, str, Any]]:
    """Place, name, and what stands there."""
    logs = stack.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
            for event in page["events"]:
                yield LINES, name, event["message"].strip()
    for event in stack.get(f"{stack.aws}/_local/events")["events"]:
        yield EVENTS, event["detail_type"], event["detail"]
    for run in stack.get(f"{stack.aws}/_local/invocations")["invocations"]:
        for line in run["log"].splitlines():
            yield RUNS, run["function"], line
    yield from ((AUDIT, str(row["subject"]), row) for row in _items(stack, "audit"))
    yield from _machines(stack)
    yield from _letters(stack)
    schedules = stack.client("scheduler")
    for page in schedules.get_paginator("list_schedules").paginate():
        for one in page["Schedules"]:
            whole = schedules.get_schedule(Name=one["Name"], GroupName=one["GroupName"])
            yield SCHEDULES, one["Name"], [one["Name"], whole.get("Description", ""), whole["Target"].get("Input", "")]


def _machines(stack: Stack) -> Iterator[tuple[str, str, Any]]:
    states = stack.client("stepfunctions")
    for machine in states.list_state_machines()["stateMachines"]:
        for run in states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]:
            yield HISTORIES, run["name"], states.describe_execution(executionArn=run["executionArn"]).get("input", "")
            pages = states.get_paginator("get_execution_history").paginate(executionArn=run["executionArn"])
            for event in (event for page in pages for event in page["events"]):
                yield HISTORIES, run["name"], list(leaves({**event, "timestamp": ""}))


def _letters(stack: Stack) -> Iterator[tuple[str, str, Any]]:
    """Each once: looked at for a minute, and then there again."""
    queues = stack.client("sqs")
    url = queues.get_queue_url(QueueName=f"{PREFIX}-dead-letters")["QueueUrl"]
    asked = {"MaxNumberOfMessages": 10, "VisibilityTimeout": 60, "MessageAttributeNames": ["All"]}
    while messages := queues.receive_message(QueueUrl=url, **asked).get("Messages"):
        for message in messages:
            yield LETTERS, message["MessageId"], [message["Body"], message.get("MessageAttributes", {})]


def _items(stack: Stack, table: str) -> Iterator[dict[str, Any]]:
    for page in stack.client("dynamodb").get_paginator("scan").paginate(TableName=f"{PREFIX}-{table}"):
        yield from (unpack(item) for item in page["Items"])
