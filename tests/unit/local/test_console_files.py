"""The page is what its documentation says: small, plain files, nothing inline, nothing from elsewhere, nothing that nobody uses."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

import local.slack
from local.console.app import PAGE
from local.console.files import PageFiles

SLACK_PAGE = Path(local.slack.__file__).parent / "page"

MOST_BYTES = 420_000
PLACES = {str(path.relative_to(PAGE)): path for path in PAGE.rglob("*") if path.is_file()} | {
    f"slack/{name}": SLACK_PAGE / name for name in ("blocks.css", "blocks.js")
}
"""What the browser loads, by its name there: Slack's messages are drawn by the module that its own page has."""
FILES = list(PLACES.values())
INDEX = (PAGE / "index.html").read_text()


def text(ending: str) -> dict[str, str]:
    return {name: path.read_text() for name, path in PLACES.items() if path.suffix == ending}


def test_nothing_in_it_is_inline() -> None:
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:", INDEX) == []
    for name, script in text(".js").items():
        assert (
            re.findall(r"\.innerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function|\bstyle:", script)
            == []
        ), name


def test_nothing_comes_from_elsewhere() -> None:
    allowed = "http://www.w3.org/"
    for path in FILES:
        written = path.read_text()
        found = [address for address in re.findall(r"(?:https?:)?//[a-z0-9][\w.-]*\.[a-z]{2,}[^\s\"')`]*", written, re.IGNORECASE)
                 if not address.startswith(allowed)]  # fmt: skip
        assert found == [], path.name
    for name, sheet in text(".css").items():
        assert re.findall(r"@import|url\(\s*['\"]?(?!data:)", sheet) == [], name


def imported(name: str) -> set[str]:
    """The modules that a module names, as paths under the page's folder."""
    found = re.findall(r"""(?:from|import)\s*\(?["'](\.{1,2}/[^"']+)["']""", PLACES[name].read_text())
    return {os.path.normpath(Path(name).parent / one) for one in found}


def test_every_file_is_used_and_every_file_used_is_there() -> None:
    named = set(re.findall(r'(?:href|src)="/page/([^"]+)"', INDEX))
    reached, ahead = set(named), [name for name in named if name.endswith(".js")]
    while ahead:
        for name in imported(ahead.pop()) - reached:
            reached.add(name)
            ahead.append(name)
    assert PLACES.keys() - {"index.html"} == reached


def test_every_module_is_read_as_it_stands() -> None:
    for path in FILES:
        assert path.suffix in {".js", ".css", ".html", ".svg"}, path.name
    longest = max(
        (len(line), name) for name, script in {**text(".js"), **text(".css")}.items() for line in script.splitlines()
    )
    assert longest[0] <= 400, longest  # Nothing packed.


def test_every_place_a_module_looks_for_by_name_is_in_the_page() -> None:
    there = set(re.findall(r'\sid="([^"]+)"', INDEX))
    scripts = text(".js")
    made = {
        name
        for script in scripts.values()
        for name in re.findall(r"""\bid: ["']([\w-]+)["']|\.id = ["']([\w-]+)["']""", script)
        for name in name
    }
    for name, script in scripts.items():
        wanted = set(re.findall(r"""getElementById\(["']([\w-]+)["']\)""", script))
        assert wanted - there - made == set(), name


def test_the_whole_page_is_small() -> None:
    total = sum(path.stat().st_size for path in FILES)
    print(f"The page has {total:,} bytes in {len(FILES)} files.")
    assert total <= MOST_BYTES


def test_a_file_is_served_as_it_is_now_and_nothing_beside_them(tmp_path: Path) -> None:
    page, script = tmp_path / "page", tmp_path / "page" / "grid" / "one.js"
    script.parent.mkdir(parents=True)
    (tmp_path / "secret").write_text("nobody's")
    script.write_text("before")
    (page / "out").symlink_to(tmp_path / "secret")
    app = Starlette(routes=[Route("/page/{path:path}", PageFiles(page).answer)])

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            first = await client.get("/page/grid/one.js")
            assert (first.text, first.headers["cache-control"]) == ("before", "no-cache")
            assert "javascript" in first.headers["content-type"]
            tag = {"if-none-match": first.headers["etag"]}
            assert (await client.get("/page/grid/one.js", headers=tag)).status_code == 304
            script.write_text("after")
            os.utime(script, ns=(0, script.stat().st_mtime_ns + 1))
            assert (await client.get("/page/grid/one.js", headers=tag)).text == "after"
            assert (await client.head("/page/grid/one.js")).status_code == 200
            for path in ("grid", "nothing.js", "..%2fsecret", "grid/../../secret", "out"):
                assert (await client.get(f"/page/{path}")).status_code == 404, path

    asyncio.run(ask())
