"""The gate: closed unless everything agrees at the moment of sending (architecture, "Approval and gate"). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from mesh.ledger import Status
from mesh.ledger.runtime import HOLD_EVERYTHING, pause_key
from mesh.packages import Manifest
from mesh.posts import plan_row, stamp
from mesh.rulebook import Rulebook
from mesh.sheet import AmbiguousRow, SheetRow, Table, find
from networks.model import Account, Pause


class Gate(StrEnum):
    OPEN = "open"
    FINAL = "final"  # ends this booking; shows in the status
    WAITING = "waiting"  # for the end of a hold on everything or of a pause
    DOUBTFUL = "doubtful"  # raised, so that the retry and the sweep take it up


@dataclass(frozen=True)
class Verdict:
    """``reason`` is a sentence for the owner, "" when open; ``pause`` asks for the channel to be paused."""

    gate: Gate
    reason: str = ""
    pause: Pause = Pause.NONE


OPEN = Verdict(Gate.OPEN)


@dataclass(frozen=True)
class Asked:
    """What an event asks to be sent."""

    post_id: str
    channel: str
    revision: str


@dataclass(frozen=True)
class Live:
    """What was read outside the tables. ``account`` is the channel's own secret."""

    table: Table
    rulebook: Rulebook
    manifest: Manifest
    account: Account


def approved_and_free(asked: Asked, status: Status, standing: Mapping[str, object]) -> Verdict:
    """The tables' part: an approval of exactly this revision, and no hold or pause."""
    if status.gone_at is not None:
        return _final("the row was taken out of the sheet")
    if status.held is not None:
        return _final("the post is on hold")
    if status.approval is None or status.approval.revision != asked.revision:
        return _final("this version of the post is not approved")
    if not status.approved:
        return _final("the post was edited after it was approved")
    if HOLD_EVERYTHING in standing:
        return Verdict(Gate.WAITING, "everything is on hold")
    if pause_key(asked.channel) in standing:
        return Verdict(Gate.WAITING, f"{asked.channel} is paused")
    return OPEN


def same_account(asked: Asked, live: Live) -> Verdict:
    """The rules doc and the channel's secret name one network, account and host; else the channel pauses."""
    channel = live.rulebook.channels.get(asked.channel)
    if channel is None:
        return _final(f"{asked.channel} is not in the rules doc any more")
    account = live.account
    for what, told, stored in (
        ("network", channel.network, account.network),
        ("account", channel.account, account.account_id),
        ("host", channel.host.rstrip("/"), account.host),
    ):
        if told != stored:
            reason = f"{asked.channel}: the rules doc names another {what} than the one that was connected"
            return Verdict(Gate.WAITING, reason, Pause.MISMATCH)
    packed = live.manifest.channels.get(asked.channel)
    if packed is None:
        return _final(f"the approved version was not for {asked.channel}")
    if (packed.network, packed.account, packed.host.rstrip("/")) != (account.network, account.account_id, account.host):
        return _final(f"{asked.channel} is another account now than when the post was approved")
    return OPEN


def ticked(asked: Asked, live: Live) -> Verdict:
    """The live row is there, once, with flag and stamp of this revision."""
    try:
        found = find(live.table, asked.post_id)
    except AmbiguousRow as error:
        return Verdict(Gate.DOUBTFUL, str(error))
    if found is None:
        return _final("the row is not in the sheet any more")
    if not found.row.approved:
        return _final("the tick in “approved” is gone")
    if found.row.stamp != stamp(asked.post_id, asked.revision):
        return _final("“approved for” names another version")
    return OPEN


def unedited(asked: Asked, live: Live, image_hashes: Mapping[str, str]) -> Verdict:
    """The live row and the images' hashes give the very source the package was made of."""
    found = find(live.table, asked.post_id)
    if found is None:
        return _final("the row is not in the sheet any more")
    plan = plan_row(replace(found.row, images=dict(image_hashes)), live.rulebook)
    if isinstance(plan, tuple):
        return _final(plan[0].message)
    if plan.source_revision != live.manifest.source_revision or live.manifest.post_id != asked.post_id:
        return _final("the post was edited after it was approved")
    return OPEN


def live_verdict(asked: Asked, live: Live, image_hashes: Mapping[str, str]) -> Verdict:
    """Everything outside the tables; the first thing that does not agree."""
    for verdict in (same_account(asked, live), ticked(asked, live)):
        if verdict.gate is not Gate.OPEN:
            return verdict
    return unedited(asked, live, image_hashes)


def images_of(asked: Asked, live: Live) -> tuple[str, ...]:
    """The names whose hashes are needed: the live row's, () where the gate is closed without them."""
    if ticked(asked, live).gate is not Gate.OPEN:
        return ()
    found: SheetRow | None = find(live.table, asked.post_id)
    return found.row.image_names if found else ()


def _final(reason: str) -> Verdict:
    return Verdict(Gate.FINAL, reason)
