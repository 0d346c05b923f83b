"""The channel in Slack: what is posted there, what is remembered of each message, and how a message is brought up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mesh import log
from mesh.approvals import Action, Signer, Token
from mesh.cards.blocks import Hand, Message, Pairs
from mesh.events import Detail
from mesh.messages.office import SAID_FOR, PostOffice, owner_of
from mesh.messages.slack_standing import Reference, digest
from mesh.packages import PackedImage
from mesh.slack import PicturesRefused, Posted, Slack, SlackRefused

_REMEMBERED_FOR = timedelta(days=60)
_AT_WORK = timedelta(seconds=50)  # longer than the function may run, shorter than Lambda's first retry
_ROUNDS = 3  # of looking again after a change: somebody else may have changed it to what was true a moment before
_log = log.logger("notifier")

Render = Callable[[Reference], Message]


@dataclass(frozen=True)
class SlackRoom:
    """``buttons`` signs the values of buttons, ``pictures`` the addresses that Slack fetches pictures from."""

    office: PostOffice
    slack: Slack
    buttons: Signer
    pictures: Signer

    def hand(self, reference: Reference) -> Hand:
        """Signs as often as asked the very same: a message rendered again from the same tables is the same message."""
        base = self.office.settings.approve_url.rstrip("/")

        def value(action: Action, pairs: Pairs) -> str:
            return self.buttons.sign(
                Token(
                    action=action,
                    posts=pairs,
                    recipient="",  # whoever clicks: Slack says who
                    round_id=reference.round_id,
                    nonce=_nonce(reference.key, action, pairs),
                    expires_at=reference.expires_at,
                    channel=reference.channel_name,
                    attempt=reference.attempt,
                )
            )

        def picture(post_id: str, revision: str, image: PackedImage) -> str:
            token = picture_token(post_id, revision, image.sha256, reference.expires_at)
            return f"{base}/picture/{self.pictures.sign(token)}"

        return Hand(value, picture, lambda post_id: f"{base}/post/{post_id}", reference.pictures)

    def post(self, cause: Detail | str, reference: Reference, render: Render, now: datetime) -> bool:
        """One message, once: True where it stands in the channel after this, by this delivery or an earlier one.

        Remembered after it was posted: a crash in between posts it twice rather than never. SlackRefused, Throttled and Unreachable pass.
        """
        runtime = self.office.runtime
        marker = f"said#{reference.key}"
        if not runtime.begin(marker, owner_of(cause), now, now + _AT_WORK):
            return self.recall(reference.key, now) is not None
        message = render(reference)
        try:
            place = self.slack.post(message.text, message.blocks)
        except PicturesRefused:
            reference = reference.model_copy(update={"pictures": False})
            message = render(reference)
            place = self.slack.post(message.text, message.blocks)
        standing = reference.model_copy(update={"channel": place.channel, "ts": place.ts}).showing(message)
        self._remember(standing, now)
        for post_id in dict.fromkeys(post_id for post_id, _ in reference.pairs):
            runtime.gather(f"slack#post#{post_id}", reference.key, now + _REMEMBERED_FOR)
        runtime.done(marker, now + SAID_FOR)
        return True

    def recall(self, key: str, now: datetime) -> Reference | None:
        item = self.office.runtime.get(key, now)
        return Reference.model_validate(item["reference"]) if item else None

    def about(self, post_ids: Iterable[str], now: datetime) -> list[Reference]:
        """Every message that shows one of these posts and can still be changed."""
        gathered = (self.office.runtime.gathered(f"slack#post#{post_id}", now) for post_id in dict.fromkeys(post_ids))
        keys = dict.fromkeys(key for keys in gathered for key in keys)
        found = (self.recall(key, now) for key in keys)
        return [reference for reference in found if reference is not None and not reference.gone]

    def bring_up_to_date(self, reference: Reference, render: Render, now: datetime) -> bool:
        """Whether it had to be changed. Afterwards it is what the tables said last."""
        changed, shown = False, reference.shown
        for _ in range(_ROUNDS):
            message = render(reference)
            if digest(message) == shown:
                break
            try:
                self._update(reference, message)
            except PicturesRefused:
                reference = reference.model_copy(update={"pictures": False})
                continue
            except SlackRefused as error:
                log.line(_log, "not updated in Slack", reason=error.code)
                if error.code not in _PASSES:
                    self._remember(reference.model_copy(update={"gone": True}), now)
                return changed
            changed, shown = True, digest(message)
        if changed:
            self._remember(reference.model_copy(update={"shown": shown}), now)
        return changed

    def _update(self, reference: Reference, message: Message) -> None:
        self.slack.update(Posted(reference.channel, reference.ts), message.text, message.blocks)

    def _remember(self, reference: Reference, now: datetime) -> None:
        values = {"reference": reference.model_dump(mode="json")}
        self.office.runtime.put(reference.key, values, ttl=now + _REMEMBERED_FOR)


# A new token, an invitation or an unarchived channel makes these possible again; the message itself is still there.
_PASSES = {
    "is_archived",
    "not_in_channel",
    "token_revoked",
    "token_expired",
    "invalid_auth",
    "account_inactive",
    "missing_scope",
}


def picture_token(post_id: str, revision: str, sha256: str, expires_at: int) -> Token:
    """What the address of a picture says. It is not single use: in the nonce's place stands which picture it is."""
    return Token(
        action=Action.REVIEW,
        posts=((post_id, revision),),
        recipient="",
        round_id="",
        nonce=sha256,
        expires_at=expires_at,
    )


def _nonce(key: str, action: Action, pairs: Pairs) -> str:
    """Its own for each button of each message, and the same each time that message is rendered."""
    return "s-" + hashlib.sha256(f"{key}|{action}|{pairs}".encode()).hexdigest()[:24]
