"""What a service of the stack refuses, in words: what it was, and which right, sign-in or name is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from local import refusals
from local.operator.books import BooksError
from local.refusals import Kind
from mesh.errors import MeshError

_SIGN_IN = "sign in again (aws sso login, or new keys for the profile), and name the profile with --profile"
_NEXT = {
    Kind.NOBODY: _SIGN_IN,
    Kind.EXPIRED: _SIGN_IN,
    Kind.STRANGER: f"{_SIGN_IN}; a region that is not enabled answers so too",
    Kind.DENIED: "sign in as somebody who may, or have that right added",
    Kind.NO_PROFILE: "aws configure list-profiles shows which there are",
    Kind.UNREACHED: "is the network there, and the region right?",
    Kind.MISSING: "are the prefix and the region right?",
    Kind.LEAVING: "restore it first (aws secretsmanager restore-secret --secret-id with its name)",
    Kind.OTHER: "try again in a minute",
}


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
    except (ClientError, BotoCoreError) as error:
        raise _refused(error, what, right) from None
    except MeshError as error:
        if isinstance(error.__cause__, ClientError):
            raise _refused(error.__cause__, what, right) from None
        raise Refused(f"{what}: {error}") from None


def _refused(error: Exception, what: str, right: str) -> Refused:
    found = refusals.read(error, right)
    return Refused(f"{what}: {found.said}; {_NEXT[found.kind]}", found.code)
