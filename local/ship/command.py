"""``python -m local deploy|undeploy ENV``: a business of samconfig.toml brought up on AWS, or its stacks removed."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from errno import EDQUOT, ENOSPC
from pathlib import Path

from local import ROOT
from local.ship.account import ShipError, Side
from local.ship.deploying import DeclinedError, Deployment, Done
from local.ship.environments import Environment, SamconfigError, read
from local.ship.sam import Sam, default_build, full
from local.ship.stacks import Stacks
from local.ship.undeploying import Removal, afterwards


def deploy(argv: list[str]) -> int:
    """0 when it is deployed or nothing was to do, 1 when something is in the way, 3 when the answer was no."""
    parser = _parser("deploy", "Bring a business of samconfig.toml up on AWS, or to what stands there now.")
    parser.add_argument(
        "--allow",
        default="",
        metavar="IDS",
        help="tables, buckets or secrets that may be replaced or taken out, by logical id, with commas",
    )
    parser.add_argument(
        "--continue-rollback", action="store_true", help="first go on with an update's way back that stuck"
    )
    options = parser.parse_args(argv)

    def run(environment: Environment, config: Path) -> None:
        side = Side(environment.region, environment.profile)
        sam = Sam(ROOT, side, config, default_build(ROOT))
        allowed = [one.strip() for one in options.allow.split(",") if one.strip()]
        deployment = Deployment(
            environment,
            sam,
            Stacks(side.client("cloudformation")),
            teller(),
            asker(options.yes),
            allowed,
            options.continue_rollback,
        )
        print("\n".join(ending(environment, deployment.run())))

    return _carried_out(options, run)


def undeploy(argv: list[str]) -> int:
    """As ``deploy``."""
    options = _parser(
        "undeploy", "Remove a business's stacks from AWS; its tables, buckets and secrets stay."
    ).parse_args(argv)

    def run(environment: Environment, config: Path) -> None:
        side = Side(environment.region, environment.profile)
        removal = Removal(ROOT, environment, side, Stacks(side.client("cloudformation")), teller(), asker(options.yes))
        if kept := removal.run():
            print("\n".join(afterwards(environment, kept)))

    return _carried_out(options, run)


def _parser(name: str, described: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m local {name}", description=described)
    parser.add_argument("environment", metavar="ENV", help="its name in samconfig.toml")
    parser.add_argument("--yes", action="store_true", help="ask nothing; what would be asked is printed")
    parser.add_argument("--config", type=Path, default=ROOT / "samconfig.toml", help="another samconfig.toml")
    return parser


def _carried_out(options: argparse.Namespace, run: Callable[[Environment, Path], None]) -> int:
    config: Path = options.config.resolve()
    try:
        text = config.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        print(
            f"{config} cannot be read: {error}\n  next: make setup ENV={options.environment} writes it", file=sys.stderr
        )
        return 1
    try:
        run(read(text, options.environment), config)
    except (ShipError, SamconfigError) as error:
        print(str(error), file=sys.stderr)
        return 1
    except OSError as error:
        print(str(on_this_computer(error)), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(_STOPPED, file=sys.stderr)
        return 130
    except DeclinedError:
        print("Left as it was.")
        return 3
    return 0


_STOPPED = """
Stopped. What was under way goes on at AWS without this terminal; what was only planned is forgotten.
  next: the same command again looks how it stands"""


def on_this_computer(error: OSError) -> ShipError:
    """What the file system refused."""
    if error.errno in (ENOSPC, EDQUOT):
        return full()
    return ShipError(f"{error.filename or 'this computer'}: {error.strerror}", "mend that, then the same command again")


def teller() -> Callable[[str], None]:
    """Prints what is said, with the seconds since the beginning."""
    began = time.monotonic()
    return lambda said: print(f"{time.monotonic() - began:5.0f} s  {said}", flush=True)


def asker(yes: bool) -> Callable[[str], bool]:
    """Asks at the terminal. ShipError where nobody sits at one and ``yes`` was not given."""

    def ask(question: str) -> bool:
        if yes:
            print(f"{question} yes (YES=1)")
            return True
        if not sys.stdin.isatty():
            raise ShipError("somebody has to say yes to this, and nobody sits here", "YES=1 says it beforehand")
        try:
            return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
        except (EOFError, KeyboardInterrupt):
            return False  # what was planned is taken back, as after a no

    return ask


def ending(environment: Environment, done: Done) -> list[str]:
    """What came of it, and what to do next."""
    changed = (
        f"Deployed: {', '.join(done.changed)}."
        if done.changed
        else "Nothing to do: everything is as samconfig.toml and this clone say."
    )
    outputs = [f"  {name:14} {value}" for name, value in sorted(done.outputs.items())]
    return [
        changed,
        *outputs,
        f"Next: make doctor ENV={environment.name} looks at all of it and says what is still to do",
        "(the Google key, the sender's address at SES, each channel's sign-in, the mail that asks the operator).",
    ]
