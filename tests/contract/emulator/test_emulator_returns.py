"""A card to somebody whose mails come back, on the deployed template.yaml: by SES's events alone to the row and the others."""

from __future__ import annotations

import base64
import email
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path

import pytest
from local_aws import LocalAws

from local import ROOT
from local.deploy import deploy
from mesh.bus import Bus
from mesh.events import Asked, ReviewRequested
from mesh.ledger import Act, Asking, Ledger, PackageRef, Runtime, Status, TableNames, Tables
from mesh.messages.bounced import bounced
from mesh.packages import SIGNING, Manifest, Packages, PackedChannel

ADA, GONE, CROSS = "ada@example.test", "bounce+ben@example.test", "complaint@example.test"
NOW = datetime.now(UTC)
ACT = Act("test", by="test", at=NOW)


class Stack:
    """The template deployed with three recipients, and one post that waits."""

    def __init__(self, aws: LocalAws, folder: Path) -> None:
        self.aws = aws
        parameters = {
            "TimeZone": "Europe/Berlin",
            "SheetId": "none",
            "DriveFolderId": "none",
            "Recipients": f"{ADA},{GONE},{CROSS}",
            "MailFrom": "posts@example.test",
            "ApproveUrl": "https://pages.example.test",
        }
        outputs = deploy(ROOT / "template.yaml", aws.endpoint, "ss", parameters, folder / "build", lambda _: None)
        names = TableNames(*(outputs[f"{name}Table"] for name in ("Status", "Sends", "Audit", "Runtime")))
        tables = Tables(aws.client("dynamodb"))
        self.ledger, self.runtime = Ledger(tables, names), Runtime(tables, names)
        self.bus = Bus(aws.client("events"), "ss")
        packages = Packages(aws.client("s3", SIGNING), outputs["PostsBucket"])
        channel = PackedChannel(network="bluesky", account="a", host="https://bsky.example", text="Cake", payload={})
        planned = (NOW + timedelta(days=1)).isoformat()
        manifest = Manifest(
            post_id="p_1",
            source_revision="s1",
            planned_at=planned,
            time_zone="Europe/Berlin",
            channels={"main": channel},
        )
        self.revision = packages.write(manifest, {})

    def ask(self, round_id: str) -> None:
        """As the scheduler asks."""
        asked = Asking(revision=self.revision, round_id=round_id, reason="new", at=datetime.now(UTC).isoformat())
        status = Status(
            post_id="p_1",
            channels=("main",),
            due_at=(NOW + timedelta(days=1)).isoformat(),
            open="1",
            source_revision="s1",
            package=PackageRef(source_revision="s1", revision=self.revision),
            asked=asked,
        )
        self.ledger.change_status(
            "p_1", ACT, lambda before: status if before is None else before.model_copy(update={"asked": asked})
        )
        posts = [Asked(post_id="p_1", revision=self.revision)]
        self.bus.put([ReviewRequested(posts=posts, round_id=round_id, reason="new")])
        self.aws.settle()

    def mails(self) -> list[tuple[str, str, str]]:
        """Recipient, subject and plain text of every mail."""
        found = []
        for record in self.aws.get("mails")["mails"]:
            mail = email.message_from_bytes(base64.b64decode(record["raw_base64"]), policy=default)
            body = mail.get_body(("plain",))  # type: ignore[attr-defined]
            found.append((record["to"][0], record["subject"], body.get_content()))
        return found

    @property
    def status(self) -> Status:
        found = self.ledger.status("p_1")
        assert found is not None
        return found


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("returns")
    aws = LocalAws(folder / "state")
    try:
        yield Stack(aws, folder)
    finally:
        aws.stop()


@pytest.mark.slow
def test_whose_mails_come_back_stands_in_the_row_is_told_to_the_others_and_gets_no_more(stack: Stack) -> None:
    stack.ask("r_1")
    assert [to for to, subject, _ in stack.mails() if "Please approve" in subject] == [ADA, GONE, CROSS]
    card = stack.status.card
    assert card is not None
    assert f"{GONE}: mails come back (the mailbox does not exist)" in card.error
    assert f"{CROSS}: mails are reported as spam (somebody there marked a mail as spam)" in card.error
    assert (card.sent_at is not None, card.sent_to) == (True, 1)

    stack.aws.post("clock", advance_seconds=660)
    stack.aws.settle()
    ((to, subject, text),) = [one for one in stack.mails() if "Please approve" not in one[1]]
    assert (to, subject) == (ADA, "Mails to 2 people come back")
    assert f"Mails to {GONE} come back: the mailbox does not exist." in text
    assert "Whoever set this up puts another one into the stack's parameter Recipients" in text

    before = len(stack.mails())
    stack.ask("r_2")
    assert [to for to, _, _ in stack.mails()[before:]] == [ADA]
    again = stack.status.card
    assert again is not None
    assert GONE in again.error
    stack.aws.post("clock", advance_seconds=660)
    stack.aws.settle()
    assert len(stack.mails()) == before + 1, "told once"
    told = stack.aws.get("mails/listed?before=3&most=1")
    assert (told["count"], told["first"], [mail["seq"] for mail in told["mails"]]) == (before + 1, 1, [2])
    assert told["mails"][0]["text"] == stack.mails()[1][2]
    assert stack.aws.get("mails/2")["mail"]["subject"] == stack.mails()[1][1]

    noted = [str(event) for event in stack.aws.get("events")["events"] if event["source"] == "ss"]
    assert not [event for event in noted if GONE in event or CROSS in event], "no address in an event of ours"


def test_an_address_comes_back_on_request_and_another_sets_event_is_nobodys(stack: Stack) -> None:
    assert stack.aws.post("returns", address=ADA, kind="bounce") == {"returns": {ADA: "bounce"}}
    assert stack.aws.refused("returns", address=ADA, kind="explodes") == 400
    mail = stack.aws.client("sesv2")
    given = {
        "FromEmailAddress": "posts@example.test",
        "Destination": {"ToAddresses": [ADA]},
        "Content": {"Raw": {"Data": b"Subject: x\n\nx"}},
    }
    mail.send_email(**given)
    mail.create_configuration_set(ConfigurationSetName="another")
    mail.send_email(**given, ConfigurationSetName="another")
    stack.aws.settle()
    assert bounced(stack.runtime, [ADA], datetime.now(UTC)) == {}, "no set, or not ours"

    mail.send_email(**given, ConfigurationSetName="ss-mails")
    stack.aws.settle()
    assert list(bounced(stack.runtime, [ADA, "ada@elsewhere.test"], datetime.now(UTC))) == [ADA]
