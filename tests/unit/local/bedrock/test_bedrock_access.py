"""``BEDROCK=real``: whose sign-in goes where."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.aws.environment import FOR_FUNCTIONS, clean_environment
from local.bedrock.access import NoAccessError, access_to_bedrock
from local.run import main

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "a-secret", "AWS_SESSION_TOKEN": "a-token"}


@pytest.fixture(autouse=True)
def nobody_signed_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*KEYS, "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


def test_without_a_word_the_stand_in_is_taken_and_no_sign_in_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch)
    assert access_to_bedrock("") == {}


def test_the_sign_in_goes_on_under_names_that_only_bedrock_is_asked_with(monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch)
    found = access_to_bedrock("eu-central-1")
    assert found["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] == "https://bedrock-runtime.eu-central-1.amazonaws.com"
    assert found["BEDROCK_REGION"] == "eu-central-1"
    assert (found["BEDROCK_ACCESS_KEY_ID"], found["BEDROCK_SESSION_TOKEN"]) == ("AKIDEXAMPLE", "a-token")
    assert not set(found) & set(KEYS)
    assert set(found) <= set(FOR_FUNCTIONS)


def test_the_region_is_the_terminals_own(monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(monkeypatch)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    assert access_to_bedrock("real")["BEDROCK_REGION"] == "us-west-2"


def test_without_a_sign_in_it_says_how_to_bring_one() -> None:
    with pytest.raises(NoAccessError, match="set AWS_PROFILE"):
        access_to_bedrock("real")


def test_a_profile_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(NoAccessError, match="nobody"):
        access_to_bedrock("real")


def test_what_is_no_region_is_refused_before_anything_starts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--bedrock", "on the moon", "--state", str(tmp_path / "state")]) == 2
    assert "write BEDROCK=real" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_the_functions_own_keys_stay_the_emulators(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sign_in(monkeypatch)
    for name, value in access_to_bedrock("eu-central-1").items():
        monkeypatch.setenv(name, value)
    environment = clean_environment(1, tmp_path, None, "ERROR")
    assert (environment["AWS_ACCESS_KEY_ID"], environment["AWS_ENDPOINT_URL"]) == ("000000000000", "http://127.0.0.1:1")
    assert environment["BEDROCK_ACCESS_KEY_ID"] == "AKIDEXAMPLE"
    assert "BEDROCK_URL" not in environment


def test_the_stand_ins_address_goes_to_the_functions(tmp_path: Path) -> None:
    assert clean_environment(1, tmp_path, "http://127.0.0.1:9", "ERROR")["BEDROCK_URL"] == "http://127.0.0.1:9"
    assert "BEDROCK_URL" in FOR_FUNCTIONS
