"""The second key that only reads: each way in which it is none is named with what to do."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.checks import reader
from local.checks.looking import Subject
from local.checks.model import Finding, State
from local.owner_sheet.connection import Place, SheetError

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
EMAIL = "reader@cafe.iam.gserviceaccount.com"
KEY = {"type": "service_account", "client_email": EMAIL, "private_key": "hush", "token_uri": "https://t.example"}
NOT_SHARED = SheetError("the sheet is not there, or not shared with the service account; open it, add it as Editor")
VIEWED = Place("Posts", "folder", may_edit=False)


class Secrets:
    """One secret; None: there is none. A ClientError's code in its place is the refusal."""

    def __init__(self, text: str | None, refusal: str = "") -> None:
        self.text, self.refusal = text, refusal
        self.asked: set[str] = set()

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 - AWS's own name
        self.asked.add(SecretId)
        if self.text is None:
            raise ClientError({"Error": {"Code": self.refusal or "ResourceNotFoundException"}}, "GetSecretValue")
        return {"SecretString": self.text}

    describe_secret = get_secret_value


class Sheet:
    """Google's side: what it answers of the sheet, then of the folder."""

    email = EMAIL

    def __init__(self, place: Place | SheetError, folder: SheetError | None = None) -> None:
        self.told, self.folder, self.closed = place, folder, False

    def place(self) -> Place:
        if isinstance(self.told, SheetError):
            raise self.told
        return self.told

    def folder_title(self, folder_id: str) -> str:
        assert folder_id == "folder"
        if self.folder:
            raise self.folder
        return "Café"

    def close(self) -> None:
        self.closed = True


def subject(secrets: Secrets, **parameters: str) -> Subject:
    told = {"SheetId": "sheet", "DriveReaderSecret": "cafe/drive/reader", **parameters}
    one = Subject("cafe", "cafe", "eu-central-1", lambda _: secrets, lambda: NOW, "social-scheduler-cafe")
    return replace(one, parameters=told)


def found(patch: pytest.MonkeyPatch, sheet: Sheet | SheetError, **parameters: str) -> Finding:
    def opened(document: dict[str, Any], sheet_id: str) -> Sheet:
        assert (document, sheet_id) == (KEY, "sheet")
        if isinstance(sheet, SheetError):
            raise sheet
        return sheet

    patch.setattr(reader, "Spreadsheet", opened)
    (one,) = reader.reader(subject(Secrets(json.dumps(KEY)), **parameters))
    if isinstance(sheet, Sheet):
        assert sheet.closed
    assert "hush" not in str(one)
    return one


def test_without_the_parameter_nothing_is_asked() -> None:
    secrets = Secrets(None)
    assert reader.reader(subject(secrets, DriveReaderSecret="")) == []
    assert secrets.asked == set()


@pytest.mark.parametrize(
    ("secrets", "state", "said", "fix"),
    [
        (Secrets(None), State.BAD, "is not there", "create-secret --name cafe/drive/reader"),
        (Secrets(""), State.BAD, "is empty", "put-secret-value --secret-id cafe/drive/reader"),
        (Secrets('{"installed": {"client_secret": "hush"}}'), State.BAD, "OAuth client's file", "put-secret-value"),
        (Secrets("no json"), State.BAD, "no key of a service account", "put-secret-value"),
        (Secrets(json.dumps({**KEY, "token_uri": 5})), State.BAD, "lacks something", "put-secret-value"),
        (Secrets(None, "AccessDeniedException"), State.UNKNOWN, "secretsmanager:GetSecretValue", "right added"),
        (Secrets(None, "InvalidRequestException"), State.UNKNOWN, "marked for deletion", "restore-secret"),
    ],
)
def test_a_secret_that_holds_no_such_key_is_named(secrets: Secrets, state: State, said: str, fix: str) -> None:
    (one,) = reader.reader(subject(secrets))
    assert (one.name, one.state) == (reader.NAME, state)
    assert said in one.said
    assert fix in one.fix
    assert "hush" not in str(one)
    assert secrets.asked == {"cafe/drive/reader"}


@pytest.mark.parametrize("folder_id", ["", "folder"])
def test_a_key_that_reads_and_cannot_write_is_good(folder_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, Sheet(VIEWED), DriveFolderId=folder_id).state is State.GOOD


def test_a_key_that_may_write_is_to_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    one = found(monkeypatch, Sheet(replace(VIEWED, may_edit=True)))
    assert one.state is State.DOUBTFUL
    assert f"make {EMAIL} a Viewer" in one.fix


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        (Sheet(NOT_SHARED), "opens not all"),
        (Sheet(VIEWED, NOT_SHARED), "opens not all"),
        (Sheet(replace(VIEWED, folder_id="")), "not the folder"),
    ],
)
def test_a_key_that_does_not_open_sheet_and_folder_is_shared_with_as_viewer(
    sheet: Sheet, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = found(monkeypatch, sheet)
    assert one.state is State.BAD
    assert said in one.said
    assert one.fix == f"open the sheet's folder in Drive, press Share, and add {EMAIL} as Viewer"


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (SheetError("Google is busy (503); wait a minute and try again."), State.UNKNOWN),
        (SheetError(f"Google does not accept the key of {EMAIL}: it was deleted; make a new key"), State.BAD),
    ],
)
def test_what_google_says_otherwise_is_told(error: SheetError, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, Sheet(error)).state is state


def test_a_damaged_key_is_put_there_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    one = found(monkeypatch, SheetError("the key's private part is damaged; download the key again"))
    assert (one.state, one.said) == (State.BAD, "the key's private part is damaged")
    assert "put-secret-value" in one.fix
