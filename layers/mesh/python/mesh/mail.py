"""Sends mail through SES, raw MIME; the vendor's errors are translated here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mesh import log
from mesh.errors import MeshError, Throttled, Unreachable

_log = log.logger("mail")
_THROTTLES = {
    "TooManyRequestsException",
    "LimitExceededException",
    "ThrottlingException",
    "InternalServiceErrorException",
}


_TAGS = "X-SES-MESSAGE-TAGS"  # SES's own header for them
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")


_SENTENCES = {  # the errors of SES v2's SendEmail that stay
    "MessageRejected": "the mail service refused the mail: its sender or this address is not confirmed there",
    "MailFromDomainNotVerifiedException": "the mail service does not know the domain that the mails come from",
    "AccountSuspendedException": "the mail service has closed the account for mails",
    "SendingPausedException": "the mail service sends nothing for this account at the moment",
    "AccessDeniedException": "the scheduler may not send mails from that address",
}


class MailRefused(MeshError):
    """SES will not send this message, now or later; the message says why in a few words, to the owner."""


def tag(mail: EmailMessage, tags: Mapping[str, str]) -> None:
    """SES takes letters, digits, ``_`` and ``-``, 256 at most (API reference of SES v2, MessageTag): anything else is left out."""
    told = [f"{name}={value}" for name, value in tags.items() if _TAG.fullmatch(value)]
    if told:
        mail[_TAGS] = ", ".join(told)


def _tags(mail: EmailMessage) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in str(mail.get(_TAGS, "")).split(", ") if pair)
    return {name: value for name, _, value in pairs}


class Mailer:
    """``mail_set`` is SES's configuration set, which tells of mails that come back; "" sends without one."""

    def __init__(self, client: Any, sender: str, mail_set: str = "") -> None:
        self._client = client
        self.sender = sender
        self._set = {"ConfigurationSetName": mail_set} if mail_set else {}

    def send(self, mail: EmailMessage) -> None:
        """MailRefused for a recipient or sender SES does not accept; Throttled and Unreachable pass.

        What ``tag`` put on the mail comes back with the news of one that could not be delivered; it is no part of what is sent.
        """
        tags = [{"Name": name, "Value": value} for name, value in _tags(mail).items()]
        del mail[_TAGS]
        try:
            self._client.send_email(
                FromEmailAddress=self.sender,
                Destination={"ToAddresses": [str(mail["To"])]},
                Content={"Raw": {"Data": mail.as_bytes()}},
                **self._set,
                **({"EmailTags": tags} if tags and self._set else {}),
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _THROTTLES:
                raise Throttled(f"SES: {code}") from error
            log.line(_log, "a mail was refused", outcome=code)
            raise MailRefused(_SENTENCES.get(code, "the mail service refused the mail")) from error
        except BotoCoreError as error:
            raise Unreachable(f"SES: {type(error).__name__}") from error
