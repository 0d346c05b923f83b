"""A line that is spoilt at one request of a publish, and the sender that goes on after it as ``functions/sender`` does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from networks.model import AfterUnknown, AttemptKey, Draft, Outcome, Pause, Presence, Result

TRIES = 6


class Killed(BaseException):
    """The process ends here."""


@dataclass
class SpoiltLine(httpx.BaseTransport):
    """``fault`` is done to the requests with these numbers, counted from 0; ``seen`` are all of them."""

    fault: str = ""
    at: frozenset[int] = frozenset()
    seen: list[str] = field(default_factory=list)
    _line: httpx.HTTPTransport = field(default_factory=lambda: httpx.HTTPTransport(verify=False, trust_env=False))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        number = len(self.seen)
        self.seen.append(f"{request.method} {request.url.path}")
        if number not in self.at:
            return self._line.handle_request(request)
        spoil = FAULTS[self.fault]
        if spoil["effect"]:
            answer = self._line.handle_request(request)
            answer.read()
            answer.close()
        if "raises" in spoil:
            raise spoil["raises"]
        return httpx.Response(spoil["status"], content=spoil.get("body", b""), request=request)

    def close(self) -> None:
        self._line.close()


_UNMAPPED = b'{"error": {"message": "(#9999) Something new", "type": "OAuthException", "code": 9999}}'
_SPAM = (
    b'{"error": {"message": "The action was blocked", "type": "OAuthException", "code": 4, "error_subcode": 2207051}}'
)
FAULTS: dict[str, dict[str, Any]] = {
    "killed before it leaves": {"effect": False, "raises": Killed()},
    "killed after it took effect": {"effect": True, "raises": Killed()},
    "no connection": {"effect": False, "raises": httpx.ConnectError("refused")},
    "never arrived": {"effect": False, "raises": httpx.ReadTimeout("slow")},
    "its answer lost": {"effect": True, "raises": httpx.ReadTimeout("slow")},
    "500 without effect": {"effect": False, "status": 500},
    "502 after the effect": {"effect": True, "status": 502, "body": b"<html>Bad gateway</html>"},
    "an empty answer": {"effect": True, "status": 200},
    "a page of a proxy": {"effect": False, "status": 200, "body": b"<html>Please sign in</html>"},
    "400 of a proxy after the effect": {"effect": True, "status": 400, "body": b"<html>Bad request</html>"},
    "an error that nobody mapped": {"effect": False, "status": 400, "body": _UNMAPPED},
    "an error that nobody mapped, after the effect": {"effect": True, "status": 400, "body": _UNMAPPED},
}
REFUSED_AND_DONE: dict[str, Any] = {"effect": True, "status": 400, "body": _SPAM}
FAULTS["refused as spam, and done all the same"] = REFUSED_AND_DONE


@dataclass
class Sender:
    """What a sender makes of one post: ``sent``, ``failed``, ``paused``, or its owner is asked. Each step is one delivery."""

    channel: Any
    draft: Draft
    key: AttemptKey
    tried: int = 0
    looked: int = 0
    unknown: bool = False
    refused: bool = False

    def send(self) -> tuple[str, str]:
        """The end, and the address where there is one."""
        while self.tried < TRIES:
            outcome = self._try()
            if outcome is not None and (end := self._end(outcome)):
                return end
            while self.unknown:
                end, may_repeat = self._look()
                if end:
                    return end
                if may_repeat:
                    break
        return "given up", ""

    def _try(self) -> Outcome | None:
        self.tried += 1
        try:
            outcome: Outcome = self.channel.publish(self.draft, self.key, later=timedelta(minutes=3 * self.tried))
        except Killed:
            self.unknown = True
            return None
        return outcome

    def _end(self, outcome: Outcome) -> tuple[str, str] | None:
        if outcome.result is Result.OK:
            return "sent", outcome.url
        if outcome.pause is not Pause.NONE:
            return "paused", ""
        self.refused = outcome.result is Result.REJECTED
        if self.refused and not self.unknown:
            return "failed", ""
        self.unknown = self.unknown or outcome.result is Result.UNKNOWN
        return None

    def _look(self) -> tuple[tuple[str, str] | None, bool]:
        """The end, where the look brings it; and whether the very same request may be made again."""
        self.looked += 1
        declared = self.channel.adapter.declared
        try:
            found = self.channel.find(self.draft, self.key)
        except Killed:
            return None, False
        if found.presence is Presence.PRESENT and Presence.PRESENT in declared.proves:
            return ("sent", found.url), False
        if declared.after_unknown is not AfterUnknown.REPEAT_SAME or self.refused or self.looked > 2 * TRIES:
            return ("asked", ""), False
        return None, found.presence in declared.proves
