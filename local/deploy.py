"""What ``sam build && sam package && sam deploy`` do, against the local AWS side, in seconds and without the SAM CLI.

The template is the one that goes to AWS. In a copy of it the code addresses (CodeUri, ContentUri, DefinitionUri) are
replaced by where the artefacts were uploaded to, as ``sam package`` does, and nothing else is touched.
"""

from __future__ import annotations

import copy
import hashlib
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

ARTEFACT_BUCKET = "local-deployment-artefacts"
TIMEOUT_SECONDS = 180.0

_VENDOR_NOTE = "Empty on purpose: on one computer the interpreter has the pinned packages of this layer already.\n"
_NOT_SHIPPED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: the same files make the same bytes

Progress = Callable[[str], None]


class DeployError(Exception):
    """The stack did not come up; the message names resource and reason."""


@dataclass(frozen=True)
class Artefact:
    """What one template property points to. ``path`` leads to the property: ("Resources", "Sender", "Properties",
    "CodeUri").
    """

    logical_id: str
    path: tuple[str, ...]
    content: bytes
    suffix: str

    @property
    def key(self) -> str:
        return f"{hashlib.sha256(self.content).hexdigest()}{self.suffix}"


def deploy(
    template: Path,
    endpoint: str,
    stack_name: str,
    parameters: dict[str, str],
    build_dir: Path,
    progress: Progress,
) -> dict[str, str]:
    """Bring the stack to this template; its outputs, and ``function_url:<LogicalId>`` with each reachable Function URL.

    Nothing is uploaded that is there already, and an unchanged stack is not updated. DeployError when it does not come
    up.
    """
    began = time.monotonic()
    parsed = read_template(template)
    artefacts = build(parsed, template.parent)
    keep_build(artefacts, build_dir)
    uploads = _upload(_client("s3", endpoint), artefacts)
    progress(f"built {len(artefacts)} artefacts, uploaded {uploads}")
    body = json.dumps(packaged(parsed, artefacts, ARTEFACT_BUCKET), default=str)
    cloudformation = _client("cloudformation", endpoint)
    outcome = _bring_up(cloudformation, endpoint, stack_name, body, parameters)
    progress(f"stack {stack_name} {outcome} in {time.monotonic() - began:.1f} s")
    return outputs(cloudformation, endpoint, stack_name, parsed)


def read_template(template: Path) -> dict[str, Any]:
    """The caller's own to change. A text is parsed once: tests ask for the same one a hundred times."""
    return copy.deepcopy(_parsed(template.read_text()))


@cache
def _parsed(text: str) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse(text)
    return parsed


def build(parsed: dict[str, Any], root: Path) -> list[Artefact]:
    """One artefact for each function, layer and state machine of a parsed template whose paths are relative to
    ``root``.
    """
    shared = (parsed.get("Globals") or {}).get("Function") or {}
    return [
        artefact
        for logical_id, resource in parsed["Resources"].items()
        if (artefact := _built(logical_id, resource, shared, root)) is not None
    ]


def packaged(parsed: dict[str, Any], artefacts: list[Artefact], bucket: str) -> dict[str, Any]:
    """A copy of the template with each artefact's property pointing to its upload."""
    result = copy.deepcopy(parsed)
    for artefact in artefacts:
        place = result
        for step in artefact.path[:-1]:
            place = place[step]
        address = f"s3://{bucket}/{artefact.key}"
        place[artefact.path[-1]] = address
    return result


def keep_build(artefacts: list[Artefact], build_dir: Path) -> None:
    """The artefacts as files, for a look at what was deployed; older ones go."""
    build_dir.mkdir(parents=True, exist_ok=True)
    wanted = {f"{artefact.logical_id}-{artefact.key}": artefact.content for artefact in artefacts}
    for file in build_dir.iterdir():
        if file.name not in wanted:
            file.unlink()
    for name, content in wanted.items():
        if not (build_dir / name).exists():
            (build_dir / name).write_bytes(content)


def _built(logical_id: str, resource: dict[str, Any], shared: dict[str, Any], root: Path) -> Artefact | None:
    properties = resource.get("Properties") or {}
    path = ("Resources", logical_id, "Properties")
    match resource["Type"]:
        case "AWS::Serverless::Function" if "InlineCode" not in properties:
            folder = root / (properties.get("CodeUri") or shared["CodeUri"])
            package = str(properties.get("Handler") or shared["Handler"]).split(".", 1)[0]
            if not (folder / package).is_dir():
                raise DeployError(f"{logical_id}: there is no folder {folder / package} for its handler")
            return Artefact(logical_id, (*path, "CodeUri"), _zipped(folder, folder / package), ".zip")
        case "AWS::Serverless::LayerVersion":
            folder = root / properties["ContentUri"]
            if (folder / "python").is_dir():
                return Artefact(logical_id, (*path, "ContentUri"), _zipped(folder, folder / "python"), ".zip")
            return Artefact(
                logical_id, (*path, "ContentUri"), _zip({"python/EMPTY.txt": _VENDOR_NOTE.encode()}), ".zip"
            )
        case "AWS::Serverless::StateMachine" if isinstance(properties.get("DefinitionUri"), str):
            # AWS reads YAML as well; the emulator reads JSON alone.
            definition = json.dumps(read_template(root / properties["DefinitionUri"])).encode()
            return Artefact(logical_id, (*path, "DefinitionUri"), definition, ".asl.json")
    return None


def _zipped(base: Path, folder: Path) -> bytes:
    return _zip({str(file.relative_to(base)): file.read_bytes() for file in _shipped(folder)})


def _shipped(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name not in _NOT_SHIPPED:
            yield from _shipped(entry)
        elif entry.is_file() and entry.suffix != ".pyc":
            yield entry


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _client(service: str, endpoint: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="ap-southeast-1",
        aws_access_key_id="000000000000",
        aws_secret_access_key="local",
        config=Config(read_timeout=TIMEOUT_SECONDS, retries={"max_attempts": 1}, s3={"addressing_style": "path"}),
    )


def _upload(s3: Any, artefacts: list[Artefact]) -> int:
    """How many were not there yet."""
    try:
        s3.create_bucket(Bucket=ARTEFACT_BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"})
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=ARTEFACT_BUCKET)
    present = {item["Key"] for page in pages for item in page.get("Contents", [])}
    missing = {artefact.key: artefact.content for artefact in artefacts if artefact.key not in present}
    for key, content in missing.items():
        s3.put_object(Bucket=ARTEFACT_BUCKET, Key=key, Body=content)
    return len(missing)


def _bring_up(cloudformation: Any, endpoint: str, stack_name: str, body: str, parameters: dict[str, str]) -> str:
    """``created``, ``updated`` or ``unchanged``."""
    key = f"{hashlib.sha256(body.encode()).hexdigest()}.template"
    # By address and not in the request, which holds 51,200 bytes at most.
    _client("s3", endpoint).put_object(Bucket=ARTEFACT_BUCKET, Key=key, Body=body.encode())
    request = {
        "StackName": stack_name,
        "TemplateURL": f"{endpoint}/{ARTEFACT_BUCKET}/{key}",
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in sorted(parameters.items())],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    status = _status(cloudformation, stack_name)
    if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"):
        # A stack whose creation failed can only be deleted, there as here.
        cloudformation.delete_stack(StackName=stack_name)
        _settled(cloudformation, stack_name)
        status = None
    if status is None:
        cloudformation.create_stack(**request, DisableRollback=False)
        wanted = "created", "CREATE_COMPLETE"
    else:
        try:
            cloudformation.update_stack(**request)
        except ClientError as error:
            if "No updates are to be performed" in str(error):
                return "unchanged"
            raise
        wanted = "updated", "UPDATE_COMPLETE"
    ended = _settled(cloudformation, stack_name)
    if ended != wanted[1]:
        raise DeployError(f"stack {stack_name} ended in {ended}: {_reason(cloudformation, stack_name)}")
    return wanted[0]


def _status(cloudformation: Any, stack_name: str) -> str | None:
    try:
        status = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]["StackStatus"]
    except ClientError:
        return None
    return None if status == "DELETE_COMPLETE" else str(status)


def _settled(cloudformation: Any, stack_name: str) -> str | None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        status = _status(cloudformation, stack_name)
        if status is None or not status.endswith("_IN_PROGRESS"):
            return status
        time.sleep(0.1)
    raise DeployError(f"stack {stack_name} is not done after {TIMEOUT_SECONDS:.0f} s")


def _reason(cloudformation: Any, stack_name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack_name)["StackEvents"]
    for event in reversed(events):
        if event["ResourceStatus"].endswith("_FAILED") and event["ResourceType"] != "AWS::CloudFormation::Stack":
            why = event.get("ResourceStatusReason", "no reason given")
            return f"{event['LogicalResourceId']} ({event['ResourceType']}): {why}"
    failed = [event.get("ResourceStatusReason") for event in events if event.get("ResourceStatusReason")]
    return str(failed[0]) if failed else "no reason given"


def outputs(cloudformation: Any, endpoint: str, stack_name: str, parsed: dict[str, Any]) -> dict[str, str]:
    """The stack's, and ``function_url:<LogicalId>`` with each reachable Function URL."""
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    found = {output["OutputKey"]: str(output["OutputValue"]) for output in stack.get("Outputs", [])}
    functions = _client("lambda", endpoint)
    for logical_id, resource in parsed["Resources"].items():
        if "FunctionUrlConfig" in (resource.get("Properties") or {}):
            described = cloudformation.describe_stack_resource(StackName=stack_name, LogicalResourceId=logical_id)
            name = described["StackResourceDetail"]["PhysicalResourceId"]
            address = functions.get_function_url_config(FunctionName=name)["FunctionUrl"]
            # The AWS-shaped host resolves nowhere here; MiniStack serves the same function under a path.
            identity = address.split("://", 1)[1].split(".", 1)[0]
            found[f"function_url:{logical_id}"] = f"{endpoint}/_aws/lambda-url/{identity}/"
    return found
