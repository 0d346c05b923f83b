"""The digest by mail: one to each recipient for each Sunday, with links of their own."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.message import EmailMessage

from mesh import log
from mesh.cards.digest import Digest, Press
from mesh.cards.digest_mail import compose_digest
from mesh.messages.office import Hold, PostOffice

_log = log.logger("digest")


def send_mails(office: PostOffice, digest: Digest, hold: Hold | None, cause: str, now: datetime) -> int:
    """How many went out. Who has this Sunday's already gets no other, also where it says another thing by now.

    ``cause`` is what the tries of one invocation share.
    """
    round_id = f"digest-{digest.key}"

    def compose(recipient: str) -> EmailMessage:
        def link(press: Press) -> str:
            return office.link(press.action, press.pairs, recipient, round_id, now, press.channel, press.attempt)

        key = hashlib.sha256(f"{digest.key} {recipient}".encode()).hexdigest()[:24]
        envelope = office.envelope(recipient, now, f"digest.{key}")
        return compose_digest(digest, envelope, office.brake(hold, recipient, round_id, now), link)

    done = office.send_all(cause, f"digest#{digest.key}", compose, now)
    if done.refused:
        log.line(_log, "not to everybody", move="digest", count=len(done.refused), outcome="refused")
    return done.sent
