"""A feed that gathers the edits of three minutes, as Google's does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import httpx
from hypothesis import given
from hypothesis import strategies as st
from sheets_server import Api, Server

from local.sheets.feed import Feed

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def edit(feed, seconds, file_id="sheet", version=1):
    feed.edited(file_id, at(seconds), version, NOON)


def test_edits_of_three_minutes_are_one_change_at_their_end():
    feed = Feed()
    feed.gather(180)
    for second in (0, 10, 170):
        edit(feed, second)
    assert feed.settle(at(179)) == []
    assert feed.after(0) == []
    assert feed.settle(at(180)) == ["sheet"]
    assert feed.after(0) == [(1, "sheet")]


def test_an_edit_after_the_end_is_the_next_change_also_when_nobody_asked_in_between():
    feed = Feed()
    feed.gather(180)
    edit(feed, 0)
    edit(feed, 200)
    assert feed.after(0) == [(1, "sheet")]
    feed.settle(at(380))
    assert feed.after(1) == [(2, "sheet")]


def test_what_shows_at_once_takes_along_what_was_held():
    feed = Feed()
    feed.gather(180)
    edit(feed, 0)
    feed.told("sheet")
    assert (feed.after(0), feed.settle(at(500))) == ([(1, "sheet")], [])


def test_switched_off_it_holds_nothing_back():
    feed = Feed()
    feed.gather(180)
    edit(feed, 0)
    feed.gather(0)
    edit(feed, 1, "doc")
    assert feed.after(0) == [(1, "sheet"), (2, "doc")]


@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from("ab"), st.booleans()), max_size=30))
def test_who_keeps_the_token_sees_the_last_state_of_every_file_in_the_end(steps):
    feed, version, shown, token, now = Feed(), {"a": 0, "b": 0}, {"a": 0, "b": 0}, 0, 0
    feed.gather(180)

    def look():
        feed.settle(at(now))
        for place, file_id in feed.after(token):
            shown[file_id] = version[file_id] if file_id not in feed.held else feed.held[file_id].version
            assert place > token
        return feed.sequence

    for pause, file_id, looks in steps:
        now += pause
        edit(feed, now, file_id, version[file_id])
        version[file_id] += 1
        if looks:
            token = look()
    now += 180
    look()
    assert shown == version


def test_drive_shows_version_and_time_of_before_until_the_window_ends(owner, api):
    def seen():
        return api.get(f"/drive/v3/files/{api.sheet_id}", fields="version,modifiedTime")

    before = seen()
    token = api.get("/drive/v3/changes/startPageToken")["startPageToken"]
    owner.post("/owner/feed", json={"coalesce_seconds": 180}).raise_for_status()
    for text in ("one", "two"):
        owner.post("/owner/rows", json={"rows": [{"text": text}]}).raise_for_status()
    assert seen() == before
    assert api.get("/drive/v3/changes", pageToken=token)["changes"] == []
    assert api.values("Posts!D2:D3") == [["one"], ["two"]]
    assert owner.get("/owner/feed").json() == {"coalesce_seconds": 180, "gathering": [api.sheet_id]}

    owner.post("/owner/feed", json={"coalesce_seconds": 0}).raise_for_status()
    (change,) = api.get("/drive/v3/changes", pageToken=token, fields="*")["changes"]
    assert int(change["file"]["version"]) == int(before["version"]) + 2
    assert change["file"]["modifiedTime"] > before["modifiedTime"]


def test_an_image_shows_at_once_also_while_edits_are_gathered(owner, api):
    owner.post("/owner/feed", json={"coalesce_seconds": 180}).raise_for_status()
    token = api.get("/drive/v3/changes/startPageToken")["startPageToken"]
    owner.put("/owner/files/cup.png", content=b"one").raise_for_status()
    owner.put("/owner/rules", content=b"Time zone: Europe/Berlin\n").raise_for_status()
    names = [change["file"]["name"] for change in api.get("/drive/v3/changes", pageToken=token)["changes"]]
    assert names == ["cup.png"]


def test_the_window_ends_by_the_stacks_clock_and_outlives_a_restart(tmp_path, witness, monkeypatch):
    clock = tmp_path / "clock.json"
    clock.write_text('{"offset_seconds": 0}')
    monkeypatch.setenv("MESH_CLOCK_FILE", str(clock))
    first = Server(tmp_path / "state", "--coalesce-seconds", "180")
    api = Api(first, witness, "drive.readonly")
    token = api.get("/drive/v3/changes/startPageToken")["startPageToken"]
    api.http.close()
    httpx.post(f"{first.url}/owner/rows", json={"rows": [{"text": "x"}]}).raise_for_status()
    first.stop()
    second = Server(tmp_path / "state", "--coalesce-seconds", "180")
    api = Api(second, witness, "drive.readonly")
    try:
        assert api.get("/drive/v3/changes", pageToken=token)["changes"] == []
        clock.write_text(json.dumps({"offset_seconds": 181}))
        (change,) = api.get("/drive/v3/changes", pageToken=token)["changes"]
        assert change["fileId"] == api.sheet_id
    finally:
        api.http.close()
        second.stop()
