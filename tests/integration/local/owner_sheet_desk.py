"""The local Sheets and Drive server with a sheet as Google makes it: one bare tab; and a witness of every call."""

from __future__ import annotations

from typing import Any

import httpx
from google_discovery import Discovery
from sheets_server import OwnedServer

from local.owner_sheet.connection import Spreadsheet

RULES = """Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account did:plc:abc, https://bsky.social
- mastodon-main: mastodon, account 12, https://mastodon.social
"""
WITNESS = Discovery.if_present()


class Watched(Spreadsheet):
    """Holds each of our calls, and its answer, to Google's own documents; ``sent`` are the requests of all writes."""

    def __init__(self, document: dict[str, Any], spreadsheet_id: str) -> None:
        self.sent: list[list[dict[str, Any]]] = []
        self.pauses: list[float] = []
        super().__init__(document, spreadsheet_id, self.pauses.append)

    def _call(self, method: str, url: str, **more: Any) -> Any:
        answer = super()._call(method, url, **more)
        body = more.get("json")
        if body is not None:
            self.sent.append(body["requests"])
        if WITNESS is not None and "json" in answer.headers["content-type"]:
            problems = WITNESS.problems(method.upper(), httpx.URL(url).path, body, answer.json())
            assert not problems, problems[:3]
        return answer


class Desk:
    """A sheet of one bare tab, the folder it lies in, and the hands of its owner."""

    def __init__(self, server: OwnedServer) -> None:
        self.server = server
        self.document = server.document
        self.id: str = server.ready["spreadsheet_id"]
        self.owner = server.owner
        self.sheet = Watched(self.document, self.id)

    def blank(self, tab: str = "Sheet1") -> None:
        """As a new sheet of Google's: one tab, nothing in it, and no look of ours."""
        self.owner.request("DELETE", "/owner/faults").raise_for_status()
        for file in self.owner.get("/owner/files").json()["files"]:
            if file["md5"]:
                self.owner.delete(f"/owner/files/{file['name']}").raise_for_status()
        self.owner.post("/owner/reset", json={"time_zone": "America/New_York"}).raise_for_status()
        self.owner.put("/owner/rules", content=RULES.encode()).raise_for_status()
        old = [tab["properties"]["sheetId"] for tab in self.tabs()]
        new = {"sheetId": max(old) + 1, "title": "blank", "gridProperties": {"rowCount": 100, "columnCount": 26}}
        requests: list[dict[str, Any]] = [{"addSheet": {"properties": new}}]
        requests += [{"deleteSheet": {"sheetId": number}} for number in old]
        title = {"properties": {"sheetId": new["sheetId"], "title": tab}, "fields": "title"}
        Spreadsheet(self.document, self.id).update([*requests, {"updateSheetProperties": title}])

    def tabs(self, fields: str = "sheets(properties,protectedRanges,conditionalFormats)") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = Spreadsheet(self.document, self.id).read(fields)["sheets"]
        return found

    def write(self, tab: str, *rows: list[Any], at: int = 0) -> None:
        """As the owner would type them, as text, numbers and ticks."""
        number = next(t["properties"]["sheetId"] for t in self.tabs() if t["properties"]["title"] == tab)
        kinds = {str: "stringValue", bool: "boolValue", int: "numberValue", float: "numberValue"}
        lines = [
            {"values": [{} if cell == "" else {"userEnteredValue": {kinds[type(cell)]: cell}} for cell in row]}
            for row in rows
        ]
        start = {"sheetId": number, "rowIndex": at, "columnIndex": 0}
        Spreadsheet(self.document, self.id).update(
            [{"updateCells": {"start": start, "rows": lines, "fields": "userEnteredValue"}}]
        )

    def add_tab(self, title: str) -> None:
        Spreadsheet(self.document, self.id).update([{"addSheet": {"properties": {"title": title}}}])

    def values(self, tab: str = "Posts") -> list[list[Any]]:
        """Rows with content, unticked boxes left out."""
        rows = Spreadsheet(self.document, self.id).values(tab)
        return [row for row in rows if any(cell not in ("", None, False) for cell in row)]

    def cells(self, tab: str = "Posts") -> list[list[dict[str, Any]]]:
        fields = (
            "sheets(properties(title),data(rowData(values(userEnteredValue,note,dataValidation,userEnteredFormat))))"
        )
        for found in self.tabs(fields):
            if found["properties"]["title"] == tab:
                return [line.get("values") or [] for line in found["data"][0].get("rowData") or []]
        raise AssertionError(f"no tab {tab}")

    def fault(self, match: str, status: int, count: int = 1) -> None:
        body = {"match": match, "status": status, "count": count}
        self.owner.post("/owner/faults", json=body).raise_for_status()
