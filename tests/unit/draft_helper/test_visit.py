"""Requests to the compose page and what is typed into its form, whatever comes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draft_helper.typed import LONGEST_NOTE_CHARACTERS, draft_id, link_of, note_of, problems, read_typed
from draft_helper.visit import Place, read_visit
from mesh.rulebook import parse_rules

BOOK = parse_rules("Time zone: Europe/Berlin\nChannels\n- b: bluesky, account did:plc:a\n", default_zone="UTC")[0]
ZONE, NOW = ZoneInfo("Europe/Berlin"), datetime(2027, 3, 20, 9, tzinfo=UTC)


def event(path: str = "/t", **fields: Any) -> dict[str, Any]:
    return {
        "rawPath": path,
        "requestContext": {"http": {"method": "POST"}},
        "body": urlencode(fields, doseq=True, errors="surrogatepass"),
    }


@pytest.mark.parametrize(
    ("path", "place", "token", "post_id"),
    [
        ("/", Place.ROOT, "", ""),
        ("/abc.d-e_f", Place.FORM, "abc.d-e_f", ""),
        ("/abc.def>", Place.FORM, "abc.def", ""),
        ("/abc%252Edef./upload", Place.UPLOAD, "abc.def", ""),
        ("/abc/draft/p_23456", Place.DRAFT, "abc", "p_23456"),
        ("/abc/draft/b_23456", Place.DRAFT, "abc", "b_23456"),
        ("/abc/draft/x_23456", Place.NOWHERE, "", ""),
        ("/abc/draft", Place.NOWHERE, "", ""),
        ("/a/b/c/d", Place.NOWHERE, "", ""),
        ("/" + "a" * 3_000, Place.NOWHERE, "", ""),
    ],
)
def test_an_address_names_one_place(path: str, place: Place, token: str, post_id: str) -> None:
    seen = read_visit({"rawPath": path})
    assert (seen.place, seen.token, seen.post_id) == (place, token, post_id)


@given(
    st.dictionaries(
        st.sampled_from(["rawPath", "body", "headers", "cookies", "isBase64Encoded"]),
        st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text()), st.booleans()),
    )
)
def test_no_event_makes_it_stumble(strange: dict[str, Any]) -> None:
    read_typed(read_visit({"requestContext": {"http": {"method": "POST"}}, **strange}))


@given(text=st.text(max_size=200), link=st.text(max_size=50), date=st.text(max_size=20), time=st.text(max_size=10))
def test_whatever_is_typed_can_be_stored_or_is_said(text: str, link: str, date: str, time: str) -> None:
    typed = read_typed(read_visit(event(text=text, link=link, date=date, time=time, channel="b", form="f-12345678")))
    wrong = problems(typed, BOOK, ZONE, NOW)
    typed.text.encode("utf-8")
    if not wrong:
        note = note_of(typed, (), "ada@example.test", NOW)
        assert note.text == typed.text
        assert note.link in {"", typed.link, f"https://{typed.link}"}
    assert all(problem.sentence.endswith(".") for problem in wrong)


def test_the_bound_is_exactly_what_is_said() -> None:
    for length, taken in ((LONGEST_NOTE_CHARACTERS, True), (LONGEST_NOTE_CHARACTERS + 1, False)):
        typed = read_typed(read_visit(event(text="🥐" * length, channel="b")))
        assert (problems(typed, BOOK, ZONE, NOW) == ()) == taken


@pytest.mark.parametrize(
    ("date", "time", "taken"),
    [
        ("2027-03-20", "", True),  # today
        ("2027-03-19", "", False),
        ("2027-03-20", "10:01", True),  # it is 10:00 in Berlin
        ("2027-03-20", "10:00", False),
        ("2027-03-28", "02:30", True),  # the clocks skip it: it goes out at 03:30
        ("", "09:00", True),
        ("20.03.2027", "", True),
        ("9999-12-31", "23:59", False),
    ],
)
def test_a_time_that_is_over_is_not_taken(date: str, time: str, taken: bool) -> None:
    typed = read_typed(read_visit(event(text="Rolls", channel="b", date=date, time=time)))
    assert (problems(typed, BOOK, ZONE, NOW) == ()) == taken


def test_an_id_follows_from_form_writer_and_words_and_is_one_of_ours() -> None:
    def made(by: str = "ada@example.test", **fields: str) -> str:
        return draft_id(read_typed(read_visit(event(**{"form": "f-12345678", "text": "Rolls", **fields}))), by)

    assert made() == made()
    assert (
        len({made(), made(form="g-12345678"), made(text="Buns"), made(by="ben@example.test"), made(kind="several")})
        == 5
    )
    assert made().startswith("p_")
    assert made(kind="several").startswith("b_")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", ""),
        ("cafe.example/menu", "https://cafe.example/menu"),
        ("http://a.example", "http://a.example"),
        ("javascript:x", "javascript:x"),
    ],
)
def test_an_address_without_a_scheme_gets_the_usual_one(typed: str, meant: str) -> None:
    assert link_of(typed) == meant
