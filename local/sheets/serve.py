"""``python -m local sheets``: the server as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import sys
import tempfile
from pathlib import Path

from hypercorn.config import Config

from local.serving import serve_until
from local.sheets.app import create_app
from local.sheets.calls import Recorder
from local.sheets.furnishing import furnish
from local.sheets.gate import Trouble
from local.sheets.keeping import Keeper
from local.sheets.quotas import Limits, Quotas
from local.sheets.workspace import Workspace

SAVE_INTERVAL_SECONDS = 0.5
_BACKLOG = 100
_DAY_SECONDS = 86_400


def main(argv: list[str]) -> int:
    """Serves until SIGTERM or SIGINT. 1 with a sentence on stderr where it cannot start."""
    options = _options(argv)
    with contextlib.ExitStack() as stack:
        state = options.state or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sheets-")))
        try:
            listener = stack.enter_context(_listening(options.port))
        except (OSError, OverflowError) as error:
            return _refused(f"port {options.port} on 127.0.0.1 cannot be had ({error}); --port 0 takes a free one")
        trouble = Trouble(quotas=Quotas(Limits() if options.quotas else None))
        if options.record:
            try:
                trouble.recorder = stack.enter_context(contextlib.closing(Recorder(options.record)))
            except OSError as error:
                return _refused(f"the record {options.record} cannot be written ({error}); name another file")
        try:
            keeper = Keeper(state)
            workspace = keeper.load()
            account = keeper.account(f"http://127.0.0.1:{listener.getsockname()[1]}/token")
        except OSError as error:
            return _refused(f"the state folder {state} cannot be used ({error}); name a writable one with --state")
        except (ValueError, KeyError, TypeError) as error:
            return _refused(f"the state in {state} cannot be read ({error!r}); move it away, or name another folder")
        if workspace is None:
            workspace = Workspace()
            furnish(workspace)
        workspace.gather(options.coalesce_seconds)
        keeper.save(workspace)
        app = create_app(workspace, account, may_create=options.may_create, trouble=trouble)
        asyncio.run(_run(listener, workspace, keeper, state, app))
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local sheets", description="A local Google Sheets and Drive.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--state", type=Path, help="folder that keeps everything between starts; none: forgotten at stop"
    )
    parser.add_argument(
        "--may-create", action="store_true", help="let the service account create files, which Google no longer does"
    )
    parser.add_argument(
        "--coalesce-seconds",
        type=_seconds,
        default=0.0,
        help="for how long Drive gathers the edits of a document into one change; Google's is about 180 (0: each at once)",
    )
    parser.add_argument(
        "--quotas", action="store_true", help="keep to Google's quotas: 60 reads and 60 writes a minute"
    )
    parser.add_argument(
        "--record", type=Path, help="append every call to this file as JSON lines, with bodies and without credentials"
    )
    return parser.parse_args(argv)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= _DAY_SECONDS:
        raise argparse.ArgumentTypeError("a number of seconds from 0 to 86400")
    return seconds


def _refused(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def _listening(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


async def _run(listener: socket.socket, workspace: Workspace, keeper: Keeper, state: Path, app: object) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    _say_ready(listener, workspace, state)
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]  # hypercorn closes it itself
    config.graceful_timeout = 1.0
    config.errorlog = None
    config.keep_alive_timeout = 75  # longer than any client here keeps an idle connection: it is never closed under one
    saving = asyncio.create_task(_save_often(workspace, keeper))

    async def stopped() -> None:
        await stopping.wait()
        workspace.close()

    await serve_until(app, config, stopped)
    saving.cancel()
    keeper.save(workspace)


async def _save_often(workspace: Workspace, keeper: Keeper) -> None:
    while True:
        await asyncio.sleep(SAVE_INTERVAL_SECONDS)
        try:
            keeper.save(workspace)
        except OSError as error:
            print(f"nothing is being kept at the moment: {error}; the next try follows", file=sys.stderr)


def _say_ready(listener: socket.socket, workspace: Workspace, state: Path) -> None:
    port = listener.getsockname()[1]
    places = workspace.business()
    line = {
        "ready": True,
        "port": port,
        "url": f"http://127.0.0.1:{port}",
        "spreadsheet_id": places.spreadsheet_id,
        "folder_id": places.folder_id,
        "service_account_file": str((state / "service-account.json").resolve()),
    }
    print(json.dumps(line), flush=True)
