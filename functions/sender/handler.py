"""Woken by ``ss.send``, ``ss.retry``, ``ss.answered`` and ``ss.probe``. Wires; decides nothing."""

from __future__ import annotations

import random
import ssl
import time
from functools import cache
from typing import Any, Protocol

import boto3
import httpx
from aws_lambda_powertools import Logger

from mesh import clock, log
from mesh.bus import Bus
from mesh.events import Answered, Probe, Send, parse
from mesh.ledger import Ledger, Runtime, TableNames, Tables
from mesh.packages import SIGNING, Packages
from mesh.vault import Vault
from networks import network
from sender.ahead import try_ahead
from sender.channels import Channels
from sender.edges import Surroundings
from sender.ports import Ports
from sender.send import answered, deliver
from sender.settings import SenderSettings


class Context(Protocol):
    """The part of Lambda's context that is needed here."""

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: dict[str, Any], context: Context) -> None:
    """One event. What could not be done now is raised: the asynchronous retry and the sweep come back to it."""
    logger, ports = wiring()
    detail = parse(event, ports.bus.source)

    def remaining_seconds() -> float:
        return context.get_remaining_time_in_millis() / 1000

    if isinstance(detail, (Send, Answered)):
        done = (
            answered(ports, detail, remaining_seconds)
            if isinstance(detail, Answered)
            else deliver(ports, detail, remaining_seconds)
        )
        facts = {"post_id": detail.post_id, "channel": detail.channel, "attempt": done.attempt}
        told = {
            "move": done.move,
            "reason": f"{done.reason} [{done.kind}]" if done.kind else done.reason,
            "outcome": done.outcome,
        }
        log.line(logger, "sender", trace_id=detail.trace_id, got=detail.detail_type, **facts, **told)
    elif isinstance(detail, Probe):
        for channel in detail.channels:
            outcome = ports.channels.probe(channel, detail.trace_id)
            log.line(logger, "sender", trace_id=detail.trace_id, channel=channel, move="probe", outcome=outcome)
        if detail.posts:
            trial = try_ahead(ports, detail, remaining_seconds)
            about = {**log.about(detail), "count": len(detail.posts)}
            log.line(logger, "sender", move="try ahead", outcome=trial.told, **about)
    else:
        raise TypeError(f"the sender is not woken by {detail.detail_type}")


@cache
def wiring() -> tuple[Logger, Ports]:
    """Made once per process, when the first event comes."""
    settings = SenderSettings.load()
    names = TableNames(settings.status_table, settings.sends_table, settings.audit_table, settings.runtime_table)
    tables = Tables(boto3.client("dynamodb"))
    ledger, runtime = Ledger(tables, names), Runtime(tables, names)
    secrets = boto3.client("secretsmanager")
    s3 = boto3.client("s3", config=SIGNING)
    logger = log.logger("sender")
    bus = Bus(boto3.client("events"), settings.prefix, logger)
    surroundings = Surroundings(settings, Vault(secrets), secrets, s3, http_client())
    to_networks = http_client()
    ports = Ports(
        ledger=ledger,
        runtime=runtime,
        packages=Packages(s3, settings.posts_bucket),
        bus=bus,
        surroundings=surroundings,
        channels=Channels(ledger, runtime, bus, surroundings, to_networks, network, clock.now, time.sleep),
        http=to_networks,
        network=network,
        clock=clock.now,
        sleep=time.sleep,
        spread=random.random,
    )
    return logger, ports


@cache
def _tls() -> ssl.SSLContext:
    """Both clients': reading the certificates takes longer than all the rest of one."""
    return httpx.create_ssl_context(trust_env=False)


def http_client() -> httpx.Client:
    """Connections do not outlive a frozen Lambda: a request on a dead one would be an unknown for nothing."""
    return httpx.Client(
        verify=_tls(), follow_redirects=False, trust_env=False, limits=httpx.Limits(keepalive_expiry=5.0)
    )
