"""What was answered, in samconfig.toml: read, and put back whole or not at all."""

from __future__ import annotations

import re
from pathlib import Path

from local.setup.answering import SetupError
from local.ship.environments import Environment, SamconfigError, names, put, read, written

_FIRST = "version = 0.1\n"


def begun(config: Path, name: str) -> Environment:
    """As far as it is known: a name that is not there begins a business. SetupError where the file makes no sense."""
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name) or name.endswith(("-channels", "-watch")) or name == "default":
        raise SetupError(
            f"{name} cannot be a business's name in samconfig.toml; small letters, digits and hyphens can: cafe"
        )
    text = _text(config)
    try:
        if name not in names(text):
            return Environment(name, "", "")
        return read(text, name)
    except SamconfigError as error:
        raise SetupError(
            f"{error}; mend that by hand, or take the three parts [{name}…] out and answer anew: everything else stays"
        ) from error
    except (AttributeError, TypeError, KeyError) as error:
        raise SetupError(
            f"samconfig.toml, [{name}…] is not as it must be ({error}); take those parts out and answer anew"
        ) from error


def keep(config: Path, environment: Environment) -> bool:
    """Whether there was anything to write: not before region and prefix are known.

    SetupError, with the file as it was, where it cannot be written.
    """
    if not (environment.region and environment.prefix):
        return False
    text = _text(config)
    if environment.name in names(text) and read(text, environment.name) == environment:
        return False
    try:
        put(config, written(text, environment))
    except OSError as error:
        raise SetupError(
            f"{config} cannot be written ({error.strerror}), and stands as it did; make room or make it writable, and go on"
        ) from error
    return True


def _text(config: Path) -> str:
    try:
        return config.read_text("utf-8")
    except FileNotFoundError:
        return _FIRST
    except OSError as error:
        raise SetupError(f"{config} cannot be read ({error.strerror}); make it readable, and go on") from error
    except ValueError as error:
        raise SetupError(
            f"{config} is no text in UTF-8; take it from the last commit: git checkout {config.name}"
        ) from error
