"""gspread, as it comes from PyPI, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import gspread
import pytest
from google.oauth2 import service_account
from gspread.exceptions import APIError
from gspread.http_client import HTTPClient
from sheets_server import SCOPE, Credentials


@pytest.fixture
def client(server, witness, owner) -> Iterator[gspread.Client]:
    class LocalClient(HTTPClient):
        """Only the origin is another one; patching gspread.urls would come too late."""

        def request(self, method, endpoint, *args, **kwargs):
            for origin in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
                endpoint = endpoint.replace(origin, server.url)
            return super().request(method, endpoint, *args, **kwargs)

    scopes = [SCOPE + "spreadsheets", SCOPE + "drive.readonly"]
    credentials = Credentials.from_service_account_info(server.info, scopes=scopes)
    made = gspread.Client(auth=credentials, http_client=LocalClient)
    session = made.http_client.session

    def see(response, *_args, **_kwargs):
        request = response.request
        witness.saw(request.method, response.url, request.body, response.status_code, response.content)

    session.hooks["response"].append(see)
    made.set_timeout((3, 10))
    yield made
    session.close()
    credentials_session = getattr(session, "_auth_request_session", None)
    if credentials_session is not None:
        credentials_session.close()


@pytest.fixture
def tab(client, server):
    return client.open_by_key(server.ready["spreadsheet_id"]).worksheet("Posts")


def test_a_row_is_written_and_read_by_record(tab):
    tab.update([["p1", "Hello"]], "A2:B2", raw=True)
    assert tab.get_all_records()[0]["post_id"] == "p1"


def test_update_is_raw_and_update_acell_is_typed(tab):
    tab.update([["=1+1"]], "D2")
    tab.update_acell("D3", "=1+1")
    assert tab.get("D2:D3", value_render_option="UNFORMATTED_VALUE") == [["=1+1"], [2]]


def test_values_get_costs_one_call(client, server, owner):
    last = max((call["n"] for call in owner.get("/owner/calls").json()["calls"]), default=0)
    client.http_client.values_get(server.ready["spreadsheet_id"], "Posts")
    calls = owner.get("/owner/calls", params={"after": last}).json()["calls"]
    assert [call["path"].rpartition("/")[2] for call in calls if call["method"] == "GET"] == ["Posts"]


def test_rows_are_inserted_deleted_sorted_and_searched(tab):
    tab.insert_rows([["b"], ["a"]], 2)
    tab.append_row(["c"], table_range="A1")
    tab.sort((1, "asc"), range="A2:L4")
    assert tab.col_values(1) == ["post_id", "a", "b", "c"]
    tab.delete_rows(3)
    assert [cell.value for cell in tab.findall("c", in_column=1)] == ["c"]


def test_setting_up_a_sheet_works(tab):
    tab.freeze(rows=1)
    tab.format("A1:L1", {"textFormat": {"bold": True}})
    tab.add_validation("I2:I10", gspread.utils.ValidationConditionType.boolean, [], strict=True)
    tab.add_protected_range("A1:A10", warning_only=True, editor_users_emails=[])
    tab.columns_auto_resize(0, 3)
    assert tab.frozen_row_count == 1


def test_a_refusal_is_gspreads_own_error(tab, owner):
    owner.post("/owner/faults", json={"match": "/values/", "status": 429}).raise_for_status()
    with pytest.raises(APIError) as refused:
        tab.get("A1")
    assert refused.value.code == 429


def test_the_hook_that_stops_google_auths_background_thread_is_still_there():
    hook = "_is_regional_access_boundary_lookup_required"
    assert any(hook in vars(parent) for parent in service_account.Credentials.__mro__)
