"""The stack's servers as the console asks them. What does not answer is a ``ServerError``."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from local.aws.environment import ACCOUNT
from local.console.addresses import StackAddresses
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from mesh.ledger.values import pack, unpack

_NAMES = {
    "aws": "the AWS side",
    "sheets": "the sheet",
    "networks": "the networks",
    "slack": "Slack’s channel",
    "bedrock": "the model’s stand-in",
}
_LONG_WAY_SECONDS = 600.0
_MOST_KEYS = 100  # of one BatchGetItem


class ServerError(Exception):
    """A server did not answer, or refused: ``status`` is its status, 502 where there was none."""

    def __init__(self, sentence: str, status: int = 502) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status


def place_of(error: Exception) -> str:
    """What kind of error it was and where, for those who mend it; not its own words, as a text may stand in them."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"


class Stack:
    """One method per question; times are ISO strings in UTC as the servers give them."""

    def __init__(self, addresses: StackAddresses, client: httpx.AsyncClient) -> None:
        self.addresses = addresses
        self._client = client

    async def grid(self) -> dict[str, Any]:
        return dict(await self._ask("sheets", "GET", "/owner/grid"))

    async def set_cells(self, edits: list[dict[str, Any]], version: int) -> dict[str, Any]:
        """``{"row", "column", "value"}`` each, all or nothing, as if typed; 409 where the grid is not that ``version`` any more."""
        return dict(await self._ask("sheets", "POST", "/owner/cells", {"edits": edits, "version": version}))

    async def insert_rows(self, at: int | None, rows: list[dict[str, Any]]) -> dict[str, Any]:
        return dict(await self._ask("sheets", "POST", "/owner/rows", {"at": at, "rows": rows}))

    async def delete_rows(self, rows: list[int], version: int) -> dict[str, Any]:
        """409 as for ``set_cells``."""
        return dict(await self._ask("sheets", "POST", "/owner/rows/delete", {"rows": rows, "version": version}))

    async def sort(self, column: str, *, descending: bool) -> dict[str, Any]:
        return dict(await self._ask("sheets", "POST", "/owner/sort", {"column": column, "descending": descending}))

    async def files(self) -> list[dict[str, Any]]:
        """``name``, ``md5`` and more of each file in the sheet's folder."""
        return list((await self._ask("sheets", "GET", "/owner/files"))["files"])

    async def put_file(self, name: str, media_type: str, content: bytes) -> None:
        """A new file, or a new version of the one of that name."""
        headers = {"Content-Type": media_type}
        await self._send("sheets", "PUT", f"/owner/files/{quote(name, safe='')}", content=content, headers=headers)

    async def file(self, name: str) -> tuple[bytes, str]:
        """A file of the sheet's folder and its media type."""
        answer = await self._send("sheets", "GET", f"/owner/files/{quote(name, safe='')}")
        return answer.content, answer.headers.get("content-type", "application/octet-stream")

    async def upload(self, upload_id: str) -> tuple[bytes, str]:
        """A file that was added to a note, and its media type."""
        answer = await self._posts_object(f"uploads/{quote(upload_id, safe='')}")
        return answer.content, answer.headers.get("content-type", "application/octet-stream")

    async def packaged(self, post_id: str, revision: str, name: str) -> bytes:
        """A file of a post's package: ``manifest.json``, or an image by its hash."""
        return (await self._posts_object(quote(f"packages/{post_id}/{revision}/{name}"))).content

    async def _posts_object(self, path: str) -> httpx.Response:
        bucket = f"{self.addresses.prefix}-posts-source-{ACCOUNT}"
        return await self._send("aws", "GET", f"/{bucket}/{path}")

    async def rules(self) -> str:
        return (await self._send("sheets", "GET", "/owner/rules")).text

    async def mails(self, after: int = 0, before: int | None = None, most: int | None = None) -> dict[str, Any]:
        """``mails``: the newest ``most`` numbered between the two, oldest first, without bodies but the plain text; ``count`` and the
        number of the ``first`` of all that are kept.
        """
        asked = {"after": after, "before": before, "most": most}
        query = "&".join(f"{name}={number}" for name, number in asked.items() if number is not None)
        return dict(await self._ask("aws", "GET", f"/_local/mails/listed?{query}"))

    async def mail(self, seq: int) -> dict[str, Any]:
        """One mail byte for byte, in ``raw_base64``; status 404 where there is none."""
        return dict((await self._ask("aws", "GET", f"/_local/mails/{seq}"))["mail"])

    async def events(self, after: int) -> list[dict[str, Any]]:
        return list((await self._ask("aws", "GET", f"/_local/events?after={after}"))["events"])

    async def clock(self) -> dict[str, Any]:
        return dict(await self._ask("aws", "GET", "/_local/clock"))

    async def set_clock(self, change: dict[str, Any]) -> dict[str, Any]:
        """The clock stops at every booking on its way, and waits for what that sets off."""
        answer = await self._send("aws", "POST", "/_local/clock", change, timeout_seconds=_LONG_WAY_SECONDS)
        return dict(answer.json())

    async def fire(self, schedule: str) -> None:
        await self._send("aws", "POST", "/_local/fire", {"schedule": schedule})

    async def feeds(self) -> list[dict[str, Any]]:
        """The posts of all networks, newest first."""
        answer = await self._ask("networks", "GET", "/_local/feed")
        return list(answer["posts"] if isinstance(answer, dict) else answer)

    async def items(self, table: str, keys: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Items of one of the stack's tables (its name without the prefix) by their keys, in no order."""
        name = f"{self.addresses.prefix}-{table}"
        packed = [pack(key) for key in keys]
        found = []
        for start in range(0, len(packed), _MOST_KEYS):
            asked = {"RequestItems": {name: {"Keys": packed[start : start + _MOST_KEYS], "ConsistentRead": True}}}
            found += (await self._dynamodb("BatchGetItem", asked)).get("Responses", {}).get(name, [])
        return [unpack(item) for item in found]

    async def slack_references(self) -> list[dict[str, Any]]:
        """What the mesh has noted of each message it posted in Slack (``mesh.messages.slack_standing.Reference``)."""
        noted = await self.scan(
            "runtime",
            FilterExpression="begins_with(pk, :slack) AND attribute_exists(#reference)",
            ExpressionAttributeNames={"#reference": "reference"},
            ExpressionAttributeValues=pack({":slack": "slack#"}),
        )
        return [item["reference"] for item in noted]

    async def slack_version(self) -> str:
        return str((await self._ask("slack", "GET", "/_local/version"))["version"])

    async def slack_feed(self, after: str) -> dict[str, Any]:
        """The channel's messages that changed since that version, ``whispers`` and ``users``."""
        return dict(await self._ask("slack", "GET", f"/_local/feed?after={quote(after, safe='')}"))

    async def slack_click(self, click: Mapping[str, Any]) -> dict[str, Any]:
        """A member presses a button: ``{ts, action_id, user, position}``. How the app answered, once it has."""
        return dict(await self._ask("slack", "POST", "/_local/click", dict(click)))

    async def invocations(self, after: int) -> list[dict[str, Any]]:
        """What ran: function, when, how long, how it ended, what woke it, and the end of its log."""
        return list((await self._ask("aws", "GET", f"/_local/invocations?after={after}"))["invocations"])

    async def running(self) -> list[str]:
        """The functions that run at this moment."""
        busy = (await self._ask("aws", "GET", "/_local/idle?timeout_seconds=0")).get("busy", [])
        return [label.removeprefix("running ").split(" ")[0] for label in busy if label.startswith("running ")]

    async def schedules(self) -> list[dict[str, Any]]:
        """Every enabled schedule that still fires, the next one first."""
        return list((await self._ask("aws", "GET", "/_local/schedules"))["schedules"])

    async def scan(self, table: str, **request: Any) -> list[dict[str, Any]]:
        """Every item of one of the stack's tables, by its name without the prefix."""
        items: list[dict[str, Any]] = []
        asked: dict[str, Any] = {"TableName": f"{self.addresses.prefix}-{table}", **request}
        while True:
            answer = await self._dynamodb("Scan", asked)
            items += map(unpack, answer.get("Items", []))
            if not answer.get("LastEvaluatedKey"):
                return items
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    async def idle(self, timeout_seconds: float) -> bool:
        """Waits until nothing runs or waits to; False where something still does after that time."""
        return bool((await self._ask("aws", "GET", f"/_local/idle?timeout_seconds={timeout_seconds}"))["idle"])

    async def orders(self, server: str) -> dict[str, Any]:
        """``orders``: what this server was told to do wrong, and what is left of it. The sheet's has the ``role`` it is shared with."""
        return dict(await self._ask(server, "GET", _orders_of(server)))

    async def order(self, server: str, path: str, body: dict[str, Any]) -> None:
        await self._send(server, "POST", path, body)

    async def take_back(self, server: str, the_id: str) -> None:
        await self._send(server, "DELETE", f"{_orders_of(server)}/{quote(the_id, safe='')}")

    async def share(self, role: str | None) -> None:
        """What the scheduler may do with the sheet's folder: ``writer``, or None for nothing."""
        await self._send("sheets", "POST", "/owner/share", {"role": role})

    async def heads(self) -> list[dict[str, Any]]:
        """Where each post stands on each channel, as it lies in the table."""
        condition = {"FilterExpression": "attempt = :head", "ExpressionAttributeValues": {":head": {"N": "0"}}}
        return await self.scan("sends", **condition)

    async def holds(self) -> list[dict[str, Any]]:
        """What stands over the posts, out of the working memory: the hold on everything, and each pause of a channel."""
        return await self.scan(
            "runtime",
            FilterExpression="pk = :hold OR (begins_with(pk, :pause) AND attribute_exists(since))",
            ExpressionAttributeValues=pack({":hold": HOLD_EVERYTHING, ":pause": pause_key("")}),
        )

    async def spreadsheet_id(self) -> str:
        """Another one for each stack that was started anew."""
        return str((await self._ask("sheets", "GET", "/owner"))["spreadsheet_id"])

    async def audit(self, subject: str) -> list[dict[str, Any]]:
        """The audit's rows of a post, oldest first, without what they changed: ``ts``, ``action``, ``by_user``, ``how`` …"""
        query = {
            "TableName": f"{self.addresses.prefix}-audit",
            "KeyConditionExpression": "#subject = :subject",
            "ExpressionAttributeNames": {"#subject": "subject"},
            "ExpressionAttributeValues": {":subject": {"S": subject}},
        }
        answer = await self._dynamodb("Query", query)
        return [{name: value["S"] for name, value in item.items() if "S" in value} for item in answer.get("Items", [])]

    async def _dynamodb(self, operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"X-Amz-Target": f"DynamoDB_20120810.{operation}", "Content-Type": "application/x-amz-json-1.0"}
        return dict((await self._send("aws", "POST", "/", content=json.dumps(asked).encode(), headers=headers)).json())

    async def _ask(self, server: str, method: str, path: str, body: Any = None) -> Any:
        answer = await self._send(server, method, path, body)
        try:
            return answer.json() if answer.content else {}
        except ValueError:
            raise ServerError(f"{_NAMES[server]} answered something that is no JSON") from None

    async def _send(
        self,
        server: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout_seconds: float | None = None,
    ) -> httpx.Response:
        origin = getattr(self.addresses, server).rstrip("/")
        try:
            answer = await self._client.request(
                method,
                origin + path,
                json=body,
                content=content,
                headers=headers,
                timeout=httpx.USE_CLIENT_DEFAULT if timeout_seconds is None else timeout_seconds,
            )
        except httpx.HTTPError as error:
            raise ServerError(f"{_NAMES[server]} does not answer at {origin} ({type(error).__name__})") from error
        if answer.is_error:
            raise ServerError(_sentence(server, answer), answer.status_code)
        return answer


def _orders_of(server: str) -> str:
    return {"sheets": "/owner/orders", "networks": "/_local/everywhere"}.get(server, "/_local/orders")


def _sentence(server: str, answer: httpx.Response) -> str:
    """What the server says is wrong, or its status."""
    try:
        said = answer.json()
    except ValueError:
        said = {}
    said = said.get("error", said.get("detail")) if isinstance(said, dict) else None
    said = said.get("message") if isinstance(said, dict) else said
    return str(said) if said else f"{_NAMES[server]} answered {answer.status_code}"
