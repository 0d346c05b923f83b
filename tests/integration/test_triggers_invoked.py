"""Every file of events/triggers/ given to its function with the variables of events/env.json, as ``sam local invoke`` does it.

The stack knows none of the posts in the files, so that nothing goes out: what is held here is that each is understood, to its end.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto_mesh import ENVIRONMENT, REGION, MotoMesh, standing
from sheets_server import OwnedServer

from drive_sync import handler as drive_sync
from local.deploy import read_template
from local.env_file import env_file
from local.local_invoke import with_endpoint
from mesh.events import Detail
from mesh.posts_csv import write_csv

ROOT = Path(__file__).resolve().parents[2]
TRIGGERS = ROOT / "events" / "triggers"
GIVEN: dict[str, dict[str, str]] = json.loads((ROOT / "events" / "env.json").read_text("utf-8"))
FUNCTIONS = sorted(folder.name for folder in TRIGGERS.iterdir())
OF_LAMBDA = {name: ENVIRONMENT[name] for name in ENVIRONMENT if name.startswith(("AWS_", "POWERTOOLS_"))}
CONTEXT = SimpleNamespace(
    aws_request_id="6f1d9c3a",
    function_name="local",
    memory_limit_in_mb=512,
    get_remaining_time_in_millis=lambda: 60_000,
)
CONTEXT.invoked_function_arn = f"arn:aws:lambda:{REGION}:000000000000:function:local"


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnedServer]:
    running = OwnedServer(tmp_path_factory.mktemp("google"))
    yield running
    running.stop()


def logical_id(function: str) -> str:
    return "".join(part.title() for part in function.split("-"))


def handler_of(function: str) -> Callable[[Any, Any], Any]:
    package = function.replace("-", "_")
    found: Callable[[Any, Any], Any] = importlib.import_module(f"{package}.handler").handler
    return found


def furnished(mesh: MotoMesh, google: OwnedServer) -> None:
    mesh.put_secret("ss/drive/sa", google.document)
    mesh.put_rules(
        "Time zone: Europe/Berlin\nPosting window: always\n\nChannels\n- x-main: x, account 1, https://api.x.com\n"
    )
    mesh.s3.put_object(Bucket=mesh.posts_bucket, Key="posts.csv", Body=write_csv([]))
    boto3.client("scheduler", region_name=REGION).create_schedule_group(Name="ss-templates")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_functions_every_trigger_ends_as_it_should(function: str, google: OwnedServer, tmp_path: Path) -> None:
    given = GIVEN[logical_id(function)]
    sheet = {"SHEET_ID": google.ready["spreadsheet_id"], "DRIVE_FOLDER_ID": google.ready["folder_id"]}
    own = {name: value for name, value in sheet.items() if name in given}
    with standing(tmp_path, OF_LAMBDA | given | own) as mesh:
        furnished(mesh, google)
        for file in sorted((TRIGGERS / function).glob("*.json")):
            answer = handler_of(function)(json.loads(file.read_text("utf-8")), CONTEXT)
            if file.stem in {"get", "post"}:
                assert 200 <= answer["statusCode"] < 500, (file.name, answer["statusCode"])
                assert "a-signed-link-stands-here" not in answer.get("body", "")
        if function == "drive-sync":
            drive_sync.wire().google._http.close()
        posted = [one for one in mesh.events if one.detail_type in {"ss.sent", "ss.approved", "ss.send", "ss.cleared"}]
        assert posted == list[Detail]()


def test_the_variables_are_those_of_the_template_and_no_secret_is_among_them() -> None:
    assert (ROOT / "events" / "env.json").read_bytes() == env_file()
    assert set(GIVEN) == {logical_id(function) for function in FUNCTIONS}
    names = {name for variables in GIVEN.values() for name in variables}
    assert {name for name in names if "SECRET" in name} == {
        "DRIVE_SECRET",
        "SIGNING_SECRET",
        "COMPOSE_SECRET",
        "SLACK_SECRET",
        "CHANNEL_SECRETS_PREFIX",
    }
    assert all(
        value in {"", f"ss/{value[3:]}"}
        for given in GIVEN.values()
        for name, value in given.items()
        if "SECRET" in name
    )


def test_each_functions_readme_says_how_one_of_its_triggers_is_tried() -> None:
    for function in FUNCTIONS:
        text = (ROOT / "functions" / function.replace("-", "_") / "README.md").read_text("utf-8")
        (line,) = [one for one in text.splitlines() if "sam local invoke" in one]
        words = line.strip("` \n").split()
        assert words[3] == logical_id(function), function
        assert (ROOT / words[words.index("-e") + 1]).is_file(), line
        assert "--env-vars events/env.json" in line


def test_the_built_template_names_the_address_that_the_sam_cli_would_not_hand_on(tmp_path: Path) -> None:
    """It overrides only what the template names."""
    built = tmp_path / "template.yaml"
    built.write_bytes((ROOT / "template.yaml").read_bytes())
    written = with_endpoint(built, "http://127.0.0.1:8411")
    shared = read_template(written)["Globals"]["Function"]["Environment"]["Variables"]
    assert written.parent == built.parent
    assert shared.pop("AWS_ENDPOINT_URL") == "http://127.0.0.1:8411"
    assert shared == read_template(built)["Globals"]["Function"]["Environment"]["Variables"]
