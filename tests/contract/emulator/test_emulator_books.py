"""verify-audit and history find the stack of ``make run``: the one that is up, else what the last one left, without waking it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from local_aws import LocalAws

from local.operator import history, trace, verify_audit
from mesh.ledger import Act, Ledger, Status, TableNames, Tables

NAMES = TableNames("ss-status", "ss-sends", "ss-audit", "ss-runtime")
KEYS = {
    NAMES.status: ("post_id",),
    NAMES.sends: ("post_channel", "attempt"),
    NAMES.audit: ("subject", "seq"),
    NAMES.runtime: ("pk",),
}
NOW = datetime(2027, 3, 25, 17, 4, tzinfo=UTC)


def with_one_post(aws: LocalAws) -> None:
    client = aws.client("dynamodb")
    for table, keys in KEYS.items():
        kinds = {name: "N" if name == "attempt" else "S" for name in keys}
        client.create_table(
            TableName=table,
            KeySchema=[
                {"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()],
            BillingMode="PAY_PER_REQUEST",
        )
    act = Act("the row changed", "scheduler", NOW)
    Ledger(Tables(client), NAMES).change_status("p_1", act, lambda _: Status(post_id="p_1", due_at=NOW.isoformat()))
    aws.client("ssm").put_parameter(Name="/ss/config/timezone", Value="Europe/Berlin", Type="String")


def test_the_run_that_is_up_and_then_what_it_left(
    start: Callable[..., LocalAws], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "cafe"
    folder.mkdir()
    aws = start(folder / "aws")
    with_one_post(aws)
    (folder / "ports.json").write_text(json.dumps({"aws": int(aws.endpoint.rpartition(":")[2])}))

    assert verify_audit.main(["--state", str(folder)]) == 0
    assert capsys.readouterr().out.startswith(
        "the make run that is up (cafe): every chain is whole. 1 subjects, 1 rows"
    )
    aws.stop()
    assert verify_audit.main(["--state", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("what the last make run left (cafe): every chain is whole.")
    assert history.main(["p_1", "--state", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "Thursday 25 March, 18:04 - It appeared in the sheet" in out
    assert "Berlin time" in out
    assert trace.main(["p_1", "--state", str(folder)]) == 0
    assert "audit    scheduler         It appeared in the sheet" in capsys.readouterr().out
    assert history.main(["p_2", "--state", str(folder)]) == 1
    assert "did you mean p_1?" in capsys.readouterr().err
