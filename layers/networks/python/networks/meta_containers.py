"""Publishing by containers, as Instagram and Threads do it: fill one, wait until it is finished, publish that one.

A container can be published once. So its id is noted before anything relies on it, and whoever repeats looks at it first: PUBLISHED
is out; FINISHED is published, the very same one; EXPIRED and ERROR were never published and never will be, and only then another
one is made. After any error of the publishing request its status is read before anything is concluded: Instagram has refused, in
the words of a rate limit, what went through all the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from networks import outcomes
from networks.drafts import Composing
from networks.http import Answer, Budget, LineTrouble, NotSent, Stopped
from networks.meta import (
    CLOCK_SLACK,
    LOOK_SECONDS,
    NEXT_DAY,
    NO_NOW,
    NO_SUCH_OBJECT,
    NOT_READY,
    Graph,
    door,
    error_of,
    is_id,
    shown_time,
)
from networks.model import (
    NO_NOTES,
    NOTHING_KEPT,
    Account,
    AttemptKey,
    Blobs,
    Confirm,
    Finding,
    Notes,
    Outcome,
    Presence,
    Rendition,
    Result,
    always_open,
)
from networks.text import same_words

if TYPE_CHECKING:
    import httpx

CONTAINER = "container"
CHILDREN = "children"
_NEVER = frozenset({"EXPIRED", "ERROR"})
_STATES = _NEVER | {"IN_PROGRESS", "FINISHED", "PUBLISHED"}
_LISTED = "50"
_LAST_LOOK_SECONDS = 6.0  # kept back from the publishing request


@dataclass(frozen=True)
class Ways:
    """What the two networks name differently. ``why`` says what the words beside an ERROR mean; None: nobody knows."""

    label: str
    making: str
    publishing: str
    state: str
    told: str
    listing: str
    words: str
    quota: str
    why: Callable[[str], Outcome | None]


@dataclass(frozen=True)
class Plan:
    """The fields of the container to publish, and of those in it, in their order."""

    fields: Mapping[str, str]
    children: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class State:
    word: str
    told: str


@dataclass
class Publishing:
    """One publish. ``since`` is when the first try of this very post was recorded."""

    ways: Ways
    graph: Graph
    rendition: Rendition
    since: datetime
    now: datetime
    notes: Notes
    poll_seconds: float
    total_seconds: float
    _budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        self._budget = Budget(self.total_seconds)

    def run(self, plan: Plan, confirm: Confirm) -> Outcome:
        """Never raises for what network or line do; the publishing request leaves once at most."""
        try:
            container = self._finished(plan)
        except Stopped as stop:
            return stop.outcome
        if why := confirm():
            return outcomes.closed(why)
        if self._budget.left_for_preparing_seconds <= 0:
            return outcomes.too_little_time(self.ways.label)
        return self._publish(container)

    # up to a finished container

    def _finished(self, plan: Plan) -> str:
        """The id of a container that can be published. Stopped where there is none yet, or where it is out already."""
        container = self.notes.kept.get(CONTAINER, "")
        if container and self._state(container).word in _NEVER:
            container = ""
        if not container:
            container = self._filled(plan)
            self._keep(CONTAINER, container)
        while (state := self._state(container)).word != "FINISHED":
            if state.word == "PUBLISHED":
                raise Stopped(self._is_out())
            if state.word in _NEVER:
                raise Stopped(
                    self.ways.why(state.told) or outcomes.not_prepared(self.ways.label, "what was to be posted")
                )
            self._wait()
        return container

    def _filled(self, plan: Plan) -> str:
        if not plan.children:
            return self._made(plan.fields)
        made = self._children_kept()
        try:
            for child in plan.children[len(made) :]:
                made.append(self._made(child))
        except Stopped as stop:
            if made and stop.outcome.result is Result.RETRYABLE and not stop.outcome.pause:
                self.notes.keep(CHILDREN, ",".join(made))  # so that many images get done in several tries
            raise
        return self._made({**plan.fields, "children": ",".join(made)})

    def _children_kept(self) -> list[str]:
        """Those of an earlier try that ran out of time, where all of them are still good."""
        made = [one for one in self.notes.kept.get(CHILDREN, "").split(",") if is_id(one)]
        return made if all(self._state(one).word in ("FINISHED", "IN_PROGRESS") for one in made) else []

    def _made(self, fields: Mapping[str, str]) -> str:
        """A container's id. Nothing of it is public. One whose children are not ready yet is asked for again."""
        step = "an image" if "image_url" in fields else "the text"
        while (error := error_of(answer := self._asked_for_one(step, fields))) and error.subcode == NOT_READY:
            self._wait()
        container = answer.text_field("id")
        if answer.status == 200 and is_id(container):
            return container
        raise Stopped(self._refusal(answer) or outcomes.not_prepared(self.ways.label, step))

    def _asked_for_one(self, step: str, fields: Mapping[str, str]) -> Answer:
        path, left = f"{self.graph.account_id}/{self.ways.making}", self._budget.left_for_preparing_seconds
        return outcomes.prepare(self.ways.label, step, lambda: self.graph.ask("POST", path, left, **fields))

    def _keep(self, name: str, value: str) -> None:
        if not self.notes.keep(name, value):
            detail = f"What {self.ways.label} was about to post could not be noted; nothing was posted yet."
            raise Stopped(Outcome(Result.RETRYABLE, detail=detail))

    def _wait(self) -> None:
        if self._budget.left_for_preparing_seconds <= self.poll_seconds:
            raise Stopped(outcomes.too_little_time(self.ways.label))
        time.sleep(self.poll_seconds)

    # publishing

    def _publish(self, container: str) -> Outcome:
        left = self._budget.left_seconds
        kept_back = min(_LAST_LOOK_SECONDS, left / 3)
        path = f"{self.graph.account_id}/{self.ways.publishing}"
        try:
            answer = self.graph.ask("POST", path, left - kept_back, creation_id=container)
        except NotSent:
            return outcomes.not_reached(self.ways.label)
        except LineTrouble as trouble:
            return self._concluded(container, outcomes.line_lost(self.ways.label, trouble))
        if answer.status == 200 and is_id(answer.text_field("id")):
            return self._out(answer.text_field("id"))
        return self._concluded(container, self._refusal(answer) or outcomes.unmapped(self.ways.label, answer))

    def _concluded(self, container: str, said: Outcome) -> Outcome:
        """What was answered, held against the container. A refusal for good is not believed while it may still be at work."""
        if said.result is Result.REJECTED:
            time.sleep(max(0.0, min(self.poll_seconds, self._budget.left_seconds / 2)))
        try:
            state = self._state(container, self._budget.left_seconds)
        except Stopped as stop:
            if said.result is Result.UNKNOWN or (said.pause and said.pause is stop.outcome.pause):
                return said
            return outcomes.lost(self.ways.label, "its container could not be read afterwards")
        if state.word == "PUBLISHED":
            return self._is_out()
        if state.word in _NEVER and said.result is Result.UNKNOWN:
            return outcomes.not_prepared(self.ways.label, "what was to be posted")
        if state.word == "IN_PROGRESS" and said.result is Result.REJECTED:
            return outcomes.lost(self.ways.label, "it is still at work on it")
        return said

    def _out(self, remote_id: str) -> Outcome:
        """With its address, where that can be had now."""
        try:
            left = min(LOOK_SECONDS, self._budget.left_seconds)
            url = self.graph.ask("GET", remote_id, left, fields="id,permalink").text_field("permalink")
        except LineTrouble:
            url = ""
        return Outcome(Result.OK, remote_id, url if url.startswith(("https://", "http://")) else "")

    def _is_out(self) -> Outcome:
        remote_id, url = _listed(self.ways, self.graph, self.rendition, self.since, self._budget.left_seconds)
        return Outcome(Result.OK, remote_id, url, receipt={"found": "its container is published"})

    def _refusal(self, answer: Answer) -> Outcome | None:
        said, error = self.graph.refusal(answer, self.now, self.rendition.text), error_of(answer)
        if said is None or error is None or error.subcode != NEXT_DAY:
            return said
        return replace(said, detail=said.detail + self._quota())

    def _quota(self) -> str:
        """How many of how many are used up, in a sentence; empty where it cannot be read. The vendor's pages disagree on the figure."""
        try:
            path = f"{self.graph.account_id}/{self.ways.quota}"
            left = min(LOOK_SECONDS, self._budget.left_seconds / 2)
            listed = self.graph.ask("GET", path, left, fields="quota_usage,config").fields.get("data")
        except LineTrouble:
            return ""
        one = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
        config = one.get("config")
        used, most = one.get("quota_usage"), config.get("quota_total") if isinstance(config, dict) else None
        return f" {used} of {most} are used up." if isinstance(used, int) and isinstance(most, int) else ""

    def _state(self, container: str, left_seconds: float | None = None) -> State:
        left = self._budget.left_for_preparing_seconds if left_seconds is None else left_seconds
        return read_state(self.ways, self.graph, container, min(LOOK_SECONDS, left))


@dataclass(frozen=True)
class ByContainers(Composing):
    """What the two networks do alike; ``ways``, ``version`` and ``plan`` are each one's own."""

    ways: ClassVar[Ways]
    version: ClassVar[str]
    container_poll_seconds: float = 3.0

    def plan(self, rendition: Rendition, blobs: Blobs) -> Plan:
        """What is put into the container, or into several."""
        raise NotImplementedError

    def confirms(self, rendition: Rendition) -> bool:
        return True

    def publish(
        self,
        http: httpx.Client,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        blobs: Blobs,
        now: datetime,
        confirm: Confirm = always_open,
        notes: Notes = NO_NOTES,
    ) -> Outcome:
        """The noted container where there is one that may still be published, else a new one; ``confirm``, then that one once."""
        try:
            graph = door(http, self.ways.label, account, self.version)
        except Stopped as stop:
            return stop.outcome
        seconds = self.declared.publish_timeout_seconds
        one = Publishing(self.ways, graph, rendition, key.created_at, now, notes, self.container_poll_seconds, seconds)
        return one.run(self.plan(rendition, blobs), confirm)

    def find(
        self,
        http: httpx.Client,
        account: Account,
        rendition: Rendition,
        key: AttemptKey,
        kept: Mapping[str, str] = NOTHING_KEPT,
    ) -> Finding:
        """By the noted container's status, and the account's list for the address."""
        try:
            graph = door(http, self.ways.label, account, self.version)
        except Stopped as stop:
            return Finding(Presence.UNPROVABLE, detail=stop.outcome.detail)
        return find(self.ways, graph, rendition, key.created_at, kept)


def read_state(ways: Ways, graph: Graph, container: str, timeout_seconds: float) -> State:
    """Stopped, as retryable or with a pause, where it cannot be read: then it proves nothing."""
    step = "a look at what is being posted"
    if not is_id(container):
        raise Stopped(outcomes.not_prepared(ways.label, step))
    names = f"{ways.state},{ways.told}"
    answer = outcomes.prepare(ways.label, step, lambda: graph.ask("GET", container, timeout_seconds, fields=names))
    word = answer.text_field(ways.state)
    if answer.status == 200 and word in _STATES:
        return State(word, answer.text_field(ways.told))
    said, error = graph.refusal(answer, NO_NOW), error_of(answer)
    is_gone = error is not None and error.code == NO_SUCH_OBJECT[0]
    if said is not None and said.pause and not is_gone:
        raise Stopped(said)
    raise Stopped(outcomes.not_prepared(ways.label, step))


def find(ways: Ways, graph: Graph, rendition: Rendition, since: datetime, kept: Mapping[str, str]) -> Finding:
    """Without a noted container nothing was ever published. FINISHED is absence as of now: only the same one may be published."""
    container = kept.get(CONTAINER, "")
    if not container:
        return Finding(Presence.ABSENT)
    try:
        state = read_state(ways, graph, container, LOOK_SECONDS)
    except Stopped as stop:
        return Finding(Presence.UNPROVABLE, detail=stop.outcome.detail)
    if state.word == "PUBLISHED":
        return Finding(Presence.PRESENT, *_listed(ways, graph, rendition, since, LOOK_SECONDS))
    if state.word == "IN_PROGRESS":
        return Finding(Presence.UNPROVABLE, detail=f"{ways.label} is still at work on it.")
    return Finding(Presence.ABSENT)


def _listed(ways: Ways, graph: Graph, rendition: Rendition, since: datetime, timeout_seconds: float) -> tuple[str, str]:
    """Id and address of what a published container became; empty where the account's list does not show it (yet)."""
    names = f"id,{ways.words},timestamp,permalink"
    try:
        path = f"{graph.account_id}/{ways.listing}"
        answer = graph.ask("GET", path, min(LOOK_SECONDS, timeout_seconds), fields=names, limit=_LISTED)
    except LineTrouble:
        return "", ""
    listed = answer.fields.get("data")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and _is_it(one, ways.words, rendition.text, since):
            return str(one.get("id", "")), str(one.get("permalink", ""))
    return "", ""


def _is_it(one: Mapping[str, Any], words: str, text: str, since: datetime) -> bool:
    moment, shown = shown_time(one.get("timestamp")), one.get(words, "")
    return moment is not None and moment >= since - CLOCK_SLACK and isinstance(shown, str) and same_words(shown, text)
