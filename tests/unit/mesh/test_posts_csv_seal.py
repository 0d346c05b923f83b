"""The mirror's seal: a file that was cut is never taken for a calendar from which rows were deleted."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh import posts_csv
from mesh.errors import Damaged
from mesh.posts import Row
from mesh.posts_csv import TooLong, lines, read_csv, records, refuse_long, write_csv

ROWS = [
    Row(post_id="p_1", date="2027-03-26", time="09:00", text='Two\nlines, "quoted"', channels="bluesky-main"),
    Row(
        post_id="p_2", date="", text="end: 1 rows", channels="x-main", note="=1+1", overrides={"x-main": "Café – \n ä"}
    ),
    Row(post_id="p_3", date="soon", text="", channels="", images={"a.png": "0" * 32}),
]


def strictly(data: bytes) -> list[list[str]]:
    return list(records(lines(io.BytesIO(data)))[1])


def test_a_file_cut_anywhere_is_never_read_as_fewer_rows() -> None:
    whole = write_csv(ROWS)
    assert len(strictly(whole)) == 3
    for end in range(len(whole)):
        if whole[:end].rstrip(b"\r").endswith(b"end: 3 rows"):
            continue  # every row is there, and so is the count
        with pytest.raises(Damaged):
            strictly(whole[:end])


@given(st.integers(1, 400), st.integers(1, 200))
def test_a_file_that_lacks_a_piece_in_its_middle_is_known(start: int, length: int) -> None:
    whole = write_csv([Row(post_id=f"p_{number}", text="Hallo\r\n", date="2027-03-26") for number in range(20)])
    cut = whole[:start] + whole[start + length :]
    try:
        found = strictly(cut)
    except Damaged:
        return
    assert len(found) == 20, "some letters are missing, but no row"


def test_a_file_from_before_the_seals_is_read_only_where_that_is_asked_for() -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["post_id", "date", "channels", "text"])
    writer.writerow(["p_1", "2027-03-26", "bluesky-main"])
    data = out.getvalue().encode()

    with pytest.raises(Damaged) as refused:
        strictly(data)
    assert refused.value.older
    assert [(row.post_id, row.text) for row in read_csv(data)] == [("p_1", "")]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no calendar"),
        (b"%PDF-1.7\n\x00\x01", "no calendar"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "no text"),
        ("post_id,date,channels,sealed\r\np_1,2027-03-26,Café\r\n".encode("latin-1"), "no text"),
        (b"post_id,date,sealed\r\nend: 0 rows\r\n", "no calendar"),
        (b"post_id,date,channels,sealed\r\np_1,,\r\nend: 2 rows\r\n", "missing"),
        (b"post_id,date,channels,sealed\r\nend: 0 rows\r\np_1,,\r\n", "behind its end"),
        (b'post_id,date,channels,sealed\r\n"p_1"x,,\r\nend: 1 rows\r\n', "garbled"),
    ],
)  # fmt: skip
def test_what_is_no_mirror_is_told_in_words(data: bytes, says: str) -> None:
    with pytest.raises(Damaged, match=says):
        strictly(data)


def test_lines_that_somebody_else_ended_and_empty_lines_at_the_end_are_no_damage() -> None:
    data = write_csv([ROWS[2]]).replace(b"\r\n", b"\n") + b"\n\n"
    assert [record[0] for record in strictly(data)] == ["p_3"]


def test_a_row_without_readable_hashes_is_damage() -> None:
    layout, found = records(lines(io.BytesIO(write_csv([ROWS[2]]).replace(b'"{""a.png""', b'"{""a.png'))))
    with pytest.raises(Damaged, match="garbled"):
        layout.row(next(found))


def test_a_calendar_nobody_would_read_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts_csv, "LONGEST_BYTES", 2_000_000)
    with pytest.raises(TooLong, match="600 rows"):
        write_csv([Row(post_id=f"p_{number}", text="x" * 10_000) for number in range(600)])
    assert len(write_csv([Row(post_id="p_1", text="x" * 10_000)])) > 10_000


def test_three_hundred_megabytes_are_refused_by_their_length() -> None:
    refuse_long(99_999_999)
    with pytest.raises(Damaged, match="300 MB, and 100 MB is the most"):
        refuse_long(300_000_000)
