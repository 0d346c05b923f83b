"""A business set up from a file of answers, deployed, and examined; then broken in a dozen ways, each of which the doctor names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

import botocore.client
import httpx
import pytest
from cafe_business import ME, Business, a_business, bring_up

from local.checks import rights
from local.operator import holding
from local.stack import HERE
from tests.privilege.rights_held import Called, held

pytestmark = pytest.mark.slow

READS = ("Get", "List", "Describe", "Head", "Query", "Scan", "BatchGet", "TransactGet", "Filter")


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Business]:
    with a_business(tmp_path_factory.mktemp("doctor")) as business:
        bring_up(business)
        yield business


Breaking = Callable[[Business], AbstractContextManager[None]]


def test_a_business_is_set_up_from_answers_and_the_doctor_finds_nothing(
    living: Business, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = living.doctor(capsys)
    assert found == {}
    assert code == 0


@contextmanager
def changed_schedule(living: Business, **change: str) -> Iterator[None]:
    client = living.client("scheduler")
    told = client.get_schedule(Name="cafe-sweep")
    kept = {
        name: told[name]
        for name in (
            "Name",
            "ScheduleExpression",
            "ScheduleExpressionTimezone",
            "FlexibleTimeWindow",
            "Target",
            "State",
        )
    }
    client.update_schedule(**{**kept, **change})
    yield
    client.update_schedule(**kept)


@contextmanager
def changed_secret(living: Business, name: str, change: Callable[[dict[str, Any]], object]) -> Iterator[None]:
    client = living.client("secretsmanager")
    kept = client.get_secret_value(SecretId=f"cafe/{name}")["SecretString"]
    client.put_secret_value(SecretId=f"cafe/{name}", SecretString=json.dumps(change(json.loads(kept))))
    yield
    client.put_secret_value(SecretId=f"cafe/{name}", SecretString=kept)


@contextmanager
def a_dead_letter(living: Business) -> Iterator[None]:
    client = living.client("sqs")
    url = client.get_queue_url(QueueName="cafe-dead-letters")["QueueUrl"]
    client.send_message(QueueUrl=url, MessageBody="{}")
    yield
    client.purge_queue(QueueUrl=url)


@contextmanager
def shared(living: Business, role: str | None) -> Iterator[None]:
    url = f"{living.stack.sheets}/owner/share"
    httpx.post(url, json={"role": role}, **HERE).raise_for_status()
    yield
    httpx.post(url, json={"role": "writer"}, **HERE).raise_for_status()


@contextmanager
def rules(living: Business, change: Callable[[str], str]) -> Iterator[None]:
    url = f"{living.stack.sheets}/owner/rules"
    told = httpx.get(url, **HERE)
    kept = told.json()["text"] if told.headers["content-type"].startswith("application/json") else told.text
    httpx.put(url, content=change(kept).encode(), **HERE).raise_for_status()
    yield
    httpx.put(url, content=kept.encode(), **HERE).raise_for_status()


@contextmanager
def an_api_switched_off(living: Business) -> Iterator[None]:
    fault = {"match": "GET /v4", "count": 20, "how": "answer", "status": 403, "reason": "accessNotConfigured"}
    httpx.post(f"{living.stack.sheets}/owner/faults", json=fault, **HERE).raise_for_status()
    yield
    httpx.delete(f"{living.stack.sheets}/owner/faults", **HERE).raise_for_status()


@contextmanager
def in_the_sandbox(living: Business) -> Iterator[None]:
    told = {"MailType": "TRANSACTIONAL", "WebsiteURL": "https://cafe.example", "UseCaseDescription": "posts"}
    living.client("sesv2").put_account_details(**told, ProductionAccessEnabled=False)
    yield
    living.client("sesv2").put_account_details(**told, ProductionAccessEnabled=True)


@contextmanager
def an_alarm(living: Business) -> Iterator[None]:
    client = living.client("cloudwatch")
    client.set_alarm_state(AlarmName="cafe-late-posts", StateValue="ALARM", StateReason="a test")
    yield
    client.set_alarm_state(AlarmName="cafe-late-posts", StateValue="OK", StateReason="a test")


@contextmanager
def everything_held(living: Business) -> Iterator[None]:
    to_it = ["--prefix", "cafe", "--region", "ap-southeast-1"]
    assert holding.hold(to_it) == 0
    yield
    assert holding.release(to_it) == 0


@contextmanager
def changed_by_hand(living: Business, **parameters: str) -> Iterator[None]:
    kept = living.config.read_text()
    living.keep(**parameters)
    yield
    living.config.write_text(kept)


def signed_in_until(moment: datetime) -> Callable[[dict[str, Any]], object]:
    return lambda kept: {**kept, "credentials": {"access_token": "x", "expires_at": moment.isoformat()}}


BROKEN: dict[str, tuple[Breaking, str, str, str]] = {
    "a schedule is off": (
        lambda living: changed_schedule(living, State="DISABLED"),
        "schedule sweep",
        "is disabled",
        "Enable",
    ),
    "a schedule in another zone": (
        lambda living: changed_schedule(living, ScheduleExpressionTimezone="UTC"),
        "schedule sweep",
        "runs in UTC",
        "make deploy ENV=cafe",
    ),
    "a dead letter": (a_dead_letter, "status", "1 dead letter", "make redrive"),
    "a key of another kind": (
        lambda living: changed_secret(living, "drive/sa", lambda kept: {"installed": {"client_secret": "hush"}}),
        "secret drive/sa",
        "is an OAuth client's file",
        "KEY=",
    ),
    "a sheet to read only": (lambda living: shared(living, "reader"), "sheet", "as Viewer", "an Editor"),
    "a sheet not shared": (lambda living: shared(living, None), "sheet", "not shared", "press Share, and add"),
    "an API is off": (an_api_switched_off, "sheet", "Google Sheets API is not switched on", "press Enable"),
    "a mistake in the rules": (
        lambda living: rules(living, lambda kept: kept + "\n- nonsense: nowhere\n"),
        "rules doc",
        "line ",
        "mend that line",
    ),
    "another account in the rules": (
        lambda living: changed_secret(
            living, "channels/bluesky-main", lambda kept: {**kept, "account_id": "did:plc:other"}
        ),
        "channel bluesky-main",
        "the sign-in is for did:plc:other",
        "make connect CHANNEL=bluesky-main STACK=cafe REGION=ap-southeast-1",
    ),
    "a sign-in that ended": (
        lambda living: changed_secret(
            living, "channels/bluesky-main", signed_in_until(datetime(2020, 1, 1, tzinfo=UTC))
        ),
        "channel bluesky-main",
        "its sign-in has ended",
        "make connect",
    ),
    "a channel signed out": (
        lambda living: changed_secret(living, "channels/bluesky-main", lambda kept: {**kept, "credentials": {}}),
        "channel bluesky-main",
        "was signed out",
        "make connect",
    ),
    "no signing key": (
        lambda living: changed_secret(living, "approval/signing-secret", lambda kept: {"key": "short"}),
        "signing keys",
        "no key",
        "make rotate-signing-key",
    ),
    "the sandbox": (in_the_sandbox, "SES sandbox", f"{ME} is not verified", "production access"),
    "an alarm": (an_alarm, "status", "The alarm late-posts rings", "docs/runbooks/late-posts.md"),
    "everything on hold": (everything_held, "hold", "everything is on hold", "make release STACK=cafe"),
    "a parameter not deployed": (
        lambda living: changed_by_hand(living, QuietMinutes="20"),
        "stack, parameters",
        "QuietMinutes",
        "make deploy ENV=cafe",
    ),
    "Slack's secret is gone": (
        lambda living: changed_by_hand(living, SlackSecret="cafe/slack"),
        "Slack",
        "is not there",
        "make setup ENV=cafe SLACK=",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_named_with_its_fix(living: Business, case: str, capsys: pytest.CaptureFixture[str]) -> None:
    breaking, name, said, fix = BROKEN[case]
    with breaking(living):
        code, found = living.doctor(capsys)
    assert code == 1
    assert said in found[name]["said"], found
    assert fix in found[name]["fix"], found
    assert "hush" not in str(found)


@contextmanager
def recorded() -> Iterator[list[Called]]:
    """Each call below every client there is, whatever made it."""
    calls: list[Called] = []
    real = botocore.client.BaseClient._make_api_call

    def recording(self: Any, operation_name: str, api_params: dict[str, Any]) -> Any:
        calls.append(Called(self.meta.service_model.service_name, operation_name, api_params))
        return real(self, operation_name, api_params)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.client.BaseClient, "_make_api_call", recording)
        yield calls


def test_an_examination_asks_with_reads_alone_and_needs_the_rights_of_its_policy(
    living: Business, capsys: pytest.CaptureFixture[str]
) -> None:
    before = living.stack.get(f"{living.stack.sheets}/owner/calls")
    with recorded() as calls, changed_by_hand(living, SlackSecret="cafe/slack"):
        living.doctor(capsys)
    assert 40 < len(calls) < 80
    assert [one.operation for one in calls if not one.operation.startswith(READS)] == []
    found = held(rights.doctor(), "cafe", calls)
    assert found.refused == []
    # A profile is asked for by its geography, which this model has not: test_checks_rights judges that. An item alone: a test mail.
    assert found.idle == {"Profile"}
    assert found.idle_actions == {"bedrock:GetInferenceProfile", "dynamodb:GetItem"}
    after = living.stack.get(f"{living.stack.sheets}/owner/calls")
    fresh = after["calls"][len(before["calls"]) :]
    assert {one["method"] for one in fresh if one["path"] != "/token"} == {"GET"}


def test_setting_up_needs_the_rights_of_its_policy(living: Business) -> None:
    living.client("secretsmanager").put_secret_value(SecretId="cafe/drive/sa", SecretString="{}")
    with recorded() as calls:
        assert living.setup("--test-mail", "--ask-model") == 0
    assert len(calls) < 40
    assert held(rights.setup(), "cafe", calls).refused == []
    found = held(rights.setup()[len(rights.doctor()) :], "cafe", calls)
    assert found.idle == set()
    assert found.idle_actions == {"secretsmanager:CreateSecret"}, (
        "Slack's, the first time: test_checks_rights judges it"
    )


def test_a_test_mail_arrives_and_its_link_opens_the_door_and_changes_nothing(living: Business) -> None:
    audit = living.client("dynamodb").scan(TableName="cafe-audit", Select="COUNT")["Count"]
    assert living.setup("--test-mail") == 0
    living.stack.idle(120)
    *_, mail = [mail for mail in living.mails() if "A test: your mails arrive" in mail["Subject"]]
    assert mail["To"] == ME
    body = mail.get_body(("plain",))
    assert body is not None
    links = set(re.findall(rf"{re.escape(living.environment.parameters['ApproveUrl'])}[\w.\-]+", body.get_content()))
    assert links
    for link in links:
        page = httpx.get(link, **HERE)
        assert page.status_code == 200
        assert "<button" in page.text
    assert living.client("dynamodb").scan(TableName="cafe-audit", Select="COUNT")["Count"] == audit
