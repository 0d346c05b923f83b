"""What goes wrong at Google, in the sheet's layout and with its rights: said once, in the owner's words, and healed by the next run."""

from __future__ import annotations

from datetime import timedelta

import pytest
from drive_sync_desk import RULES, Desk

import drive_sync.writer
import mesh.google
from drive_sync.state import SAID_AFTER, STATE_KEY, State
from mesh import clock
from mesh.errors import Throttled, Unreachable
from mesh.events import CalendarChanged, Trouble

DAY = (clock.now() + timedelta(days=3)).date().isoformat()
WRITE = "POST /v4/.*values:batchUpdate"
READ = "GET /v4/.*/values/"


def synced(desk: Desk, *texts: str) -> list[str]:
    desk.add(*({"text": text, "date": DAY} for text in texts))
    desk.settle()
    desk.mesh.entries.clear()
    return [desk.id_of(text) for text in texts]


def troubles(desk: Desk) -> list[Trouble]:
    return desk.mesh.events_of(Trouble)


def causes(desk: Desk) -> set[str]:
    return {trouble.cause.partition("#")[0] for trouble in troubles(desk)}


def later(desk: Desk, minutes: float) -> None:
    desk.mesh.turn_clock(clock.now() + timedelta(minutes=minutes))


# the layout


def test_a_renamed_tab_is_said_with_the_tabs_there_are_and_read_on_once_it_has_its_name_again(desk: Desk) -> None:
    (post_id,) = synced(desk, "one")
    desk.act("rename-tab", to="Plan 2027")

    desk.sync()
    desk.sync()

    assert {trouble.cause for trouble in troubles(desk)} == {troubles(desk)[0].cause}
    assert "no tab called “Posts”" in troubles(desk)[0].message
    assert "“Plan 2027”" in troubles(desk)[0].message
    desk.act("rename-tab", to="Posts")
    desk.add({"text": "two", "date": DAY})
    desk.settle()
    assert set(desk.mirrored()) == {post_id, desk.id_of("two")}


def test_a_deleted_id_column_loses_nothing_once_it_is_written_again(desk: Desk) -> None:
    ids = synced(desk, "one", "two")
    desk.google.owner.delete("/owner/columns/post_id").raise_for_status()

    desk.sync()
    later(desk, 5)
    desk.sync()

    assert "“post_id”" in troubles(desk)[0].message
    assert set(desk.mirrored()) == set(ids)
    desk.act("insert-column", at=4, name="Post_ID")
    desk.settle()
    assert [desk.row_of(text)["Post_ID"] for text in ("one", "two")] == ids
    assert desk.mesh.events_of(CalendarChanged) == []


@pytest.mark.parametrize("column", ["image", "alt text", "link"])
def test_a_renamed_column_of_the_posts_is_asked_about_and_empties_no_row(desk: Desk, column: str) -> None:
    (post_id,) = synced(desk, "one")
    desk.type(0, column, "https://cafe.example")
    desk.settle()
    desk.mesh.entries.clear()
    known = desk.mirrored()[post_id]
    desk.act("rename-column", column=column, to="what it was")

    desk.sync()

    assert f"“{column}” is gone, and “what it was” stands in its place" in troubles(desk)[0].message
    assert desk.mirrored()[post_id] == known
    desk.act("rename-column", column="what it was", to=column)
    desk.settle()
    assert desk.mesh.events_of(CalendarChanged) == []


def test_a_column_taken_out_on_purpose_stops_nothing(desk: Desk) -> None:
    synced(desk, "one")
    desk.google.owner.delete("/owner/columns/alt text").raise_for_status()
    desk.add({"text": "two", "date": DAY})
    desk.settle()
    assert troubles(desk) == []
    assert desk.id_of("two") in desk.mirrored()


def test_a_title_above_and_a_second_header_below_are_no_posts_that_stop_the_others(desk: Desk) -> None:
    synced(desk, "one")
    header = desk.google.owner.get("/owner/grid").json()["header"]
    desk.add({"date": "date", "time": "time", "text": "text", "channels": "channels"})
    desk.add({"text": "two", "date": DAY})
    desk.settle()
    assert troubles(desk) == []
    assert desk.id_of("two")
    assert desk.row_of("text")["post_id"]
    assert header[0] == "post_id"


def test_two_columns_of_one_name_are_said_and_the_first_one_counts(desk: Desk) -> None:
    synced(desk, "one")
    desk.act("insert-column", at=12, name="Text")
    desk.sync()
    assert causes(desk) == {"sheet-doubled"}
    assert "“text”" in troubles(desk)[0].message


def test_a_row_with_merged_cells_is_said_once_and_not_written_for_ever(desk: Desk) -> None:
    synced(desk, "one")
    desk.add({"text": "two", "date": DAY})
    desk.act("merge", row=0, column="post_id", rows=2, columns=1)
    for _ in range(6):
        desk.sync()
        later(desk, 5)
    told = [trouble for trouble in troubles(desk) if trouble.cause.startswith("row-refuses#")]
    assert len(told) == 1
    assert "Row 3" in told[0].message
    made = desk.calls_made
    desk.sync()
    assert desk.calls_made == made + 1
    desk.add({"text": "three", "date": DAY})
    desk.settle()
    assert desk.id_of("three") in desk.mirrored()


def test_columns_moved_around_by_their_owner_are_simply_read(desk: Desk) -> None:
    ids = synced(desk, "one", "two")
    desk.act("move-column", column="post_id", to=7)
    desk.act("insert-column", at=0, name="campaign")
    desk.settle()
    assert [desk.id_of("one"), desk.id_of("two")] == ids
    assert desk.mesh.events_of(CalendarChanged) == []


# rights


def test_a_revoked_share_is_said_and_the_run_ends_quietly_until_it_is_back(desk: Desk) -> None:
    (post_id,) = synced(desk, "one")
    desk.act("share", role=None)

    desk.sync()
    desk.sync()

    assert causes(desk) == {"sheet-not-shared"}
    assert len({trouble.cause for trouble in troubles(desk)}) == 1
    assert "no longer shared" in troubles(desk)[0].message
    desk.act("share", role="writer")
    desk.add({"text": "two", "date": DAY})
    desk.settle()
    assert set(desk.mirrored()) == {post_id, desk.id_of("two")}


def test_a_share_for_viewing_only_is_said_with_what_to_do(desk: Desk) -> None:
    synced(desk, "one")
    desk.act("share", role="reader")
    desk.add({"text": "two", "date": DAY})

    desk.sync()

    assert "as Editor" in troubles(desk)[0].message
    desk.act("share", role="writer")
    desk.settle()
    assert desk.id_of("two") in desk.mirrored()


# the line


@pytest.fixture
def impatient(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Half a second is the longest that anything is waited for."""
    monkeypatch.setattr(mesh.google, "_TIMEOUT", 0.5)
    monkeypatch.setattr(mesh.google, "_LONGEST_SECONDS", 0.5)
    monkeypatch.setattr(drive_sync.writer, "_TIMEOUTS_SECONDS", (0.5, 0.5))
    return desk


@pytest.mark.parametrize("match", [READ, WRITE, "GET /drive/v3/changes"])
@pytest.mark.parametrize(
    "how", ["hang", "cut", *(pytest.param(how, marks=pytest.mark.slow) for how in ("close", "html", "drip"))]
)
def test_a_broken_line_is_tried_again_within_the_run(impatient: Desk, match: str, how: str) -> None:
    synced(impatient, "one")
    impatient.add({"text": "two", "date": DAY})
    more = {"drip_seconds": 3.0} if how == "drip" else {}
    impatient.trouble(match, how, **more)

    impatient.sync()

    impatient.settle()
    assert impatient.id_of("two") in impatient.mirrored()
    assert troubles(impatient) == []


@pytest.mark.parametrize("how", [pytest.param("hang", marks=pytest.mark.slow), "html"])
def test_a_line_that_stays_broken_is_raised_and_said_after_a_quarter_of_an_hour(impatient: Desk, how: str) -> None:
    synced(impatient, "one")
    impatient.add({"text": "two", "date": DAY})
    for minute in (0, 5, 10):
        later(impatient, 5 if minute else 0)
        impatient.trouble(READ, how, count=3)
        with pytest.raises(Unreachable):
            impatient.sync(f"run-{minute}")
    assert troubles(impatient) == []
    later(impatient, SAID_AFTER.total_seconds() / 60 - 10)
    impatient.trouble(READ, how, count=3)
    with pytest.raises(Unreachable):
        impatient.sync("run-15")
    assert causes(impatient) == {"sheet-unreachable"}
    message = troubles(impatient)[0].message
    assert "(no answer comes, or none that can be used)" in message
    assert "goes on by itself" in message
    impatient.settle()
    assert impatient.id_of("two") in impatient.mirrored()
    said, over = troubles(impatient)
    assert (over.cause, over.ended, said.ended) == (said.cause, True, False)


def test_a_wait_that_google_asks_for_is_kept_to_where_there_is_time(desk: Desk) -> None:
    waits: list[float] = []
    object.__setattr__(desk.parts, "sleep", waits.append)
    synced(desk, "one")
    desk.add({"text": "two", "date": DAY})
    desk.fault(READ, 429, retry_after_seconds=7)
    desk.sync()
    assert waits == [7.0]
    desk.fault(READ, 429, retry_after_seconds=300)
    desk.type(0, "text", "uno")
    with pytest.raises(Throttled):
        desk.sync()
    assert waits == [7.0]


def test_googles_quota_is_waited_for_by_the_next_runs(desk: Desk) -> None:
    synced(desk, "one")
    desk.act("quotas", on=True, per_user=2, per_project=300)
    try:
        for number in range(8):
            desk.add({"text": f"post {number}", "date": DAY})
            try:
                desk.sync(f"run-{number}")
            except Throttled:
                later(desk, 5)
    finally:
        desk.act("quotas", on=False)
    desk.settle()
    assert {row["text"] for row in desk.grid} == {row.text for row in desk.mirrored().values()}


def test_a_page_token_that_google_no_longer_knows_leads_to_a_look_at_everything(desk: Desk) -> None:
    (post_id,) = synced(desk, "one")
    state = State.of(desk.mesh.runtime.get(STATE_KEY, clock.now()))
    desk.mesh.runtime.put(STATE_KEY, state.item() | {"page_token": "999999"})
    desk.add({"text": "two", "date": DAY})
    desk.settle()
    assert set(desk.mirrored()) == {post_id, desk.id_of("two")}


# the docs


def test_a_rules_doc_that_is_gone_is_said_after_a_minute_and_its_rules_stay(desk: Desk) -> None:
    synced(desk, "one")
    rules = desk.rules_text("rules.txt")
    folder = desk.parts.google.files(desk.parts.folder_id)
    doc = next(file for file in folder if file.name == "Rules")
    desk.writes_drive(doc.id, {"name": "Old rules"})
    desk.sync()
    assert troubles(desk) == []
    later(desk, 2)
    desk.sync()
    try:
        assert causes(desk) == {"rules-gone"}
        assert desk.rules_text("rules.txt") == rules
    finally:
        desk.writes_drive(doc.id, {"name": "Rules"})
    desk.settle()
    assert State.of(desk.mesh.runtime.get(STATE_KEY, clock.now())).rules_missed is None


def test_an_emptied_rules_doc_is_a_mistake_and_no_new_rules(desk: Desk) -> None:
    synced(desk, "one")
    rules = desk.rules_text("rules.txt")
    desk.rules("")
    desk.settle()
    assert causes(desk) == {"rules-doc"}
    assert desk.rules_text("rules.txt") == rules


def test_a_word_in_braces_that_stands_for_nothing_is_told_with_its_line_and_the_last_good_rules_stay(
    desk: Desk,
) -> None:
    synced(desk, "one")
    rules = desk.rules_text("rules.txt")
    desk.rules(RULES + "Recurring posts\n- Soup: every Friday 9:00\n    text: Soup\n      of {dish}\n")
    desk.settle()
    (trouble,) = troubles(desk)
    note = desk.mesh.runtime.get(trouble.words_key, clock.now())
    assert note is not None
    assert "Line 7: “Soup”: “{dish}” stands for nothing" in note["message"]
    assert "dish" not in trouble.message
    assert desk.rules_text("rules.txt") == rules


def test_rules_that_never_were_good_are_read_as_far_as_they_go_and_a_better_doc_replaces_them(desk: Desk) -> None:
    desk.rules(
        "Channels\n- bluesky-main: bluesky, account did:plc:abc, https://bsky.social\nPosting window: soon\nLate rule: soon\n"
    )
    desk.settle()
    assert "bluesky-main" in desk.rules_text("rules.txt")
    desk.rules("Channels\n- bluesky-main: bluesky, account did:plc:abc, https://bsky.social\nPosting window: soon\n")
    desk.settle()
    assert "Late rule" not in desk.rules_text("rules.txt")
    assert len({trouble.cause for trouble in troubles(desk)}) == 2


def test_an_overlong_voice_doc_leaves_the_last_one_in_force_and_says_how_much_to_cut(desk: Desk) -> None:
    synced(desk, "one")
    desk.google.owner.put("/owner/voice", content=("Warm. " * 3_000).encode()).raise_for_status()
    desk.settle()
    assert causes(desk) == {"voice-doc"}
    assert desk.rules_text("voice.txt") == "Warm and short."
