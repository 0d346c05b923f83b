"""Each state that CloudFormation knows has a way on, or a sentence that says what a person has to do."""

from __future__ import annotations

import botocore.session
import pytest

from local.ship.states import Stand, Then, finding, following, hint

STATUSES = botocore.session.get_session().get_service_model("cloudformation").shape_for("StackStatus").enum


def test_every_state_of_cloudformation_is_known() -> None:
    by_what_follows = {then: {status for status in STATUSES if following(status) is then} for then in Then}
    assert by_what_follows[Then.MAKE] == {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}
    assert by_what_follows[Then.REMOVE_FIRST] == {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}
    assert by_what_follows[Then.GO_ON_BACK] == {"UPDATE_ROLLBACK_FAILED"}
    assert by_what_follows[Then.STUCK] == {"DELETE_FAILED", "UPDATE_FAILED", "IMPORT_ROLLBACK_FAILED"}
    assert by_what_follows[Then.UPDATE] == {
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    }
    assert all(status.endswith("_IN_PROGRESS") for status in by_what_follows[Then.BUSY])


@pytest.mark.parametrize("status", ["", *STATUSES])
def test_what_stops_a_deployment_names_the_state_and_the_next_step(status: str) -> None:
    found = finding(Stand("social-scheduler-cafe", status, reason="Sender: no"), "cafe")
    if found.stops:
        assert status in found.said
        assert found.fix


def test_who_deploys_at_the_same_time_is_said_with_the_time() -> None:
    found = finding(Stand("s", "UPDATE_IN_PROGRESS", "2026-11-22 16:10 UTC", "anna"), "cafe")
    assert found.said == "is being worked on (UPDATE_IN_PROGRESS, begun 2026-11-22 16:10 UTC by anna)"


def test_a_stuck_way_back_names_its_cause_and_the_command() -> None:
    found = finding(Stand("s", "UPDATE_ROLLBACK_FAILED", reason="Sender: gone"), "cafe")
    assert "Sender: gone" in found.said
    assert "make deploy ENV=cafe OPTIONS=--continue-rollback" in found.fix


def test_a_known_failure_has_its_own_next_step() -> None:
    assert "CreateMailIdentity=false" in hint("EmailIdentity posts@cafe.example already exists")
    assert "DoorLimit=0" in hint("decreases account's UnreservedConcurrentExecution below its minimum value")
    assert "the same command again" in hint("something new")
