"""What must hold after every history (I1 to I5), judged from outside: the network's posts, the tables, the sheet, the mails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from mesh.ledger.tables import Write
from mesh.ledger.verify import End, walk

PATIENCE = timedelta(minutes=15)


def wrongly_claimed(writes: Sequence[Write], tables: Any) -> list[str]:
    """I1 and I2 at a transaction that is about to take effect; ``tables`` are as they are before it."""
    complaints = []
    for write in writes:
        if write.kind != "Put" or write.table != "ss-sends" or write.body.get("attempt") != 0:
            continue
        head = write.body
        old = tables.get(write.table, {"post_channel": head["post_channel"], "attempt": 0})
        if old is not None and old["state"] == "sent" and head["state"] != "sent":
            complaints.append(f"I2: the head of {head['post_channel']} left sent")
        if head["state"] == "open" and (old is None or old["state"] != "open"):
            complaints += [f"I1: {head['post_channel']} was claimed {why}" for why in _against(head, tables)]
    return complaints


def _against(head: Mapping[str, Any], tables: Any) -> Iterator[str]:
    post_id, _, channel = str(head["post_channel"]).partition("#")
    post = tables.get("ss-status", {"post_id": post_id}) or {}
    approval, package = post.get("approval") or {}, post.get("package") or {}
    if not approval.get("revision") == package.get("revision") == head["revision"]:
        yield "for a revision that nobody approved as it stands"
    if post.get("source_revision") != package.get("source_revision"):
        yield "after the row had been edited"
    if post.get("held"):
        yield "on hold"
    if post.get("gone_at"):
        yield "although the row is gone"
    for key, words in (("hold#everything", "with everything on hold"), (f"pause#{channel}", "on a paused channel")):
        if (tables.get("ss-runtime", {"pk": key}) or {}).get("since"):
            yield words


def against_the_row(head: Mapping[str, Any], row: Mapping[str, Any] | None, words: str) -> Iterator[str]:
    """I1: what the claiming process itself had read of the live sheet; ``words`` are the package's on that channel."""
    where = f"I1: {head['post_channel']} was claimed although the row, when it was read,"
    post_id = str(head["post_channel"]).partition("#")[0]
    if row is None:
        yield f"{where} was not there"
    elif row.get("approved") is not True:
        yield f"{where} was not ticked"
    elif row.get("approved for") != f"{post_id}:{head['revision']}":
        yield f"{where} was stamped for another version"
    elif row.get("text") != words:
        yield f"{where} had other words"


def published(posts: Iterable[tuple[str, str, str, str]], approved: Mapping[str, set[str]]) -> list[str]:
    """I1 and I2 over what is out: (post, channel, text, how it got there), against the texts that were approved by a click."""
    complaints = []
    seen: Counter[tuple[str, str]] = Counter()
    for post_id, channel, text, by in posts:
        seen[post_id, channel] += 1
        if text not in approved.get(post_id, set()):
            complaints.append(f"I1: {post_id} is out on {channel} with words that nobody approved ({by})")
    complaints += [
        f"I2: {post_id} is out {count} times on {channel}" for (post_id, channel), count in seen.items() if count > 1
    ]
    return complaints


def chains(rows: Iterable[Mapping[str, Any]], items: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """I4: one audit row per change, each with the hash of the row before. ``items`` are those that were changed, by subject."""
    by_subject: dict[str, list[Mapping[str, Any]]] = {subject: [] for subject in items}
    for row in rows:
        by_subject.setdefault(str(row["subject"]), []).append(row)
    ends = {subject: End.of(item) for subject, item in items.items()}
    return [
        f"I4: {finding.sentence}"
        for subject, chain in by_subject.items()
        for finding in walk(subject, chain, ends.get(subject))
    ]
