"""What is to be rendered, and what the package says. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mesh.errors import Doubt
from mesh.fitting import STAND_IN_PX, alt_texts
from mesh.ledger.items import ChannelProblem, PackageRef, Status
from mesh.lint import may_be_near, row_remarks
from mesh.packages import (
    LeftOut,
    Manifest,
    PackedCard,
    PackedChannel,
    PackedImage,
    PackedMeasure,
    SourceImage,
)
from mesh.posts import Plan, Row, plan_row
from mesh.rulebook import Channel, Rulebook
from networks.model import Composer, Draft, LinkCard, Rendition
from renderer.images import ImageRefused, Variant

Variants = Mapping[tuple[str, str], Variant | ImageRefused]
"""What became of each image for each channel: by the image's name in the folder and the channel's name."""


@dataclass(frozen=True)
class Render:
    plan: Plan


@dataclass(frozen=True)
class Skip:
    """Nothing to do here, and why. Whoever asked will ask again when there is."""

    reason: str


@dataclass(frozen=True)
class Told:
    """What one channel's server said of itself: the adapter with its limits, and the ids behind the names in the text.

    ``sure`` is False where it did not answer: its limits are then the network's usual ones.
    """

    composer: Composer
    mentions: Mapping[str, str] = field(default_factory=dict)
    sure: bool = True


@dataclass(frozen=True)
class LinkedPage:
    """The page behind the row's link, where it could be read."""

    title: str
    description: str = ""
    thumbnail: Variant | None = None


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


def make_package(
    plan: Plan, time_zone: str, told: Mapping[str, Told], variants: Variants, page: LinkedPage | None = None
) -> Manifest | tuple[ChannelProblem, ...]:
    """The manifest of the channels that can take the post, with the others named; every problem where none can or the row is at fault.

    Doubt where a server did not tell its limits and the text is within no usual one: it may well be within its own.
    """
    row = plan.row
    try:
        alts = alt_texts(row.alt, len(row.image_names))
    except ValueError as error:
        return (ChannelProblem(code="alt-too-many", message=str(error)),)
    channels: dict[str, PackedChannel] = {}
    problems: list[ChannelProblem] = []
    for channel in plan.channels:
        server = told[channel.name]
        packed = _pack(channel, plan, server, _Pictures(row.image_names, alts, variants), page)
        if not isinstance(packed, PackedChannel):
            problems += packed
        else:
            channels[channel.name] = packed
    if not channels:
        return tuple(dict.fromkeys(problems))
    return Manifest(
        post_id=row.post_id,
        source_revision=plan.source_revision,
        planned_at=plan.planned_at.isoformat(),
        time_zone=time_zone,
        link=row.link,
        source_images=tuple(SourceImage(name=name, md5=row.images[name]) for name in row.image_names),
        channels=channels,
        left_out=tuple(LeftOut(**problem.model_dump()) for problem in dict.fromkeys(problems)),
    )


def remarks(
    plan: Plan, told: Mapping[str, Told], rows: Sequence[Row], rulebook: Rulebook
) -> tuple[ChannelProblem, ...]:
    """What keeps nothing back and is worth knowing: of the row among the others, and of each channel's own."""
    near = [row for row in rows if row.post_id != plan.row.post_id and may_be_near(row, plan)]
    others = [other for row in near if isinstance(other := plan_row(row, rulebook), Plan)]
    found = list(row_remarks(plan, others, rulebook))
    for channel in plan.channels:
        server = told[channel.name]
        draft = Draft(plan.row.text_for(channel), plan.row.link, mentions=server.mentions)
        found += [
            ChannelProblem(channel=channel.name, code=remark.code, message=remark.message)
            for remark in server.composer.remarks(draft)
        ]
    return tuple(dict.fromkeys(found))


def reference(source: str, manifest: Manifest, about: tuple[ChannelProblem, ...]) -> PackageRef:
    """What the table keeps of a stored package: of channels that are left out nothing else is worth remarking."""
    about = tuple(remark for remark in about if not remark.channel or remark.channel in manifest.channels)
    left_out = tuple(ChannelProblem(**one.model_dump()) for one in manifest.left_out)
    return PackageRef(source_revision=source, revision=manifest.revision, problems=left_out, remarks=about)


def with_package(before: Status | None, package: PackageRef) -> Status | None:
    """The post with its package, or None where it stands there already or belongs to a source that is no longer the table's."""
    if before is None or before.source_revision != package.source_revision or before.package == package:
        return None
    return before.model_copy(update={"package": package, "open": "1"})


@dataclass(frozen=True)
class _Pictures:
    names: Sequence[str]
    alts: Sequence[str]
    variants: Variants


def _pack(
    channel: Channel, plan: Plan, told: Told, pictures: _Pictures, page: LinkedPage | None
) -> PackedChannel | list[ChannelProblem]:
    declared = told.composer.declared
    problems: list[ChannelProblem] = []
    found = [pictures.variants[name, channel.name] for name in pictures.names]
    like = next((one for one in found if isinstance(one, Variant)), None)
    shown: list[PackedImage] = []
    for name, alt, variant in zip(pictures.names, pictures.alts, found, strict=True):
        if isinstance(variant, Variant):
            shown.append(_packed_image(variant, name, alt))
        else:
            problems.append(ChannelProblem(channel=channel.name, code=variant.code, message=variant.message))
            shown.append(_stand_in(declared.image_mimes[0], alt, like))
    card = _card(plan.row.link, page)
    draft = Draft(
        text=plan.row.text_for(channel),
        link=plan.row.link,
        images=tuple(image.image() for image in shown),
        card=card.card() if card is not None else None,
        mentions=told.mentions,
    )
    composed = told.composer.compose(draft)
    if not isinstance(composed, Rendition):
        if not told.sure and any(problem.code == "too-long" for problem in composed):
            raise Doubt(f"{channel.host} does not tell its limits now")
        problems += [ChannelProblem(channel=channel.name, code=one.code, message=one.message) for one in composed]
    if problems or not isinstance(composed, Rendition):
        return problems
    measure = told.composer.measure(draft.text, draft.link, image_count=len(draft.images))
    return PackedChannel(
        network=channel.network,
        account=channel.account,
        host=channel.host,
        text=composed.text,
        payload=dict(composed.payload),
        images=tuple(shown),
        measure=PackedMeasure(length=measure.length, limit=measure.limit, unit=measure.unit),
        card=_packed_card(composed.card, card, brought=declared.brings_card),
    )


def _packed_image(variant: Variant, source: str, alt: str) -> PackedImage:
    return PackedImage(
        sha256=variant.sha256,
        mime=variant.mime,
        size_bytes=len(variant.content),
        width_px=variant.width_px,
        height_px=variant.height_px,
        alt=alt.strip(),
        source=source,
        cut=variant.cut,
    )


def _stand_in(mime: str, alt: str, like: Variant | None) -> PackedImage:
    """For a refused image, in the others' shape, so that they keep their numbers and the text its measure: no more is said of it."""
    width, height = (like.width_px, like.height_px) if like is not None else (STAND_IN_PX, STAND_IN_PX)
    return PackedImage(sha256="", mime=mime, size_bytes=1, width_px=width, height_px=height, alt=alt)


def _card(link: str, page: LinkedPage | None) -> PackedCard | None:
    if not link or page is None:
        return None
    picture = page.thumbnail
    thumbnail = _packed_image(picture, "", page.title) if picture is not None else None
    return PackedCard(url=link, title=page.title, description=page.description, thumbnail=thumbnail)


def _packed_card(composed: LinkCard | None, known: PackedCard | None, *, brought: bool) -> PackedCard | None:
    if composed is None:
        return None
    thumbnail = known.thumbnail if known is not None and composed.thumbnail is not None else None
    return PackedCard(
        url=composed.url,
        title=composed.title,
        description=composed.description,
        thumbnail=thumbnail,
        brought=brought,
    )
