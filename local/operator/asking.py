"""What a service of the stack refuses, in words: what it was, and which right, sign-in or name is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, SSOError, TokenRetrievalError

from local.operator.books import BooksError
from mesh.errors import MeshError

_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_UNKNOWN = {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidSignatureException", "SignatureDoesNotMatch"}
_SIGN_IN = "sign in again (aws sso login, or new keys for the profile), and name the profile with --profile"


class Refused(BooksError):
    """``code`` is the service's own, "" where it did not answer."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def asking(what: str, right: str) -> Iterator[None]:
    """``what`` was asked for ("the dead letters"), and the IAM ``right`` that it needs. A service's own message is left out where it
    may repeat what was sent."""
    try:
        yield
    except ClientError as error:
        raise Refused(said(error, what, right), str(error.response["Error"]["Code"])) from None
    except (NoCredentialsError, SSOError, TokenRetrievalError):
        raise Refused(f"{what}: there is no AWS sign-in to ask with; {_SIGN_IN}") from None
    except BotoCoreError as error:
        raise Refused(f"{what}: AWS cannot be asked ({type(error).__name__}); is the network there?") from None
    except MeshError as error:
        if isinstance(error.__cause__, ClientError):
            raise Refused(said(error.__cause__, what, right)) from None
        raise Refused(f"{what}: {error}") from None


def said(error: ClientError, what: str, right: str) -> str:
    """The sentence for one refusal."""
    code = str(error.response["Error"]["Code"])
    if code in _DENIED:
        named = re.search(r"perform: ([a-z0-9-]+:[A-Za-z]+)", str(error.response["Error"].get("Message", "")))
        return f"{what}: this AWS sign-in may not do that; it needs the right {named[1] if named else right}"
    if code in _EXPIRED:
        return f"{what}: your AWS sign-in has expired; {_SIGN_IN}"
    if code in _UNKNOWN:
        return f"{what}: AWS does not know this sign-in; {_SIGN_IN}"
    if "NotFound" in code or "NonExistent" in code or code == "NoSuchBucket":
        return f"{what}: not there; are the prefix and the region right?"
    return f"{what}: refused ({code}); try again in a minute"
