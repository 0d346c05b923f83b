"""What CloudFormation knows of a business's stacks, asked and waited for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from local.ship.account import ShipError, in_words
from local.ship.states import Stand, Then, hint

Progress = Callable[[str], None]

_ITSELF = "AWS::CloudFormation::Stack"
_FOLLOWS = ("cancelled", "Resource creation Initiated", "User Initiated")
_LONGEST_SECONDS = 3600.0


@dataclass(frozen=True)
class Stacks:
    """``client`` is CloudFormation's; ``pause`` seconds lie between two looks at what is under way."""

    client: Any
    pause_seconds: float = 5.0
    sleep: Callable[[float], None] = field(default=time.sleep)

    def described(self, name: str) -> Mapping[str, Any] | None:
        """None where there is no stack of the name. ShipError when it cannot be asked."""
        try:
            found: Mapping[str, Any] = self.client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise in_words(error) from error
        return None if found["StackStatus"] == "DELETE_COMPLETE" else found

    def mark(self, name: str) -> str:
        """Another one after each change of the stack."""
        found = self.described(name) or {}
        return f"{found.get('StackId')} {found.get('StackStatus')} {found.get('LastUpdatedTime')}"

    def status(self, name: str) -> str:
        found = self.described(name)
        return str(found["StackStatus"]) if found else ""

    def stand(self, name: str) -> Stand:
        status = self.status(name)
        stand = Stand(name, status)
        if stand.then in (Then.MAKE, Then.UPDATE):
            return stand
        events = self._events(name)
        begun = next((one for one in events if _begins(one)), None)
        since = _clock(begun["Timestamp"]) if begun else ""
        by = _who(begun.get("ClientRequestToken", "")) if begun else ""
        return Stand(name, status, since, by, "" if stand.then is Then.BUSY else _reason(events))

    def outputs(self, name: str) -> dict[str, str]:
        found = self.described(name) or {}
        return {one["OutputKey"]: str(one["OutputValue"]) for one in found.get("Outputs", ())}

    def resources(self, name: str) -> dict[str, str]:
        """Physical ids by logical one; none where there is no stack of the name."""
        if not self.described(name):
            return {}
        pages = self.client.get_paginator("list_stack_resources").paginate(StackName=name)
        return {
            one["LogicalResourceId"]: str(one.get("PhysicalResourceId", ""))
            for page in pages
            for one in page["StackResourceSummaries"]
            if one["ResourceStatus"] != "DELETE_COMPLETE"
        }

    def owner(self, *physical_ids: str) -> str:
        """The name of the stack that has it, by any of its ids; "" where none has."""
        for one in physical_ids:
            try:
                found = self.client.describe_stack_resources(PhysicalResourceId=one)["StackResources"]
            except ClientError as error:
                if error.response["Error"]["Code"] != "ValidationError":
                    raise in_words(error) from error
                continue
            if found:
                return str(found[0]["StackName"])
        return ""

    def names(self) -> Iterator[str]:
        """Of every stack that is there."""
        for page in self.client.get_paginator("describe_stacks").paginate():
            yield from (one["StackName"] for one in page["Stacks"] if one["StackStatus"] != "DELETE_COMPLETE")

    def changes(self, name: str, change_set: str) -> list[Mapping[str, Any]]:
        """DescribeChangeSet's, all pages."""
        found: list[Mapping[str, Any]] = []
        more: dict[str, str] = {}
        while True:
            answer = self.client.describe_change_set(StackName=name, ChangeSetName=change_set, **more)
            found += answer.get("Changes", ())
            if not answer.get("NextToken"):
                return found
            more = {"NextToken": answer["NextToken"]}

    def execute(self, name: str, change_set: str, token: str, tell: Progress, mark: str = "") -> None:
        """Carry out exactly this change set, to its end. ShipError with resource and reason when it fails; when the mark is another."""
        if mark and self.mark(name) != mark:
            raise _overtaken(name)
        try:
            self.client.execute_change_set(StackName=name, ChangeSetName=change_set, ClientRequestToken=token)
        except ClientError as error:
            if error.response["Error"]["Code"] in (
                "InvalidChangeSetStatus",
                "InvalidChangeSetStatusException",
                "ChangeSetNotFound",
                "ChangeSetNotFoundException",
            ):
                raise _overtaken(name) from error
            if "_IN_PROGRESS" in str(error):
                raise _overtaken(name) from error
            raise in_words(error) from error
        ended = self.settled(name, tell)
        if ended not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"):
            reason = _reason(self._events(name))
            raise ShipError(f"{name} ended in {ended}: {reason}", hint(reason))

    def settled(self, name: str, tell: Progress) -> str:
        """Its status once nothing is under way any more; "" when it is gone. Failures are told as they come."""
        deadline, seen = time.monotonic() + _LONGEST_SECONDS, set[str]()
        while True:
            status = self.status(name)
            if not status.endswith("_IN_PROGRESS") or status == "REVIEW_IN_PROGRESS":
                return status
            if time.monotonic() > deadline:
                raise ShipError(f"{name} is still in {status} after an hour", "it goes on by itself: look again later")
            for event in self._events(name, newest=20):
                if event["ResourceStatus"].endswith("_FAILED") and event["EventId"] not in seen:
                    seen.add(event["EventId"])
                    tell(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', event['ResourceStatus'])}")
            self.sleep(self.pause_seconds)

    def remove(self, name: str, tell: Progress, token: str) -> None:
        """To its end. ShipError with resource and reason where something of it stays that should not."""
        self.client.delete_stack(StackName=name, ClientRequestToken=token)
        if ended := self.settled(name, tell):
            reason = _reason(self._events(name))
            raise ShipError(f"{name} could not be removed ({ended}): {reason}", hint(reason))

    def forget(self, name: str, change_set: str) -> None:
        """A change set that nobody carries out, and the empty stack that was made to hold it."""
        self.client.delete_change_set(StackName=name, ChangeSetName=change_set)
        others = self.client.list_change_sets(StackName=name)["Summaries"] if self.described(name) else ()
        if self.status(name) == "REVIEW_IN_PROGRESS" and not others:
            self.client.delete_stack(StackName=name)

    def _events(self, name: str, newest: int = 0) -> list[Mapping[str, Any]]:
        """Newest first."""
        try:
            found: list[Mapping[str, Any]] = self.client.describe_stack_events(StackName=name)["StackEvents"]
        except ClientError:
            return []
        return found[:newest] if newest else found


def _overtaken(name: str) -> ShipError:
    return ShipError(
        f"{name} was changed by somebody else meanwhile; nothing of this change was done",
        "wait for theirs to end, then the same command again",
    )


def _begins(event: Mapping[str, Any]) -> bool:
    return (
        event["ResourceType"] == _ITSELF
        and event.get("ResourceStatusReason", "") in ("", "User Initiated")
        and event["ResourceStatus"].endswith("_IN_PROGRESS")
    )


def _reason(events: list[Mapping[str, Any]]) -> str:
    """The first failure of the last operation, which the others follow from."""
    last: list[Mapping[str, Any]] = []
    for event in events:
        last.append(event)
        if event["ResourceType"] == _ITSELF and event["ResourceStatus"] in (
            "CREATE_IN_PROGRESS",
            "UPDATE_IN_PROGRESS",
            "DELETE_IN_PROGRESS",
            "IMPORT_IN_PROGRESS",
        ):
            break
    failed = [one for one in last if one["ResourceStatus"].endswith("_FAILED") and one["ResourceType"] != _ITSELF]
    causes = [one for one in failed if not any(word in one.get("ResourceStatusReason", "") for word in _FOLLOWS)]
    for event in reversed(causes or failed):
        return f"{event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason', 'no reason given')}"
    told = [one.get("ResourceStatusReason", "") for one in last if one["ResourceType"] == _ITSELF]
    return next((one for one in told if one), "no reason given")


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _who(token: str) -> str:
    found = re.fullmatch(r"deploy-(.+)-\d+", token)
    return found[1] if found else ""


def token(identity: str, now: float) -> str:
    """Names who deploys in the stack's events; ``identity`` is the caller's ARN."""
    who = re.sub(r"[^A-Za-z0-9]+", "-", identity.rsplit("/", 1)[-1]).strip("-") or "somebody"
    return f"deploy-{who[:90]}-{int(now)}"
