"""The console on a port of its own: ``python -m local.console.serve --aws ORIGIN --sheets ORIGIN …``."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import socket
import sys

from hypercorn.config import Config
from starlette.applications import Starlette

from local.console.addresses import StackAddresses
from local.console.app import create_app
from local.serving import serve_until


def main(argv: list[str]) -> int:
    """Serves until SIGTERM or SIGINT; 2 where the port cannot be had."""
    parser = argparse.ArgumentParser(prog="local.console.serve", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    for name in ("aws", "sheets", "networks", "function-url"):
        parser.add_argument(f"--{name}", required=True, metavar="ADDRESS")
    parser.add_argument("--business", default="Social Scheduler")
    parser.add_argument("--time-zone", default="UTC")
    parser.add_argument("--prefix", default="ss")
    options = vars(parser.parse_args(argv))
    port = int(options.pop("port"))
    try:
        listener = listening(port)
    except (OSError, OverflowError) as error:
        print(
            f"Port {port} cannot be used ({error}); choose another with --port, or 0 for a free one.", file=sys.stderr
        )
        return 2
    asyncio.run(run(create_app(StackAddresses(**options)), listener))
    return 0


def listening(port: int) -> socket.socket:
    """A listening socket on loopback; OSError where the port is taken."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


async def run(app: Starlette, listener: socket.socket, *, announce: bool = True) -> None:
    """Serves ``app``, says so in one line of JSON where wanted; returns after SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    port = listener.getsockname()[1]
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.graceful_timeout = 1.0
    config.errorlog = None
    config.keep_alive_timeout = 75  # longer than any client here keeps an idle connection: it is never closed under one
    if announce:
        print(json.dumps({"ready": True, "port": port, "address": f"http://127.0.0.1:{port}"}), flush=True)
    await serve_until(app, config, stopping.wait)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
