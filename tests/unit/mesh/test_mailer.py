"""What the mailer hands to SES."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

from mesh.mail import Mailer, tag


class Ses:
    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def send_email(self, **request: Any) -> None:
        self.asked.append(request)


def sent(mail_set: str, **tags: str) -> dict[str, Any]:
    ses, mail = Ses(), EmailMessage()
    mail["To"] = "ada@example.test"
    tag(mail, tags)
    Mailer(ses, "posts@example.test", mail_set).send(mail)
    (request,) = ses.asked
    return request


def test_a_mail_names_its_set_and_its_tags_and_its_reader_sees_neither() -> None:
    request = sent("ss-mails", round="r_5d41-A")
    assert request["ConfigurationSetName"] == "ss-mails"
    assert request["EmailTags"] == [{"Name": "round", "Value": "r_5d41-A"}]
    assert b"r_5d41-A" not in request["Content"]["Raw"]["Data"]


def test_without_a_set_there_are_no_tags_either() -> None:
    assert not {"ConfigurationSetName", "EmailTags"} & set(sent("", round="r_1"))


def test_a_tag_that_ses_would_refuse_costs_the_tag_and_not_the_mail() -> None:
    assert "EmailTags" not in sent("ss-mails", round="r 1,evil=x")
