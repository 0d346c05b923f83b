"""A module that is imported when something of it is first asked for."""

from __future__ import annotations

import sys

import pytest

from mesh.later import Later


def test_it_is_imported_when_something_of_it_is_asked_for_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    stands_in = Later("colorsys")
    assert "colorsys" not in sys.modules
    assert stands_in.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    assert "colorsys" in sys.modules


def test_what_is_replaced_in_the_module_is_replaced_for_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    import colorsys

    stands_in = Later("colorsys")
    monkeypatch.setattr(colorsys, "rgb_to_hsv", lambda *_: "another")
    assert stands_in.rgb_to_hsv(0, 0, 0) == "another"


def test_what_it_does_not_have_is_an_error_as_ever() -> None:
    with pytest.raises(AttributeError):
        _ = Later("colorsys").no_such_thing
