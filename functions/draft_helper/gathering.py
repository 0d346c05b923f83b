"""PLACEHOLDER."""

from __future__ import annotations

from datetime import datetime

from draft_helper.material import Material
from draft_helper.wiring import Parts
from mesh.ledger.proposals import Note
from mesh.objects import read_object
from mesh.rulebook import usable_rules
from mesh.voice import Voice


def gather(parts: Parts, note: Note, now: datetime) -> Material:
    found = read_object(parts.s3, parts.settings.rules_bucket, "rules.txt")
    rulebook = usable_rules(found.data.decode() if found else "", default_zone=parts.settings.tz_name)
    return Material(note, rulebook, Voice(), now.astimezone(parts.zone).date())
