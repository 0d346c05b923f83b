"""The sender's figures: requests to each network for a text and for one image, and the most memory that a send takes.

``python -m local.bench.networks TOLD`` (JSON: accounts by network) publishes four large images on each network and prints the peaks: a
process of its own, with what the sender has loaded and nothing else.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx

from local import ROOT
from local.bench.figure import Figure
from local.networks.faults import Faults
from local.networks.serve import Networks
from local.networks.web import Answer, Origin, Request, route
from local.peak import peak_mb
from networks import NAMES, network
from networks.model import Account, AttemptKey, Blobs, Draft, Image, Rendition, Result

if TYPE_CHECKING:
    from local.bench.rows import Bench

_PATHS = [str(ROOT / part) for part in (".", "functions", "layers/mesh/python", "layers/networks/python")]
_WORDS = "Fresh apple cake from nine"


def figures(bench: Bench) -> Iterator[Figure]:
    """Against the servers of this computer; what the sender asks of AWS and Google is counted elsewhere."""
    servers = Networks(None)
    servers.start()
    pictures = _Pictures()
    pictures.start()
    try:
        accounts = {name: _account(servers, name) for name in NAMES}
        for name in NAMES:
            text = _requests(name, accounts[name], pictures, 0)
            image = _requests(name, accounts[name], pictures, 1)
            detail = f"text {text or 'takes none'}, one image {image}"
            yield Figure(f"requests to {name} for a send", image, "calls", detail=detail)
        yield from _peaks(accounts, pictures)
    finally:
        servers.stop()
        pictures.stop()


def main(argv: list[str]) -> int:
    """In the process that is measured."""
    told = json.loads(argv[0])
    import sender.handler  # noqa: F401 - what a sender has loaded before it sends

    peaks = {"before": peak_mb()}
    for name, account in told["accounts"].items():
        pictures = _Pictures(told["pictures"])
        _publish(name, Account(**account), pictures, told["count"], _Count())
        peaks[name] = peak_mb()
    print(json.dumps(peaks))
    return 0


@dataclass
class _Count:
    requests: list[str] = field(default_factory=list)

    def client(self) -> httpx.Client:
        def note(request: httpx.Request) -> None:
            self.requests.append(f"{request.method} {request.url.path}")

        return httpx.Client(trust_env=False, event_hooks={"request": [note]})


class _Pictures:
    """JPEGs of some megabytes, and where a network can fetch them. A ``networks.model.Blobs``."""

    def __init__(self, origin: str = "") -> None:
        self._made = [_jpeg(number) for number in range(4)]
        self.content = {hashlib.sha256(one).hexdigest(): one for one in self._made}
        self._origin = origin
        self._server: Origin | None = None

    def images(self, count: int) -> tuple[Image, ...]:
        return tuple(
            Image(sha256, "image/jpeg", len(content), 1_440, 1_440, "A cake")
            for sha256, content in list(self.content.items())[:count]
        )

    def __call__(self, sha256: str) -> bytes:
        return self.content[sha256]

    def address(self, sha256: str) -> str:
        return f"{self._origin}/{sha256}"

    @property
    def origin(self) -> str:
        return self._origin

    def start(self) -> None:
        def picture(request: Request, sha256: str) -> Answer:
            return Answer(200, self.content[sha256], "image/jpeg")

        def missing(request: Request) -> Answer:
            return Answer(404, b"")

        self._server = Origin(0, [route("GET", "/(?P<sha256>[0-9a-f]{64})", picture)], missing, Faults())
        self._server.start()
        self._origin = self._server.origin

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()


def _jpeg(number: int) -> bytes:
    """Grain compresses badly: about 1.9 MB at 1,440 px square."""
    from PIL import Image as Pillow

    grain = Pillow.frombytes("RGB", (1_440, 1_440), random.Random(number).randbytes(1_440 * 1_440 * 3))
    out = io.BytesIO()
    grain.save(out, format="JPEG", quality=70)
    return out.getvalue()


def _account(servers: Networks, name: str) -> Account:
    made = servers.accounts.add({"network": name, "handle": "cafe"})
    return Account(name, made["account_id"], made["host"], made["credentials"])


def _requests(name: str, account: Account, pictures: _Pictures, images: int) -> int:
    """0 where the network takes no such post."""
    if network(name).declared.needs_image and not images:
        return 0
    count = _Count()
    _publish(name, account, pictures, images, count)
    return len(count.requests)


def _publish(name: str, account: Account, pictures: _Pictures, images: int, count: _Count) -> None:
    with count.client() as http:
        publish(http, account, Draft(f"{_WORDS} ({images} images)", "", pictures.images(images)), pictures)


def publish(http: httpx.Client, account: Account, draft: Draft, blobs: Blobs) -> None:
    """A post straight to its network, with nothing of the mesh around it."""
    adapter = network(account.network)
    made = adapter.compose(draft)
    assert isinstance(made, Rendition), made
    key = AttemptKey(hashlib.sha256(f"{account}{draft}".encode()).hexdigest(), datetime.now(UTC))
    outcome = adapter.publish(http, account, made, key, blobs, datetime.now(UTC), notes=_Notes())
    assert outcome.result is Result.OK, (account.network, outcome.detail)


class _Notes:
    """In memory; in the mesh each costs one transaction."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def keep(self, name: str, value: str) -> bool:
        self.kept[name] = value
        return True


def _peaks(accounts: Mapping[str, Account], pictures: _Pictures) -> Iterator[Figure]:
    told = {
        "accounts": {
            name: vars(account) | {"credentials": dict(account.credentials)} for name, account in accounts.items()
        },
        "pictures": pictures.origin,
        "count": 4,
    }
    done = subprocess.run(
        [sys.executable, "-m", "local.bench.networks", json.dumps(told)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(_PATHS)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    peaks = json.loads(done.stdout)
    before = peaks.pop("before")
    each = ", ".join(f"{name} {peak}" for name, peak in peaks.items())
    detail = f"four images of {len(pictures(next(iter(pictures.content)))) / 1e6:.1f} MB; {before} MB loaded before; after {each}"
    yield Figure("sender: peak memory", max(peaks.values()), "MB", aim=512, detail=detail, noise=0.05)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
