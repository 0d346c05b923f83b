"""The app's manifest has the shape that Slack documents, and asks for what the code's calls need and no more."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "slack-app-manifest.yaml").read_text())


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


_FLAG = {"type": "boolean"}
# The fields of docs.slack.dev/reference/app-manifest that an app like this one can have; all others are refused here.
SCHEMA = {
    **_object(
        _metadata=_object(major_version={"enum": [1, 2]}, minor_version={"type": "integer"}),
        display_information={
            **_object(
                name=_text(35),
                description=_text(140),
                long_description={"type": "string", "minLength": 174, "maxLength": 4000},
                background_color={"type": "string", "pattern": "^#([0-9a-f]{3}|[0-9a-f]{6})$"},
            ),
            "required": ["name"],
        },
        features=_object(
            bot_user={
                **_object(display_name={**_text(80), "pattern": "^[A-Za-z0-9 ._-]+$"}, always_online=_FLAG),
                "required": ["display_name"],
            }
        ),
        oauth_config=_object(scopes=_object(bot={"type": "array", "maxItems": 255, "items": {"type": "string"}})),
        settings=_object(
            interactivity={
                **_object(is_enabled=_FLAG, request_url={"type": "string", "pattern": "^https://"}),
                "required": ["is_enabled"],
            },
            org_deploy_enabled=_FLAG,
            socket_mode_enabled=_FLAG,
            token_rotation_enabled=_FLAG,
        ),
    ),
    "required": ["display_information"],
}
# The bot scope of each method (docs.slack.dev/reference/methods).
SCOPES = {"chat.postMessage": "chat:write", "chat.update": "chat:write", "chat.postEphemeral": "chat:write"}


def test_the_manifest_has_the_documented_shape() -> None:
    jsonschema.validate(MANIFEST, SCHEMA)


@pytest.mark.parametrize("path", [("settings", "interactivity", "url"), ("display_information", "title")])
def test_a_field_that_slack_does_not_know_is_found(path: tuple[str, ...]) -> None:
    changed: dict[str, Any] = yaml.safe_load(yaml.safe_dump(MANIFEST))
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = "x"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed, SCHEMA)


def test_its_scopes_are_those_that_the_codes_calls_need() -> None:
    code = (ROOT / "layers/mesh/python/mesh/slack.py").read_text()
    called = set(re.findall(r'"((?:chat|users|files|conversations|auth)\.[a-zA-Z]+)"', code))
    assert called
    assert {SCOPES[method] for method in called} == set(MANIFEST["oauth_config"]["scopes"]["bot"])


def test_clicks_go_to_the_doors_own_place_and_the_placeholder_is_named_in_the_guide() -> None:
    url = MANIFEST["settings"]["interactivity"]["request_url"]
    assert url == "https://APPROVE-URL/slack"
    assert "https://APPROVE-URL" in (ROOT / "docs" / "setup-slack.md").read_text()
