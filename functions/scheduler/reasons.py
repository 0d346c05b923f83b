"""Why the scheduler does what it does: one catalogue of codes, each with the clause its owner reads. Pure.

Every decision bears a ``Reason`` of it. The code stands in the log and beside the clause in the audit row of the change; where the sheet
has to say it, the clause stands there, too. ``docs/moves.md`` is made of this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Code(StrEnum):
    # a post that goes on
    PACKAGE_WANTED = "package-wanted"
    APPROVAL_STANDS = "approval-stands"
    FLAG_MISSING = "flag-missing"
    CLEARED = "cleared"
    VOIDED = "voided"
    ASK_NEW = "ask-new"
    ASK_CHANGED = "ask-changed"
    ASK_REMINDER = "ask-reminder"
    ASK_TICK = "ask-tick"
    ASK_RELEASED = "ask-released"
    ASK_LATE = "ask-late"
    CARD_LOST = "card-lost"
    # a post that rests
    DAMAGED = "damaged"
    ROW_GONE = "row-gone"
    ROW_TO_MEND = "row-to-mend"
    FAR_AHEAD = "far-ahead"
    CANNOT_GO = "cannot-go"
    HELD = "held"
    FLAG_UNDER_WAY = "flag-under-way"
    OUT_ALREADY = "out-already"
    EDITED_JUST_NOW = "edited-just-now"
    COMMON_CARD = "common-card"
    WAITS_FOR_ANSWER = "waits-for-answer"
    # a channel that is booked or sent
    ON_TIME = "on-time"
    MOVED = "moved"
    LATE_NOW = "late-now"
    LATE_MOVED = "late-moved"
    WORKS_AGAIN = "works-again"
    TRY_NOW = "try-now"
    TRY_LATER = "try-later"
    LOOK_NOW = "look-now"
    LOOK_LATER = "look-later"
    ANSWERED = "answered"
    # a channel whose owner is asked
    TIME_PASSED = "time-passed"
    TRIES_FAILED = "tries-failed"
    NO_MINUTE = "no-minute"
    # a channel that rests
    SENT = "sent"
    BEING_SENT = "being-sent"
    FAILED = "failed"
    UNKNOWN_ASKED = "unknown-asked"
    NOT_CLEARED = "not-cleared"
    EVERYTHING_HELD = "everything-held"
    CHANNEL_PAUSED = "channel-paused"
    CHANNEL_DAMAGED = "channel-damaged"
    # a booking that is taken back
    CHANNEL_OUT = "channel-out"
    LEFT_OUT = "left-out"


@dataclass(frozen=True)
class Words:
    """``said`` is a clause with its facts in braces. ``seen``: where its owner meets it. ``to_do``: "" where nothing is to be done."""

    move: str
    said: str
    when: str
    seen: str
    to_do: str = ""


@dataclass(frozen=True)
class Reason:
    """``said`` holds times, names of channels and words of the rules, and nothing of a post's text.

    ``why`` is what keeps a post from its own time, for the row that names both times; "" where nothing does.
    """

    code: Code
    said: str
    why: str = ""

    def __str__(self) -> str:
        return self.said


def because(code: Code, **facts: str) -> Reason:
    """KeyError where a fact of the clause is not given."""
    said = CATALOGUE[code].said.format(**facts)
    return Reason(code, said, facts.get("why", "") or (said if code in _OWN_CAUSE else ""))


_OWN_CAUSE = {Code.LATE_NOW, Code.WORKS_AGAIN}
_HISTORY = "history"
_ROW = "sheet"
_ROW_AND_HISTORY = "sheet, history"
_CARD_AND_HISTORY = "card, sheet, history"
_LOG = "log"

CATALOGUE: Mapping[Code, Words] = MappingProxyType(
    {
        Code.PACKAGE_WANTED: Words(
            "want-package",
            "there is no preview yet of what the row says now",
            "the row is new or was edited, and is due within 14 days",
            _ROW,
        ),
        Code.APPROVAL_STANDS: Words(
            "raise-flag",
            "it is again exactly what was approved",
            "an edit was undone, or a hold ended, and the approval fits",
            _HISTORY,
        ),
        Code.FLAG_MISSING: Words(
            "nudge",
            "approved, and the sheet still does not show it",
            "three minutes after the click the tick is not in the sheet",
            _LOG,
        ),
        Code.CLEARED: Words("book", "approved, and the sheet shows it", "tick and stamp are in the sheet", _LOG),
        Code.VOIDED: Words(
            "void",
            "what was approved is not what the row says now",
            "an approved row was edited or deleted",
            _ROW_AND_HISTORY,
            "Approve the new version, or undo the edit.",
        ),
        Code.ASK_NEW: Words(
            "ask",
            "it is ready and nobody has been asked",
            "the row was left alone for ten minutes, or is due within two hours",
            _CARD_AND_HISTORY,
            "Approve or hold.",
        ),
        Code.ASK_CHANGED: Words(
            "ask",
            "it was changed since somebody was asked",
            "as above, after an edit",
            _CARD_AND_HISTORY,
            "Approve or hold.",
        ),
        Code.ASK_REMINDER: Words(
            "ask",
            "it is due soon and nobody has answered",
            "about 24 and about 2 hours before, by day",
            _CARD_AND_HISTORY,
            "Approve or hold.",
        ),
        Code.ASK_TICK: Words(
            "ask",
            "somebody ticked it in the sheet, which approves nothing by itself",
            "a tick by hand",
            _CARD_AND_HISTORY,
            "Approve from the card.",
        ),
        Code.ASK_RELEASED: Words(
            "ask",
            "it is no longer on hold, and nobody has approved it as it is",
            "a hold was lifted",
            _CARD_AND_HISTORY,
            "Approve or hold.",
        ),
        Code.ASK_LATE: Words(
            "ask",
            "its time has passed and nobody has answered",
            "later than its time by more than the late rule",
            _CARD_AND_HISTORY,
            "Approve, if it shall still go out.",
        ),
        Code.CARD_LOST: Words(
            "ask again", "the card was asked for and never sent", "seven minutes after it was asked for", _LOG
        ),
        Code.DAMAGED: Words(
            "rest",
            "its record is damaged",
            "the post's record cannot be read",
            "message, sheet",
            "Ask whoever looks after the system; the other posts go on.",
        ),
        Code.ROW_GONE: Words("rest", "its row was taken out of the sheet", "the row was deleted", _HISTORY),
        Code.ROW_TO_MEND: Words(
            "rest", "its row has something to mend", "a cell cannot be read", _ROW, "Mend what the row's status names."
        ),
        Code.FAR_AHEAD: Words("rest", "it is too far ahead to be prepared yet", "more than 14 days ahead", _ROW),
        Code.CANNOT_GO: Words(
            "rest",
            "it cannot go out as it is",
            "no channel can take the post as it is",
            _ROW_AND_HISTORY,
            "Mend what the row's status names.",
        ),
        Code.HELD: Words(
            "rest", "it is on hold", "somebody pressed Hold or took the tick away", _ROW_AND_HISTORY, "Release it."
        ),
        Code.FLAG_UNDER_WAY: Words(
            "rest", "approved, and the tick is being written", "the first minutes after the click", _ROW
        ),
        Code.OUT_ALREADY: Words(
            "rest", "it is out already, and what is out stays as it was", "an edit after it went out", _ROW
        ),
        Code.EDITED_JUST_NOW: Words(
            "rest",
            "the row was edited a moment ago",
            "for ten minutes after an edit, unless due within two hours",
            _ROW,
        ),
        Code.COMMON_CARD: Words(
            "rest", "its card goes out with the others", "with *Approval mails* in the rules doc", _ROW_AND_HISTORY
        ),
        Code.WAITS_FOR_ANSWER: Words(
            "rest", "it waits for an approval", "a card is out and nobody has answered", _ROW, "Approve or hold."
        ),
        Code.ON_TIME: Words("queue, send", "at its own time", "nothing stands in the way of its time", _HISTORY),
        Code.MOVED: Words(
            "queue, send",
            "moved to {to}: {why}",
            "a posting window, a blackout day or the minimum gap keeps it from its time",
            _CARD_AND_HISTORY,
            "Nothing; or change the time, or the rule.",
        ),
        Code.LATE_NOW: Words(
            "send", "it is a little late, so it goes now", "late, and still within the late rule", _HISTORY
        ),
        Code.LATE_MOVED: Words(
            "queue, send",
            "it is a little late; moved to {to}: {why}",
            "late within the late rule, or clicked after its time, and a rule keeps it from going now",
            _ROW_AND_HISTORY,
            "Nothing; or change the time, or the rule.",
        ),
        Code.WORKS_AGAIN: Words(
            "retry", "{channel} works again", "a paused channel was connected again, or answers again", _ROW_AND_HISTORY
        ),
        Code.TRY_NOW: Words(
            "retry", "the last try did nothing, and the next is due", "after a refusal that passes", _ROW_AND_HISTORY
        ),
        Code.TRY_LATER: Words(
            "retry",
            "the last try did nothing; the next is when the network allows it, or after a while",
            "after a refusal that passes",
            _ROW_AND_HISTORY,
        ),
        Code.LOOK_NOW: Words(
            "retry",
            "nobody knows whether the last try is out, so it is looked for",
            "an answer was lost",
            _ROW_AND_HISTORY,
        ),
        Code.LOOK_LATER: Words(
            "retry",
            "nobody knows whether the last try is out; it is looked for once it must have arrived",
            "an answer was lost",
            _ROW_AND_HISTORY,
        ),
        Code.ANSWERED: Words("retry", "somebody said what became of the last try", "your answer in a mail", _HISTORY),
        Code.TIME_PASSED: Words(
            "ask",
            "its time has passed by more than the late rule allows",
            "an outage, a pause or a hold lasted too long",
            _CARD_AND_HISTORY,
            "Approve, if it shall still go out.",
        ),
        Code.TRIES_FAILED: Words(
            "ask",
            "every try failed so far, and its time has passed",
            "the next try would be later than the late rule allows",
            _CARD_AND_HISTORY,
            "Approve, if it shall still go out.",
        ),
        Code.NO_MINUTE: Words(
            "rest",
            "the rules doc leaves it no minute at which to go out",
            "the posting window, the blackout days and the public holidays close every day and hour for more than a year",
            _ROW,
            "Leave a time free in the rules doc; what is approved stays approved.",
        ),
        Code.SENT: Words("rest", "it is out there", "posted", _ROW_AND_HISTORY),
        Code.BEING_SENT: Words("rest", "it is being sent", "for a minute and a half at most", _ROW),
        Code.FAILED: Words(
            "rest",
            "it failed there and needs somebody",
            "the network refused it, or every try failed",
            "message, sheet, history",
            "Mend the row, or approve it again.",
        ),
        Code.UNKNOWN_ASKED: Words(
            "rest",
            "nobody can tell whether it is out there until somebody looks",
            "an answer was lost and looking proved nothing",
            "message, sheet, history",
            "Look there and answer the mail.",
        ),
        Code.NOT_CLEARED: Words(
            "rest", "it is not approved as it is, or the sheet does not show it yet", "before approval", _LOG
        ),
        Code.EVERYTHING_HELD: Words(
            "rest", "everything is on hold", "somebody held everything", _ROW, "Let everything go on again."
        ),
        Code.CHANNEL_PAUSED: Words(
            "rest",
            "{channel} is paused",
            "its sign-in ended, its account does not fit, or the network stopped it",
            "message, sheet",
            "Do what the message says: mostly, connect the channel again.",
        ),
        Code.CHANNEL_DAMAGED: Words(
            "rest",
            "its record on this channel is damaged",
            "the record of one channel cannot be read",
            "message, sheet",
            "Ask whoever looks after the system; the other channels go on.",
        ),
        Code.CHANNEL_OUT: Words(
            "cancel", "{channel} is not among its channels any more", "the row was edited", _HISTORY
        ),
        Code.LEFT_OUT: Words(
            "cancel",
            "{channel} cannot take it as it is",
            "its preview leaves the channel out",
            _ROW_AND_HISTORY,
            "Mend what the row's status names.",
        ),
    }
)
