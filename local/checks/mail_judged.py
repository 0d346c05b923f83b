"""What SES's answers mean for the business's mails. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from local.checks.model import Finding, State
from local.checks.values import listed

_NEARLY_FULL = 0.8
_PLACE = "the AWS console, Amazon SES, Account dashboard"

REQUEST = """\
Website:          the business's own
Mail type:        Transactional
Use case:         Social Scheduler asks the owners of one small business for their approval of each social media post, and tells
                  them what became of it. Recipients are the {count} people who set it up and gave us their addresses; there is
                  no list and no marketing. At most some dozens of mails a day. Bounces and complaints come back as events: such
                  an address gets no further mail. Whoever wants no more mails is taken out of the list of recipients."""


def account(told: Mapping[str, Any]) -> list[Finding]:
    """GetAccount's answer, but for the sandbox."""
    status = str(told.get("EnforcementStatus", "HEALTHY"))
    if not told.get("SendingEnabled", True) or status == "SHUTDOWN":
        fix = f"{_PLACE} says why; answer AWS's mail about it"
        return [Finding("SES", State.BAD, "AWS has stopped this account's mails", fix)]
    if status == "PROBATION":
        fix = f"{_PLACE} names what too many mails did; mend it before AWS stops them"
        return [Finding("SES", State.DOUBTFUL, "AWS is reviewing this account's mails", fix)]
    quota = told.get("SendQuota") or {}
    most, sent = float(quota.get("Max24HourSend", -1)), float(quota.get("SentLast24Hours", 0))
    if most > 0 and sent >= most * _NEARLY_FULL:
        said = f"{sent:.0f} of the {most:.0f} mails that AWS allows in 24 hours are used"
        return [Finding("SES", State.DOUBTFUL, said, "ask for more: the AWS console, Service Quotas, Amazon SES")]
    return [Finding("SES", State.GOOD, "sends")]


def sender(mail_from: str, told: Mapping[str, Any] | None, *, by_domain: bool, deployed: bool) -> list[Finding]:
    """GetEmailIdentity's answer for the sender's address or its domain; None where SES knows neither."""
    name = "sender"
    if told is None:
        if not deployed:
            said = f"SES does not know {mail_from} yet; the deployment makes it known"
            return [
                Finding(name, State.LATER, said, "after it, the link in AWS's mail to that address is to be clicked")
            ]
        fix = "the AWS console, Amazon SES, Identities, Create identity; or CreateMailIdentity=true and deploy"
        return [Finding(name, State.BAD, f"SES does not know {mail_from}, nor its domain", fix)]
    if not told.get("VerifiedForSendingStatus"):
        if by_domain:
            fix = "put the three CNAME records into the domain's DNS: the AWS console, Amazon SES, Identities"
        else:
            fix = f"click the link in AWS's mail to {mail_from} (subject: Email Address Verification Request); it is good for a day"
        return [Finding(name, State.BAD, f"{mail_from} is not verified at SES yet", fix)]
    found = [Finding(name, State.GOOD, f"{mail_from} may send")]
    if by_domain:
        found.append(_dkim(told.get("DkimAttributes") or {}))
    return found


def _dkim(told: Mapping[str, Any]) -> Finding:
    if told.get("Status") == "SUCCESS":
        return Finding("DKIM", State.GOOD, "the domain signs its mails")
    tokens = [str(one) for one in told.get("Tokens") or ()]
    names = f": {', '.join(f'{one}._domainkey' for one in tokens)}" if tokens else ""
    fix = f"put the CNAME records that SES shows into the domain's DNS{names}"
    return Finding("DKIM", State.DOUBTFUL, "the domain does not sign its mails: more of them end as spam", fix)


def sandbox(told: Mapping[str, Any], people: Sequence[str], unverified: Collection[str]) -> Finding:
    """In it, SES sends to verified addresses alone."""
    if told.get("ProductionAccessEnabled", False):
        return Finding("SES sandbox", State.GOOD, "this account may write to anybody")
    ask = (
        f"ask AWS for production access ({_PLACE}, Request production access) with this text:\n{_indented(len(people))}"
    )
    missing = [one for one in people if one in unverified]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        said = f"the account is in the sandbox, and {listed(missing)} {verb} not verified: no mail reaches them"
        fix = f"verify them (Amazon SES, Identities, Create identity, and they click the link), or {ask}"
        return Finding("SES sandbox", State.BAD, said, fix)
    said = "the account is in the sandbox: all recipients are verified, at most 200 mails a day"
    return Finding("SES sandbox", State.DOUBTFUL, said, f"it works so; for another recipient {ask}")


def _indented(count: int) -> str:
    return "\n".join(f"           {one}" for one in REQUEST.format(count=count).splitlines())


def suppressed(people: Mapping[str, str]) -> Finding:
    """Addresses on the account's suppression list, and why."""
    if not people:
        return Finding("suppression list", State.GOOD, "no recipient is on it")
    named = listed([f"{address} ({why.lower()})" for address, why in people.items()])
    fix = "ask them whether the address is right and wants mails; then Amazon SES, Suppression list, Remove"
    return Finding("suppression list", State.BAD, f"SES writes no mail to {named}", fix)
