"""A warm invocation's remote side, answered from memory."""

from __future__ import annotations

from typing import Any

import boto3
import httpx
import pytest
from botocore.awsrequest import AWSResponse
from botocore.endpoint import Endpoint

from local.bench.own_cpu import Tick, figures
from local.bench.recording import recording, waves
from local.bench.replaying import _Raw, keeping, replaying
from mesh.side_by_side import in_threads


class Outside:
    """Whatever is asked of it is counted, and the answer says which it was."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        outside = self

        def send(_: Endpoint, request: Any) -> AWSResponse:
            outside.asked += 1
            body = f'{{"Item": {{"pk": {{"S": "{outside.asked}"}}}}}}'.encode()
            return AWSResponse(request.url, 200, {"content-type": "application/x-amz-json-1.0"}, _Raw(body))

        def carry(_: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            outside.asked += 1
            return httpx.Response(200, json={"number": outside.asked})

        monkeypatch.setattr(Endpoint, "_send", send)
        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", carry)
        account = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "ap-southeast-1"}
        self._tables = boto3.client("dynamodb", **account)
        self._http = httpx.Client(trust_env=False)

    def item(self) -> str:
        answer = self._tables.get_item(TableName="ss-runtime", Key={"pk": {"S": "a"}})
        return str(answer["Item"]["pk"]["S"])

    def number(self) -> int:
        return int(self._http.get("https://outside.example.test/a/number").json()["number"])

    def both(self) -> list[Any]:
        return in_threads([self.item, self.number])

    def handle(self) -> tuple[str, list[Any]]:
        return self.item(), self.both()


def test_what_was_answered_is_answered_again_turn_by_turn_and_nothing_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside(monkeypatch)
    with keeping() as kept:
        first = outside.handle()
    with replaying(kept):
        assert [outside.handle(), outside.handle()] == [first, first]
        kept.bare()
    assert (outside.asked, kept.count) == (3, 3)
    outside.handle()
    assert outside.asked == 6, "and afterwards as ever"


def test_calls_are_named_and_those_side_by_side_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside(monkeypatch)
    with keeping(), recording() as calls:
        outside.handle()
    assert waves(calls) == ["dynamodb.GetItem ss-runtime", "GET a/number + dynamodb.GetItem ss-runtime"]


def test_cpu_is_told_with_and_without_the_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = Outside(monkeypatch)
    with keeping() as kept:
        outside.handle()
    whole, own = figures("tick", "scheduler", outside.handle, kept, {"tick": "sweep"}, Tick)
    assert outside.asked == 3
    assert (whole.name, own.name) == ("CPU of a warm tick, its clients' too", "own CPU of a warm tick")
    assert whole.floor is not None
    assert own.floor is not None
    assert whole.value > own.value
    assert whole.floor > own.floor > 0
