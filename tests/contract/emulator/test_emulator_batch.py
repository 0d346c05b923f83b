"""A batch on the deployed template.yaml: from the note by events alone to a plan in the mail, a press, five drafts and one card."""

from __future__ import annotations

import base64
import email
import html
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from local_aws import LocalAws
from PIL import Image

from local import ROOT
from local.bedrock.serve import LocalBedrock
from local.deploy import deploy
from mesh.ledger import Act, Ledger, Status, TableNames, Tables
from mesh.ledger.proposals import DRAFTING, DraftState, Note, Proposal, Source, Upload

PAGES = "https://pages.example.test"
ADA = "ada@example.test"
RULES = """Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account did:plc:cafe, https://bsky.example
- mastodon-main: mastodon, account 42, https://mastodon.example
"""


class Stack:
    """The template deployed, with the stand-in for Bedrock behind draft-helper."""

    def __init__(self, aws: LocalAws, folder: Path, bedrock: str) -> None:
        self.aws = aws
        parameters = {
            "TimeZone": "Europe/Berlin",
            "SheetId": "none",
            "DriveFolderId": "none",
            "Recipients": ADA,
            "MailFrom": "posts@example.test",
            "ApproveUrl": PAGES,
        }
        template = ROOT / "template.yaml"
        self.outputs = deploy(template, aws.endpoint, "ss", parameters, folder / "build", lambda _: None)
        functions = aws.client("lambda")
        known = functions.get_function_configuration(FunctionName="ss-draft-helper")["Environment"]["Variables"]
        functions.update_function_configuration(
            FunctionName="ss-draft-helper", Environment={"Variables": {**known, "BEDROCK_URL": bedrock}}
        )
        names = TableNames(*(self.outputs[f"{name}Table"] for name in ("Status", "Sends", "Audit", "Runtime")))
        self.ledger = Ledger(Tables(aws.client("dynamodb")), names)
        self.s3 = aws.client("s3")
        self.s3.put_object(Bucket=self.outputs["RulesBucket"], Key="rules.txt", Body=RULES.encode())

    def upload(self, number: int) -> Upload:
        out = io.BytesIO()
        Image.new("RGB", (60 + number, 40), "#c0602f").save(out, "JPEG")
        kept = self.s3.put_object(Bucket=self.outputs["PostsBucket"], Key=f"uploads/u_{number}", Body=out.getvalue())
        md5 = kept["ETag"].strip('"')
        name = f"rolls {number}.jpg"
        return Upload(upload_id=f"u_{number}", kind="image", name=name, mime="image/jpeg", size=900, md5=md5)

    def note(self, text: str, *uploads: Upload) -> None:
        """As the compose page stores it, and its event."""
        now = datetime.now(UTC).isoformat()
        note = Note(text=text, uploads=uploads, channels=("bluesky-main",), by=ADA, at=now, source=Source.BATCH)
        proposal = Proposal(state=DraftState.REQUESTED, note=note)
        status = Status(post_id="b_spring", open=DRAFTING, due_at=now, proposal=proposal, trace_id="t_spring")
        self.ledger.change_status("b_spring", Act("noted", ADA, datetime.now(UTC)), lambda _: status)
        detail = '{"schema_version": 1, "trace_id": "t_spring", "batch_id": "b_spring"}'
        entry = {"Source": "ss", "DetailType": "ss.batch.requested", "Detail": detail}
        self.aws.client("events").put_events(Entries=[entry])
        self.aws.settle()

    def draft(self, post_id: str) -> Proposal:
        found = self.ledger.status(post_id)
        assert found is not None
        assert found.proposal is not None
        return found.proposal

    def mails(self) -> list[str]:
        """The plain text of each, oldest first."""
        raw = [base64.b64decode(one["raw_base64"]) for one in self.aws.get("mails?after=0")["mails"]]
        parts = [email.message_from_bytes(one, policy=default).get_body(("plain",)) for one in raw]
        return [str(part.get_content()) for part in parts if part is not None]

    def page(self, link: str, fields: dict[str, str] | None = None) -> str:
        url = f"{self.outputs['function_url:ApproveHandler']}{link}"
        if fields is None:
            answer = httpx.get(url, timeout=60)
        else:
            headers = {"origin": PAGES, "content-type": "application/x-www-form-urlencoded"}
            answer = httpx.post(url, content=urlencode(fields), headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("batch")
    bedrock, aws = LocalBedrock(), LocalAws(folder / "state")
    try:
        bedrock.start()
        yield Stack(aws, folder, bedrock.origin)
    finally:
        aws.stop()
        bedrock.stop()


def fields_of(page: str) -> dict[str, str]:
    """The form as it stands, as far as this test needs it: hidden and plain fields, and the words."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", page):
        given: dict[str, Any] = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if given.get("type") != "checkbox" and "name" in given:
            found[given["name"]] = html.unescape(given.get("value", ""))
    for name, words in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>\n?([^<]*)</textarea>', page):
        found[name] = html.unescape(words)
    for name, inside in re.findall(r'<select [^>]*name="([^"]+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found[name] = chosen[1] if chosen else ""
    return found


@pytest.mark.slow
def test_five_posts_for_the_spring_sale_become_five_drafts_and_one_card(stack: Stack) -> None:
    wish = "Five posts for the spring sale, two with photos, in the next two weeks."
    photos = [stack.upload(1), stack.upload(2)]
    stack.note(wish, *photos)
    batch = stack.draft("b_spring")
    assert (batch.state, len(batch.plan)) == (DraftState.READY, 5)
    assert [upload for one in batch.plan for upload in one.uploads] == photos
    (mail,) = stack.mails()
    link = re.search(rf"Look at the plan: {PAGES}/([\w.-]+)", mail)
    assert link is not None

    page = stack.page(link[1])
    fields = fields_of(page)
    assert fields["topic-4"] == batch.plan[4].topic
    last = (datetime.now(UTC) + timedelta(days=13)).date().isoformat()
    pressed = {**fields, "do": "draft", "topic-4": "Our new baker starts on Monday", "date-4": last, "time-4": "17:30"}
    assert "Your posts are being drafted" in stack.page(link[1], pressed)
    assert "Your posts are being drafted" in stack.page(link[1], pressed)
    stack.aws.settle()

    plan = stack.draft("b_spring").plan
    drafts = [stack.draft(one.post_id) for one in plan]
    assert {one.state for one in drafts} == {DraftState.READY}
    assert "baker" in str(drafts[4].wordings)
    assert (drafts[4].note.date, drafts[4].note.time) == (last, "17:30")
    batch_item = stack.ledger.status("b_spring")
    assert batch_item is not None
    assert batch_item.open is None
    _, card = stack.mails()  # after the plan's, one for all five
    assert card.count("Open the draft") == 5
    machines = stack.aws.client("stepfunctions")
    (machine,) = machines.list_state_machines()["stateMachines"]
    runs = machines.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    assert {one["status"] for one in runs} == {"SUCCEEDED"}
    assert "Your drafts" in stack.page(link[1])
