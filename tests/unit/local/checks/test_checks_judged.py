"""What answers mean, without anybody being asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from local.checks import mail_judged, model_access, running, secrets, slack, stack, telling, values
from local.checks.aws import clock
from local.checks.key_kinds import other_kind
from local.checks.looking import ChangeError, Subject, looking, reading
from local.checks.model import Finding, State
from local.operator.stand import Dead, Stand
from mesh.rulebook import Channel

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
CHANNEL = Channel("x-main", "x", "1", "https://api.x.com")
SUBJECT = Subject("cafe", "cafe", "eu-central-1", lambda service: None, lambda: NOW, "social-scheduler-cafe")


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Berlin", ""),
        ("Berlin", "write Europe/Berlin"),
        ("Europe/Berln", "write Europe/Berlin"),
        ("US/Central", "America/Chicago"),
        ("", "one like Europe/Berlin"),
        ("Mars/Olympus", "there is no time zone Mars/Olympus"),
    ],
)
def test_a_zone_that_is_none_is_named_with_the_next_one(zone: str, said: str) -> None:
    assert said in values.zone_trouble(zone)
    assert bool(values.zone_trouble(zone)) == bool(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ada@cafe.example", ""),
        ("ada@cafe.example, ben@cafe.example", ""),
        ("ada.cafe.example", "has no @"),
        ("Ada <ada@cafe.example>", "is no mail address"),
        ("ada@cafe.example,,b@c.de", "nothing between two commas"),
        ("ada@cafe.example,ADA@cafe.example", "stands there twice"),
    ],
)
def test_addresses_are_bare_and_each_once(text: str, said: str) -> None:
    assert said in values.mails_trouble(text)
    assert bool(values.mails_trouble(text)) == bool(said)


def test_regions_prefixes_and_folders_that_cannot_be_are_named() -> None:
    known = ["eu-central-1", "ap-southeast-1"]
    assert values.region_trouble("eu-central-1", known) == ""
    assert "write eu-central-1" in values.region_trouble("eu-central", known)
    assert values.prefix_trouble("cafe") == ""
    assert all(values.prefix_trouble(one) for one in ("Café", "c", "a" * 17, "aws-cafe", "cafe-watch"))
    assert values.id_in("https://drive.google.com/drive/folders/1AbCdEfGhIj?usp=x") == "1AbCdEfGhIj"
    assert values.folder_trouble("1AbC") == ""
    assert "no folder's address" in values.folder_trouble("My folder")


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"type": "service_account"}, ""),
        ({"installed": {"client_secret": "s"}}, "an OAuth client's file (for a desktop app)"),
        ({"web": {}}, "an OAuth client's file (for a web app)"),
        ({"type": "authorized_user"}, "a person's own sign-in (gcloud's application default credentials)"),
        ({"type": "external_account"}, "a workload identity federation's configuration"),
        ({"apiKey": "x"}, "a web app's Firebase configuration"),
        ({"keyString": "x"}, "an API key"),
        ("AIzaX", "an API key"),
        ({"AccessKey": {}}, "an AWS access key"),
        ({"refresh_token": "x"}, "a token of somebody's sign-in"),
        ([], "no key"),
        (None, "no key"),
        ({"type": ["odd"]}, "no key"),
    ],
)
def test_json_of_another_kind_is_called_what_it_is(document: Any, kind: str) -> None:
    assert other_kind(document) == kind


def test_the_sandbox_names_who_gets_no_mail_and_what_to_ask_for() -> None:
    people = ["ada@cafe.example", "ben@cafe.example"]
    assert mail_judged.sandbox({"ProductionAccessEnabled": True}, people, []).state is State.GOOD
    bad = mail_judged.sandbox({}, people, {"ben@cafe.example"})
    assert bad.state is State.BAD
    assert "ben@cafe.example is not verified" in bad.said
    assert "Use case:" in bad.fix
    assert mail_judged.sandbox({}, people, set()).state is State.DOUBTFUL


@pytest.mark.parametrize(
    ("told", "by_domain", "state", "word"),
    [
        (None, False, State.BAD, "Create identity"),
        ({"VerifiedForSendingStatus": False}, False, State.BAD, "click the link"),
        ({"VerifiedForSendingStatus": False}, True, State.BAD, "CNAME"),
        ({"VerifiedForSendingStatus": True}, False, State.GOOD, ""),
        (
            {"VerifiedForSendingStatus": True, "DkimAttributes": {"Status": "PENDING", "Tokens": ["a"]}},
            True,
            State.DOUBTFUL,
            "a._domainkey",
        ),
    ],
)
def test_a_sender_is_verified_and_its_domain_signs(told: Any, by_domain: bool, state: State, word: str) -> None:
    found = mail_judged.sender("posts@cafe.example", told, by_domain=by_domain, deployed=True)[-1]
    assert found.state is state
    assert word in found.fix


def test_before_the_deployment_an_unknown_sender_is_for_later() -> None:
    (found,) = mail_judged.sender("posts@cafe.example", None, by_domain=False, deployed=False)
    assert found.state is State.LATER


def test_an_account_whose_mails_are_stopped_reviewed_or_used_up_is_told() -> None:
    assert mail_judged.account({"SendingEnabled": False})[0].state is State.BAD
    assert mail_judged.account({"EnforcementStatus": "PROBATION"})[0].state is State.DOUBTFUL
    used = {"SendQuota": {"Max24HourSend": 200.0, "SentLast24Hours": 190.0}}
    assert "190 of the 200" in mail_judged.account(used)[0].said
    assert mail_judged.account({})[0].state is State.GOOD
    assert "(bounce)" in mail_judged.suppressed({"ada@cafe.example": "BOUNCE"}).said


@pytest.mark.parametrize(
    ("secret", "state", "said"),
    [
        (None, State.BAD, "not signed in yet"),
        ("", State.BAD, "not signed in yet"),
        ("{", State.BAD, "cannot be read"),
        ({"credentials": {}}, State.BAD, "was signed out"),
        ({"credentials": {"access_token": "t"}, "network": "x", "account_id": "2"}, State.BAD, "the sign-in is for 2"),
    ],
)
def test_a_channel_that_cannot_post_is_told_why(secret: Any, state: State, said: str) -> None:
    text = json.dumps(secret) if isinstance(secret, dict) else secret
    found = secrets.channel_judged(CHANNEL, text, NOW, "make connect")
    assert found.state is state
    assert said in found.said
    assert found.fix.endswith("make connect")


@pytest.mark.parametrize(
    ("days", "more", "state"),
    [(-1, {}, State.BAD), (2, {}, State.DOUBTFUL), (40, {}, State.GOOD), (-1, {"refresh_token": "r"}, State.GOOD)],
)
def test_a_sign_in_that_ends_is_told_unless_it_renews_itself(days: int, more: dict[str, str], state: State) -> None:
    ends = {"expires_at": (NOW + timedelta(days=days)).isoformat(), **more}
    document = {"network": "x", "account_id": "1", "host": "https://api.x.com", "credentials": ends}
    assert secrets.channel_judged(CHANNEL, json.dumps(document), NOW, "fix").state is state


def test_slacks_secret_says_what_it_lacks_and_never_what_it_holds() -> None:
    good = {
        "bot_token": "xoxb-hush",
        "signing_secret": "0123456789abcdef" * 2,
        "channel": "C0123456789",
        "users": {"U0123456789": "ada@cafe.example"},
    }
    judge = lambda document: slack.secret_judged(document, ["ada@cafe.example"], "fix")  # noqa: E731
    assert judge(good).state is State.GOOD
    told = {
        "channel, signing_secret": judge({"bot_token": "xoxb-hush"}),
        "bot_token is not": judge({**good, "bot_token": "xoxp-hush"}),
        "signing_secret is not": judge({**good, "signing_secret": "hush"}),
        "channel is not": judge({**good, "channel": "#social"}),
        "ada is no member ID": judge({**good, "users": {"ada": "ada@cafe.example"}}),
    }
    for said, finding in told.items():
        assert finding.state is State.BAD
        assert said in finding.said.replace("in users ", "")
    assert "no recipient" in judge({**good, "users": {"U0123456789": "eve@x.example"}}).said
    assert judge({**good, "users": {}}).state is State.DOUBTFUL
    assert "hush" not in str(told)


def test_a_model_is_judged_by_what_is_missing() -> None:
    good = {
        "regionAvailability": "AVAILABLE",
        "authorizationStatus": "AUTHORIZED",
        "entitlementAvailability": "AVAILABLE",
        "agreementAvailability": {"status": "AVAILABLE"},
    }
    assert model_access.judged("m", good).state is State.GOOD
    for key, value, word in (
        ("regionAvailability", "NOT_AVAILABLE", "another region"),
        ("authorizationStatus", "NOT_AUTHORIZED", "request access"),
        ("agreementAvailability", {"status": "NOT_AVAILABLE"}, "accept its terms"),
        ("agreementAvailability", {"status": "PENDING"}, "look again"),
    ):
        assert word in model_access.judged("m", {**good, key: value}).fix
    assert model_access.bare("global.anthropic.claude") == "anthropic.claude"


def test_a_clock_that_is_wrong_is_told() -> None:
    assert clock(NOW, NOW + timedelta(seconds=2)).state is State.GOOD
    assert "is 60 s slow" in clock(NOW, NOW + timedelta(seconds=60)).said
    assert clock(NOW + timedelta(minutes=6), NOW).state is State.BAD


def test_a_template_of_another_version_names_what_differs_and_not_where_code_lies() -> None:
    ours = {
        "Parameters": {"A": {"Type": "String"}},
        "Resources": {"F": {"Properties": {"CodeUri": "f/", "MemorySize": 1}}},
    }
    built = {
        "Parameters": {"A": {"Type": "String"}},
        "Resources": {
            "F": {"Properties": {"CodeUri": "s3://b/k", "MemorySize": 1}, "Metadata": {"SamResourceId": "F"}}
        },
    }
    assert stack.skew(ours, built) == []
    built["Resources"]["F"]["Properties"]["MemorySize"] = 2  # type: ignore[index]
    assert stack.skew({**ours, "Parameters": {}}, built) == ["A", "F"]
    assert stack.differing({"A": "1", "B": "2"}, {"A": "1", "B": "3"}) == ["B"]
    assert stack.status_trouble("UPDATE_ROLLBACK_COMPLETE") == ""
    assert "under way" in stack.status_trouble("UPDATE_IN_PROGRESS")
    assert stack.status_trouble("ROLLBACK_COMPLETE")


def test_a_schedule_is_there_on_in_the_zone_and_as_often() -> None:
    subject = replace(SUBJECT, parameters={"TimeZone": "Europe/Berlin"})
    good = {"State": "ENABLED", "ScheduleExpression": "rate(5 minutes)", "ScheduleExpressionTimezone": "Europe/Berlin"}
    judge = lambda told: running.schedule_judged("sweep", "rate(5 minutes)", told, subject)  # noqa: E731
    assert judge(good) == []
    assert judge(None)[0].fix == "make deploy ENV=cafe"
    assert "disabled" in judge({**good, "State": "DISABLED"})[0].said
    assert "rate(1 hour)" in judge({**good, "ScheduleExpression": "rate(1 hour)"})[0].said
    assert "runs in UTC" in judge({**good, "ScheduleExpressionTimezone": "UTC"})[0].said


def test_a_mail_that_nobody_confirmed_is_told() -> None:
    waits = [{"Endpoint": "ops@cafe.example", "SubscriptionArn": "PendingConfirmation"}]
    assert "has not confirmed" in running.subscription_judged("AlarmsTopic", waits)[0].said
    assert running.subscription_judged("AlarmsTopic", [])[0].state is State.BAD
    there = [{"Endpoint": "ops@cafe.example", "SubscriptionArn": "arn:aws:sns:x"}]
    assert running.subscription_judged("CostTopic", there)[0].state is State.GOOD


@pytest.mark.parametrize(("status", "state"), [(404, State.GOOD), (200, State.BAD), (403, State.BAD), (429, State.BAD)])
def test_the_door_shows_a_stranger_nothing(status: int, state: State) -> None:
    assert running.door_judged(status, {"content-security-policy": "default-src 'none'"}).state is state


def test_what_stands_is_told_with_the_commands_of_this_stack() -> None:
    from local.checks.posts import judged

    calm = Stand("cafe", NOW, synced_at=NOW, swept_at=NOW, ticked_at=NOW, dead=Dead(0), alarms=[])
    assert {one.state for one in judged(calm, "")} == {State.GOOD}
    trouble = replace(
        calm, held=("Ada", NOW), paused={"x-main": NOW}, swept_at=NOW - timedelta(minutes=40), unread=["the alarms: no"]
    )
    told = judged(trouble, " STACK=cafe")
    assert {"hold", "status"} <= {one.name for one in told}
    assert all("STACK=cafe" in one.fix for one in told if one.state in (State.BAD, State.DOUBTFUL))
    assert [one.said for one in told if one.state is State.UNKNOWN] == ["the alarms: no"]
    assert any(one.state is State.LATER for one in judged(replace(calm, swept_at=None), ""))


def test_the_exit_code_says_what_there_is_to_do() -> None:
    good, later = Finding("a", State.GOOD, "x"), Finding("b", State.LATER, "x", "y")
    bad, unknown = Finding("c", State.BAD, "x", "y"), Finding("d", State.UNKNOWN, "x", "y")
    assert telling.code([good, later]) == 0
    assert telling.code([good, bad, unknown]) == 1
    assert telling.code([good, unknown]) == 2
    assert telling.summary([good]).startswith("All is well")
    assert "-> y" in telling.line(bad)
    assert telling.as_json("cafe", [bad])["findings"][0]["state"] == "bad"


def test_a_clients_change_is_refused_before_it_is_sent() -> None:
    def made(service: str) -> Any:
        return boto3.client(
            service, "eu-central-1", aws_access_key_id="x", aws_secret_access_key="x", endpoint_url="http://127.0.0.1:9"
        )

    client = reading(made)("secretsmanager")
    with pytest.raises(ChangeError, match="PutSecretValue"):
        client.put_secret_value(SecretId="a", SecretString="b")


def test_an_answer_that_nobody_understands_is_a_finding() -> None:
    found: list[Finding] = []
    with looking("SES", "ses:GetAccount", found):
        raise KeyError("SendQuota")
    assert found[0].state is State.UNKNOWN
