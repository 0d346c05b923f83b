"""``python -m local doctor [ENV]``: everything a business needs to run, looked at and told with what to do; nothing is changed.

ENV is its name in samconfig.toml; without one it is the make run that is up.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from local import ROOT
from local.checks import aws, google, mail, model_access, posts, reader, running, secrets, slack, stack
from local.checks.looking import Subject, looking, reading
from local.checks.model import Finding, State
from local.checks.screen import columns
from local.checks.telling import UNASKED, as_json, code, line, summary
from local.operator.books import Books, BooksError
from local.operator.which import Chosen, chosen
from local.ship.environments import MESH, Environment, SamconfigError, read


def main(argv: list[str]) -> int:
    """0 when all is well, 1 when something is to do, 2 when it could not be looked at."""
    parser = argparse.ArgumentParser(prog="python -m local doctor", description=__doc__)
    parser.add_argument("environment", metavar="ENV", nargs="?", default="", help="its name in samconfig.toml")
    parser.add_argument("--json", action="store_true", help="all of it, for a program")
    parser.add_argument("--config", type=Path, default=ROOT / "samconfig.toml", help="another samconfig.toml")
    parser.add_argument("--state", type=Path, help="the folder of a make run; else the one that is up")
    options = parser.parse_args(argv)
    found: list[Finding] = []
    try:
        environment = environment_of(options.config, options.environment) if options.environment else None
        with chosen(_told(environment, options.state)) as there:
            name = there.name
            for finding in examine(read_only(there), environment):
                found.append(finding)
                if not options.json:
                    print(line(finding, columns()), flush=True)
    except (BooksError, SamconfigError) as error:
        print(f"doctor: {error}", file=sys.stderr)
        return UNASKED
    except KeyboardInterrupt:
        print("\ndoctor: stopped; nothing was changed, and the rest was not looked at.", file=sys.stderr)
        return UNASKED
    print(json.dumps(as_json(name, found), indent=2) if options.json else summary(found))
    return code(found)


def environment_of(config: Path, name: str) -> Environment:
    """SamconfigError where the file cannot be read, or has no such business."""
    try:
        text = config.read_text("utf-8")
    except OSError as error:
        raise SamconfigError(f"{config} cannot be read ({error.strerror}); make setup ENV={name} writes it") from error
    except ValueError as error:
        raise SamconfigError(f"{config} is no text in UTF-8; take it from the last commit, or mend it") from error
    return read(text, name)


def _told(environment: Environment | None, state: Path | None) -> argparse.Namespace:
    if environment is None:
        return argparse.Namespace(env=None, prefix=None, region=None, profile=None, zone=None, state=state)
    zone, profile = environment.parameters.get("TimeZone"), environment.profile or None
    return argparse.Namespace(
        env=None, prefix=environment.prefix, region=environment.region, profile=profile, zone=zone, state=None
    )


def read_only(there: Chosen) -> Chosen:
    """BooksError for what a run has left: it can be read, but nothing of it lives."""
    if not there.up:
        raise BooksError("no make run is up: start one, or name a business of samconfig.toml: make doctor ENV=cafe")
    client = reading(there.client)
    return dataclasses.replace(there, client=client, books=Books(client("dynamodb"), there.prefix))


def examine(there: Chosen, environment: Environment | None) -> Iterator[Finding]:
    """Every check, as each is done. Where nobody is signed in, nothing else is asked."""
    subject = subject_of(there, environment)
    signed_in = aws.sign_in(subject)
    yield from signed_in
    if any(one.name == "AWS sign-in" and one.state is State.UNKNOWN for one in signed_in):
        return
    found: list[Finding] = []
    with looking("stack", "cloudformation:DescribeStacks", found):
        described = stack.described(subject.client("cloudformation"), subject.stack_name())
        if described is None:
            found += stack.stacks(subject)
        elif subject.local:
            subject = dataclasses.replace(subject, parameters=stack.parameters_of(described))
    if found:
        yield from found
        return
    assert described is not None
    outputs = {str(one["OutputKey"]): str(one["OutputValue"]) for one in described.get("Outputs", ())}
    checks: list[Callable[[], list[Finding]]] = [
        lambda: stack.stacks(subject),
        lambda: running.schedules(subject),
        lambda: running.functions(subject),
        lambda: posts.posts(subject, there),
        lambda: secrets.signing_keys(subject),
        lambda: google_side(subject),
        lambda: reader.reader(subject),
        lambda: mail.mail(subject),
        lambda: slack.slack(subject),
        lambda: model_access.model_access(subject),
        lambda: running.subscriptions(subject),
        lambda: running.door(subject, outputs.get("ApproveUrl", "")),
    ]
    for check in checks:
        yield from check()


def google_side(subject: Subject) -> list[Finding]:
    """The key in the secret, what it opens at Google, and a sign-in for each channel that the rules doc names."""
    found, document = secrets.drive_key(subject)
    if document is None:
        return found
    told, book = google.google(document, subject.parameters["SheetId"], subject.parameters.get("DriveFolderId", ""))
    if book is None:
        return [*found, *told]
    return [*found, *told, *secrets.channels(subject, book.channels)]


def subject_of(there: Chosen, environment: Environment | None) -> Subject:
    if environment is None:
        region = there.client("dynamodb").meta.region_name
        return Subject("", there.prefix, region, there.client, there.now, there.prefix, local=True)
    return Subject(
        environment.name,
        environment.prefix,
        environment.region,
        there.client,
        there.now,
        environment.stack_name(MESH),
        environment.parameters,
        environment.watch,
        environment.channels,
        environment.profile,
    )
