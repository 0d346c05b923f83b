"""A business set up from a file of answers, deployed, and examined; then broken in a dozen ways, each of which the doctor names."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import httpx
import pytest

from local import ROOT
from local.calendars.sample import fill
from local.checks import command as doctor
from local.console.serve import listening
from local.deploy import deploy
from local.run import SAMPLE_ZONE
from local.setup import command as setup
from local.ship.environments import WATCH, Environment, read
from local.stack import HERE, Stack

pytestmark = pytest.mark.slow

NAME = "cafe"
ME, OTHER = "ada@cafe.example", "ops@cafe.example"
READS = ("Get", "List", "Describe", "Head", "Query", "Scan", "BatchGet", "TransactGet", "Filter")


@dataclass
class Business:
    """``stack`` has the servers; the business itself is deployed beside nothing, as ``social-scheduler-cafe``."""

    stack: Stack
    config: Path
    key: Path
    answers: Path

    def client(self, service: str) -> Any:
        return boto3.client(service)

    def setup(self, *more: str) -> int:
        return setup.main([NAME, "--config", str(self.config), "--answers", str(self.answers), "--key", str(self.key), *more])

    def doctor(self, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
        """The exit code, and the findings that are not good by their names."""
        capsys.readouterr()
        code = doctor.main([NAME, "--config", str(self.config), "--json"])
        told = json.loads(capsys.readouterr().out)["findings"]
        return code, {one["name"]: one for one in told if one["state"] != "good"}

    @property
    def environment(self) -> Environment:
        return read(self.config.read_text(), NAME)

    def deploy(self, **more: str) -> dict[str, str]:
        one, aws = self.environment, self.stack.aws
        mesh = {"Prefix": one.prefix, **one.parameters, **more}
        folder = self.stack.folder / "build"
        outputs = deploy(ROOT / "template.yaml", aws, one.stack_name(), mesh, folder, lambda line: None)
        watch = {"Prefix": one.prefix, **one.watch}
        deploy(ROOT / "stacks" / "watch.yaml", aws, one.stack_name(WATCH), watch, folder / "watch", lambda line: None)
        return outputs


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Business]:
    folder = tmp_path_factory.mktemp("doctor")
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
sheet = "https://docs.google.com/spreadsheets/d/{stack.get(f"{stack.sheets}/owner")["spreadsheet_id"]}/edit"
"""
    )
    business = Business(stack, folder / "samconfig.toml", key, answers)
    business.stack.accounts["bluesky-main"] = account
    return business


@pytest.fixture(scope="module")
def living(business: Business) -> Business:
    """Set up, deployed, set up to its end; its channel signed in; each function's schedules have run once."""
    assert business.setup() in (0, 1)
    outputs = business.deploy()
    text = business.answers.read_text()
    business.config.write_text(business.config.read_text())
    address = outputs["function_url:ApproveHandler"]
    business.deploy(ApproveUrl=address)
    business.answers.write_text(text)
    account = business.stack.accounts["bluesky-main"]
    secret = {name: account[name] for name in ("network", "account_id", "host", "credentials")}
    business.client("secretsmanager").create_secret(Name="cafe/channels/bluesky-main", SecretString=json.dumps(secret))
    business.setup()
    for schedule in ("drive-sync", "sweep", "daily-tick", "troubles", "draft-sweep", "template-sweep"):
        business.stack.fire(f"cafe-{schedule}")
    business.stack.idle(240)
    return business


def test_a_business_is_set_up_from_answers_and_the_doctor_finds_nothing(
    living: Business, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = living.doctor(capsys)
    assert found == {}
    assert code == 0
