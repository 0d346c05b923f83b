"""Connecting a channel from its line in the rules doc to its probe, and the way back. Writes once, when all before it went well."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from local.connect import portal
from local.connect.browser import Door, NoDoor
from local.connect.flows import FLOWS
from local.connect.linkedin import LinkedInFlow
from local.connect.model import App, Browser, ConnectError, Flow, GoneError, Scope, Session, SignedIn, on_this_computer
from local.connect.stack import ChannelBooks, Registered, registered, rules_line
from local.connect.terminal import Terminal
from local.operator.which import Reached
from mesh.errors import MeshError
from mesh.rulebook import parse_rules
from mesh.schedule_time import say_with_zone
from mesh.vault import Vault
from networks import NAMES, composer
from networks.http import pinned_origin
from networks.model import Account, Network, Result

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")  # as the rules doc takes it
_OWN_SERVERS = {"bluesky", "mastodon"}  # whose accounts live on many hosts


@dataclass(frozen=True)
class Wish:
    """What was told on the command line; "" and empty where nothing was. ``anyway`` writes what the rules doc contradicts."""

    channel: str
    network: str = ""
    host: str = ""
    account: str = ""
    handle: str = ""
    scopes: tuple[str, ...] = ()
    organisation: bool = False
    anyway: bool = False


@dataclass
class Desk:
    """Everything outside. ``door`` opens the redirect address on a flow's usual port; ``adapter`` gives a network's own.

    ``wrote`` is set before anything is written.
    """

    stack: Reached
    person: Terminal
    door: Callable[[int], AbstractContextManager[Door]]
    http: Callable[[str], httpx.Client]
    adapter: Callable[[str], Network]
    wrote: bool = field(default=False, init=False)


def connect(desk: Desk, wish: Wish) -> int:
    """0 when the channel is connected and its network says so; 1 when it is stored and the network says no. ConnectError for the rest."""
    books = _books(desk, wish)
    rules, document = books.rules(), books.document()
    line, say = registered(rules, wish.channel), desk.person.say
    name = _network_of(wish, line)
    host = _host_of(wish, line, name, desk.person)
    flow, label = FLOWS[name], composer(name).declared.label
    desk.person.stored = _stored_app(document, name)
    say(f"Connecting {wish.channel} ({label}) in {desk.stack.name}.")
    scopes = _scopes(flow, wish, line)
    handle = wish.handle or (line.account if line and name == "bluesky" else "")
    with desk.http(host) as http:
        if flow.in_browser:
            with desk.door(flow.port) as door:
                _say_before(desk, name, label, scopes, portal.register(door.redirect_uri) if flow.port else "")
                found = flow.sign_in(_session(desk, host, http, door, scopes, handle))
        else:
            _say_before(desk, name, label, scopes, "")
            found = flow.sign_in(_session(desk, host, http, NoDoor(), scopes, handle))
        one = desk.person.pick(found, wish.account or (line.account if line else ""), must=bool(wish.account))
        written = rules_line(wish.channel, name, one.account_id, one.host)
        contradicted = _contradicted(line, name, one)
        if contradicted and not wish.anyway:
            raise ConnectError(
                f"{contradicted} Nothing was changed. Sign in as the other account, or let the rules doc say this and run the command"
                f" again (--anyway stores it at once; nothing is posted before the two agree):\n\n  {written}"
            )
        desk.wrote = True
        books.keep(name, one)
        say(f"Stored in the secret {books.secret_name}: {label}, {one.shown}, account {one.account_id}.")
        if ends := _ends(name, one, rules):
            say(ends)
        if contradicted or line is None or not line.account:
            place = (
                f"in the place of line {line.line} of the rules doc" if line else "into the rules doc, under Channels"
            )
            say(f"Write this {place}:\n\n  {written}\n")
        if line is not None and line.account:
            _have_probed(desk, books)
        return _probed(desk, books, name, label, http)


def disconnect(desk: Desk, wish: Wish) -> int:
    """0 when nothing can be posted with the sign-in any more. ConnectError where the network did not say that it forgot it."""
    books = _books(desk, wish)
    document = books.document()
    name, credentials = str(document.get("network", "")), _texts(document.get("credentials"))
    host = pinned_origin(str(document.get("host", "")))
    if not credentials:
        desk.person.say(f"{wish.channel} is not connected: there is nothing to revoke.")
        return 0
    line = registered(books.rules(), wish.channel)
    if name not in FLOWS or host is None:
        raise ConnectError(
            f"The secret {books.secret_name} does not say whose sign-in it holds; delete it in Secrets Manager."
        )
    account = Account(name, str(document.get("account_id", "")), host, credentials)
    try:
        with desk.http(host) as http, _revoking_door(desk, FLOWS[name]) as browser:
            session = _session(desk, host, http, browser, (), "")
            after = FLOWS[name].revoke(session, account, _texts(document.get("app")))
    except GoneError as gone:
        after = str(gone)
    except ConnectError as error:
        if not wish.anyway:
            raise ConnectError(
                f"{error}\n{wish.channel} is still connected. To forget the sign-in here without its network knowing, add --anyway."
            ) from None
        after = f"{error}\nSo the network was not told: remove the app's access in the account's settings there."
    desk.wrote = True
    books.forget()
    desk.person.say(
        f"{wish.channel} is disconnected: its sign-in is gone from {books.secret_name}, and nothing is posted there."
    )
    if after:
        desk.person.say(after)
    if line is not None and line.account:
        _have_probed(desk, books)
    return 0


@contextmanager
def _revoking_door(desk: Desk, flow: Flow) -> Iterator[Browser]:
    if not flow.revokes_in_browser:
        yield NoDoor()
        return
    with desk.door(flow.port) as door:
        yield door


def _books(desk: Desk, wish: Wish) -> ChannelBooks:
    if not _NAME.fullmatch(wish.channel):
        raise ConnectError("A channel's name has small letters, digits and dashes, like x-main.")
    return ChannelBooks(desk.stack, wish.channel)


def _network_of(wish: Wish, line: Registered | None) -> str:
    """The rules doc's word, else what was told, else what the channel's name begins with."""
    told = wish.network.lower()
    if line is not None:
        if told and told != line.network:
            raise ConnectError(f"The rules doc says that {wish.channel} is on {line.network}, not on {told}.")
        return line.network
    guess = told or wish.channel.split("-")[0]
    if guess not in NAMES:
        raise ConnectError(f"On which network is {wish.channel}? Say it with --network, one of {', '.join(NAMES)}.")
    return guess


def _host_of(wish: Wish, line: Registered | None, name: str, person: Terminal) -> str:
    usual = composer(name).declared.host
    told = wish.host or (line.host if line else "") or usual or person.ask("The account's server (mastodon.social)")
    host = pinned_origin(told.strip() if "://" in told else f"https://{told.strip()}")
    if host is None:
        raise ConnectError("That is no server's address; write it like https://mastodon.social.")
    if name not in _OWN_SERVERS and host != usual and not on_this_computer(host):
        raise ConnectError(
            f"{composer(name).declared.label} is at {usual}, not at {host}: correct the rules doc's line, or leave the host out."
        )
    return host


def _scopes(flow: Flow, wish: Wish, line: Registered | None) -> tuple[Scope, ...]:
    scopes = flow.scopes
    if isinstance(flow, LinkedInFlow):
        account = wish.account or (line.account if line else "")
        scopes = flow.scopes_for(account, organisation=wish.organisation)
    words = {scope.name: scope for scope in (*flow.scopes, *LinkedInFlow.organisation_scopes)}
    return tuple(words.get(name, Scope(name, "named with --scope")) for name in wish.scopes) or scopes


def _session(
    desk: Desk, host: str, http: httpx.Client, browser: Browser, scopes: tuple[Scope, ...], handle: str
) -> Session:
    return Session(host, http, desk.person, browser, desk.stack.now, scopes, handle)


def _say_before(desk: Desk, name: str, label: str, scopes: tuple[Scope, ...], redirect: str) -> None:
    lines = [*portal.BEFORE[name], *([redirect] if redirect else [])]
    desk.person.say("\n".join(["What it needs beforehand:", *(f"  - {line}" for line in lines)]))
    allowed = [f"  - {scope.words} ({scope.name})" for scope in scopes]
    desk.person.say("\n".join([f"What {label} is asked to allow:", *allowed]))


def _contradicted(line: Registered | None, name: str, one: SignedIn) -> str:
    """What the rules doc says otherwise, in words; "" where it agrees or names no account yet."""
    if line is None or not line.account:
        return ""
    if line.account != one.account_id:
        return f"The rules doc (line {line.line}) names account {line.account}, and {one.shown} is account {one.account_id}."
    if line.host.rstrip("/") != one.host:
        return f"The rules doc (line {line.line}) says that the account is at {line.host}, and it lives at {one.host}."
    return ""


def _stored_app(document: Mapping[str, Any], name: str) -> App | None:
    known = _texts(document.get("credentials"))
    if document.get("network") != name or not known.get("client_id"):
        return None
    return App(known["client_id"], known.get("client_secret", ""))


def _ends(name: str, one: SignedIn, rules: str) -> str:
    """Until when it is good, where anybody has to mind that."""
    ends_at = Account(name, one.account_id, one.host, one.credentials).ends_at
    if ends_at is None:
        return ""
    if "refresh_token" in one.credentials or composer(name).declared.renew_ahead is not None:
        return "It is renewed by itself before it ends."
    zone = ZoneInfo(parse_rules(rules, default_zone="UTC")[0].time_zone)
    return f"It is good until {say_with_zone(ends_at, zone)}: run this command again before then."


def _have_probed(desk: Desk, books: ChannelBooks) -> None:
    if trouble := books.have_probed():
        desk.person.say(trouble)


def _probed(desk: Desk, books: ChannelBooks, name: str, label: str, http: httpx.Client) -> int:
    """Asks the network with what is stored, by the code that posts."""
    try:
        account = Vault(desk.stack.client("secretsmanager")).account(books.secret_name)
    except MeshError as error:
        desk.person.say(f"The secret could not be read back ({error}); run the command again.")
        return 1
    outcome = desk.adapter(name).probe(http, account)
    if outcome.result is Result.OK and not outcome.pause:
        desk.person.say(f"{label} was asked, and the sign-in works: {books.channel} is connected.")
        return 0
    desk.person.say(f"The sign-in is stored, but {label} was asked and it does not work yet: {outcome.detail}")
    return 1


def _texts(value: object) -> dict[str, str]:
    return {str(name): str(told) for name, told in value.items()} if isinstance(value, dict) else {}
