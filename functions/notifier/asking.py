"""The card: asks each recipient about exactly the packages that the request names, and notes on the posts that it did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage

from mesh.approvals import Action
from mesh.cards.email import compose_card
from mesh.cards.model import Card, CardPost, card_post
from mesh.events import ReviewRequested
from mesh.ledger import Act, Status
from mesh.packages import Manifest, PackageBroken
from notifier.decide import note_card, to_show
from notifier.post_office import PostOffice

_BROKEN = "its preview is damaged; change the row a little, so that a new one is made"


def send_cards(office: PostOffice, detail: ReviewRequested, now: datetime) -> int:
    """One message per recipient. A post whose package cannot be shown is left out and told so in its row."""
    statuses = office.ledger.statuses(asked.post_id for asked in detail.posts)
    shown = to_show(detail, statuses)
    manifests = {status.post_id: manifest for status in shown if (manifest := _manifest(office, status))}
    for status in shown:
        if status.post_id not in manifests:
            _note(office, detail, status, None, _BROKEN, now)
    shown = [status for status in shown if status.post_id in manifests]
    if not shown:
        return 0

    def compose(recipient: str) -> EmailMessage:
        card = _card(office, detail, shown, manifests, recipient, now)
        return compose_card(card, office.settings.mail_from, recipient, now, read_image)

    def read_image(post_id: str, sha256: str) -> bytes:
        return office.packages.image(post_id, manifests[post_id].revision, sha256)

    # By the first post that was asked about: at a second delivery fewer may be left to show.
    key = f"card#{detail.round_id}#{detail.posts[0].post_id}"
    done = office.send_all(detail, key, compose, now)
    everybody_refused = len(done.refused) == len(office.settings.people)
    for status in shown:
        _note(office, detail, status, None if everybody_refused else now.isoformat(), "; ".join(done.refused), now)
    return done.sent


def _manifest(office: PostOffice, status: Status) -> Manifest | None:
    try:
        return office.packages.read(status.post_id, status.current_revision or "")
    except PackageBroken:
        return None


def _note(
    office: PostOffice, detail: ReviewRequested, status: Status, sent_at: str | None, error: str, now: datetime
) -> None:
    act = Act("card sent" if sent_at else "card refused", "notifier", now, detail.trace_id)
    office.ledger.change_status(status.post_id, act, lambda before: note_card(before, detail.round_id, sent_at, error))


def _card(
    office: PostOffice,
    detail: ReviewRequested,
    shown: list[Status],
    manifests: Mapping[str, Manifest],
    recipient: str,
    now: datetime,
) -> Card:
    def link(action: Action, pairs: tuple[tuple[str, str], ...]) -> str:
        return office.link(action, pairs, recipient, detail.round_id, now)

    posts: list[CardPost] = []
    for status in shown:
        manifest = manifests[status.post_id]
        pair = ((status.post_id, manifest.revision),)
        links = {action.value: link(action, pair) for action in (Action.REVIEW, Action.HOLD, Action.SEND_NOW)}
        posts.append(card_post(status, manifest, now, links))
    every = tuple((post.post_id, post.revision) for post in posts)
    return Card(
        round_id=detail.round_id,
        reason=detail.reason,
        posts=tuple(posts),
        approve_all=link(Action.REVIEW, every) if len(every) > 1 else "",
        hold_everything=link(Action.HOLD_EVERYTHING, ()),
        sheet=office.settings.sheet_url,
    )
