"""A business that is upgraded with posts in every state: its calendar, its hands, its eyes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import httpx
from shipped import STACK, Shipped

from local.calendars.model import Calendar
from local.stack import HERE
from local.story_forms import forms_of
from local.story_mail import Link
from local.story_world import StoryError, World
from mesh.approvals import Action, words_of

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2027, 3, 15, 8, tzinfo=BERLIN)
HEADER = ("date", "time", "text", "channels", "image", "alt text", "link")
RULES = """Time zone: Europe/Berlin
Posting window: always
Late rule: 1 hour

Channels
- bluesky-main: bluesky, account {bluesky_main_account}, {bluesky_host}
- mastodon-main: mastodon, account {mastodon_main_account}, {mastodon_host}
- x-main: x, account {x_main_account}, {x_host}
- linkedin-main: linkedin, account {linkedin_main_account}, {linkedin_host}

Recurring posts
- Friday cake: every Friday 9:00
    channels: bluesky-main
    text: Cake of {date: iso}
"""
Rows = Mapping[str, tuple[str, str, str]]
"""By name: the day of March, the time, the channels."""


def calendar(rows: Rows) -> Calendar:
    cells = (
        dict(zip(HEADER, (f"2027-03-{day}", at, text_of(name), channels, "", "", ""), strict=True))
        for name, (day, at, channels) in rows.items()
    )
    return Calendar(tuple(cells), header=HEADER, rules=RULES, start=START.astimezone(UTC))


def text_of(name: str) -> str:
    return f"The {name} one. " + ("Much too long. " * 40 if name == "draft" else "Fresh from the oven, every day.")


class Business:
    """``wrong`` gathers what is not as it should be, so that one run tells all of it."""

    def __init__(self, stack: Shipped, rows: Rows) -> None:
        self.stack, self.rows = stack, rows
        self.world = World(stack)
        self.wrong: list[str] = []
        self.cookie = ""

    def expect(self, what: str, right: bool, seen: object = "") -> None:
        mark, more = ("ok   ", "") if right else ("WRONG", f": {seen}")
        print(f"{mark} {self.world.wall_clock()} {what}{more}", flush=True)
        if not right:
            self.wrong.append(f"{what}: {seen}")

    # hands

    def post(self, name: str) -> str:
        return next(str(row["post_id"]) for row in self.world.rows() if str(row["text"]).startswith(f"The {name} one."))

    def deploy(self, tree: Path) -> None:
        self.stack.template = tree / "template.yaml"
        self.stack.deploy(print)

    def at(self, day: int, hour: int, minute: int, seconds: int = 20) -> None:
        self.world.to(datetime(2027, 3, day, hour, minute, seconds, tzinfo=BERLIN))

    def clock(self, day: int, hour: int, minute: int, seconds: int = 20) -> None:
        """Without waiting for what falls due."""
        self.world.move_clock(datetime(2027, 3, day, hour, minute, seconds, tzinfo=BERLIN))

    def spoil(self, network: str, match: str, **order: Any) -> None:
        self.stack.post(f"{self.stack.networks[network]}/_local/faults", {"match": match, "count": 1} | order)

    def link(self, name: str, action: Action) -> Link:
        """The newest that came by mail about this post alone."""
        post_id = self.post(name)
        for mail in reversed(self.world.mailbox.every()):
            for link in mail.links_of(action):
                if [one for one, _ in link.token.posts] == [post_id]:
                    return link
        raise StoryError(f"no mail has a {action} link for {name}")

    def press(self, link: Link, label: str = "") -> str:
        """A button of the link's page, the first where none is named; what the answer's heading says."""
        page = self.world.mailbox.open(link)
        form = next((one for one in page.forms if any(label in ("", button.label) for button in one.buttons)), None)
        if form is None:
            raise StoryError(f"the page “{page.title}” has no button “{label}”")
        return self.world.mailbox.press(form, label).title

    def on_this_device(self, link: Link, *buttons: str, opened: bool = False) -> str:
        """Opens a link with the cookie that this device has, then presses a button of each page; or, ``opened``, its script does.

        The heading of the last page.
        """
        with httpx.Client(timeout=60, **HERE) as http:
            address = self.world.mailbox.address(link)
            answer = http.get(address, headers={"cookie": self.cookie})
            for label in ("", *buttons):
                form = next(one for one in forms_of(answer.text, address) if not label or one.buttons[0].label == label)
                said = [*form.filled(label), *([("opened", "1")] if opened else [])]
                headers = {
                    "cookie": self.cookie,
                    "origin": self.stack.console,
                    "content-type": "application/x-www-form-urlencoded",
                    "sec-fetch-site": "same-origin",
                }
                answer = http.post(form.address, content=urlencode(said), headers=headers)
                self.cookie = answer.headers.get("set-cookie", self.cookie).partition(";")[0]
        return answer.text.partition("<h1>")[2].partition("</h1>")[0]

    def click_in_slack(self, name: str, action_id: str) -> int:
        """The newest message's button about this post alone; the status that Slack got."""
        post_id, feed = self.post(name), self.stack.get(f"{self.stack.slack}/_local/feed?after=")
        for message in reversed(feed["messages"]):
            elements = [one for block in message["blocks"] if block["type"] == "actions" for one in block["elements"]]
            ours = [one for one in elements if one.get("action_id") == action_id]
            for position, element in enumerate(ours):
                token = words_of(str(element.get("value", "")))
                if token is not None and [one for one, _ in token.posts] == [post_id]:
                    who = {"ts": message["ts"], "user": next(iter(feed["users"]))}
                    told = who | {"action_id": action_id, "position": position}
                    return int(self.stack.post(f"{self.stack.slack}/_local/click", told)["status"])
        raise StoryError(f"no message in Slack has {action_id} for {name}")

    def send_to_the_dead(self, name: str) -> None:
        """The sender fails at this post as often as it is tried: its event comes to the dead letters."""
        self.stack.post(f"{self.stack.aws}/_local/deliveries", {"retrying": False})
        fault = {"service": "dynamodb", "action": "TransactWriteItems", "error": "InternalServerError", "status": 500}
        told = fault | {"caller": "functions", "match": f"{self.post(name)}#", "count": 40}
        self.stack.post(f"{self.stack.aws}/_local/faults", told)

    def and_no_more(self) -> None:
        self.stack.post(f"{self.stack.aws}/_local/deliveries", {"retrying": True})
        self.stack.remove(f"{self.stack.aws}/_local/faults")

    # eyes

    def heads(self) -> dict[str, str]:
        """The state of each name's head, by name and channel."""
        names = {self.post(name): name for name in self.rows}
        found = {}
        for head in self.world.heads():
            post_id, _, channel = head["post_channel"].partition("#")
            found[f"{names.get(post_id, post_id)} {channel}"] = str(head["state"])
        return found

    def public(self) -> Counter[str]:
        """How often the public sees each name's post, on all networks together; and each cake's."""
        said = [str(post["text"]) for post in self.world.feed()]
        named = Counter(name for name in self.rows for text in said if text.startswith(f"The {name} one."))
        return named + Counter(text for text in said if text.startswith("Cake of "))

    def items(self) -> dict[tuple[str, ...], dict[str, Any]]:
        keys: dict[str, Callable[[dict[str, Any]], tuple[str, ...]]] = {
            "status": lambda one: (one["post_id"],),
            "sends": lambda one: (one["post_channel"], str(one["attempt"])),
            "audit": lambda one: (one["subject"], one["seq"]),
        }
        return {(table, *key(one)): one for table, key in keys.items() for one in self.world._items(table)}

    def retained(self) -> dict[str, str]:
        """Each table's own id and each bucket's and secret's birth: another one under the same name has another."""
        found = {}
        for table in ("status", "sends", "audit", "runtime"):
            told = self.stack.client("dynamodb").describe_table(TableName=f"ss-{table}")["Table"]
            found[table] = f"{told.get('TableId')} {told['CreationDateTime']}"
        for bucket in self.stack.client("s3").list_buckets()["Buckets"]:
            found[bucket["Name"]] = str(bucket["CreationDate"])
        secrets = self.stack.client("secretsmanager")
        for page in secrets.get_paginator("list_secrets").paginate():
            found |= {one["Name"]: str(one["ARN"]) for one in page["SecretList"]}
        key = secrets.get_secret_value(SecretId="ss/approval/signing-secret")["SecretString"]
        return {**found, "signing key": str(key)}

    def code(self) -> dict[str, str]:
        """What each function runs."""
        return {one["FunctionName"]: str(one["CodeSha256"]) for one in self._functions()}

    def still_old(self) -> int:
        """How many functions run the layers of the release before, as ``shipped.half_way`` names them."""
        return sum("-before-" in str(one.get("Layers", "")) for one in self._functions())

    def _functions(self) -> Iterator[dict[str, Any]]:
        for page in self.stack.client("lambda").get_paginator("list_functions").paginate():
            yield from page["Functions"]

    def status(self) -> str:
        status: str = self.stack.stacks.status(STACK)
        return status

    def runs(self) -> list[str]:
        """How each run of the batch machine stands."""
        machines = self.stack.client("stepfunctions")
        arn = self._machine()
        return [one["status"] for one in machines.list_executions(stateMachineArn=arn)["executions"]]

    def lived_through_its_change(self) -> bool:
        """A run of the batch machine began before the machine was changed, and ended after it."""
        machines = self.stack.client("stepfunctions")
        runs = machines.list_executions(stateMachineArn=self._machine())["executions"]
        told = self.stack.client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
        ours = [one for one in told if one["LogicalResourceId"] == "DraftBatch"]
        changed = max(one["Timestamp"] for one in ours if one["ResourceStatus"] == "UPDATE_COMPLETE")
        return any(one["startDate"] < changed < one["stopDate"] for one in runs)

    def definition(self) -> str:
        machines = self.stack.client("stepfunctions")
        return str(machines.describe_state_machine(stateMachineArn=self._machine())["definition"])

    def _machine(self) -> str:
        machines = self.stack.client("stepfunctions").list_state_machines()["stateMachines"]
        return next(str(one["stateMachineArn"]) for one in machines if one["name"] == "ss-draft-batch")


QUIET = timedelta(minutes=11)
