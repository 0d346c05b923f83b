"""The rules as drive-sync mirrored them, and the schedules in the group of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from mesh.errors import Damaged
from mesh.objects import opened
from mesh.posts_csv import refuse_long
from mesh.rulebook import Rulebook, Template, usable_rules
from mesh.schedules import AlreadyThere, ScheduleGroup
from mesh.side_by_side import Together
from template_sync.settings import TemplateSettings

RULES = "rules.txt"
LONGEST_RULES_BYTES = 2_000_000  # drive-sync reads no longer doc
MOST_A_RUN = 200  # schedules made, and as many deleted: the others are the next run's


def read_rules(s3: Any, settings: TemplateSettings) -> Rulebook | None:
    """None where there are none yet. Damaged where nothing may be planned by them; Doubt where they cannot be read now."""
    with opened(s3, settings.rules_bucket, RULES) as found:
        if found is None:
            return None
        refuse_long(found.length_bytes, LONGEST_RULES_BYTES)
        try:
            text = found.stream.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise Damaged("it is no text") from error
    return usable_rules(text, default_zone=settings.tz_name, with_holidays=False)


@dataclass(frozen=True)
class Kept:
    """What was done to the group: how many schedules were made and deleted, and what failed."""

    made: int = 0
    deleted: int = 0
    failures: tuple[Exception, ...] = ()


class TemplateSchedules:
    """One schedule for each cron of each recurring post, in the business's zone; its name says all that is in it.

    So a list of the names tells whether they are those of the rules: a change is another name.
    """

    def __init__(self, group: ScheduleGroup, settings: TemplateSettings, together: Together) -> None:
        self._group = group
        self._settings = settings
        self._together = together
        self._prefix = f"{settings.prefix}-template-"

    def missing(self, rulebook: Rulebook) -> tuple[dict[str, tuple[Template, dict[str, Any]]], list[str]]:
        """Those that are to be made, by name, and the names of those that are to go; a call for each hundred that are there.

        Names of others in the group are left alone.
        """
        wanted = {
            request["Name"]: (template, request)
            for template in rulebook.templates
            for cron in template.crons
            for request in [self.request(template, cron, rulebook.time_zone)]
        }
        there = {one.name for one in self._group.listed()}
        extra = sorted(name for name in there - set(wanted) if name.startswith(self._prefix))
        return {name: found for name, found in wanted.items() if name not in there}, extra

    def make_and_delete(self, requests: Sequence[dict[str, Any]], names: Sequence[str]) -> Kept:
        """Made before deleted. What fails keeps none of the others from being done."""
        made = self._each([partial(self._make, request) for request in requests[:MOST_A_RUN]])
        deleted = self._each([partial(self._group.delete, name) for name in names[:MOST_A_RUN]])
        failures = tuple(one for one in (*made, *deleted) if one is not None)
        return Kept(made.count(None), deleted.count(None), failures)

    def request(self, template: Template, cron: str, time_zone: str) -> dict[str, Any]:
        settings = self._settings
        said: dict[str, Any] = {
            "ScheduleExpression": cron,
            "ScheduleExpressionTimezone": time_zone,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": settings.target_arn,
                "RoleArn": settings.template_role_arn,
                "RetryPolicy": {"MaximumEventAgeInSeconds": 900, "MaximumRetryAttempts": 2},
                "DeadLetterConfig": {"Arn": settings.dead_letters_arn},
            },
        }
        identity = json.dumps([template.name.casefold(), said], sort_keys=True)
        known_by = hashlib.sha256(identity.encode()).hexdigest()[:24]
        said["Target"]["Input"] = json.dumps({"template": known_by})
        return {"Name": f"{self._prefix}{known_by}", **said}

    def _make(self, request: dict[str, Any]) -> None:
        with suppress(
            AlreadyThere
        ):  # by another run, or by the call before, whose answer was lost: its name says that it is the same
            self._group.patiently("create_schedule", **request)

    def _each(self, calls: Sequence[Callable[[], None]]) -> list[Exception | None]:
        return self._together([partial(_tried, call) for call in calls])


def _tried(call: Callable[[], None]) -> Exception | None:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - raised by who asked, after the others had their turn
        return error
    return None
