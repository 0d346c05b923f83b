"""The rules doc and the voice doc: mirrored when they are good, and the last good ones kept when they are not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from drive_sync.edges import MirrorStore
from drive_sync.folder import Folder
from drive_sync.state import State, since
from drive_sync.steady import Steady
from mesh.events import Detail, RulesChanged, Trouble
from mesh.google import Google, TooBig
from mesh.rulebook import Rulebook, RuleProblem, parse_rules
from mesh.schedule_time import say

_MISSED_FOR = timedelta(seconds=60)  # one absence is no deletion


@dataclass(frozen=True)
class Docs:
    """``say`` takes the events that tell what was found."""

    google: Google
    store: MirrorStore
    steady: Steady
    tz_name: str
    trace_id: str
    say: Callable[[Detail], None]

    def rules(self, folder: Folder, state: State, now: datetime) -> tuple[Rulebook, State]:
        """The rules in force after this run, and the state with what is to be remembered of them."""
        stored = self.store.text("rules.txt")
        in_force, _ = parse_rules(stored, default_zone=self.tz_name)
        docs = folder.docs("rules")
        if folder.files:
            state = self._missed(folder, state, now, there=bool(docs), stored=bool(stored))
        if not docs or docs[0].id not in folder.changed:
            return in_force, state
        if len(docs) > 1:
            self._trouble(
                "rules-twice",
                "There are two Google Docs called Rules in the folder. The one changed last counts; rename the other.",
            )
        text = self._read(docs[0].id, "rules", "the last rules")
        if text is None or text == stored:
            return in_force, state
        fresh, problems = parse_rules(text, default_zone=self.tz_name)
        if problems:
            zone = in_force.zone if stored else fresh.zone
            good_since = say(datetime.fromisoformat(state.rules_at), zone, now=now) if state.rules_at else ""
            message = rules_message(problems, good_since=good_since, first=not stored)
            self._trouble(f"rules-doc#{_short(text)}", message)
            if stored:
                return in_force, state
        if self.store.put_text("rules.txt", text):
            self.say(RulesChanged(trace_id=self.trace_id))
            state = replace(state, rules_at=now.isoformat())
        return fresh, state

    def voice(self, folder: Folder) -> None:
        """An empty or overlong doc leaves the last good voice in force; a first one is taken as far as it can be."""
        docs = folder.docs("voice")
        if not docs or docs[0].id not in folder.changed:
            return
        text = self._read(docs[0].id, "voice", "the last voice doc")
        if text is None:
            return
        self.store.put_text("voice.txt", text)

    def _read(self, file_id: str, name: str, kept: str) -> str | None:
        try:
            return self.steady(lambda: self.google.export_text(file_id))
        except TooBig:
            self._trouble(
                f"{name}-too-big",
                f"Your {name} doc is too long to be read (more than 2 MB). Shorten it; until then {kept} counts.",
            )
            return None

    def _missed(self, folder: Folder, state: State, now: datetime, *, there: bool, stored: bool) -> State:
        """Says that the rules doc is gone once it was not there in two looks a minute apart."""
        if there:
            return replace(state, rules_missed=None)
        if state.rules_missed is None:
            return replace(state, rules_missed=now.isoformat())
        if since(state.rules_missed, now) < _MISSED_FOR.total_seconds():
            return state
        found = [file.name for file in folder.lookalikes("rules")]
        like = (
            f" {found[0]} is there, but is no Google Doc: open it with Google Docs and save it as one, named Rules."
            if found
            else ""
        )
        kept = (
            " The last rules stay in force."
            if stored
            else " Until there is one, no channel is known and nothing can go out."
        )
        how = "" if found else " Write one, or give it its name back."
        message = f"There is no Google Doc called Rules in the folder.{like}{how}{kept}"
        self._trouble(f"rules-gone#{state.rules_missed}", message)
        return state

    def _trouble(self, cause: str, message: str) -> None:
        self.say(Trouble(trace_id=self.trace_id, cause=cause, message=message))


def rules_message(problems: tuple[RuleProblem, ...], *, good_since: str, first: bool) -> str:
    said = " ".join(f"Line {problem.line}: {problem.message}." for problem in problems[:10])
    return f"Your rules doc has {len(problems)} mistakes. {said} {good_since} {first}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
