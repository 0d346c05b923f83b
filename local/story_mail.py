"""The owner's mailbox, and the pages behind the links in it: read, opened and pressed as a person would."""

from __future__ import annotations

import base64
import email
import email.policy
import html
import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx

from local.operator.rotating import compose_name, secret_name
from local.stack import HERE, PREFIX, Stack
from local.story_forms import Form, forms_of
from mesh.approvals import Action, Purpose, Signer, Token
from mesh.errors import MeshError
from mesh.vault import Vault


@dataclass(frozen=True)
class Link:
    """A link of a mail, and what its token says."""

    url: str
    token: Token


@dataclass(frozen=True)
class Mail:
    """One mail. ``text`` is its plain part; ``at`` the stack's time in ISO form; ``pictures`` counts those inside it."""

    seq: int
    at: str
    subject: str
    text: str
    links: tuple[Link, ...]
    pictures: int = 0

    @property
    def posts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(post_id for link in self.links for post_id, _ in link.token.posts))

    @property
    def is_card(self) -> bool:
        return bool(self.posts) and bool(self.links_of(Action.REVIEW))

    @property
    def is_digest(self) -> bool:
        return self.subject.startswith("Your week: ")

    def links_of(self, *actions: Action) -> list[Link]:
        return [link for link in self.links if link.token.action in actions]


@dataclass(frozen=True)
class Page:
    """An answer as a browser has it. ``status`` 0: no answer came. ``leads_to``: another address is to be opened in its place."""

    status: int
    address: str
    text: str
    leads_to: str = ""

    @property
    def title(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.text, re.DOTALL)
        return html.unescape(found[1]) if found else ""

    @property
    def forms(self) -> list[Form]:
        return forms_of(self.text, self.address)


class Mailbox:
    """``fresh`` reads on from the last look; ``open`` and ``press`` go to the Function URL, where the console would pass them on to."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        # To tell which link is which; nothing is ever signed here.
        vault = Vault(stack.client("secretsmanager"))
        self._signers = [
            Signer(vault.signing_keys(secret_name(PREFIX)), PREFIX),
            Signer(vault.signing_keys(compose_name(PREFIX)), PREFIX, Purpose.COMPOSE),
        ]
        self._seen = 0

    def fresh(self) -> list[Mail]:
        answer = self._stack.get(f"{self._stack.aws}/_local/mails?after={self._seen}")
        mails = [self._read(mail) for mail in answer["mails"]]
        self._seen = max([self._seen, *(mail.seq for mail in mails)])
        return mails

    def every(self) -> list[Mail]:
        """All that ever came, whoever looked at them before."""
        return [self._read(mail) for mail in self._stack.get(f"{self._stack.aws}/_local/mails?after=0")["mails"]]

    def _read(self, mail: dict[str, Any]) -> Mail:
        parsed = email.message_from_bytes(base64.b64decode(mail["raw_base64"]), policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        body, plain = parsed.get_body(("html",)), parsed.get_body(("plain",))
        content = html.unescape(body.get_content()) if body is not None else ""
        links = []
        for url in dict.fromkeys(re.findall(r'href="(http[^"]+)"', content)):
            token = self._token(url)
            if token is not None:
                links.append(Link(url, token))
        said = plain.get_content() if plain is not None else ""
        pictures = sum(part.get_content_maintype() == "image" for part in parsed.walk())
        return Mail(mail["seq"], mail["at"], str(parsed["Subject"]), said, tuple(links), pictures)

    def _token(self, url: str) -> Token | None:
        for signer in self._signers:
            with suppress(MeshError):
                return signer.read(url.rsplit("/", 1)[-1], self._stack.now())
        return None

    def address(self, link: Link) -> str:
        addresses = self._stack.addresses
        door = addresses.compose_url if link.token.action is Action.COMPOSE else addresses.function_url
        return f"{door}/{link.url.rsplit('/', 1)[-1]}"

    def open(self, link: Link) -> Page:
        return self._ask("GET", self.address(link))

    def press(self, form: Form, label: str = "", typed: Mapping[str, str | Iterable[str]] | None = None) -> Page:
        """A button of the form, the first where ``label`` is ""; ``typed`` are fields filled in anew. Where the answer leads is opened."""
        page = self._ask("POST", form.address, content=urlencode(form.filled(label, typed)), headers=self._of_our_page)
        return self._ask("GET", urljoin(page.address, page.leads_to)) if page.leads_to else page

    def add_file(self, form_page: Page, name: str, mime: str, content: bytes) -> str:
        """As the compose page's script adds a file: asks for its place, puts it there; what the form then says of it."""
        place = re.search(r'data-upload="([^"]+)"', form_page.text)
        address = urljoin(form_page.address, html.unescape(place[1])) if place else form_page.address
        asked = urlencode({"name": name, "type": mime, "size": str(len(content))})
        told = json.loads(self._ask("POST", address, content=asked, headers=self._of_our_page).text)
        put = httpx.post(told["url"], data=told["fields"], files={"file": (name, content, mime)}, timeout=30, **HERE)
        put.raise_for_status()
        return f"{told['id']} {name}"

    @property
    def _of_our_page(self) -> dict[str, str]:
        return {
            "origin": self._stack.console,
            "content-type": "application/x-www-form-urlencoded",
            "sec-fetch-site": "same-origin",
        }

    def _ask(self, method: str, address: str, **more: Any) -> Page:
        try:
            answer = httpx.request(method, address, timeout=30, **HERE, **more)
        except httpx.HTTPError as error:
            return Page(0, address, type(error).__name__)
        return Page(answer.status_code, address, answer.text, answer.headers.get("location", ""))
