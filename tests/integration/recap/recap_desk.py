"""recap over moto and the stand-in: a month of business as its own code would have written it, and the mails that came of it."""

from __future__ import annotations

import email
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

from moto.ses.models import ses_backends
from moto_mesh import REGION, MotoMesh

from local.bedrock.serve import LocalBedrock
from mesh import clock
from mesh.ledger import Act, Attempt, Head, HeadState
from mesh.ledger.spending import Day, spent_between
from mesh.packages import Manifest, PackedChannel
from recap.handler import handler

BERLIN = ZoneInfo("Europe/Berlin")
FIRST_MONDAY = datetime(2026, 11, 2, 8, 0, 5, tzinfo=UTC)  # 9:00 in Berlin
NOON = datetime(2026, 10, 1, 10, tzinfo=UTC)
STAKEHOLDERS = ("mum@example.test", "bank@example.test", "club@example.test")
OWNERS = ("ada@example.test", "ben@example.test")


@dataclass
class Context:
    """An invocation; its repetitions by Lambda have its id."""

    aws_request_id: str = "i_1"
    milliseconds: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@dataclass
class Desk:
    mesh: MotoMesh
    bedrock: LocalBedrock

    # the month

    def posted(
        self, post: str, channel: str, day: int, *, network: str = "", text: str = "Cake", late: bool = False
    ) -> None:
        """It went out at noon of that day of October, as booked or half an hour late. With a package where a network is named."""
        at = NOON + timedelta(days=day - 1)
        revision = self._package(post, channel, network, text) if network else f"r_{post}"
        place = f"{post}#{channel}"
        head = Head(
            post_channel=place,
            state=HeadState.SENT,
            revision=revision,
            attempts=1,
            due=(at - timedelta(minutes=30 if late else 0)).isoformat(),
            posted_url=f"https://social.example/{post}",
        )
        attempt = Attempt(
            post_channel=place,
            attempt=1,
            revision=revision,
            result="ok",
            started_at=at.isoformat(),
            key_at=at.isoformat(),
            sent_at=at.isoformat(),
            month=at.strftime("%Y-%m"),
            posted_url=head.posted_url,
        )
        act = Act("sent", by="sender", at=at)
        self.mesh.ledger.change_head(None, head, act, attempt=attempt, attempt_is_new=True)

    def _package(self, post: str, channel: str, network: str, text: str) -> str:
        packed = PackedChannel(network=network, account="1", host="https://social.example", text=text, payload={})
        manifest = Manifest(
            post_id=post,
            source_revision="s1",
            planned_at=NOON.isoformat(),
            time_zone="Europe/Berlin",
            channels={channel: packed},
        )
        return self.mesh.packages.write(manifest, {})

    def a_month(self) -> None:
        """Three posts, two of them on X too: one with a link."""
        for post, day in (("p_1", 2), ("p_2", 9), ("p_3", 9)):
            self.posted(post, "bluesky-main", day, network="bluesky", late=post == "p_3")
        self.posted("p_4", "tweets", 9, network="x")
        self.posted("p_5", "tweets", 20, network="x", text="Cake at https://cafe.de")

    # the run

    def runs(self, context: Any = None) -> dict[str, int]:
        return handler({"tick": "recap"}, context or Context())

    def later(self, **span: float) -> None:
        self.mesh.turn_clock(clock.now() + timedelta(**span))

    def orders(self, *orders: str) -> None:
        self.bedrock.orders.add(orders)

    # what came of it

    @property
    def mails(self) -> list[EmailMessage]:
        sent = [message for account in ses_backends for message in ses_backends[account][REGION].sent_messages]
        return [email.message_from_string(message.raw_data, policy=default) for message in sent]  # type: ignore[misc]

    @property
    def recaps(self) -> dict[str, str]:
        """The text of each recap, by who got it; each got one."""
        found = [mail for mail in self.mails if "reach everybody" not in str(mail["Subject"])]
        assert len({str(mail["To"]) for mail in found}) == len(found), "somebody got two"
        return {str(mail["To"]): part(mail, "plain") for mail in found}

    @property
    def paragraph(self) -> str:
        (only,) = {text.split("\n\n")[1] for text in self.recaps.values()}
        return only

    @property
    def spent(self) -> Day:
        today = date(2026, 11, 2)
        return spent_between(self.mesh.runtime, today, today, clock.now()).get(today, Day())


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
