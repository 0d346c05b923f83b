"""How the Mastodon-shaped server counts a status and renders it: written apart from the adapter, so that each checks
the other.
"""

from __future__ import annotations

import html

import regex

URL_LENGTH = 23
_ADDRESS = regex.compile(r"https?://[^\s<>\"/?#,;]+(?:[/?#][^\s<>\"]*)?", regex.IGNORECASE)
_HOST = regex.compile(r"https?://(?:[^\s/?#:@.]+\.)+(?:\p{L}{2,}|xn--[\w-]+)(?::\d+)?(?=[/?#]|$)", regex.IGNORECASE)
_MENTION = regex.compile(r"(?<![=/\w])@([a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)(@[\w.-]*\w)?", regex.IGNORECASE)
_TAG = regex.compile(r"(?<![^\s(])#([\p{L}\p{M}\p{N}_]*[\p{L}_][\p{L}\p{M}\p{N}_]*)")


def addresses(text: str) -> list[tuple[int, int]]:
    """Where addresses stand, sentence punctuation left out."""
    found = []
    for match in _ADDRESS.finditer(text):
        address = match.group()
        while address and (
            address[-1] in ".,;:!?'*_~|&-"
            or (address[-1] == ")" and address.count(")") > address.count("("))
            or (address[-1] == "]" and address.count("]") > address.count("["))
        ):
            address = address[:-1]
        if _HOST.match(address):
            found.append((match.start(), match.start() + len(address)))
    return found


def counted(text: str) -> int:
    """Graphemes, an address as 23, a remote mention without its host."""
    for start, end in reversed(addresses(text)):
        text = text[:start] + "u" * URL_LENGTH + text[end:]
    return len(regex.findall(r"\X", _MENTION.sub(lambda mention: "@" + mention.group(1), text)))


def rendered(text: str, origin: str) -> str:
    """The content as HTML: paragraphs, line breaks, shortened links, local names and hashtags."""
    pieces, position = [], 0
    for start, end in addresses(text):
        pieces += [_words(text[position:start], origin), _link(text[start:end])]
        position = end
    pieces.append(_words(text[position:], origin))
    paragraphs = regex.split(r"\n{2,}", "".join(pieces))
    return "".join(f"<p>{paragraph.replace(chr(10), '<br />')}</p>" for paragraph in paragraphs if paragraph)


def _words(text: str, origin: str) -> str:
    def tag(match: regex.Match[str]) -> str:
        name = match.group(1)
        return f'<a href="{origin}/tags/{name}" class="mention hashtag" rel="tag">#<span>{name}</span></a>'

    def mention(match: regex.Match[str]) -> str:
        if not match.group(2):
            return match.group()
        host = match.group(2)[1:]
        return (
            f'<span class="h-card"><a href="https://{host}/@{match.group(1)}" class="u-url mention">'
            f"@<span>{match.group(1)}</span></a></span>"
        )

    return _TAG.sub(tag, _MENTION.sub(mention, html.escape(text, quote=False)))


def _link(address: str) -> str:
    scheme, _, rest = address.partition("://")
    scheme, rest = f"{scheme}://", rest
    if rest.startswith("www."):
        scheme, rest = scheme + "www.", rest[4:]
    shown, hidden = rest[:30], rest[30:]
    shape = "ellipsis" if hidden else ""
    return (
        f'<a href="{html.escape(address)}" target="_blank" rel="nofollow noopener">'
        f'<span class="invisible">{scheme}</span><span class="{shape}">{html.escape(shown)}</span>'
        f'<span class="invisible">{html.escape(hidden)}</span></a>'
    )
