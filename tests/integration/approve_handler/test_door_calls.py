"""How many calls to AWS wait for each other: two for a page, three for a press, by the calls themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from door_desk import ADA, Page, Visitor, approval, enrolled, package, token, update
from moto_mesh import MotoMesh
from rounds import Rounds

from approve_handler.handler import wire
from mesh.approvals import Action
from mesh.side_by_side import in_threads, one_by_one


@pytest.fixture
def rounds(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Page]], list[str]]:
    """Which rounds of calls one visit took, in order."""
    desk = wire().desk

    def counted(visit: Callable[[], Page]) -> list[str]:
        runner = Rounds(mesh.calls)
        monkeypatch.setattr(desk, "together", runner)
        assert visit().status in {200, 410}
        return runner.close()

    return counted


Counted = Callable[[Callable[[], Page]], list[str]]
FIRST, LOOK = "BatchGetItem+GetObject", "BatchGetItem"


def test_a_page_takes_two_calls_one_after_the_other(mesh: MotoMesh, revision: str, rounds: Counted) -> None:
    visitor = Visitor()
    assert rounds(lambda: visitor.open(token(revision))) == [FIRST, LOOK]
    assert rounds(lambda: visitor.open(token(revision, Action.HOLD))) == [FIRST, LOOK]
    pairs = tuple((f"p_{n}", package(mesh, "s1", f"Post {n}", f"p_{n}")) for n in range(10))
    assert rounds(lambda: visitor.open(token("", posts=pairs))) == [FIRST, LOOK]
    assert rounds(lambda: visitor.open(token("", Action.HOLD_EVERYTHING, posts=()))) == [LOOK]
    package(mesh, "s2", "Edited")
    assert rounds(lambda: visitor.open(token(revision))) == [FIRST, FIRST]
    assert rounds(lambda: visitor.open(token(revision, expires_at=1))) == [LOOK, FIRST]
    assert rounds(lambda: visitor.open("/post/p_1")) == []


def test_a_press_takes_three(mesh: MotoMesh, revision: str, rounds: Counted) -> None:
    visitor = Visitor()
    wrote = ["TransactWriteItems", "PutEvents"]
    assert rounds(lambda: visitor.post(token(revision))) == [FIRST, *wrote]
    assert rounds(lambda: visitor.post(token(revision, Action.HOLD, nonce="n-2"))) == [LOOK, *wrote]
    assert rounds(lambda: visitor.post(token(revision, Action.RELEASE, nonce="n-3"))) == [LOOK, *wrote]
    assert rounds(lambda: visitor.post(token("", Action.HOLD_EVERYTHING, posts=()))) == [LOOK, *wrote]
    assert rounds(lambda: visitor.post(token("", Action.RELEASE_EVERYTHING, posts=()))) == [LOOK, *wrote]
    assert rounds(lambda: visitor.post(token("", Action.ENROL, posts=(), nonce="n-4"))) == [LOOK, wrote[0]]
    update(mesh, approval=None)
    assert rounds(lambda: visitor.post("/post/p_1")) == [LOOK, *wrote]
    assert rounds(lambda: visitor.post(token(revision, Action.FRESH))) == [LOOK, *wrote]


def test_approving_ten_posts_takes_three(mesh: MotoMesh, rounds: Counted) -> None:
    pairs = tuple((f"p_{n}", package(mesh, "s1", f"Post {n}", f"p_{n}")) for n in range(10))
    made = rounds(lambda: Visitor().post(token("", posts=pairs)))
    assert made == [FIRST, "TransactWriteItems", "PutEvents"]


def test_a_press_that_finds_it_decided_takes_two(mesh: MotoMesh, revision: str, rounds: Counted) -> None:
    update(mesh, approval=approval(revision))
    assert rounds(lambda: Visitor().post(token(revision))) == [FIRST, LOOK]


def test_a_device_that_acts_at_once_takes_no_more(mesh: MotoMesh, rounds: Counted) -> None:
    visitor = enrolled(mesh, ADA)
    revision = package(mesh, "s1", "Rolls")
    pages: list[Page] = []
    assert rounds(lambda: pages.append(visitor.open(token(revision))) or pages[0]) == [FIRST, LOOK]
    assert rounds(lambda: visitor.script(pages[0])) == [FIRST, "TransactWriteItems", "PutEvents"]
    assert rounds(lambda: visitor.open("/post/p_1")) == [LOOK, FIRST]


def test_calls_are_made_at_the_same_time_and_a_failure_waits_for_the_others() -> None:
    both = threading.Barrier(2, timeout=5)
    assert sorted(in_threads([both.wait, both.wait])) == [0, 1]
    done: list[int] = []

    def fails() -> None:
        raise ValueError("no")

    for runner in (in_threads, one_by_one):
        with pytest.raises(ValueError, match="no"):
            runner([fails, lambda: done.append(1)])
    assert done == [1, 1]
