"""What an eye does not see is named beside the text, and what people write every day is not."""

from __future__ import annotations

import pytest

from mesh.unseen import in_ascii, look_alikes, unseen_signs


@pytest.mark.parametrize(
    "text",
    [
        "Pay at \u202emoc.elpmaxe\u202c today",
        "Half\u3164price",
        "Cake\u2063 today",
        "Fresh rolls\U000e0049\U000e0047\U000e004e",  # letters in tags: a machine reads them, nobody else
        "a\u200bb\u200bc\u200bd\u200be",
    ],
)
def test_what_turns_or_hides_words_is_seen(text: str) -> None:
    assert list(unseen_signs(text))


@pytest.mark.parametrize(
    "text",
    [
        "Fresh rolls from seven",
        "Für Elise, naïve crêpes – “heute” 🥐🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "A family 👨\u200d👩\u200d👧 and a heart ❤\ufe0f",
        "می\u200cخواهم, שלום\u200f!",
        "Call \u202a+49 30 1234567\u202c or \u2068Ada\u2069",
        "one blank\u200b without a width, as a word processor leaves it",
        "soft\u00adhyphen",
    ],
)
def test_what_people_write_every_day_is_no_sign_to_be_named(text: str) -> None:
    assert list(unseen_signs(text)) == []


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("See https://www.аpple.com/cake", ["www.аpple.com"]),
        ("https://сахаре.com:443/x?y", ["сахаре.com"]),
        ("https://νο.example", ["νο.example"]),
        ("See https://müller.example, https://пример.example and https://παράδειγμα.example", []),
        ("https://bakery.example", []),
    ],
)
def test_an_address_that_looks_like_another_is_named(text: str, hosts: list[str]) -> None:
    assert list(look_alikes(text)) == hosts


def test_an_address_is_told_as_it_goes_on_the_wire() -> None:
    assert in_ascii("www.аpple.com") == "www.xn--pple-43d.com"
    assert in_ascii("a" * 70 + ".example") == "a" * 70 + ".example"
