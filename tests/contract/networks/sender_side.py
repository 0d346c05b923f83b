"""What the sender brings to a publish: images at an address, and notes that outlive a crash."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image as Picture

from local.networks.faults import Faults
from local.networks.store import image_mime
from local.networks.web import Answer, Origin, Request, as_json, route
from networks.model import Image

BOUNDARY = b"\r\n--boundary\r\n\r\n" + bytes(range(256))


def drawn(width_px: int = 1_200, height_px: int = 800, kind: str = "JPEG", colour: str = "brown") -> bytes:
    """A picture of one colour; a JPEG has every byte there is in its comment, and what could end a part of a form."""
    written = BytesIO()
    options = {"comment": BOUNDARY} if kind == "JPEG" else {}
    Picture.new("RGB", (width_px, height_px), colour).save(written, kind, **options)
    return written.getvalue()


class Pictures:
    """``networks.model.Blobs``: each picture's bytes, and its address on 127.0.0.1. ``fetched`` counts who came for one."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}
        self.fetched = 0
        self._origin = Origin(0, [route("GET", "/(?P<sha256>[0-9a-f]{64})", self._give)], _missing, Faults())
        self._origin.start()

    def stop(self) -> None:
        self._origin.stop()

    def put(self, content: bytes, alt: str = "A cup of coffee") -> Image:
        """As JPEG or PNG, measured as the package would."""
        sha256 = hashlib.sha256(content).hexdigest()
        self._contents[sha256] = content
        with Picture.open(BytesIO(content)) as picture:
            return Image(sha256, image_mime(content), len(content), picture.width, picture.height, alt)

    def __call__(self, sha256: str) -> bytes:
        return self._contents[sha256]

    def address(self, sha256: str) -> str:
        return f"{self._origin.origin}/{sha256}"

    def _give(self, request: Request, sha256: str) -> Answer:
        self.fetched += 1
        return Answer(200, self._contents[sha256], image_mime(self._contents[sha256]))


def _missing(request: Request) -> Answer:
    return as_json({"error": "not found"}, 404)


@dataclass
class Tries:
    """The tries of one post and what they noted. As under the sender's lease: a try that another one has followed notes nothing more.

    ``loses`` makes noting fail.
    """

    noted: dict[str, str] = field(default_factory=dict)
    loses: bool = False
    _number: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> Try:
        with self._lock:
            self._number += 1
            return Try(self, self._number)

    def keep(self, number: int, name: str, value: str) -> bool:
        with self._lock:
            if number != self._number or self.loses:
                return False
            self.noted[name] = value
            return True


@dataclass(frozen=True)
class Try:
    """``networks.model.Notes`` of one try."""

    tries: Tries
    number: int

    @property
    def kept(self) -> Mapping[str, str]:
        return dict(self.tries.noted)

    def keep(self, name: str, value: str) -> bool:
        return self.tries.keep(self.number, name, value)
