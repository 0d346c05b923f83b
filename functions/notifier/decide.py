"""What the notifier says, pure: items in; which posts a card shows, and the sentences of receipts and troubles, out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mesh.cards.model import first_words
from mesh.events import ReviewRequested
from mesh.ledger.items import CardSent, Head, HeadState, State, Status
from mesh.messages.standing import decided
from mesh.packages import Manifest

SES = "aws.ses"  # the source of what tells that a mail came back


def to_show(event: ReviewRequested, statuses: Mapping[str, Status]) -> list[Status]:
    """The posts of the request that still need a click: the revision is the current one and nothing stands already.

    A card that somebody asked for once more shows what was decided too, as long as it is not out.
    """
    shown = []
    for asked in event.posts:
        status = statuses.get(asked.post_id)
        if status is None or status.broken or status.gone_at is not None or status.current_revision != asked.revision:
            continue
        if event.reason == "fresh" and status.state is State.SENT:
            continue
        if decided(status) and event.reason not in {"late", "tick", "fresh"}:
            continue
        shown.append(status)
    return shown


def dealt(plan: Sequence[Sequence[str]], asked: Sequence[str]) -> list[list[str]]:
    """The shares of all posts that were asked about: those that the plan did not need to place go with the last.

    At a later delivery others may be left to show; each must then be found in the very message it was in, or not in any.
    """
    placed = {post_id for share in plan for post_id in share}
    rest = [post_id for post_id in asked if post_id not in placed]
    return [list(share) for share in plan[:-1]] + [[*(plan[-1] if plan else ()), *rest]]


def card_fate(refused: Sequence[str], asked: int, now: datetime) -> tuple[str | None, int, str]:
    """When the card reached anybody by mail (None: nobody), how many, and what its row is to say of the others.

    ``refused`` are sentences, of ``asked`` recipients.
    """
    if len(refused) < asked:
        return now.isoformat(), asked - len(refused), "; ".join(refused)
    return None, 0, "; ".join(refused) or "no recipient is set up"


def note_card(before: Status | None, round_id: str, sent_at: str | None, error: str, sent_to: int = 0) -> Status | None:
    """The card's fate on the post's item; an older round never overwrites a newer one's."""
    if before is None or before.asked is None or before.asked.round_id != round_id:
        return None
    card = CardSent(round_id=round_id, sent_at=sent_at, error=error, sent_to=sent_to)
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


def opening(manifest: Manifest) -> str:
    """The first words of a post, on one line and fit for a subject."""
    return first_words(next((channel.text for channel in manifest.channels.values()), ""))
