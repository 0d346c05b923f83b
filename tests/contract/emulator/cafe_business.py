"""A small business of its own on the local AWS side, set up from a file of answers as ``make setup`` does it."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from local import ROOT
from local.calendars.sample import fill
from local.checks import command as doctor
from local.console.serve import listening
from local.deploy import deploy
from local.run import SAMPLE_ZONE
from local.setup import command as setup
from local.ship.environments import WATCH, Environment, read, written
from local.stack import HERE, Stack

NAME = "cafe"
ME, OTHER = "ada@cafe.example", "ops@cafe.example"
MODEL = "anthropic.claude-3-haiku-20240307-v1:0"  # one that the local side knows


@dataclass
class Business:
    """``stack`` has the servers; the business itself is deployed beside nothing, as ``social-scheduler-cafe``."""

    stack: Stack
    config: Path
    key: Path
    answers: Path

    def client(self, service: str) -> Any:
        return boto3.client(service, region_name="ap-southeast-1")

    def setup(self, *more: str) -> int:
        return setup.main(
            [NAME, "--config", str(self.config), "--answers", str(self.answers), "--key", str(self.key), *more]
        )

    def doctor(self, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
        """The exit code, and the findings that are not good by their names."""
        capsys.readouterr()
        code = doctor.main([NAME, "--config", str(self.config), "--json"])
        told = json.loads(capsys.readouterr().out)["findings"]
        return code, {one["name"]: one for one in told if one["state"] != "good"}

    def mails(self) -> list[EmailMessage]:
        told = self.stack.get(f"{self.stack.aws}/_local/mails?after=0")["mails"]
        read = (
            email.message_from_bytes(base64.b64decode(one["raw_base64"]), policy=email.policy.default) for one in told
        )
        return [one for one in read if isinstance(one, EmailMessage)]

    @property
    def environment(self) -> Environment:
        return read(self.config.read_text(), NAME)

    def keep(self, **more: str) -> None:
        """As written by hand."""
        one = self.environment
        changed = replace(one, parameters={**one.parameters, **more})
        self.config.write_text(written(self.config.read_text(), changed))

    def deploy(self) -> dict[str, str]:
        one, aws = self.environment, self.stack.aws
        mesh = {"Prefix": one.prefix, **one.parameters}
        folder = self.stack.folder
        outputs = deploy(ROOT / "template.yaml", aws, one.stack_name(), mesh, folder / "mesh", lambda line: None)
        watch = {"Prefix": one.prefix, **one.watch}
        deploy(ROOT / "stacks" / "watch.yaml", aws, one.stack_name(WATCH), watch, folder / "watch", lambda line: None)
        return outputs


@contextmanager
def a_business(folder: Path) -> Iterator[Business]:
    """Its servers are up, its owner has a sheet, a rules doc with one channel, and a key; nothing is deployed."""
    with closing(listening(0)) as placeholder, pytest.MonkeyPatch.context() as patch:
        stack = Stack(folder / "run", SAMPLE_ZONE, placeholder.getsockname()[1])
        try:
            stack.start(lambda line: None)
            for name in [one for one in os.environ if one.startswith("AWS_")]:
                patch.delenv(name)
            for name, value in (
                ("AWS_ENDPOINT_URL", stack.aws),
                ("AWS_ACCESS_KEY_ID", "000000000000"),
                ("AWS_SECRET_ACCESS_KEY", "local"),
                ("AWS_EC2_METADATA_DISABLED", "true"),
            ):
                patch.setenv(name, value)
            yield _prepared(stack, folder)
        finally:
            stack.stop()


def _prepared(stack: Stack, folder: Path) -> Business:
    """The owner's side: an empty sheet, a rules doc with one channel, and a key."""
    account = stack.post(f"{stack.networks['bluesky']}/_local/accounts", {"network": "bluesky", "handle": "cafe"})
    rules = "Time zone: {zone}\n\nChannels:\n- bluesky-main: bluesky, account {account}, {host}\n"
    names = {"zone": SAMPLE_ZONE, "account": account["account_id"], "host": stack.networks["bluesky"]}
    httpx.put(f"{stack.sheets}/owner/rules", content=fill(rules, names).encode(), **HERE).raise_for_status()
    document = json.loads(Path(stack.servers["sheets"].ready["service_account_file"]).read_text())
    key = folder / "key.json"
    key.write_text(json.dumps({**document, "api_endpoint": stack.sheets}))
    answers = folder / "cafe.toml"
    answers.write_text(
        f"""
region = "ap-southeast-1"
prefix = "cafe"
zone = "{SAMPLE_ZONE}"
recipients = ["{ME}"]
mail_from = "posts@cafe.example"
operator = "{OTHER}"
model = "{MODEL}"
sheet = "https://docs.google.com/spreadsheets/d/{stack.get(f"{stack.sheets}/owner")["spreadsheet_id"]}/edit"
"""
    )
    business = Business(stack, folder / "samconfig.toml", key, answers)
    business.stack.accounts["bluesky-main"] = account
    return business


def bring_up(business: Business) -> None:
    """Set up, deployed, set up to its end; its channel signed in; each function's schedules have run once."""
    assert business.setup() in (0, 1)
    deploy_all(business)
    business.setup()
    wake(business)


def deploy_all(business: Business) -> None:
    """Deployed, its channel signed in, and the model's terms accepted."""
    outputs = business.deploy()
    business.keep(ApproveUrl=outputs["function_url:ApproveHandler"])
    business.deploy()
    account = business.stack.accounts["bluesky-main"]
    secret = {name: account[name] for name in ("network", "account_id", "host", "credentials")}
    business.client("secretsmanager").create_secret(Name="cafe/channels/bluesky-main", SecretString=json.dumps(secret))
    bedrock = business.client("bedrock")
    offer = bedrock.list_foundation_model_agreement_offers(modelId=MODEL)["offers"][0]
    bedrock.create_foundation_model_agreement(modelId=MODEL, offerToken=offer["offerToken"])


def wake(business: Business) -> None:
    """Each function's schedules run once."""
    for schedule in ("drive-sync", "sweep", "daily-tick", "troubles", "draft-sweep", "template-sweep"):
        business.stack.fire(f"cafe-{schedule}")
    business.stack.idle(240)
