"""What the workspace holds: the app, its channel, the members, and what was posted. Kept in one file between starts."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mesh import clock

CHANNEL = "C0SOCIAL01"
USERS = {"U0OWNER001": "The owner", "U0GUEST001": "A guest"}


class RefusedError(Exception):
    """Slack's answer in its own word, with what it says beside it."""

    def __init__(self, code: str, messages: list[str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []


class Workspace:
    """Safe for threads. ``trouble`` is what the next calls are refused with, until told otherwise: ``is_archived`` and the like."""

    def __init__(self, folder: Path | None) -> None:
        self._file = folder / "slack.json" if folder is not None else None
        self._changed = threading.Condition()
        self.state: dict[str, Any] = {
            "bot_token": f"xoxb-{secrets.token_hex(16)}",
            "signing_secret": secrets.token_hex(16),
            "interactions_url": "",
            "trouble": "",
            "last": 0,
            "messages": [],
            "whispers": [],
            "answers": {},
            "born": secrets.token_hex(4),
            "stamp": 0,
            "deleted": {},
        }
        if self._file is not None and self._file.exists():
            self.state |= json.loads(self._file.read_text())

    def app(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Where clicks go to, and the credentials that its secret needs."""
        with self._changed:
            self.state |= {name: str(told[name]) for name in ("interactions_url", "trouble") if name in told}
            self._keep()
            return {
                "bot_token": self.state["bot_token"],
                "signing_secret": self.state["signing_secret"],
                "channel": CHANNEL,
                "members": USERS,
            }

    def check(self, token: str) -> None:
        if token != self.state["bot_token"]:
            raise RefusedError("invalid_auth" if token else "not_authed")
        if self.state["trouble"]:
            raise RefusedError(str(self.state["trouble"]))

    def post(self, channel: str, text: str, blocks: list[Any]) -> dict[str, Any]:
        if channel != CHANNEL:
            raise RefusedError("channel_not_found")
        with self._changed:
            self.state["last"] += 1
            ts = f"{int(clock.now().timestamp())}.{self.state['last']:06}"
            message = {
                "ts": ts,
                "channel": channel,
                "text": text,
                "blocks": blocks,
                "changes": 0,
                "stamp": self._stamp(),
            }
            self.state["messages"].append(message)
            self._keep()
            return message

    def update(self, channel: str, ts: str, text: str, blocks: list[Any]) -> dict[str, Any]:
        if channel != CHANNEL:
            raise RefusedError("channel_not_found")
        with self._changed:
            message = self._message(ts)
            message |= {"text": text, "blocks": blocks, "changes": message["changes"] + 1, "stamp": self._stamp()}
            self._keep()
            return message

    def message(self, ts: str) -> dict[str, Any]:
        with self._changed:
            return dict(self._message(ts))

    def delete(self, ts: str) -> None:
        with self._changed:
            self.state["messages"].remove(self._message(ts))
            self.state["deleted"][ts] = self._stamp()
            self._keep()

    def _message(self, ts: str) -> dict[str, Any]:
        for message in self.state["messages"]:
            if message["ts"] == ts:
                found: dict[str, Any] = message
                return found
        raise RefusedError("message_not_found")

    def expect(self, user: str) -> str:
        """A new address that one user is answered at; its last part."""
        with self._changed:
            ticket = secrets.token_hex(8)
            self.state["answers"][ticket] = user
            self._keep()
            return ticket

    def whisper(self, ticket: str, text: str) -> None:
        with self._changed:
            user = self.state["answers"].get(ticket)
            if user is None:
                raise RefusedError("expired_url")
            self.tell(str(user), text)

    def tell(self, user: str, text: str) -> None:
        """What one member alone sees."""
        self.state["whispers"].append({"user": user, "text": text})
        self._stamp()
        self._keep()

    @property
    def version(self) -> str:
        """Another one after every change, and in every workspace."""
        return f"{self.state['born']}.{self.state['stamp']}"

    def feed(self, after: str = "") -> dict[str, Any]:
        """All, or what changed since the ``version`` that somebody has; ``whole`` where that is another workspace's or none."""
        born, _, stamp = after.partition(".")
        with self._changed:
            known = int(stamp) if born == self.state["born"] and stamp.isdigit() else -1
            shown = {
                "version": self.version,
                "whole": known < 0,
                "messages": [one for one in self.state["messages"] if one.get("stamp", 0) > known],
                "deleted": [ts for ts, at in self.state["deleted"].items() if at > known],
                "whispers": self.state["whispers"],
                "trouble": self.state["trouble"],
            }
            copy: dict[str, Any] = json.loads(json.dumps({**shown, "users": USERS, "channel": CHANNEL}))
            return copy

    def _stamp(self) -> int:
        self.state["stamp"] += 1
        return int(self.state["stamp"])

    def _keep(self) -> None:
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            beside = self._file.with_suffix(".new")
            beside.write_text(json.dumps(self.state))
            beside.replace(self._file)
