"""A calendar of one's own is looked at before anything is done with it, and everything can be taken along again."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pytest
from openpyxl import Workbook, load_workbook

from local.console import pictures
from local.console.own_calendar import sentence
from tests.browser.fake_stack import RULES, FakeStack, cafe, plan_rows
from tests.unit.local.test_console_app import run

CSV = "Datum;Uhrzeit;Beitrag;Kanal;Bild;Stimmung;Status\r\n"
ORIGIN = {"Origin": "http://127.0.0.1:4000"}


def look(stack: FakeStack, content: bytes, **query: str) -> httpx.Response:
    async def use(client: httpx.AsyncClient) -> httpx.Response:
        given = {"name": "plan.csv", **query}
        return await client.post("/api/calendar/look", params=given, content=content, headers=ORIGIN)

    answer: httpx.Response = run(stack, use)
    assert not stack.calls, "a look changes nothing"
    return answer


def problems(answer: httpx.Response) -> list[tuple[int | None, str, str]]:
    return [(one["row"], one["column"], one["what"]) for one in answer.json()["problems"]]


def test_a_file_is_read_and_every_cell_named_that_is_to_be_mended() -> None:
    rows = [
        "31.3.2027;9:00;Pflaumenkuchen 🍰;bluesky-main;;froh;x",
        "03/04/2027;9 Uhr;Osterzeiten;tiktok-main;;;",
        f"14.4.2027;heute;{'x' * 320};bluesky-main;;;",
        f"15.4.2027;10:00;{'x' * 320};bluesky-main, mastodon-main;;;",
        "16.4.2027;10:00;Mit Bild;bluesky-main;ordner/kuchen.jpg, cake-plum.jpg;;",
    ]
    answer = look(cafe(), (CSV + "\r\n".join(rows)).encode())
    said = answer.json()
    assert said["rows"][0] == {
        "number": 2,
        "values": {
            "date": "2027-03-31", "time": "09:00", "text": "Pflaumenkuchen 🍰", "channels": "bluesky-main",
        },
        "there": False,
    }  # fmt: skip
    assert {one["title"]: one["column"] for one in said["columns"]} == {
        "Datum": "date", "Uhrzeit": "time", "Beitrag": "text", "Kanal": "channels", "Bild": "image", "Stimmung": "",
    }  # fmt: skip
    assert said["notes"] == ["Not loaded, the mesh writes them: Status."]
    assert said["dates"] == "unsure"
    found = problems(answer)
    assert (3, "date", "03/04/2027 can be 3 April or 4 March") in found
    assert (3, "channels", "tiktok-main is no channel here") in found
    assert (4, "time", "heute is no time") in found
    assert (5, "text", "20 characters too long for Bluesky: 320 of 300.") in found
    assert (6, "image", "there is no picture kuchen.jpg in the sheet's folder") in found
    assert said["missing"][-1] == "kuchen.jpg"
    assert len([one for one in found if one[0] == 4 and one[1] == "time"]) == 1, "told once, not by the mesh too"


def test_the_owner_says_what_a_date_means_and_where_rows_go_that_name_no_channel() -> None:
    content = b"date,time,text\n03/04/2027,9:00,Hello\n"
    said = look(cafe(), content, dates="month-first", channels="mastodon-main").json()
    assert said["rows"][0]["values"]["date"] == "2027-03-04"
    assert said["rows"][0]["values"]["channels"] == "mastodon-main"
    assert said["dates"] == "month-first"


def test_a_row_that_is_in_the_sheet_is_known_as_often_as_it_is_there() -> None:
    stack = cafe()
    plan_rows(stack, [{"date": "2027-03-31", "text": "Cake"}])
    line = "2027-03-31,9:00,Cake,bluesky-main\n"
    said = look(stack, f"date,time,text,channels\n{line}{line}".encode()).json()
    assert [row["there"] for row in said["rows"]] == [True, False]


def test_formulas_and_markup_are_data() -> None:
    content = b'date,time,text,channels\n2027-03-31,9:00,"=HYPERLINK(""http://x"")<script>1</script>",bluesky-main\n'
    said = look(cafe(), content).json()
    assert said["rows"][0]["values"]["text"] == '=HYPERLINK("http://x")<script>1</script>'


def test_rows_are_held_against_the_rules_and_each_other() -> None:
    stack = cafe()
    stack.rules = f"Posting window: 07:00-21:00\n\n{RULES}"
    text = "Plum cake is back from Friday on, as every autumn, with cream"
    lines = [f'2027-03-31,05:00,"{text}",bluesky-main', f'2027-04-02,09:00,"{text}",bluesky-main']
    said = look(stack, ("date,time,text,channels\n" + "\n".join(lines)).encode()).json()
    remarks = [(one["row"], one["column"], one["what"][:20]) for one in said["problems"] if one["remark"]]
    assert remarks[:2] == [(2, "time", "Moved to 07:00: outs"), (2, "text", "Nearly the same as t")]


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "plan.csv", "is empty"),
        (b"%PDF-1.7", "plan.pdf", "is a PDF, not a calendar"),
        (b"PK\x03\x04broken", "plan.xlsx", "breaks off or is damaged"),
        (b"\x00\x01\x02", "plan.csv", "NUL bytes"),
        (b"hello\nworld\n", "plan.csv", "is no header"),
    ],
)
def test_a_broken_file_is_a_sentence(content: bytes, name: str, words: str) -> None:
    answer = look(cafe(), content, name=name)
    assert answer.status_code == 422
    said = answer.json()["error"]
    assert words in said
    assert said.endswith(".")
    assert name in said


def test_a_file_that_is_too_large_or_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PICTURE_BYTES", 100)
    answer = look(cafe(), b"x" * 101)
    assert (answer.status_code, "over 40 MB" in answer.json()["error"]) == (413, True)
    monkeypatch.undo()
    monkeypatch.setattr("local.console.own_calendar.MOST_ROWS", 2)
    answer = look(cafe(), b"date,time,text\n" + b"2027-03-31,9:00,Hello\n" * 3)
    assert answer.json()["error"] == "plan.csv has 3 rows, and 2 are taken at most; give the rows to come alone."


def test_only_this_page_may_have_a_file_looked_at() -> None:
    async def use(client: httpx.AsyncClient) -> int:
        elsewhere = {"Origin": "https://elsewhere.example"}
        return (await client.post("/api/calendar/look?name=a.csv", content=b"x", headers=elsewhere)).status_code

    assert run(cafe(), use) == 403


def test_a_workbook_is_read_as_well() -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["date", "time", "text", "channels"])
    book.active.append(["2027-03-31", "09:00", "Hello", "bluesky-main"])
    out = io.BytesIO()
    book.save(out)
    said = look(cafe(), out.getvalue(), name="plan.xlsx").json()
    assert said["rows"][0]["values"]["text"] == "Hello"
    assert said["problems"] == []


# and out again


def exported(stack: FakeStack, path: str) -> httpx.Response:
    async def use(client: httpx.AsyncClient) -> Any:
        return await client.get(path)

    answer: httpx.Response = run(stack, use)
    return answer


def test_the_sheet_is_saved_with_every_row_and_typed_dates() -> None:
    stack = cafe()
    plan_rows(stack, [{"date": "2027-03-31", "text": "=1+1", "note": "Ärger"}])
    book = load_workbook(io.BytesIO(exported(stack, "/api/export/posts.xlsx").content))
    assert book.active is not None
    header, row = list(book.active.iter_rows(values_only=True))
    cells = dict(zip(header, row, strict=True))
    assert (str(cells["date"])[:10], str(cells["time"]), cells["text"]) == ("2027-03-31", "09:00:00", "=1+1")
    answer = exported(stack, "/api/export/posts.csv")
    assert 'filename="posts.csv"' in answer.headers["content-disposition"]
    assert "2027-03-31,09:00,'=1+1,bluesky-main" in answer.text
    again = look(stack, answer.content).json()
    assert [one["there"] for one in again["rows"]] == [True]
    # What was saved and is read again brings neither an id nor an approval into the sheet.
    assert again["rows"][0]["values"].keys() == {"date", "time", "text", "channels", "note"}


def test_the_month_is_saved_as_it_will_go() -> None:
    stack = cafe()
    stack.rules = f"Posting window: 07:00-21:00\n\n{RULES}"
    plan_rows(stack, [{"date": "2027-03-31", "time": "22:30", "text": "Late"}, {"date": "2027-03-30", "text": "Grüße"}])
    march = exported(stack, "/api/export/plan.ics?month=2027-03")
    assert 'filename="plan-2027-03.ics"' in march.headers["content-disposition"]
    assert "DTSTART:20270330T070000Z" in march.text
    assert "SUMMARY:Grüße" in march.text
    assert "Late" not in march.text, "it is moved into April"
    april = exported(stack, "/api/export/plan.ics?month=2027-04").text
    assert "DTSTART:20270401T050000Z" in april
    assert "outside the posting window" in april.replace("\r\n ", "")
    assert exported(stack, "/api/export/plan.ics?month=2027-13").status_code == 400
    assert exported(stack, "/api/export/plan.ics").text.count("BEGIN:VEVENT") == 2


def test_the_month_is_the_owners_and_not_that_of_utc() -> None:
    stack = cafe()
    plan_rows(stack, [{"date": "2027-04-01", "time": "00:30", "text": "Just April"}])
    assert "Just April" in exported(stack, "/api/export/plan.ics?month=2027-04").text
    assert "Just April" not in exported(stack, "/api/export/plan.ics?month=2027-03").text


def test_an_entry_keeps_its_id_wherever_its_post_goes_and_is_certain_once_approved() -> None:
    def entry(row: dict[str, Any]) -> dict[str, str]:
        stack = cafe()
        plan_rows(stack, [{"post_id": "p_1", "text": "Cake", **row}])
        lines = exported(stack, "/api/export/plan.ics").text.splitlines()
        return dict(line.split(":", 1) for line in lines if line.startswith(("UID", "DTSTART", "STATUS")))

    package = {"package": {"source_revision": "s0", "revision": "r"}}
    approval = {"approval": {"revision": "r", "by": "anna", "how": "mail", "at": "2027-03-15T07:00:00+00:00"}}
    planned = entry({"date": "2027-03-30"})
    waits = entry({"date": "2027-03-31", "item": package})
    approved = entry({"date": "2027-03-31", "time": "18:00", "text": "Pie", "item": {**package, **approval}})
    assert len({one["DTSTART"] for one in (planned, waits, approved)}) == 3
    assert {one["UID"] for one in (planned, waits, approved)} == {"p_1@social-scheduler"}
    assert [one["STATUS"] for one in (planned, waits, approved)] == ["TENTATIVE", "TENTATIVE", "CONFIRMED"]


def test_a_sentence_begins_and_ends_as_one() -> None:
    assert sentence("plan.csv is empty; write a row") == "plan.csv is empty; write a row."
    assert sentence("read as Buffer's file") == "Read as Buffer's file."
    assert sentence("Done.") == "Done."
