"""What is asked of the local AWS side in its own language: the template, counts, a post's thread. Every method blocks."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.aws.environment import ACCOUNT
from local.console.addresses import StackAddresses
from local.console.stack import ServerError

_EXECUTIONS = 12


class Asking:
    """ServerError where the AWS side refuses or does not answer."""

    def __init__(self, addresses: StackAddresses) -> None:
        self._addresses = addresses
        self._clients: dict[str, Any] = {}
        self._session: boto3.Session | None = None
        self._making = threading.Lock()

    def template(self) -> tuple[Mapping[str, Any], dict[str, str]]:
        """As it was deployed, and its parameters' values."""
        client, prefix = self._client("cloudformation"), self._addresses.prefix
        body = _asked(lambda: client.get_template(StackName=prefix, TemplateStage="Original"))["TemplateBody"]
        stack = _asked(lambda: client.describe_stacks(StackName=prefix))["Stacks"][0]
        given = {one["ParameterKey"]: one.get("ParameterValue", "") for one in stack.get("Parameters", [])}
        return json.loads(body) if isinstance(body, str) else body, given

    def table(self, name: str) -> dict[str, Any]:
        """How many items; never what is in them."""
        pages = self._client("dynamodb").get_paginator("scan")
        found = _asked(lambda: list(pages.paginate(TableName=self._named(name), Select="COUNT")))
        return {"count": sum(int(page["Count"]) for page in found), "of": "items"}

    def bucket(self, name: str) -> dict[str, Any]:
        pages = self._client("s3").get_paginator("list_objects_v2")
        found = _asked(lambda: list(pages.paginate(Bucket=f"{self._named(name)}-{ACCOUNT}")))
        return {"count": sum(int(page.get("KeyCount", 0)) for page in found), "of": "files"}

    def queue(self, name: str) -> dict[str, Any]:
        client, wanted = self._client("sqs"), ["ApproximateNumberOfMessages"]
        url = _asked(lambda: client.get_queue_url(QueueName=self._named(name)))["QueueUrl"]
        told = _asked(lambda: client.get_queue_attributes(QueueUrl=url, AttributeNames=wanted))["Attributes"]
        return {"count": int(told[wanted[0]]), "of": "messages"}

    def machine(self, name: str) -> dict[str, Any]:
        """Its last executions. They go by this computer's clock, so that only how long each took is told."""
        client = self._client("stepfunctions")
        arn = f"arn:aws:states:{self._addresses.region}:{ACCOUNT}:stateMachine:{self._named(name)}"
        found = _asked(lambda: client.list_executions(stateMachineArn=arn, maxResults=_EXECUTIONS))["executions"]
        return {
            "executions": [
                {
                    "name": str(one["name"]),
                    "status": str(one["status"]).lower(),
                    "seconds": round((one["stopDate"] - one["startDate"]).total_seconds(), 1)
                    if one.get("stopDate")
                    else None,
                }
                for one in found
            ]
        }

    def thread(self, wanted: str, now: str) -> dict[str, Any]:
        """A post's life in sentences and the steps of its thread; of a trace (``t_…``) the steps alone."""
        # Not at the top: what starts a stack imports the console, and these import what starts a stack.
        from local.operator.books import Books, BooksError
        from local.operator.history import as_json as line_json
        from local.operator.history import life
        from local.operator.progress import Progress
        from local.operator.trace import Thread
        from local.operator.trace import as_json as steps_json
        from local.operator.which import Chosen

        books, zone = Books(self._client("dynamodb"), self._addresses.prefix), ZoneInfo(self._addresses.time_zone)
        moment = datetime.fromisoformat(now)
        chosen = Chosen(
            books, "this stack", zone, self._addresses.prefix, self._client, lambda: moment, up=True, local=True
        )
        try:
            if wanted.startswith("t_"):
                return {"life": [], **steps_json(Thread(chosen, Progress()).of_trace(wanted))}
            lines = [line_json(one) for one in life(books, wanted, zone)]
            return {"life": lines, **steps_json(Thread(chosen, Progress()).of_post(wanted))}
        except BooksError as error:
            raise ServerError(str(error)) from error

    def _named(self, name: str) -> str:
        return f"{self._addresses.prefix}-{name}"

    def _client(self, service: str) -> Any:
        with self._making:
            if service not in self._clients:
                self._session = self._session or boto3.Session(
                    aws_access_key_id="test", aws_secret_access_key="test", region_name=self._addresses.region
                )
                config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=30)
                self._clients[service] = self._session.client(service, endpoint_url=self._addresses.aws, config=config)
            return self._clients[service]


def _asked(question: Any) -> Any:
    try:
        return question()
    except ClientError as error:
        told = error.response.get("Error", {})
        status = 404 if "NotFound" in str(told.get("Code")) or "DoesNotExist" in str(told.get("Code")) else 502
        raise ServerError(f"the AWS side says: {told.get('Message') or told.get('Code')}", status) from error
    except BotoCoreError as error:
        raise ServerError(f"the AWS side does not answer ({type(error).__name__})") from error
