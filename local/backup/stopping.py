"""No function of a stack runs while a backup is put back, nor while a part of it is; afterwards each runs as before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local import ROOT
from local.backup.kept import BackupError
from local.deploy import read_template
from local.operator.asking import asking
from local.operator.cut_off import STOPPED
from local.operator.holding import runtime_of
from local.operator.which import Reached

_ANY = -1  # no number is reserved
_RIGHTS = "lambda:ListFunctions, lambda:GetFunctionConcurrency, lambda:PutFunctionConcurrency"


@contextmanager
def stopped(stack: Reached, tell: Callable[[str], None], half: Callable[[], bool]) -> Iterator[int]:
    """None begins any more; yields within how many seconds those that run have ended. What wakes them is delivered again for 15 minutes.

    How many of each may run is noted in the working memory first: a restore that was cut off is begun again, and gives that back.
    ``half``: whether only a part is put back just now, which no function must see.
    """
    client, names = stack.client("lambda"), _functions(stack.prefix)
    before: dict[str, int] = {}
    seconds = 0
    with asking("the functions", _RIGHTS):
        pages = client.get_paginator("list_functions").paginate()
        for one in sorted(
            (one for page in pages for one in page["Functions"]), key=lambda one: str(one["FunctionName"])
        ):
            if (name := str(one["FunctionName"])) in names:
                before[name] = int(
                    client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions", _ANY)
                )
                seconds = max(seconds, int(one.get("Timeout", 0)))
    before |= {name: count for name, count in noted(stack).items() if name in before}
    with asking("the working memory", "dynamodb:PutItem"):
        runtime_of(stack).put(STOPPED, {"functions": before})
    try:
        with asking("the functions", "lambda:PutFunctionConcurrency"):
            for name in before:
                client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        tell(f"{len(before)} functions stand still")
        yield 0 if stack.local else seconds
    except BaseException:
        if not half():
            let_run(stack, before)
        raise
    let_run(stack, before)


def noted(stack: Reached) -> dict[str, int]:
    """What a restore that was killed has noted."""
    with asking("the working memory", "dynamodb:GetItem"):
        found = runtime_of(stack).get(STOPPED, stack.now()) or {}
    return {str(name): int(count) for name, count in found.get("functions", {}).items()}


def let_run(stack: Reached, before: Mapping[str, int]) -> None:
    """Each as before. BackupError names those that still stand still; the note stays then."""
    client, still = stack.client("lambda"), list[str]()
    for name, reserved in before.items():
        try:
            _let_run(client, name, reserved)
        except (ClientError, BotoCoreError):
            still.append(name)
    if still:
        fix = "the same command again; or, for each, aws lambda delete-function-concurrency --function-name its-name"
        raise BackupError(f"these still stand still: {', '.join(still)}", fix)
    with asking("the working memory", "dynamodb:DeleteItem"):
        stack.client("dynamodb").delete_item(TableName=f"{stack.prefix}-runtime", Key={"pk": {"S": STOPPED}})


def _let_run(client: Any, name: str, reserved: int) -> None:
    if reserved == _ANY:
        client.delete_function_concurrency(FunctionName=name)
    else:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)


def _functions(prefix: str) -> set[str]:
    """Every one that the template has, so that none can be forgotten here."""
    resources = read_template(ROOT / "template.yaml")["Resources"].values()
    return {
        one["Properties"]["FunctionName"]["Fn::Sub"].replace("${Prefix}", prefix)
        for one in resources
        if one["Type"] == "AWS::Serverless::Function"
    }
