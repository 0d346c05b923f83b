"""The redirect address: a door on this computer that is open for one sign-in, or an address that is pasted.

It listens on 127.0.0.1 alone and takes one request at a time, of which it reads no more than the first line and the ``Host`` header.
Nothing of a request is printed: its address holds the code.
"""

from __future__ import annotations

import os
import select
import socket
import time
import webbrowser
from collections.abc import Callable, Mapping
from types import TracebackType
from urllib.parse import parse_qs, urlencode, urlsplit

from local.connect import pages
from local.connect.grants import Grant, code_in, code_in_address
from local.connect.model import Allowed, ConnectError

PATH = "/connected"
TIME_LIMIT_SECONDS = 600.0
_REQUEST_SECONDS = 2.0  # browsers open connections ahead and send nothing on them
_REQUEST_LIMIT_BYTES = 16_384
_HERE = ("127.0.0.1", "localhost")


class Door:
    """A ``local.connect.model.Browser``. ``redirect`` is one the app has registered; else it is made of ``port``, 0 taking a free one.

    ``redirect`` may be on another host, which then shows whatever it shows: its address is pasted. ``typed`` is the terminal's
    descriptor, None where nobody types. ``show`` opens an address in a browser; None prints it only.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        *,
        port: int = 0,
        redirect: str = "",
        show: Callable[[str], object] | None = webbrowser.open,
        typed: int | None = None,
        time_limit_seconds: float = TIME_LIMIT_SECONDS,
    ) -> None:
        self._say, self._show, self._typed, self._limit_seconds = say, show, typed, time_limit_seconds
        self._listener: socket.socket | None = None
        self._pasted = b""
        self.redirect_uri = redirect
        if not redirect or _is_here(redirect):
            wanted = urlsplit(redirect)
            self._listener = _listening(wanted.port or 80 if redirect else port)
            self.redirect_uri = redirect or f"http://127.0.0.1:{self._listener.getsockname()[1]}{PATH}"
        elif urlsplit(redirect).scheme != "https" or not urlsplit(redirect).hostname or urlsplit(redirect).fragment:
            raise ConnectError(
                "The redirect address must be https, or http on this computer (http://127.0.0.1:8407/connected)."
            )

    def __enter__(self) -> Door:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def allowed(self, label: str, page: str, asked: Mapping[str, str], *, pkce: bool) -> Allowed:
        grant = Grant()
        fields = {"response_type": "code", **asked, "redirect_uri": self.redirect_uri, "state": grant.state}
        if pkce:
            fields |= {"code_challenge": grant.challenge, "code_challenge_method": "S256"}
        address = f"{page}?{urlencode(fields)}"
        if self._show is None or self._listener is None:
            self._say(f"Open this address in a browser, and allow access there:\n\n  {address}\n")
        else:
            self._say(f"Opening {label} in the browser. If nothing opens, go there yourself:\n\n  {address}\n")
        if self._typed is not None:
            self._say(
                f"If the browser ends on a page that cannot be shown, paste its address ({self.redirect_uri}?…) here."
            )
        elif self._listener is None:
            raise ConnectError("The redirect address is on another host, and there is no terminal to paste it into.")
        if self._show is not None:
            self._show(address)
        code = self._wait(grant, label)
        return Allowed(code, self.redirect_uri, grant.verifier if pkce else "")

    def _wait(self, grant: Grant, label: str) -> str:
        deadline = time.monotonic() + self._limit_seconds
        while (left_seconds := deadline - time.monotonic()) > 0:
            watched = [one for one in (self._listener, self._typed) if one is not None]
            if not watched:
                raise ConnectError("There is nobody to paste the address: nothing was changed.")
            ready, _, _ = select.select(watched, [], [], min(left_seconds, 1.0))
            if self._typed in ready and (line := self._line()):
                return code_in_address(line, self.redirect_uri, grant, label)
            if self._listener in ready and (code := self._one_request(grant, label)):
                return code
        minutes = max(1, round(self._limit_seconds / 60))
        raise ConnectError(
            f"No answer came within {minutes} minute{'s' if minutes > 1 else ''}: nothing was changed. Run the command again."
        )

    def _line(self) -> str:
        """What was typed, once its line is whole. From the descriptor itself: a buffer would hide a line from ``select``."""
        assert self._typed is not None
        part = os.read(self._typed, 4096)
        if not part:
            self._typed = None
        self._pasted += part
        line, newline, rest = self._pasted.partition(b"\n")
        if part and not newline:
            return ""
        self._pasted = rest
        return line.decode("utf-8", "replace").strip()

    def _one_request(self, grant: Grant, label: str) -> str:
        """The code, or "" for a request that is about something else. ConnectError ends the wait."""
        assert self._listener is not None
        connection, _ = self._listener.accept()
        with connection:
            method, target, host = _request(connection)
            if host not in self._own_names() or not target.startswith("/"):
                _give(
                    connection, pages.answer("400 Bad Request", "Not for here", "This was meant for another address.")
                )
                return ""
            path, _, query = target.partition("?")
            if method != "GET" or path != urlsplit(self.redirect_uri).path:
                _give(connection, pages.answer("404 Not Found", "Not found", "There is nothing at this address."))
                return ""
            try:
                code = code_in(parse_qs(query, keep_blank_values=True), grant, label)
            except ConnectError as error:
                _give(connection, pages.answer("400 Bad Request", "Not connected", str(error)))
                raise
            _give(connection, pages.answer("200 OK", *pages.RECEIVED))
            return code

    def _own_names(self) -> set[str]:
        """A page elsewhere can have its own name lead to this computer; the header still says that name."""
        port = urlsplit(self.redirect_uri).port or 80
        return {f"{name}:{port}" for name in _HERE} | ({*_HERE} if port == 80 else set())


class NoDoor:
    """For a sign-in without a browser."""

    redirect_uri = ""

    def allowed(self, label: str, page: str, asked: Mapping[str, str], *, pkce: bool) -> Allowed:
        raise ConnectError(f"{label} is not signed in to by a browser.")


def _is_here(redirect: str) -> bool:
    try:
        parts = urlsplit(redirect)
        port = parts.port or 80
    except ValueError:
        raise ConnectError("The redirect address is none; write it like http://127.0.0.1:8407/connected") from None
    return parts.scheme == "http" and parts.hostname in _HERE and port > 0 and not parts.query and not parts.fragment


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(8)
    except (OSError, OverflowError):
        listener.close()
        raise ConnectError(
            f"Port {port} of this computer is taken: stop what has it, or choose another with --port and register"
            f" http://127.0.0.1:(that port){PATH} at the network instead."
        ) from None
    return listener


def _request(connection: socket.socket) -> tuple[str, str, str]:
    """Method, target and host of a request; empty strings for what is none, or is not there in time."""
    deadline, head = time.monotonic() + _REQUEST_SECONDS, b""
    while b"\r\n\r\n" not in head:
        left_seconds = deadline - time.monotonic()
        if left_seconds <= 0 or len(head) > _REQUEST_LIMIT_BYTES:
            return "", "", ""
        connection.settimeout(left_seconds)
        try:
            part = connection.recv(4096)
        except OSError:
            return "", "", ""
        if not part:
            return "", "", ""
        head += part
    first, *lines = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    words = first.split(" ")
    hosts = [line.partition(":")[2].strip().lower() for line in lines if line.lower().startswith("host:")]
    return (words[0], words[1], hosts[0]) if len(words) == 3 and len(hosts) == 1 else ("", "", "")


def _give(connection: socket.socket, answer: bytes) -> None:
    try:
        connection.settimeout(_REQUEST_SECONDS)
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        return  # the browser has gone: what counts was read
