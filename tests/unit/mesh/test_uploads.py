"""How a row names an upload, and what an ETag tells of one."""

from __future__ import annotations

import pytest

from mesh.ledger.items import ChannelProblem
from mesh.posts import Plan, Row, plan_row
from mesh.rulebook import parse_rules
from mesh.uploads import is_upload, md5_in, upload_id

BOOK = parse_rules("Time zone: Europe/Berlin\nChannels\n- b: bluesky, account did:plc:a\n", default_zone="UTC")[0]


def planned(image: str, images: dict[str, str]) -> Plan | tuple[ChannelProblem, ...]:
    row = Row("p_1", "2027-03-26", "09:00", "Rolls", "b", image=image, images=images)
    return plan_row(row, BOOK)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("upload:u_7k2m", "u_7k2m"),
        ("Upload: U_7K2M", "u_7k2m"),
        ("upload:", ""),
        ("upload:../posts.csv", ""),
        ("upload:a b", ""),
        ("upload:" + "a" * 65, ""),
        ("cake.jpg", ""),
    ],
)
def test_an_upload_is_named_by_its_id_and_nothing_else_passes_for_one(name: str, found: str) -> None:
    assert upload_id(name) == found
    assert is_upload(name) == name.lower().startswith("upload:")


def test_several_uploads_stand_beside_files_of_the_folder_and_keep_their_side() -> None:
    row = Row(image="upload:u_1 (top), cake.jpg (left)\nupload:u_2; upload:u_3 (no side)")
    assert row.image_names == ("upload:u_1", "cake.jpg", "upload:u_2", "upload:u_3 (no side)")
    assert row.image_focus == {"upload:u_1": "top", "cake.jpg": "left"}


def test_a_row_that_names_no_upload_of_ours_says_so_in_words_about_uploads() -> None:
    problems = planned("upload:zzz, cake.jpg", {"upload:zzz": "", "cake.jpg": ""})
    assert isinstance(problems, tuple)
    assert [one.message for one in problems] == [
        "image: nothing was uploaded as “upload:zzz”; copy its whole name, or put the picture into the folder",
        "image: there is no file “cake.jpg” in the folder; put it there or correct the name",
    ]


def test_other_bytes_are_another_source() -> None:
    one, other = (planned("upload:u_1", {"upload:u_1": md5 * 32}) for md5 in "ab")
    assert isinstance(one, Plan)
    assert isinstance(other, Plan)
    assert one.source_revision != other.source_revision


@pytest.mark.parametrize(
    ("etag", "md5"),
    [
        ('"9a0364b9e99bb480dd25e1f0284c8555"', "9a0364b9e99bb480dd25e1f0284c8555"),
        ('"9a0364b9e99bb480dd25e1f0284c8555-2"', ""),  # put in parts
        ("", ""),
    ],
)
def test_an_etag_is_an_md5_only_where_it_looks_like_one(etag: str, md5: str) -> None:
    assert md5_in(etag) == md5
