"""The real handlers, wired to a world: each invocation gets clients of its own, as a Lambda process does.

``installed()`` puts one world behind every handler's ``wire`` for as long as it lasts. Randomness becomes a function of the invocation, so
that a history can be run again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import lru_cache
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from memory.outside import QuietOutside

import approve_handler.handler
import approve_handler.slack
import drive_sync.handler
import mesh.approvals
import mesh.clock
import mesh.events
import mesh.figures
import mesh.ids
import mesh.ledger.book
import mesh.log
import mesh.rulebook.reading
import notifier.handler
import renderer.handler
import scheduler.asking
import scheduler.handler
import sender.channels
import sender.handler
from approve_handler.commit import Desk
from drive_sync.edges import MirrorStore
from drive_sync.parts import Parts
from mesh.approvals import Coder, Purpose, Signer
from mesh.booking import Bookings, BookingSettings
from mesh.bus import Bus
from mesh.door.devices import DeviceCookies
from mesh.ledger import Ledger, Runtime, TableNames
from mesh.mail import Mailer
from mesh.messages.office import PostOffice
from mesh.packages import Packages
from mesh.side_by_side import Together, one_by_one
from mesh.slack import SlackSettings
from mesh.vault import Vault
from renderer.cache import RenderCache
from renderer.edges import Mirror
from scheduler.edges import Calendar
from sender.channels import Channels
from sender.edges import Surroundings
from sender.ports import Ports

NAMES = TableNames(status="ss-status", sends="ss-sends", audit="ss-audit", runtime="ss-runtime")
POSTS, RULES = "ss-posts-source-000000000000", "ss-rules-source-000000000000"
GROUP = "ss-bookings"
SECONDS = {"drive-sync": 60, "renderer": 60, "scheduler": 60, "notifier": 30, "approve-handler": 15, "sender": 60}
ENVIRONMENT = {
    "PREFIX": "ss",
    "TZ_NAME": "Europe/Berlin",
    "STATUS_TABLE": NAMES.status,
    "SENDS_TABLE": NAMES.sends,
    "AUDIT_TABLE": NAMES.audit,
    "RUNTIME_TABLE": NAMES.runtime,
    "POSTS_BUCKET": POSTS,
    "RULES_BUCKET": RULES,
    "RENDER_CACHE_BUCKET": "ss-render-cache",
    "DRIVE_SECRET": "ss/drive/sa",
    "SIGNING_SECRET": "ss/approval/signing-secret",
    "COMPOSE_SECRET": "ss/compose/signing-secret",
    "CHANNEL_SECRETS_PREFIX": "ss/channels/",
    "APPROVE_URL": "https://approve.example.test",
    "MAIL_FROM": "posts@example.test",
    "RECIPIENTS": "ada@example.test",
    "SHEET_ID": "sheet-1",
    "DRIVE_FOLDER_ID": "folder-1",
    "BOOKING_GROUP": GROUP,
    "BOOKING_ROLE_ARN": "arn:aws:iam::000000000000:role/ss-BookingRole",
    "BUS_ARN": "arn:aws:events:ap-southeast-1:000000000000:event-bus/default",
    "DEAD_LETTERS_ARN": "arn:aws:sqs:ap-southeast-1:000000000000:ss-dead-letters",
}
SLACK_SECRET = {
    "bot_token": "a-bot-token",
    "signing_secret": "a-signing-secret-of-slack",
    "channel": "C1",
    "users": {"U1": "ada@example.test", "U2": "eve@example.test"},
}
_SETTINGS = {
    "scheduler": scheduler.handler.SchedulerSettings.load(ENVIRONMENT),
    "sender": sender.handler.SenderSettings.load(ENVIRONMENT),
    "drive-sync": drive_sync.handler.DriveSyncSettings.load(ENVIRONMENT),
    "notifier": notifier.handler.NotifierSettings.load(ENVIRONMENT),
    "approve-handler": approve_handler.handler.ApproveSettings.load(ENVIRONMENT),
    "renderer": renderer.handler.RendererSettings.load(ENVIRONMENT),
}
_BOOKING = BookingSettings(
    group=GROUP,
    role_arn=ENVIRONMENT["BOOKING_ROLE_ARN"],
    bus_arn=ENVIRONMENT["BUS_ARN"],
    dead_letters_arn=ENVIRONMENT["DEAD_LETTERS_ARN"],
    source="ss",
)
HANDLERS: dict[str, Callable[[dict[str, Any], Any], Any]] = {
    "scheduler": scheduler.handler.handler,
    "sender": sender.handler.handler,
    "drive-sync": drive_sync.handler.handler,
    "notifier": notifier.handler.handler,
    "approve-handler": approve_handler.handler.handler,
    "renderer": renderer.handler.handler,
}


def backwards(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """``one_by_one`` from the last to the first: what is made side by side has no order, and this is the other end of it."""
    done: list[tuple[Any, Exception | None]] = []
    for call in reversed(calls):
        try:
            done.append((call(), None))
        except Exception as error:  # noqa: BLE001 - raised below, after the others had their turn
            done.append((None, error))
    for _, trouble in reversed(done):
        if trouble is not None:
            raise trouble
    return [result for result, _ in reversed(done)]


class Clients:
    """What a process holds: the ports it was given, and the few objects the handlers make of them once. ``together``: in which order they
    make what has none."""

    together: Together = staticmethod(one_by_one)

    def __init__(self, world: Any) -> None:
        self.tables = world.tables
        self.s3 = world.s3
        self.bus = Bus(world.events, "ss")
        self.secrets = world.secrets
        self.schedules = world.schedules
        self.mail = world.mail
        self.sheet = world.sheet
        self.network = world.network
        self.http = world.http
        self.now = lambda: world.now
        self.tick = world.tick
        self.ledger = Ledger(self.tables, NAMES)
        self.runtime = Runtime(self.tables, NAMES)
        self.packages = Packages(self.s3, POSTS)

    def scheduler(self) -> Any:
        settings = _SETTINGS["scheduler"]
        return scheduler.handler.Wiring(
            settings,
            self.ledger,
            self.runtime,
            Calendar(self.s3, POSTS, RULES),
            Bookings(self.schedules, _BOOKING, lambda _: None),
            self.bus,
            self.together,
        )

    def sender(self) -> Any:
        vault = Vault(self.secrets)
        around = Surroundings(_SETTINGS["sender"], vault, self.secrets, self.s3, None)  # type: ignore[arg-type]
        around._google = self.sheet
        ports = Ports(
            ledger=self.ledger,
            runtime=self.runtime,
            packages=self.packages,
            bus=self.bus,
            surroundings=around,
            channels=Channels(
                self.ledger,
                self.runtime,
                self.bus,
                around,
                self.http,
                self.network,
                self.now,
                lambda _: None,
            ),
            http=self.http,
            network=self.network,
            clock=self.now,
            sleep=lambda _: None,
            spread=lambda: 0.5,
            together=self.together,
        )
        return None, ports

    def drive_sync(self) -> Any:
        settings = _SETTINGS["drive-sync"]
        return Parts(
            google=self.sheet,
            writer=self.sheet,
            store=MirrorStore(self.s3, POSTS, RULES),
            ledger=self.ledger,
            runtime=self.runtime,
            bus=self.bus,
            sheet_id=settings.sheet_id,
            folder_id=settings.drive_folder_id,
            tab=settings.tab,
            tz_name=settings.tz_name,
            horizon=timedelta(days=settings.horizon_days),
            clock=self.tick,
            sleep=lambda _: None,
            together=self.together,
        )

    def notifier(self) -> Any:
        keys = Vault(self.secrets).signing_keys("ss/approval/signing-secret")
        signer = Signer(keys, "ss")
        settings = _SETTINGS["notifier"]
        mailer = Mailer(self.mail, settings.mail_from)
        return PostOffice(settings, self.ledger, self.runtime, self.packages, signer, mailer, Coder(keys, "ss"))

    def approve_handler(self) -> Any:
        keys, desk = self._keys_and_desk()
        cookies = DeviceCookies(Signer(keys, "ss", Purpose.DEVICE), "ss")
        return approve_handler.handler.Wiring(_SETTINGS["approve-handler"], desk, cookies, Coder(keys, "ss"), self.s3)

    def slack_door(self) -> Any:
        """Nobody is told anything by Slack's ``response_url``: no address of it is one that may be answered."""
        keys, desk = self._keys_and_desk()
        buttons, pictures = Signer(keys, "ss", Purpose.SLACK), Signer(keys, "ss", Purpose.PICTURE)
        settings = _SETTINGS["approve-handler"]
        return approve_handler.slack.SlackDoor(
            settings,
            SlackSettings.read(SLACK_SECRET),
            buttons,
            pictures,
            desk,
            None,  # type: ignore[arg-type]
            approve_handler.slack.Watch(),
        )

    def _keys_and_desk(self) -> tuple[list[str], Desk]:
        zone = ZoneInfo(_SETTINGS["approve-handler"].tz_name)
        keys = Vault(self.secrets).signing_keys("ss/approval/signing-secret")
        return keys, Desk(self.ledger, self.packages, Signer(keys, "ss"), self.bus, zone, self.together)

    def renderer(self) -> Any:
        return renderer.handler.Renderer(
            mirror=Mirror(self.s3, _SETTINGS["renderer"]),
            ledger=self.ledger,
            packages=self.packages,
            bus=self.bus,
            cache=RenderCache(self.s3, ENVIRONMENT["RENDER_CACHE_BUCKET"]),
            outside=QuietOutside,
        )


_parsed = lru_cache(maxsize=64)(mesh.rulebook.reading.parse_rules)
"""The same few docs in each of thousands of histories: reading them was a fifth of their time."""


class Numbered:
    """Stands in for ``secrets``: what is random is the invocation's name and a count."""

    def __init__(self, world: Any) -> None:
        self._world = world

    def _next(self) -> bytes:
        return hashlib.sha256(self._world.next_random().encode()).digest()

    def token_hex(self, size_bytes: int) -> str:
        return self._next()[:size_bytes].hex()

    def token_urlsafe(self, size_bytes: int) -> str:
        return self._next().hex()[: size_bytes * 4 // 3]

    def choice(self, letters: str) -> str:
        return letters[self._next()[0] % len(letters)]


@contextmanager
def installed(current: Callable[[], Any]) -> Iterator[None]:
    """``current()`` is the world in which the running invocation lives."""

    def wire(name: str) -> Callable[[], Any]:
        return lambda: getattr(current().clients(), name)()

    class Present:
        """``secrets`` of whichever world is current."""

        def __getattr__(self, name: str) -> Any:
            return getattr(Numbered(current()), name)

    def no_line(*_: Any, **__: Any) -> None:
        """Nothing of the log is looked at here."""

    replaced: list[tuple[Any, Mapping[str, Any]]] = [
        (scheduler.handler, {"wire": wire("scheduler")}),
        (sender.handler, {"wiring": wire("sender")}),
        (drive_sync.handler, {"wire": wire("drive_sync")}),
        (notifier.handler, {"wire": wire("notifier")}),
        (
            approve_handler.handler,
            {"wire": wire("approve_handler"), "wire_slack": wire("slack_door"), "secrets": Present()},
        ),
        (renderer.handler, {"wire": wire("renderer")}),
        (mesh.clock, {"now": lambda: current().now}),
        (mesh.log, {"line": no_line}),
        (mesh.figures, {"put": no_line}),
        (mesh.events, {"secrets": Present()}),
        (mesh.approvals, {"secrets": Present()}),
        (scheduler.asking, {"secrets": Present()}),
        (mesh.ids, {"secrets": Present()}),
        (mesh.rulebook.reading, {"parse_rules": _parsed}),
        (mesh.ledger.book, {"pause_with_jitter": lambda _: None}),
        (sender.channels, {"pause_with_jitter": lambda _: None}),
    ]
    with ExitStack() as stack:
        for module, changes in replaced:
            for name, value in changes.items():
                stack.enter_context(patch.object(module, name, value))
        yield
