"""``docs/reference/stores.md``: tables with their keys, indexes and fields, buckets, secrets and the queue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from local.console.mesh_template import Template
from local.deploy import read_template
from local.reference.events import fields_table, parts_of
from local.reference.functions import GIVEN, Drawn
from local.reference.markdown import code, table, words
from mesh.ledger.items import Attempt, Head, Status
from mesh.ledger.proposals import Proposal

_ITEMS: Mapping[str, tuple[type[BaseModel], ...]] = {"ss-status": (Status, Proposal), "ss-sends": (Head, Attempt)}


def stores_page(root: Path, mesh: Drawn) -> str:
    """Markdown. Same templates, models and hand-written words, same page."""
    template = Template(read_template(root / "template.yaml"), GIVEN)
    holds = dict(_rows((root / "docs" / "architecture.md").read_text("utf-8")))
    ledger = (root / "layers" / "mesh" / "python" / "mesh" / "ledger" / "README.md").read_text("utf-8")
    lines = [
        "# Stores",
        "",
        "`ss` stands for the stack's prefix. **Tables, buckets and secrets stay when the stack is deleted**,",
        "and a deployment that would replace one stops",
        "([deploying](../deploying.md)). What they hold in words comes from [the architecture](../architecture.md#stores) and from",
        "[the ledger's README](../../layers/mesh/python/mesh/ledger/README.md), which also says who writes which field.",
        "",
        "## Tables",
        "",
        "Paid by request, with point-in-time recovery of 35 days. Times are ISO 8601 in UTC; what is absent means none.",
        "",
    ]
    for name, one in _of(template, "AWS::DynamoDB::Table"):
        lines += _table(mesh, name, one, holds[name])
        if name == "ss-runtime":
            lines += ["Its keys: " + words(_paragraph(ledger, "Runtime keys: ")), ""]
        if name == "ss-audit":
            lines += ["What a row says, and of which actions: [audit](audit.md).", ""]
        seen: set[str] = set()
        for model in _ITEMS.get(name, ()):
            lines += _item(model, seen)
    lines += ["## Buckets", "", "Encrypted, and closed to the public.", ""]
    for name, one in _of(template, "AWS::S3::Bucket"):
        lines += _bucket(mesh, name, one, holds[name.replace("<AccountId>", "<account>")])
    channels = Template(read_template(root / "stacks" / "channel-secrets.yaml"), GIVEN)
    lines += [
        "## Secrets",
        "",
        *table(
            ("secret", "what it is", "read by", "written by"),
            [
                (
                    f"`{template.text(one['Properties']['Name'])}`",
                    one["Properties"]["Description"],
                    _readers(template, name),
                    "a person",
                )
                for name, one in template.resources.items()
                if one["Type"] == "AWS::SecretsManager::Secret"
            ]
            + [
                (
                    "`ss/channels/<name>`",
                    _channel_words(channels),
                    "sender",
                    "sender (a renewed sign-in), `make connect`",
                )
            ]
            + [
                (
                    "`ss/slack`",
                    "Slack's token, signing secret, channel and members, where Slack is set up",
                    "notifier, approve-handler, digest, recap",
                    "a person ([Slack](../setup-slack.md))",
                )
            ],
        ),
        "## Queue",
        "",
        *[
            f"`{name}`: what could not be delivered or handled after all its tries, for {int(one['MessageRetentionPeriod']) // 86400}"
            " days ([operating](../operating.md))."
            for name, one in _of(template, "AWS::SQS::Queue")
        ],
        "",
    ]
    return "\n".join(lines)


def _of(template: Template, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for resource in template.resources.values():
        if resource["Type"] == kind:
            told = resource["Properties"]
            name = next(
                template.text(told[key]) for key in ("TableName", "BucketName", "QueueName", "Name") if key in told
            )
            yield name, told


def _rows(page: str) -> list[tuple[str, str]]:
    """The Stores table of the architecture: a store's name and what it holds."""
    return re.findall(r"^\| `([a-z-]+(?:<account>)?)` \| (.+) \|$", page, re.MULTILINE)


def _paragraph(text: str, start: str) -> str:
    return next(line.removeprefix(start) for line in text.splitlines() if line.startswith(start))


def _who(mesh: Drawn, kind: str, name: str) -> tuple[str, str]:
    reads, writes = (mesh.to(f"{kind}/{name}", edge, "function") for edge in ("reads", "writes"))
    return tuple(", ".join(dict.fromkeys(str(one["name"]) for one in found)) or "-" for found in (reads, writes))  # type: ignore[return-value]


def _readers(template: Template, secret: str) -> str:
    """The functions whose policies let them read it."""
    found = [
        template.name_of(name)
        for name, one in template.resources.items()
        if one["Type"] == "AWS::Serverless::Function"
        for policy in one["Properties"].get("Policies", ())
        for statement in policy["Statement"]
        if "secretsmanager:GetSecretValue" in str(statement) and secret in template.meant(statement)
    ]
    return ", ".join(dict.fromkeys(found))


def _table(mesh: Drawn, name: str, told: Mapping[str, Any], holds: str) -> Iterator[str]:
    indexes = told.get("GlobalSecondaryIndexes") or []
    forgets = told.get("TimeToLiveSpecification")
    reads, writes = _who(mesh, "table", name.removeprefix("ss-"))
    yield f"### {name}"
    yield ""
    yield f"Holds {holds}."
    yield ""
    yield from table(
        ("", ""),
        [
            ("key", code(key["AttributeName"] for key in told["KeySchema"])),
            *(
                (f"index `{one['IndexName']}`", code(key["AttributeName"] for key in one["KeySchema"]))
                for one in indexes
            ),
            ("forgets", f"items whose `{forgets['AttributeName']}` has passed" if forgets else "nothing"),
            ("read by", reads),
            ("written by", writes),
        ],
    )


def _item(model: type[BaseModel], seen: set[str]) -> Iterator[str]:
    """The model and, once each, the models it holds."""
    seen.add(model.__name__)
    yield f"#### {model.__name__}"
    yield ""
    yield words(model.__doc__ if model.__doc__ != model.__base__.__doc__ else "")
    yield ""
    yield from fields_table(model)
    for part in parts_of(model):
        if part.__name__ not in seen and part.__name__ not in {one.__name__ for one in _ITEMS["ss-status"]}:
            yield from _item(part, seen)


def _bucket(mesh: Drawn, name: str, told: Mapping[str, Any], holds: str) -> Iterator[str]:
    reads, writes = _who(mesh, "bucket", name.removeprefix("ss-").removesuffix("-<AccountId>"))
    rules = (told.get("LifecycleConfiguration") or {}).get("Rules") or []
    yield f"### {name.replace('<AccountId>', '<account>')}"
    yield ""
    yield f"Holds {holds}."
    yield ""
    yield from table(
        ("", ""),
        [
            ("versions", "kept" if told.get("VersioningConfiguration") else "not kept"),
            ("rules", "; ".join(map(_rule, rules)) or "-"),
            ("read by", reads),
            ("written by", writes),
        ],
    )


def _rule(rule: Mapping[str, Any]) -> str:
    which = f"`{rule['Prefix']}` " if "Prefix" in rule else ""
    if "Transitions" in rule:
        return f"{which}to {rule['Transitions'][0]['StorageClass']} after {rule['Transitions'][0]['TransitionInDays']} days"
    if "NoncurrentVersionExpiration" in rule:
        return f"{which}older versions gone after {rule['NoncurrentVersionExpiration']['NoncurrentDays']} days"
    return f"{which}gone after {rule['ExpirationInDays']} days"


def _channel_words(template: Template) -> str:
    (made,) = template.body["Resources"].values()
    ((_, secret),) = made[2].items()
    return str(secret["Properties"]["Description"])
