"""The package: exactly what each network will be told for one source revision, and the store it lies in.

``packages/<post_id>/<revision>/manifest.json``, beside it the images by their SHA-256; ``packages/<post_id>/by-source/<source_revision>``
names the revision, put only if absent: an undone edit finds its package again, even after the renderer was upgraded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ConfigDict, PrivateAttr

from mesh.errors import Doubt, MeshError, Unreachable
from mesh.models import Deferred
from mesh.objects import read_object

if TYPE_CHECKING:
    from networks.model import Image, LinkCard, Rendition


class PackageBroken(MeshError):
    """The stored bytes do not hash to what the revision says: nothing of it may be sent."""


class _Frozen(Deferred):
    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="forbid")


class SourceImage(_Frozen):
    """An image as it lay in the owner's folder."""

    name: str
    md5: str


class PackedCut(_Frozen):
    """What was cut off the owner's image to fit the network's shape, in thousandths of its width and height."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0


class PackedImage(_Frozen):
    """``source`` is the name of the owner's image in the folder."""

    sha256: str
    mime: str
    size_bytes: int
    width_px: int
    height_px: int
    alt: str
    source: str = ""
    cut: PackedCut | None = None

    def image(self) -> Image:
        from networks.model import Image

        return Image(**self.model_dump(exclude={"source", "cut"}))


class PackedMeasure(_Frozen):
    """How long the text is, as the network counted when the package was made."""

    length: int
    limit: int
    unit: str


class PackedCard(_Frozen):
    """The link card below the text. ``brought``: we hand it over like this; else the network makes its own of the page."""

    url: str
    title: str
    description: str = ""
    thumbnail: PackedImage | None = None
    brought: bool = False

    def card(self) -> LinkCard:
        from networks.model import LinkCard

        thumbnail = self.thumbnail.image() if self.thumbnail is not None else None
        return LinkCard(self.url, self.title, self.description, thumbnail)


class PackedChannel(_Frozen):
    """What one channel will be told. ``text`` is what the public sees."""

    network: str
    account: str
    host: str
    text: str
    payload: dict[str, Any]
    images: tuple[PackedImage, ...] = ()
    measure: PackedMeasure | None = None
    card: PackedCard | None = None

    @property
    def every_image(self) -> tuple[PackedImage, ...]:
        """The post's own, and that of its link card."""
        thumbnail = self.card.thumbnail if self.card is not None else None
        return self.images if thumbnail is None else (*self.images, thumbnail)

    def rendition(self) -> Rendition:
        """What is handed over: a card that the network makes itself is none of it."""
        from networks.model import Rendition

        card = self.card.card() if self.card is not None and self.card.brought else None
        return Rendition(self.text, self.payload, tuple(image.image() for image in self.images), card)


class LeftOut(_Frozen):
    """A channel of the row that nothing is sent to, and why: whoever approves the rest is told so."""

    channel: str
    code: str
    message: str


class Manifest(_Frozen):
    """Everything an approval binds: its SHA-256 is the revision.

    One that was read from the store keeps the revision it was stored under: a newer version of this code may write other bytes for it.
    """

    format: int = 3
    post_id: str
    source_revision: str
    planned_at: str
    time_zone: str
    link: str = ""
    source_images: tuple[SourceImage, ...] = ()
    channels: dict[str, PackedChannel]
    left_out: tuple[LeftOut, ...] = ()

    def canonical(self) -> bytes:
        """One byte form for one content."""
        return json.dumps(
            self.model_dump(mode="json"), sort_keys=True, ensure_ascii=True, separators=(",", ":")
        ).encode()

    _stored: str = PrivateAttr("")

    @property
    def revision(self) -> str:
        return self._stored or hashlib.sha256(self.canonical()).hexdigest()


SIGNING = Config(signature_version="s3v4")
"""For the client of whoever hands out addresses: older signatures are refused in the newer regions."""


class Packages:
    """``bucket`` is ``ss-posts-source``."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def write(self, manifest: Manifest, images: Mapping[str, bytes]) -> str:
        """Store it whole: images, then the manifest, then the name by source. The revision that stands for this source afterwards.

        That is an earlier one's where this source was rendered before: what was approved stays what it was.
        """
        revision = manifest.revision
        folder = f"packages/{manifest.post_id}/{revision}"
        for sha256 in sorted(images):
            self._put(f"{folder}/{sha256}", images[sha256])
        self._put(f"{folder}/manifest.json", manifest.canonical())
        key = _by_source(manifest.post_id, manifest.source_revision)
        if self._put(key, revision.encode(), only_if_absent=True):
            return revision
        try:
            return self._get(key).decode()
        except KeyError as error:  # another writer was refused with us, or has not finished
            raise Doubt(f"S3 {key} is being written") from error

    def revision_of(self, post_id: str, source_revision: str) -> str | None:
        """The revision rendered from this source, if it ever was."""
        try:
            return self._get(_by_source(post_id, source_revision)).decode()
        except KeyError:
            return None

    def read(self, post_id: str, revision: str) -> Manifest:
        """PackageBroken when it is missing or does not hash to its revision; Doubt when it cannot be read now."""
        try:
            data = self._get(f"packages/{post_id}/{revision}/manifest.json")
        except KeyError as error:
            raise PackageBroken(f"package {post_id}/{revision[:12]} is not there") from error
        if hashlib.sha256(data).hexdigest() != revision:
            raise PackageBroken(f"package {post_id}/{revision[:12]} has other bytes than its revision says")
        manifest = Manifest.model_validate_json(data)
        manifest._stored = revision
        return manifest

    def image(self, post_id: str, revision: str, sha256: str) -> bytes:
        """An image's bytes, checked. PackageBroken and Doubt as ``read``."""
        try:
            data = self._get(f"packages/{post_id}/{revision}/{sha256}")
        except KeyError as error:
            raise PackageBroken(f"an image of package {post_id}/{revision[:12]} is not there") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise PackageBroken(f"an image of package {post_id}/{revision[:12]} has other bytes than the manifest says")
        return data

    def address(self, post_id: str, revision: str, sha256: str, mime: str) -> str:
        """Where everybody can fetch an image's bytes for ``ADDRESS_GOOD_FOR``: signed, made without asking S3.

        It ends sooner where the signer's own credentials do. Never to be logged.
        """
        where = {"Bucket": self._bucket, "Key": f"packages/{post_id}/{revision}/{sha256}", "ResponseContentType": mime}
        from networks.model import ADDRESS_GOOD_FOR

        seconds = int(ADDRESS_GOOD_FOR.total_seconds())
        address: str = self._client.generate_presigned_url("get_object", Params=where, ExpiresIn=seconds)
        return address

    def _put(self, key: str, data: bytes, *, only_if_absent: bool = False) -> bool:
        extra = {"IfNoneMatch": "*"} if only_if_absent else {}
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=data, **extra)
        except ClientError as error:
            if only_if_absent and error.response["Error"]["Code"] in {
                "PreconditionFailed",
                "ConditionalRequestConflict",
            }:
                return False
            raise _doubt(key, error) from error
        except BotoCoreError as error:
            raise Unreachable(f"S3 {key}: {type(error).__name__}") from error
        return True

    def _get(self, key: str) -> bytes:
        found = read_object(self._client, self._bucket, key)
        if found is None:
            raise KeyError(key)
        return found.data


def _by_source(post_id: str, source_revision: str) -> str:
    return f"packages/{post_id}/by-source/{source_revision}"


def _doubt(key: str, error: ClientError) -> Doubt:
    return Doubt(f"S3 {key}: {error.response['Error']['Code']}")
