"""Whether SES will take the business's mails, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from local.checks import mail_judged as judged
from local.checks.looking import Subject, looking
from local.checks.model import Finding
from local.checks.values import mails_of


def mail(subject: Subject) -> list[Finding]:
    """The account, the sender, the sandbox, and who is on the suppression list."""
    found: list[Finding] = []
    ses = subject.client("sesv2")
    people = list(
        dict.fromkeys(
            one for name in ("Recipients", "Stakeholders") for one in mails_of(subject.parameters.get(name, ""))
        )
    )
    sender = subject.parameters.get("MailFrom", "")
    with looking("SES", "ses:GetAccount and ses:GetEmailIdentity", found):
        account = ses.get_account()
        found += judged.account(account)
        if sender:
            told, by_domain = _identity(ses, sender)
            found += judged.sender(sender, told, by_domain=by_domain, deployed=subject.deployed)
        unverified = set()
        if not account.get("ProductionAccessEnabled", False):
            unverified = {one for one in people if not (_identity(ses, one)[0] or {}).get("VerifiedForSendingStatus")}
        found.append(judged.sandbox(account, people, unverified))
    with looking("suppression list", "ses:GetSuppressedDestination", found):
        there = {one: why for one in people if (why := _suppressed(ses, one))}
        found.append(judged.suppressed(there))
    return found


def _identity(ses: Any, address: str) -> tuple[Mapping[str, Any] | None, bool]:
    """The address's own identity or its domain's, and whether it is the domain's: that counts where both are and it is good."""
    own = _asked(ses, address)
    domain = _asked(ses, address.rpartition("@")[2])
    if domain is not None and (own is None or domain.get("VerifiedForSendingStatus")):
        return domain, True
    return own, False


def _asked(ses: Any, name: str) -> Mapping[str, Any] | None:
    try:
        told: Mapping[str, Any] = ses.get_email_identity(EmailIdentity=name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return None
        raise
    return told


def _suppressed(ses: Any, address: str) -> str:
    try:
        told = ses.get_suppressed_destination(EmailAddress=address)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return ""
        raise
    return str(told["SuppressedDestination"].get("Reason", "suppressed"))
