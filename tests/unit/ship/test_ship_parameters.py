"""What cannot work is said before anything is sent, with the parameter, its value and the fix."""

from __future__ import annotations

from dataclasses import replace

import pytest

from local import ROOT
from local.ship.emulated import CAFE
from local.ship.environments import CHANNELS, MESH, TEMPLATES, Environment
from local.ship.naming import PRECIOUS, names_made
from local.ship.parameters import check, whole

ACCOUNT = "123456789012"


def with_value(name: str, value: str) -> Environment:
    return replace(CAFE, parameters={**CAFE.parameters, name: value})


def test_what_can_work_is_one_good_finding() -> None:
    assert [finding.stops for finding in check(ROOT, CAFE)] == [False]


@pytest.mark.parametrize(
    ("environment", "said", "fix"),
    [
        (with_value("TimeZone", "Europe/Berlni"), "TimeZone=Europe/Berlni is no time zone", "write TimeZone=Europe/Berlin"),
        (with_value("TimeZone", "Berlin"), "TimeZone=Berlin is no time zone", "write TimeZone=Europe/Berlin"),
        (with_value("TimeZone", "US/Pacific"), "TimeZone=US/Pacific is an old name", "like America/Chicago"),
        (with_value("Recipients", "a@cafe.example,b"), "Recipients=b is no mail address", "commas between them"),
        (with_value("Recipients", "a@cafe.example, A@cafe.example"), "Recipients=a@cafe.example stands there twice", "once"),
        (with_value("Recipients", ",".join(f"{n:04}@cafe.example" for n in range(200))), "have 3599 bytes", "a mailing list"),
        (with_value("MailFrom", "Cafe <posts@cafe.example>"), "has not the shape", "the bare address"),
        (with_value("MailFrom", "posts@cafe"), "MailFrom=posts@cafe is no mail address", "posts@cafe.example"),
        (with_value("SheetId", "https://docs.google.com/spreadsheets/d/1aBc/edit#gid=0"), "is not the id alone", "SheetId=1aBc"),
        (with_value("DraftModel", "gpt-5"), "has not the shape of a model's id", "Anthropic alone"),
        (with_value("DraftModel", "eu.anthropic.claude-x"), "is not offered in ap-southeast-1", "global.anthropic.claude-x"),
        (with_value("DailyDrafts", "many"), "DailyDrafts=many is no number", "most drafts"),
        (with_value("HorizonDays", "99"), "HorizonDays=99 is above 60", "How far ahead"),
        (with_value("Receipts", "all"), "Receipts=all is none of each, digest", "told"),
        (with_value("ApproveUrl", "http://cafe.example"), "is no https address", "leave it out"),
        (with_value("Recipient", "a@cafe.example"), "Recipient=a@cafe.example is no parameter of template.yaml", "write Recipients"),
        (replace(CAFE, watch={}), "OperatorMail is missing", "[cafe-watch.deploy.parameters]"),
        (replace(CAFE, channels=("X Main",)), "Channels=X Main is no channel's name", "instagram-main"),
        (replace(CAFE, prefix="the-oldest-cafe-in-town"), "is too long with 23 characters", "2 to 16"),
        (
            replace(CAFE, prefix="the-oldest-cafe-in-all-of-the-town-and-beyond"),
            "the-oldest-cafe-in-all-of-the-town-and-beyond-posts-source-000000000000 would have",
            "in another prefix",
        ),
        (replace(CAFE, prefix="Cafe"), "Prefix=Cafe has not the shape", "small letters"),
        (replace(CAFE, prefix="cafe-watch"), "the name of another business's", "another end"),
        (replace(CAFE, prefix="ssmile"), "what AWS keeps for itself", "another one"),
    ],
)  # fmt: skip
def test_what_cannot_is_named_with_its_fix(environment: Environment, said: str, fix: str) -> None:
    (found,) = [finding for finding in check(ROOT, environment) if finding.stops]
    assert said in found.said
    assert fix in found.fix


def test_every_mistake_is_told_at_once() -> None:
    found = check(ROOT, replace(with_value("TimeZone", "Mars/Base"), watch={"OperatorMail": "nobody"}))
    assert {finding.name for finding in found} == {"TimeZone", "OperatorMail"}


def test_a_line_taken_out_of_the_file_goes_back_to_the_default() -> None:
    assert whole(ROOT, CAFE, MESH)["QuietMinutes"] == "10"
    assert whole(ROOT, with_value("QuietMinutes", "3"), MESH)["QuietMinutes"] == "3"
    assert whole(ROOT, CAFE, CHANNELS) == {"Prefix": "cafe", "Channels": "bluesky-main,mastodon-main"}


def test_the_longest_prefix_fits_into_every_name() -> None:
    longest = replace(CAFE, prefix="a" * 16)
    made = [one for which in TEMPLATES for one in names_made(ROOT, longest, ACCOUNT, which)]
    assert len(made) > 60
    assert all(len(one.name) <= one.longest for one in made)


def test_every_table_bucket_and_secret_of_the_templates_stays() -> None:
    made = [one for which in TEMPLATES for one in names_made(ROOT, CAFE, ACCOUNT, which) if one.kind in PRECIOUS]
    assert len(made) == 4 + 3 + 3 + 2
    assert all(one.stays for one in made)
