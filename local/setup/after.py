"""What can be done once the stack stands: the Google key in its secret, channels, Slack, a test mail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local import ROOT
from local.checks import google, reader, secrets, stack
from local.checks import slack as checks
from local.checks.looking import Subject, looking
from local.checks.model import Finding, State
from local.checks.screen import columns
from local.checks.telling import line, wrapped
from local.checks.values import mails_of
from local.setup import trial_mail
from local.setup.answering import TRIES
from local.setup.questions import with_parameter

if TYPE_CHECKING:
    from local.setup.walk import Walk

MANIFEST = ROOT / "docs" / "slack-app-manifest.yaml"
_PLACE = "https://APPROVE-URL"


def steps(walk: Walk, tell: Callable[[Finding], None]) -> list[Finding]:
    """Each told as it is done."""
    found: list[Finding] = []

    def say(findings: list[Finding]) -> None:
        for one in findings:
            tell(one)
        found.extend(findings)

    subject = walk.subject()
    outputs = _outputs(subject)
    say(stack.stacks(subject))
    say(store_key(walk, subject))
    if walk.key is not None and outputs.get("ComposeUrl"):
        walk.make_sheet(outputs["ComposeUrl"])
    if walk.book is None:
        told, document = secrets.drive_key(subject)
        if document is not None:
            told, walk.book = google.google(document, walk.environment.parameters["SheetId"])
        say(told)
    say(reader.reader(subject))
    if walk.book is not None:
        say(secrets.channels(subject, walk.book.channels))
    say(slack(walk, subject, outputs.get("ApproveUrl", "")))
    say(test_mail(walk, subject))
    return found


def test_mail(walk: Walk, subject: Subject) -> list[Finding]:
    """To the one who is named, where anybody is."""
    people = mails_of(walk.environment.parameters.get("Recipients", ""))
    asked = "A test mail now? The address to send it to, " + " or ".join(people) + " (empty for none)"
    for _ in range(TRIES):
        answer = walk.answers.said("test_mail", asked)
        if not answer:
            return []
        to = trial_mail.recipient(answer, people)
        if isinstance(to, str):
            print(f"  The mail to {to} is on its way to SES, a minute at most …", flush=True)
            return [trial_mail.send(walk.clients(walk.environment)("events"), subject, to)]
        if walk.answers.told.get("test_mail"):
            return [to]
        print(wrapped(f"{to.said}; {to.fix}", "  ", columns()))
    return []


def _outputs(subject: Subject) -> dict[str, str]:
    found: list[Finding] = []
    with looking("stack", "cloudformation:DescribeStacks", found):
        there = stack.described(subject.client("cloudformation"), subject.stack_name()) or {}
        return {str(one["OutputKey"]): str(one["OutputValue"]) for one in there.get("Outputs", ())}
    return {}


def store_key(walk: Walk, subject: Subject) -> list[Finding]:
    """The key from its file into the stack's secret, where it is not there already. Its content is never said."""
    name = f"{subject.prefix}/drive/sa"
    found: list[Finding] = []
    if walk.key is None:
        return secrets.drive_key(subject)[0]
    with looking("secret drive/sa", "secretsmanager:PutSecretValue", found):
        if secrets.parsed(secrets.text_of(subject.client("secretsmanager"), name)) != walk.key:
            client = walk.clients(walk.environment)("secretsmanager")
            client.put_secret_value(SecretId=name, SecretString=json.dumps(walk.key))
            said = f"put there for {walk.key['client_email']}; the file may be deleted now"
            return [Finding("secret drive/sa", State.GOOD, said)]
        found.append(Finding("secret drive/sa", State.GOOD, f"is there, for {walk.key['client_email']}"))
    return found


def slack(walk: Walk, subject: Subject, approve_url: str) -> list[Finding]:
    """The app's manifest with this stack's address in it; and its secret from a file, where one was given. Then Slack itself is asked."""
    used = bool(subject.parameters.get("SlackSecret"))
    path = None
    if not used and "slack" not in walk.answers.told:
        found = [manifest(subject, approve_url)] if approve_url.startswith("https://") else []
        if walk.answers.asks:
            for one in found:
                print(line(one, columns(), "  "), flush=True)
            path = walk.answers.path("slack", "Slack as well? The path of slack.json, once the app is made")
            found = []
        if path is None:
            return found
    if "slack" in walk.answers.told:
        path = walk.answers.path("slack", "slack.json")
    return checks.slack(subject) if path is None else store_slack(walk, subject, path)


def store_slack(walk: Walk, subject: Subject, path: Path) -> list[Finding]:
    """Not before Slack has taken its token: a secret that works is never replaced by one that does not."""
    name, fix, found = f"{subject.prefix}/slack", "docs/setup-slack.md shows what the file holds", list[Finding]()
    document = _document(path)
    if document is None:
        return [Finding(checks.NAME, State.BAD, f"{path} is not there or no JSON", fix)]
    judged = checks.document_judged(document, mails_of(subject.parameters.get("Recipients", "")), fix)
    if any(one.state is State.BAD for one in judged):
        return judged
    with looking(checks.NAME, "secretsmanager:CreateSecret and secretsmanager:PutSecretValue", found):
        client, told = walk.clients(walk.environment)("secretsmanager"), json.dumps(document)
        there = secrets.text_of(subject.client("secretsmanager"), name)
        if there is None:
            client.create_secret(Name=name, SecretString=told)
        elif there != told:
            client.put_secret_value(SecretId=name, SecretString=told)
        found += judged
        if subject.parameters.get("SlackSecret") != name:
            walk.have(with_parameter(walk.environment, "SlackSecret", name))
            said = f"the secret {name} is there; the functions are told of it by a deployment"
            found.append(Finding("Slack's secret", State.DOUBTFUL, said, subject.deploy))
    return found


def manifest(subject: Subject, approve_url: str, folder: Path = ROOT / "build") -> Finding:
    """Written beside the builds: what is pasted at Slack as it is."""
    file = folder / f"slack-app-manifest-{subject.prefix}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = MANIFEST.read_text("utf-8")
        lines = [one for one in text.splitlines(keepends=True) if not one.startswith("# Before you paste")]
        file.write_text("".join(lines).replace(_PLACE, approve_url.rstrip("/")), "utf-8")
    except OSError as error:
        return Finding(
            checks.NAME, State.DOUBTFUL, f"{file} cannot be written ({error.strerror})", "make room, and go on"
        )
    shown = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
    return Finding(
        checks.NAME,
        State.GOOD,
        f"not used; for it, {shown} is the app's manifest, ready to paste (docs/setup-slack.md)",
    )


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError):
        return None
