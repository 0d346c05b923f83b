"""Drive's search expressions (`q`): the part of the language that clients of this project use.

`'ID' in parents`, `name = 'x'`, `name contains 'x'`, `mimeType = 'x'`, `trashed = false`, `modifiedTime > '…'`, joined
by and, or, not and parentheses. Anything else is refused as Google refuses what it cannot read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from local.sheets.drive_file import DriveFile, timestamp
from local.sheets.wire import GoogleError, invalid

Test = Callable[[DriveFile], bool]

_TOKEN = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\(|\)|!=|<=|>=|=|<|>)|([A-Za-z]+))""")


def parse(text: str) -> Test:
    """GoogleError 400 for what is no query."""
    tokens = _tokens(text)
    test, position = _either(tokens, 0)
    if position != len(tokens):
        raise _refused()
    return test


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if not found:
            raise _refused()
        single, double, sign, word = found.groups()
        quoted = single if single is not None else double
        if quoted is not None:
            tokens.append(("text", re.sub(r"\\(.)", r"\1", quoted)))
        else:
            tokens.append(("sign", sign) if sign else ("word", word))
        position = found.end()
    return tokens


def _either(tokens: list[tuple[str, str]], position: int) -> tuple[Test, int]:
    first, position = _both(tokens, position)
    tests = [first]
    while _at(tokens, position) == ("word", "or"):
        test, position = _both(tokens, position + 1)
        tests.append(test)
    return (lambda file: any(test(file) for test in tests)), position


def _both(tokens: list[tuple[str, str]], position: int) -> tuple[Test, int]:
    first, position = _single(tokens, position)
    tests = [first]
    while _at(tokens, position) == ("word", "and"):
        test, position = _single(tokens, position + 1)
        tests.append(test)
    return (lambda file: all(test(file) for test in tests)), position


def _single(tokens: list[tuple[str, str]], position: int) -> tuple[Test, int]:
    token = _at(tokens, position)
    if token == ("word", "not"):
        test, position = _single(tokens, position + 1)
        return (lambda file: not test(file)), position
    if token == ("sign", "("):
        test, position = _either(tokens, position + 1)
        if _at(tokens, position) != ("sign", ")"):
            raise _refused()
        return test, position + 1
    left, operator, right = token, _at(tokens, position + 1), _at(tokens, position + 2)
    return _term(left, operator, right), position + 3


def _term(left: tuple[str, str], operator: tuple[str, str], right: tuple[str, str]) -> Test:
    sign, value = operator[1], right[1]
    match left[1] if left[0] == "word" else "":
        case "" if left[0] == "text" and right == ("word", "parents") and sign == "in":
            return lambda file: left[1] in file.parents
        case "name" if right[0] == "text" and sign in ("=", "!=", "contains"):
            return _text_test(lambda file: file.name, sign, value)
        case "mimeType" if right[0] == "text" and sign in ("=", "!=", "contains"):
            return _text_test(lambda file: file.mime_type, sign, value)
        case "trashed" if right[0] == "word" and value in ("true", "false") and sign in ("=", "!="):
            wanted = (value == "true") == (sign == "=")
            return lambda file: file.trashed == wanted
        case "modifiedTime" if right[0] == "text" and sign in ("<", "<=", "=", ">=", ">"):
            return _time_test(sign, value)
        case _:
            raise _refused()


def _text_test(read: Callable[[DriveFile], str], sign: str, value: str) -> Test:
    if sign == "contains":
        return lambda file: value.casefold() in read(file).casefold()
    return lambda file: (read(file) == value) == (sign == "=")


def _time_test(sign: str, value: str) -> Test:
    moment = value if value.endswith("Z") else value.partition("+")[0] + "Z"
    return lambda file: {
        "<": timestamp(file.modified_at) < moment,
        "<=": timestamp(file.modified_at) <= moment,
        "=": timestamp(file.modified_at) == moment,
        ">=": timestamp(file.modified_at) >= moment,
        ">": timestamp(file.modified_at) > moment,
    }[sign]


def _at(tokens: list[tuple[str, str]], position: int) -> tuple[str, str]:
    return tokens[position] if position < len(tokens) else ("end", "")


def _refused() -> GoogleError:
    return invalid("Invalid Value", reason="invalid")
