"""events/triggers/: a file per function and trigger of template.yaml, for `sam local invoke`; each is one its function takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.deploy import read_template
from mesh.door.request import came_from_our_page, read_request
from mesh.events import parse
from scheduler.handler import waking

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "events" / "triggers"
RESOURCES: dict[str, dict[str, Any]] = read_template(ROOT / "template.yaml")["Resources"]
FILES = sorted(FOLDER.rglob("*.json"))


def without_prefix(name: dict[str, str]) -> str:
    return name["Fn::Sub"].removeprefix("${Prefix}-")


def triggers() -> dict[str, Any]:
    """``<function>/<trigger>`` to the input template.yaml gives it: a schedule's own, else None."""
    found: dict[str, Any] = {}
    for resource in RESOURCES.values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = resource["Properties"]
        function = without_prefix(properties["FunctionName"])
        for event in properties.get("Events", {}).values():
            if event["Type"] == "ScheduleV2":
                given = event["Properties"]
                found[f"{function}/{without_prefix(given['Name'])}"] = json.loads(given["Input"])
            else:
                assert event["Type"] == "EventBridgeRule", "a new kind of trigger needs a rule for its file"
                types = event["Properties"]["Pattern"]["detail-type"]
                found |= {f"{function}/{detail_type}": None for detail_type in types}
        if "FunctionUrlConfig" in properties:
            found |= {f"{function}/get": None, f"{function}/post": None}
    return found


TRIGGERS = triggers()


def named(file: Path) -> str:
    return file.relative_to(FOLDER).with_suffix("").as_posix()


def read(trigger: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((FOLDER / f"{trigger}.json").read_text("utf-8"))
    return event


def test_every_trigger_of_the_template_has_its_file_and_no_other_file_is_there() -> None:
    assert {named(file) for file in FILES} == set(TRIGGERS)
    assert [path for path in FOLDER.rglob("*") if path.is_file() and path.suffix != ".json"] == []


@pytest.mark.parametrize("trigger", sorted(name for name in TRIGGERS if "/ss." in name))
def test_an_events_file_is_an_envelope_of_this_stack_that_parses(trigger: str) -> None:
    event, detail_type = read(trigger), trigger.partition("/")[2]
    assert (event["version"], event["source"], event["detail-type"]) == ("0", "ss", detail_type)
    assert parse(event).model_dump(mode="json") == event["detail"]
    assert event == json.loads((ROOT / "events" / "bus" / detail_type / "v1.json").read_text("utf-8"))


@pytest.mark.parametrize("trigger", sorted(name for name, given in TRIGGERS.items() if given is not None))
def test_a_schedules_file_is_the_input_the_template_gives_it(trigger: str) -> None:
    assert read(trigger) == TRIGGERS[trigger]


@pytest.mark.parametrize(("trigger", "kind"), [("daily-tick", "daily"), ("daily-probe", "probe"), ("sweep", "sweep")])
def test_the_scheduler_knows_its_ticks(trigger: str, kind: str) -> None:
    why = waking(read(f"scheduler/{trigger}"), "ss")
    assert (why.kind, why.named, why.is_tick) == (kind, None, True)


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_function_urls_file_is_a_request_the_public_door_reads(method: str) -> None:
    event = read(f"approve-handler/{method}")
    request = read_request(event)
    assert event["version"] == "2.0"
    assert (request.method, request.token) == (method.upper(), event["rawPath"].strip("/"))
    assert int(event["headers"].get("content-length", "0")) == len(event.get("body", ""))


def test_the_press_in_the_file_comes_from_our_own_page() -> None:
    assert came_from_our_page(read_request(read("approve-handler/post")), "")
    assert not came_from_our_page(read_request(read("approve-handler/get")), "")


def test_the_architecture_page_names_exactly_the_events_that_wake_each_function() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    table = page.partition("| function | woken by |")[2].partition("\n\n")[0]
    told = {}
    for line in table.splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        told[cells[0]] = set(re.findall(r"`(ss\.[a-z.]+)`", cells[1]))
    wanted: dict[str, set[str]] = {}
    for trigger in TRIGGERS:
        function, _, what = trigger.partition("/")
        wanted.setdefault(function, set()).update({what} if what.startswith("ss.") else set())
    assert told == wanted


def test_a_functions_readme_says_how_it_is_invoked_with_a_file_that_is_there() -> None:
    for logical_id, resource in RESOURCES.items():
        if resource["Type"] == "AWS::Serverless::Function":
            function = without_prefix(resource["Properties"]["FunctionName"])
            page = (ROOT / "functions" / function.replace("-", "_") / "README.md").read_text("utf-8")
            (file,) = re.findall(rf"`sam local invoke {logical_id} -e (events/triggers/{function}/\S+) ", page)
            assert (ROOT / file).is_file(), function
