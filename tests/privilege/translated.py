"""The templates as CloudFormation gets them: SAM's resources worked out, each channel's secret made."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from local import ROOT
from local.deploy import read_template
from local.privileges.roles import GIVEN
from local.ship.environments import WATCH
from local.ship.naming import template

_BASIC = "AWSLambdaBasicExecutionRole"


@cache
def made() -> dict[str, dict[str, Any]]:
    """The mesh's resources as SAM hands them to CloudFormation."""
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


@cache
def all_made() -> dict[str, dict[str, Any]]:
    """Of all three stacks, with the secret of one channel."""
    secret = {
        "Type": "AWS::SecretsManager::Secret",
        "DeletionPolicy": "Retain",
        "Properties": {"Name": {"Fn::Sub": "${Prefix}/channels/x-main"}, "Description": "of one channel"},
    }
    return {**made(), **template(ROOT, WATCH)["Resources"], "Channelxmain": secret}
