"""Channels and limits, as people write them. Pure."""

from __future__ import annotations

import re

import networks
from mesh.rulebook.model import Channel, Wrong, quote
from mesh.rulebook.near import did_you_mean
from networks import composer
from networks.limited import Of

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ACCOUNT = re.compile(r"(?:account|konto)(?:\s*[:=]\s*|\s+)(\S.*)", re.IGNORECASE)
_HOST_WORD = re.compile(r"^(?:host|server)(?:\s*[:=]\s*|\s+)", re.IGNORECASE)
_ORIGIN = re.compile(r"(https?)://((?:[a-z0-9-]+\.)*[a-z0-9-]+|\[::1\])(?::(\d{1,5}))?")
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}


def names_a_network(line: str) -> bool:
    """The line can only be a channel, whatever its name looks like."""
    return _parts(line)[1][:1] in [[network] for network in networks.NAMES]


def channel_of(line: str) -> Channel:
    """``name: network, account X, host``; the host may be left out where the network has one. Cells of a table do as well."""
    name, parts, colon = _parts(line)
    network = parts[0] if parts else ""
    if not _NAME.fullmatch(name):
        raise Wrong(f"{quote(name)} is no name for a channel; use letters, digits and dashes, like bluesky-main")
    if not colon or not network:
        raise Wrong(f"channel {name}: say where it posts, like “{name}: bluesky, account cafe.bsky.social”")
    if network not in networks.NAMES:
        hint = did_you_mean(network, networks.NAMES)
        raise Wrong(f"channel {name}: {quote(network)} is no network I know; {hint}")
    accounts = [found[1].strip(" \"'") for part in parts[1:] if (found := _ACCOUNT.fullmatch(part))]
    if len(accounts) != 1:
        raise Wrong(f"channel {name}: say which account, once, like “account 12345”")
    others = [part for part in parts[1:] if not _ACCOUNT.fullmatch(part)]
    if len(others) > 1:
        raise Wrong(
            f"channel {name}: {quote(others[1])} is more than I can use; write network, account and server only"
        )
    host = _host(others[0], name) if others else composer(network).declared.host
    if not host:
        raise Wrong(f"channel {name}: say which server, like https://mastodon.social")
    return Channel(name, network, accounts[0], host)


def _parts(line: str) -> tuple[str, list[str], str]:
    """Name, the rest in parts, the sign between; the network is in small letters."""
    found = re.search(r"[:\t=]", line) or re.search(r"\s-\s", line)
    name = line[: found.start()] if found else line
    rest = line[found.end() :] if found else ""
    parts = [part for piece in re.split(r"[,;\t]", rest) if (part := piece.strip(" \"'"))]
    return (
        name.strip(" \"'").lower(),
        [part.lower() if not at else part for at, part in enumerate(parts)],
        found[0] if found else "",
    )


def limit_of(line: str) -> tuple[str, Of, int]:
    """``instagram hashtags: 5``: a network, one of its limits, a whole number in that limit's own unit."""
    what, _, value = (part.strip(" \"'") for part in line.replace("\t", ":", 1).partition(":"))
    network, _, name = what.lower().partition(" ")
    if network not in networks.NAMES:
        raise Wrong(f"{quote(what)} is no limit I know; write it like “instagram hashtags: 5”")
    known = {of.value: of for of, limit in composer(network).declared.limits.items() if isinstance(limit.value, int)}
    of = known.get(name.strip())
    if of is None:
        raise Wrong(f"{network} has no limit {quote(name)}; {did_you_mean(name, known)}")
    digits = re.sub(r"[,.' ]", "", value)
    if not digits.isdecimal() or not 0 < len(digits) < 10 or not int(digits):
        usual = composer(network).declared.most(of) or 0
        raise Wrong(f"{quote(value)} is no limit; write a whole number, like “{network} {of.value}: {usual}”")
    return network, of, int(digits)


def _host(value: str, channel: str) -> str:
    """An https origin in lower case, without a trailing slash or the port that https has anyway; http on this computer only."""
    text = _HOST_WORD.sub("", value).rstrip("/").lower()
    bare = text if "://" in text else f"https://{text}"
    found = _ORIGIN.fullmatch(bare)
    if found is None or ("://" not in text and "." not in text) or not 0 < int(found[3] or 443) < 65536:
        raise Wrong(f"channel {channel}: {quote(value)} is no server's address; write it like https://mastodon.social")
    if found[1] == "http" and found[2] not in _LOOPBACK:
        raise Wrong(f"channel {channel}: {bare[:60]} would send its token in the clear; write https://{found[2]}")
    return bare.removesuffix(":443") if found[1] == "https" else bare
