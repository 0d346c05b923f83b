"""mastodon-mock on 127.0.0.1 and a free port, until SIGTERM, SIGINT or the end of standard input.

Runs in an environment of its own. ``REAL_FOLDER`` is where it keeps database and media, ``REAL_ACCOUNTS`` the names of its
accounts; each one's token is its name. Prints one JSON line when it listens.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from pathlib import Path

import uvicorn  # type: ignore[import-not-found]
from mastodon_mock.app import create_app  # type: ignore[import-not-found]
from mastodon_mock.config import MastodonMockConfig  # type: ignore[import-not-found]


def main() -> None:
    folder, names = Path(os.environ["REAL_FOLDER"]), os.environ["REAL_ACCOUNTS"].split(",")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = MastodonMockConfig.model_validate(
        {
            "domain": f"127.0.0.1:{port}",
            "url_scheme": "http",
            "media_storage_path": str(folder / "media"),
            "database": {"path": str(folder / "mastodon.sqlite")},
            "seed": {"accounts": [{"username": name, "access_token": name} for name in names]},
        }
    )
    server = uvicorn.Server(uvicorn.Config(create_app(config), log_level="error", timeout_graceful_shutdown=2))

    def stop_with_the_starter() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=stop_with_the_starter, daemon=True).start()
    listener.listen(128)
    # Connections wait in the queue from here on, so whoever reads this line may come.
    print(json.dumps({"ready": True, "port": port, "address": "127.0.0.1"}), flush=True)
    server.run(sockets=[listener])


if __name__ == "__main__":
    main()
