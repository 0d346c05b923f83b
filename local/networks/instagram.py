"""A server shaped like Instagram's half of the graph API: containers, carousels, its images' rules, its publishing limit.

An account hangs on a Facebook page and is posted to with that page's token (or the person's who manages it). Behaviour as in
``meta_containers.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from local.networks import meta_parameters as listed
from local.networks.meta_containers import ContainerServer, Filled, status_of
from local.networks.meta_graph import Call, Gate, RefusedError, only, selected
from local.networks.meta_images import Fetched, NoImageError, UnreachableError, fetch_image
from local.networks.meta_sign_in import PERSON, PageSignIn, page_node
from local.networks.store import Store
from local.networks.web import Route

CAPTION_LIMIT = 2_200
TAG_LIMIT = 30
MENTION_LIMIT = 20
ALT_LIMIT = 1_000
IMAGE_LIMIT_BYTES = 8_000_000
NARROWEST, WIDEST = 4 / 5, 1.91
_SLACK = 1.003  # whole pixels never hit a ratio exactly
_STATUS_WORDS = {
    "EXPIRED": "Expired: The container was not published within 24 hours.",
    "ERROR": "Error: Media upload has failed with error code 2207053",
    "FINISHED": "Finished: Media has been uploaded and it is ready to be published.",
    "IN_PROGRESS": "In Progress: Media is still being processed.",
    "PUBLISHED": "Published: Media has been successfully published.",
}


class Instagram(ContainerServer):
    """A ``local.networks.server.Server``. ``accounts`` are by the page's id; ``instagram_id`` is the channel's account id."""

    name = "instagram"
    page = "/p/(?P<number>[A-Za-z0-9_-]+)/"
    usage = "instagram"
    kind = "IGMedia"
    making = "media"
    publishing = "media_publish"
    quota = "content_publishing_limit"
    state = "status_code"
    words = "caption"
    per_day = 100
    made_of = listed.IG_MEDIA
    most_children = 10

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._pages_kept: dict[str, Any] = self._kept.setdefault("pages", {})
        self._sign_in = PageSignIn("Instagram", store, self._kept, self._tokens, self._pages)

    @property
    def app(self) -> dict[str, str]:
        return self._sign_in.app

    def routes(self) -> list[Route]:
        return self._api_routes()

    def add_account(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """An account and its page. ``token`` is the page's; ``app`` is what a sign-in has to show."""
        handle = told["handle"]
        with self._store.lock:
            accounts = self._kept["accounts"]
            known = [account_id for account_id, account in accounts.items() if account["handle"] == handle]
            account_id = known[0] if known else self._next_id()
            page_id = accounts[account_id]["page_id"] if known else self._next_id()
            accounts[account_id] = {"handle": handle, "page_id": page_id}
            name = str(told.get("name") or handle)
            page = {"handle": handle, "name": name, "active": told["active"], "instagram_id": account_id}
            self._pages_kept[page_id] = page
            self._tokens.drop(page_id)
            token = self._tokens.mint("page", page_id, None, value=str(told.get("token") or ""))
            self._store.save()
        credentials = {"access_token": token}
        return {"handle": handle, "account_id": account_id, "credentials": credentials, "app": self._sign_in.app}

    def _sign_in_routes(self, gate: Gate) -> list[Route]:
        return self._sign_in.routes(gate)

    def _pages(self) -> dict[str, Any]:
        pages = self._pages_kept.items()
        return {page_id: page_node(page_id, one, self.origin) for page_id, one in pages if one["active"]}

    def _is_active(self, owner: str) -> bool:
        return owner == PERSON or bool(self._pages_kept.get(owner, {}).get("active"))

    def _may(self, call: Call, account_id: str) -> bool:
        return call.token.owner in (PERSON, self._kept["accounts"][account_id]["page_id"])

    def _me(self, call: Call) -> dict[str, Any]:
        if call.token.owner == PERSON:
            return selected(self._sign_in.person(), call.fields, "User", ("id", "name"))
        page = page_node(call.token.owner, self._pages_kept[call.token.owner], call.request.origin)
        return selected(page, call.fields, "Page", ("id", "name"))

    def _account_node(self, account_id: str) -> dict[str, Any]:
        handle = self._kept["accounts"][account_id]["handle"]
        media = [one for one in self._kept["media"].values() if one["account_id"] == account_id]
        return {"id": account_id, "username": handle, "name": handle, "media_count": len(media)}

    def _container_node(self, container_id: str, container: Mapping[str, Any]) -> dict[str, Any]:
        status = status_of(container)
        return {"id": container_id, "status_code": status, "status": _STATUS_WORDS[status]}

    def _media_type(self, image_count: int) -> str:
        return "IMAGE" if image_count == 1 else "CAROUSEL_ALBUM"

    def _address(self, media: Mapping[str, Any], origin: str) -> str:
        return f"{origin}/p/{media['shortcode']}/"

    def _fill(self, call: Call) -> Filled:
        only(call.told, {"alt_text", "caption", "children", "image_url", "is_carousel_item", "media_type"})
        caption, media_type = call.told.get("caption", ""), call.told.get("media_type", "")
        _check_caption(caption)
        if media_type == "CAROUSEL":
            if "image_url" in call.told or "alt_text" in call.told:
                raise RefusedError("(#100) A carousel's images and alt texts belong to its items", 100)
            return Filled(caption, children=self._children(call))
        if media_type not in ("", "IMAGE") or "children" in call.told or "image_url" not in call.told:
            raise RefusedError(
                "(#100) The media type is unknown: an image_url, or CAROUSEL with children, is needed", 100, 2207023
            )
        is_child = call.flag("is_carousel_item", False)
        if is_child and caption:
            raise RefusedError("(#100) A carousel's item has no caption of its own", 100, 2207028)
        alt = call.told.get("alt_text", "")
        if len(alt) > ALT_LIMIT:
            raise RefusedError(f"(#100) alt_text may have at most {ALT_LIMIT} characters", 100)
        return Filled(caption, images=((_fetched(call.told["image_url"]), alt),), is_child=is_child)


def _check_caption(caption: str) -> None:
    if len(caption) > CAPTION_LIMIT:
        raise RefusedError(f"The caption is too long: it may have at most {CAPTION_LIMIT} characters", 36004, 2207010)
    if len(re.findall(r"#\w", caption)) > TAG_LIMIT or len(re.findall(r"(?<!\w)@\w", caption)) > MENTION_LIMIT:
        raise RefusedError(f"(#100) A caption has at most {TAG_LIMIT} tags and {MENTION_LIMIT} mentions", 100)


def _fetched(address: str) -> Fetched:
    """RefusedError with the subcode of what is wrong with the image."""
    try:
        image = fetch_image(address)
    except UnreachableError as error:
        raise RefusedError("The media could not be fetched from this uri", 9004, 2207052) from error
    except NoImageError as error:
        raise RefusedError("Only photo or video can be accepted as media type", 9004, 2207052) from error
    if image.kind != "JPEG":
        raise RefusedError(f"The image format is not supported: {image.kind}, a JPEG is needed", 36001, 2207005)
    if len(image.content) > IMAGE_LIMIT_BYTES:
        raise RefusedError(f"The image is too large to download: at most {IMAGE_LIMIT_BYTES} bytes", 36000, 2207004)
    if not NARROWEST / _SLACK <= image.ratio <= WIDEST * _SLACK:
        raise RefusedError("The submitted image has an invalid aspect ratio", 36003, 2207009)
    if not 320 <= image.width_px <= 1_440:
        raise RefusedError("The image must be 320 to 1440 pixels wide", 36003, 2207009)
    return image
