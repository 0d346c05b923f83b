"""The stack on one computer: its servers started and stopped, the template deployed, secrets and calendar put in place."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import httpx
from botocore.config import Config

from local import ROOT
from local.calendars.model import Calendar
from local.calendars.sample import fill
from local.console import StackAddresses
from local.deploy import DeployError, deploy
from local.owner_sheet.connection import SheetError, Spreadsheet
from local.owner_sheet.setup import set_up
from local.privileges.recording import FOLDER
from local.samples import Business, business_of
from networks import NAMES
from networks.bluesky_session import xrpc

REGION = "ap-southeast-1"
PREFIX = "ss"
START_TIMEOUT_SECONDS = 60.0

HERE: dict[str, Any] = {"verify": False, "trust_env": False}
"""How httpx asks a server of this computer: reading the certificates that plain HTTP has no use for takes longer than the answer."""

Progress = Callable[[str], None]

_CHANNELS = (*((f"{network}-main", network) for network in NAMES), ("bluesky-second", "bluesky"))


def _as_loaded(column: str, text: str) -> str:
    """A date or time that could not be read stays the text it is: typed, 03/04/2027 would become a day by the sheet's country."""
    understood = {"date": r"\d{4}-\d{2}-\d{2}", "time": r"\d{2}:\d{2}"}.get(column)
    return f"'{text}" if understood and text and not re.fullmatch(understood, text) else text


class StackError(Exception):
    """The stack cannot be brought up; the message says what is in the way and how to mend it."""


@dataclass
class Server:
    """A server of ours in a process of its own; ``ready`` is what it said of itself, empty until then."""

    name: str
    process: subprocess.Popen[str]
    ready: dict[str, Any]


@dataclass
class Stack:
    """A running stack. ``folder`` keeps everything between runs."""

    folder: Path
    zone: str
    console_port: int
    parameters: Mapping[str, str] = field(default_factory=dict)
    business: str = "Social Scheduler"
    bedrock_access: Mapping[str, str] = field(default_factory=dict)  # the real one's; empty: the stand-in
    servers: dict[str, Server] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    judging: tuple[str, ...] = ()  # what the AWS side is told about the roles: --privileges, --enforce-roles, --without
    counting: bool = False  # whether the AWS side counts what is asked of it: the functions are slower by it
    sample: str = ""  # the sample business that it shows; "" where somebody brings a calendar of their own
    template: Path = ROOT / "template.yaml"  # with the code beside it; another tree's where an upgrade is tried

    # coming up

    def start(self, progress: Progress) -> None:
        """Start the servers; the AWS side last, since its functions are told of another one. StackError names what did not come up."""
        make_folder(self.folder)
        stop_left_over(self.folder)
        ports = {name: str(port) for name, port in self._remembered_ports().items()}
        asked = [part for name in (*NAMES, "web") if name in ports for part in ("--port", f"{name}={ports[name]}")]
        try:
            self._launch("sheets", "--port", ports.get("sheets", "0"))
            self._launch("slack", "--port", ports.get("slack", "0"))
            self._launch("networks", *asked)
            drafts = self._drafting(ports.get("bedrock", "0"), progress)
            self._await("networks", progress)
            self._launch(
                "aws",
                "--port",
                ports.get("aws", "0"),
                "--link-pages",
                self.web,
                *self.judging,
                *(["--count"] if self.counting else []),
                "--mail-from",
                self._business.mail_from,
                *drafts,
            )
            self._await("sheets", progress)
            self._await("slack", progress)
            self._await("aws", progress)
        except BaseException:
            self.stop()
            raise
        self._remember_ports()

    def _drafting(self, port: str, progress: Progress) -> tuple[str, ...]:
        """What the AWS side is told of where drafts come from: the stand-in, unless there is access to the real one."""
        if self.bedrock_access:
            progress(f"drafts come from Amazon Bedrock in {self.bedrock_access['BEDROCK_REGION']}, at its prices")
            return ()
        self._launch("bedrock", "--port", port)
        self._await("bedrock", progress)
        return "--bedrock-url", self.bedrock

    def _launch(self, name: str, *options: str) -> None:
        environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR", FOLDER) if key in os.environ}
        environment["MESH_CLOCK_FILE"] = str(self.clock_file)
        if name == "aws":
            environment |= self.bedrock_access
        with (self.folder / f"{name}.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "local", name, *options, "--state", str(self.folder / name)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C is ours: we stop them in order
            )
        self.servers[name] = Server(name, process, {})
        (self.folder / _PIDS).write_text(json.dumps([server.process.pid for server in self.servers.values()]))

    def _await(self, name: str, progress: Progress) -> None:
        server = self.servers[name]
        server.ready = _await_ready(name, server.process, self.folder)
        where = server.ready.get("url") or server.ready.get("port") or ", ".join(server.ready["origins"])
        progress(f"{name} at {where}" if "origins" not in server.ready else f"{name}: {where}")

    @property
    def clock_file(self) -> Path:
        return self.folder / "aws" / "clock.json"

    def deploy(self, progress: Progress) -> None:
        """Bring the emulator to the template, the file that goes to AWS."""
        business = self.get(f"{self.sheets}/owner")
        parameters = {
            "Prefix": PREFIX,
            "TimeZone": self.zone,
            "SheetId": business["spreadsheet_id"],
            "DriveFolderId": business["folder_id"],
            "Recipients": self._business.owner,
            "MailFrom": self._business.mail_from,
            "ApproveUrl": f"{self.console}/approve",
            "ComposeUrl": f"{self.console}/compose",
            "SheetUrl": self.console,
            "SlackSecret": f"{PREFIX}/slack",
            **self.parameters,
        }
        self.outputs = self._brought_up(parameters, progress)
        self._put_secrets(business)
        self._put_slack()

    def _brought_up(self, parameters: dict[str, str], progress: Progress) -> dict[str, str]:
        """The outputs of the stack, as ``local.deploy`` tells them."""
        try:
            return deploy(self.template, self.aws, PREFIX, parameters, self.folder / "build", progress)
        except DeployError as error:
            raise StackError(f"template.yaml did not deploy: {error}") from error

    def _put_slack(self) -> None:
        """The app's secret, with the owner as the one member who approves; and to Slack, where a click goes to."""
        url = f"{self.addresses.function_url}/slack"
        app = self.post(f"{self.slack}/_local/app", {"interactions_url": url})
        members = list(app.pop("members"))
        self._put_secret(
            f"{PREFIX}/slack", {**app, "users": {members[0]: self._business.owner}, "api_origin": self.slack}
        )

    def _put_secrets(self, business: Mapping[str, Any]) -> None:
        """The service account and one secret per channel, as ``connect`` will store them."""
        document = json.loads(Path(self.servers["sheets"].ready["service_account_file"]).read_text())
        self._put_secret(f"{PREFIX}/drive/sa", {**document, "api_endpoint": self.sheets})
        self._sign_in()

    def _sign_in(self) -> None:
        """An account for each channel, signed in as of now. What was stored in an earlier run stays good: its token is told anew."""
        for channel, network in _CHANNELS:
            handle = self._business.second_handle if channel == "bluesky-second" else self._business.handle
            name = f"{PREFIX}/channels/{channel}"
            known = self._secret(name)
            stored: dict[str, str] = known["credentials"] if known else {}
            secrets = {"password": stored.get("app_password", ""), "token": stored.get("access_token", "")}
            account = self.post(
                f"{self.networks[network]}/_local/accounts", {"network": network, "handle": handle, **secrets}
            )
            account["credentials"] |= self._session(account)
            self.accounts[channel] = account
            secret = {key: account[key] for key in ("network", "account_id", "host")}
            secret["credentials"] = {**stored, **account["credentials"]}
            if known != secret:
                self._put_secret(name, secret)

    def _session(self, account: Mapping[str, Any]) -> dict[str, str]:
        """What Bluesky gives for an app password, and ``connect`` stores beside it: without, each post would sign in anew."""
        if account["network"] != "bluesky":
            return {}
        told = account["credentials"]
        body = {"identifier": told["identifier"], "password": told["app_password"]}
        session = self.post(xrpc(account["host"], "server.createSession"), body)
        return {"access_jwt": session["accessJwt"], "refresh_jwt": session["refreshJwt"]}

    def load(self, calendar: Calendar, progress: Progress) -> None:
        """Put the owner's calendar, images, rules and voice where the owner would have put them."""
        rows = [[_as_loaded(name, row.get(name, "")) for name in calendar.header] for row in calendar.rows]
        self.post(f"{self.sheets}/owner/reset", {"header": list(calendar.header), "rows": rows, "time_zone": self.zone})
        for name, path in calendar.images.items():
            self._put(f"{self.sheets}/owner/files/{name}", path.read_bytes())
        self._put(f"{self.sheets}/owner/rules", self.rules_text(calendar).encode())
        if calendar.voice:
            self._put(f"{self.sheets}/owner/voice", calendar.voice.encode())
        self._set_up_sheet()
        if calendar.start is not None:
            self.post(f"{self.aws}/_local/clock", {"start": calendar.start.isoformat()})
            self._sign_in()  # what lasts for sixty days lasts from the first day of the business
        progress(f"{len(calendar.rows)} rows and {len(calendar.images)} images are in the sheet's folder")

    def _set_up_sheet(self) -> None:
        """The looks of a sheet at Google, by the same command: boxes, lists, formats, colours."""
        document = json.loads(Path(self.servers["sheets"].ready["service_account_file"]).read_text())
        sheet = Spreadsheet(
            {**document, "api_endpoint": self.sheets}, str(self.servers["sheets"].ready["spreadsheet_id"])
        )
        try:
            set_up(sheet, ZoneInfo(self.zone), datetime.now(UTC), compose=f"{self.console}/compose/")
        except SheetError as error:
            raise StackError(f"the sheet could not be set up: {error}") from error
        finally:
            sheet.close()

    @property
    def _business(self) -> Business:
        return business_of(self.sample)

    def rules_text(self, calendar: Calendar) -> str:
        text = calendar.rules or _PLAIN_RULES.format(zone=self.zone, channels=_channel_lines())
        names = {
            f"{channel.replace('-', '_')}_account": account["account_id"] for channel, account in self.accounts.items()
        }
        return fill(text, {**names, **{f"{name}_host": origin for name, origin in self.networks.items()}})

    @property
    def addresses(self) -> StackAddresses:
        return StackAddresses(
            aws=self.aws,
            sheets=self.sheets,
            networks=next(iter(self.networks.values())),
            function_url=self.outputs["function_url:ApproveHandler"].rstrip("/"),
            business=self.business,
            time_zone=self.zone,
            prefix=PREFIX,
            slack=self.slack,
            compose_url=self.outputs["function_url:DraftHelper"].rstrip("/"),
            region=REGION,
            bedrock=self.bedrock,
            sample=self.sample,
        )

    @property
    def aws(self) -> str:
        return f"http://127.0.0.1:{self.servers['aws'].ready['port']}"

    @property
    def sheets(self) -> str:
        return f"http://127.0.0.1:{self.servers['sheets'].ready['port']}"

    @property
    def networks(self) -> dict[str, str]:
        """The address of each network's server."""
        return {name: origin for name, origin in self.servers["networks"].ready["origins"].items() if name != "web"}

    @property
    def slack(self) -> str:
        """The channel that the cards are posted in, to look at and to press in."""
        return f"http://127.0.0.1:{self.servers['slack'].ready['port']}"

    @property
    def bedrock(self) -> str:
        """The stand-in that drafts are asked of; "" where they come from the real one."""
        return str(self.servers["bedrock"].ready["url"]) if "bedrock" in self.servers else ""

    @property
    def web(self) -> str:
        """Where the pages behind links are made up."""
        return str(self.servers["networks"].ready["origins"]["web"])

    @property
    def console(self) -> str:
        return f"http://127.0.0.1:{self.console_port}"

    # while it runs

    def fire(self, schedule: str) -> None:
        self.post(f"{self.aws}/_local/fire", {"schedule": schedule})

    def idle(self, timeout_seconds: float = 60) -> None:
        """Wait until nothing is queued or running. StackError names what still is."""
        answer = self.get(f"{self.aws}/_local/idle?timeout_seconds={timeout_seconds}", timeout_seconds + 10)
        if not answer["idle"]:
            raise StackError(f"still busy after {timeout_seconds:.0f} s: {answer['busy']}")

    def now(self) -> datetime:
        return datetime.fromisoformat(self.get(f"{self.aws}/_local/clock")["now"]).astimezone(UTC)

    def to(self, moment: datetime) -> None:
        """Move the clock on to a moment and let everything that fell due finish."""
        if moment > self.now():
            self.post(f"{self.aws}/_local/clock", {"to": moment.isoformat()}, 600)
        self.idle()

    def client(self, service: str) -> Any:
        """One for each service and address: making one takes longer than a dozen of its calls."""
        return _client(service, self.aws)

    def get(self, url: str, timeout_seconds: float = 30) -> Any:
        answer = httpx.get(url, timeout=timeout_seconds, **HERE)
        answer.raise_for_status()
        return answer.json()

    def post(self, url: str, body: Mapping[str, Any], timeout_seconds: float = 60) -> Any:
        answer = httpx.post(url, json=dict(body), timeout=timeout_seconds, **HERE)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _put(self, url: str, data: bytes) -> None:
        httpx.put(url, content=data, timeout=60, **HERE).raise_for_status()

    def _secret(self, name: str) -> dict[str, Any] | None:
        client = self.client("secretsmanager")
        try:
            text = client.get_secret_value(SecretId=name)["SecretString"]
        except client.exceptions.ResourceNotFoundException:
            return None
        found: dict[str, Any] | None = json.loads(text) if text else None  # one of the template's is empty at first
        return found

    def _put_secret(self, name: str, document: Mapping[str, Any]) -> None:
        client = self.client("secretsmanager")
        text = json.dumps(dict(document))
        try:
            client.put_secret_value(SecretId=name, SecretString=text)
        except client.exceptions.ResourceNotFoundException:
            client.create_secret(Name=name, SecretString=text)

    # going down

    def stop(self) -> None:
        """Stop every server this stack started, the emulator last: it saves what the others told it."""
        for name in ("networks", "slack", "sheets", "bedrock", "aws"):
            if name in self.servers:
                _stop(self.servers[name].process)
        self.servers.clear()

    # ports stay the same from run to run, so that links in old mails go on working

    def _ports_file(self) -> Path:
        return self.folder / "ports.json"

    def _remembered_ports(self) -> dict[str, int]:
        try:
            found: dict[str, int] = json.loads(self._ports_file().read_text())
        except (FileNotFoundError, ValueError):
            return {}
        for name, port in found.items():
            if name != "console" and not port_is_free(port):
                raise StackError(
                    f"port {port}, which {name} had in the last run, is taken by another program; stop that program"
                    " (perhaps an earlier run), or start anew with: make run FRESH=1"
                )
        return found

    def _remember_ports(self) -> None:
        port_of = {
            "aws": self.aws,
            "sheets": self.sheets,
            **self.networks,
            "web": self.web,
            "slack": self.slack,
            **({"bedrock": self.bedrock} if self.bedrock else {}),
        }
        ports = {name: int(address.rsplit(":", 1)[1]) for name, address in port_of.items()}
        ports["console"] = self.console_port
        self._ports_file().write_text(json.dumps(ports))


@cache
def _client(service: str, address: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=address,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 1}),
    )


_PLAIN_RULES = """Time zone: {zone}
Posting window: 00:00-24:00
Late rule: 2 hours

Channels
{channels}
"""


def _channel_lines() -> str:
    """The rules doc's lines of all channels, their accounts and hosts to be filled in."""
    return "\n".join(
        f"- {channel}: {network}, account {{{channel.replace('-', '_')}_account}}, {{{network}_host}}"
        for channel, network in _CHANNELS
    )


_PIDS = "pids.json"
CHANNEL_NAMES = tuple(channel for channel, _ in _CHANNELS)


def make_folder(folder: Path) -> None:
    """StackError when nothing can be kept there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise StackError(
            f"{folder} cannot be written ({error.strerror}); make it writable or choose another with STATE=folder"
        ) from error


def forget(folder: Path) -> None:
    """Start anew: everything an earlier run kept there goes."""
    if folder.exists():
        if any(folder.iterdir()) and not (folder / "ports.json").exists() and not (folder / "aws").exists():
            raise StackError(
                f"{folder} holds something else than a stack's state: it is not removed; choose another with STATE=folder"
            )
        shutil.rmtree(folder)


def stop_left_over(folder: Path) -> None:
    """Servers of an earlier run over this folder whose own run was killed: they are asked to stop, and save what they hold."""
    try:
        pids: list[int] = json.loads((folder / _PIDS).read_text())
    except (FileNotFoundError, ValueError):
        return
    for pid in pids:
        if not _is_ours(pid, folder):
            continue
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 20
        while _is_ours(pid, folder) and time.monotonic() < deadline:
            time.sleep(0.1)


def _is_ours(pid: int, folder: Path) -> bool:
    """Alive, and started by us over this very folder: a number may have become another program's."""
    if shutil.which("ps") is None:
        return False
    asked = ["ps", "-o", "stat=,command=", "-p", str(pid)]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    state, _, command = listed.strip().partition(" ")
    return not state.startswith("Z") and "-m local" in command and str(folder) in command


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _await_ready(name: str, process: subprocess.Popen[str], folder: Path) -> dict[str, Any]:
    """The server's own line. StackError with the end of its log and what to do when it ends or stays silent."""
    assert process.stdout is not None
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        readable, _, _ = select.select([process.stdout], [], [], 0.5)
        line = process.stdout.readline() if readable else ""
        if line.startswith("{"):
            found: dict[str, Any] = json.loads(line)
            return found
        if process.poll() is not None:
            break
    log = folder / f"{name}.log"
    tail = "\n".join(log.read_text().splitlines()[-5:])
    if process.poll() is None:
        why = f"{name} did not start within {START_TIMEOUT_SECONDS:.0f} seconds: try again when this computer is less busy"
    else:
        why = f"{name} did not start: it ended with {process.returncode}, and its log ({log}) {'ends with' if tail else 'is empty'}"
    raise StackError(f"{why}\n{tail}".rstrip())


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()
