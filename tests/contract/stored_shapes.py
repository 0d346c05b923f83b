"""What every release so far has written of each thing that lies in a store, a link or the queue: the fields that are surely there.

A field that a release adds has a default that means what its absence meant, and does not come into this list: docs/upgrading.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from mesh import events, packages
from mesh.approvals import Action, How, Purpose, Token
from mesh.ledger import items, proposals
from mesh.ledger.item import Item
from mesh.messages.slack_standing import Reference
from notifier import gathering

FAMILIES: tuple[type[BaseModel], ...] = (Item, events.Detail, packages._Frozen, gathering._Frozen)
"""Whatever is derived from these is stored somewhere."""

_WRITTEN: dict[type[BaseModel], str] = {
    items.Answer: "at attempt by channel how revision says",
    items.Approval: "at by how revision",
    items.Asking: "at reason revision round_id",
    items.Attempt: "attempt key_at post_channel revision started_at",
    items.AuditHead: "",
    items.Booked: "at attempt name",
    items.CardSent: "round_id",
    items.ChannelProblem: "code message",
    items.Flag: "at state",
    items.Head: "post_channel revision state",
    items.Hold: "at by how",
    items.PackageRef: "source_revision",
    items.Queued: "at channel",
    items.Shown: "text version",
    items.Status: "post_id",
    items.Wanted: "by date time",
    proposals.Mark: "code message",
    proposals.Note: "at by text",
    proposals.Planned: "date post_id time topic",
    proposals.Proposal: "note state",
    proposals.Settled: "",
    proposals.Spent: "",
    proposals.Upload: "kind md5 mime name size upload_id",
    proposals.Wording: "at by text",
    Reference: "expires_at key round_id",
    gathering.Book: "",
    gathering.Claim: "at entries name until",
    gathering.Told: "at seen",
    gathering.Waiting: "cause message since",
    packages.LeftOut: "channel code message",
    packages.Manifest: "channels planned_at post_id source_revision time_zone",
    packages.PackedCard: "title url",
    packages.PackedChannel: "account host network payload text",
    packages.PackedCut: "",
    packages.PackedImage: "alt height_px mime sha256 size_bytes width_px",
    packages.PackedMeasure: "length limit unit",
    packages.SourceImage: "md5 name",
    events.Answered: "channel post_id",
    events.Approved: "post_ids",
    events.AttemptFailed: "attempt channel outcome post_id",
    events.BatchRequested: "batch_id",
    events.CalendarChanged: "post_ids",
    events.Cleared: "post_ids",
    events.CodeWanted: "code_id only_for",
    events.DraftAccepted: "post_ids",
    events.DraftReady: "post_ids",
    events.DraftRequested: "post_ids",
    events.Failed: "attempt channel post_id",
    events.Held: "post_ids",
    events.PackageReady: "post_ids",
    events.PackageWanted: "post_ids",
    events.Probe: "channels",
    events.Released: "post_ids",
    events.Retry: "attempt channel post_id revision",
    events.ReviewRequested: "posts reason round_id",
    events.RowWanted: "post_ids",
    events.RulesChanged: "",
    events.Send: "attempt channel post_id revision",
    events.Sent: "attempt channel post_id",
    events.Trouble: "cause message",
    events.Voided: "post_ids reason",
    events.Asked: "post_id revision",
    events.Said: "cause message",
    events.Upcoming: "channels post_id revision",
    Token: "action expires_at nonce posts recipient round_id",
}
WRITTEN: Mapping[type[BaseModel], frozenset[str]] = MappingProxyType(
    {model: frozenset(names.split()) for model, names in _WRITTEN.items()}
)

KNOWN: Mapping[type[BaseModel], frozenset[str]] = MappingProxyType(
    {
        model: frozenset(names.split())
        for model, names in {
            Token: "action attempt channel expires_at nonce posts recipient round_id",
            packages.LeftOut: "channel code message",
            packages.Manifest: "channels format left_out link planned_at post_id source_images source_revision time_zone",
            packages.PackedCard: "brought description thumbnail title url",
            packages.PackedChannel: "account card host images measure network payload text",
            packages.PackedCut: "bottom left right top",
            packages.PackedImage: "alt cut height_px mime sha256 size_bytes source width_px",
            packages.PackedMeasure: "length limit unit",
            packages.SourceImage: "md5 name",
        }.items()
    }
)
"""Every field of what is refused where it says more than is known: an approval binds all of it, so nothing of it may be passed over.

The release before this one reads no other fields. One that is added may be written from the release after it on.
"""

VALUES: Mapping[type[StrEnum], frozenset[str]] = MappingProxyType(
    {
        kind: frozenset(values.split())
        for kind, values in {
            items.State: "draft queued sending sent failed held gone",
            items.HeadState: "ready open sent retry unknown failed",
            items.FlagState: "pending written cleared hand",
            items.Says: "found not-there send-again",
            proposals.DraftState: "requested ready failed accepted discarded",
            proposals.Source: "note template batch",
            How: "mail device slack command",
            Purpose: "approval device slack picture compose",
            Action: "review hold now release hold-all release-all found not-there send-again enrol forget forget-all fresh draft compose",
        }.items()
    }
)
"""The words that stand in stores and links for states and deeds."""

INPUTS = frozenset(
    {
        '{"poll": true}',
        '{"tick": "daily"}',
        '{"tick": "digest"}',
        '{"tick": "drafts"}',
        '{"tick": "probe"}',
        '{"tick": "recap"}',
        '{"tick": "sweep"}',
        '{"tick": "templates"}',
        '{"tick": "troubles"}',
    }
)
"""What the template's schedules say: one that fired before an update is delivered after it."""


def lost(before: Any, after: Any) -> bool:
    """Something that was said is not said any more."""
    if isinstance(before, dict):
        return not isinstance(after, dict) or any(lost(value, after.get(name)) for name, value in before.items())
    if isinstance(before, list):
        return len(before) != len(after) or any(map(lost, before, after))
    return bool(before != after)
