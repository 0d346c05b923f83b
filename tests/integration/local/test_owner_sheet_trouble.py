"""Everything that keeps a command from the owner's sheet is said in words, with the remedy."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from owner_sheet_desk import Desk, Watched

from local.owner_sheet import importing, setup
from local.owner_sheet.connection import SheetError, read_key, sheet_id

ID = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"


def refused(desk: Desk, capsys: pytest.CaptureFixture[str], key: Path, *more: str) -> str:
    assert setup.main([desk.id, "--key", str(key), *more]) == 1
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert captured.out == ""
    return captured.err


@pytest.fixture
def key(desk: Desk, tmp_path: Path) -> Path:
    path = tmp_path / "service-account.json"
    path.write_text(json.dumps(desk.document))
    return path


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=0",
        f"https://docs.google.com/spreadsheets/u/1/d/{ID}/edit?usp=sharing",
        f"https://drive.google.com/open?id={ID}",
        f"  <https://docs.google.com/spreadsheets/d/{ID}>",
    ],
)
def test_a_sheet_is_known_by_its_address(text: str) -> None:
    assert sheet_id(text) == ID


@pytest.mark.parametrize("text", ["", "My sheet", "https://example.com/", "../../etc"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(SheetError, match="is no sheet's address"):
        sheet_id(text)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not json", "is no JSON file"),
        ("[]", "is no key of a service account"),
        ('{"installed": {}}', "is an OAuth client's file (for a desktop app), and no key of a service account"),
        (
            '{"type": "authorized_user"}',
            "is a person's own sign-in (gcloud's application default credentials), and no key",
        ),
        ('{"type": "service_account", "client_email": "a@b"}', "lacks private_key, token_uri"),
    ],
)
def test_what_is_no_key_is_refused_without_saying_its_content(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "key.json"
    path.write_text(content)
    with pytest.raises(SheetError, match=re.escape(said)):
        read_key(path)
    with pytest.raises(SheetError, match="is not there"):
        read_key(tmp_path / "none.json")


def test_a_key_with_a_damaged_private_part_is_named(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "key.json"
    path.write_text(
        json.dumps({**desk.document, "private_key": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n"})
    )
    assert "the key's private part is damaged" in refused(desk, capsys, path)


def test_a_sheet_that_is_not_shared_is_named_with_the_address_to_share_it_with(
    desk: Desk, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.fault("GET /drive/v3/files", 404)
    said = refused(desk, capsys, key)
    assert (
        f"not shared with the service account; open it, press Share, and add {desk.document['client_email']} as Editor"
        in said
    )
    assert setup.main([ID, "--key", str(key)]) == 1
    assert "not shared with the service account" in capsys.readouterr().err


def test_a_sheet_that_may_only_be_read_is_named(desk: Desk, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk.fault("POST .*batchUpdate", 403)
    said = refused(desk, capsys, key)
    assert "shared as Viewer" in said
    assert "as Editor" in said


def test_an_excel_file_in_drive_is_named_with_the_way_to_save_it(
    desk: Desk, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    headers = {"content-type": kind}
    file = desk.owner.put("/owner/files/plan.xlsx", content=b"PK", headers=headers).raise_for_status().json()["id"]
    with pytest.raises(SheetError, match=r"“plan.xlsx” is an Excel file lying in Drive.*Save as Google Sheets"):
        Watched(desk.document, file).place()
    picture = desk.owner.put("/owner/files/cup.png", content=b"PNG").raise_for_status().json()["id"]
    with pytest.raises(SheetError, match=r"“cup.png” is no spreadsheet"):
        Watched(desk.document, picture).place()


def test_busy_google_is_asked_three_times_and_then_named(desk: Desk) -> None:
    desk.fault("GET /drive/v3/files", 429, count=2)
    assert desk.sheet.place().may_edit
    assert desk.sheet.pauses == [1.0, 3.0]
    desk.fault("GET /drive/v3/files", 503, count=3)
    with pytest.raises(SheetError, match=r"Google is busy \(503\); wait a minute"):
        desk.sheet.place()


def test_a_write_that_may_have_happened_is_not_repeated(
    desk: Desk, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.fault("POST .*batchUpdate", 500)
    assert "Nothing is done twice by running the command again" in refused(desk, capsys, key)
    assert setup.main([desk.id, "--key", str(key)]) == 0
    assert len(desk.values()) == 2


def test_google_out_of_reach_is_named(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "key.json"
    closed = "http://127.0.0.1:9"
    path.write_text(json.dumps({**desk.document, "api_endpoint": closed, "token_uri": f"{closed}/token"}))
    assert "Google cannot be reached" in refused(desk, capsys, path)


def test_a_key_that_google_no_longer_takes_is_named(
    desk: Desk, key: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps({**desk.document, "client_email": "somebody@else.example"}))
    assert "Google does not accept the key of somebody@else.example" in refused(desk, capsys, path)


def test_a_time_zone_that_is_none_is_named(desk: Desk, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no time zone Berlin" in refused(desk, capsys, key, "--zone", "Berlin")


def test_the_command_says_what_it_made(desk: Desk, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.main([desk.id, "--key", str(key)]) == 0
    first = capsys.readouterr().out
    assert "made or mended:" in first
    assert "Please check:" in first
    assert setup.main([desk.id, "--key", str(key)]) == 0
    assert "nothing was missing." in capsys.readouterr().out


def test_rows_for_a_tab_that_is_not_there_are_refused(
    desk: Desk, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("date,time,text,channels\n2030-12-01,09:00,One,bluesky-main\n")
    assert importing.main([str(file), desk.id, "--key", str(key)]) == 1
    assert "there is no tab Posts (there: Sheet1); run setup-sheet first" in capsys.readouterr().err
    assert importing.main([str(file), desk.id]) == 1
    assert "needs the service account's key" in capsys.readouterr().err
