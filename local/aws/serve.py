"""``python -m local aws --port 0 --state DIR``: the AWS side, on loopback, until SIGTERM or SIGINT.

It starts in two steps. The first takes the port and the state folder, says plainly what is wrong with either, and
executes this program anew with a clean environment; the second imports MiniStack, which reads its settings at import,
mends it and serves.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from local import ROOT
from local.aws.environment import clean_environment
from local.privileges.recording import FOLDER

DEFAULT_CONCURRENCY = 4
RETRY_BASE_SECONDS = 0.5
SAVE_SECONDS = 0.5
_GRACE_SECONDS = 5.0
_SECOND_STEP = "--listening-on"
_FORGETTING = "--forgetting"


class CannotStartError(Exception):
    """One sentence for the person who started it."""


def main(argv: list[str]) -> int:
    options = _options(argv)
    if options.listening_on is not None:
        asyncio.run(_serve(options))
        return 0
    try:
        _start_anew(options, argv)
    except CannotStartError as error:
        print(error, file=sys.stderr)
    return 2


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local aws", description="The AWS side on one computer.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="folder kept across restarts; without it a temporary one")
    parser.add_argument("--concurrency", type=int, default=DEFAULT_CONCURRENCY, help="asynchronous invokes at a time")
    parser.add_argument(
        "--retry-seconds",
        type=float,
        default=RETRY_BASE_SECONDS,
        help="real time until a failed asynchronous invoke is tried again, twice that the second time",
    )
    parser.add_argument(
        "--save-seconds", type=float, default=SAVE_SECONDS, help="real time between two looks for what is to be saved"
    )
    parser.add_argument(
        "--sdk-attempts", type=int, help="how often the functions' SDK tries a call; its own default if not given"
    )
    parser.add_argument("--bedrock-url", help="an origin that stands in for Bedrock, where drafts are asked for")
    parser.add_argument(
        "--link-pages", help="an origin that the renderer asks for every linked page, instead of the web"
    )
    parser.add_argument("--count", action="store_true", help="count what everything would be charged for")
    parser.add_argument("--privileges", action="store_true", help="hold every call against its function's role")
    parser.add_argument("--enforce-roles", action="store_true", help="and refuse what the role does not allow")
    parser.add_argument("--emulator-roles", action="store_true", help="let the emulator's own judge refuse, too")
    parser.add_argument("--without", action="append", default=[], help='take a grant away: "sender s3:GetObject"')
    parser.add_argument("--mail-from", default="", help="the sender that the roles are for")
    parser.add_argument("--privileges-to", type=Path, help="folder that the recording is written into at the end")
    parser.add_argument(
        "--log-level", default="ERROR", help="what is logged of the emulator's own doings (%(default)s)"
    )
    parser.add_argument(_SECOND_STEP, type=int, help=argparse.SUPPRESS)
    parser.add_argument(_FORGETTING, action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def _start_anew(options: argparse.Namespace, argv: list[str]) -> None:
    state = (options.state or Path(tempfile.mkdtemp(prefix="social-scheduler-aws-"))).resolve()
    lock = _take_state(state)
    listener = _listen(options.port)
    port = listener.getsockname()[1]
    os.set_inheritable(listener.fileno(), True)
    os.set_inheritable(lock, True)
    environment = clean_environment(port, state, options.bedrock_url, options.log_level, options.link_pages)
    if options.emulator_roles:
        environment["AUTH"] = "true"  # MiniStack's own switch
    if options.sdk_attempts:
        environment["AWS_MAX_ATTEMPTS"] = str(options.sdk_attempts)
    os.chdir(ROOT)
    if FOLDER in os.environ:
        argv = [*argv, "--privileges-to", os.environ[FOLDER]]
    command = [sys.executable, "-m", "local", "aws", *argv, "--state", str(state), "--port", str(port)]
    if not options.state:
        command.append(_FORGETTING)
    os.execve(sys.executable, [*command, _SECOND_STEP, str(listener.fileno())], environment)


def _take_state(state: Path) -> int:
    """The lock's descriptor, held as long as the process lives. The folders are made, and what a kill left in ``tmp``
    goes.
    """
    try:
        state.mkdir(parents=True, exist_ok=True)
        lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        for folder in ("services", "s3"):
            (state / folder).mkdir(exist_ok=True)
    except OSError as error:
        raise CannotStartError(
            f"The state folder {state} cannot be written ({error.strerror}): choose another with --state."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise CannotStartError(
            f"The state folder {state} is in use by another local AWS side: stop that, or choose another with --state."
        ) from error
    shutil.rmtree(state / "tmp", ignore_errors=True)
    (state / "tmp").mkdir()
    return lock


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        raise CannotStartError(
            f"Port {port} cannot be used ({error}): stop what has it, or choose another with --port (0: any)."
        ) from error
    return listener


async def _serve(options: argparse.Namespace) -> None:
    # MiniStack reads its environment at import, so it may only be imported in the second step.
    from hypercorn.config import Config

    from local.aws.judging import Judge
    from local.aws.stack import Stack
    from local.serving import serve_until

    judged = options.privileges or options.enforce_roles or options.privileges_to
    judge = (
        Judge(enforcing=options.enforce_roles, without=options.without, mail_from=options.mail_from) if judged else None
    )
    state: Path = options.state
    stack = Stack(
        state,
        f"http://127.0.0.1:{options.port}",
        options.concurrency,
        options.retry_seconds,
        options.save_seconds,
        count=options.count,
        judge=judge,
        emulator_roles=options.emulator_roles,
    )
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    config = Config()
    config.bind = [f"fd://{options.listening_on}"]
    # Each connection costs memory until this ends, also when the function that made it is long gone.
    config.keep_alive_timeout = 20
    config.graceful_timeout = 2
    config.loglevel = options.log_level

    async def application(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await stack.door(scope, receive, send)
            return

        async def announcing(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "lifespan.startup.complete":
                stack.start()
                ready = {"ready": True, "port": options.port, "endpoint": stack.endpoint, "state": str(state)}
                print(json.dumps(ready), flush=True)
            await send(message)

        await stack.door(scope, receive, announcing)

    async def stop() -> None:
        await stopping.wait()
        # The functions that run need this server to finish, so they come before it.
        await stack.stop(_GRACE_SECONDS)

    await serve_until(application, config, stop)
    stack.leave()
    if judge and options.privileges_to:
        judge.recording.write(options.privileges_to)
    if options.forgetting:
        shutil.rmtree(state, ignore_errors=True)
