"""The way through: each step asks what is missing, keeps it, looks at once, and says what to do next."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError

from local.checks import aws, google, mail, model_access, secrets, stack
from local.checks.looking import Subject, looking, reading
from local.checks.model import Finding, State
from local.checks.screen import columns
from local.checks.telling import line, wrapped
from local.owner_sheet.connection import SheetError, Spreadsheet, read_key
from local.owner_sheet.setup import named_zone, set_up
from local.setup import after
from local.setup.answering import TRIES, Answers
from local.setup.keeping import keep
from local.setup.questions import FOLDER, MODEL, PEOPLE, SHEET, ZONE, Question, where, with_parameter
from local.ship.environments import Environment
from mesh.rulebook import Rulebook


@dataclass
class Walk:
    """``environment`` grows as it is answered, and is kept in ``config`` after each answer. ``key`` is the service account's."""

    environment: Environment
    config: Path
    answers: Answers
    clients: Callable[[Environment], Callable[[str], Any]] = lambda environment: _clients(environment)
    found: list[Finding] = field(default_factory=list)
    key: dict[str, Any] | None = None
    book: Rulebook | None = None
    deployed: bool = False

    def run(self) -> list[Finding]:
        """Every finding, in order. SetupError where it cannot go on."""
        if self.answers.asks:
            self._greet()
        self._step("AWS")
        first_time = not self.environment.region
        for question in where(regions(), self.environment.name):
            self._settle(question, first_time=first_time)
        signed_in = self._aws()
        self._step("The business")
        self._settle(ZONE)
        first_time = not self.environment.parameters.get("MailFrom")
        for question in PEOPLE:
            self._settle(question, first_time=first_time)
        if signed_in:
            self._step("Mails")
            self._mails()
        self._step("Google")
        self._google()
        self._step("Drafts")
        self._settle(MODEL)
        if signed_in:
            self._model()
        self._step("The stack")
        if not signed_in:
            self._tell(Finding("stack", State.LATER, "can be looked at once somebody is signed in to AWS"))
        elif not self.deployed:
            fix = f"make deploy ENV={self.environment.name}, then make setup ENV={self.environment.name} once more"
            said = (
                "not deployed yet; what needs it comes after: the Google key in its place, channels, Slack, a test mail"
            )
            self._tell(Finding("stack", State.LATER, said, fix))
        else:
            self.found += after.steps(self, self._tell_line)
        return self.found

    # telling and keeping

    def _greet(self) -> None:
        new = not self.environment.prefix
        said = (
            f"{self.environment.name} is new. Each answer is kept in {self.config.name}, but no secret. What stands in [ ] is taken with "
            "Enter. Ctrl-C stops at any point, and the same command goes on there."
            if new
            else f"What is known of {self.environment.name} is looked at; only what is missing or wrong is asked. To change an "
            f"answer, change it in {self.config.name}."
        )
        print(wrapped(said, "", columns()), flush=True)

    def _step(self, title: str) -> None:
        print(f"\n{title}", flush=True)

    def _tell(self, *findings: Finding) -> None:
        for finding in findings:
            self._tell_line(finding)
        self.found += findings

    def _tell_line(self, finding: Finding) -> None:
        print(line(finding, columns(), "  "), flush=True)

    def _settle(self, question: Question, *, first_time: bool = False) -> None:
        """What need not be answered is asked for the first time alone."""
        settle = self.answers.optional if question.optional and first_time else self.answers.settle
        before = question.read(self.environment)
        self.have(settle(question, self.environment))
        if before and before == question.read(self.environment) and self.answers.asks:
            print(f"  {question.key.replace('_', ' ')}: {before}", flush=True)

    def have(self, environment: Environment) -> None:
        """From now on this is what is known of the business, also after a break."""
        self.environment = environment
        keep(self.config, environment)

    # steps

    def subject(self) -> Subject:
        """For the checks: its clients only read."""
        one = self.environment
        return Subject(
            one.name,
            one.prefix,
            one.region,
            reading(self.clients(one)),
            lambda: datetime.now(UTC),
            one.stack_name(),
            one.parameters,
            one.watch,
            one.channels,
            one.profile,
            deployed=self.deployed,
        )

    def _aws(self) -> bool:
        try:
            subject = self.subject()
            told = aws.sign_in(subject)
        except BotoCoreError as error:
            fix = "aws configure list-profiles shows which there are; take profile = … out of samconfig.toml, or correct it"
            self._tell(Finding("AWS sign-in", State.UNKNOWN, str(error), fix))
            return False
        self._tell(*told)
        if any(one.name == "AWS sign-in" and one.state is not State.GOOD for one in told):
            return False
        found: list[Finding] = []
        with looking("stack", "cloudformation:DescribeStacks", found):
            there = stack.described(subject.client("cloudformation"), subject.stack_name())
            self.deployed = there is not None and not stack.status_trouble(str(there["StackStatus"]))
        self._tell(*found)
        return True

    def _mails(self) -> None:
        told = mail.mail(self.subject())
        if not self.deployed and any(one.name == "sender" and one.state is not State.LATER for one in told):
            # SES has it already: a stack that makes it anew would not come up.
            self.have(with_parameter(self.environment, "CreateMailIdentity", "false"))
        self._tell(*told)

    def _google(self) -> None:
        if self.deployed and "key" not in self.answers.told:
            self.key = secrets.drive_key(self.subject())[1]
        if self.key is None:
            self.key = self._read_key()
        if self.key is not None:
            said = f"Share the sheet's folder in Drive with {self.key['client_email']}, as Editor."
            print(wrapped(said, "  ", columns()))
        self._settle(SHEET)
        if self.key is None:
            self._settle_folder("")
            return
        sheet = _sheet(self.key, self.environment)
        self._settle_folder(_folder_of(sheet))
        if not self._make_sheet():
            return
        told, self.book = google.google(
            self.key, self.environment.parameters["SheetId"], self.environment.parameters.get("DriveFolderId", "")
        )
        self._tell(*told)
        if self.book is not None and self.book.channels:
            self.have(dataclasses.replace(self.environment, channels=tuple(self.book.channels)))

    def _read_key(self) -> dict[str, Any] | None:
        """Asked for again where a person typed what is none; a file of answers is told once."""
        for _ in range(TRIES):
            path = self.answers.path("key", "The path of the Google service account's JSON key")
            if path is None:
                fix = "Google Cloud console: IAM, Service accounts, create one, Keys, Add key, JSON; then KEY=its-path with this command"
                self._tell(Finding(google.KEY, State.BAD, "has not been given yet", fix))
                return None
            try:
                return read_key(path)
            except SheetError as error:
                said, _, fix = str(error).partition("; ")
            if "key" in self.answers.told or not self.answers.asks:
                break
            print(wrapped(f"{said}; {fix}", "  ", columns()))
        self._tell(Finding(google.KEY, State.BAD, said, fix))
        return None

    def _settle_folder(self, own: str) -> None:
        """The sheet's own, unless another was named: only where nobody can see it, somebody is asked."""
        if own and FOLDER.key not in self.answers.told and not self.environment.parameters.get("DriveFolderId"):
            self.have(with_parameter(self.environment, "DriveFolderId", own))
        elif FOLDER.key in self.answers.told or self.answers.asks:
            self._settle(FOLDER)

    def _make_sheet(self, compose: str = "") -> bool:
        """As ``make setup-sheet``; False where it could not be done, which was told then."""
        assert self.key is not None
        try:
            sheet = Spreadsheet(self.key, self.environment.parameters["SheetId"])
            try:
                zone = named_zone(self.environment.parameters.get("TimeZone"))
                report = set_up(sheet, zone, datetime.now(UTC), compose=compose)
            finally:
                sheet.close()
        except SheetError as error:
            self._tell(google.refused(google.SHEET, error))
            return False
        if report.done:
            more = f", and {len(report.done) - 1} things more" if len(report.done) > 1 else ""
            self._tell(Finding("sheet made ready", State.GOOD, report.done[0] + more))
        return True

    def make_sheet(self, compose: str) -> None:
        """Once more, with the address where notes are written."""
        if self.key is not None:
            self._make_sheet(compose)

    def _model(self) -> None:
        self._tell(*model_access.model_access(self.subject()))
        asked = "Ask the model one short question now (costs less than a hundredth of a cent)?"
        if self.answers.yes("ask_model", asked):
            client = self.clients(self.environment)("bedrock-runtime")
            found: list[Finding] = []
            with looking("model asked", "bedrock:InvokeModel", found):
                found.append(model_access.ask_model(client, model_access.model_of(self.subject())))
            self._tell(*found)


def regions() -> list[str]:
    """As this botocore knows them; Lambda is in all that are open."""
    session = boto3.Session()
    return [one for part in session.get_available_partitions() for one in session.get_available_regions("lambda", part)]


def _clients(environment: Environment) -> Callable[[str], Any]:
    session = boto3.Session(profile_name=environment.profile or None, region_name=environment.region)
    client: Callable[[str], Any] = session.client
    return client


def _sheet(key: dict[str, Any], environment: Environment) -> Spreadsheet | None:
    try:
        return Spreadsheet(key, environment.parameters["SheetId"])
    except SheetError:
        return None  # told of when it is made ready


def _folder_of(sheet: Spreadsheet | None) -> str:
    """The folder that it lies in, "" where nobody can see it."""
    if sheet is None:
        return ""
    try:
        return sheet.place().folder_id
    except SheetError:
        return ""
    finally:
        sheet.close()
