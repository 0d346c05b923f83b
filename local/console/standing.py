"""The posts that are open, as the tables have them, for the parts that tell how it stands. Read again only where it can differ."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import boto3

from local.console.addresses import StackAddresses
from local.console.stack import ServerError, Stack, place_of
from local.operator.books import Books, BooksError, names_of
from local.operator.posts import OpenPosts, open_posts
from local.operator.stand import Stand
from mesh.ledger import Ledger, Runtime, Tables

Read = Callable[[datetime], OpenPosts]
"""The open posts at a moment. BooksError where the tables cannot be read."""

_MINUTE = timedelta(minutes=1)
_PATIENCE_SECONDS = 0.3
_REST = 4  # times as long as a reading took: a large calendar is not read all the time
_LONGEST_REST_SECONDS = 10.0


class Standing:
    """Shared by the parts. Whatever changes the tables is an invocation, which the AWS side counts when it has ended; and time passes."""

    def __init__(self, stack: Stack, read: Read, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stack = stack
        self._read = read
        self._clock = clock
        self._asking: asyncio.Task[OpenPosts | None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._rests_until = 0.0
        self._seen = 0
        self._stale = True
        self._read_for: datetime | None = None
        self._last: OpenPosts | None = None
        self._unread = ""

    async def posts(self) -> OpenPosts | None:
        """As last read, None before the first time: a reading that takes long is not waited for. ServerError where it cannot be read."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def close(self) -> None:
        """A reading that has begun is waited for, as nothing ends a thread."""
        tasks = [task for task in (self._asking, self._reading) if task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self) -> OpenPosts | None:
        records, clock = await asyncio.gather(self._stack.invocations(self._seen), self._stack.clock())
        now = datetime.fromisoformat(clock["now"]).astimezone(UTC)
        if records:
            self._seen = records[-1]["seq"]
        passed = self._read_for is None or abs(now - self._read_for) >= _MINUTE
        self._stale = self._stale or passed or bool(records)
        if self._stale and self._reading is None and self._clock() >= self._rests_until:
            self._stale, self._read_for = False, now
            self._reading = asyncio.create_task(self._read_once(now))
        if self._reading is not None:
            await asyncio.wait({self._reading}, timeout=_PATIENCE_SECONDS)
        if self._unread:
            raise ServerError(self._unread)
        return self._last

    async def _read_once(self, now: datetime) -> None:
        begun = self._clock()
        try:
            self._last, self._unread = await asyncio.to_thread(self._read, now), ""
        except BooksError as error:
            self._unread, self._stale = str(error), True
        except Exception as error:  # noqa: BLE001 - in a task that nobody waits for: told, or never known
            self._unread, self._stale = f"The posts cannot be read: {place_of(error)}", True
        finally:
            self._reading = None
            took = self._clock() - begun
            self._rests_until = self._clock() + min(took * _REST, _LONGEST_REST_SECONDS)


def tables_of(addresses: StackAddresses) -> Read:
    """Reads the tables of the stack. Its client is made at the first reading: that takes half a second."""
    made: list[tuple[Ledger, Runtime, Books]] = []

    def read(now: datetime) -> OpenPosts:
        if not made:
            session = boto3.Session(
                aws_access_key_id="test", aws_secret_access_key="test", region_name=addresses.region
            )
            client = session.client("dynamodb", endpoint_url=addresses.aws)
            tables, names = Tables(client), names_of(addresses.prefix)
            made.append((Ledger(tables, names), Runtime(tables, names), Books(client, addresses.prefix)))
        ledger, runtime, books = made[0]
        found = open_posts(ledger, runtime, books, Stand("", now))
        return dataclasses.replace(found, further=list(books.planned(now)))

    return read


def nothing_open(now: datetime) -> OpenPosts:
    """A stack without tables."""
    return OpenPosts(Stand("", now), [], {})
