"""Where answers come from: a file (``--answers``), then whoever sits at the terminal."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from local.checks.screen import columns
from local.checks.telling import wrapped
from local.setup.questions import Question, read_answers
from local.ship.environments import Environment

TRIES = 3


class SetupError(Exception):
    """It cannot go on; the message says why and what the next step is. What was answered is kept."""


class Answers:
    """``ask`` is None where nobody can answer."""

    def __init__(self, told: Mapping[str, str], ask: Callable[[str], str] | None) -> None:
        self.told = dict(told)
        self._ask = ask

    @property
    def asks(self) -> bool:
        return self._ask is not None

    def settle(self, question: Question, environment: Environment) -> Environment:
        """With this question answered: by the file, else by what is kept where that can stand, else by a person. SetupError."""
        if question.key in self.told:
            answer = self.told[question.key].strip()
            if trouble := self._trouble(question, answer):
                raise SetupError(f"the answer {question.key}: {trouble}")
            return question.keep(environment, question.tidy(answer) if answer else "")
        wrong = question.wrong(environment)
        if not wrong and (question.read(environment) or not self.asks or question.optional):
            return environment
        kept = question.read(environment)
        if kept:
            print(wrapped(f"samconfig.toml says {kept}: {wrong}", "  ", columns()))
        if not self.asks:
            said = wrong if kept else f"{question.asked}: nobody is there to answer"
            raise SetupError(f"{said}; write {question.key} = … into a file, and give it with ANSWERS=file")
        proposed = question.proposed if not kept else ""
        for _ in range(TRIES):
            answer = self.line(question.asked + (f" [{proposed}]" if proposed else "")) or proposed
            if not (trouble := self._trouble(question, answer)):
                return question.keep(environment, question.tidy(answer) if answer else "")
            print(wrapped(trouble, "  ", columns()))
        raise SetupError(f"{question.asked}: that was not answered; the same command goes on here")

    def optional(self, question: Question, environment: Environment) -> Environment:
        """As ``settle``, but a person is asked even though nothing has to be said."""
        if question.key in self.told or not self.asks or question.read(environment):
            return self.settle(question, environment)
        answer = self.line(question.asked)
        if answer and (trouble := question.trouble(answer)):
            print(wrapped(trouble, "  ", columns()))
            return environment
        return question.keep(environment, question.tidy(answer)) if answer else environment

    def line(self, asked: str) -> str:
        """ "" for Enter alone. SetupError where nobody is there."""
        if self._ask is None:
            raise SetupError(f"{asked}: nobody is there to answer; ANSWERS=file can")
        return self._ask(f"  {asked}: ").strip()

    def path(self, key: str, asked: str) -> Path | None:
        """None where it was not said: it is asked for again another time."""
        told = self.told.get(key) or (self.line(f"{asked} (empty to go on without)") if self.asks else "")
        return Path(told.strip("\"'")).expanduser() if told else None

    def said(self, key: str, asked: str) -> str:
        """ "" where nobody says anything."""
        return self.told[key].strip() if key in self.told else self.line(asked) if self.asks else ""

    def yes(self, key: str, asked: str) -> bool:
        if key in self.told:
            return self.told[key].lower() in ("yes", "y", "true", "1")
        return self.asks and self.line(f"{asked} [y/N]").lower() in ("y", "yes")

    @staticmethod
    def _trouble(question: Question, answer: str) -> str:
        if not answer:
            return "" if question.optional else "something has to be said here"
        return question.trouble(answer)


def answers(file: Path | None, names: tuple[str, ...], more: Mapping[str, str]) -> Answers:
    """``more`` was told by options and counts before the file. SetupError for a file that cannot be one."""
    told: dict[str, str] = {}
    if file is not None:
        try:
            told, wrong = read_answers(tomllib.loads(file.read_text("utf-8")), names)
        except OSError as error:
            raise SetupError(f"the answers {file} cannot be read ({error.strerror}); is the path right?") from error
        except ValueError as error:
            raise SetupError(f'{file} is no TOML ({error}); write lines like zone = "Europe/Berlin"') from error
        if wrong:
            raise SetupError(f"{file}: {wrong}")
    told |= {name: value for name, value in more.items() if value}
    with suppress(ImportError):
        import readline  # noqa: F401 - from now on arrows and the like move in what is typed
    return Answers(told, _typed if file is None and sys.stdin is not None and sys.stdin.isatty() else None)


def _typed(question: str) -> str:
    try:
        return input(question)
    except EOFError:
        raise SetupError("nobody is there to answer any more; the same command goes on here") from None
