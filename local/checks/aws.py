"""The AWS sign-in of this terminal, and this computer's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from local.checks.looking import Subject, looking
from local.checks.model import Finding, State

_SKEW_LOOK, _SKEW_BAD = timedelta(seconds=30), timedelta(minutes=5)


def sign_in(subject: Subject) -> list[Finding]:
    """Who asks and where; and whether the clocks agree, by the answer's own date."""
    found: list[Finding] = []
    fix = "aws sso login (or however you sign in), then the same command again"
    with looking("AWS sign-in", "sts:GetCallerIdentity", found, fix):
        told = subject.client("sts").get_caller_identity()
        said = f"account {told['Account']} in {subject.region}, as {str(told['Arn']).rpartition(':')[2]}"
        found.append(Finding("AWS sign-in", State.GOOD, said))
        if date := told["ResponseMetadata"]["HTTPHeaders"].get("date"):
            found.append(clock(datetime.now(UTC), parsedate_to_datetime(date)))
    return found


def clock(here: datetime, there: datetime) -> Finding:
    """AWS refuses requests from a clock that is five minutes wrong, and Google's sign-in fails too."""
    apart = abs(here - there)
    if apart < _SKEW_LOOK:
        return Finding("this computer's clock", State.GOOD, "agrees with AWS's")
    way = "fast" if here > there else "slow"
    state = State.BAD if apart >= _SKEW_BAD else State.DOUBTFUL
    said = f"is {round(apart.total_seconds())} s {way}"
    return Finding("this computer's clock", state, said, "let the computer set its time by the network")
