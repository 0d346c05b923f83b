"""The environment of the launcher and, through it, of every function: named here and nothing else.

MiniStack hands its own environment on to the functions, with whatever the host has in it (credentials, PYTHONPATH,
proxies). So the launcher starts itself anew with only what follows; a function that works here asks for nothing a
deployed one would not have.
"""

from __future__ import annotations

import os
from pathlib import Path

REGION = "ap-southeast-1"
ACCOUNT = "000000000000"

REAL_BEDROCK = (
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",  # before AWS_ENDPOINT_URL, which is the emulator's
    "BEDROCK_REGION",
    "BEDROCK_ACCESS_KEY_ID",
    "BEDROCK_SECRET_ACCESS_KEY",
    "BEDROCK_SESSION_TOKEN",
)
"""Set where drafts are to come from the real Bedrock: its address and a sign-in for it alone. Everything else stays the emulator's."""

FOR_FUNCTIONS = (
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "AWS_ENDPOINT_URL",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "MESH_CLOCK_FILE",
    "LINK_PAGES",
    "BEDROCK_URL",
    *REAL_BEDROCK,
    "AWS_MAX_ATTEMPTS",
)
"""Of this process's environment, what a function sees: not MiniStack's settings, whose LOG_LEVEL would silence it."""

_FROM_HOST = ("PATH", "HOME", "LANG", *REAL_BEDROCK)


def clean_environment(
    port: int, state: Path, bedrock_url: str | None, log_level: str, link_pages: str | None = None
) -> dict[str, str]:
    environment = {name: os.environ[name] for name in _FROM_HOST if name in os.environ}
    environment |= {
        # What the functions use.
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_EC2_METADATA_DISABLED": "true",
        "MESH_CLOCK_FILE": str(state / "clock.json"),
        # Their folders are unpacked here and not in the host's /tmp, so that a start can clear what a kill left.
        "TMPDIR": str(state / "tmp"),
        # What MiniStack uses.
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "services"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "LAMBDA_EXECUTOR": "local",
        # A bound against runaway recursion. The pace is set by the asynchronous queue, so that pages are always
        # answered.
        "LAMBDA_ACCOUNT_CONCURRENCY": "24",
        "LAMBDA_WARM_TTL_SECONDS": "60",
        # Of the time that a state machine waits before it tries again: nobody wants to sit through it.
        "SFN_WAIT_SCALE": "0.005",
        "SFTP_ENABLED": "0",
        # It listens on every interface and on a fixed port.
        "IOT_MTLS_ENABLED": "0",
        "DOCKER_HOST": "unix:///nowhere/docker.sock",
        "LOG_LEVEL": log_level,
    }
    if bedrock_url:
        environment["BEDROCK_URL"] = bedrock_url
    if link_pages:
        environment["LINK_PAGES"] = link_pages
    return environment
