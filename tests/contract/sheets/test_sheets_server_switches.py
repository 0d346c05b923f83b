"""The console's switches for Google, at the sheet's server."""

from __future__ import annotations

import httpx
import pytest

from local.console.service_switches import service_groups
from local.console.switches import order_body

SWITCHES = {one.id: one for group in service_groups() for one in group.switches}


def turn(owner, switch, count=1):
    one = SWITCHES[switch]
    for order in one.orders:
        owner.post(order.path, json=order_body(order, count, one.name())).raise_for_status()
    return owner.get("/owner/orders").json()["orders"][-1]


@pytest.mark.parametrize(("switch", "status"), [("google-quota", 429), ("google-down", 503)])
def test_google_refuses_once_and_then_answers(server, owner, switch, status):
    order = turn(owner, switch)
    assert (order["name"], order["left"], order["where"]) == (f"console:{switch}", 1, "sheets")
    refused = httpx.get(f"{server.url}/drive/v3/changes/startPageToken")
    assert refused.status_code == status
    assert (refused.headers.get("retry-after") == "60") is (status == 429)
    assert httpx.get(f"{server.url}/drive/v3/changes/startPageToken").status_code == 401
    [used] = [one for one in owner.get("/owner/orders").json()["orders"] if one["id"] == order["id"]]
    assert (used["left"], used["taken"]) == (0, 1)


def test_google_hangs_until_it_is_taken_back(server, owner):
    order = turn(owner, "google-hangs", 0)
    assert order["left"] is None
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{server.url}/v4/spreadsheets/any", timeout=0.3)
    assert owner.delete(f"/owner/orders/{order['id']}").json() == {"removed": True}
    assert httpx.get(f"{server.url}/v4/spreadsheets/any").status_code == 401


def test_whether_the_sheet_is_shared_stands_beside_the_orders(owner):
    assert owner.get("/owner/orders").json()["role"] == "writer"
    owner.post("/owner/share", json={"role": None}).raise_for_status()
    assert owner.get("/owner/orders").json()["role"] is None


def test_nobody_orders_what_only_the_book_knows(owner):
    assert owner.post("/owner/faults", json={"match": ".", "status": 500, "taken": 3}).status_code == 400
