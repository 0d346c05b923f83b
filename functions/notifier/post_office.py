"""Sends one message to each recipient once: the markers in ``ss-runtime``, the signed links, the hand-over to SES."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from mesh.approvals import LIFETIME, Action, Signer, Token, new_nonce
from mesh.events import Detail
from mesh.ledger import Ledger, Runtime
from mesh.mail import Mailer, MailRefused
from mesh.packages import Packages
from notifier.settings import NotifierSettings

SAID_FOR = timedelta(days=14)
_AT_WORK = timedelta(seconds=50)  # longer than the function may run, shorter than Lambda's first retry


@dataclass(frozen=True)
class Round:
    """How one message's sending went: who has it now, and who was refused why."""

    sent: int
    refused: tuple[str, ...]


@dataclass(frozen=True)
class PostOffice:
    settings: NotifierSettings
    ledger: Ledger
    runtime: Runtime
    packages: Packages
    signer: Signer
    mailer: Mailer

    def send_all(
        self,
        cause: Detail,
        key: str,
        compose: Callable[[str], EmailMessage],
        now: datetime,
        said_for: timedelta = SAID_FOR,
    ) -> Round:
        """One message under ``key`` to each recipient, once until ``said_for`` is over.

        A recipient SES refuses does not cost the others theirs. The mark "done" is set after sending: a crash in between says it
        twice rather than never. Throttled and Unreachable pass, and the event's next delivery goes on where this one stopped.
        """
        sent, refused = 0, []
        for recipient in self.settings.people:
            marker = f"{key}#{recipient}"
            if not self.runtime.begin(marker, _owner(cause), now, now + _AT_WORK):
                continue
            try:
                self.mailer.send(compose(recipient))
            except MailRefused as error:
                refused.append(f"{recipient}: {error}")
                continue
            self.runtime.done(marker, now + said_for)
            sent += 1
        return Round(sent, tuple(refused))

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
        token = Token(
            action=action,
            posts=posts,
            recipient=recipient,
            round_id=round_id,
            nonce=new_nonce(),
            expires_at=int((now + LIFETIME).timestamp()),
            channel=channel,
            attempt=attempt,
        )
        return f"{self.settings.approve_url.rstrip('/')}/{self.signer.sign(token)}"


def _owner(cause: Detail) -> str:
    """One event's deliveries share it: what a crashed one began, its redelivery may go on with; another event may not."""
    return hashlib.sha256(f"{cause.detail_type}{cause.model_dump_json()}".encode()).hexdigest()
