"""``python -m local connect x-main``: sign in at the channel's network, write its secret, have it probed. Renewing is the same command.

``--revoke`` (``make disconnect``) has the network forget the sign-in and empties it here. The stack is the make run that is up, or one on
AWS by ``--prefix``, ``--region`` and ``--profile``. Nothing is written unless all before it went well.
"""

from __future__ import annotations

import argparse
import sys
import webbrowser
from pathlib import Path

import httpx

from local.connect.browser import TIME_LIMIT_SECONDS, Door
from local.connect.connecting import Desk, Wish, connect, disconnect
from local.connect.model import ConnectError, on_this_computer
from local.connect.terminal import ID_VARIABLE, SECRET_VARIABLE, Terminal, at_this_terminal
from local.operator.books import BooksError
from local.operator.which import add_options, reached
from networks import NAMES, network


def main(argv: list[str]) -> int:
    """0 when it is connected, or disconnected; 1 otherwise, with the reason in a sentence."""
    options = _options(argv)
    desk: Desk | None = None
    try:
        desk = _desk(options)
        wish = Wish(
            channel=options.channel.strip().lower(),
            network=options.network or "",
            host=options.host or "",
            account=options.account or "",
            handle=options.handle or "",
            scopes=tuple(name for name in (options.scope or "").split(",") if name),
            organisation=options.organisation,
            anyway=options.anyway,
        )
        return disconnect(desk, wish) if options.revoke else connect(desk, wish)
    except (ConnectError, BooksError) as error:
        print(f"connect: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        sure = (
            "It may be stored already: run the command again to be sure."
            if desk and desk.wrote
            else "Nothing was changed."
        )
        print(f"connect: stopped. {sure}", file=sys.stderr)
    return 1


def _desk(options: argparse.Namespace) -> Desk:
    ask, ask_unseen, typed = at_this_terminal()
    person = Terminal(
        client_id=options.client_id or "", secret_file=options.secret_file, ask=ask, ask_unseen=ask_unseen
    )

    def door(port: int) -> Door:
        return Door(
            person.say,
            port=port if options.port is None else options.port,
            redirect=options.redirect or "",
            show=None if options.no_browser else webbrowser.open,
            typed=typed,
            time_limit_seconds=options.minutes * 60,
        )

    return Desk(reached(options), person, door, http_client, lambda name: network(name))


def http_client(host: str) -> httpx.Client:
    """With the computer's own proxy settings, but for a server on this computer."""
    return httpx.Client(follow_redirects=False, trust_env=not on_this_computer(host))


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local connect",
        description="Sign in at a channel's network and store the sign-in; again to renew it.",
        epilog=f"The app's client id and secret are asked for, the secret without echo; or set {ID_VARIABLE} and {SECRET_VARIABLE}."
        " Bluesky's app password counts as the secret. docs/connect.md has the steps for each network.",
    )
    parser.add_argument("channel", help="the channel's name in the rules doc, like x-main")
    add_options(parser)
    parser.add_argument("--revoke", action="store_true", help="end the sign-in and forget it")
    parser.add_argument("--network", choices=NAMES, help="where the rules doc does not name the channel yet")
    parser.add_argument("--host", help="the account's server, where the rules doc does not name it")
    parser.add_argument("--account", help="the id of the account to take, where there are several")
    parser.add_argument("--handle", help="Bluesky: the account's handle")
    parser.add_argument("--organisation", action="store_true", help="LinkedIn: post as an organisation")
    parser.add_argument("--scope", help="other permissions to ask for, by the network's names, with commas between")
    parser.add_argument("--client-id", help="the app's id at the network's developer portal")
    parser.add_argument(
        "--secret-file", type=Path, help="a file that holds the app's secret, or Bluesky's app password"
    )
    parser.add_argument(
        "--port", type=int, help="where the redirect address listens on this computer; 0 takes a free one"
    )
    parser.add_argument("--redirect", help="the redirect address that the app has registered, if it is another")
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    parser.add_argument(
        "--minutes", type=float, default=TIME_LIMIT_SECONDS / 60, help="how long to wait for the browser"
    )
    parser.add_argument(
        "--anyway", action="store_true", help="store what the rules doc contradicts; forget what cannot be revoked"
    )
    return parser.parse_args(argv)
