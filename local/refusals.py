"""What AWS refuses, read once for every command: which kind of refusal it is, in words. What to do next each caller adds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSOError,
    TokenRetrievalError,
)

_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_STRANGER = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "AuthFailure",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
_LEAVING = {"InvalidRequestException"}
"""Secrets Manager's, of a secret that is not in a state to be read or written: it has been deleted, and its days of grace run."""


class Kind(Enum):
    NOBODY = "nobody is signed in"
    EXPIRED = "the sign-in ended"
    STRANGER = "AWS does not know the key"
    DENIED = "a right is missing"
    NO_PROFILE = "the profile is none"
    UNREACHED = "no connection"
    MISSING = "not there"
    LEAVING = "about to be deleted"
    OTHER = "anything else"


@dataclass(frozen=True)
class Refusal:
    """``code`` is AWS's own, "" where it did not answer; ``said`` says it in a sentence's beginning, with nothing that was sent."""

    kind: Kind
    said: str
    code: str = ""


def read(error: Exception, right: str = "", region: str = "") -> Refusal:
    """``right``: the IAM action that was needed, where AWS's own words do not name it."""
    match error:
        case NoCredentialsError() | PartialCredentialsError():
            return Refusal(Kind.NOBODY, "nobody is signed in to AWS in this terminal")
        case ProfileNotFound():
            return Refusal(Kind.NO_PROFILE, f"there is no AWS profile {error.kwargs.get('profile', '')}")
        case TokenRetrievalError() | SSOError():
            return Refusal(Kind.EXPIRED, "the sign-in to AWS has expired")
        case EndpointConnectionError() | ConnectTimeoutError() | ReadTimeoutError():
            return Refusal(Kind.UNREACHED, f"AWS cannot be reached in {region}" if region else "AWS cannot be reached")
        case ClientError():
            return _answered(error, right)
        case BotoCoreError():
            return Refusal(Kind.OTHER, f"AWS cannot be asked ({type(error).__name__})")
    return Refusal(Kind.OTHER, str(error) or type(error).__name__)


def _answered(error: ClientError, right: str) -> Refusal:
    code, message = str(error.response["Error"]["Code"]), str(error.response["Error"].get("Message", ""))
    if code in _EXPIRED:
        return Refusal(Kind.EXPIRED, "the sign-in to AWS has expired", code)
    if code in _STRANGER:
        return Refusal(Kind.STRANGER, f"AWS does not know this sign-in ({code})", code)
    if code in _DENIED:
        named = re.search(r"perform: ([a-z0-9-]+:[A-Za-z]+)", message)
        return Refusal(
            Kind.DENIED, f"this sign-in may not do {named[1] if named else right or error.operation_name}", code
        )
    if "NotFound" in code or "NonExistent" in code or code == "NoSuchBucket":
        return Refusal(Kind.MISSING, "not there", code)
    if code in _LEAVING:
        return Refusal(Kind.LEAVING, "it is marked for deletion", code)
    return Refusal(Kind.OTHER, f"refused ({code})", code)
