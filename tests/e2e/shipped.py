"""A stack that is brought up and changed as ``make deploy`` does it: the SAM CLI's change sets, shown, asked about, carried out.

Only the build is of our own: this computer's interpreter has the pinned packages, and could not load those that are built for Lambda.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from unhurried import Unhurried

from local import ROOT
from local.deploy import build, outputs, read_template
from local.ship.account import Side
from local.ship.deploying import Deployment
from local.ship.emulated import ACCOUNT
from local.ship.environments import Environment, written
from local.ship.sam import Sam
from local.ship.stacks import Stacks
from local.stack import CHANNEL_NAMES, PREFIX, REGION, Progress

needs_sam = pytest.mark.skipif(
    not (Path(sys.prefix) / "sam" / "bin" / "sam").exists(), reason="the SAM CLI is not there: make verify installs it"
)
STACK = f"social-scheduler-{PREFIX}"


class BuiltHere(Sam):
    def validate(self) -> None:
        """Other tests hold the template to its lint, and an older one is what it was."""

    def make(self) -> None:
        parsed = read_template(self.root / "template.yaml")
        self.build.mkdir(parents=True, exist_ok=True)
        made = deepcopy(parsed)
        for artefact in build(parsed, self.root):
            file = self.build / f"{artefact.logical_id}{artefact.suffix}"
            file.write_bytes(artefact.content)
            made["Resources"][artefact.logical_id]["Properties"][artefact.path[-1]] = str(file)
        (self.build / "template.yaml").write_text(json.dumps(made, default=str), "utf-8")


def _nothing() -> None:
    pass


@dataclass
class Shipped(Unhurried):
    """``said`` is what the last deployment told; ``meanwhile`` is done when it asks whether to go on: the change is planned and shown."""

    said: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] = _nothing

    @property
    def console(self) -> str:
        """What the links in the mails begin with: make deploy takes no other than https. They are opened at the Function URL."""
        return "https://desk.cafe.example"

    @property
    def stacks(self) -> Stacks:
        return Stacks(self._side.client("cloudformation"), pause_seconds=0.2)

    @property
    def _side(self) -> Side:
        return Side(REGION, endpoint=self.aws, key=ACCOUNT)

    def _brought_up(self, parameters: dict[str, str], progress: Progress) -> dict[str, str]:
        tree, folder = self.template.parent, self.folder / "ship"
        folder.mkdir(exist_ok=True)
        parsed = read_template(self.template)
        taken = {name: value for name, value in parameters.items() if name in parsed["Parameters"]}
        environment = Environment(
            "cafe", REGION, taken.pop("Prefix"), taken, CHANNEL_NAMES, {"OperatorMail": "operator@cafe.example"}
        )
        config = folder / "samconfig.toml"
        config.write_text(written((ROOT / "samconfig.toml").read_text("utf-8"), environment), "utf-8")
        self.said.clear()
        sam = BuiltHere(tree, self._side, config, folder / "aws-sam" / "build")
        done = Deployment(environment, sam, self.stacks, self._told(progress), self._asked).run()
        progress(f"deployed {', '.join(done.changed) or 'nothing'}")
        return outputs(self._side.client("cloudformation"), self.aws, STACK, parsed)

    def _told(self, progress: Progress) -> Progress:
        def tell(line: str) -> None:
            self.said.append(line)
            progress(line.splitlines()[0])

        return tell

    def _asked(self, question: str) -> bool:
        if question == "Deploy this?":
            self.meanwhile()
            self.meanwhile = _nothing
        return True


CODE = ("CodeUri", "ContentUri", "DefinitionUri")


def whole(tree: Path) -> dict[str, Any]:
    """A tree's template, parsed, that may lie anywhere: where its code is stands in it whole, and for each function."""
    parsed = read_template(tree / "template.yaml")
    shared = parsed["Globals"]["Function"].pop("CodeUri")
    for resource in parsed["Resources"].values():
        properties = resource.get("Properties") or {}
        if resource["Type"] == "AWS::Serverless::Function" and "InlineCode" not in properties:
            properties.setdefault("CodeUri", shared)
        properties.update({name: str((tree / properties[name]).resolve()) for name in CODE if name in properties})
    return parsed


def laid(parsed: dict[str, Any], into: Path) -> Path:
    """A tree with this template, and with this tree's other stacks beside it."""
    into.mkdir()
    shutil.copytree(ROOT / "stacks", into / "stacks")
    (into / "template.yaml").write_text(json.dumps(parsed, default=str), "utf-8")
    return into


def functions(parsed: dict[str, Any]) -> list[str]:
    """Logical ids, as they stand there."""
    return [name for name, one in parsed["Resources"].items() if one["Type"] == "AWS::Serverless::Function"]


def failing(tree: Path, into: Path) -> Path:
    """The same tree, whose update fails once every function has been changed: CloudFormation takes it all back."""
    parsed = whole(tree)
    target = {"Arn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}, "RoleArn": "arn:aws:iam::000000000000:role/nobody"}
    parsed["Resources"]["NeverMade"] = {
        "Type": "AWS::Scheduler::Schedule",
        "DependsOn": functions(parsed),
        "Properties": {
            "ScheduleExpression": "rate(0 days)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": target,
        },
    }
    return laid(parsed, into)


def half_way(old: Path, new: Path, still_old: set[str], into: Path) -> Path:
    """An update that has come half-way: the new template, with the code, layers and variables of old in ``still_old``."""
    before, parsed = whole(old), whole(new)
    for name, one in before["Resources"].items():
        if one["Type"] == "AWS::Serverless::LayerVersion":
            layer = deepcopy(one)
            layer["Properties"]["LayerName"] = {"Fn::Sub": "${Prefix}-before-" + name.lower()}
            parsed["Resources"][f"Before{name}"] = layer
    for name in still_old:
        properties, was = parsed["Resources"][name]["Properties"], before["Resources"][name]["Properties"]
        for one in ("CodeUri", "Environment", "Handler"):
            if one in was:
                properties[one] = was[one]
        properties["Layers"] = [{"Ref": f"Before{layer['Ref']}"} for layer in was["Layers"]]
    return laid(parsed, into)
