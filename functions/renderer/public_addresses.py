"""Which addresses on the web the renderer may ask at all. Pure: nothing is looked up here.

A link is whatever somebody wrote into a sheet, and the function that follows it runs next to things that only trust what is near:
Lambda's runtime API on 127.0.0.1:9001, instance metadata on 169.254.169.254, a router at home.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

ADDRESS_LIMIT_CHARACTERS = 4_000

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# RFC 6761, 6762, 8375, 9476 and what routers and clouds call themselves: never a name on the public web.
_PRIVATE_ENDINGS = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".onion", ".alt")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_DOCUMENTATION = IPv6Network("3fff::/20")  # RFC 9637; Python's own list has it only since 3.14


class NotPublic(ValueError):
    """An address that is not asked. ``kind`` says why: ``malformed``, ``scheme``, ``userinfo``, ``port``, ``name`` or ``address``."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class PublicAddress:
    """An address that may be asked once its name has been looked up.

    ``host`` is in lower case, in ASCII, without the root's dot; ``target`` is path and query as they go on the wire; ``literal`` where
    the host is no name but an IP address, a public one.
    """

    scheme: str
    host: str
    port: int
    target: str
    literal: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"


def public_address(url: str, base: str = "") -> PublicAddress:
    """The address taken apart; a relative one is read against ``base``. NotPublic where it must not be asked whatever its name means.

    http and https on their own two ports, no user name, and a host that is a public IP address or a name with a dot in it. Numbers that
    old resolvers take for an address (``2130706433``, ``0x7f.1``, ``127.1``) are neither.
    """
    url = url.strip()
    if len(url) > ADDRESS_LIMIT_CHARACTERS:
        raise NotPublic("malformed")
    try:
        parts = httpx.URL(base).join(url) if base else httpx.URL(url)
        port, host = parts.port, parts.raw_host.decode("ascii").lower()
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise NotPublic("malformed") from error
    if parts.scheme not in _PORTS:
        raise NotPublic("scheme")
    if parts.userinfo:
        raise NotPublic("userinfo")
    port = _PORTS[parts.scheme] if port is None else port
    if port not in _PORTS.values():
        raise NotPublic("port")
    host = host.removesuffix(".")
    return PublicAddress(parts.scheme, host, port, parts.raw_path.decode("ascii"), _is_literal(host))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet's, and so is the IPv4 address inside, where there is one."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return found.is_global and not found.is_multicast and not found.is_reserved
    inner = _inner(found)
    if inner is not None:
        return is_public(str(inner))
    if found.scope_id is not None or found not in _GLOBAL_UNICAST or found in _DOCUMENTATION:
        return False
    return found.is_global


def _inner(address: IPv6Address) -> IPv4Address | None:
    """What a mapped (``::ffff:…``), a 6to4 (``2002:…``) or a NAT64 address (``64:ff9b::…``) leads to in the end."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def _is_literal(host: str) -> bool:
    """True for a public IP address, False for a name that may be looked up; NotPublic for everything else."""
    try:
        ip_address(host)
    except ValueError:
        pass
    else:
        if is_public(host):
            return True
        raise NotPublic("address")
    if len(host) > 253 or not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise NotPublic("name")
    if host.endswith(_PRIVATE_ENDINGS):
        raise NotPublic("name")
    return False
