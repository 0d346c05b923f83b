"""The renderer, by what stands in the tables, the bucket and on the bus afterwards."""

from __future__ import annotations

import hashlib
import io
from types import SimpleNamespace

import pytest
from moto_mesh import MotoMesh
from PIL import Image
from renderer_desk import Desk

from mesh.errors import Doubt
from mesh.events import PackageReady


def picture(form: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "orange").save(out, format=form)
    return out.getvalue()


def ready(mesh: MotoMesh) -> list[str]:
    return [post_id for event in mesh.events_of(PackageReady) for post_id in event.post_ids]


def test_a_post_gets_a_package_with_each_channels_text_images_and_link(desk: Desk, mesh: MotoMesh) -> None:
    photo = picture()
    desk.has(
        "p_1",
        images={"bun.jpg": photo},
        alt="A cinnamon bun",
        link="https://cafe.example/buns",
        overrides={"mastodon-main": "Zimtschnecken, für Mastodon"},
    )
    desk.wants("p_1")
    manifest = mesh.packages.read("p_1", desk.revision("p_1"))
    assert manifest.channels["bluesky-main"].text == "Zimtschnecken! 🥐\n\nhttps://cafe.example/buns"
    assert manifest.channels["mastodon-main"].text == "Zimtschnecken, für Mastodon\n\nhttps://cafe.example/buns"
    assert manifest.channels["mastodon-main"].host == "https://mastodon.example"
    assert manifest.planned_at == "2027-03-26T08:00:00+00:00"
    assert [image.name for image in manifest.source_images] == ["bun.jpg"]
    for channel in manifest.channels.values():
        assert [image.alt for image in channel.images] == ["A cinnamon bun"]
        stored = mesh.packages.image("p_1", desk.revision("p_1"), channel.images[0].sha256)
        assert len(stored) == channel.images[0].size_bytes


def test_the_package_is_said_and_audited_with_the_events_trace(desk: Desk, mesh: MotoMesh) -> None:
    desk.has("p_1")
    desk.wants("p_1")
    assert [(event.post_ids, event.trace_id) for event in mesh.events_of(PackageReady)] == [(["p_1"], "t_1")]
    row = mesh.audit("p_1")[-1]
    assert (row["action"], row["by_user"], row["trace_id"]) == ("package ready", "renderer", "t_1")


def test_the_second_delivery_changes_nothing_and_says_it_again(desk: Desk, mesh: MotoMesh) -> None:
    desk.has("p_1")
    desk.wants("p_1")
    once = desk.status("p_1")
    desk.wants("p_1", "p_1")
    assert desk.status("p_1") == once
    assert ready(mesh) == ["p_1", "p_1"]


def test_an_undone_edit_finds_its_package_again(desk: Desk) -> None:
    desk.has("p_1", text="First")
    desk.wants("p_1")
    first = desk.revision("p_1")
    desk.has("p_1", text="Second")
    desk.wants("p_1")
    assert desk.revision("p_1") != first
    desk.has("p_1", text="First")
    desk.wants("p_1")
    assert desk.revision("p_1") == first


def test_a_renderer_upgrade_does_not_change_what_was_rendered(
    desk: Desk, mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.has("p_1", images={"bun.png": picture("PNG")}, alt="A bun")
    desk.wants("p_1")
    first = desk.revision("p_1")
    monkeypatch.setattr("renderer.recipe.EDGE_LIMIT_PX", 100)
    desk.wants("p_1")
    assert desk.revision("p_1") == first


def test_a_row_edited_since_the_scheduler_looked_is_left_to_the_scheduler(desk: Desk, mesh: MotoMesh) -> None:
    desk.has("p_1", text="First")
    desk.edits("p_1", text="Second")
    desk.wants("p_1")
    assert desk.status("p_1").package is None
    assert ready(mesh) == []


def test_a_source_that_changes_while_it_is_rendered_gets_no_package(
    desk: Desk, mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    import renderer.handler as handling

    desk.has("p_1", text="First")
    original = handling.make_package

    def and_meanwhile(*arguments: object) -> object:
        desk.has("p_1", text="Second")
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(handling, "make_package", and_meanwhile)
    desk.wants("p_1")
    assert desk.status("p_1").package is None


def test_by_rules_without_a_known_zone_nothing_is_rendered(desk: Desk, mesh: MotoMesh) -> None:
    desk.has("p_1")
    mesh.put_rules("Time zone: Europe/Berln\n")
    with pytest.raises(Doubt, match="no time zone"):
        desk.wants("p_1")
    assert desk.status("p_1").package is None


def test_before_the_rules_doc_was_ever_read_nothing_is_rendered_and_the_event_comes_again(
    desk: Desk, mesh: MotoMesh
) -> None:
    desk.has("p_1")
    mesh.s3.delete_object(Bucket=mesh.rules_bucket, Key="rules.txt")
    with pytest.raises(Doubt, match=r"rules\.txt"):
        desk.wants("p_1")
    assert desk.status("p_1").package is None


@pytest.mark.parametrize("wanted", ["p_unknown", "p_gone"])
def test_a_post_without_a_row_or_an_item_is_skipped(desk: Desk, mesh: MotoMesh, wanted: str) -> None:
    desk.has("p_1")
    desk.has("p_gone")
    desk.rows = [row for row in desk.rows if row.post_id != "p_gone"]
    desk.mirror()
    desk.wants(wanted, "p_1")
    assert ready(mesh) == ["p_1"]


def test_a_text_too_long_for_one_channel_leaves_it_out_by_name_and_the_other_goes(desk: Desk, mesh: MotoMesh) -> None:
    desk.has("p_1", text="x" * 303)
    desk.wants("p_1")
    status = desk.status("p_1")
    assert list(mesh.packages.read("p_1", desk.revision("p_1")).channels) == ["mastodon-main"]
    assert [(problem.channel, problem.message) for problem in status.problems] == [
        ("bluesky-main", "3 characters too long for Bluesky: 303 of 300.")
    ]
    desk.wants("p_1")  # found again by its source, it leaves out the same
    assert desk.status("p_1").package == status.package


def test_a_text_too_long_for_every_channel_leaves_the_post_without_a_revision(desk: Desk, mesh: MotoMesh) -> None:
    desk.has("p_1", text="x" * 600)
    desk.wants("p_1")
    assert desk.status("p_1").current_revision is None
    assert desk.problems("p_1") == [("bluesky-main", "too-long"), ("mastodon-main", "too-long")]
    assert ready(mesh) == ["p_1"]
    assert mesh.audit("p_1")[-1]["action"] == "package problems"


def test_every_problem_of_every_channel_is_told_at_once(desk: Desk) -> None:
    moving = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(moving, format="GIF", save_all=True, append_images=frames[1:])
    desk.has(
        "p_1", text="x" * 600, channels="bluesky-main, mastodon-main, insta", images={"dance.gif": moving.getvalue()}
    )
    desk.wants("p_1")
    assert sorted(desk.problems("p_1")) == [
        ("bluesky-main", "alt-missing"),
        ("bluesky-main", "image-animated"),
        ("bluesky-main", "too-long"),
        ("insta", "alt-missing"),
        ("insta", "image-animated"),
        ("mastodon-main", "alt-missing"),
        ("mastodon-main", "image-animated"),
        ("mastodon-main", "too-long"),
    ]


def test_one_alt_text_for_two_images_is_named_as_missing(desk: Desk) -> None:
    desk.has("p_1", images={"a.png": picture("PNG"), "b.png": picture("PNG", mode="L")}, alt="Only one")
    desk.wants("p_1")
    assert desk.problems("p_1") == [("bluesky-main", "alt-missing"), ("mastodon-main", "alt-missing")]


def test_an_image_that_is_not_mirrored_yet_raises_and_the_other_posts_are_done(desk: Desk, mesh: MotoMesh) -> None:
    photo = picture()
    desk.has("p_1", images={"bun.jpg": photo}, alt="A bun")
    desk.has("p_2")
    md5 = hashlib.md5(photo, usedforsecurity=False).hexdigest()
    mesh.s3.delete_object(Bucket=mesh.posts_bucket, Key=f"images/{md5}")
    with pytest.raises(ExceptionGroup, match="1 of 2 posts"):
        desk.wants("p_1", "p_2")
    assert desk.status("p_1").package is None
    assert ready(mesh) == ["p_2"]
    mesh.s3.put_object(Bucket=mesh.posts_bucket, Key=f"images/{md5}", Body=photo)
    desk.wants("p_1", "p_2")
    assert desk.revision("p_1")


def test_an_image_whose_bytes_are_not_its_hash_is_not_used(desk: Desk, mesh: MotoMesh) -> None:
    row = desk.has("p_1", images={"bun.jpg": picture()}, alt="A bun")
    mesh.s3.put_object(Bucket=mesh.posts_bucket, Key=f"images/{row.images['bun.jpg']}", Body=picture(size=(9, 9)))
    with pytest.raises(ExceptionGroup):
        desk.wants("p_1")
    assert desk.status("p_1").package is None


def test_too_little_time_raises_and_keeps_what_was_done(desk: Desk, mesh: MotoMesh) -> None:
    desk.has("p_1")
    desk.has("p_2")
    left = iter([45_000, 5_000])
    with pytest.raises(ExceptionGroup, match="1 of 2 posts"):
        desk.wants("p_1", "p_2", context=SimpleNamespace(get_remaining_time_in_millis=lambda: next(left)))
    assert ready(mesh) == ["p_1"]


def test_two_rows_with_one_id_get_no_package(desk: Desk, mesh: MotoMesh) -> None:
    row = desk.has("p_1")
    desk.rows.append(row)
    desk.mirror()
    desk.wants("p_1")
    assert desk.status("p_1").package is None


def test_the_log_line_counts_and_holds_no_post_text(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.has("p_1", text="SecretBun")
    desk.has("p_2", text="x" * 600)
    desk.wants("p_1", "p_2", "p_3")
    _, record = [record for record in caplog.records if record.name == "renderer"]
    facts = vars(record)
    assert (facts["count"], facts["trace_id"]) == (3, "t_1")
    assert facts["outcome"] == "1 problems, 1 ready, 1 skipped (the table does not know this post yet)"
    assert "SecretBun" not in repr(facts)
