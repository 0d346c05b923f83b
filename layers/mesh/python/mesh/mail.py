"""Sends mail through SES, raw MIME; the vendor's errors are translated here."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mesh.errors import MeshError, Throttled, Unreachable

_THROTTLES = {
    "TooManyRequestsException",
    "LimitExceededException",
    "ThrottlingException",
    "InternalServiceErrorException",
}


class MailRefused(MeshError):
    """SES will not send this message, now or later; the message says why in a few words."""


class Mailer:
    def __init__(self, client: Any, sender: str) -> None:
        self._client = client
        self.sender = sender

    def send(self, mail: EmailMessage) -> None:
        """MailRefused for a recipient or sender SES does not accept; Throttled and Unreachable pass."""
        try:
            self._client.send_email(
                FromEmailAddress=self.sender,
                Destination={"ToAddresses": [str(mail["To"])]},
                Content={"Raw": {"Data": mail.as_bytes()}},
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _THROTTLES:
                raise Throttled(f"SES: {code}") from error
            raise MailRefused(f"the mail was refused ({code})") from error
        except BotoCoreError as error:
            raise Unreachable(f"SES: {type(error).__name__}") from error
