"""MiniStack's own judge of roles (``AUTH=true``) at work: each function signs in as its role, and what the emulator refuses is refused.

What it refuses wrongly is in ``known_refusals.py``, by name and with its reason; that alone is let through, counted, and left to our own
judge (``--enforce-roles``). An entry that is never met any more is to be taken out: ``python -m local story --emulator-roles`` says so.
The line inside this computer counts as TLS, which it is on AWS: the buckets' policies refuse any other.
"""

from __future__ import annotations

import re
import threading
from typing import Any

from ministack import app
from ministack.core import iam_evaluator

from local.aws.known_refusals import KNOWN, Known

_SESSION = re.compile(r":assumed-role/(?P<role>[^/]+)/(?P<session>[^/]+)$")


class EmulatorRoles:
    """Thread-safe. ``told``: what was refused, and how often each of ``KNOWN`` was met."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.asked = 0
        self.denied: dict[str, int] = {}
        self.known: dict[Known, int] = dict.fromkeys(KNOWN, 0)

    def install(self) -> None:
        enforce = iam_evaluator.enforce

        def judged(
            access_key: str,
            action: str,
            service: str,
            region: str,
            resource_arn: str = "*",
            service_context: dict[str, Any] | None = None,
        ) -> Any:
            verdict = enforce(access_key, action, service, region, resource_arn, service_context)
            return self._noted(verdict, access_key, action, resource_arn)

        iam_evaluator.enforce = judged

        def pinned(source_ip: str, secure_transport: bool) -> None:
            iam_evaluator.pin_request_origin(source_ip, True)

        app.pin_request_origin = pinned

    def _noted(self, verdict: Any, access_key: str, action: str, resource: str) -> Any:
        with self._lock:
            if verdict is None:
                self.asked += access_key.startswith("ASIA")
                return None
            if isinstance(verdict, iam_evaluator.AuthError):
                who, what = access_key[:4], f"not signed in: {verdict.code}"
            else:
                found = next((one for one in KNOWN if one.is_meant(action, resource)), None)
                if found:
                    self.known[found] += 1
                    return None
                session = _SESSION.search(verdict.principal_arn)
                who, what = (session["session"] if session else verdict.principal_arn), verdict.decision
            sentence = f"{who} {action} on {resource}: {what}"
            self.denied[sentence] = self.denied.get(sentence, 0) + 1
            return verdict

    def told(self) -> dict[str, Any]:
        with self._lock:
            return {
                "allowed": self.asked,
                "denied": dict(self.denied),
                "known": [{"action": one.action, "why": one.why, "met": met} for one, met in self.known.items()],
            }
