"""The page behind a link, read with distrust."""

from __future__ import annotations

import gzip
import tracemalloc

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st
from link_page_web import HERE, ScriptedWeb, answer, page

from mesh.errors import Misconfigured
from renderer.link_page import IMAGE_LIMIT_BYTES, Page, fetch_image, read_page
from renderer.web import NoAnswer, NotAsked, Web

URL = "https://cafe.example/menu/cake"
TITLED = page("<title>Apple cake</title>")


def read(*answers: bytes, url: str = URL) -> Page | None:
    return read_page(url, ScriptedWeb(list(answers)).web)


# What a page says


def test_open_graph_comes_first_then_twitter_then_the_page_itself() -> None:
    own = '<title>own</title><meta name="description" content="own words">'
    twitter = '<meta name="twitter:title" content="bird"><meta name="twitter:description" content="bird words">'
    graph = '<meta property="og:title" content="graph"><meta property="og:description" content="graph words">'
    assert read(page(own)) == Page("own", "own words")
    assert read(page(own + twitter)) == Page("bird", "bird words")
    assert read(page(own + twitter + graph)) == Page("graph", "graph words")


def test_a_page_without_a_title_is_no_card() -> None:
    assert read(page('<meta name="description" content="words">')) is None
    assert read(page("<title> \n </title>")) is None


@pytest.mark.parametrize(
    ("told", "image"),
    [
        ("https://pictures.example/a.jpg", "https://pictures.example/a.jpg"),
        ("/a.jpg", "https://cafe.example/a.jpg"),
        ("a.jpg", "https://cafe.example/menu/a.jpg"),
        ("//pictures.example/a.jpg?w=1&amp;h=2", "https://pictures.example/a.jpg?w=1&h=2"),
        ("http://127.0.0.1:9001/", ""),
        ("http://localhost/a.jpg", ""),
        ("http://169.254.169.254/latest/meta-data", ""),
        ("data:image/png;base64,AAAA", ""),
        ("file:///etc/passwd", ""),
        ("http://[", ""),
    ],
)
def test_the_picture_s_address_is_a_public_one_or_none(told: str, image: str) -> None:
    assert read(page(f'<title>a</title><meta property="og:image" content="{told}">')) == Page("a", image=image)


def test_the_first_of_several_pictures_is_taken() -> None:
    images = "".join(f'<meta property="og:image" content="/{n}.jpg">' for n in range(3))
    assert read(page(f"<title>a</title>{images}")) == Page("a", image="https://cafe.example/0.jpg")


def test_a_relative_picture_is_read_from_where_the_redirect_led() -> None:
    moved = answer(status=301, location="https://www.cafe.example/new/cake")
    found = read(moved, page('<title>a</title><meta property="og:image" content="a.jpg">'))
    assert found == Page("a", image="https://www.cafe.example/new/a.jpg")


def test_a_long_title_ends_at_a_word_with_a_mark() -> None:
    found = read(page(f"<title>{'Apfelkuchen, ' * 100}</title>"))
    assert found is not None
    assert len(found.title) <= 300
    assert found.title.endswith("Apfelkuchen…")


@pytest.mark.parametrize("unit", ["長", "x", "👩‍🍳", "é", "e\u0301"])
def test_a_long_title_without_spaces_ends_between_two_characters(unit: str) -> None:
    found = read(page(f"<title>{unit * 400}</title>"))
    assert found is not None
    assert 290 < len(found.title) <= 300
    assert found.title == unit * ((len(found.title) - 1) // len(unit)) + "…"


def test_signs_that_steer_are_left_out_and_emoji_stay_whole() -> None:
    assert read(page("<title>a\u202eb\u2066\x07c\x00 👩‍🍳</title>")) == Page("ab c 👩‍🍳")


@given(st.text(max_size=700))
def test_whatever_a_title_is_it_stays_on_one_line_and_within_its_length(title: str) -> None:
    found = read(answer(f'<meta property="og:title" content="{title}">'.encode("utf-8", "replace")))
    if found is not None:
        assert 0 < len(found.title) <= 300
        assert len(found.title.splitlines()) == 1


# What is no page


@pytest.mark.parametrize(
    "told",
    [
        answer("<title>a</title>", status=404),
        answer("<title>a</title>", status=403),
        answer("<title>a</title>", status=500),
        answer("<title>a</title>", status=206),
        answer("", status=204),
        answer("<title>a</title>", status=301),
        answer("%PDF-1.7 <title>a</title>", content_type="application/pdf"),
        answer("<title>a</title>", content_type="text/plain"),
        answer("<title>a</title>", content_type="image/svg+xml"),
        answer("\x89PNG <title>a</title>", content_type=""),
        answer("<title>a</title>", content_encoding="br"),
        answer("<title>a</title>", content_encoding="gzip"),
        answer("<title>a</title>", content_encoding="gzip, gzip"),
        answer("<title>a</title>", content_length="nonsense"),
        b"",
        b"\x00\x01\x02",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x-padding: " + b"a" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 60_000,
    ],
    ids=range(20),
)
def test_what_is_no_page_gives_no_card(told: bytes) -> None:
    assert read(told) is None


@pytest.mark.parametrize("content_type", ["text/html", "TEXT/HTML;charset=utf-8", "application/xhtml+xml", ""])
def test_html_is_a_page_whatever_it_is_called(content_type: str) -> None:
    assert read(answer("<title>a</title>", content_type=content_type)) == Page("a")


def test_a_packed_page_is_unpacked() -> None:
    assert read(answer("<title>a</title>", packed=True)) == Page("a")


def test_a_page_is_read_no_further_than_its_head() -> None:
    scripted = ScriptedWeb([page("<title>a</title>") + b" " * 3_000_000])
    assert read_page(URL, scripted.web) == Page("a")


def test_a_page_of_which_only_the_start_is_read_has_its_title_there() -> None:
    assert read(answer(b"<title>a</title>" + b"<p>" * 5_000_000)) == Page("a")
    assert read(answer(b"<p>" * 400_000 + b"<title>too far down</title>")) is None


def test_a_page_that_unpacks_a_thousandfold_is_read_as_far_as_any_other() -> None:
    assert read(answer(b"<title>a</title>" + b" " * 200_000_000, packed=True)) == Page("a")


def test_a_packed_page_is_never_unpacked_whole_into_memory() -> None:
    scripted = ScriptedWeb([answer(b" " * 100_000_000, packed=True)])
    tracemalloc.start()
    try:
        assert read_page(URL, scripted.web) is None
        assert tracemalloc.get_traced_memory()[1] < 8_000_000  # 16 kB of it unpack to 16 MB
    finally:
        tracemalloc.stop()


def test_bytes_that_unpack_to_nothing_count_all_the_same() -> None:
    nothing = gzip.compress(b"")[:10] + b"\x00\x00\x00\xff\xff" * 1_000_000
    scripted = ScriptedWeb([answer(nothing, content_encoding="gzip")])
    assert read_page(URL, scripted.web) is None
    assert scripted.read_bytes < 1_300_000


# Pictures


def test_a_picture_is_its_bytes() -> None:
    assert fetch_image(URL, ScriptedWeb([answer(b"\x89PNG", content_type="image/png")]).web) == b"\x89PNG"


@pytest.mark.parametrize(
    "told",
    [
        answer(b"", content_type="image/png"),
        answer(b"x", status=404),
        answer(b"x" * (IMAGE_LIMIT_BYTES + 1), content_type="image/png"),
        answer(b"x", content_type="image/png", content_length="10000000000"),
        answer(b"x" * 20, content_type="image/png")[:-5],
        answer(b"\x00" * (IMAGE_LIMIT_BYTES + 1), content_type="image/png", packed=True),
        b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n" + b"x" * (IMAGE_LIMIT_BYTES + 1),
    ],
    ids=["empty", "error", "too large", "far too large", "cut", "bomb", "of no told length"],
)
def test_what_is_no_picture_of_a_sensible_size_is_none(told: bytes) -> None:
    assert fetch_image(URL, ScriptedWeb([told]).web) is None


def test_a_picture_of_exactly_the_limit_is_taken() -> None:
    told = answer(b"x" * IMAGE_LIMIT_BYTES, content_type="image/png")
    assert fetch_image(URL, ScriptedWeb([told]).web) == b"x" * IMAGE_LIMIT_BYTES


# Who is asked


def test_the_request_tells_who_asks_and_nothing_else() -> None:
    scripted = ScriptedWeb([TITLED])
    read_page("https://cafe.example/menu?day=1#top", scripted.web)
    (request,) = scripted.requests
    lines = request.strip().split("\r\n")
    assert lines[0] == "GET /menu?day=1 HTTP/1.1"
    assert {line.partition(":")[0].lower() for line in lines[1:]} == {
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "connection",
    }
    assert any("SocialScheduler" in line for line in lines)


def test_cookies_are_not_carried_from_one_answer_to_the_next_request() -> None:
    scripted = ScriptedWeb([answer(status=302, location="/b", set_cookie="a=b"), TITLED])
    assert read_page(URL, scripted.web) == Page("Apple cake")
    assert not any("cookie" in request.lower() for request in scripted.requests)


@pytest.mark.parametrize(
    "meaning",
    [
        ["127.0.0.1"],
        ["0.0.0.0"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a00:1"],
        ["2002:7f00:1::"],
        [HERE, "127.0.0.1"],
        ["10.0.0.1", HERE],
        ["fe80::1%eth0"],
        ["nonsense"],
        [],
    ],
)
def test_a_name_that_means_anything_private_is_never_connected_to(meaning: list[str]) -> None:
    scripted = ScriptedWeb([TITLED], {"cafe.example": [meaning]})
    assert read_page(URL, scripted.web) is None
    assert (scripted.looked_up, scripted.connections) == (["cafe.example"], [])


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
        "http://127.0.0.1/",
        "http://localhost/",
        "http://localhost./",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://owner:secret@cafe.example/",
        "http://cafe.example:8080/",
        "ftp://cafe.example/",
        "file:///etc/passwd",
        "nonsense",
        "",
    ],
)
def test_a_link_to_somewhere_private_is_not_even_looked_up_whether_followed_or_redirected_to(url: str) -> None:
    direct = ScriptedWeb([TITLED])
    assert read_page(url, direct.web) is None
    assert fetch_image(url, direct.web) is None
    assert (direct.looked_up, direct.connections) == ([], [])
    if "://" in url:
        redirected = ScriptedWeb([answer(status=302, location=url), TITLED])
        assert read_page(URL, redirected.web) is None
        assert redirected.connections == [(HERE, 443)]


def test_a_redirect_to_a_name_that_means_something_private_gets_nothing() -> None:
    scripted = ScriptedWeb(
        [answer(status=302, location="http://inside.example/"), TITLED], {"inside.example": [["127.0.0.1"]]}
    )
    assert read_page(URL, scripted.web) is None
    assert scripted.connections == [(HERE, 443)]


def test_a_name_that_means_something_else_a_moment_later_is_not_looked_up_again() -> None:
    scripted = ScriptedWeb([TITLED], {"cafe.example": [[HERE], ["127.0.0.1"]]})
    assert read_page(URL, scripted.web) == Page("Apple cake")
    assert (scripted.looked_up, scripted.connections) == (["cafe.example"], [(HERE, 443)])


def test_a_name_that_turns_private_before_the_redirect_gets_nothing_more() -> None:
    scripted = ScriptedWeb([answer(status=302, location="/b"), TITLED], {"cafe.example": [[HERE], ["127.0.0.1"]]})
    assert read_page(URL, scripted.web) is None
    assert scripted.connections == [(HERE, 443)]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed_and_no_fourth(status: int) -> None:
    moved = [answer(status=status, location=f"/{n}") for n in range(4)]
    assert read(*moved[:3], TITLED) == Page("Apple cake")
    scripted = ScriptedWeb([*moved, TITLED])
    assert read_page(URL, scripted.web) is None
    assert len(scripted.connections) == 4


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    tried: list[str] = []

    def connect(address: str, port: int, timeout_seconds: float) -> httpcore.NetworkStream:
        tried.append(address)
        if address == HERE:
            raise httpcore.ConnectError("refused")
        return httpcore.MockStream([TITLED])

    web = Web(resolve=lambda name, port: [HERE, "2606:4700::1111"], connect=connect)
    assert read_page(URL, web) == Page("Apple cake")
    assert tried == [HERE, "2606:4700::1111"]


def test_a_name_nobody_knows_is_no_answer() -> None:
    def resolve(name: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(NoAnswer, match="unknown name"):
        Web(resolve=resolve).get(URL, accept="*/*", limit_bytes=10)


def test_what_was_not_asked_is_told_from_what_did_not_answer() -> None:
    with pytest.raises(NotAsked, match="address"):
        Web().get("http://10.0.0.1/", accept="*/*", limit_bytes=10)


# A stand-in


def test_a_stand_in_is_asked_for_every_address_and_no_name_is_looked_up() -> None:
    asked: list[tuple[str, int]] = []
    scripted = ScriptedWeb([answer(status=302, location="/new?a=b&c"), TITLED])

    def connect(address: str, port: int, timeout_seconds: float) -> httpcore.NetworkStream:
        asked.append((address, port))
        return scripted._connect(address, port, timeout_seconds)

    web = Web("http://127.0.0.1:8999", resolve=scripted._resolve, connect=connect)
    assert read_page("https://cafe.example/old", web) == Page("Apple cake")
    assert asked == [("127.0.0.1", 8999)] * 2
    assert scripted.looked_up == []
    assert scripted.requests[0].startswith("GET /?url=https%3A%2F%2Fcafe.example%2Fold HTTP/1.1\r\n")
    assert scripted.requests[1].startswith("GET /?url=https%3A%2F%2Fcafe.example%2Fnew%3Fa%3Db%26c HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "url", ["http://localhost/", "http://127.0.0.1:9001/", "http://10.0.0.1/", "ftp://cafe.example/"]
)
def test_a_stand_in_is_not_asked_what_the_web_would_not_be(url: str) -> None:
    scripted = ScriptedWeb([TITLED])
    assert read_page(url, Web("http://127.0.0.1:8999", connect=scripted._connect)) is None
    assert scripted.connections == []


@pytest.mark.parametrize(
    "origin",
    [
        *("https://127.0.0.1:1", "http://127.0.0.1", "http://127.0.0.1:80/a", "http://a@127.0.0.1:80"),
        *("http://cafe.example:80", "http://10.0.0.1:80", "nonsense"),
    ],
)
def test_a_stand_in_anywhere_else_than_on_this_computer_is_refused(origin: str) -> None:
    with pytest.raises(Misconfigured, match="LINK_PAGES"):
        Web(origin)
