"""template.yaml as CloudFormation gets it: SAM's resources worked out."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local import ROOT
from local.deploy import read_template
from local.privileges.roles import GIVEN

_BASIC = "AWSLambdaBasicExecutionRole"


@cache
def made() -> dict[str, dict[str, Any]]:
    """The mesh's resources by logical id, with the defaults of its parameters."""
    body = read_template(ROOT / "template.yaml")
    places = {"Function": "CodeUri", "LayerVersion": "ContentUri", "StateMachine": "DefinitionUri"}
    for resource in body["Resources"].values():
        if place := places.get(resource["Type"].removeprefix("AWS::Serverless::")):
            resource["Properties"][place] = "s3://bucket/key"
    del body["Globals"]["Function"]["CodeUri"]
    given = {**GIVEN, "SheetId": "sheet", "DriveFolderId": "folder", "Recipients": "ada@example.test"}
    session = boto3.Session(region_name="ap-southeast-1")
    translated = Translator({_BASIC: f"arn:aws:iam::aws:policy/service-role/{_BASIC}"}, Parser(), None, session)
    resources: dict[str, dict[str, Any]] = translated.translate(body, given)["Resources"]
    return resources
