"""A program at a real terminal, 80 columns wide, and somebody who types into it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

CTRL_C = "\x03"
_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.5
_AGAIN_SECONDS = 5.0
_ROWS, _COLUMNS = 40, 80
_CONTROLS = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]")


def _in_front() -> None:
    """As a shell starts what stands in front: with the terminal, and with Ctrl-C, which whatever runs in the background is deaf to."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """``screen`` is all that was on it so far, echoes too."""

    def __init__(self, command: Sequence[str], surroundings: Mapping[str, str], folder: str) -> None:
        self._outer, self._inner = pty.openpty()
        fcntl.ioctl(self._inner, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        self._ways: list[Any] = termios.tcgetattr(self._inner)
        self._program = subprocess.Popen(
            command,
            cwd=folder,
            env={**surroundings, "TERM": "xterm"},
            stdin=self._inner,
            stdout=self._inner,
            stderr=self._inner,
            preexec_fn=_in_front,
            start_new_session=True,
        )
        self.screen = ""
        self._read_to = 0
        self._stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._program.poll() is None:
            self._program.kill()
            self._program.wait()
        os.close(self._outer)
        os.close(self._inner)

    def answer(self, question: str, *typed: str) -> None:
        """Each time the question comes, the next of them is typed. AssertionError where it does not come."""
        for one in typed:
            self.until(question)
            self.until(": ")
            self._stopped = one == CTRL_C
            os.write(self._outer, CTRL_C.encode() if self._stopped else f"{one}\n".encode())

    def until(self, text: str) -> None:
        ends = time.monotonic() + _PATIENCE_SECONDS
        while text not in self.screen[self._read_to :]:
            over = self._program.poll() is not None
            if not self._look() and (over or time.monotonic() > ends):
                raise AssertionError(f"{text!r} did not come:\n{self.screen}")
        self._read_to = self.screen.index(text, self._read_to) + len(text)

    def end(self) -> int:
        """The program's own end: its exit code. The terminal is left as it was found.

        Who pressed Ctrl-C and sees nothing presses it again. Python notes the first one and then waits for a line, where it came between
        the question and the waiting for its answer: a microsecond that nobody hits but a program that types as soon as it can read.
        """
        began = pressed = time.monotonic()
        while self._program.poll() is None:
            assert time.monotonic() < began + _PATIENCE_SECONDS, self.screen
            if not self._look() and self._stopped and time.monotonic() > pressed + _AGAIN_SECONDS:
                pressed = time.monotonic()
                os.write(self._outer, CTRL_C.encode())
        while self._look():
            pass
        assert termios.tcgetattr(self._inner) == self._ways
        return self._program.returncode

    def _look(self) -> bool:
        ready, _, _ = select.select([self._outer], [], [], _LOOK_SECONDS)
        if not ready:
            return False
        told = os.read(self._outer, 65_536).decode("utf-8", "replace")
        self.screen += _CONTROLS.sub("", told).replace("\r\n", "\n")
        return True
