"""``docs/reference/parameters.md`` and ``docs/reference/environment.md``: what a business sets, and what of it reaches which function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from inspect import getmembers, isclass
from pathlib import Path
from typing import Any

from local.deploy import read_template
from local.reference.markdown import code, table, words
from mesh.clock import CLOCK_FILE_VARIABLE
from mesh.settings import Settings

STACKS = {
    "template.yaml": "The mesh: `social-scheduler-PREFIX`",
    "stacks/channel-secrets.yaml": "The channels' secrets: `social-scheduler-PREFIX-channels`",
    "stacks/watch.yaml": "The watch: `social-scheduler-PREFIX-watch`",
    "stacks/deploy-role.yaml": "GitHub's role, where a workflow deploys: `social-scheduler-PREFIX-deploy-role`",
}


def parameters_page(root: Path) -> str:
    """Markdown. Same templates, same page."""
    lines = [
        "# Parameters",
        "",
        "A business's values stand in `samconfig.toml`, where `make setup` writes them; what is left out has",
        "the template's default. `make deploy` looks at",
        "each before it does anything ([deploying](../deploying.md)). What the owner sets by herself stands in",
        "[the rules doc](../rules.md) instead, which",
        "outranks the parameters.",
        "",
    ]
    for file, title in STACKS.items():
        template = read_template(root / file)
        lines += [
            f"## {title}",
            "",
            f"[{file}](../../{file}): {template['Description']}.",
            "",
            *table(
                ("parameter", "default", "must be", "meaning"),
                (
                    (f"`{name}`", _default(told), _must(told), told["Description"])
                    for name, told in template["Parameters"].items()
                ),
            ),
        ]
        if outputs := template.get("Outputs"):
            lines += table(
                ("output", "what it is"), ((f"`{name}`", one["Description"]) for name, one in outputs.items())
            )
    return "\n".join(lines)


def _default(told: Mapping[str, Any]) -> str:
    if "Default" not in told:
        return "none: it must be given"
    return f"`{told['Default']}`" if told["Default"] != "" else "empty"


def _must(told: Mapping[str, Any]) -> str:
    said = []
    if "AllowedValues" in told:
        said.append("one of " + code(told["AllowedValues"]))
    if "AllowedPattern" in told:
        said.append(f"like `{told['AllowedPattern']}`")
    if "MinValue" in told or "MaxValue" in told:
        said.append(
            f"{told.get('MinValue', '')} to {told['MaxValue']}" if "MaxValue" in told else f"{told['MinValue']} or more"
        )
    if told.get("MinLength"):
        said.append(f"at least {told['MinLength']} characters" if int(told["MinLength"]) > 1 else "given")
    return ", ".join(said) or "-"


def environment_page(root: Path) -> str:
    """Markdown. Same template and settings, same page."""
    template = read_template(root / "template.yaml")
    models = {
        folder.parent.name: settings_of(folder.parent.name)
        for folder in sorted((root / "functions").glob("*/settings.py"))
    }
    given = {**template["Globals"]["Function"]["Environment"]["Variables"]}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            given |= resource["Properties"].get("Environment", {}).get("Variables", {})
    fields: dict[str, list[str]] = {}
    for function, model in models.items():
        for name in model.model_fields:
            fields.setdefault(name.upper(), []).append(function.replace("_", "-"))
    docs = {words(base.__doc__): base for model in models.values() for base in model.__mro__ if _own(base)}
    return "\n".join(
        [
            "# Environment variables",
            "",
            "A function reads them once, into one frozen model (its `settings.py`); what is missing or wrong is",
            "named. The template sets them, so that nobody",
            "sets one by hand; none holds a secret. What `samconfig.toml` can change of them are [the parameters](parameters.md).",
            "",
            *table(
                ("variable", "read by", "the template gives", "without it"),
                (
                    (f"`{name}`", _all(names, len(models)), _source(given.get(name), template), _without(models, name))
                    for name, names in fields.items()
                ),
            ),
            "## What they mean",
            "",
            *[f"* {text}" for text in docs],
            "",
            "## Others",
            "",
            *table(
                ("variable", "what it does"),
                [
                    ("`POWERTOOLS_SERVICE_NAME`", "the service that Powertools names where a function names none"),
                    (
                        "`MALLOC_MMAP_THRESHOLD_`",
                        "the renderer's: from how many bytes on the C library gives memory back at once. Pillow's pieces are above it",
                    ),
                    (
                        f"`{CLOCK_FILE_VARIABLE}`",
                        "on one computer alone: the file that says how far the clock was moved. On AWS it is absent",
                    ),
                    (
                        "`CONNECT_CLIENT_ID`, `CONNECT_SECRET`",
                        "for `make connect` where nobody can type: the app's id and secret ([connecting](../connect.md))",
                    ),
                    (
                        "`AWS_PROFILE`, `AWS_REGION`",
                        "as every AWS program reads them: for the commands that speak to a stack on AWS, where "
                        "neither `PROFILE` nor `REGION` is given",
                    ),
                ],
            ),
        ]
    )


@cache
def settings_of(function: str) -> type[Settings]:
    module = import_module(f"{function}.settings")
    (found,) = (
        one for _, one in getmembers(module, isclass) if issubclass(one, Settings) and one.__module__ == module.__name__
    )
    return found


def _own(base: type) -> bool:
    return (
        isinstance(base, type) and issubclass(base, Settings) and "``" in (base.__doc__ or "") and base is not Settings
    )


def _all(names: list[str], count: int) -> str:
    return "every function" if len(names) == count else ", ".join(names)


def _without(models: Mapping[str, type[Settings]], name: str) -> str:
    """Refused by some, perhaps; where it has a default, that."""
    said: dict[str, list[str]] = {}
    for function, model in models.items():
        field = model.model_fields.get(name.lower())
        if field is not None:
            value = (
                "it refuses to start"
                if field.is_required()
                else f"`{field.default}`"
                if str(field.default)
                else "empty"
            )
            said.setdefault(value, []).append(function.replace("_", "-"))
    return "; ".join(value if len(said) == 1 else f"{value} ({', '.join(names)})" for value, names in said.items())


def _source(value: Any, template: Mapping[str, Any]) -> str:
    if value is None:
        return "nothing: on one computer alone"
    return ", or ".join(dict.fromkeys(_named(value, template)))


def _named(value: Any, template: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(value, str):
        yield f"`{value}`"
        return
    ((function, inner),) = value.items()
    match function:
        case "Ref":
            yield f"the parameter `{inner}`" if inner in template["Parameters"] else f"the name of `{inner}`"
        case "Fn::GetAtt":
            resource, _, attribute = ".".join([inner] if isinstance(inner, str) else inner).partition(".")
            yield f"the {attribute} of `{resource}`"
        case "Fn::If":
            for one in inner[1:]:
                yield from _named(one, template)
        case _:
            yield f"`{inner}`"
