"""What a post's life reads like, and that every action which the code can write has a sentence."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.operator.history import no_such_post, printed
from local.operator.sentences import FAMILIES, SENTENCES
from local.operator.telling import known, told
from mesh.cards.model import REASONS
from mesh.ledger.items import Says

ROOT = Path(__file__).resolve().parents[4]
BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2027, 3, 25, 16, 58, tzinfo=UTC)
Row = dict[str, Any]


# every action that the code can write


def written_actions() -> set[str]:
    """Out of the source of the functions, the doors and the restores: whatever is given as ``action`` to an Act, or to what makes one.

    "asked: *" for a family.
    """
    found: set[str] = set()
    doors = ROOT / "layers/mesh/python/mesh/door"
    restores = ROOT / "local/backup/restoring.py"
    for path in sorted([*(ROOT / "functions").glob("*/*.py"), *doors.glob("*.py"), restores]):
        found |= set(_actions(ast.parse(path.read_text("utf-8"))))
    return found


_TAKERS = {
    "Act": 0,
    "Record": 0,
    "act": -1,
    "_act": 0,
    "acted": 0,
}  # ``ports.act(event, action)``, ``self._act(action, now)``


def _actions(tree: ast.Module) -> Iterator[str]:
    takers = dict(_TAKERS)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [one.arg for one in node.args.args if one.arg != "self"]
            if "action" in names and _annotated_as_text(node):
                takers[node.name] = names.index("action")
            for one, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
                if one.arg == "action" and default is not None:
                    yield from _values(default, tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        for keyword in node.keywords:
            if keyword.arg == "action" and name != "Token":
                yield from _values(keyword.value, tree)
        if name in takers and node.args and len(node.args) > max(takers[name], 0):
            yield from _values(node.args[takers[name]], tree)


def _annotated_as_text(node: ast.FunctionDef) -> bool:
    return any(
        one.arg == "action" and isinstance(one.annotation, ast.Name) and one.annotation.id == "str"
        for one in node.args.args
    )


def _values(node: ast.expr, tree: ast.Module) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.IfExp):
        yield from _values(node.body, tree)
        yield from _values(node.orelse, tree)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        yield from _mapped(node.value.id, tree)
    elif isinstance(node, ast.Name):
        assigned = [one.value for one in ast.walk(tree) if isinstance(one, ast.Assign) and _assigns(one, node.id)]
        if not assigned and node.id != "action":
            raise AssertionError(f"line {node.lineno}: nobody can tell what {node.id} is; name the action there")
        for value in assigned:
            yield from _values(value, tree)
    elif not (isinstance(node, ast.Attribute) and node.attr == "action"):  # handed on from a Record or an Act
        raise AssertionError(f"line {node.lineno}: an action that cannot be read off the source")


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _mapped(name: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _assigns(node, name) and isinstance(node.value, ast.Dict):
            for value in node.value.values:
                yield from _values(value, tree)


def expanded(actions: set[str]) -> set[str]:
    """Families with each of their members."""
    members = {"asked: *": REASONS, "answered: *": [*Says], "package *": ["ready", "problems"]}
    found = {action for action in actions if "*" not in action}
    for family in actions - found:
        found |= {family.replace("*", str(member)) for member in members[family]}
    return found


def test_every_action_that_the_code_can_write_has_a_sentence_and_no_sentence_is_left_over() -> None:
    actions = expanded(written_actions())
    assert len(actions) > 40
    assert [action for action in sorted(actions) if not known(action)] == []
    assert set(SENTENCES) - actions == set()
    assert {action.partition(": ")[0] for action in actions if ": " in action} == set(FAMILIES)


# a life


def row(minutes: int, action: str, before: Row, after: Row, by: str = "scheduler", number: int = 1, **more: Any) -> Row:
    ts = (START + timedelta(minutes=minutes)).isoformat()
    seq = f"{ts}#{number:06d}"
    return {
        "subject": "p_1",
        "seq": seq,
        "ts": ts,
        "action": action,
        "by_user": by,
        "before": before,
        "after": after,
        **more,
    }


def sentence(action: str, before: Row | None = None, after: Row | None = None, **more: Any) -> str:
    (line,) = told([row(0, action, before or {}, after or {}, **more)], BERLIN)
    return line.sentence


CHANNEL = "p_1#bluesky-main"
PLANNED = "2027-03-27T08:00:00+00:00"


def test_a_life_reads_from_the_row_to_the_receipt() -> None:
    package = {"source_revision": "s", "revision": "r" * 64, "problems": []}
    approval = {"revision": "r" * 64, "by": "Ada", "how": "mail"}
    rows = [
        row(
            6 * 60,
            "published",
            {},
            {"state": "sent", "posted_url": "https://bsky.example/1"},
            "sender",
            subject=CHANNEL,
        ),
        row(-1, "the row changed", {}, {"due_at": PLANNED, "channels": ["bluesky-main"], "state": "draft"}),
        row(0, "package ready", {}, {"package": package}, "renderer"),
        row(11, "asked: new", {}, {"asked": {"revision": "r" * 64, "goes_at": PLANNED}}),
        row(12, "card sent", {}, {"card": {"round_id": "x", "sent_at": "…", "sent_to": 2}}, "notifier"),
        row(24 * 60 + 66, "approved", {}, {"approval": approval}, "Ada", how="mail", revision="r" * 64),
    ]
    lines = printed(told(rows, BERLIN), BERLIN)
    assert lines == [
        "Thursday 25 March, 17:57 - It appeared in the sheet, planned for Saturday 27 March, 09:00, on bluesky-main",
        "Thursday 25 March, 17:58 - Its preview was made (the version of 17:58)",
        "Thursday 25 March, 18:09 - A card about it was asked for, about the version of 17:58; it would go out on Saturday 27 March, 09:00",
        "Thursday 25 March, 18:10 - The card was sent to 2 people",
        "Thursday 25 March, 23:58 - bluesky-main: posted, https://bsky.example/1",
        "Friday 26 March, 19:04 - Ada approved it from a mail (exactly the version of Thursday 25 March, 17:58)",
        "6 entries; times are Berlin time.",
    ]


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("mail", "Ada put it on hold from a mail"),
        ("device", "Ada put it on hold on a device that acts at once"),
        ("slack", "Ada put it on hold in Slack"),
        ("sheet", "Ada put it on hold in the sheet"),
        ("pigeon", "Ada put it on hold by pigeon"),
        ("", "Ada put it on hold"),
    ],
)
def test_a_decision_says_by_which_way_it_came(how: str, says: str) -> None:
    assert sentence("held", {}, {"held": {"by": "Ada"}}, by="Ada", how=how) == says


@pytest.mark.parametrize(
    ("action", "before", "after", "says"),
    [
        (
            "the row changed",
            {"due_at": PLANNED, "source_revision": "a"},
            {"due_at": "2027-03-27T10:00:00+00:00", "source_revision": "b"},
            "The row was edited: it was moved from Saturday 27 March, 09:00 to Saturday 27 March, 11:00",
        ),
        (
            "the row changed",
            {"channels": ["a", "b"], "source_revision": "a"},
            {"channels": ["a"], "source_revision": "b"},
            "The row was edited: it goes to a (before: a, b)",
        ),
        (
            "the row changed",
            {"source_revision": "a"},
            {"source_revision": "b"},
            "The row was edited: its words, its pictures or what belongs to them were changed",
        ),
        ("the row changed", {"gone_at": PLANNED, "state": "gone"}, {"state": "draft"}, "Its row is back in the sheet"),
        (
            "package problems",
            {},
            {"package": {"problems": [{"code": "too-long", "channel": "x-main", "message": "secret words"}]}},
            "It cannot go out as it is; to be mended: too long on x-main",
        ),
        ("asked: reminder", {}, {"asked": {}}, "Nobody had answered: a reminder was asked for"),
        ("asked: whim", {}, {"asked": {}}, "A card was asked for (whim)"),
        (
            "answered: not-there",
            {},
            {"answers": [{"channel": "x-main", "says": "not-there"}]},
            "scheduler looked on x-main and answered: it is not there",
        ),
        (
            "card refused",
            {},
            {"card": {"error": "ada@example.test: full"}},
            "The card could not be delivered: ada@example.test: full",
        ),
        (
            "waits for its card",
            {},
            {"asks_at": PLANNED},
            "Its card waits for the others until Saturday 27 March, 09:00",
        ),
    ],
)
def test_what_was_before_and_after_is_told(action: str, before: Row, after: Row, says: str) -> None:
    assert sentence(action, before, after) == says


def test_an_action_of_a_later_version_is_told_by_its_name_and_what_it_changed() -> None:
    said = sentence("polished", {"shine": "secret"}, {"shine": "more secret", "wax": 1}, subject=CHANNEL)
    assert said == "bluesky-main: “polished” by scheduler; changed: shine, wax"
    assert sentence("polished: twice") == "“polished: twice” by scheduler"


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text(max_size=8) | st.sampled_from([PLANNED, "2027"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from(
    [
        "package",
        "asked",
        "card",
        "approval",
        "booking",
        "answers",
        "due_at",
        "channels",
        "row_problems",
        "state",
        "next_at",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    action=st.sampled_from([*SENTENCES, "asked: new", "answered: found"]) | st.text(max_size=10),
    before=st.dictionaries(_NAMES, _VALUES, min_size=4) | _VALUES,
    after=st.dictionaries(_NAMES, _VALUES, min_size=4) | _VALUES,
    ts=st.sampled_from([PLANNED, "", "yesterday", "2027-03-27T08:00:00"]),
)
def test_no_row_is_too_strange_to_be_told(action: str, before: Any, after: Any, ts: str) -> None:
    (line,) = told(
        [{"subject": "p_1", "seq": "x", "ts": ts, "action": action, "before": before, "after": after}], BERLIN
    )
    assert line.sentence
    assert "\n" not in line.sentence


def test_words_of_a_post_are_never_told() -> None:
    words = "Die Torte ist fertig"
    wanted = {"text": words, "by": "template", "note": words}
    problems = [{"code": "too-long", "message": words}]
    for action in [*SENTENCES, "asked: new", "answered: found", "later: thing"]:
        after = {"wanted": wanted, "row_problems": problems, "package": {"problems": problems, "remarks": problems}}
        assert words not in sentence(action, {"wanted": wanted}, after)


def test_housekeeping_is_counted_and_shown_when_asked_for() -> None:
    lines = told([row(0, "derived", {}, {"state": "sent"}), row(1, "flag cleared", {}, {})], BERLIN)
    assert len(printed(lines, BERLIN)) == 2
    assert "1 of them are housekeeping" in printed(lines, BERLIN)[-1]
    assert len(printed(lines, BERLIN, every=True)) == 3


@pytest.mark.parametrize(
    ("wanted", "there", "says"),
    [
        ("p_7k2m9qf4xx", [], "There are no posts yet in ss."),
        (
            "p_7k2m9qf4xx",
            ["p_7k2m9qf4xy", "p_other"],
            "There is no post p_7k2m9qf4xx in ss; did you mean p_7k2m9qf4xy?",
        ),
        ("p_7k2m9qf4xx", ["q_aaaaaaaaaa"], "There is no post p_7k2m9qf4xx in ss."),
        (
            "Friday cake",
            ["p_7k2m9qf4xy"],
            "“Friday cake” is no post's id; it begins with p_ and stands in the sheet's column post_id.",
        ),
    ],
)
def test_a_post_that_is_not_there_is_answered_in_a_sentence(wanted: str, there: list[str], says: str) -> None:
    assert no_such_post(wanted, there, "ss") == says


def test_one_question_and_many_looks_are_told_as_one_question_and_one_line_of_looks() -> None:
    def look(hours: int, action: str, **after: object) -> Row:
        at = (START + timedelta(hours=hours)).isoformat()
        return {"subject": "p_1#x-main", "ts#seq": f"{at}#{hours:06}", "ts": at, "action": action, "after": after}

    rows = [
        look(0, "look again", detail="X was not reached."),
        look(1, "ask", asked_at="2027-03-25T17:58:00+00:00", detail="X does not list it."),
        *(look(hours, "ask", next_at="later") for hours in (2, 4, 8)),
    ]
    lines = told(rows, BERLIN)
    shown = printed(lines, BERLIN)
    assert [line.partition(" - ")[2] for line in shown[:-1]] == [
        "x-main: looked, and still cannot tell (X was not reached)",
        "x-main: looked, and still cannot tell: you were asked whether it is there (X does not list it)",
        "x-main: looked again, and still cannot tell; you were asked already; so 2 times more, last on Friday 26 March, 01:58",
    ]
    assert sum("you were asked whether" in line for line in shown) == 1
    assert len(printed(lines, BERLIN, every=True)) == len(rows) + 1
    held = {"subject": "p_1", "ts": (START + timedelta(hours=3)).isoformat(), "action": "held", "by_user": "ada"}
    between = printed(told([*rows, held], BERLIN), BERLIN)
    assert sum("you were asked already" in line for line in between) == 2, "what came between stays between"
