"""The word behind an image's name: which side stays where a network cuts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.posts import Plan, Row, plan_row
from mesh.posts_csv import read_csv, write_csv
from mesh.rulebook import parse_rules

BOOK = parse_rules(
    "Time zone: Europe/Berlin\nChannels\n- bluesky-main: bluesky, account did:plc:cafe, https://bsky.example\n",
    default_zone="UTC",
)[0]
ROW = Row(
    post_id="p_1",
    date="2027-03-26",
    time="09:00",
    text="Zimtschnecken! 🥐",
    channels="bluesky-main",
    image="bun.jpg",
    alt="A bun",
    link="https://cafe.example",
    overrides={"bluesky-main": "Für Bluesky"},
    images={"bun.jpg": "5d41402abc4b2a76b9719d911017c592", "b.png": "7d793037a0760186574b0282f2f435e7"},
)


def source(image: str = "bun.jpg") -> str:
    made = plan_row(replace(ROW, image=image), BOOK)
    assert isinstance(made, Plan), made
    return made.source_revision


@pytest.mark.parametrize(
    ("cell", "names", "focus"),
    [
        ("bun.jpg", ("bun.jpg",), {}),
        ("bun.jpg (top)", ("bun.jpg",), {"bun.jpg": "top"}),
        ("bun.jpg  (BOTTOM)", ("bun.jpg",), {"bun.jpg": "bottom"}),
        ("bun.jpg (center)", ("bun.jpg",), {"bun.jpg": "centre"}),
        (
            "bun.jpg (Left), b.png; c d.webp (right)",
            ("bun.jpg", "b.png", "c d.webp"),
            {"bun.jpg": "left", "c d.webp": "right"},
        ),
        ("bun.jpg (top)\nb.png (centre)", ("bun.jpg", "b.png"), {"bun.jpg": "top", "b.png": "centre"}),
        ("bun.jpg (top), bun.jpg (left)", ("bun.jpg", "bun.jpg"), {"bun.jpg": "top"}),
        ("bun (top).jpg", ("bun (top).jpg",), {}),
        ("bun (top)", ("bun (top)",), {}),
        ("bun.jpg(top)", ("bun.jpg(top)",), {}),
        ("bun.jpg (1)", ("bun.jpg (1)",), {}),
        ("bun.jpg (top) (left)", ("bun.jpg (top) (left)",), {}),
        ("(top)", ("(top)",), {}),
    ],
)
def test_a_word_in_parentheses_behind_a_file_says_which_side_stays(
    cell: str, names: tuple[str, ...], focus: dict[str, str]
) -> None:
    row = Row(image=cell)
    assert row.image_names == names
    assert dict(row.image_focus) == focus


def test_the_file_is_looked_for_without_the_word() -> None:
    assert source("bun.jpg (top)")


def test_another_side_is_another_source() -> None:
    cells = ["bun.jpg", "bun.jpg (top)", "bun.jpg (left)", "bun.jpg (centre)", "bun.jpg (top), b.png", "bun.jpg, b.png"]
    assert len({source(cell) for cell in cells}) == len(cells)
    assert source("bun.jpg (CENTER)") == source("bun.jpg (centre)")


def test_what_was_approved_before_there_was_such_a_word_stays_approved() -> None:
    assert source() == "f111ee7a3e8214f614834e111d9bcc205e29774c2f63c7bab96cda6d4ba15c8c"
    assert source("bun.jpg, b.png") == "fd5297760a322f6ec21abfdfa3b707cb89850fd3ba7711f1ea44e27fbb50776a"


def test_the_mirror_keeps_the_word() -> None:
    (row,) = read_csv(write_csv([replace(ROW, image="bun.jpg (top)")]))
    assert dict(row.image_focus) == {"bun.jpg": "top"}


@given(st.text(max_size=80))
def test_whatever_stands_in_the_cell_the_words_belong_to_named_images(cell: str) -> None:
    row = Row(image=cell)
    assert set(row.image_focus) <= set(row.image_names)
    assert all(row.image_names)
