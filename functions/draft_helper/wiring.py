"""Clients and settings, made once per process when the first event comes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from zoneinfo import ZoneInfo

import boto3

from draft_helper.settings import DraftSettings
from mesh import log
from mesh.bus import Bus
from mesh.converse.model import CONFIG, Model
from mesh.ledger import Ledger, Runtime, TableNames, Tables
from mesh.packages import SIGNING


@dataclass(frozen=True)
class Parts:
    """``s3`` signs addresses for uploads too."""

    settings: DraftSettings
    ledger: Ledger
    runtime: Runtime
    bus: Bus
    s3: Any

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.tz_name)

    @cached_property
    def model(self) -> Model:
        """Made when it is first asked: the page never is."""
        return Model(self.settings.bedrock(CONFIG), self.settings.model, self.settings.guardrail)


@cache
def wire() -> Parts:
    settings = DraftSettings.load()
    # It has no rights on the sends, and asks nothing of them.
    names = TableNames(settings.status_table, "", settings.audit_table, settings.runtime_table)
    tables = Tables(boto3.client("dynamodb"))
    return Parts(
        settings=settings,
        ledger=Ledger(tables, names),
        runtime=Runtime(tables, names),
        bus=Bus(boto3.client("events"), settings.prefix, log.logger("draft-helper")),
        s3=boto3.client("s3", config=SIGNING),
    )
