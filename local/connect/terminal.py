"""Whoever sits at the terminal: what is said, what is asked, and what was told beforehand by flags and environment.

Secrets come from a file, the environment or a prompt without echo, in this order; never from a flag, which the shell's history and the list
of processes would keep.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local.connect.model import App, ConnectError, SignedIn
from networks.http import is_token

ID_VARIABLE = "CONNECT_CLIENT_ID"
SECRET_VARIABLE = "CONNECT_SECRET"


class Terminal:
    """A ``local.connect.model.Person``. ``stored``, set once it is known, is the app of the channel's secret: renewing asks for none.

    ``ask`` and ``ask_unseen`` are None where nobody can answer.
    """

    def __init__(
        self,
        *,
        client_id: str = "",
        secret_file: Path | None = None,
        environment: Mapping[str, str] = os.environ,
        ask: Callable[[str], str] | None = None,
        ask_unseen: Callable[[str], str] | None = None,
    ) -> None:
        self._client_id, self._secret_file = client_id, secret_file
        self.stored: App | None = None
        self._environment, self._ask, self._ask_unseen = environment, ask, ask_unseen

    def say(self, line: str) -> None:
        print(line, flush=True)

    def ask(self, question: str) -> str:
        if self._ask is None:
            raise ConnectError(f"{question}: nobody is there to answer. Give it as an option (--help lists them).")
        for _ in range(3):
            if told := self._ask(f"{question}: ").strip():
                return told
        raise ConnectError(f"{question}: that was not answered.")

    def app(self, label: str, *, may_be_public: bool = False) -> App:
        told = self._client_id or self._environment.get(ID_VARIABLE, "")
        if self.stored is not None and told in ("", self.stored.client_id) and not self._secret_told():
            self.say(f"The app of the last sign-in is used (client id {self.stored.client_id}).")
            return self.stored
        client_id = (told or self.ask(f"The app's client id at {label}")).strip()
        if not is_token(client_id):
            raise ConnectError("The app's client id has a character that cannot stand in one; copy it anew.")
        public = " (empty for a public app)" if may_be_public else ""
        secret = self._secret(f"The app's client secret at {label}{public}")
        if not secret and not may_be_public:
            raise ConnectError("The app's client secret is needed.")
        return App(client_id, secret)

    def password(self, question: str) -> str:
        if not (found := self._secret(question)):
            raise ConnectError("The app password is needed.")
        return found

    def pick(self, found: Sequence[SignedIn], wanted: str, *, must: bool = False) -> SignedIn:
        """The one that is wanted by its id; else the only one; else one of a numbered list. With ``must`` the wanted one or none."""
        for one in found:
            if wanted and one.account_id == wanted:
                return one
        if must:
            there = "; ".join(f"{one.shown}, account {one.account_id}" for one in found)
            raise ConnectError(
                f"Account {wanted} is not among those that were signed in: {there}. Nothing was changed."
            )
        if len(found) == 1:
            return found[0]
        self.say("You may post for several:")
        for number, one in enumerate(found, start=1):
            self.say(f"  {number}  {one.shown}, account {one.account_id}")
        if self._ask is None:
            raise ConnectError("Say which one with --account (the id behind the word account).")
        told = self.ask(f"Which one? 1 to {len(found)}")
        if not told.isdecimal() or not 1 <= int(told) <= len(found):
            raise ConnectError("That is none of the numbers: nothing was changed.")
        return found[int(told) - 1]

    def _secret_told(self) -> bool:
        return self._secret_file is not None or SECRET_VARIABLE in self._environment

    def _secret(self, question: str) -> str:
        if self._secret_file is not None:
            try:
                told = self._secret_file.read_text("utf-8")
            except (OSError, ValueError):
                raise ConnectError(f"{self._secret_file} cannot be read.") from None
        elif SECRET_VARIABLE in self._environment:
            told = self._environment[SECRET_VARIABLE]
        elif self._ask_unseen is not None:
            told = self._ask_unseen(f"{question} (it does not show as you type): ")
        else:
            raise ConnectError(f"{question}: give it in the environment as {SECRET_VARIABLE}, or with --secret-file.")
        secret = told.strip()
        if secret and not is_token(secret):
            raise ConnectError(
                "What was given as the secret has a space or a character that cannot stand in one; copy it anew."
            )
        return secret


def at_this_terminal() -> tuple[Callable[[str], str] | None, Callable[[str], str] | None, int | None]:
    """How to ask, how to ask unseen, and the descriptor to paste into; None each where this program is not at a terminal."""
    try:
        typed = sys.stdin.fileno()
    except (OSError, ValueError, AttributeError):
        return None, None, None
    if not os.isatty(typed):
        return None, None, typed
    return _asked, getpass.getpass, typed


def _asked(question: str) -> str:
    try:
        return input(question)
    except EOFError:
        return ""
