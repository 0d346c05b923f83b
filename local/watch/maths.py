"""CloudWatch's metric math, as far as ours goes; anything else is refused (docs.aws.amazon.com: using-metric-math).

Over one period: a metric without data there is None, and makes whatever is reckoned with it None, unless ``FILL`` says otherwise.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

from local.watch.model import Unsupported

Value = float | None
_SIGNS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_TESTS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


def names_in(expression: str) -> set[str]:
    """Of the metrics that it reckons with."""
    tree = _tree(expression)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}


def reckon(expression: str, values: Mapping[str, Value]) -> Value:
    """None for no data point, also where it would be a division by nothing."""
    return _value(_tree(expression), values)


def _tree(expression: str) -> ast.expr:
    try:
        return ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise Unsupported(f"the expression {expression}") from error


def _value(node: ast.expr, values: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _SIGNS:
            one, other = _value(left, values), _value(right, values)
            if one is None or other is None or (isinstance(sign, ast.Div) and other == 0):
                return None
            return _SIGNS[type(sign)](one, other)
        case ast.Compare(left=left, ops=[test], comparators=[right]) if type(test) in _TESTS:
            one, other = _value(left, values), _value(right, values)
            return None if one is None or other is None else float(_TESTS[type(test)](one, other))
        case ast.Call(func=ast.Name(id="FILL"), args=[what, otherwise]):
            found = _value(what, values)
            return _value(otherwise, values) if found is None else found
        case ast.Call(func=ast.Name(id="IF"), args=[test_, then, otherwise]):
            held = _value(test_, values)
            return None if held is None else _value(then if held else otherwise, values)
    raise Unsupported(f"the expression {ast.unparse(node)}")
