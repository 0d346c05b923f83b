"""Which addresses are asked at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.public_addresses import NotPublic, is_public, public_address

PRIVATE = (
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::a00:1",
    "::7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:a00:1::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%eth0",
    "fec0::1",
    "ff02::1",
)
PUBLIC = ("8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1")


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_near_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_everybody_reaches_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "localhost", "8.8.8", "1", "8.8.8.8.", "8.8.8.8/32", "[::1]"])
def test_what_is_no_ip_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        *((f"http://[{address}]/" if ":" in address else f"http://{address}/", "address") for address in PRIVATE if "%" not in address),
        ("http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", "port"),
        ("http://127.0.0.1./", "address"),
        ("http://127。0。0。1/", "address"),
        ("http://[fe80::1%25eth0]/", "address"),
        ("http://2130706433/", "name"),
        ("http://0x7f000001/", "name"),
        ("http://0x7f.0.0.1/", "name"),
        ("http://0177.0.0.1/", "malformed"),
        ("http://127.1/", "name"),
        ("http://cafe.example.0x7f/", "name"),
        ("http://localhost/", "name"),
        ("http://localhost./", "name"),
        ("http://LOCALHOST/", "name"),
        ("http://cafe.localhost/", "name"),
        ("http://printer.local/", "name"),
        ("http://metadata.google.internal/", "name"),
        ("http://router/", "name"),
        ("http://router./", "name"),
        ("http://a..b/", "name"),
        ("http://.example/", "name"),
        ("http://a b.example/", "name"),
        ("http:///menu", "name"),
        ("http://" + "a." * 200 + "example/", "name"),
        ("http://cafe.example:8080/", "port"),
        ("http://cafe.example:0/", "port"),
        ("https://cafe.example:22/", "port"),
        ("http://cafe.example:99999/", "port"),
        ("http://owner@cafe.example/", "userinfo"),
        ("http://owner:secret@cafe.example/", "userinfo"),
        ("http://cafe.example\\@127.0.0.1/", "userinfo"),
        ("http://[::1", "malformed"),
        ("http://１２７.0.0.1/", "malformed"),
        ("http://cafe.example/a\nb", "malformed"),
        ("http://cafe.example/" + "a" * 5000, "malformed"),
        ("ftp://cafe.example/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://cafe.example/", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("data:text/html,hello", "scheme"),
        ("cafe.example", "scheme"),
        ("//cafe.example/", "scheme"),
        ("", "scheme"),
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_public_is_refused(url: str, kind: str) -> None:
    with pytest.raises(NotPublic) as refusal:
        public_address(url)
    assert refusal.value.kind == kind


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://cafe.example", "https://cafe.example/"),
        ("https://Cafe.Example./menu?day=1#top", "https://cafe.example/menu?day=1"),
        ("  https://cafe.example/  ", "https://cafe.example/"),
        ("https://möwe.example/käse", "https://xn--mwe-sna.example/k%C3%A4se"),
        ("http://cafe.example:80/", "http://cafe.example/"),
        ("http://cafe.example:443/", "http://cafe.example:443/"),
        ("http://my_shop.example/", "http://my_shop.example/"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
    ],
)
def test_a_public_address_is_put_in_order(url: str, shown: str) -> None:
    assert str(public_address(url)) == shown


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("cake.jpg", "https://cafe.example/menu/cake.jpg"),
        ("/cake.jpg", "https://cafe.example/cake.jpg"),
        ("//pictures.example/cake.jpg", "https://pictures.example/cake.jpg"),
        ("http://pictures.example/cake.jpg", "http://pictures.example/cake.jpg"),
    ],
)
def test_a_relative_address_is_read_from_where_it_stands(told: str, shown: str) -> None:
    assert str(public_address(told, "https://cafe.example/menu/today")) == shown


@given(st.text(max_size=80) | st.from_regex(r"https?://[^/]{0,30}(:[0-9]{1,6})?/.{0,20}", fullmatch=True))
def test_whatever_is_written_is_refused_or_public(url: str) -> None:
    try:
        address = public_address(url)
    except NotPublic:
        return
    assert address.port in (80, 443)
    assert address.literal is is_public(address.host)
    assert public_address(str(address)) == address
