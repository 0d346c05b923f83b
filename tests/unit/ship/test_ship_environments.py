"""samconfig.toml: what stands there is what is deployed, and what the file held before stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from local.ship.environments import Environment, SamconfigError, names, read, written

BEFORE = "# ours\nversion = 0.1\n\n[default.validate.parameters]\nlint = true  # always\n"
CAFE = Environment(
    "cafe",
    "eu-central-1",
    "cafe",
    {"TimeZone": "Europe/Berlin", "Recipients": "a@cafe.example,b@cafe.example"},
    ("x-main", "bluesky-main"),
    {"OperatorMail": "o@cafe.example"},
    profile="cafe",
)


def test_an_environment_is_read_as_it_was_written_and_nothing_else_changes() -> None:
    text = written(BEFORE, CAFE)
    assert text.startswith(BEFORE)
    assert read(text, "cafe") == CAFE
    assert names(text) == ("cafe",)


def test_the_account_of_the_first_deployment_is_kept_where_sam_does_not_look() -> None:
    text = written(written(BEFORE, CAFE), replace(CAFE, account="123456789012"))
    assert read(text, "cafe").account == "123456789012"
    assert "[cafe.ship.parameters]" in text
    assert names(text) == ("cafe",)


def test_writing_again_changes_its_own_place_alone() -> None:
    bakery = Environment("bakery", "eu-central-1", "bakery", confirm=False)
    text = written(written(BEFORE, CAFE), bakery)
    assert written(text, CAFE) == text
    assert read(text, "bakery") == bakery
    assert names(text) == ("cafe", "bakery")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("= 3", "cannot be read"),
        (BEFORE, "no environment cafe (it has: none yet); make setup ENV=cafe"),
        ('[cafe.deploy.parameters]\nregion = "eu-central-1"', "Prefix in parameter_overrides is missing"),
        ('[cafe.deploy.parameters]\nparameter_overrides = ["Prefix=cafe"]', "region is missing"),
        ('[cafe.deploy.parameters]\nparameter_overrides = "Prefix=cafe"', "parameter_overrides is a list"),
        ('[cafe.deploy.parameters]\nparameter_overrides = ["Prefix"]', "Prefix is no Name=value"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(SamconfigError, match=said.replace("(", r"\(").replace(")", r"\)")):
        read(text, "cafe")
