"""What can be done with a stack in the state that CloudFormation tells, and in words what to do where nothing can."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from local.checks.model import Finding, State


class Then(Enum):
    MAKE = "make"
    """It is not there, or only as a plan that nobody carried out."""
    UPDATE = "update"
    REMOVE_FIRST = "remove first"
    """Its creation failed: such a stack can only be deleted, and holds nothing that works."""
    GO_ON_BACK = "go on back"
    """Its way back after a failed update stuck."""
    BUSY = "busy"
    STUCK = "stuck"


_THEN = {
    "REVIEW_IN_PROGRESS": Then.MAKE,
    "DELETE_COMPLETE": Then.MAKE,
    "ROLLBACK_COMPLETE": Then.REMOVE_FIRST,
    "ROLLBACK_FAILED": Then.REMOVE_FIRST,
    "CREATE_FAILED": Then.REMOVE_FIRST,
    "UPDATE_ROLLBACK_FAILED": Then.GO_ON_BACK,
    "DELETE_FAILED": Then.STUCK,
    "IMPORT_ROLLBACK_FAILED": Then.STUCK,
    "UPDATE_FAILED": Then.STUCK,
}


def following(status: str) -> Then:
    """``status`` is CloudFormation's, "" where there is no stack of the name."""
    if not status:
        return Then.MAKE
    if status in _THEN:
        return _THEN[status]
    return Then.BUSY if status.endswith("_IN_PROGRESS") else Then.UPDATE


@dataclass(frozen=True)
class Stand:
    """One stack as it is: ``since`` when its last operation began (in words), ``by`` who began it, ``reason`` why one failed."""

    name: str
    status: str = ""
    since: str = ""
    by: str = ""
    reason: str = ""

    @property
    def then(self) -> Then:
        return following(self.status)


def finding(stand: Stand, environment: str) -> Finding:
    """Of a stack before a deployment. BAD where none can begin."""
    name, because = f"stack {stand.name}", f": {stand.reason}" if stand.reason else ""
    match stand.then:
        case Then.MAKE:
            return Finding(name, State.GOOD, "is not there yet, and is made")
        case Then.UPDATE:
            return Finding(name, State.GOOD, f"is there ({stand.status})")
        case Then.REMOVE_FIRST:
            said = f"could not be made the last time ({stand.status}{because})"
            return Finding(
                name, State.DOUBTFUL, said, "it holds nothing that works: it is removed first, and made anew"
            )
        case Then.GO_ON_BACK:
            said = f"stuck on its way back to what ran before ({stand.status}{because})"
            fix = f"mend what the reason names, then: make deploy ENV={environment} OPTIONS=--continue-rollback"
            return Finding(name, State.BAD, said, fix)
        case Then.BUSY:
            who = f", begun {stand.since}" + (f" by {stand.by}" if stand.by else "") if stand.since else ""
            said = f"is being worked on ({stand.status}{who})"
            fix = "it goes on by itself, also where the command that began it was stopped; when it is done, the same command again"
            return Finding(name, State.BAD, said, fix)
        case Then.STUCK:
            if stand.status == "DELETE_FAILED":
                fix = f"remove what the reason names, then: make undeploy ENV={environment}"
            else:
                fix = "open the stack in the CloudFormation console, its tab Events: it wants a person's decision"
            return Finding(name, State.BAD, f"cannot be updated ({stand.status}{because})", fix)


_HINTS = (
    ("Early Validation", "names that exist already: the same command again looks who holds them"),
    ("EmailIdentity", "SES has this sender already: put CreateMailIdentity=false into samconfig.toml"),
    ("already exists", "the name is taken; the same command again says by whom, and adopts what an earlier stack left"),
    (
        "UnreservedConcurrentExecution",
        "this account's Lambda limit is too low for DoorLimit: put DoorLimit=0 into samconfig.toml",
    ),
    ("is not authorized to perform", "this sign-in may not do that: deploy with one that may (docs/deploying.md)"),
    ("wait 60 seconds", "SQS keeps a deleted queue's name for a minute: the same command again then"),
    ("LimitExceeded", "a quota of this account is used up: raise it in the console under Service Quotas"),
)


def hint(reason: str) -> str:
    """The next step after a failure that CloudFormation words so; a general one where none is known."""
    known = (told for words, told in _HINTS if words.lower() in reason.lower())
    return next(known, "mend what the reason names, then the same command again; what ran before runs on")
