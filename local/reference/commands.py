"""``docs/reference/commands.md``: what the Makefile offers, and every option of ``python -m local``."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

from local.__main__ import _COMMANDS
from local.reference.markdown import code, table, words

_TARGET = re.compile(r"^([a-z-]+):.*?##  *(.*)\n((?:\t.*\n)*)", re.MULTILINE)
_ASKS_FOR = re.compile(r"\$\((?:if |or )?\$?\(?([A-Z]+)\)?")
_CHOSEN = re.compile(r"^(CHOSEN\w*) = (.*)$", re.MULTILINE)
_INSIDE = {"VENV", "BIN", "CURDIR", "MAKE", "MAKEFILE", "PATHS", "PYTHON", "UV"}


class _Caught(BaseException):
    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.parser = parser


def targets(makefile: str) -> dict[str, tuple[str, str]]:
    """By target: what ``make help`` says of it, and its recipe with everything that the recipe's variables stand for."""
    chosen = dict(_CHOSEN.findall(makefile))

    def whole(recipe: str) -> str:
        for _ in chosen:  # they hold each other
            for name, value in chosen.items():
                recipe = recipe.replace(f"$({name})", value)
        return recipe

    return {name: (told, whole(recipe)) for name, told, recipe in _TARGET.findall(makefile)}


def takes(recipe: str) -> list[str]:
    """The variables that a recipe reads from the command line, in their order."""
    found = [name for name in _ASKS_FOR.findall(recipe) if name not in _INSIDE]
    return list(dict.fromkeys(found))


def parser_of(module: str, name: str = "main") -> argparse.ArgumentParser:
    """The parser that a command makes, caught before it reads anything; of one without options what its docstring says."""
    source = import_module(module)
    if "parse_args" not in inspect.getsource(source):
        return argparse.ArgumentParser(description=source.__doc__)

    def caught(self: argparse.ArgumentParser, *_: Any, **__: Any) -> NoReturn:
        raise _Caught(self)

    with patch.object(argparse.ArgumentParser, "parse_args", caught):
        try:
            getattr(source, name)([])
        except _Caught as found:
            return found.parser
    raise LookupError(f"{module}:{name} read no options")


def commands_page(root: Path) -> str:
    """Markdown. Same code, same page."""
    offered = targets((root / "Makefile").read_text("utf-8"))
    called: dict[str, list[str]] = {}
    for target, (_, recipe) in offered.items():
        for command in re.findall(r"python -m local ([a-z-]+)", recipe):
            called.setdefault(command, []).append(f"make {target}")
    lines = [
        "# Commands",
        "",
        "`make` alone prints the first table. What a command takes is given behind it:",
        "`make status ENV=cafe`. Where one takes `OPTIONS`, any",
        'option of its second table may stand there: `make status OPTIONS="--json"`.',
        "",
        *table(
            ("command", "what it does", "takes"),
            ((f"`make {name}`", told, code(takes(recipe))) for name, (told, recipe) in offered.items()),
        ),
        "## Options",
        "",
        "Each of these is also there without make, once `make run` or `make test` has made the environment: `.venv/bin/python -m local …`.",
        "",
    ]
    for command, where in _COMMANDS.items():
        module, _, name = where.partition(":")
        lines += _section(f"python -m local {command}", parser_of(module, name or "main"), called.get(command, []))
    lines += _section("python -m local.generate", parser_of("local.generate"), [])
    return "\n".join(lines)


def _section(title: str, parser: argparse.ArgumentParser, called: list[str]) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    yield words(parser.description)
    if called:
        yield ""
        yield f"By make: {code(called)}."
    yield ""
    rows = [
        _option(one) for one in parser._actions if one.help != argparse.SUPPRESS and "--help" not in one.option_strings
    ]
    if rows:
        yield from table(("option", "what it does"), rows)


def _option(action: argparse.Action) -> tuple[str, str]:
    value = ""
    if action.nargs != 0 and action.option_strings:
        choices = "|".join(str(one) for one in action.choices or ())
        value = " " + (str(action.metavar or "") or choices or action.dest.upper())
    named = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    return f"`{named}{value}`", words((action.help or "") % vars(action))
