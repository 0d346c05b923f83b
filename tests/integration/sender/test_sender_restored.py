"""A backup over moto, put back after a send that it does not know: nothing goes out twice, and bad input is named with its next step."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import boto3
import pytest
from botocore.exceptions import ClientError
from moto_mesh import NAMES, POSTS_BUCKET, REGION, MotoMesh
from sender_stage import CHANNEL, DUE, POST, Stage

from local.backup import command, restoring, stopping
from local.backup.kept import BackupError, opened
from local.backup.making import make_missing
from local.backup.restoring import Restored, restore
from local.backup.taking import take
from local.operator import cut_off, holding
from local.operator.books import Books
from local.operator.holding import change
from local.operator.verify_audit import verify
from local.operator.which import Reached
from mesh.events import Trouble
from mesh.ledger import Answer, HeadState, Says
from mesh.ledger.runtime import HOLD_EVERYTHING
from mesh.ledger.values import unpack
from sender.gate import Gate

MASTODON = "mastodon-main"
ALL = (NAMES.status, NAMES.sends, NAMES.audit, NAMES.runtime)


@pytest.fixture
def stage(mesh: MotoMesh) -> Stage:
    return Stage(mesh, channels=(CHANNEL, MASTODON))


class Caller:
    """Whose the buckets of these tests are."""

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": "000000000000", "Arn": "arn:aws:iam::000000000000:user/ada"}


@pytest.fixture
def stack(stage: Stage) -> Reached:
    def client(service: str) -> Any:
        return Caller() if service == "sts" else boto3.client(service, region_name=REGION)

    return Reached("ss", "ss in Singapore", client, lambda: stage.now)


@pytest.fixture
def backup(stack: Reached, tmp_path: Path) -> Path:
    folder, _ = take(stack, tmp_path / "backups", lambda _: None)
    return folder


def put_back(stack: Reached, folder: Path, *, replace: bool = False) -> Restored:
    return restore(stack, folder, lambda _: None, replace=replace, sure=lambda _: True, pause=lambda _: None)


def lose(mesh: MotoMesh) -> None:
    for table in ALL:
        mesh.dynamodb.delete_table(TableName=table)


def items(mesh: MotoMesh, table: str) -> list[dict[str, Any]]:
    return [unpack(item) for item in mesh.dynamodb.scan(TableName=table)["Items"]]


def everything_that_might_wake_the_sender(stage: Stage) -> None:
    for channel in (CHANNEL, MASTODON):
        for attempt in (1, 2, 3):
            stage.send(attempt, channel)


@pytest.mark.parametrize("elsewhere", ["../../.aws/credentials", "/etc/hostname", "files/../../x", "files/a/../../x"])
def test_a_backup_that_names_a_file_elsewhere_on_this_computer_is_not_read(backup: Path, elsewhere: str) -> None:
    """Somebody may hand over a folder that only looks like a backup: what it puts back is to be its own."""
    written = json.loads((backup / "manifest.json").read_text())
    written["tables"]["status"]["file"] = elsewhere
    text = json.dumps(written)
    (backup / "manifest.json").write_text(text)
    (backup / "manifest.sha256").write_text(hashlib.sha256(text.encode()).hexdigest())
    with pytest.raises(BackupError, match=r"manifest\.json is not as it was written"):
        opened(backup)


def test_put_back_as_it_was_the_same_backup_would_have_sent_it_twice(
    stage: Stage, backup: Path, mesh: MotoMesh
) -> None:
    """The danger itself: without it the next test would show nothing."""
    stage.send()
    stage.wait(timedelta(minutes=2))
    for item in (json.loads(line) for line in (backup / "tables" / "sends.jsonl").read_text().splitlines()):
        mesh.dynamodb.put_item(TableName=NAMES.sends, Item=item)
    mesh.dynamodb.delete_item(
        TableName=NAMES.sends, Key={"post_channel": {"S": f"{POST}#{CHANNEL}"}, "attempt": {"N": "1"}}
    )
    for row in mesh.audit(f"{POST}#{CHANNEL}")[1:]:
        mesh.dynamodb.delete_item(
            TableName=NAMES.audit, Key={"subject": {"S": row["subject"]}, "seq": {"S": row["seq"]}}
        )
    stage.send()
    assert len(stage.networks.posts) == 2


def test_a_backup_from_before_a_send_put_back_after_it_sends_nothing_twice(
    stage: Stage, stack: Reached, backup: Path, mesh: MotoMesh
) -> None:
    stage.wait(timedelta(minutes=1))
    stage.send()
    assert stage.head().state is HeadState.SENT
    lose(mesh)
    stage.wait(timedelta(minutes=30))
    done = put_back(stack, backup)
    assert sorted(done.asked) == [f"{POST}#{CHANNEL}", f"{POST}#{MASTODON}"]
    assert HOLD_EVERYTHING in mesh.ledger.standing([HOLD_EVERYTHING])
    assert {stage.head(channel).state for channel in (CHANNEL, MASTODON)} == {HeadState.UNKNOWN}

    everything_that_might_wake_the_sender(stage)
    change(stack, "ada", "", on=False)
    for _ in range(4):
        everything_that_might_wake_the_sender(stage)
        stage.wait(timedelta(hours=3))
    assert len(stage.networks.creating) == 1, "only the send before the loss"
    asked = {event.cause for event in mesh.events_of(Trouble) if event.attempt}
    assert asked == {f"unknown#{POST}#{CHANNEL}#1", f"unknown#{POST}#{MASTODON}#1"}
    assert verify(Books(mesh.dynamodb, "ss")).findings == ()


def answer(stage: Stage, channel: str, says: Says) -> None:
    head = stage.head(channel)
    one = Answer(
        channel=channel,
        revision=head.revision,
        attempt=head.attempts,
        says=says,
        by="ada",
        how="mail",
        at=stage.now.isoformat(),
    )
    stage.change(answers=(one,))
    stage.send(head.attempts + 1, channel)


def test_after_the_owners_answer_it_goes_on_as_if_nothing_had_been(
    stage: Stage, stack: Reached, backup: Path, mesh: MotoMesh
) -> None:
    stage.send(channel=MASTODON)
    lose(mesh)
    stage.wait(timedelta(minutes=30))
    put_back(stack, backup)
    answer(stage, MASTODON, Says.FOUND)
    assert stage.head(MASTODON).state is HeadState.SENT
    answer(stage, CHANNEL, Says.SEND_AGAIN)
    assert stage.head().state is HeadState.RETRY
    assert stage.send(2).move == f"gate {Gate.WAITING}", "everything is still on hold"
    change(stack, "ada", "", on=False)
    stage.send(2)
    assert stage.head().state is HeadState.SENT
    assert len(stage.networks.creating) == 2


def test_what_a_look_proves_to_be_out_is_out_and_nobody_is_asked(
    stage: Stage, stack: Reached, backup: Path, mesh: MotoMesh
) -> None:
    stage.send(channel=MASTODON)
    lose(mesh)
    stage.wait(timedelta(minutes=30))
    put_back(stack, backup)
    stage.send(2, MASTODON)
    assert stage.head(MASTODON).state is HeadState.SENT
    assert mesh.events_of(Trouble) == []


def test_asked_about_ahead_of_its_time_it_is_not_sent_before_it(
    stage: Stage, stack: Reached, backup: Path, mesh: MotoMesh
) -> None:
    later = (DUE + timedelta(days=3)).isoformat()
    stage.change(due_at=later)
    folder, _ = take(stack, backup.parent / "second", lambda _: None)
    lose(mesh)
    put_back(stack, folder)
    answer(stage, CHANNEL, Says.SEND_AGAIN)
    assert stage.head().next_at == later
    change(stack, "ada", "", on=False)
    stage.send(2)
    assert stage.networks.creating == []


def test_a_post_that_is_younger_than_the_backup_is_known_by_its_package(
    stage: Stage, stack: Reached, mesh: MotoMesh, tmp_path: Path
) -> None:
    key = f"packages/{POST}/{stage.revision}/manifest.json"
    body = mesh.s3.get_object(Bucket=POSTS_BUCKET, Key=key)["Body"].read()
    mesh.s3.delete_object(Bucket=POSTS_BUCKET, Key=key)
    lose(mesh)
    assert sorted(make_missing(mesh.dynamodb, "ss")) == sorted(ALL)
    empty, _ = take(stack, tmp_path / "backups", lambda _: None)
    mesh.s3.put_object(Bucket=POSTS_BUCKET, Key=key, Body=body)
    done = put_back(stack, empty)
    assert len(done.asked) == 2
    assert stage.head().state is HeadState.UNKNOWN
    assert stage.head().revision == stage.revision


def test_what_is_out_in_the_backup_stays_so_and_files_come_back_where_they_are_missing(
    stage: Stage, stack: Reached, mesh: MotoMesh, tmp_path: Path
) -> None:
    stage.send()
    folder, manifest = take(stack, tmp_path / "backups", lambda _: None)
    assert all(one.key != "" for one in manifest.buckets["posts-source"])
    lose(mesh)
    key = f"packages/{POST}/{stage.revision}/manifest.json"
    mesh.s3.delete_object(Bucket=POSTS_BUCKET, Key=key)
    mesh.put_rules("newer rules")
    done = put_back(stack, folder)
    assert done.asked == (f"{POST}#{MASTODON}",)
    assert done.files == 1
    assert mesh.packages.read(POST, stage.revision).post_id == POST
    assert mesh.s3.get_object(Bucket=mesh.rules_bucket, Key="rules.txt")["Body"].read() == b"newer rules"


def test_a_restore_that_was_cut_off_holds_everything_and_goes_on(
    stage: Stage, stack: Reached, backup: Path, mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(mesh)
    whole = restoring._Restoring._write

    def cut_off(self: Any, name: str, rows: Any) -> None:
        if name == "sends":
            raise KeyboardInterrupt
        whole(self, name, rows)

    monkeypatch.setattr(restoring._Restoring, "_write", cut_off)
    with pytest.raises(KeyboardInterrupt):
        put_back(stack, backup)
    assert HOLD_EVERYTHING in mesh.ledger.standing([HOLD_EVERYTHING])
    monkeypatch.setattr(restoring._Restoring, "_write", whole)
    assert len(put_back(stack, backup).asked) == 2
    assert verify(Books(mesh.dynamodb, "ss")).findings == ()


class Functions:
    """Lambda, as far as a restore asks it. ``reserved`` is how many of each may run; ``refuses`` names one that is not changed."""

    def __init__(self) -> None:
        self.reserved: dict[str, int] = {"ss-approve-handler": 5}
        self.refuses = ""

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self) -> list[dict[str, Any]]:
        names = ("ss-sender", "ss-approve-handler", "ss-two-sender")
        return [{"Functions": [{"FunctionName": name, "Timeout": 60} for name in names]}]

    def get_function_concurrency(self, FunctionName: str) -> dict[str, int]:  # noqa: N803 - AWS's own names
        found = self.reserved.get(FunctionName)
        return {} if found is None else {"ReservedConcurrentExecutions": found}

    def put_function_concurrency(self, FunctionName: str, ReservedConcurrentExecutions: int) -> None:  # noqa: N803
        if FunctionName == self.refuses and ReservedConcurrentExecutions:
            raise ClientError({"Error": {"Code": "TooManyRequestsException"}}, "PutFunctionConcurrency")
        self.reserved[FunctionName] = ReservedConcurrentExecutions

    def delete_function_concurrency(self, FunctionName: str) -> None:  # noqa: N803
        self.reserved.pop(FunctionName, None)


STILL = {"ss-approve-handler": 0, "ss-sender": 0}


def with_functions(stack: Reached) -> tuple[Reached, Functions]:
    functions = Functions()
    return replace(stack, client=lambda name: functions if name == "lambda" else stack.client(name)), functions


def test_the_functions_stand_still_meanwhile_and_run_as_before_afterwards(stack: Reached, backup: Path) -> None:
    stack, functions = with_functions(stack)
    waited: list[tuple[float, dict[str, int]]] = []
    restore(
        stack,
        backup,
        lambda _: None,
        replace=True,
        sure=lambda _: True,
        pause=lambda seconds: waited.append((seconds, dict(functions.reserved))),
    )
    assert waited == [(60, STILL)], "what runs already has its time to end"
    assert functions.reserved == {"ss-approve-handler": 5}


def test_while_only_a_part_is_put_back_no_function_runs(
    stack: Reached, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack, functions = with_functions(stack)
    with monkeypatch.context() as patch:
        patch.setattr(restoring._Restoring, "_files", killed)
        with pytest.raises(SystemExit):
            put_back(stack, backup, replace=True)
    assert functions.reserved == STILL
    put_back(stack, backup)
    assert functions.reserved == {"ss-approve-handler": 5}


def killed(*_: Any, **__: Any) -> NoReturn:
    raise SystemExit


def test_a_restore_that_was_killed_is_named_cannot_be_released_and_gives_back_what_it_took(
    stack: Reached, backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack, functions = with_functions(stack)
    with monkeypatch.context() as patch:  # killed outright: nothing that comes afterwards is done
        patch.setattr(restoring._Restoring, "_files", killed)
        patch.setattr(stopping, "let_run", lambda *_: None)
        with pytest.raises(SystemExit):
            put_back(stack, backup, replace=True)
    assert functions.reserved == STILL
    found = cut_off.said(holding.runtime_of(stack), stack.now())
    assert found is not None
    assert "A restore was cut off half-way" in found[0]
    assert f"make restore FROM={backup}" in found[1]
    monkeypatch.setattr(holding, "reached", lambda _: stack)
    assert holding.release([]) == 2
    assert "Nothing was released" in capsys.readouterr().err
    with pytest.raises(BackupError, match="nothing to keep"):
        take(stack, backup.parent / "half", lambda _: None)
    said: list[str] = []
    restore(stack, backup, said.append, sure=lambda _: True, pause=lambda _: None)
    assert said[0] == "a restore of this backup was cut off here; it goes on"
    assert functions.reserved == {"ss-approve-handler": 5}
    assert cut_off.said(holding.runtime_of(stack), stack.now()) is None


def test_a_restore_that_was_killed_before_it_changed_anything_can_be_given_up(
    stack: Reached, backup: Path, mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack, functions = with_functions(stack)
    before = items(mesh, NAMES.sends)
    with monkeypatch.context() as patch:
        patch.setattr(restoring, "change", killed)
        patch.setattr(stopping, "let_run", lambda *_: None)
        with pytest.raises(SystemExit):
            put_back(stack, backup, replace=True)
    assert functions.reserved == STILL
    with pytest.raises(BackupError, match="the functions run again as before"):
        restore(stack, backup, lambda _: None, replace=True, sure=lambda _: False)
    assert functions.reserved == {"ss-approve-handler": 5}
    assert items(mesh, NAMES.sends) == before
    assert cut_off.said(holding.runtime_of(stack), stack.now()) is None


def test_a_function_that_cannot_be_let_run_does_not_keep_the_others_from_it(stack: Reached, backup: Path) -> None:
    stack, functions = with_functions(stack)
    functions.refuses = "ss-approve-handler"
    with pytest.raises(BackupError, match="still stand still: ss-approve-handler"):
        put_back(stack, backup, replace=True)
    assert functions.reserved == {"ss-approve-handler": 0}
    functions.refuses = ""
    put_back(stack, backup, replace=True)
    assert functions.reserved == {"ss-approve-handler": 5}


# bad input


def refused(stack: Reached, folder: Path) -> str:
    with pytest.raises(BackupError) as error:
        put_back(stack, folder)
    return str(error.value)


def test_tables_that_are_not_empty_are_left_alone_unless_it_is_said_so(
    stack: Reached, backup: Path, mesh: MotoMesh
) -> None:
    before = items(mesh, NAMES.sends)
    said = refused(stack, backup)
    assert "not empty: 1 in ss-status, 2 in ss-sends" in said
    assert "REPLACE=1" in said
    assert items(mesh, NAMES.sends) == before
    assert mesh.ledger.standing([HOLD_EVERYTHING]) == {}
    assert len(put_back(stack, backup, replace=True).asked) == 2
    assert verify(Books(mesh.dynamodb, "ss")).findings == ()


def test_another_businesss_backup_is_refused(stack: Reached, backup: Path) -> None:
    bakery = Reached("bakery", "bakery", stack.client, stack.now)
    assert "is of ss, and this stack is bakery" in refused(bakery, backup)


def test_one_that_was_cut_off_changed_or_is_newer_is_refused_before_anything_is_touched(
    stack: Reached, backup: Path, mesh: MotoMesh
) -> None:
    seal, manifest, table = backup / "manifest.sha256", backup / "manifest.json", backup / "tables" / "sends.jsonl"
    whole = table.read_text()
    table.write_text(whole[:-40])
    assert "tables/sends.jsonl is not as it was written" in refused(stack, backup)
    table.write_text(whole.replace("ready", "retry"))
    assert "changed by hand, or cut off" in refused(stack, backup)
    table.unlink()
    assert "tables/sends.jsonl is missing" in refused(stack, backup)
    table.write_text(whole)
    sealed, text = seal.read_text(), manifest.read_text()
    manifest.write_text(text.replace('"prefix": "ss"', '"prefix": "tt"'))
    assert "manifest.json is not as it was written" in refused(stack, backup)
    manifest.write_text(text.replace('"format": 1', '"format": 2'))
    assert "newer version of this program" in refused(stack, backup)
    manifest.write_text(text[: len(text) // 2])
    assert "manifest.json is not as it was written" in refused(stack, backup)
    manifest.write_text(text)
    seal.unlink()
    assert "cut off while it was taken" in refused(stack, backup)
    seal.write_text(sealed)
    assert opened(backup).prefix == "ss"
    assert mesh.ledger.standing([HOLD_EVERYTHING]) == {}


def test_a_folder_that_holds_none_is_named_with_what_to_do(
    stack: Reached, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aws = ["--prefix", "ss", "--region", REGION]
    assert command.main_restore([*aws, "--into", str(tmp_path)]) == 2
    assert "there is no backup of ss" in capsys.readouterr().err
    assert command.main_restore([*aws, "--from", str(tmp_path)]) == 2
    assert "is no backup" in capsys.readouterr().err
    assert command.backup([*aws, "--into", str(tmp_path), "--env", "nobody"]) == 2
    assert "no environment nobody" in capsys.readouterr().err


def test_the_commands_take_one_and_put_it_back(
    stack: Reached,
    mesh: MotoMesh,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(command, "reached", lambda _: stack)
    aws = ["--prefix", "ss", "--region", REGION, "--into", str(tmp_path / "b")]
    assert command.backup(aws) == 0
    (folder,) = (tmp_path / "b").iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    lose(mesh)
    assert command.main_restore(aws) == 2
    assert "nobody is there to say yes" in capsys.readouterr().err
    assert command.main_restore([*aws, "--yes"]) == 0
    told = capsys.readouterr().out
    assert "1 post (2 channels) may have gone out since" in told
