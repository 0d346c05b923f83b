"""What is asked of whoever sets a business up, what can stand as an answer, and where it is kept. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.checks.values import (
    folder_trouble,
    id_in,
    mail_trouble,
    mails_trouble,
    prefix_trouble,
    region_trouble,
    zone_trouble,
)
from local.owner_sheet.connection import SheetError, sheet_id
from local.ship.environments import Environment


@dataclass(frozen=True)
class Question:
    """``key`` names it in a file of answers. ``trouble`` says why an answer cannot stand, "" where it can.

    ``tidy`` makes it what is kept.
    """

    key: str
    asked: str
    read: Callable[[Environment], str]
    keep: Callable[[Environment, str], Environment]
    trouble: Callable[[str], str]
    tidy: Callable[[str], str] = str.strip
    optional: bool = False
    proposed: str = ""

    def wrong(self, environment: Environment) -> str:
        """Why what is kept cannot stand; "" where it can, or where nothing has to be."""
        kept = self.read(environment)
        if not kept:
            return "" if self.optional else "is not answered yet"
        return self.trouble(kept)


def _any(_: str) -> str:
    return ""


def _of_mesh(key: str, parameter: str, asked: str, trouble: Callable[[str], str], **more: Any) -> Question:
    def keep(environment: Environment, value: str) -> Environment:
        return with_parameter(environment, parameter, value)

    return Question(key, asked, lambda environment: environment.parameters.get(parameter, ""), keep, trouble, **more)


def with_parameter(environment: Environment, name: str, value: str) -> Environment:
    """Without it where the value is "": the template's default counts then."""
    others = {key: one for key, one in environment.parameters.items() if key != name or value}
    return dataclasses.replace(environment, parameters={**others, **({name: value} if value else {})})


def _with_operator(environment: Environment, value: str) -> Environment:
    return dataclasses.replace(environment, watch={**environment.watch, "OperatorMail": value})


def _sheet_trouble(text: str) -> str:
    try:
        sheet_id(text)
    except SheetError as error:
        return str(error)
    return ""


def _addresses(text: str) -> str:
    return ",".join(one.strip() for one in text.split(","))


def where(regions: list[str], name: str = "") -> tuple[Question, ...]:
    """AWS's side. ``regions``: those there are. ``name``: the business's, which may do as its prefix too."""
    return (
        Question(
            "profile",
            "The AWS profile to use (empty for this terminal's own sign-in)",
            lambda environment: environment.profile,
            lambda environment, value: dataclasses.replace(environment, profile=value),
            _any,
            optional=True,
        ),
        Question(
            "region",
            "The AWS region the business is to live in",
            lambda environment: environment.region,
            lambda environment, value: dataclasses.replace(environment, region=value),
            lambda region: region_trouble(region, regions),
            proposed="ap-southeast-1",
        ),
        Question(
            "prefix",
            "A short name in front of everything that is made for it",
            lambda environment: environment.prefix,
            lambda environment, value: dataclasses.replace(environment, prefix=value),
            prefix_trouble,
            proposed="" if prefix_trouble(name) else name,
        ),
    )


ZONE = _of_mesh("zone", "TimeZone", "The business's time zone, like Europe/Berlin", zone_trouble)
PEOPLE = (
    _of_mesh(
        "recipients", "Recipients", "Who approves posts (mail addresses, with commas)", mails_trouble, tidy=_addresses
    ),
    _of_mesh(
        "stakeholders",
        "Stakeholders",
        "Who gets the monthly recap (empty for those who approve)",
        mails_trouble,
        tidy=_addresses,
        optional=True,
    ),
    _of_mesh("mail_from", "MailFrom", "The address every mail comes from", mail_trouble),
    Question(
        "operator",
        "Who hears of alarms and of cost (one mail address)",
        lambda environment: environment.watch.get("OperatorMail", ""),
        _with_operator,
        mail_trouble,
    ),
)
SHEET = _of_mesh("sheet", "SheetId", "The Google Sheet's address", _sheet_trouble, tidy=lambda text: sheet_id(text))
FOLDER = _of_mesh("folder", "DriveFolderId", "The address of the folder it lies in", folder_trouble, tidy=id_in)
MODEL = _of_mesh("model", "DraftModel", "Another model for drafts (empty for the usual one)", _any, optional=True)

BESIDE = ("key", "slack", "test_mail", "ask_model")
"""What a file of answers may say besides: paths of the two secrets, and whether to try."""


def known(regions: list[str]) -> tuple[str, ...]:
    return (*(one.key for one in (*where(regions), ZONE, *PEOPLE, SHEET, FOLDER, MODEL)), *BESIDE)


def as_text(value: object) -> str:
    """An answer of a TOML file: a list becomes addresses with commas."""
    if isinstance(value, list):
        return ",".join(str(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value)


def read_answers(told: Mapping[str, Any], names: tuple[str, ...]) -> tuple[dict[str, str], str]:
    """The answers, and what is wrong with the file: a name that nothing asks for."""
    other = [name for name in told if name not in names]
    if other:
        return {}, f"it answers {', '.join(other)}, which nobody asks; it may have {', '.join(names)}"
    return {name: as_text(value) for name, value in told.items()}, ""
