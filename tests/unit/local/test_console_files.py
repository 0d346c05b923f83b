"""The page is what its documentation says: small, plain files, nothing inline, nothing from elsewhere, nothing that nobody uses."""

from __future__ import annotations

import re

from local.console.app import PAGE

MOST_BYTES = 200_000
FILES = sorted(path for path in PAGE.rglob("*") if path.is_file())
INDEX = (PAGE / "index.html").read_text()


def text(ending: str) -> dict[str, str]:
    return {str(path.relative_to(PAGE)): path.read_text() for path in FILES if path.suffix == ending}


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
    here = PAGE / name
    found = re.findall(r"""(?:from|import)\s*\(?["'](\.{1,2}/[^"']+)["']""", here.read_text())
    return {str((here.parent / one).resolve().relative_to(PAGE.resolve())) for one in found}


def test_every_file_is_used_and_every_file_used_is_there() -> None:
    named = set(re.findall(r'(?:href|src)="/page/([^"]+)"', INDEX))
    reached, ahead = set(named), [name for name in named if name.endswith(".js")]
    while ahead:
        for name in imported(ahead.pop()) - reached:
            reached.add(name)
            ahead.append(name)
    assert {str(path.relative_to(PAGE)) for path in FILES} - {"index.html"} == reached


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
