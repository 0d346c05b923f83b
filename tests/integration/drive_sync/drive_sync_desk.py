"""The local Sheets and Drive server, and the owner, drive-sync and the approver at work on one sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from moto_mesh import MotoMesh
from sheets_server import OwnedServer

from drive_sync import handler as drive_sync
from drive_sync.parts import Parts
from drive_sync.rows import RowWrite
from drive_sync.writer import SheetWriter, Written
from mesh import clock
from mesh.google import Google
from mesh.ledger import Act, Approval, Flag, FlagState, Hold, PackageRef, Status
from mesh.posts import Row
from mesh.posts_csv import read_csv
from mesh.sheet import Table

RULES = """Time zone: Europe/Berlin
Channels
- bluesky-main: bluesky, account did:plc:abc, https://bsky.social
"""


class LocalGoogle(OwnedServer):
    """The server, which records its calls."""

    def __init__(self, state: Path) -> None:
        super().__init__(state, "--record", str(state / "calls.jsonl"))
        self._record = (state / "calls.jsonl").open()

    def recorded(self) -> str:
        """The calls since the last time, as the server recorded them."""
        return self._record.read()

    def clean(self) -> None:
        """An empty sheet, an empty folder, the rules doc of a café."""
        self.owner.request("DELETE", "/owner/faults").raise_for_status()
        self.owner.post("/owner/share", json={"role": "writer"}).raise_for_status()
        self.owner.post("/owner/rename-tab", json={"to": "Posts"}).raise_for_status()
        for file in self.owner.get("/owner/files").json()["files"]:
            if file["md5"]:
                self.owner.delete(f"/owner/files/{file['name']}").raise_for_status()
        self.owner.post("/owner/reset", json={"time_zone": "Europe/Berlin"}).raise_for_status()
        self.owner.put("/owner/rules", content=RULES.encode()).raise_for_status()
        self.owner.put("/owner/voice", content=b"Warm and short.").raise_for_status()

    def stop(self) -> int:
        self._record.close()
        return super().stop()


class Desk:
    """Everybody's hands, with the sheet's rows counted from 0 as the owner's side does."""

    def __init__(self, mesh: MotoMesh, google: LocalGoogle, parts: Parts) -> None:
        self.mesh = mesh
        self.google = google
        self.parts = parts

    # drive-sync

    def sync(self, owner: str = "run-1", remaining_seconds: float = 60) -> dict[str, int]:
        return drive_sync.sync(self.parts, f"t_{owner}", owner, lambda: remaining_seconds)

    def settle(self) -> None:
        """Until a run has nothing left to do: what our own writes changed is looked at too."""
        for _ in range(5):
            before = self.calls_made
            self.sync()
            if self.calls_made == before + 1:
                return
        raise AssertionError("drive-sync never came to rest")

    # the owner

    def add(self, *rows: dict[str, Any]) -> None:
        self._post("/owner/rows", {"rows": [{"channels": "bluesky-main", "time": "09:00", **row} for row in rows]})

    def type(self, row: int, column: str, value: object) -> None:
        self._post("/owner/cell", {"row": row, "column": column, "value": value})

    def sort(self, column: str, *, descending: bool = False) -> None:
        self._post("/owner/sort", {"column": column, "descending": descending})

    def copy(self, row: int, to: int) -> None:
        self._post("/owner/copy-row", {"row": row, "to": to})

    def delete(self, row: int) -> None:
        self.google.owner.delete(f"/owner/rows/{row}").raise_for_status()

    def rules(self, text: str) -> None:
        self.google.owner.put("/owner/rules", content=text.encode()).raise_for_status()

    def upload(self, name: str, content: bytes) -> str:
        """Its MD5."""
        headers = {"content-type": "image/png"}
        answer = self.google.owner.put(f"/owner/files/{name}", content=content, headers=headers).raise_for_status()
        return str(answer.json()["md5"])

    def fault(self, match: str, status: int, *, when: str = "before", count: int = 1, **more: Any) -> None:
        self._post("/owner/faults", {"match": match, "status": status, "when": when, "count": count, **more})

    def writes_drive(self, file_id: str, change: dict[str, Any]) -> None:
        """The owner renames a file in Drive."""
        scopes = ["https://www.googleapis.com/auth/drive"]
        google = Google(self.google.document, scopes, httpx.Client(trust_env=False))
        with google._http as http:
            headers = {"authorization": f"Bearer {google._sign_in.token()}"}
            url = f"{self.google.ready['url']}/drive/v3/files/{file_id}"
            http.patch(url, json=change, headers=headers).raise_for_status()

    def trouble(self, match: str, how: str, **more: Any) -> None:
        """A connection that hangs, is cut, drips or brings the front end's own page."""
        self._post("/owner/faults", {"match": match, "how": how, **more})

    def act(self, path: str, **body: Any) -> None:
        """Any other thing an owner can do."""
        self._post(f"/owner/{path}", body)

    def _post(self, path: str, body: dict[str, Any]) -> None:
        self.google.owner.post(path, json=body).raise_for_status()

    # what is there

    @property
    def grid(self) -> list[dict[str, Any]]:
        got = self.google.owner.get("/owner/grid").json()
        return [dict(zip(got["header"], row, strict=True)) for row in got["rows"]]

    def row_of(self, text: str) -> dict[str, Any]:
        (found,) = [row for row in self.grid if row["text"] == text]
        return found

    def id_of(self, text: str) -> str:
        return str(self.row_of(text)["post_id"])

    def ticks(self) -> dict[str, tuple[bool, str]]:
        """Tick and stamp by text."""
        return {row["text"]: (row["approved"], row["approved for"]) for row in self.grid}

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Calls to Google's two APIs; signing in is none of them."""
        found = self.google.owner.get("/owner/calls").json()["calls"]
        return [call for call in found if call["path"] != "/token"]

    @property
    def calls_made(self) -> int:
        return len(self.calls)

    def mirrored(self) -> dict[str, Row]:
        return {row.post_id: row for row in read_csv(self.stored("posts.csv"))}

    def stored(self, key: str) -> bytes:
        return bytes(self.mesh.s3.get_object(Bucket=self.mesh.posts_bucket, Key=key)["Body"].read())

    def rules_text(self, key: str) -> str:
        return str(self.mesh.s3.get_object(Bucket=self.mesh.rules_bucket, Key=key)["Body"].read().decode())

    def status(self, post_id: str) -> Status:
        found = self.mesh.ledger.status(post_id)
        assert found is not None
        return found

    # the others

    def approve(self, post_id: str, revision: str = "r1") -> None:
        """As the approve-handler does: the approval of the current package, its flag pending."""
        now = clock.now()

        def change(before: Status | None) -> Status:
            base = before or Status(post_id=post_id, channels=("bluesky-main",))
            return base.model_copy(
                update={
                    "due_at": (now + timedelta(days=1)).isoformat(),
                    "source_revision": "s-" + revision,
                    "package": PackageRef(source_revision="s-" + revision, revision=revision),
                    "approval": Approval(revision=revision, by="ada@example.test", how="mail", at=now.isoformat()),
                    "held": None,
                    "flag": Flag(state=FlagState.PENDING, at=now.isoformat()),
                    "open": "1",
                }
            )

        self.mesh.ledger.change_status(post_id, Act("approved", "ada@example.test", now), change)

    def edit_noticed(self, post_id: str) -> None:
        """As the scheduler does after an edit: the approval no longer matches."""
        self._change(post_id, {"source_revision": "s-edited"})

    def hold(self, post_id: str) -> None:
        self._change(post_id, {"held": Hold(by="ada@example.test", how="mail", at=clock.now().isoformat())})

    def unapproved(self, post_id: str) -> None:
        """As the scheduler does with a new row: an item, and nobody has approved anything."""
        status = Status(
            post_id=post_id, channels=("bluesky-main",), due_at=(clock.now() + timedelta(days=1)).isoformat()
        )
        self.mesh.ledger.change_status(post_id, Act("new", "scheduler", clock.now()), lambda before: before or status)

    def _change(self, post_id: str, update: dict[str, Any]) -> None:
        def change(before: Status | None) -> Status | None:
            return before and before.model_copy(update={**update, "open": "1"})

        self.mesh.ledger.change_status(post_id, Act("changed", "test", clock.now()), change)


def before_each_write(
    first: Callable[[Sequence[RowWrite]], None], *, times: int
) -> Callable[[SheetWriter, Table, Sequence[RowWrite]], Written]:
    """A ``SheetWriter.write`` before which something else happens in the sheet, for the first ``times`` writes."""
    original = SheetWriter.write
    left = times

    def write(self: SheetWriter, table: Table, writes: Sequence[RowWrite]) -> Written:
        nonlocal left
        if left:
            left -= 1
            first(writes)
        return original(self, table, writes)

    return write
