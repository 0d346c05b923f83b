"""A life of one or two posts: what the owner, the approver and the clock do, in any order, and what must hold at its end."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from functools import cache
from typing import Any
from urllib.parse import urlencode

from memory.network import MemoryNetwork, Posted
from mesh_world import base
from mesh_world.wiring import ENVIRONMENT
from mesh_world.world import CHANNELS, DUE, RULES_TEXT, MeshWorld

from approver_world.eyes import Form, Page, Shown, read
from networks.model import NO_NOTES, Account, AttemptKey, Blobs, Confirm, Notes, Outcome, Rendition, always_open

TEXTS = (
    "Apple cake, fresh at eight.",
    "Apple cake, fresh at nine.",
    "  Two  blanks,\n\na line, & <b>no</b> tag “Möwe” 🥐",
    "12",
)
ALTS = ("", "A cake", "A cake on a table")
LINKS = ("", "https://cafe.test/menu")
APPROVING = ("Approve", "send now")


@dataclass(frozen=True)
class Whole:
    """What the public got to see of one post."""

    channel: str
    text: str
    pictures: tuple[tuple[str, str], ...]


class WholeNetwork(MemoryNetwork):
    """Remembers the pictures too, byte for byte."""

    got: list[Whole] = []  # noqa: RUF012 - replaced for each life

    def publish(
        self,
        http: Any,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        blobs: Blobs,
        now: Any,
        confirm: Confirm = always_open,
        notes: Notes = NO_NOTES,
    ) -> Outcome:
        before = len(self.feed.posts)
        outcome = super().publish(http, account, rendition, key, blobs, now, confirm, notes)
        for posted in self.feed.posts[before:]:
            self.got.append(_whole(posted, rendition, blobs))
        return outcome


def _whole(posted: Posted, rendition: Rendition, blobs: Blobs) -> Whole:
    channel = next(name for name, account in CHANNELS.items() if account == posted.account)
    pictures = tuple((hashlib.sha256(blobs(image.sha256)).hexdigest(), image.alt) for image in rendition.images)
    return Whole(channel, posted.text, pictures)


class PicturedWorld(MeshWorld):
    """With the whole of S3, its listing too: no process of the engine runs here."""

    def _switch(self) -> None:
        super()._switch()
        self.s3 = self.bare_s3
        self.bare_s3.add_bucket(ENVIRONMENT["RENDER_CACHE_BUCKET"])


@cache
def _begun() -> MeshWorld:
    """Two posts with a picture each on two channels; their card has gone out, nobody has pressed."""
    world = base.furnish(PicturedWorld(WholeNetwork()))
    world.bare_sheet.put_image("cake.png", base.png(1))
    world.now = DUE - timedelta(hours=1, minutes=20)
    for number in (1, 2):
        cells = {"text": f"{TEXTS[0]} ({number})", "image": "cake.png", "alt text": ALTS[1]}
        base.row(world, DUE, **cells, channels="main, second")
    base.pump(world, 20)
    assert world.bare_mail.sent, world.letters[:3]
    return world


@dataclass
class Life:
    """``approved`` is everything an approver had before their eyes on a page whose approving button then took effect."""

    world: MeshWorld = field(default_factory=lambda: _begun().copy())
    approved: set[Shown] = field(default_factory=set)
    ids: list[str] = field(default_factory=list)
    pressed: int = 0

    def __post_init__(self) -> None:
        self.world.phase = "life"
        WholeNetwork.got = []
        self.ids = self.world.bare_sheet.post_ids()

    # the approver

    def mails(self) -> list[list[str]]:
        """Each mail's signed addresses, the newest first."""
        found = []
        for _, raw in reversed(self.world.bare_mail.sent):
            body = message_from_bytes(raw, policy=default).get_body(("plain",))  # type: ignore[attr-defined]
            found.append(re.findall(rf"{re.escape(base.ORIGIN)}/\S+", body.get_content() if body else ""))
        return found

    def open(self, address: str) -> Page:
        return self._read(self._ask(base.request(address, "GET")), address)

    def press(self, page: Page, form: Form, address: str) -> Page:
        target = f"{base.ORIGIN}/{form.action}" if form.action else address
        event = base.request(target) | {"body": urlencode(form.fields)}
        after = self._read(self._ask(event), target)
        # "2 of 3 approved", "Approved", "It goes out now": it took effect, for all or some of what the page had shown
        if any(word in form.label for word in APPROVING) and re.search(r"approved|goes out now", after.heading, re.I):
            self.approved |= page.shown
        return after

    def click(self, mail: int, link: int, *, again: bool = False) -> None:
        """Opens a link of one of the newest mails and presses the page's first button, or, ``again``, the next page's too."""
        mails = [found for found in self.mails() if found]
        addresses = mails[mail % len(mails)]
        address = addresses[link % len(addresses)]
        page = self.open(address)
        for _ in range(1 + again):
            if not page.forms:
                return
            form = page.forms[0]
            address, page = (
                (f"{base.ORIGIN}/{form.action}" if form.action else address),
                self.press(page, form, address),
            )

    def _read(self, answer: dict[str, Any], address: str) -> Page:
        def load(source: str) -> bytes:
            found = self._ask(base.request(f"{base.ORIGIN}/{source.lstrip('/')}", "GET"))
            assert found["statusCode"] == 200, f"a picture of {address[:40]} does not load"
            return base64.b64decode(found["body"])

        return read(answer, load)

    def _ask(self, event: dict[str, Any]) -> dict[str, Any]:
        self.pressed += 1
        return self.world.invoke("approve-handler", event, f"press-{self.pressed}")  # type: ignore[no-any-return]

    # the owner

    def write(self, post: int, column: str, value: Any) -> None:
        post_id = self.ids[post % len(self.ids)]
        if self.world.bare_sheet.cells(post_id) is not None:
            self.world.bare_sheet.edit(post_id, column, value)

    def delete(self, post: int) -> None:
        post_id = self.ids[post % len(self.ids)]
        if self.world.bare_sheet.cells(post_id) is not None:
            self.world.bare_sheet.delete(post_id)

    def replace_picture(self, number: int) -> None:
        self.world.bare_sheet.put_image("cake.png", base.png(number))

    def rule(self, line: str) -> None:
        self.world.bare_sheet.write_doc(
            "Rules", RULES_TEXT.replace("Late rule: 2 hours", f"Late rule: 2 hours\n{line}")
        )

    def move_account(self) -> None:
        """The rules doc says that "main" is somebody else's account."""
        self.world.bare_sheet.write_doc("Rules", RULES_TEXT.replace("did:plc:main", "did:plc:other"))

    # time

    def wait(self, minutes: int) -> None:
        base.pump(self.world, minutes)

    def at_the_last_moment(self, act: Callable[[], None]) -> None:
        """What is due is already on its way to the sender; then the owner does something; then it arrives."""
        while self.world.now < DUE and not self.world.bare_bus.entries:
            self.world._fire()
            if self.world.bare_bus.entries:
                break
            base.pump(self.world, 1)
        act()
        self.world._deliver(twice=True)

    def end(self) -> list[str]:
        """Three hours past the last time; what went out and had not been seen and approved, or went out twice."""
        while self.world.now < DUE + timedelta(hours=5):
            base.pump(self.world, 15)
        seen = {(one.channel, one.text, one.pictures) for one in self.approved}
        wrong = [f"{function}: {error}" for function, _, error in self.world.letters]
        wrong += [
            f"not what was seen: {one}" for one in WholeNetwork.got if (one.channel, one.text, one.pictures) not in seen
        ]
        for one, count in Counter(WholeNetwork.got).items():
            if count > len(self.ids):  # two posts may say the same
                wrong.append(f"out {count} times: {one}")
        return wrong
