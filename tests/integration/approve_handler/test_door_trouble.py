"""Tables that are throttled, a bus that is down, packages that cannot be read: a plain page, nothing approved by accident, none lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import botocore.client
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from door_desk import Visitor, package, status, token
from moto_mesh import POSTS_BUCKET, MotoMesh

from approve_handler.handler import wire
from mesh.approvals import Action
from mesh.errors import Throttled
from mesh.ledger import Act


@pytest.fixture
def failing(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """``with failing("GetObject"):`` these operations are refused; with ``after`` they take effect first."""
    Visitor().open("/x")  # the clients are made before
    original = botocore.client.BaseClient._make_api_call

    def context(*operations: str, error: Exception | None = None, after: bool = False) -> Any:
        refusal = error or ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, operations[0])

        def call(client: Any, operation: str, request: dict[str, Any]) -> Any:
            if operation in operations:
                if after:
                    original(client, operation, request)
                raise refusal
            return original(client, operation, request)

        patch = pytest.MonkeyPatch.context()

        class Failing:
            def __enter__(self) -> None:
                patch.__enter__().setattr(botocore.client.BaseClient, "_make_api_call", call)

            def __exit__(self, *told: Any) -> None:
                patch.__exit__(*told)

        return Failing()

    return context


@pytest.mark.parametrize("operation", ["TransactWriteItems", "BatchGetItem", "GetObject"])
def test_what_aws_refuses_now_is_a_plain_page_and_the_press_is_made_again(
    mesh: MotoMesh, revision: str, failing: Callable[..., Any], operation: str
) -> None:
    with failing(operation):
        page = Visitor().post(token(revision))
    assert (page.status, page.title) == (503, "Not just now")
    assert "open the link again in a minute" in page.body
    assert status(mesh).approval is None
    assert Visitor().post(token(revision)).title == "Approved"


def test_an_approval_whose_answer_was_lost_stands_and_is_said_at_the_next_press(
    mesh: MotoMesh, revision: str, failing: Callable[..., Any]
) -> None:
    lost = EndpointConnectionError(endpoint_url="https://dynamodb.example")
    with failing("TransactWriteItems", error=lost, after=True):
        assert Visitor().post(token(revision)).status == 503
    assert status(mesh).approved
    assert Visitor().post(token(revision)).title == "Already decided"


def test_a_bus_that_is_down_loses_no_approval(mesh: MotoMesh, revision: str, failing: Callable[..., Any]) -> None:
    with failing("PutEvents"):
        assert Visitor().post(token(revision)).title == "Approved"
    assert status(mesh).approved


def test_a_fresh_card_that_the_bus_did_not_take_is_not_said_to_be_on_its_way(
    mesh: MotoMesh, revision: str, failing: Callable[..., Any]
) -> None:
    with failing("PutEvents"):
        assert Visitor().post(token(revision, Action.FRESH)).status == 503
        assert Visitor().post("/post/p_1").status == 503


def test_the_brake_needs_no_preview(mesh: MotoMesh, revision: str, failing: Callable[..., Any]) -> None:
    with failing("GetObject"):
        page = Visitor().open(token(revision, Action.HOLD))
        assert page.title == "Hold this post?"
        assert Visitor().press(page, "Hold this post").title == "On hold"
    assert status(mesh).held is not None


def test_a_package_that_is_damaged_is_never_approved(mesh: MotoMesh, revision: str) -> None:
    mesh.s3.put_object(Bucket=POSTS_BUCKET, Key=f"packages/p_1/{revision}/manifest.json", Body=b"{}")
    assert Visitor().open(token(revision)).title == "This cannot be shown"
    assert Visitor().post(token(revision)).title == "This cannot be shown"
    assert status(mesh).approval is None
    assert Visitor().open(f"{token(revision)}/image/{'0' * 64}").status == 404


def test_a_post_that_is_deleted_meanwhile_is_said_to_be_gone(mesh: MotoMesh, revision: str) -> None:
    page = Visitor().open(token(revision))
    mesh.dynamodb.delete_item(TableName=mesh.names.status, Key={"post_id": {"S": "p_1"}})
    assert Visitor().press(page, "Approve").title == "This post is gone"
    assert mesh.ledger.status("p_1") is None


def test_of_ten_posts_those_the_tables_did_not_take_are_named_and_the_others_stand(
    mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = tuple((f"p_{n}", package(mesh, "s1", f"Post {n}", f"p_{n}")) for n in range(3))
    original = type(mesh.ledger).change_status

    def change(ledger: Any, post_id: str, act: Act, *rest: Any, **named: Any) -> Any:
        if post_id == "p_1":
            raise Throttled("TransactWriteItems")
        return original(ledger, post_id, act, *rest, **named)

    with monkeypatch.context() as patch:
        patch.setattr(type(mesh.ledger), "change_status", change)
        page = Visitor().post(token("", posts=pairs))
    assert page.title == "2 of 3 approved"
    assert "could not be saved just now" in page.body
    assert Visitor().post(token("", posts=pairs)).title == "1 of 3 approved"


def test_a_hold_that_comes_between_the_look_and_the_press_is_seen(
    mesh: MotoMesh, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction finds another version than was read: it decides again, and the page is of what stands now."""
    desk = wire().desk
    find = type(desk).find

    def and_then_a_hold(self: Any, *given: Any, **named: Any) -> Any:
        found = find(self, *given, **named)
        monkeypatch.setattr(type(desk), "find", find)
        Visitor().post(token(revision, Action.HOLD, nonce="n-hold"))
        return found

    monkeypatch.setattr(type(desk), "find", and_then_a_hold)
    page = Visitor().post(token(revision))
    assert page.title == "Approve this post?"
    assert "Approving it lifts the hold" in page.body
    assert status(mesh).approval is None
