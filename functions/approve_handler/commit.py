"""Commits a press: one transaction per post, the nonce burned in it; then the event. A second press finds it done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from approve_handler.decide import Standing, Verdict, approve, hold, release, standing
from mesh.approvals import Action, Signer, Token, new_nonce
from mesh.bus import Bus
from mesh.cards.model import CardPost, card_post
from mesh.errors import Conflict
from mesh.events import Approved, Detail, Held, Released, new_trace_id
from mesh.ledger import Act, Ledger, Status
from mesh.ledger.runtime import HOLD_EVERYTHING
from mesh.packages import Packages

EVERYTHING = "everything"
_HOW = "mail"


@dataclass(frozen=True)
class Seen:
    """One post of a token as it stands: ``view`` is the current package's, None where there is none to show."""

    post_id: str
    revision: str
    standing: Standing
    status: Status | None
    view: CardPost | None


class Desk:
    """What the pages look at and what the buttons do."""

    def __init__(self, ledger: Ledger, packages: Packages, signer: Signer, bus: Bus) -> None:
        self._ledger = ledger
        self.packages = packages
        self.signer = signer
        self._bus = bus

    def look(self, token: Token, now: datetime) -> list[Seen]:
        """Each post of the token as it stands now. Changes nothing."""
        statuses = self._ledger.statuses(post_id for post_id, _ in token.posts)
        heads = self._ledger.heads(statuses.values())
        seen = []
        for post_id, revision in token.posts:
            status = statuses.get(post_id)
            stands = standing(token.action, status, revision, heads.get(post_id, ()))
            seen.append(Seen(post_id, revision, stands, status, self._view(status, now)))
        return seen

    def _view(self, status: Status | None, now: datetime) -> CardPost | None:
        if status is None or status.current_revision is None:
            return None
        return card_post(status, self.packages.read(status.post_id, status.current_revision), now)

    def press(self, token: Token, seen: list[Seen], now: datetime) -> list[Seen]:
        """Commit what is still open, post by post: one that changed does not stand in the others' way."""
        trace_id = new_trace_id()
        done = []
        for number, entry in enumerate(seen):
            if entry.standing.verdict is not Verdict.OPEN:
                done.append(entry)
                continue
            done.append(self._commit(token, entry, f"{token.nonce}-{number}", trace_id, now))
        changed = [entry.post_id for entry in done if entry.standing.verdict is Verdict.DONE]
        if changed:
            self._bus.put([_event(token.action, changed, trace_id)])
        return done

    def _commit(self, token: Token, entry: Seen, nonce: str, trace_id: str, now: datetime) -> Seen:
        act = Act(_PAST[token.action], token.recipient, now, trace_id)
        burn = [self._ledger.nonce(nonce, token.expires_at)]
        try:
            after = self._ledger.change_status(
                entry.post_id, act, self._change(token, entry.revision, trace_id, now), extra=burn
            )
        except Conflict:
            after = None  # the nonce was spent by another press of this very link
        if after is not None:
            return Seen(entry.post_id, entry.revision, Standing(Verdict.DONE), after, entry.view)
        (now_seen,) = self.look(token.model_copy(update={"posts": ((entry.post_id, entry.revision),)}), now)
        if now_seen.standing.verdict is Verdict.OPEN:
            said = "This link was used already, and something else was decided since. Please use the newest mail."
            return Seen(entry.post_id, entry.revision, Standing(Verdict.ALREADY, said), now_seen.status, now_seen.view)
        return now_seen

    def _change(
        self, token: Token, revision: str, trace_id: str, now: datetime
    ) -> Callable[[Status | None], Status | None]:
        def change(before: Status | None) -> Status | None:
            match token.action:
                case Action.REVIEW | Action.SEND_NOW:
                    now_please = token.action is Action.SEND_NOW
                    after = approve(before, revision, token.recipient, _HOW, now_please=now_please, at=now)
                case Action.HOLD:
                    after = hold(before, token.recipient, _HOW, now)
                case Action.RELEASE:
                    after = release(before, revision, now)
                case _:
                    after = None
            return None if after is None else after.model_copy(update={"trace_id": trace_id})

        return change

    def everything_held(self) -> bool:
        return bool(self._ledger.standing([HOLD_EVERYTHING]))

    def press_everything(self, token: Token, now: datetime) -> bool:
        """Hold everything, or let it go on. False when it stood so already."""
        trace_id = new_trace_id()
        holds = token.action is Action.HOLD_EVERYTHING
        values = {"by": token.recipient, "how": _HOW, "at": now.isoformat()} if holds else None
        act = Act(_PAST[token.action], token.recipient, now, trace_id)
        try:
            changed = self._ledger.set_standing(EVERYTHING, HOLD_EVERYTHING, values, act)
        except Conflict:
            changed = False
        if changed:
            model = Held if holds else Released
            self._bus.put([model(trace_id=trace_id, post_ids=[], scope=EVERYTHING)])
        return changed

    def fresh(self, token: Token, action: Action, posts: tuple[tuple[str, str], ...]) -> str:
        """A new link for the same recipient, as old as the one they hold."""
        return self.signer.sign(token.model_copy(update={"action": action, "posts": posts, "nonce": new_nonce()}))


_PAST = {
    Action.REVIEW: "approved",
    Action.SEND_NOW: "approved to go now",
    Action.HOLD: "held",
    Action.RELEASE: "released",
    Action.HOLD_EVERYTHING: "everything held",
    Action.RELEASE_EVERYTHING: "everything released",
}


def _event(action: Action, post_ids: list[str], trace_id: str) -> Detail:
    match action:
        case Action.HOLD:
            return Held(trace_id=trace_id, post_ids=post_ids)
        case Action.RELEASE:
            return Released(trace_id=trace_id, post_ids=post_ids)
        case _:
            return Approved(trace_id=trace_id, post_ids=post_ids)
