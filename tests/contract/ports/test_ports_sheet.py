"""What drive-sync and the gate expect of Google: of the real clients before this computer's server, and of the sheet in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol

import httpx
import pytest
from memory.sheet import FOLDER_ID, SHEET_ID, MemorySheet
from ports_google import LocalGoogle

from drive_sync.rows import RowWrite, row_to_insert
from drive_sync.writer import SCOPES, SheetWriter
from mesh.google import Google, GoogleRefused, NotShared
from mesh.ledger.items import Wanted
from mesh.posts import COLUMNS
from mesh.sheet import read_table

PNG = b"\x89PNG\r\n\x1a\n" + b"cake" * 8


class Owner(Protocol):
    def add(self, **cells: Any) -> None: ...
    def put(self, name: str, content: bytes) -> None: ...
    def rules(self, text: str) -> None: ...
    def turn_round(self) -> None: ...


@dataclass
class Workbook:
    """``google`` reads, ``writer`` writes, ``owner`` does what people do."""

    google: Any
    writer: Any
    owner: Any
    sheet_id: str
    folder_id: str

    def rows(self) -> list[Mapping[str, Any]]:
        return [row.cells for row in read_table(self.google.values(self.sheet_id, "'Posts'")).rows]

    def write(self, number: int, **cells: Any) -> list[Any]:
        table = read_table(self.google.values(self.sheet_id, "'Posts'"))
        named = {name.replace("_", " ") if name != "post_id" else name: value for name, value in cells.items()}
        (answer,) = self.writer.write(table, [RowWrite(number, "", "", named)]).rows
        return list(answer)


class MemoryOwner:
    def __init__(self, sheet: MemorySheet) -> None:
        self._sheet = sheet

    def add(self, **cells: Any) -> None:
        self._sheet.add_row(cells)

    def put(self, name: str, content: bytes) -> None:
        self._sheet.put_image(name, content)

    def rules(self, text: str) -> None:
        self._sheet.write_doc("Rules", text)

    def turn_round(self) -> None:
        self._sheet.turn_round()


class LocalOwner:
    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def add(self, **cells: Any) -> None:
        self._http.post("/owner/rows", json={"rows": [cells]}).raise_for_status()

    def put(self, name: str, content: bytes) -> None:
        self._http.put(
            f"/owner/files/{name}", content=content, headers={"content-type": "image/png"}
        ).raise_for_status()

    def rules(self, text: str) -> None:
        self._http.put("/owner/rules", content=text.encode()).raise_for_status()

    def turn_round(self) -> None:
        self._http.post("/owner/sort", json={"column": "text", "descending": True}).raise_for_status()


@pytest.fixture(params=["memory", "google"])
def book(request: pytest.FixtureRequest, local_google: LocalGoogle) -> Iterator[Workbook]:
    """Two rows, "one" and "two", an empty folder but for the docs."""
    if request.param == "memory":
        sheet = MemorySheet(COLUMNS)
        sheet.write_doc("Rules", "Time zone: UTC")
        made = Workbook(sheet, sheet, MemoryOwner(sheet), SHEET_ID, FOLDER_ID)
        made.owner.add(text="one", channels="main")
        made.owner.add(text="two", channels="main")
        yield made
        return
    owner = local_google.owner
    for file in owner.get("/owner/files").json()["files"]:
        if file["md5"]:
            owner.delete(f"/owner/files/{file['name']}").raise_for_status()
    owner.post("/owner/reset", json={"time_zone": "Europe/Berlin"}).raise_for_status()
    ready = local_google.ready
    with httpx.Client(trust_env=False) as http:
        google = Google(local_google.document, SCOPES, http)
        writer = SheetWriter(local_google.document, ready["spreadsheet_id"], "Posts")
        made = Workbook(google, writer, LocalOwner(owner), ready["spreadsheet_id"], ready["folder_id"])
        made.owner.add(text="one", channels="main")
        made.owner.add(text="two", channels="main")
        yield made


def test_rows_are_read_by_header_with_empty_cells_as_none(book: Workbook) -> None:
    assert [(row["text"], row["post_id"], row["alt text"]) for row in book.rows()] == [
        ("one", None, None),
        ("two", None, None),
    ]


def test_a_short_row_ends_where_its_last_cell_is(book: Workbook) -> None:
    line = book.google.values(book.sheet_id, "'Posts'")[1]
    assert line[line.index("main") + 1 :].count("") < 7
    assert line[-1] != ""


def test_a_write_fills_its_cells_and_leaves_the_others(book: Workbook) -> None:
    answer = book.write(2, post_id="p_1", approved=True, approved_for="p_1:r", status="Ready")
    row = book.rows()[0]
    assert (row["post_id"], row["approved"], row["approved for"], row["status"]) == ("p_1", True, "p_1:r", "Ready")
    assert (row["text"], row["channels"]) == ("one", "main")
    assert "one" in answer
    assert True in answer


def test_an_empty_text_empties_the_cell_and_false_is_no_tick(book: Workbook) -> None:
    book.write(2, approved=True, approved_for="p_1:r", status="Ready")
    book.write(2, approved=False, approved_for="", status="")
    row = book.rows()[0]
    assert (row["approved"], row["approved for"], row["status"]) == (False, None, None)


def test_text_that_looks_like_a_formula_stays_text(book: Workbook) -> None:
    book.write(2, status="=1+1")
    assert book.rows()[0]["status"] == "=1+1"


def test_a_write_by_number_hits_whatever_stands_there_and_the_answer_shows_it(book: Workbook) -> None:
    table = read_table(book.google.values(book.sheet_id, "'Posts'"))
    book.owner.turn_round()
    (answer,) = book.writer.write(table, [RowWrite(2, "", "", {"status": "meant for one"})]).rows
    assert "two" in answer
    assert {row["text"]: row["status"] for row in book.rows()} == {"two": "meant for one", "one": None}


def test_each_change_of_sheet_folder_or_doc_is_a_change_in_drive(book: Workbook) -> None:
    token = book.google.start_page_token()
    assert book.google.changes(token).files == ()
    book.owner.add(text="three", channels="main")
    first = book.google.changes(token)
    assert [file.id for file in first.files] == [book.sheet_id]
    book.owner.put("cake.png", PNG)
    book.owner.rules("Time zone: Europe/Berlin")
    second = book.google.changes(first.next_token)
    assert {file.name for file in second.files} >= {"cake.png"}
    assert len(second.files) == 2
    assert book.google.changes(second.next_token).files == ()


def test_our_own_write_is_a_change_too(book: Workbook) -> None:
    token = book.google.start_page_token()
    book.write(2, status="Ready")
    assert [file.id for file in book.google.changes(token).files] == [book.sheet_id]


def test_a_file_is_there_by_name_with_its_hash_and_bytes(book: Workbook) -> None:
    book.owner.put("cake.png", PNG)
    found = book.google.named(book.folder_id, ["cake.png", "nothing.png"])
    assert list(found) == ["cake.png"]
    file = found["cake.png"]
    assert (len(file.md5), file.size_bytes) == (32, len(PNG))
    whole = BytesIO()
    book.google.download(file.id, whole, 1000)
    assert whole.getvalue() == PNG
    book.owner.put("cake.png", PNG + b"!")
    assert book.google.named(book.folder_id, ["cake.png"])["cake.png"].md5 != file.md5


def test_a_doc_is_read_as_text(book: Workbook) -> None:
    book.owner.rules("Time zone: Europe/Berlin\n")
    (doc,) = [file for file in book.google.files(book.folder_id) if file.name == "Rules"]
    assert book.google.export_text(doc.id).strip() == "Time zone: Europe/Berlin"


def test_what_is_not_there_is_told_as_not_shared(book: Workbook) -> None:
    with pytest.raises(NotShared):
        book.google.values("another-sheet", "'Posts'")
    with pytest.raises(NotShared):
        book.google.export_text("another-doc")


def test_a_token_nobody_gave_is_refused(book: Workbook) -> None:
    with pytest.raises(GoogleRefused) as caught:
        book.google.changes("nonsense")
    assert caught.value.status == 400


def test_a_row_is_put_in_below_the_others_and_none_of_its_texts_becomes_a_formula(book: Workbook) -> None:
    (tab,) = book.google.tabs(book.sheet_id)
    assert tab.title == "Posts"
    table = read_table(book.google.values(book.sheet_id, "'Posts'"))
    wanted = Wanted(by="a draft", date="2027-03-26", time="09:30", text="=1+1", channels="main", note="+49 30")
    book.writer.insert(tab, table, [row_to_insert("p_new", wanted)])
    last = read_table(book.google.values(book.sheet_id, "'Posts'")).rows[-1]
    assert (last.number, last.row.post_id) == (table.rows[-1].number + 1, "p_new")
    assert (last.row.date, last.row.time, last.row.text, last.row.note) == ("2027-03-26", "09:30", "=1+1", "+49 30")
    assert last.cells["date"] == 46107 + 365
    assert not last.row.approved


def test_a_new_column_stands_before_the_channels_and_every_cell_keeps_its_name(book: Workbook) -> None:
    (tab,) = book.google.tabs(book.sheet_id)
    table = read_table(book.google.values(book.sheet_id, "'Posts'"))
    book.writer.add_columns(tab, table, ["text: a", "text: b"])
    after = read_table(book.google.values(book.sheet_id, "'Posts'"))
    at = table.column("channels")
    assert after.header == (*table.header[:at], "text: a", "text: b", *table.header[at:])
    assert [row.row for row in after.rows] == [row.row for row in table.rows]
    wanted = Wanted(by="a draft", date="2027-03-26", time="09:30", text="all", texts={"b": "own"}, channels="main")
    book.writer.insert(tab, after, [row_to_insert("p_new", wanted)])
    last = read_table(book.google.values(book.sheet_id, "'Posts'")).rows[-1]
    assert (last.row.text, last.row.overrides, last.row.channels) == ("all", {"b": "own"}, "main")


def test_a_row_that_its_owner_adds_meanwhile_is_not_written_over(book: Workbook) -> None:
    (tab,) = book.google.tabs(book.sheet_id)
    table = read_table(book.google.values(book.sheet_id, "'Posts'"))
    book.owner.add(text="mine", channels="main")
    book.writer.insert(
        tab, table, [row_to_insert("p_new", Wanted(by="a draft", date="2027-03-26", time="09:30", text="draft"))]
    )
    texts = [row["text"] for row in book.rows()]
    assert sorted(map(str, texts)) == ["draft", "mine", "one", "two"]
