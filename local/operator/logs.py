"""What a stack's functions said: their canonical lines in CloudWatch Logs, which keeps them for seven days."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local.operator.asking import Refused, asking
from mesh.log import FIELDS

KEPT = timedelta(days=7)  # RetentionInDays of every log group in template.yaml: held to it by a test
FUNCTIONS = (
    "drive-sync",
    "draft-helper",
    "template-sync",
    "scheduler",
    "renderer",
    "notifier",
    "approve-handler",
    "sender",
    "digest",
    "recap",
)
_TERMS = 40  # a filter pattern has 1,024 characters at most
_TRIES = 6
_MOST_PAGES = 1_000
Window = tuple[datetime, datetime]


@dataclass(frozen=True)
class Said:
    """One line. ``fields`` are those of ``mesh.log``, and nothing else that stood there; ``at`` is the stack's time."""

    at: datetime
    function: str
    message: str
    fields: Mapping[str, Any]

    def names(self, post_id: str) -> bool:
        posts = self.fields.get("posts")
        return self.fields.get("post_id") == post_id or (isinstance(posts, list) and post_id in posts)

    @property
    def names_any(self) -> bool:
        return bool(self.fields.get("post_id") or self.fields.get("posts"))


class Logs:
    """``local``: on one computer the logs' own times are not the stack's, and all of them are read. ``wait`` pauses, in seconds."""

    def __init__(
        self, client: Any, prefix: str, *, local: bool = False, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._local = local
        self._wait = wait

    def lines(self, function: str, terms: Sequence[str], windows: Sequence[Window]) -> Iterator[Said]:
        """Every line that holds one of the terms, in any order and perhaps twice; none where there is no such log group."""
        for window in [None] if self._local else windows:
            for start in range(0, len(terms) or 1, _TERMS):
                for event in self._events(function, terms[start : start + _TERMS], window):
                    found = _read(function, event)
                    if found is not None:
                        yield found

    def _events(self, function: str, terms: Sequence[str], window: Window | None) -> Iterator[Mapping[str, Any]]:
        request: dict[str, Any] = {"logGroupName": f"/aws/lambda/{self._prefix}-{function}"}
        if window is not None:
            marks = ("" if len(terms) == 1 else "?") if terms else ""
            request |= {
                "startTime": int(window[0].timestamp() * 1000),
                "endTime": int(window[1].timestamp() * 1000),
                "filterPattern": " ".join(f'{marks}"{term}"' for term in terms),
            }
        for _ in range(_MOST_PAGES):
            answer = self._page(request)
            for event in answer.get("events", []):
                if not terms or any(term in event["message"] for term in terms):
                    yield event
            if not answer.get("nextToken"):
                return
            request = {**request, "nextToken": answer["nextToken"]}

    def _page(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        for number in range(_TRIES):
            try:
                with asking(f"the logs of {request['logGroupName']}", "logs:FilterLogEvents"):
                    answer: Mapping[str, Any] = self._client.filter_log_events(**request)
                    return answer
            except Refused as error:
                if error.code == "ResourceNotFoundException":
                    return {}
                if error.code != "ThrottlingException" or number == _TRIES - 1:
                    raise
                self._wait(0.5 * 2**number)
        raise AssertionError("unreachable")


def windows(moments: Sequence[datetime], now: datetime, around: timedelta, apart: timedelta) -> list[Window]:
    """Spans around the moments, those that lie near each other in one; what is older than the logs are kept is left out."""
    oldest = now - KEPT
    found: list[Window] = []
    for moment in sorted(one for one in moments if one + around >= oldest):
        begins, ends = max(moment - around, oldest), moment + around
        if found and begins - found[-1][1] <= apart:
            found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found


def _read(function: str, event: Mapping[str, Any]) -> Said | None:
    try:
        found = json.loads(event["message"])
        message = found["message"]
    except (ValueError, KeyError, TypeError):
        return None  # START, END, REPORT, or not ours
    if not isinstance(message, str):
        return None
    fields = {name: found[name] for name in FIELDS if name in found}
    return Said(_moment(found.get("timestamp"), event), function, message, fields)


def _moment(told: object, event: Mapping[str, Any]) -> datetime:
    try:
        moment = datetime.fromisoformat(str(told))
    except ValueError:
        moment = datetime.fromtimestamp(int(event.get("timestamp", 0)) / 1000, UTC)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
