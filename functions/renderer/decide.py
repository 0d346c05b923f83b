"""What is to be rendered, and what the package says. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networks
from mesh.ledger.items import ChannelProblem, PackageRef, Status
from mesh.packages import Manifest, PackedChannel, PackedImage, SourceImage
from mesh.posts import Plan, Row, plan_row
from mesh.rulebook import Channel, Rulebook
from networks.model import Draft, Image, Rendition
from renderer.images import ImageRefused, Variant

_ALT_SEPARATOR = re.compile(r"\n| \| ")
_LABELS = {"linkedin": "LinkedIn"}

Variants = Mapping[tuple[str, str], Variant | ImageRefused]
"""What became of each image on each network: by the image's MD5 in the folder and the network's name."""


@dataclass(frozen=True)
class Render:
    plan: Plan


@dataclass(frozen=True)
class Skip:
    """Nothing to do here, and why. Whoever asked will ask again when there is."""

    reason: str


def what_to_do(rows: Sequence[Row], status: Status | None, rulebook: Rulebook) -> Render | Skip:
    """``rows`` are those with the post's id. A source that is no longer the table's is the scheduler's to look at, not ours."""
    if status is None:
        return Skip("the table does not know this post yet")
    if status.broken:
        return Skip("its item has a shape that no code writes")
    if len(rows) != 1:
        return Skip("no row has this id" if not rows else "two rows have this id")
    plan = plan_row(rows[0], rulebook)
    if not isinstance(plan, Plan):
        return Skip("the row itself has problems")
    if plan.source_revision != status.source_revision:
        return Skip("the row is another one than the table's")
    return Render(plan)


def networks_of(plan: Plan) -> tuple[str, ...]:
    """The networks that can be rendered for, each once."""
    return tuple(dict.fromkeys(channel.network for channel in plan.channels if channel.network in networks.NAMES))


def alt_texts(alt: str, count: int) -> tuple[str, ...]:
    """One alt text per image: a line each, or parted by `` | ``, where there are several images. Missing ones are empty.

    ValueError, with a sentence for the owner, when there are more than images: nobody can tell which is whose.
    """
    if count == 0:
        return ()
    if count == 1:
        return (alt.strip(),)
    parts = [part.strip() for part in _ALT_SEPARATOR.split(alt) if part.strip()]
    if len(parts) > count:
        raise ValueError(f"alt text: {len(parts)} texts for {count} images; write one line for each image")
    return (*parts, *[""] * (count - len(parts)))


def make_package(plan: Plan, time_zone: str, variants: Variants) -> Manifest | tuple[ChannelProblem, ...]:
    """The manifest, or every problem on every channel at once: a post goes out as it was meant, or not at all."""
    row = plan.row
    hashes = [row.images[name] for name in row.image_names]
    problems: list[ChannelProblem] = []
    try:
        alts = alt_texts(row.alt, len(hashes))
    except ValueError as error:
        problems.append(ChannelProblem(code="alt-too-many", message=str(error)))
        alts = ("unclear",) * len(hashes)
    channels: dict[str, PackedChannel] = {}
    for channel in plan.channels:
        composed = _compose(channel, row, list(zip(hashes, alts, strict=True)), variants)
        if isinstance(composed, Rendition):
            channels[channel.name] = _packed(channel, composed)
        else:
            problems += composed
    if problems:
        return tuple(dict.fromkeys(problems))
    return Manifest(
        post_id=row.post_id,
        source_revision=plan.source_revision,
        planned_at=plan.planned_at.isoformat(),
        time_zone=time_zone,
        link=row.link,
        source_images=tuple(SourceImage(name=name, md5=row.images[name]) for name in row.image_names),
        channels=channels,
    )


def with_package(before: Status | None, package: PackageRef) -> Status | None:
    """The post with its package, or None where it stands there already or belongs to a source that is no longer the table's."""
    if before is None or before.source_revision != package.source_revision or before.package == package:
        return None
    return before.model_copy(update={"package": package, "open": "1"})


def _compose(
    channel: Channel, row: Row, images: list[tuple[str, str]], variants: Variants
) -> Rendition | list[ChannelProblem]:
    if channel.network not in networks.NAMES:
        label = _LABELS.get(channel.network, channel.network.title())
        message = f"Posting to {label} comes later."
        return [ChannelProblem(channel=channel.name, code="network-later", message=message)]
    adapter = networks.network(channel.network)
    problems: list[ChannelProblem] = []
    shown: list[Image] = []
    for md5, alt in images:
        variant = variants[md5, channel.network]
        if isinstance(variant, Variant):
            size_bytes = len(variant.content)
            shown.append(
                Image(variant.sha256, variant.mime, size_bytes, variant.width_px, variant.height_px, alt.strip())
            )
        else:
            problems.append(ChannelProblem(code=variant.code, message=variant.message))
            # Stands in for the refused one, so that the others keep their numbers and the text its measure.
            shown.append(Image("", adapter.declared.image_mimes[0], 1, 1, 1, alt))
    text = row.overrides.get(channel.name) or row.text
    composed = adapter.compose(Draft(text=text, link=row.link, images=tuple(shown)))
    if isinstance(composed, Rendition):
        return problems or composed
    return problems + [
        ChannelProblem(channel=channel.name, code=problem.code, message=problem.message) for problem in composed
    ]


def _packed(channel: Channel, rendition: Rendition) -> PackedChannel:
    return PackedChannel(
        network=channel.network,
        account=channel.account,
        host=channel.host,
        text=rendition.text,
        payload=dict(rendition.payload),
        images=tuple(
            PackedImage(
                sha256=image.sha256,
                mime=image.mime,
                size_bytes=image.size_bytes,
                width_px=image.width_px,
                height_px=image.height_px,
                alt=image.alt,
            )
            for image in rendition.images
        ),
    )
