"""The environments of samconfig.toml: one for each business (or stage of one), three stacks each.

``NAME`` deploys template.yaml, ``NAME-channels`` stacks/channel-secrets.yaml and ``NAME-watch`` stacks/watch.yaml, as the SAM CLI reads
them (``sam deploy --config-env NAME``). No secret stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

MESH, CHANNELS, WATCH = "", "-channels", "-watch"
TEMPLATES = {MESH: "template.yaml", CHANNELS: "stacks/channel-secrets.yaml", WATCH: "stacks/watch.yaml"}
"""In the order in which they are brought up."""
CAPABILITIES = {MESH: ["CAPABILITY_IAM"], CHANNELS: ["CAPABILITY_AUTO_EXPAND"]}
_NOT_BUSINESSES = ("default",)
_OURS = "ship"  # a command that the SAM CLI does not have: it passes over what stands there


class SamconfigError(Exception):
    """What is wrong with samconfig.toml, where, and how to mend it, in a sentence."""


@dataclass(frozen=True)
class Environment:
    """``parameters`` are template.yaml's without Prefix, ``watch`` those of stacks/watch.yaml without it.

    ``confirm``: a person sees each change set and says yes to it. ``account`` is where it was deployed first: no other will do then.
    """

    name: str
    region: str
    prefix: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    watch: Mapping[str, str] = field(default_factory=dict)
    profile: str = ""
    confirm: bool = True
    account: str = ""

    def stack_name(self, which: str = MESH) -> str:
        return f"social-scheduler-{self.prefix}{which}"

    def given(self, which: str) -> dict[str, str]:
        """The parameters of one of the three stacks, as samconfig.toml says them."""
        own: Mapping[str, str] = {MESH: self.parameters, WATCH: self.watch}.get(which, {})
        if which == CHANNELS:
            own = {"Channels": ",".join(self.channels)}
        return {"Prefix": self.prefix, **own}

    @property
    def place(self) -> str:
        """As the AWS command line is told of it."""
        return f"--region {self.region}" + (f" --profile {self.profile}" if self.profile else "")


def names(text: str) -> tuple[str, ...]:
    """Of the businesses in a samconfig.toml, as they stand there."""
    return tuple(
        name
        for name in _document(text)
        if name not in ("version", *_NOT_BUSINESSES) and not name.endswith((CHANNELS, WATCH))
    )


def read(text: str, name: str) -> Environment:
    document = _document(text)
    if name not in names(text):
        there = ", ".join(names(text)) or "none yet"
        raise SamconfigError(
            f"samconfig.toml has no environment {name} (it has: {there}); make setup ENV={name} writes it"
        )
    mesh = _parameters(document, name, MESH)
    overrides = _overrides(mesh, name)
    channels = _overrides(_parameters(document, name, CHANNELS), name + CHANNELS).get("Channels", "")
    watch = _overrides(_parameters(document, name, WATCH), name + WATCH)
    for key, value in (("region", mesh.get("region")), ("Prefix in parameter_overrides", overrides.get("Prefix"))):
        if not value:
            raise SamconfigError(f"samconfig.toml, [{name}.deploy.parameters]: {key} is missing")
    return Environment(
        name=name,
        region=str(mesh["region"]),
        prefix=overrides["Prefix"],
        parameters={key: value for key, value in overrides.items() if key != "Prefix"},
        channels=tuple(one.strip() for one in channels.split(",") if one.strip()),
        watch={key: value for key, value in watch.items() if key != "Prefix"},
        profile=str(mesh.get("profile", "")),
        confirm=bool(mesh.get("confirm_changeset", True)),
        account=str(document[name].get(_OURS, {}).get("parameters", {}).get("account", "")),
    )


def written(text: str, environment: Environment) -> str:
    """The same file with this environment in it, new or in its place; everything else as it stood, comments too."""
    document = _document(text)
    for which in TEMPLATES:
        parameters = tomlkit.table()
        parameters["template_file"] = TEMPLATES[which]
        if which == MESH:
            del parameters["template_file"]  # `sam build` has made its own of it
        parameters["stack_name"] = environment.stack_name(which)
        parameters["region"] = environment.region
        if environment.profile:
            parameters["profile"] = environment.profile
        if which in CAPABILITIES:
            parameters["capabilities"] = CAPABILITIES[which]
        if which == CHANNELS:
            parameters["language_extensions"] = True  # without it, SAM stumbles over Fn::ForEach
        parameters["resolve_s3"] = True
        parameters["s3_prefix"] = environment.stack_name(which)  # a deploy role reaches its own business's alone
        parameters["confirm_changeset"] = environment.confirm
        lines = tomlkit.array()
        lines.extend(f"{key}={value}" for key, value in environment.given(which).items())
        parameters["parameter_overrides"] = lines.multiline(multiline=True)
        deploy = tomlkit.table(is_super_table=True)
        deploy["parameters"] = parameters
        outer = tomlkit.table(is_super_table=True)
        outer["deploy"] = deploy
        if which == MESH and environment.account:
            ours = tomlkit.table(is_super_table=True)
            ours["parameters"] = {"account": environment.account}
            outer[_OURS] = ours
        if environment.name + which in document:
            _renew(document[environment.name + which], outer)
        else:
            document[environment.name + which] = outer
    return tomlkit.dumps(document)


def _renew(there: Any, wanted: Any) -> None:
    """Only what is another one is changed, so that comments stay at their lines."""
    for key in [one for one in there if one not in wanted]:
        del there[key]
    for key, value in wanted.items():
        if key in there and isinstance(value, Mapping) and isinstance(there[key], Mapping):
            _renew(there[key], value)
        elif key in there and isinstance(value, list) and isinstance(there[key], list):
            _renew_lines(there[key], [str(one) for one in value])
        elif key not in there or there[key] != value:
            there[key] = value


def _renew_lines(there: Any, wanted: list[str]) -> None:
    """Of ``Name=value`` each."""
    named = {line.partition("=")[0]: line for line in wanted}
    for number in reversed(range(len(there))):
        name = str(there[number]).partition("=")[0]
        line = named.pop(name, None)
        if line is None:
            del there[number]
        elif line != there[number]:
            there[number] = line
    for line in wanted:
        if line in named.values():
            there.append(line)


def keep(config: Path, environment: Environment) -> None:
    """Into the file, whole or not at all. OSError where it cannot be written."""
    put(config, written(config.read_text("utf-8"), environment))


def put(config: Path, text: str) -> None:
    """The file's whole new text, or it stays as it was: OSError."""
    part = config.with_name(f"{config.name}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(config)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _document(text: str) -> Any:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise SamconfigError(f"samconfig.toml cannot be read: {error}") from error


def _parameters(document: Any, name: str, which: str) -> Mapping[str, Any]:
    found = document.get(name + which, {}).get("deploy", {}).get("parameters", {})
    return dict(found)


def _overrides(parameters: Mapping[str, Any], name: str) -> dict[str, str]:
    lines = parameters.get("parameter_overrides", [])
    if not isinstance(lines, list):
        raise SamconfigError(
            f'samconfig.toml, [{name}.deploy.parameters]: parameter_overrides is a list like ["Prefix=cafe"]'
        )
    found = {}
    for line in lines:
        key, sign, value = str(line).partition("=")
        if not sign:
            raise SamconfigError(f"samconfig.toml, [{name}.deploy.parameters]: {line} is no Name=value")
        found[key] = value
    return found
