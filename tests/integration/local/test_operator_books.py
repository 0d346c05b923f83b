"""verify-audit and history over real tables (moto): every page, every chain, and a stack that lives on while it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from botocore.exceptions import ClientError
from moto_mesh import NAMES, REGION, MotoMesh

from local.operator import history, verify_audit, which
from local.operator.books import Books, BooksError
from local.operator.history import life
from local.operator.verify_audit import verify
from local.ship.environments import Environment, written
from mesh.ledger import Act, Approval, Head, HeadState, PackageRef, Status
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from mesh.ledger.verify import Kind

NOW = datetime(2027, 3, 25, 17, 4, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
HANNAH = "hannah@example.test"


class Pages:
    """A client whose answers hold three items each."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        def call(**request: Any) -> Any:
            self.calls += 1
            if name in {"scan", "query"}:
                request["Limit"] = 3
            return getattr(self._client, name)(**request)

        return call


def act(action: str, minutes: int, by: str = "scheduler", **more: str) -> Act:
    return Act(action, by, NOW + timedelta(minutes=minutes), **more)


@pytest.fixture
def books(mesh: MotoMesh) -> Books:
    """Two posts of which one went out, a hold on everything and a pause."""
    package = PackageRef(source_revision="s", revision="r1")
    ledger = mesh.ledger
    for post_id in ("p_1", "p_2"):
        planned = Status(post_id=post_id, channels=("bluesky-main",), source_revision="s", due_at=NOW.isoformat())
        ledger.change_status(post_id, act("the row changed", 0), lambda _, planned=planned: planned)
        ledger.change_status(
            post_id, act("package ready", 1), lambda before: before.model_copy(update={"package": package})
        )
    approval = Approval(revision="r1", by=HANNAH, how="slack", at=NOW.isoformat())
    ledger.change_status(
        "p_1",
        act("approved", 60, HANNAH, how="slack", revision="r1"),
        lambda before: before.model_copy(update={"approval": approval}),
    )
    head = ledger.change_head(
        None, Head(post_channel="p_1#bluesky-main", state=HeadState.READY, revision="r1"), act("booked", 61)
    )
    held = {"by": HANNAH, "how": "mail", "at": NOW.isoformat()}
    ledger.set_standing("everything", HOLD_EVERYTHING, held, act("everything held", 62, HANNAH, how="mail"))
    ledger.set_standing("everything", HOLD_EVERYTHING, None, act("everything released", 63, HANNAH, how="mail"))
    ledger.set_standing(
        "channel#bluesky-main", pause_key("bluesky-main"), {"detail": "signed out"}, act("pause", 64, "sender")
    )
    ledger.set_standing("channel#x-main", pause_key("x-main"), {"detail": "signed out"}, act("pause", 64, "sender"))
    sent = head.model_copy(update={"state": HeadState.SENT, "posted_url": "https://bsky.example/1"})
    ledger.change_head(head, sent, act("published", 65, "sender"))
    mesh.runtime.put("nonce#x", {})
    return Books(Pages(mesh.dynamodb), "ss")


def test_every_chain_of_the_stack_is_walked_page_by_page(books: Books) -> None:
    report = verify(books)
    assert report.findings == ()
    assert (report.subjects, report.rows) == (6, 11)


def rows_of(mesh: MotoMesh, subject: str) -> list[dict[str, Any]]:
    return mesh.audit(subject)


def delete(mesh: MotoMesh, row: dict[str, Any]) -> None:
    mesh.tables.delete(NAMES.audit, {"subject": row["subject"], "seq": row["seq"]})


def test_what_was_tampered_with_is_found_in_each_subject_and_nothing_else_is_blamed(
    mesh: MotoMesh, books: Books
) -> None:
    delete(mesh, rows_of(mesh, "p_1")[1])
    delete(mesh, rows_of(mesh, "p_1#bluesky-main")[-1])
    for row in rows_of(mesh, "channel#x-main"):
        delete(mesh, row)
    mesh.tables.put(NAMES.audit, {**rows_of(mesh, "everything")[0], "by_user": "nobody"})
    mesh.tables.delete(NAMES.status, {"post_id": "p_2"})

    found = {(finding.subject, finding.kind) for finding in verify(books).findings}

    assert found == {
        ("p_1", Kind.MISSING),
        ("p_1#bluesky-main", Kind.TAIL),
        ("channel#x-main", Kind.ROWLESS),
        ("everything", Kind.CHANGED),
        ("p_2", Kind.ITEMLESS),
    }


def test_a_chain_that_grows_while_it_is_read_is_whole(mesh: MotoMesh, books: Books) -> None:
    class Living(Books):
        """Somebody writes between the items and the rows."""

        def every_row(self) -> Iterator[dict[str, Any]]:
            later = act("the row changed", 120)
            mesh.ledger.change_status("p_2", later, lambda before: before.model_copy(update={"due_at": "2027"}))
            mesh.ledger.change_status("p_3", later, lambda before: Status(post_id="p_3"))
            return super().every_row()

    report = verify(Living(mesh.dynamodb, "ss"))
    assert report.findings == ()
    assert report.rows == 13


def test_rows_that_do_not_come_together_are_read_again_in_order(mesh: MotoMesh, books: Books) -> None:
    class Shuffled(Books):
        def every_row(self) -> Iterator[dict[str, Any]]:
            return iter(sorted(super().every_row(), key=lambda row: str(row["hash"])))

    assert verify(Shuffled(mesh.dynamodb, "ss")).findings == ()


def test_a_post_s_life_has_all_its_chains_and_what_stood_over_it(books: Books) -> None:
    lines = life(books, "p_1", BERLIN)
    assert [line.sentence for line in lines][2:] == [
        f"{HANNAH} approved it in Slack (exactly the version of 18:05)",
        "bluesky-main: made ready to be sent",
        f"{HANNAH} put everything on hold from a mail",
        f"{HANNAH} let everything go on from a mail",
        "bluesky-main was paused: signed out",
        "bluesky-main: posted, https://bsky.example/1",
    ]
    assert life(books, "p_9", BERLIN) == []
    assert life(books, "p_1#bluesky-main", BERLIN) == []
    assert life(books, "", BERLIN) == []


# the commands, against a stack on AWS


AWS = ["--prefix", "ss", "--region", REGION, "--zone", "Europe/Berlin"]


def test_verify_audit_says_its_figures_and_ends_well(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_audit.main(AWS) == 0
    assert capsys.readouterr().out.startswith(f"ss in {REGION}: every chain is whole. 6 subjects, 11 rows, ")


def test_verify_audit_names_what_it_found_and_ends_with_1(
    mesh: MotoMesh, books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    delete(mesh, rows_of(mesh, "p_1")[1])
    assert verify_audit.main(AWS) == 1
    assert "p_1: row 2 is missing." in capsys.readouterr().out
    assert verify_audit.main([*AWS, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(one["subject"], one["number"], one["kind"]) for one in told["findings"]] == [("p_1", 2, "missing")]
    assert told["rows"] == 10


def test_history_is_printed_and_told_to_programs(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    assert history.main(["p_1", *AWS]) == 0
    out = capsys.readouterr().out
    assert f"Thursday 25 March, 19:04 - {HANNAH} approved it in Slack (exactly the version of 18:05)" in out
    assert out.endswith("8 entries; times are Berlin time.\n")
    assert history.main(["p_1", *AWS, "--json"]) == 0
    approved = json.loads(capsys.readouterr().out)[2]
    assert (approved["by"], approved["how"], approved["revision"], approved["changed"]) == (
        HANNAH,
        "slack",
        "r1",
        ["approval"],
    )


def test_a_post_that_is_not_there_and_a_stack_that_is_not_there(
    books: Books, capsys: pytest.CaptureFixture[str]
) -> None:
    assert history.main(["p_11", *AWS]) == 1
    assert "There is no post p_11" in capsys.readouterr().err
    assert history.main(["p_1", "--prefix", "other", "--region", REGION]) == 2
    assert capsys.readouterr().err == "history: there is no table other-audit there; is the prefix right?\n"
    assert verify_audit.main(["--prefix", "other", "--region", REGION]) == 2


def test_a_zone_nobody_knows_is_told(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    assert history.main(["p_1", "--prefix", "ss", "--region", REGION, "--zone", "Mars"]) == 2
    assert "there is no time zone Mars" in capsys.readouterr().err


def test_times_are_said_in_the_stack_s_own_zone(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    assert history.main(["p_1", "--prefix", "ss", "--region", REGION]) == 0
    assert "times are Berlin time" in capsys.readouterr().out  # the parameter's: there is no rules doc


def test_no_folder_of_a_run_is_told(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_audit.main(["--state", str(tmp_path)]) == 2
    assert "is no folder of a make run" in capsys.readouterr().err


def test_a_profile_nobody_has_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert verify_audit.main(["--profile", "nobody", "--region", REGION]) == 2
    assert "AWS cannot be asked" in capsys.readouterr().err


def test_a_business_is_named_as_samconfig_has_it_and_is_never_taken_for_the_make_run(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """hold-all of a business, understood as one of the run on this computer, would let the business go on."""
    monkeypatch.setattr(which, "ROOT", tmp_path)
    assert verify_audit.main(["--env", "cafe"]) == 2
    (tmp_path / "samconfig.toml").write_text(written("version = 0.1\n", Environment("cafe", REGION, "ss")))
    assert verify_audit.main(["--env", "bakery"]) == 2
    assert "samconfig.toml has no environment bakery (it has: cafe)" in capsys.readouterr().err
    assert verify_audit.main(["--env", "cafe"]) == 0
    assert f"ss in {REGION}" in capsys.readouterr().out
    assert verify_audit.main(["--env", "cafe", "--prefix", "tea"]) == 2
    assert f"cafe is ss in {REGION}, and another stack is named" in capsys.readouterr().err


def test_what_the_service_refuses_is_a_sentence() -> None:
    class Refusing:
        def scan(self, **request: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "Scan")

    with pytest.raises(BooksError, match="the table ss-status cannot be read: this sign-in may not do dynamodb:Scan"):
        verify(Books(Refusing(), "ss"))
