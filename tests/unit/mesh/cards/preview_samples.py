"""One post on all seven networks, as a package holds it."""

from __future__ import annotations

import hashlib
import io
from fractions import Fraction

from PIL import Image, ImageDraw

from mesh.ledger import PackageRef, Status
from mesh.ledger.items import ChannelProblem
from mesh.packages import LeftOut, Manifest, PackedCard, PackedChannel, PackedCut, PackedImage, PackedMeasure
from networks import NAMES, composer
from networks.model import Of

TEXT = (
    "Apfelkuchen vom Blech, noch warm 🍎🥧\n\nHeute ab 14 Uhr, solange er reicht, mit Sahne von nebenan. Wer vorher Bescheid gibt, "
    "bekommt ein Stück zurückgelegt: @cafe.moewe.example #apfelkuchen https://cafe-moewe.example/kuchen?von=post "
    "Bis gleich, eure Möwen am Hafen."
)
LINK = "https://cafe-moewe.example/kuchen/apfel"


def picture(width: int, height: int, hue: int) -> bytes:
    """A made photo: sky, table, cake."""
    shown = Image.new("RGB", (width, height), (232, 238, 240))
    draw = ImageDraw.Draw(shown)
    draw.rectangle((0, height * 0.6, width, height), fill=(176, 134, 98))
    side = min(width, height) * 0.6
    left, top = (width - side) / 2, height * 0.75 - side * 0.6
    draw.pieslice((left, top, left + side, top + side), 20, 160, fill=(200, hue, 60))
    draw.ellipse((left, top + side * 0.35, left + side, top + side * 0.65), fill=(240, 214, 150))
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=80)
    return out.getvalue()


PICTURES = {
    hashlib.sha256(content).hexdigest(): (content, width, height)
    for width, height, hue in ((1_080, 1_350, 90), (1_440, 754, 130), (1_200, 630, 60))
    for content in [picture(width, height, hue)]
}


def packed(number: int, alt: str, cut: PackedCut | None = None) -> PackedImage:
    sha256, (content, width, height) = list(PICTURES.items())[number]
    return PackedImage(
        sha256=sha256,
        mime="image/jpeg",
        size_bytes=len(content),
        width_px=width,
        height_px=height,
        alt=alt,
        source="kuchen.jpg",
        cut=cut,
    )


def channel(network: str, images: int = 0, text: str = TEXT) -> PackedChannel:
    adapter = composer(network)
    wide = PackedCut(left=62, right=61) if adapter.declared.ratio(Of.RATIO_WIDEST) == Fraction(191, 100) else None
    shown = tuple(packed(0, f"Ein Blech Apfelkuchen, Bild {number + 1}", wide) for number in range(images))
    card = None
    if not images:
        card = PackedCard(
            url=LINK,
            title="Apfelkuchen vom Blech – Café Möwe",
            description="Was drin ist, wann es ihn gibt und wie man ihn mitnimmt.",
            thumbnail=packed(2, "Apfelkuchen vom Blech – Café Möwe"),
            brought=adapter.declared.brings_card,
        )
    measure = adapter.measure(text)
    return PackedChannel(
        network=network,
        account="cafe",
        host="https://h",
        text=text,
        payload={},
        images=shown,
        measure=PackedMeasure(length=measure.length, limit=measure.limit, unit=measure.unit),
        card=card,
    )


def post_on_all(images: int = 0, text: str = TEXT, post_id: str = "p_1") -> tuple[Manifest, Status]:
    channels = {
        f"{name}-main": channel(name, max(images, int(composer(name).declared.needs_image)), text) for name in NAMES
    }
    manifest = Manifest(
        post_id=post_id,
        source_revision="s",
        planned_at="2026-03-27T08:00:00+00:00",
        time_zone="Europe/Berlin",
        link="" if images else LINK,
        channels=channels,
        left_out=(LeftOut(channel="x-second", code="too-long", message="3 characters too long for X: 283 of 280."),),
    )
    remarks = (
        ChannelProblem(
            channel="x-main", code="costs", message="X charges $0.20 for this post, because it holds a link."
        ),
        ChannelProblem(
            code="near-duplicate", message="Nearly the same as the post of Tuesday 2 March, 09:00, on x-main."
        ),
    )
    package = PackageRef(source_revision="s", revision=manifest.revision, remarks=remarks)
    status = Status(post_id=post_id, channels=(*channels, "x-second"), source_revision="s", package=package)
    return manifest, status
