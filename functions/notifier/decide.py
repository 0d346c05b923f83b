"""What the notifier says, pure: items in; which posts a card shows, and the sentences of receipts and troubles, out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mesh.events import ReviewRequested
from mesh.ledger.items import CardSent, Head, HeadState, Status
from mesh.packages import Manifest

_OPENING_CHARACTERS = 50


def to_show(event: ReviewRequested, statuses: Mapping[str, Status]) -> list[Status]:
    """The posts of the request that still need a click: the revision is the current one and nothing stands already."""
    shown = []
    for asked in event.posts:
        status = statuses.get(asked.post_id)
        if status is None or status.broken or status.gone_at is not None or status.current_revision != asked.revision:
            continue
        if status.approved and status.held is None and event.reason not in {"late", "tick"}:
            continue
        shown.append(status)
    return shown


def note_card(before: Status | None, round_id: str, sent_at: str | None, error: str) -> Status | None:
    """The card's fate on the post's item; an older round never overwrites a newer one's."""
    if before is None or before.asked is None or before.asked.round_id != round_id:
        return None
    card = CardSent(round_id=round_id, sent_at=sent_at, error=error)
    return None if before.card == card else before.model_copy(update={"card": card, "open": "1"})


@dataclass(frozen=True)
class Receipt:
    """``outcome`` is another one for another end: a post that failed first and is out now is told again."""

    title: str
    sentences: list[str]
    outcome: str
    failed: bool


def receipt(status: Status, heads: Sequence[Head], opening: str, when: str) -> Receipt | None:
    """What became of a post, once nothing more happens by itself on any of its channels; None before that."""
    mine = [head for head in heads if head.channel in status.going]
    if len(mine) < len(status.going) or not all(head.settled for head in mine):
        return None
    sent = [head for head in mine if head.state is HeadState.SENT]
    failed = [head for head in mine if head.state is HeadState.FAILED]
    sentences = [f"{head.channel}: {head.posted_url}" for head in sent]
    sentences += [f"{head.channel}: not posted. {head.detail or 'The network refused it.'}" for head in failed]
    sentences += [f"{problem.channel}: not posted. {problem.message}" for problem in status.left_out]
    if not failed:
        said = "Posted"
    elif not sent:
        said = "Not posted"
    else:
        said = f"Posted on {len(sent)} of {len(mine)} channels"
    title = f"{said}: {opening}" if opening else f"{said} ({when})"
    # A failure is told again after each further try that failed.
    ends = sorted(
        f"{head.channel}:{head.state}:{head.revision}:{head.attempts if head in failed else 0}" for head in mine
    )
    outcome = hashlib.sha256(" ".join(ends).encode()).hexdigest()[:20]
    return Receipt(title, [f"{when}.", *sentences], outcome, bool(failed))


_JOINER = "\u200d"  # not printable, but without it one emoji falls apart into several


def opening(manifest: Manifest) -> str:
    """The first words of a post, on one line and fit for a subject."""
    text = next((channel.text for channel in manifest.channels.values()), "")
    line = " ".join(text.split())
    clean = "".join(char for char in line if char.isprintable() or char == _JOINER)
    if len(clean) <= _OPENING_CHARACTERS:
        return clean
    head, blank, _ = clean[:_OPENING_CHARACTERS].rpartition(" ")
    return (head if blank else clean[:_OPENING_CHARACTERS]) + "…"
