"""A server shaped like a Bluesky PDS: the XRPC methods a scheduler needs, with a PDS's answers.

After measurements on a real one: ``putRecord`` of the identical record is 200 and the same cid, ``swapRecord: null`` on
a different one 400 ``InvalidSwap``, ``createRecord`` on an existing key 500.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from local.clock import now
from local.networks import bluesky_sessions as sessions
from local.networks.bluesky_records import COLLECTION, check_record, content_id, is_tid, record_id
from local.networks.bluesky_sessions import RefusedError
from local.networks.limits import Limit, Window
from local.networks.store import Store, image_mime
from local.networks.web import Answer, Request, Route, as_json, route

UPLOAD_LIMIT_BYTES = 5_242_880
_TID_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"


class Bluesky:
    """A ``local.networks.server.Server``."""

    name = "bluesky"
    page = "/profile/(?P<account>[^/]+)/post/(?P<number>[^/]+)"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept = store.section("bluesky", accounts={}, records={}, blobs={}, refreshes={})
        self.origin = ""
        self.behaviour: dict[str, Any] = {}
        self._hourly = Limit(5_000, 3_600)
        self._sign_ins = Limit(30, 300)

    @property
    def app(self) -> dict[str, str]:
        """None: people sign in by app passwords."""
        return {}

    def routes(self) -> list[Route]:
        methods: list[tuple[str, str, Callable[[Request], Answer]]] = [
            ("GET", "server.describeServer", self._describe_server),
            ("POST", "server.createSession", self._create_session),
            ("POST", "server.refreshSession", self._refresh_session),
            ("POST", "server.deleteSession", self._delete_session),
            ("GET", "server.getSession", self._get_session),
            ("POST", "repo.uploadBlob", self._upload_blob),
            ("POST", "repo.createRecord", self._create_record),
            ("POST", "repo.putRecord", self._put_record),
            ("POST", "repo.deleteRecord", self._delete_record),
            ("GET", "repo.getRecord", self._get_record),
            ("GET", "repo.listRecords", self._list_records),
            ("GET", "sync.getBlob", self._get_blob),
        ]
        return [
            route(method, f"/xrpc/com[.]atproto[.]{name.replace('.', '[.]')}", self._answering(handle))
            for method, name, handle in methods
        ]

    def missing(self, request: Request) -> Answer:
        if request.path.startswith("/xrpc/"):
            return as_json({"error": "MethodNotImplemented", "message": "Method Not Implemented"}, 501)
        return as_json({"error": "NotFound", "message": "Not Found"}, 404)

    def add_account(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """``password`` is the app password, a new one where none is told. The DID depends on the handle alone."""
        handle = told["handle"] if "." in told["handle"] else f"{told['handle']}.test"
        password = str(told.get("password") or "-".join(secrets.token_hex(2) for _ in range(4)))
        did = "did:plc:" + content_id(hashlib.sha256(handle.encode()).digest())[-24:]
        with self._store.lock:
            self._kept["accounts"][did] = {"handle": handle, "password": password, "active": told["active"]}
            self._store.save()
        credentials = {"identifier": handle, "app_password": password}
        return {"handle": handle, "account_id": did, "credentials": credentials}

    def posts(self) -> list[dict[str, Any]]:
        return [
            self._as_seen(did, rkey, record["value"])
            for did, records in self._kept["records"].items()
            for rkey, record in records.items()
        ]

    def _as_seen(self, did: str, rkey: str, value: dict[str, Any]) -> dict[str, Any]:
        embed = value.get("embed") or {}
        blobs = f"{self.origin}/xrpc/com.atproto.sync.getBlob?did={did}&cid="
        card = embed.get("external", {})
        thumb = card.get("thumb", {}).get("ref", {}).get("$link", "")
        return {
            "network": self.name,
            "account": self._kept["accounts"][did]["handle"],
            "account_id": did,
            "id": f"at://{did}/{value['$type']}/{rkey}",
            "url": f"{self.origin}/profile/{did}/post/{rkey}",
            "text": value["text"],
            "images": [
                {"url": blobs + image["image"]["ref"]["$link"], "alt": image["alt"]}
                for image in embed.get("images", [])
            ],
            "link": card.get("uri", ""),
            "card": {
                "title": card.get("title", ""),
                "description": card.get("description", ""),
                "image": blobs + thumb if thumb else "",
            },
            "facets": value.get("facets", []),
            "created_at": value["createdAt"],
        }

    def _answering(self, handle: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
        def answer(request: Request) -> Answer:
            with self._store.lock:
                try:
                    return handle(request)
                except RefusedError as refused:
                    return refused.answer

        return answer

    def _describe_server(self, request: Request) -> Answer:
        return as_json({"did": "did:web:127.0.0.1", "availableUserDomains": [".test"], "inviteCodeRequired": False})

    def _create_session(self, request: Request) -> Answer:
        headers = _spend(self._sign_ins, str(request.fields.get("identifier", "")))
        return as_json(sessions.create(self._store, request), headers=headers)

    def _refresh_session(self, request: Request) -> Answer:
        session = sessions.refresh(self._store, request)
        self._store.save()
        return as_json(session)

    def _delete_session(self, request: Request) -> Answer:
        sessions.delete(self._store, request)
        self._store.save()
        return Answer(200, b"")

    def _get_session(self, request: Request) -> Answer:
        did, _ = sessions.account_of(self._store, request)
        return as_json(sessions.described(self._store, did))

    def _upload_blob(self, request: Request) -> Answer:
        sessions.account_of(self._store, request)
        if len(request.body) > UPLOAD_LIMIT_BYTES:
            raise RefusedError(413, "PayloadTooLarge", "request entity too large")
        mime = image_mime(request.body) or request.headers.get("content-type", "application/octet-stream")
        cid = content_id(request.body)
        known = {"mime": mime, "size_bytes": len(request.body), "sha256": self._store.put_image(request.body)}
        self._kept["blobs"][cid] = known
        self._store.save()
        blob = {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": len(request.body)}
        return as_json({"blob": blob})

    def _create_record(self, request: Request) -> Answer:
        did, fields, headers = self._writing(request, points=3)
        rkey = fields.get("rkey") or _new_tid()
        if self._records(did).get(rkey):
            raise RefusedError(500, "InternalServerError", "Internal Server Error")
        return self._write(did, rkey, fields, headers)

    def _put_record(self, request: Request) -> Answer:
        did, fields, headers = self._writing(request, points=2)
        rkey = str(fields.get("rkey", ""))
        current = self._records(did).get(rkey)
        check_record(fields.get("record"), self._kept["blobs"])
        if current and current["cid"] == record_id(fields["record"]):
            return as_json(_receipt(did, rkey, current["cid"]), headers=headers)
        if "swapRecord" in fields and fields["swapRecord"] != (current["cid"] if current else None):
            at = current["cid"] if current else "null"
            raise RefusedError(400, "InvalidSwap", f"Record was at {at}")
        return self._write(did, rkey, fields, headers)

    def _delete_record(self, request: Request) -> Answer:
        did, fields, headers = self._writing(request, points=1)
        self._records(did).pop(str(fields.get("rkey", "")), None)
        self._store.save()
        return as_json({}, headers=headers)

    def _get_record(self, request: Request) -> Answer:
        did = self._repo(request.asked("repo"))
        uri = f"at://{did}/{request.asked('collection')}/{request.asked('rkey')}"
        found = self._records(did).get(request.asked("rkey")) if request.asked("collection") == COLLECTION else None
        if not found:
            raise RefusedError(400, "RecordNotFound", f"Could not locate record: {uri}")
        return as_json({"uri": uri, "cid": found["cid"], "value": found["value"]})

    def _list_records(self, request: Request) -> Answer:
        did = self._repo(request.asked("repo"))
        size = max(1, min(100, int(request.asked("limit", "50")) if request.asked("limit", "50").isdigit() else 50))
        cursor = request.asked("cursor")
        keys = [rkey for rkey in sorted(self._records(did), reverse=True) if not cursor or rkey < cursor][:size]
        listed = [{**_receipt(did, rkey, self._records(did)[rkey]["cid"]), **self._records(did)[rkey]} for rkey in keys]
        page = {"records": [{name: entry[name] for name in ("uri", "cid", "value")} for entry in listed]}
        return as_json({**page, "cursor": keys[-1]} if len(keys) == size else page)

    def _get_blob(self, request: Request) -> Answer:
        known = self._kept["blobs"].get(request.asked("cid"))
        if known is None:
            raise RefusedError(400, "BlobNotFound", "Blob not found")
        headers = {"x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'; sandbox"}
        return Answer(200, self._store.image(known["sha256"]), known["mime"], headers)

    def _writing(self, request: Request, points: int) -> tuple[str, dict[str, Any], dict[str, str]]:
        """DID, body and rate-limit headers of a request that writes to the account's own repository."""
        did, _ = sessions.account_of(self._store, request)
        headers = _spend(self._hourly, did, points)
        fields = request.fields
        if fields.get("repo") not in (did, self._kept["accounts"][did]["handle"]):
            raise RefusedError(401, "AuthenticationRequired", "Authentication Required")
        if fields.get("collection") != COLLECTION:
            raise RefusedError(400, "InvalidRequest", f"Only {COLLECTION} is kept here")
        return did, fields, headers

    def _write(self, did: str, rkey: str, fields: dict[str, Any], headers: dict[str, str]) -> Answer:
        if not is_tid(rkey):
            raise RefusedError(400, "InvalidRequest", f"Invalid record key for {COLLECTION}: expected a TID")
        check_record(fields.get("record"), self._kept["blobs"])
        cid = record_id(fields["record"])
        written = {"cid": cid, "value": fields["record"], "written_at": now().isoformat()}
        self._kept["records"].setdefault(did, {})[rkey] = written
        self._store.save()
        return as_json({**_receipt(did, rkey, cid), "validationStatus": "valid"}, headers=headers)

    def _records(self, did: str) -> dict[str, Any]:
        records: dict[str, Any] = self._kept["records"].get(did, {})
        return records

    def _repo(self, named: str) -> str:
        for did, account in self._kept["accounts"].items():
            if named in (did, account["handle"]):
                return str(did)
        raise RefusedError(400, "InvalidRequest", f"Could not find repo: {named}")


def _receipt(did: str, rkey: str, cid: str) -> dict[str, str]:
    return {"uri": f"at://{did}/{COLLECTION}/{rkey}", "cid": cid}


def _spend(limit: Limit, name: str, points: int = 1) -> dict[str, str]:
    """The rate-limit headers; RefusedError 429 carries them too."""
    allowed, window = limit.spend(name, points)
    headers = _limit_headers(limit, window)
    if not allowed:
        raise RefusedError(429, "RateLimitExceeded", "Rate Limit Exceeded", headers)
    return headers


def _limit_headers(limit: Limit, window: Window) -> dict[str, str]:
    return {
        "ratelimit-limit": str(limit.points),
        "ratelimit-remaining": str(limit.points - window.used),
        "ratelimit-reset": str(int(window.resets_at.timestamp())),
        "ratelimit-policy": f"{limit.points};w={limit.seconds}",
    }


def _new_tid() -> str:
    number = int(now().timestamp() * 1_000_000) << 10
    return "".join(_TID_LETTERS[number >> shift & 31] for shift in range(60, -1, -5))
