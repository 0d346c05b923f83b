"""What has to be asked outside before a post is composed: each channel's server of its limits, and the page behind the link."""

from __future__ import annotations

from typing import Protocol

import httpx

import networks
from mesh.fitting import composer_of
from mesh.posts import Plan
from mesh.rulebook import Rulebook
from networks.model import Learned
from networks.text import find_mentions
from renderer.decide import LinkedPage, Told
from renderer.fitting import fit
from renderer.images import ImageRefused, Variant
from renderer.link_page import fetch_image, read_page
from renderer.reading import read_picture
from renderer.recipe import Recipe
from renderer.web import Web

_CARD = Recipe(label="the link card", mimes=("image/jpeg",), limit_bytes=1_000_000, limit_width_px=1_200)


class Outside(Protocol):
    """Asked at most once in an invocation for each thing."""

    def told(self, plan: Plan, rulebook: Rulebook) -> dict[str, Told]:
        """By the channel's name."""
        ...

    def page(self, link: str) -> LinkedPage | None: ...


class Servers:
    """The real outside. Nothing it does or leaves undone stops a rendering."""

    def __init__(self, http: httpx.Client, web: Web) -> None:
        self._http = http
        self._web = web
        self._learned: dict[tuple[str, str, frozenset[str]], Learned | None] = {}
        self._pages: dict[str, LinkedPage | None] = {}

    def told(self, plan: Plan, rulebook: Rulebook) -> dict[str, Told]:
        found: dict[str, Told] = {}
        for channel in plan.channels:
            learned = self._learn(channel.network, channel.host, plan.row.text_for(channel))
            if learned is None:
                found[channel.name] = Told(composer_of(channel, rulebook), sure=False)
            else:
                found[channel.name] = Told(composer_of(channel, rulebook, learned.limits), learned.mentions)
        return found

    def page(self, link: str) -> LinkedPage | None:
        if link not in self._pages:
            self._pages[link] = self._read(link) if link else None
        return self._pages[link]

    def _learn(self, network: str, host: str, text: str) -> Learned | None:
        key = (network, host, frozenset(span.value for span in find_mentions(text)))
        if key not in self._learned:
            self._learned[key] = networks.composer(network).learn(self._http, host, text)
        return self._learned[key]

    def _read(self, link: str) -> LinkedPage | None:
        page = read_page(link, self._web)
        if page is None:
            return None
        return LinkedPage(page.title, page.description, self._thumbnail(page.image))

    def _thumbnail(self, address: str) -> Variant | None:
        content = fetch_image(address, self._web) if address else None
        if content is None:
            return None
        try:
            return fit(read_picture("the page's image", content), _CARD)
        except ImageRefused:
            return None
