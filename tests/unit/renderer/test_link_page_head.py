"""What a page says of itself, read from whatever its bytes are."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.page_head import page_text, read_head


def meta(page: str) -> dict[str, str]:
    return read_head(page).meta


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ('<meta property="og:title" content="Apple cake">', "Apple cake"),
        ("<meta property='og:title' content='Apple cake'>", "Apple cake"),
        ("<meta property=og:title content=Apple>", "Apple"),
        ('<META CONTENT="Apple cake" PROPERTY="OG:Title"/>', "Apple cake"),
        ('<meta\n  property = "og:title"\n  content = "Apple\n   cake" />', "Apple cake"),
        ('<meta name="og:title" content="Apple cake">', "Apple cake"),
        ('<meta property="og:title twitter:title" content="Apple cake">', "Apple cake"),
        ('<meta property="og:title" content="Caf&eacute; &amp; M&#246;we &#x1F980;">', "Café & Möwe 🦀"),
        ('<meta property="og:title" content="a > b">', "a > b"),
        ('<meta property="og:title" content="">\n<meta property="og:title" content="Apple">', "Apple"),
        ('<meta property="og:title" content="first"><meta property="og:title" content="second">', "first"),
        ('<meta data-x property="og:title" content="Apple" content="Pear">', "Apple"),
    ],
)
def test_a_meta_tag_is_read_however_it_is_written(tag: str, value: str) -> None:
    assert meta(tag) == dict.fromkeys(meta(tag), value)
    assert meta(tag)["og:title"] == value


@pytest.mark.parametrize(
    "around",
    [
        "<!-- {} -->",
        "<script>let tag = '{}'</script>",
        "<STYLE>{}</STYLE >",
        "<textarea>{}</textarea>",
        "<svg><desc>{}</desc></svg>",
        "<!-- never closed {}",
        "<script>never closed {}",
        "<title>{}</title>",
    ],
)
def test_what_only_looks_like_a_tag_is_passed_over(around: str) -> None:
    tag = '<meta property="og:title" content="no">'
    assert meta(around.format(tag)) == {}


def test_reading_goes_on_behind_what_was_passed_over() -> None:
    page = "<!-- a --><script>b</script><svg><title>c</title></svg><title> Apple\n cake </title><title>d</title><meta name=e content=f>"
    head = read_head(page)
    assert (head.title, head.meta) == ("Apple cake", {"e": "f"})


@pytest.mark.parametrize(
    "page",
    ["", "<", "</", "<meta", "<meta ", "<meta content=", "<meta content='", "<!--", "<!-->", "<title", "<title>", "< meta >"],
)  # fmt: skip
def test_a_page_that_ends_anywhere_is_read_as_far_as_it_goes(page: str) -> None:
    head = read_head(page)
    assert (head.title, head.meta) == ("", {})


def test_numbers_of_many_digits_are_no_trouble() -> None:
    assert meta(f'<meta name="a" content="&#{"1" * 9000};">')["a"]


@given(st.text(alphabet="<>!-/='\" \nabmetationscrpl&#;x0", max_size=300))
def test_whatever_a_page_is_reading_it_never_raises(page: str) -> None:
    head = read_head(page)
    assert all(value and value == " ".join(value.split()) for value in head.meta.values())


@pytest.mark.parametrize(
    "unit",
    [
        *("<", " ", "<!--", "<!-- --", "</script", "<script>", "<title></title>"),
        *("<a ", "<a  \n  ", "<a b=", "<a b='\"", '<a b="', "<a b=' >", "<meta content="),
    ],
)  # fmt: skip
def test_a_megabyte_of_nonsense_is_read_in_a_moment(unit: str) -> None:
    page = "<a " + unit * (1_000_000 // len(unit))
    began = time.process_time()
    read_head(page)
    assert time.process_time() - began < 5  # the standard library's parser takes minutes for some of these


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("Möwe".encode(), "text/html; charset=utf-8"),
        ("Möwe".encode(), "text/html"),
        ("Möwe".encode("utf-8-sig"), "text/html; charset=iso-8859-1"),
        ("Möwe".encode("utf-16"), "text/html"),
        ("Möwe".encode("utf-16-be"), "text/html; charset=UTF-16BE"),
        ("Möwe".encode("latin-1"), "text/html"),
        ("Möwe".encode("latin-1"), 'text/html; charset="ISO-8859-1"'),
        ("Möwe".encode("latin-1"), "text/html; charset=windows-1252"),
        ("Möwe".encode("cp1257"), "text/html; charset=windows-1257"),
        ("Möwe".encode(), "text/html; charset=punycode"),
        ("Möwe".encode(), "text/html; charset=no-such-thing"),
        ("Möwe".encode(), "text/html; charset="),
    ],
)
def test_a_page_is_read_in_the_writing_it_names(content: bytes, content_type: str) -> None:
    assert page_text(content, content_type) == "Möwe"


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("shift_jis", "cp932"), ("x-sjis", "cp932"), ("euc-kr", "cp949"), ("gb2312", "gbk"), ("big5", "big5")],
)
def test_names_for_asian_writing_are_read_as_browsers_do(charset: str, codec: str) -> None:
    assert page_text("日本".encode(codec), f"text/html; charset={charset}") == "日本"


@pytest.mark.parametrize(
    "tag", ['<meta charset="koi8-r">', '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">']
)
def test_a_page_may_name_its_writing_itself(tag: str) -> None:
    assert page_text(f"<html>{tag}Чайка".encode("koi8-r"), "text/html").endswith("Чайка")


def test_a_page_that_calls_itself_utf_16_in_single_bytes_is_utf_8() -> None:
    assert page_text("<meta charset=utf-16>Möwe".encode(), "").endswith("Möwe")


def test_a_page_cut_in_the_middle_of_a_letter_is_still_utf_8() -> None:
    assert page_text("Möwe 🦀".encode()[:-1], "").startswith("Möwe ")


@given(st.binary(max_size=200), st.text(max_size=40))
def test_whatever_the_bytes_are_there_is_a_text(content: bytes, content_type: str) -> None:
    assert isinstance(page_text(content, content_type), str)
    assert isinstance(page_text(content, f"text/html; charset={content_type}"), str)
