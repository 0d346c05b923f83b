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
from mesh.ledger import Runtime
from mesh.rulebook import Rulebook, RuleProblem
from mesh.schedule_time import say

_NOTED_FOR = timedelta(days=7)
_NO_CHANNEL = RuleProblem(
    1, "no channel is named; write one under Channels, like “bluesky-main: bluesky, account cafe.bsky.social”"
)
_MISSED_FOR = timedelta(seconds=60)  # one absence is no deletion


@dataclass(frozen=True)
class Docs:
    """``say`` takes the events that tell what was found."""

    google: Google
    store: MirrorStore
    runtime: Runtime
    steady: Steady
    tz_name: str
    trace_id: str
    say: Callable[[Detail], None]

    def rules(self, folder: Folder, state: State, now: datetime) -> tuple[Rulebook, State]:
        """The rules in force after this run, and the state with what is to be remembered of them."""
        from mesh.rulebook import parse_rules
        from mesh.rulebook.telling import mistakes_message

        stored = self.store.text("rules.txt")
        in_force, mistakes = parse_rules(stored, default_zone=self.tz_name)
        good = bool(stored) and not mistakes
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
        if not fresh.channels:
            problems = (*problems, _NO_CHANNEL)
        if problems:
            rules_of = say(datetime.fromisoformat(state.rules_at or now.isoformat()), in_force.zone, now=now)
            message = mistakes_message(problems, rules_of=rules_of if good else "")
            self._noted(f"rules-doc#{_short(text)}", message, "Your rules doc has something to mend.", now)
            if good:
                return in_force, state
        if self.store.put_text("rules.txt", text):
            self.say(RulesChanged(trace_id=self.trace_id))
            state = replace(state, rules_at=now.isoformat())
        return fresh, state

    def voice(self, folder: Folder, now: datetime) -> None:
        """An empty or overlong doc leaves the last good voice in force; a first one is taken as far as it can be."""
        from mesh.voice import read_voice

        docs = folder.docs("voice")
        if not docs or docs[0].id not in folder.changed:
            return
        text = self._read(docs[0].id, "voice", "the last voice doc")
        if text is None:
            return
        stored = self.store.text("voice.txt")
        _, problems = read_voice(text)
        if problems:
            kept = " Until then the voice doc as it was before counts." if stored else ""
            said = " ".join(f"Line {problem.line}: {problem.message.rstrip('.')}." for problem in problems[:5])
            short = "Your voice doc has something to mend."
            self._noted(f"voice-doc#{_short(text)}", f"{short} {said}{kept}", short, now)
            if stored:
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
            if state.rules_missed is not None:
                cause = f"rules-gone#{state.rules_missed}"
                self.say(Trouble(trace_id=self.trace_id, cause=cause, message="Its rules count again.", ended=True))
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

    def _noted(self, cause: str, message: str, short: str, now: datetime) -> None:
        """What quotes the doc lies in the table: an event carries nobody's words."""
        note = f"note#{cause}"
        self.runtime.put(note, {"message": message}, ttl=now + _NOTED_FOR)
        self.say(Trouble(trace_id=self.trace_id, cause=cause, message=short, words_key=note))

    def _trouble(self, cause: str, message: str) -> None:
        self.say(Trouble(trace_id=self.trace_id, cause=cause, message=message))


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
