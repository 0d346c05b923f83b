"""Whom the model is asked of."""

from __future__ import annotations

from typing import Any

import pytest

from draft_helper.settings import DraftSettings
from draft_helper.wiring import Parts
from mesh.ledger.proposals import STAND_IN

NEEDED = {
    "TZ_NAME": "Europe/Berlin", "STATUS_TABLE": "s", "AUDIT_TABLE": "a", "RUNTIME_TABLE": "r", "POSTS_BUCKET": "p", "RULES_BUCKET": "q",
    "COMPOSE_SECRET": "k", "RECIPIENTS": "ada@example.test", "APPROVE_URL": "https://approve.example.test",
}  # fmt: skip


def asked_of(monkeypatch: pytest.MonkeyPatch, **environment: str) -> tuple[DraftSettings, Any]:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"AWS_REGION": "ap-southeast-1", "AWS_DEFAULT_REGION": "ap-southeast-1", **environment}.items():
        monkeypatch.setenv(name, value)
    settings = DraftSettings.load({**NEEDED, **environment})
    nothing: Any = None
    return settings, Parts(settings, nothing, nothing, nothing, nothing).model.client


def test_on_aws_it_is_bedrock_in_the_functions_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    settings, client = asked_of(monkeypatch)
    assert client.meta.endpoint_url == "https://bedrock-runtime.ap-southeast-1.amazonaws.com"
    assert not settings.stands_in
    assert settings.writer == settings.model


def test_the_stand_in_is_asked_and_known_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    settings, client = asked_of(monkeypatch, BEDROCK_URL="http://127.0.0.1:9", AWS_ENDPOINT_URL="http://127.0.0.1:8")
    assert (client.meta.endpoint_url, settings.stands_in) == ("http://127.0.0.1:9", True)
    assert settings.writer == STAND_IN


def test_the_real_one_is_asked_beside_an_emulator_with_a_sign_in_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    settings, client = asked_of(
        monkeypatch,
        AWS_ENDPOINT_URL="http://127.0.0.1:8",
        AWS_ENDPOINT_URL_BEDROCK_RUNTIME="https://bedrock-runtime.eu-central-1.amazonaws.com",
        BEDROCK_REGION="eu-central-1",
        BEDROCK_ACCESS_KEY_ID="AKIDEXAMPLE",
        BEDROCK_SECRET_ACCESS_KEY="a-secret",
    )
    assert client.meta.endpoint_url == "https://bedrock-runtime.eu-central-1.amazonaws.com"
    assert client._request_signer._credentials.access_key == "AKIDEXAMPLE"
    assert not settings.stands_in


def test_settings_show_no_secret_when_they_are_printed() -> None:
    settings = DraftSettings.load(
        {**NEEDED, "BEDROCK_SECRET_ACCESS_KEY": "a-secret", "BEDROCK_SESSION_TOKEN": "a-token"}
    )
    assert "a-secret" not in repr(settings)
    assert "a-token" not in repr(settings)
