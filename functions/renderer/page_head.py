"""What a page says of itself: the tags in its head, read in one pass whatever they are.

The standard library's parser needs minutes for some pages of one megabyte (``<a b='"`` over and over); here every byte is looked at a
fixed number of times. What is unpacked wrongly only costs a link card.
"""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass, field

VALUE_LIMIT_CHARACTERS = 4_000

_OPENING = re.compile(r"<([a-zA-Z][a-zA-Z0-9:-]{0,40})(?=[\s/>])")
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>`]+)))?""")
_REST_OF_TAG = re.compile(r"[^<>]*>?")
_NOT_MARKUP = ("script", "style", "svg", "textarea", "iframe", "noembed", "noframes", "xmp")
_CLOSING = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("title", *_NOT_MARKUP)}

_CHARSET = re.compile(rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{1,40})""", re.IGNORECASE)
_IN_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{1,40})""", re.IGNORECASE)
_META_WITHIN_BYTES = 4_096
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What a page may be written in: https://encoding.spec.whatwg.org, as Python calls them. Others of Python's codecs are no writing at
# all (punycode), and slow.
_ENCODINGS = {
    *("utf-8", "utf-16-le", "utf-16-be", "cp866", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp874"),
    *("gbk", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949"),
    *(f"cp{number}" for number in range(1250, 1259)),
    *(f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
}
# Browsers read these names as the larger set, and pages rely on it.
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gbk",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-16-le",
    "utf-8-sig": "utf-8",
}
_PYTHON_CALLS = {
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "x-gbk": "gbk",
    "x-mac-cyrillic": "mac-cyrillic",
}


@dataclass
class Head:
    """``title`` is the first title element's text; ``meta`` the first value that is not empty of each property or name, in lower case."""

    title: str = ""
    meta: dict[str, str] = field(default_factory=dict)

    def first(self, *names: str) -> str:
        return next((self.meta[name] for name in names if name in self.meta), "")


def page_text(content: bytes, content_type: str) -> str:
    """The page in characters: by its byte order mark, the header, its own meta tag, else UTF-8, else Western European."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    header = _IN_HEADER.search(content_type)
    told = _encoding(header.group(1)) if header else ""
    if not told and (own := _CHARSET.search(content[:_META_WITHIN_BYTES])):
        told = _encoding(own.group(1).decode("ascii"))
        # A tag that could be read byte by byte is not in UTF-16, whatever it says.
        told = "utf-8" if told.startswith("utf-16") else told
    if told:
        return content.decode(told, "replace")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content)  # the last letter may be cut in the middle
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read_head(page: str) -> Head:
    """Never raises. Comments, scripts and drawings are passed over; what is not closed ends the reading."""
    head = Head()
    titled = False
    at = page.find("<")
    while at >= 0:
        if page.startswith("<!--", at):
            at = _behind(page, "-->", at + 2)
        elif (opening := _OPENING.match(page, at)) is None:
            at += 1
        else:
            name = opening.group(1).lower()
            attributes, at = _attributes(page, opening.end())
            if name == "meta":
                _note(head, attributes)
            if name in _CLOSING:
                closing = _CLOSING[name].search(page, at)
                end = closing.start() if closing else len(page)
                if name == "title" and not titled:
                    head.title, titled = _value(page[at : min(end, at + VALUE_LIMIT_CHARACTERS)]), True
                at = end + 1
        at = page.find("<", at) if at >= 0 else at
    return head


def _attributes(page: str, at: int) -> tuple[dict[str, str], int]:
    """A tag's attributes, the first of each name, and where the tag ends."""
    found: dict[str, str] = {}
    while (attribute := _ATTRIBUTE.match(page, at)) is not None:
        name, *values = attribute.groups()
        if len(found) < 50:
            value = next((value for value in values if value is not None), "")
            found.setdefault(name.lower(), value[:VALUE_LIMIT_CHARACTERS])
        at = attribute.end()
    rest = _REST_OF_TAG.match(page, at)
    return found, rest.end() if rest else at


def _note(head: Head, attributes: dict[str, str]) -> None:
    value = _value(attributes.get("content", ""))
    if not value:
        return
    for attribute in ("property", "name"):  # either is found in the wild for Open Graph and for Twitter's tags
        for name in attributes.get(attribute, "").lower().split():
            head.meta.setdefault(name, value)


def _value(raw: str) -> str:
    """Entities resolved, whitespace collapsed. The cut comes first: Python refuses numbers of more than 4,300 digits."""
    return " ".join(html.unescape(raw[:VALUE_LIMIT_CHARACTERS]).split())


def _behind(page: str, mark: str, at: int) -> int:
    found = page.find(mark, at)
    return found + len(mark) if found >= 0 else -1


def _encoding(label: str) -> str:
    """Python's codec for a charset's name; empty for what a page cannot be written in."""
    try:
        name = codecs.lookup(_PYTHON_CALLS.get(label.lower(), label)).name
    except (LookupError, ValueError):
        return ""
    name = _READ_AS.get(name, name)
    return name if name in _ENCODINGS else ""
