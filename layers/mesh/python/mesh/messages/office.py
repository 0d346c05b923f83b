"""Sends one message to each recipient once: the markers in ``ss-runtime``, the signed links, the threads, the hand-over to SES."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from mesh.approvals import LIFETIME, Action, Coder, Signer, Token, new_nonce
from mesh.cards.changes import Changes, compare
from mesh.cards.email import Envelope
from mesh.cards.model import Brake, say_hold
from mesh.errors import MeshError
from mesh.events import Detail
from mesh.ledger import Ledger, Runtime
from mesh.ledger.runtime import HOLD_EVERYTHING
from mesh.mail import Mailer, MailRefused, tag
from mesh.messages.bounced import bounced
from mesh.messages.settings import OfficeSettings
from mesh.packages import Manifest, Packages

SAID_FOR = timedelta(days=14)
_AT_WORK = timedelta(seconds=50)  # longer than the function may run, shorter than Lambda's first retry
_THREAD_FOR = timedelta(days=90)

Hold = Mapping[str, Any]  # the hold on everything as it stands: by whom, how, when


@dataclass(frozen=True)
class Round:
    """How one message's sending went: who has it now, and who was refused why. ``asked`` is how many it is for."""

    sent: int
    refused: tuple[str, ...]
    asked: int


@dataclass(frozen=True)
class PostOffice:
    settings: OfficeSettings
    ledger: Ledger
    runtime: Runtime
    packages: Packages
    signer: Signer
    mailer: Mailer
    coder: Coder
    compose_signer: Signer | None = None  # for ``Purpose.COMPOSE``; without it no mail leads to where notes are written

    def changes(self, manifest: Manifest, instead_of: str) -> Changes | None:
        """Since the revision that was approved or asked about before. What cannot be read costs the box, never the card."""
        if instead_of in {"", manifest.revision}:
            return None
        try:
            return compare(self.packages.read(manifest.post_id, instead_of), manifest)
        except (MeshError, ValueError, KeyError):
            return None

    def send_all(
        self,
        cause: Detail | str,
        key: str,
        compose: Callable[[str], EmailMessage],
        now: datetime,
        said_for: timedelta = SAID_FOR,
        only_for: str = "",
        people: Sequence[str] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Round:
        """One message under ``key`` to each recipient (``people`` where others are meant), once until ``said_for`` is over.

        ``cause`` is the event, or another name that all deliveries of the same cause share.
        A recipient SES refuses, or whose mails come back, does not cost the others theirs; who is named by ``only_for`` has just asked for
        it and is tried all the same. ``tags`` come back with the news of a mail that could not be delivered. The mark "done" is set after
        sending: a crash in between says it twice rather than never. Throttled and Unreachable pass, and the event's next delivery goes on
        where this one stopped.
        """
        sent, refused = 0, []
        meant = [one for one in (self.settings.people if people is None else people) if only_for in {"", one}]
        unreachable = {} if only_for else bounced(self.runtime, meant, now)
        for recipient in meant:
            if recipient in unreachable:
                refused.append(f"{recipient}: {unreachable[recipient].sentence}")
                continue
            marker = f"{key}#{recipient}"
            if not self.runtime.begin(marker, owner_of(cause), now, now + _AT_WORK):
                continue
            try:
                mail = compose(recipient)
                tag(mail, tags or {})
                self.mailer.send(mail)
            except MailRefused as error:
                refused.append(f"{recipient}: {error}")
                continue
            self.runtime.done(marker, now + said_for)
            sent += 1
        return Round(sent, tuple(refused), len(meant))

    def thread_subject(self, post_id: str, own: str, cause: Detail, now: datetime) -> str:
        """The subject of a mail about a post: its ``own`` where it is the first, else "Re: " and that of the first.

        Gmail keeps mails together only where their subjects agree too. All recipients' first mail is one event's, and so is its
        redelivery: what the conditional write decided stands.
        """
        values = {"title": own, "by": owner_of(cause)}
        first = self.runtime.agree(f"thread#{post_id}", values, now, now + _THREAD_FOR)
        return str(first["title"]) if first["by"] == values["by"] else f"Re: {first['title']}"

    def hold_on_everything(self) -> Hold | None:
        """One consistent read, for all the mails of an event."""
        return self.ledger.standing([HOLD_EVERYTHING]).get(HOLD_EVERYTHING)

    def brake(self, hold: Hold | None, recipient: str, round_id: str, now: datetime) -> Brake:
        """What the top and the end of this recipient's mail say of the hold on everything."""
        action = Action.HOLD_EVERYTHING if hold is None else Action.RELEASE_EVERYTHING
        link = self.link(action, (), recipient, round_id, now)
        ways = {"sheet": self.settings.sheet_url, "compose": self.compose_link(recipient, round_id, now)}
        if hold is None:
            return Brake(hold_everything=link, **ways)
        return Brake(release_everything=link, held=say_hold(hold, ZoneInfo(self.settings.tz_name)), **ways)

    def compose_link(self, recipient: str, round_id: str, now: datetime) -> str:
        """Where this recipient writes notes, as many as they like; "" where there is no such page."""
        if self.compose_signer is None or not self.settings.compose_url:
            return ""
        token = _token(Action.COMPOSE, (), recipient, round_id, now)
        return f"{self.settings.compose_url.rstrip('/')}/{self.compose_signer.sign(token)}"

    def envelope(self, recipient: str, now: datetime, key: str = "", thread: str = "", subject: str = "") -> Envelope:
        """For a mail to this recipient; without a ``key`` it has an id of its own each time."""
        return Envelope(self.settings.mail_from, recipient, now, key or f"note.{new_nonce()}", thread, subject)

    def link(
        self,
        action: Action,
        posts: tuple[tuple[str, str], ...],
        recipient: str,
        round_id: str,
        now: datetime,
        channel: str = "",
        attempt: int = 0,
    ) -> str:
        """A signed address, single use, for this recipient; ``channel`` and ``attempt`` name the try an answer is about."""
        token = _token(action, posts, recipient, round_id, now)
        token = token.model_copy(update={"channel": channel, "attempt": attempt})
        return f"{self.settings.approve_url.rstrip('/')}/{self.signer.sign(token)}"


def _token(action: Action, posts: tuple[tuple[str, str], ...], recipient: str, round_id: str, now: datetime) -> Token:
    return Token(
        action=action,
        posts=posts,
        recipient=recipient,
        round_id=round_id,
        nonce=new_nonce(),
        expires_at=int((now + LIFETIME).timestamp()),
    )


def owner_of(cause: Detail | str) -> str:
    """One cause's deliveries share it: what a crashed one began, its redelivery may go on with; another event may not."""
    said = cause if isinstance(cause, str) else f"{cause.detail_type}{cause.model_dump_json()}"
    return hashlib.sha256(said.encode()).hexdigest()
