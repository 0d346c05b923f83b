"""5,000 posts in a month, on tables in memory: a bounded number of packages is read, and a mail comes of it in good time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

from memory.tables import MemoryTables
from mesh_world.wiring import NAMES
from mesh_world.world import schemas
from recap_desk import BERLIN, FIRST_MONDAY, NOON

from mesh.approvals import Coder
from mesh.ledger import Attempt, Head, HeadState, Ledger, Runtime
from mesh.mail import Mailer
from mesh.messages.office import PostOffice
from mesh.packages import Manifest, PackageBroken, Packages
from mesh.side_by_side import one_by_one
from mesh.span import month_before
from recap.gathering import MOST_READ, Books
from recap.handler import _mails, settled
from recap.settings import RecapSettings
from recap.wiring import NoKey, Parts
from recap.writing import Writer

POSTS, CHANNELS = 5_000, 12
SETTINGS = RecapSettings(
    tz_name="Europe/Berlin",
    status_table=NAMES.status,
    sends_table=NAMES.sends,
    audit_table=NAMES.audit,
    runtime_table=NAMES.runtime,
    posts_bucket="posts",
    mail_from="posts@example.test",
    recipients="ada@example.test",
    daily_drafts=0,
)


class NoPackages(Packages):
    """Each read is counted, and finds nothing."""

    def __init__(self) -> None:
        self.reads = 0

    def read(self, post_id: str, revision: str) -> Manifest:
        self.reads += 1
        raise PackageBroken(post_id)


class Postbox(Mailer):
    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    def send(self, mail: EmailMessage) -> None:
        self.mails.append(mail)


def items() -> Iterator[dict[str, object]]:
    for number in range(POSTS):
        at = (NOON + timedelta(minutes=8 * number)).isoformat()
        place = f"p_{number}#{'x' if number % CHANNELS == 0 else f'channel-{number % CHANNELS}'}-main"
        head = Head(post_channel=place, state=HeadState.SENT, revision="r", attempts=1, due=at)
        times = {"started_at": at, "key_at": at, "sent_at": at, "month": at[:7]}
        for one in (head, Attempt(post_channel=place, attempt=1, revision="r", result="ok", **times)):
            yield one.model_dump(mode="json", exclude_none=True)


def test_five_thousand_posts_are_told_in_time() -> None:
    tables, packages, post = MemoryTables(schemas()), NoPackages(), Postbox()
    for item in items():
        tables.put(NAMES.sends, item)
    ledger, runtime = Ledger(tables, NAMES), Runtime(tables, NAMES)  # type: ignore[arg-type]
    office = PostOffice(SETTINGS, ledger, runtime, packages, NoKey(), post, Coder([], "ss"))
    writer = Writer(SETTINGS, runtime, lambda: None)  # type: ignore[arg-type, return-value]
    parts = Parts(SETTINGS, ledger, runtime, office, Books(packages, one_by_one), writer)
    began = time.process_time()

    told = settled(parts, month_before(FIRST_MONDAY, BERLIN), FIRST_MONDAY, lambda: 60_000)
    assert _mails(parts, told, "recap", FIRST_MONDAY) == 1

    assert told.headline == "October 2026: 5,000 posts, 100% on time"
    assert {fact.label: fact.value for fact in told.facts}["Charges of X"] == "US$6.26 to US$83.40"
    assert packages.reads <= MOST_READ + CHANNELS
    assert len(bytes(post.mails[0])) < 100_000
    assert time.process_time() - began < 30
