"""``make setup`` as a person does it: at a terminal, with mistakes, stopped twice, until the doctor finds nothing."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest
from cafe_business import ME, NAME, OTHER, Business, a_business, deploy_all, wake
from terminal import CTRL_C, Terminal

from local import ROOT

pytestmark = pytest.mark.slow
BEN = "ben@cafe.example"
MOVES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ASKED = ("Who approves", "JSON key", "Sheet's address", "short question", "Slack as well?", "A test mail now?")


def typed(business: Business) -> Terminal:
    command = [sys.executable, "-m", "local", "setup", NAME, "--config", str(business.config)]
    return Terminal(command, os.environ, str(ROOT))


def too_wide(screen: str) -> list[str]:
    """Lines that the terminal had to break, but for questions with what was typed, and commands to copy.

    Readline goes back over a long answer by one sequence for each character: those are no width.
    """
    said = [line for line in MOVES.sub("", screen).splitlines() if len(line) > 80]
    return [line for line in said if not any(one in line for one in (*ASKED, "-> make "))]


def test_a_person_sets_a_business_up_at_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with a_business(tmp_path) as business:
        sheet = business.answers.read_text().split('sheet = "')[1].split('"')[0]
        model = business.answers.read_text().split('model = "')[1].split('"')[0]
        screens = [
            _begun(business),
            _to_the_key(business),
            _to_the_stack(business, sheet),
        ]
        business.keep(DraftModel=model)
        deploy_all(business)
        screens += [_to_the_end(business), _once_more(business)]
        wake(business)
        code, found = business.doctor(capsys)
        assert (code, found) == (0, {})
        mails = [(mail["To"], mail["Subject"]) for mail in business.mails()]
        assert [to for to, subject in mails if "A test" in subject] == [BEN]
        secret = json.loads(business.key.read_text())["private_key"]
        for screen in screens:
            assert "Traceback" not in screen
            assert secret[40:80] not in screen
            assert too_wide(screen) == []


def _begun(business: Business) -> str:
    """Nothing is kept before it is known where; then all that was answered is."""
    with typed(business) as terminal:
        terminal.answer("AWS profile", CTRL_C)
        assert terminal.end() == 2
        assert "before there was anything to keep" in terminal.screen
    with typed(business) as terminal:
        terminal.answer("AWS profile", "")
        terminal.answer("AWS region", "eu-central", "")
        terminal.answer("short name", "Café Nord", "")
        terminal.answer("time zone", "Berln", CTRL_C)
        assert terminal.end() == 2
        assert "make setup ENV=cafe goes on from there" in terminal.screen
        assert "write Europe/Berlin" in terminal.screen
    assert business.environment.prefix == "cafe"
    return terminal.screen


def _to_the_key(business: Business) -> str:
    with typed(business) as terminal:
        terminal.until("region: ap-southeast-1")
        terminal.answer("time zone", "Europe/Berlin")
        terminal.answer("Who approves", "ada.cafe.example", f"{ME}, {BEN}")
        terminal.answer("monthly recap", "")
        terminal.answer("mail comes from", "posts@cafe.example")
        terminal.answer("Who hears of alarms", OTHER)
        terminal.answer("JSON key", "/nowhere/key.json", CTRL_C)
        assert terminal.end() == 2
        assert "AWS profile" not in terminal.screen, "what need not be answered is asked once"
    assert business.environment.parameters["Recipients"] == f"{ME},{BEN}"
    return terminal.screen


def _to_the_stack(business: Business, sheet: str) -> str:
    with typed(business) as terminal:
        terminal.until(f"recipients: {ME},{BEN}")
        terminal.answer("JSON key", str(business.key))
        terminal.until("Share the sheet's folder in Drive with")
        terminal.answer("Sheet's address", "my sheet", sheet)
        terminal.answer("short question now", "")
        assert terminal.end() == 1
        assert "make deploy ENV=cafe, then make setup ENV=cafe once more" in terminal.screen
    return terminal.screen


def _to_the_end(business: Business) -> str:
    with typed(business) as terminal:
        terminal.answer("JSON key", str(business.key))
        terminal.answer("short question now", "n")
        terminal.until("secret drive/sa: put there")
        terminal.answer("Slack as well?", "")
        terminal.answer("A test mail now?", "eve@cafe.example", BEN)
        terminal.until(f"SES has taken it, to {BEN} alone")
        terminal.end()
    return terminal.screen


def _once_more(business: Business) -> str:
    """Neither the key nor anything else that is there is asked for."""
    with typed(business) as terminal:
        terminal.answer("short question now", "")
        terminal.answer("Slack as well?", "")
        terminal.answer("A test mail now?", "")
        assert terminal.end() == 0, terminal.screen
        assert "JSON key" not in terminal.screen
        assert "All is well" in terminal.screen
    return terminal.screen
