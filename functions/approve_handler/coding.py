"""The code before a new device's first press, where the business asks for one: six digits, mailed to the recipient alone.

For offices whose mail scanner opens links in a real browser and presses buttons with a real pointer: it cannot read the mail that
follows. The code is not kept anywhere: it is worked out of the signing key and an id, by this function and by the one that mails it.
The brake (hold, hold everything) is never kept waiting for a code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from approve_handler.commit import Desk
from approve_handler.frame import Frame
from mesh.approvals import ANSWERS, CODE_LIFETIME, Action, Coder, Token, new_nonce
from mesh.cards.pages import BY, Button
from mesh.door.devices import person
from mesh.door.limits import Limit, counted
from mesh.errors import Conflict, TooOften
from mesh.events import CodeWanted
from mesh.ledger.tables import Write
from mesh.schedule_time import say_with_zone

WANTED_FOR = ANSWERS | {Action.REVIEW, Action.SEND_NOW, Action.RELEASE, Action.RELEASE_EVERYTHING, Action.DRAFT}
CODE, AGAIN = "code", "again"  # the fields of the form
_MOST_TRIES = 5
_ANOTHER = "Mail me another code"


def code_key(token: Token) -> str:
    """Where it is noted which code was mailed for a link, and how often somebody tried one."""
    return f"code#{token.nonce}"


def code_limits(token: Token) -> list[Limit]:
    """How often in ten minutes a recipient is mailed a code: a scanner's presses are not to fill their mail."""
    return [Limit(f"rate#code#{person(token.recipient)}", 5)]


def right(
    coder: Coder, token: Token, kept: Mapping[str, Mapping[str, Any]], given: str, desk: Desk, now: datetime
) -> bool:
    """Whether ``given`` is the code that was mailed. Every try is counted before it is looked at, so that none is free."""
    item = _standing(kept.get(code_key(token)), now)
    if item is None or int(item["tries"]) >= _MOST_TRIES:
        return False
    try:
        desk.ledger.count([_noted(desk, token, item | {"tries": int(item["tries"]) + 1})])
    except Conflict:  # two at once: neither of them counts for free
        return False
    return coder.is_right(given, str(item["code_id"]), token.recipient)


def page(
    frame: Frame,
    kept: Mapping[str, Mapping[str, Any]],
    carried: Sequence[tuple[str, str]],
    *,
    tried: bool,
    again: bool,
) -> str:
    """Asks for the code, having one mailed where none stands; ``carried`` is what the form of the page before said, and says on."""
    token, desk, now = frame.token, frame.desk, frame.now
    item = _standing(kept.get(code_key(token)), now)
    spent = item is not None and int(item["tries"]) + tried >= _MOST_TRIES
    if item is None or spent or again:
        try:
            _have_mailed(desk, token, kept, now)
        except TooOften as trouble:
            when = say_with_zone(trouble.again_at, desk.zone, now=now)
            said = [f"Codes were mailed several times just now. It works again at {when}.", "Nothing was changed."]
            return frame.message("Not again so soon", said, alert=True)
    said = [
        f"Six digits are on their way to {token.recipient}. They are good for ten minutes.",
        "Nothing was changed yet.",
    ]
    if tried:
        said.insert(0, "That was not the code." + (" A new one was mailed." if spent else ""))
    hidden = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in carried)
    form = (
        f'<form method="post" action="">{BY}{hidden}<label for="code">The code from your mail</label>'
        f'<p><input type="text" id="code" name="{CODE}" inputmode="numeric" autocomplete="one-time-code" maxlength="12" required></p>'
        '<button type="submit" name="go" value="1">Go on</button></form>'
    )
    note = '<p class="faint">After it, links act as soon as you open them on this device; every page here can end that.</p>'
    another = [Button(_ANOTHER, "", "quiet", ((AGAIN, "1"), *carried))]
    return frame.message("Type the code we mailed you", said, another, form + note, alert=tried)


def _standing(item: Mapping[str, Any] | None, now: datetime) -> dict[str, Any] | None:
    return dict(item) if item is not None and int(item["ttl"]) > int(now.timestamp()) else None


def _have_mailed(desk: Desk, token: Token, kept: Mapping[str, Mapping[str, Any]], now: datetime) -> None:
    """A code of a new id, from now on the only one for this link. TooOften; Conflict and BusError: nothing was mailed."""
    before = kept.get(code_key(token))
    fresh = {
        "pk": code_key(token),
        "code_id": new_nonce(),
        "tries": 0,
        "version": int((before or {}).get("version", 0)),
        "ttl": int((now + CODE_LIFETIME).timestamp()),
    }
    counts = counted(code_limits(token), kept, now, desk.ledger.names.runtime)
    desk.ledger.count([*counts, _noted(desk, token, fresh, is_new=before is None)])
    desk.tell(CodeWanted(only_for=token.recipient, code_id=fresh["code_id"]))


def _noted(desk: Desk, token: Token, item: Mapping[str, Any], *, is_new: bool = False) -> Write:
    version = int(item["version"])
    after = {**item, "pk": code_key(token), "version": version + 1}
    table = desk.ledger.names.runtime
    if is_new:
        return Write("Put", table, after, condition="attribute_not_exists(#pk)")
    return Write("Put", table, after, condition="#version = :version", values={":version": version})


def enrolling_token(token: Token) -> Token:
    """Whoever typed the code has shown that the mail is theirs: their device need not show it again."""
    return token.model_copy(
        update={"action": Action.ENROL, "posts": (), "nonce": new_nonce(), "channel": "", "attempt": 0}
    )


def with_cookie(cookies: tuple[str, ...], header: str) -> tuple[str, ...]:
    """The request's cookies as if the one that is being set had come along."""
    return (*cookies, header.partition(";")[0])
