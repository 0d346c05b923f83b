"""Formulas as far as this server goes: arithmetic on constants, and HYPERLINK. Anything else shows `#NAME?`."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable

Result = float | int | str | bool

_HYPERLINK = re.compile(r'\s*HYPERLINK\(\s*"((?:[^"]|"")*)"\s*(?:[,;]\s*"((?:[^"]|"")*)"\s*)?\)\s*\Z', re.IGNORECASE)
_TEXT = re.compile(r'\s*"((?:[^"]|"")*)"\s*\Z')
_ARITHMETIC = re.compile(r"[0-9eE+\-*/(). ^]+\Z")
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}

UNKNOWN_NAME = "#NAME?"
DIVISION_BY_ZERO = "#DIV/0!"
SYNTAX = "#ERROR!"
ERROR_TYPES = {UNKNOWN_NAME: "NAME", DIVISION_BY_ZERO: "DIVIDE_BY_ZERO", SYNTAX: "ERROR"}


def result(formula: str) -> Result:
    """What the cell shows for a formula (with its `=`); one of ERROR_TYPES where it cannot be worked out."""
    body = formula[1:]
    link = _HYPERLINK.match(body)
    if link:
        return _unquoted(link[2] if link[2] is not None else link[1])
    text = _TEXT.match(body)
    if text:
        return _unquoted(text[1])
    if body.strip().upper() in ("TRUE", "FALSE", "TRUE()", "FALSE()"):
        return body.strip().upper().startswith("TRUE")
    if not _ARITHMETIC.match(body) or "**" in body or "//" in body:
        return UNKNOWN_NAME
    try:
        return _whole(_calculated(ast.parse(body.strip(), mode="eval").body))
    except ZeroDivisionError:
        return DIVISION_BY_ZERO
    except (SyntaxError, ValueError, OverflowError, RecursionError):
        return SYNTAX


def link_of(formula: str) -> str | None:
    """The address of a HYPERLINK formula."""
    link = _HYPERLINK.match(formula[1:])
    return _unquoted(link[1]) if link else None


def _calculated(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_calculated(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _calculated(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_calculated(left), _calculated(right))
        case _:
            raise ValueError(ast.dump(node))


def _whole(value: float) -> float | int:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unquoted(text: str) -> str:
    return text.replace('""', '"')
