"""The servers as a program: the ready line, what survives a restart, the faults' own manners."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[3]
ACCOUNTS = json.dumps([{"network": "mastodon", "handle": "cafe", "token": "t-1"}])


@contextmanager
def running(folder: Path, *options: str) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "local", "networks", "--state", str(folder), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            yield {**ready, **ready["origins"], "process": process}
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0


def test_posts_accounts_and_keys_survive_a_restart(tmp_path: Path) -> None:
    headers = {"authorization": "Bearer t-1", "idempotency-key": "k"}
    with running(tmp_path, "--accounts", ACCOUNTS) as ready:
        assert ready["ready"] is True
        first = httpx.post(f"{ready['mastodon']}/api/v1/statuses", json={"status": "Hi"}, headers=headers).json()
    with running(tmp_path) as ready:
        again = httpx.post(f"{ready['mastodon']}/api/v1/statuses", json={"status": "Hi"}, headers=headers).json()
        assert again["id"] == first["id"]
        assert len(httpx.get(f"{ready['bluesky']}/_local/feed").json()) == 1


def test_a_port_that_is_named_is_taken_and_the_others_are_free_ones(tmp_path: Path) -> None:
    with running(tmp_path) as before:
        pass
    port = before["mastodon"].rpartition(":")[2]
    with running(tmp_path, "--port", f"mastodon={port}", "--port", "0") as ready:
        assert ready["mastodon"] == before["mastodon"]
        assert len(set(ready["origins"].values())) == len(ready["origins"])


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    with running(tmp_path, "--accounts", ACCOUNTS) as ready:
        httpx.post(
            f"{ready['mastodon']}/api/v1/statuses", json={"status": "Hi"}, headers={"authorization": "Bearer t-1"}
        )
        kept = json.loads((tmp_path / "networks.json").read_text("utf-8"))
        assert [status["text"] for status in kept["mastodon"]["statuses"].values()] == ["Hi"]


def test_accounts_that_make_no_sense_are_refused_at_the_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local", "networks", "--accounts", '[{"network": "y"}]']
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (2, "")


def test_an_account_is_the_same_when_made_again(servers: Any, http: httpx.Client) -> None:
    for name in ("bluesky", "mastodon"):
        told = {"network": name, "handle": "cafe"}
        made = [http.post(f"{servers['bluesky']}/_local/accounts", json=told).json() for _ in range(2)]
        assert made[0]["account_id"] == made[1]["account_id"]
        assert made[0]["host"].startswith("http://127.0.0.1:")
    assert http.post(f"{servers['bluesky']}/_local/accounts", json={"network": "y"}).status_code == 400


def test_a_fault_spoils_as_many_requests_as_ordered_and_never_the_local_side(servers: Any, http: httpx.Client) -> None:
    origin = servers["mastodon"]
    http.post(f"{origin}/_local/faults", json={"match": ".*", "do": "status", "status": 418, "count": 2})
    assert [http.get(f"{origin}/api/v2/instance").status_code for _ in range(3)] == [418, 418, 200]
    assert http.get(f"{origin}/_local/faults").json()[0]["count"] == 0
    assert http.get(f"{servers['bluesky']}/_local/faults").json() == []
    http.delete(f"{origin}/_local/faults")
    assert http.get(f"{origin}/_local/faults").json() == []


@pytest.mark.parametrize("order", [{"do": "explode"}, {"do": "cut", "match": "("}, {"do": "cut", "when": "now"}, {}])
def test_an_order_that_cannot_be_understood_is_refused(servers: Any, http: httpx.Client, order: dict[str, Any]) -> None:
    assert http.post(f"{servers['mastodon']}/_local/faults", json=order).status_code == 400


def test_nothing_held_is_an_empty_list_after_the_wait(servers: Any, http: httpx.Client) -> None:
    assert http.get(f"{servers['mastodon']}/_local/holding", params={"timeout_seconds": 0.05}).json() == []


def test_post_pages_run_nothing_and_show_text_as_text(mastodon: Any) -> None:
    headers = {"authorization": f"Bearer {mastodon.account.credentials['access_token']}"}
    status = {"status": "<script>alert(1)</script>"}
    url = mastodon.http.post(f"{mastodon.host}/api/v1/statuses", json=status, headers=headers).json()["url"]
    page = mastodon.http.get(url)
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert mastodon.http.head(url).status_code == 200
