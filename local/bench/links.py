"""A link's signature judged, good and forged, beside one bare HMAC over the same bytes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from local.bench.figure import Figure
from local.bench.measuring import beside
from local.bench.rows import Bench
from local.stack import PREFIX
from mesh.approvals import LIFETIME, Action, Forged, Signer, Token

_COUNT, _TURNS = 1_000, 7


def figures(bench: Bench) -> Iterator[Figure]:
    now = datetime.now(UTC)
    signer = Signer(["a-key-for-the-bench-of-40-characters-0123"], PREFIX)
    token = Token(
        action=Action.REVIEW,
        posts=(("p_0123456789", "0" * 64),),
        recipient="owner@example.test",
        round_id="r_0123456789abcdef",
        nonce="0123456789abcdef",
        expires_at=int((now + LIFETIME).timestamp()),
    )
    good = signer.sign(token)
    forged = good[:-6] + ("AAAAAA" if good[-6:] != "AAAAAA" else "BBBBBB")

    def bare() -> None:
        for _ in range(_COUNT):
            hmac.new(b"key", good.encode(), hashlib.sha256).digest()

    def judged(text: str) -> Callable[[], None]:
        def read() -> None:
            for _ in range(_COUNT):
                with suppress(Forged):
                    signer.read(text, now)

        return read

    for what, text in (("good", good), ("forged", forged)):
        found = beside(judged(text), bare, _TURNS)
        detail = f"{found.ours * 1_000 / _COUNT:.0f} µs each"
        yield Figure(f"{_COUNT:,} {what} links judged", found.ours, "ms", found.floor, detail=detail, noise=found.noise)
