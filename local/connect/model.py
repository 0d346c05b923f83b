"""What a sign-in is, whatever the network: who asks, what comes of it, and what each network's flow has to be able to do.

The exceptions here:

    ConnectError        ends the command; its message is a plain sentence for the owner and holds nothing secret
    └── GoneError       the network says that this sign-in is not valid any more
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from networks.http import is_loopback
from networks.model import Account


class ConnectError(Exception):
    """Nothing was written."""


class GoneError(ConnectError):
    """Nothing is left to revoke."""


@dataclass(frozen=True)
class App:
    """What the network's developer portal knows the program by. ``secret`` is empty for a public one."""

    client_id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Scope:
    """A permission by the network's name for it, and what it means to the owner."""

    name: str
    words: str


@dataclass(frozen=True)
class SignedIn:
    """One account that the sign-in may post for. ``app`` is kept in the secret beside the credentials, where revoking needs it."""

    account_id: str
    shown: str
    host: str
    credentials: Mapping[str, str] = field(repr=False)
    app: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Allowed:
    """The network's page was answered with yes: what the token endpoint wants to see."""

    code: str = field(repr=False)
    redirect_uri: str
    verifier: str = field(repr=False)


class Person(Protocol):
    """Whoever sits at the terminal. Each raises ConnectError where there is nobody to ask."""

    def say(self, line: str) -> None: ...

    def ask(self, question: str) -> str: ...

    def app(self, label: str, *, may_be_public: bool = False) -> App:
        """From flags, environment or the prompt."""
        ...

    def password(self, question: str) -> str:
        """Typed without echo, or from a file or the environment."""
        ...


class Browser(Protocol):
    """Where the network's page is answered."""

    @property
    def redirect_uri(self) -> str: ...

    def allowed(self, label: str, page: str, asked: Mapping[str, str], *, pkce: bool) -> Allowed:
        """Opens ``page`` with what is asked, a state and where ``pkce`` a challenge, and waits. ConnectError for every answer but yes."""
        ...


@dataclass(frozen=True)
class Session:
    """One sign-in. ``host`` is the origin the channel posts to; ``handle`` the account's name where one was told."""

    host: str
    http: httpx.Client
    person: Person
    browser: Browser
    now: Callable[[], datetime]
    scopes: tuple[Scope, ...] = ()
    handle: str = ""

    def at(self, vendor: str) -> str:
        """``vendor`` is one of the network's own origins; on this computer everything is asked of the channel's host."""
        return self.host if on_this_computer(self.host) else vendor


class Flow(Protocol):
    """One network's way to sign in and out."""

    @property
    def scopes(self) -> tuple[Scope, ...]: ...

    @property
    def in_browser(self) -> bool: ...

    @property
    def revokes_in_browser(self) -> bool: ...

    @property
    def port(self) -> int:
        """Where the redirect address listens unless another is chosen; 0 takes a free one."""
        ...

    def sign_in(self, session: Session) -> Sequence[SignedIn]:
        """Every account that it may post for, at least one. ConnectError."""
        ...

    def revoke(self, session: Session, account: Account, app: Mapping[str, str]) -> str:
        """Asks the network to forget the sign-in; a sentence on what is still to be done by hand, or "". ConnectError, GoneError."""
        ...


def on_this_computer(host: str) -> bool:
    return is_loopback(urlsplit(host).hostname or "")
