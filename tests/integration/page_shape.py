"""The elements of a page and their attributes, without any words: the same, whatever words somebody wrote."""

from __future__ import annotations

from html.parser import HTMLParser

HOSTILE = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)></textarea></title></style></div>"
    '<a href="javascript:alert(1)">here</a> {{7*7}} ${x} %s'
)


class _Shape(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(f"<{tag} {' '.join(sorted(name for name, _ in attrs))}>")

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"</{tag}>")


def shape(html: str) -> list[str]:
    read = _Shape()
    read.feed(html)
    read.close()
    return read.found
