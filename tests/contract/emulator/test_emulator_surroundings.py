"""What a function sees of its host, mail, the Function URL, and a start that cannot work."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from local_aws import LocalAws

from local import ROOT
from mesh import clock
from mesh.ledger import Tables
from mesh.objects import opened
from mesh.packages import SIGNING, Packages

_SEEN_BY_FUNCTIONS = {
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_DISABLE_HOST_PREFIX_INJECTION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_REGION",
    "AWS_SDK_UA_APP_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "HOME",
    "LAMBDA_TASK_ROOT",
    "LANG",
    "LC_CTYPE",
    "MESH_CLOCK_FILE",
    "NOTE",
    "PATH",
    "PREFIX",
    "TMPDIR",
}


def _page(aws: LocalAws, path: str = "", **options: str) -> httpx.Response:
    return httpx.get(aws.outputs["function_url:Page"] + path, **options)  # type: ignore[arg-type]


def test_nothing_of_the_hosts_environment_reaches_a_function(aws: LocalAws) -> None:
    seen = {name for name in _page(aws).json()["environment"] if not name.startswith("_")}
    assert seen <= _SEEN_BY_FUNCTIONS
    assert {"AWS_ENDPOINT_URL", "AWS_REGION", "MESH_CLOCK_FILE", "PATH"} <= seen


def test_the_checkout_is_not_on_a_functions_path(aws: LocalAws) -> None:
    path = _page(aws).json()["path"]
    assert "/nowhere" not in path
    assert str(ROOT) not in path
    assert not any(entry.startswith(str(ROOT / "layers")) for entry in path)


def test_a_function_reads_the_moved_clock(aws: LocalAws) -> None:
    offset = aws.post("clock", advance_seconds=3600)["offset_seconds"]
    assert _page(aws).json()["clock"] == {"offset_seconds": offset}
    aws.settle()


def test_every_line_is_kept_with_the_event_it_was_written_for(aws: LocalAws) -> None:
    """As many as there are, one that is not ended, and none at all."""
    said = [["a line\n"] * 300, ["not ended"], [], ["after\n", "an empty one\n", "\n", "and this"]]
    before = aws.last("invocations")
    for words in said:
        aws.client("lambda").invoke(FunctionName="ss-worker", Payload=json.dumps({"says": words}))
    logs = [run["log"] for run in aws.invocations(before)]
    assert [log.partition("\n")[2] for log in logs] == ["".join(words).rstrip("\n") for words in said]


def test_what_a_function_is_asked_is_answered_before_fifty_milliseconds_are_over(aws: LocalAws) -> None:
    """Which MiniStack would wait for a first line of a function that writes none; the quickest of twenty, for a busy computer's sake."""
    before = aws.last("invocations")
    for _ in range(20):
        _page(aws)
    runs = aws.invocations(before)
    assert {run["log"] for run in runs} == {""}
    assert min(run["duration_ms"] for run in runs) < 40


def test_the_function_url_is_reachable_where_the_stack_says(aws: LocalAws) -> None:
    assert aws.outputs["PageUrl"] == aws.outputs["function_url:Page"]
    asked = _page(aws, "approve/some%20token?x=1").json()["asked"]
    assert (asked["method"], asked["path"]) == ("GET", "/approve/some token")


def test_the_function_url_stays_the_same_when_it_is_made_anew(aws: LocalAws) -> None:
    functions = aws.client("lambda")
    address = functions.get_function_url_config(FunctionName="ss-page")["FunctionUrl"]
    functions.delete_function_url_config(FunctionName="ss-page")
    assert functions.create_function_url_config(FunctionName="ss-page", AuthType="NONE")["FunctionUrl"] == address
    assert _page(aws).status_code == 200


def test_mail_can_be_read_as_it_was_handed_over(aws: LocalAws) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "cards@example.com", "owner@example.com", "Grüße ☕"
    message["X-Card"] = "kept"
    message.set_content("plain")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="cake.png")
    before = aws.last("mails")
    mailer = aws.client("sesv2")
    mailer.create_email_identity(EmailIdentity="cards@example.com")
    mailer.send_email(
        FromEmailAddress="cards@example.com",
        Destination={"ToAddresses": ["owner@example.com"]},
        Content={"Raw": {"Data": bytes(message)}},
    )
    (mail,) = aws.get(f"mails?after={before}")["mails"]
    assert (mail["from"], mail["to"], mail["subject"]) == ("cards@example.com", ["owner@example.com"], "Grüße ☕")
    read = message_from_bytes(base64.b64decode(mail["raw_base64"]))
    assert read["X-Card"] == "kept"
    assert [part.get_content_type() for part in read.walk()] == ["multipart/mixed", "text/plain", "image/png"]


def _start_in_vain(*options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "local", "aws", *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    return ended.returncode, ended.stderr


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = _start_in_vain("--port", str(port), "--state", str(tmp_path / "state"))
    assert code == 2
    assert f"Port {port}" in said
    assert len(said.splitlines()) == 1


def test_a_state_folder_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    code, said = _start_in_vain("--state", str(tmp_path / "file" / "state"))
    assert code == 2
    assert str(tmp_path / "file" / "state") in said
    assert len(said.splitlines()) == 1


def test_a_state_folder_has_one_user(aws: LocalAws) -> None:
    code, said = _start_in_vain("--state", str(aws.state))
    assert code == 2
    assert "in use" in said


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's list of sockets")
def test_it_listens_on_loopback_only(aws: LocalAws) -> None:
    inodes = {str(entry.readlink()) for entry in Path(f"/proc/{aws.process.pid}/fd").iterdir() if entry.is_symlink()}
    listening = [
        fields[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        if (fields := line.split())[3] == "0A" and f"socket:[{fields[9]}]" in inodes
    ]
    assert [address.split(":")[0] for address in listening] == ["0100007F"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example"},
    ],
    ids=str,
)
def test_no_page_of_the_web_gets_at_what_is_kept_here(aws: LocalAws, headers: dict[str, str]) -> None:
    """The emulator tells browsers that any page may read it, and asks for no signature: this is all that stands before the secrets."""
    listing = {"x-amz-target": "secretsmanager.ListSecrets", "content-type": "application/x-amz-json-1.1"}
    with httpx.Client(base_url=aws.endpoint, trust_env=False) as browser:
        assert browser.post("/", headers={**listing, **headers}, content="{}").status_code == 403
        asking = {"access-control-request-method": "POST", "access-control-request-headers": "x-amz-target"}
        assert "access-control-allow-origin" not in browser.options("/", headers={**asking, **headers}).headers
        assert browser.get("/_local/events", headers=headers).status_code == 403
        assert browser.post("/", headers={**listing, "origin": "http://127.0.0.1:1"}, content="{}").status_code == 200


def test_the_tables_answers_name_the_time_and_a_version_nobody_put_is_none(aws: LocalAws) -> None:
    """What the scheduler holds a machine's clock against, whatever the stack's clock says; and how it looks at a mirror before this one."""
    tables = Tables(aws.client("dynamodb"))
    aws.post("clock", advance_seconds=86_400)
    aws.client("dynamodb").create_table(
        TableName="ss-dated",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    tables.get("ss-dated", {"pk": "x"})
    assert abs(clock.ahead_of(tables.answered_at)) < timedelta(minutes=1)

    with opened(aws.client("s3"), aws.outputs["Bucket"], "k", "3f8a9e9e-0000-4000-8000-000000000000") as none:
        assert none is None


def test_an_address_that_the_sender_signs_is_fetched_by_anybody_with_those_very_bytes(aws: LocalAws) -> None:
    """As Instagram, Threads and Facebook fetch the images of a post."""
    client, bucket = aws.client("s3", config=SIGNING), aws.outputs["Bucket"]
    client.put_object(Bucket=bucket, Key="packages/p_1/r/abc", Body=b"\xff\xd8\xffcake")
    address = Packages(client, bucket).address("p_1", "r", "abc", "image/jpeg")
    assert address.startswith("http://127.0.0.1:")
    fetched = httpx.get(address, trust_env=False)
    assert (fetched.status_code, fetched.content) == (200, b"\xff\xd8\xffcake")
    assert fetched.headers["content-type"] == "image/jpeg"
