"""Drive as drive-sync and the sender use it: what changed, the folder, bytes and documents."""

from __future__ import annotations

import hashlib

import httpx
import pytest

FIELDS = (
    "newStartPageToken,nextPageToken,"
    "changes(fileId,removed,file(id,name,mimeType,version,modifiedTime,md5Checksum,parents,trashed))"
)


def changes(api, token, **query):
    return api.get("/drive/v3/changes", pageToken=token, pageSize=query.pop("page_size", 1000), fields=FIELDS)


def start(api):
    return api.get("/drive/v3/changes/startPageToken")["startPageToken"]


def test_nothing_changed_is_one_call_with_an_empty_list_and_the_same_token(api):
    token = start(api)
    assert changes(api, token) == {"newStartPageToken": token, "changes": []}


def test_the_owners_edit_and_the_apis_write_both_show_as_a_new_version_of_the_sheet(api, owner):
    token = start(api)
    owner.post("/owner/cell", json={"row": 0, "column": "text", "value": "Hello"}).raise_for_status()
    first = changes(api, token)
    api.put("Posts!K2", [["Waiting"]])
    second = changes(api, first["newStartPageToken"])
    assert [change["fileId"] for change in first["changes"] + second["changes"]] == [api.sheet_id, api.sheet_id]
    versions = [int(feed["changes"][0]["file"]["version"]) for feed in (first, second)]
    assert versions[1] == versions[0] + 1
    assert "md5Checksum" not in first["changes"][0]["file"]


def test_an_uploaded_replaced_and_deleted_image_shows_each_time(api, owner):
    token = start(api)
    first = owner.put("/owner/files/cup.png", content=b"one").json()
    second = owner.put("/owner/files/cup.png", content=b"two").json()
    assert second["id"] == first["id"]
    (change,) = changes(api, token)["changes"]
    assert change["file"]["md5Checksum"] == hashlib.md5(b"two", usedforsecurity=False).hexdigest()
    assert change["file"]["parents"] == [api.folder_id]
    owner.delete("/owner/files/cup.png").raise_for_status()
    (change,) = changes(api, token)["changes"]
    assert change == {"fileId": first["id"], "removed": True}


def test_changes_come_in_pages_and_the_last_one_has_the_new_token(api, owner):
    token = start(api)
    for name in ("a.png", "b.png", "c.png"):
        owner.put(f"/owner/files/{name}", content=name.encode())
    seen = []
    while True:
        page = changes(api, token, page_size=2)
        seen += [change["file"]["name"] for change in page["changes"]]
        if "newStartPageToken" in page:
            assert "nextPageToken" not in page
            break
        token = page["nextPageToken"]
    assert seen == ["a.png", "b.png", "c.png"]


@pytest.mark.parametrize("token", ["", "x", "0", "99999999"])
def test_a_page_token_never_given_is_refused(api, token):
    response = api.http.get("/drive/v3/changes", params={"pageToken": token})
    assert response.status_code == 400


def test_the_folder_lists_its_files(api, owner):
    owner.put("/owner/files/cup.png", content=b"one")
    query = f"'{api.folder_id}' in parents and trashed = false"
    got = api.get("/drive/v3/files", q=query, fields="files(name,mimeType,md5Checksum,size)", pageSize=1000)
    kinds = {file["name"]: file["mimeType"].rpartition(".")[2] for file in got["files"]}
    assert kinds == {"Posts": "spreadsheet", "Rules": "document", "Voice": "document", "cup.png": "image/png"}
    images = api.get("/drive/v3/files", q=f"{query} and (mimeType contains 'image/' or name = 'Rules')")
    assert {file["name"] for file in images["files"]} == {"cup.png", "Rules"}


def test_a_query_it_cannot_read_is_refused(api):
    for query in ("name like 'x'", "name = ", "(trashed = false", "fullText contains 'x'"):
        response = api.http.get("/drive/v3/files", params={"q": query})
        assert response.status_code == 400, query
        assert response.json()["error"]["errors"][0]["domain"] == "global"


def test_the_list_comes_in_pages(api, owner):
    names = []
    token = ""
    while token is not None:
        got = api.get("/drive/v3/files", pageSize=2, orderBy="name", pageToken=token, fields="nextPageToken,files/name")
        names += [file["name"] for file in got["files"]]
        token = got.get("nextPageToken")
    assert names == ["Posts", "Rules", "Social posts", "Voice"]


def test_bytes_come_back_as_uploaded(api, owner):
    uploaded = owner.put("/owner/files/cup.png", content=b"\x89PNG\x00\xff").json()
    response = api.http.get(f"/drive/v3/files/{uploaded['id']}", params={"alt": "media"})
    assert (response.content, response.headers["content-type"]) == (b"\x89PNG\x00\xff", "image/png")


def test_a_document_exports_as_text_with_byte_order_mark_and_crlf(api, owner):
    owner.put("/owner/rules", content="Time zone: Europe/Berlin\nCafé\n".encode()).raise_for_status()
    rules_id = owner.get("/owner").json()["rules_id"]
    response = api.http.get(f"/drive/v3/files/{rules_id}/export", params={"mimeType": "text/plain"})
    assert response.content == b"\xef\xbb\xbf" + "Time zone: Europe/Berlin\r\nCafé\r\n".encode()
    assert owner.get("/owner/rules").text == "Time zone: Europe/Berlin\nCafé\n"


def test_documents_have_no_bytes_and_images_no_export(api, owner):
    rules_id = owner.get("/owner").json()["rules_id"]
    media = api.http.get(f"/drive/v3/files/{rules_id}", params={"alt": "media"})
    assert media.json()["error"]["errors"][0]["reason"] == "fileNotDownloadable"
    image = owner.put("/owner/files/cup.png", content=b"one").json()
    export = api.http.get(f"/drive/v3/files/{image['id']}/export", params={"mimeType": "text/plain"})
    assert export.json()["error"]["errors"][0]["reason"] == "fileNotExportable"


def test_an_unknown_file_is_not_found(api):
    response = api.http.get("/drive/v3/files/nowhere")
    assert response.status_code == 404
    assert response.json()["error"]["errors"][0]["reason"] == "notFound"


def test_the_sheet_is_shared_with_the_service_account_as_editor(api, owner):
    got = api.get(f"/drive/v3/files/{api.sheet_id}/permissions", fields="permissions(emailAddress,role)")
    email = owner.get("/owner").json()["service_account_email"]
    assert {"emailAddress": email, "role": "writer"} in got["permissions"]


def test_every_known_field_of_a_file_is_googles(api, owner):
    owner.put("/owner/files/cup.png", content=b"one")
    api.get("/drive/v3/files", fields="*")
    api.get("/drive/v3/changes", pageToken="1", fields="*")
    api.get(f"/drive/v3/files/{api.sheet_id}/permissions", fields="*")


def test_a_mask_that_is_no_mask_is_refused(api):
    with pytest.raises(httpx.HTTPStatusError):
        api.get("/drive/v3/files", fields="files(id")
