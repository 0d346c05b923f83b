"""What the owner reads of an error is a sentence: no class's name, no number, no word of the protocol. Those are for the log."""

from __future__ import annotations

import ast
import inspect
import re
import ssl
from pathlib import Path

import httpx
import pytest

from networks import outcomes
from networks.http import Answer, LineTrouble, ask

ROOT = Path(__file__).parents[2]
JARGON = re.compile(r"[A-Z]\w*(?:Error|Exception|Timeout|Protocol)|errno|HTTP|\b[1-5]\d\d\b|[a-z][A-Z]|\bNone\b")
ASKED_FOR = {httpx.HTTPStatusError, httpx.CookieConflict}  # raised by calls that nothing here makes
CLIENTS = sorted(
    {
        kind
        for kind in vars(httpx).values()
        if inspect.isclass(kind) and issubclass(kind, Exception) and kind not in ASKED_FOR
    },
    key=lambda kind: kind.__name__,
)
OTHERS: list[type[Exception]] = [OSError, ConnectionResetError, BrokenPipeError, ssl.SSLError, ValueError]

# Where an error's name goes that is neither raised nor a log line's own: into a log line, or into an error, one step further.
FOR_THE_LOG = {
    "functions/recap/writing.py:_said",
    "functions/approve_handler/drafts.py:press",
    "functions/approve_handler/plan_pages.py:_press",
    "functions/drive_sync/writer.py:_translated",
    "functions/scheduler/carrying.py:__init__",
    "layers/mesh/python/mesh/bus.py:_put",
    "layers/mesh/python/mesh/converse/model.py:_line_trouble",
}


def raised(kind: type[Exception]) -> Exception:
    """One of that class: some of httpx's want no words, or more than words."""
    for arguments in ((f"{kind.__name__} [Errno 104] HTTP/1.1 502",), ()):
        try:
            return kind(*arguments)
        except TypeError:
            continue
    raise AssertionError(f"{kind} cannot be made")


@pytest.mark.parametrize("kind", [*CLIENTS, *OTHERS], ids=lambda kind: kind.__name__)
def test_every_error_of_the_line_is_told_in_plain_words(kind: type[Exception]) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise raised(kind)

    http = httpx.Client(transport=httpx.MockTransport(broken))
    with http, pytest.raises(LineTrouble) as caught:
        ask(http, "POST", "https://network.example/posts", timeout_seconds=1)
    trouble = caught.value
    assert trouble.kind == kind.__name__, "the log names it"
    for detail in (outcomes.line_lost("LinkedIn", trouble).detail, outcomes.not_asked("LinkedIn", trouble).detail):
        assert not JARGON.search(detail.replace("LinkedIn", "")), detail
    assert outcomes.line_lost("LinkedIn", trouble).kind == kind.__name__


@pytest.mark.parametrize("status", [200, 201, 302, 400, 404, 409, 422, 500, 502, 503, 504, 599])
def test_an_answer_that_nobody_mapped_is_told_without_its_number(status: int) -> None:
    outcome = outcomes.unmapped("LinkedIn", Answer(status, httpx.Headers(), b""), "InternalServerError")
    assert not JARGON.search(outcome.detail.replace("LinkedIn", "")), outcome.detail
    assert outcome.kind == f"{status} InternalServerError"


def test_an_errors_name_goes_into_another_error_or_into_the_log_and_nowhere_else() -> None:
    astray = {
        f"{path.relative_to(ROOT)}:{name}"
        for folder in ("functions", "layers/mesh", "layers/networks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in _names_astray(ast.parse(path.read_text()))
    }
    assert astray == FOR_THE_LOG


def test_the_sender_tells_nobody_the_words_of_an_error() -> None:
    """They name secrets and stored bytes. ``sender/plainly.py`` says them to the log, and to the owner what to do."""
    astray = {
        f"{path.name}:{ast.unparse(handler.type) if handler.type else ''}"
        for path in sorted((ROOT / "functions/sender").glob("*.py"))
        for handler in ast.walk(ast.parse(path.read_text()))
        if isinstance(handler, ast.ExceptHandler) and handler.name and _tells(handler, handler.name)
    }
    assert astray == {"gate.py:AmbiguousRow"}, "a doubt, which is raised and told to nobody"


def _tells(handler: ast.AST, name: str) -> bool:
    """Whether the caught error becomes text (``str(error)``, ``f"{error}"``) outside of a ``raise`` and of ``log.line(…)``."""
    for child in ast.iter_child_nodes(handler):
        if isinstance(child, ast.Raise) or (isinstance(child, ast.Call) and ast.unparse(child.func) == "log.line"):
            continue
        if isinstance(child, ast.FormattedValue) and ast.unparse(child.value) == name:
            return True
        if isinstance(child, ast.Call) and ast.unparse(child) == f"str({name})":
            return True
        if _tells(child, name):
            return True
    return False


def _names_astray(module: ast.Module) -> set[str]:
    """The functions that use ``type(…).__name__`` outside of a ``raise``, of ``log.line(…)`` and of ``kind=``."""
    found: set[str] = set()

    def walk(node: ast.AST, function: str) -> None:
        if isinstance(node, ast.Raise) or (isinstance(node, ast.keyword) and node.arg == "kind"):
            return
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "log.line":
            return
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            function = node.name
        if isinstance(node, ast.Attribute) and node.attr == "__name__" and "type(" in ast.unparse(node.value):
            found.add(function)
        for child in ast.iter_child_nodes(node):
            walk(child, function)

    walk(module, "")
    return found
