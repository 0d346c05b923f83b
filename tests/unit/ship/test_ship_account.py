"""Who is not signed in, or may not, is told so; what the SAM CLI says is told as its cause."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
)

from local import ROOT
from local.ship.account import ShipError, Side, in_words
from local.ship.emulated import CAFE
from local.ship.sam import Sam, failed
from local.ship.stacks import token


def refused(code: str, message: str = "", operation: str = "DescribeStacks") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize(
    ("error", "said", "fix"),
    [
        (NoCredentialsError(), "nobody is signed in", "aws sso login --profile cafe"),
        (ProfileNotFound(profile="cafe"), "no AWS profile cafe", "list-profiles"),
        (SSOTokenLoadError(error_msg="x"), "has expired", "aws sso login --profile cafe"),
        (refused("ExpiredToken"), "has expired", "the same command again"),
        (refused("ExpiredTokenException"), "has expired", "the same command again"),
        (refused("InvalidClientTokenId"), "does not know this sign-in", "a region that is not enabled"),
        (EndpointConnectionError(endpoint_url="https://x"), "cannot be reached in eu-centrl-1", "samconfig.toml"),
        (
            refused("AccessDenied", "User: arn:x is not authorized to perform: iam:CreateRole on resource: y"),
            "may not do iam:CreateRole",
            "get-caller-identity",
        ),
        (refused("ValidationError", "Template format error"), "DescribeStacks: Template format error", "again"),
    ],
)
def test_an_error_is_told_as_its_cause_and_the_next_step(error: Exception, said: str, fix: str) -> None:
    told = in_words(error, "cafe", "eu-centrl-1")
    assert said in told.said
    assert fix in told.fix


def test_a_profile_that_is_none_is_told_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(ShipError, match="no AWS profile cafe"):
        Side("eu-central-1", "cafe").client("sts")


def test_without_the_sam_cli_the_way_to_it_is_said(tmp_path: Path) -> None:
    sam = Sam(ROOT, Side("eu-central-1"), tmp_path / "samconfig.toml", tmp_path / "build", tmp_path / "sam")
    (found,) = [finding for finding in sam.checks() if finding.stops]
    assert "is not at" in found.said
    assert "make deploy puts it there" in found.fix
    with pytest.raises(ShipError, match="there is no SAM CLI"):
        sam.validate()


def test_a_full_disk_is_seen_before_the_build_and_told_where_it_fills_up_on_the_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "sam"
    program.write_text("#!/bin/sh\necho \"OSError: [Errno 28] No space left on device: 'build'\" >&2\nexit 1\n")
    program.chmod(0o755)
    sam = Sam(ROOT, Side("eu-central-1"), tmp_path / "samconfig.toml", tmp_path / "build", program)
    with pytest.raises(ShipError, match="the disk is full"):
        sam.make()
    monkeypatch.setattr("local.ship.sam.ROOM_BYTES", 10**18)
    assert [finding.name for finding in sam.checks() if finding.stops] == ["room on the disk"]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("ExpiredToken: The security token included in the request is expired", "expired on the way"),
        ("Stack:arn:x is in UPDATE_IN_PROGRESS state and can not be updated.", "somebody else's change"),
        ('{"error": "E3012 Sender: not a string"}', "sam deploy: E3012 Sender: not a string"),
        ("one\n\ntwo\n", "sam deploy failed:\none\ntwo"),
    ],
)
def test_what_sam_says_is_told_as_its_cause(output: str, said: str) -> None:
    assert said in failed("deploy", output).said


def test_sam_is_started_with_the_local_sides_address_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "cafe")
    kept = Side(CAFE.region, endpoint="http://127.0.0.1:1", key="0" * 12).surroundings()
    assert "AWS_PROFILE" not in kept
    assert kept["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert "AWS_PROFILE" in Side(CAFE.region).surroundings()


def test_a_deployment_carries_its_deployers_name() -> None:
    assert token("arn:aws:sts::123456789012:assumed-role/Admin/anna@cafe.example", 1.5) == "deploy-anna-cafe-example-1"
