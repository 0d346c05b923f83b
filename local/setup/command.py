"""``python -m local setup ENV``: a business set up step by step. It may be stopped and begun again at any point.

What is answered is kept in samconfig.toml, where nothing secret stands; a second run looks at all of it, and asks only for what is
missing or wrong. With ``--answers`` nobody is asked.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from local import ROOT
from local.checks.telling import UNASKED, code, summary
from local.setup.answering import SetupError, answers
from local.setup.keeping import begun
from local.setup.questions import known
from local.setup.walk import Walk, regions
from local.ship.environments import SamconfigError


def main(argv: list[str]) -> int:
    """0 when nothing is left to do (but what comes after the deployment), 1 when something is, 2 when it could not go on."""
    parser = argparse.ArgumentParser(prog="python -m local setup", description=__doc__)
    parser.add_argument("environment", metavar="ENV", help="the business's name in samconfig.toml, like cafe")
    parser.add_argument("--answers", type=Path, metavar="FILE", help="answers in a TOML file; nobody is asked then")
    parser.add_argument("--key", default="", help="the Google service account's JSON key")
    parser.add_argument("--slack", default="", help="Slack's secret as a JSON file (docs/setup-slack.md)")
    parser.add_argument("--ask-model", action="store_true", help="ask the model one short question")
    parser.add_argument(
        "--test-mail",
        nargs="?",
        const="yes",
        default="",
        metavar="ADDRESS",
        help="send a test mail to this one of those who approve; without an address where there is only one",
    )
    parser.add_argument("--config", type=Path, default=ROOT / "samconfig.toml", help="another samconfig.toml")
    options = parser.parse_args(argv)
    more = {
        "key": options.key,
        "slack": options.slack,
        "ask_model": "yes" if options.ask_model else "",
        "test_mail": options.test_mail,
    }
    again, config = f"make setup ENV={options.environment}", options.config.resolve()
    try:
        environment = begun(config, options.environment)
        found = Walk(environment, config, answers(options.answers, known(regions()), more)).run()
    except (SetupError, SamconfigError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return UNASKED
    except KeyboardInterrupt:
        print(f"\n{_stopped(config, options.environment)}", file=sys.stderr)
        return UNASKED
    print(f"\n{summary(found)}")
    print(
        f"{again} looks again, and goes on."
        if code(found)
        else f"make doctor ENV={options.environment} looks at all of it, any time."
    )
    return code(found)


def _stopped(config: Path, name: str) -> str:
    try:
        kept = bool(begun(config, name).prefix)
    except SetupError:
        kept = False
    if kept:
        return f"Stopped. What was answered is in {config.name}.\nmake setup ENV={name} goes on from there."
    return f"Stopped before there was anything to keep.\nmake setup ENV={name} begins again."
