"""``desk``: template-sync at Monday 15 March 2027, 9:00 in Berlin, over the rules of a café."""

from __future__ import annotations

import pytest
from moto_mesh import REGION, MotoMesh
from template_desk import GROUP, NOW, TARGET, TemplateDesk


@pytest.fixture
def desk(mesh: MotoMesh, monkeypatch: pytest.MonkeyPatch) -> TemplateDesk:
    monkeypatch.setenv("TEMPLATE_GROUP", GROUP)
    monkeypatch.setenv("TEMPLATE_ROLE_ARN", "arn:aws:iam::000000000000:role/ss-TemplateRole")
    monkeypatch.setenv("TARGET_ARN", TARGET)
    monkeypatch.setenv("DEAD_LETTERS_ARN", f"arn:aws:sqs:{REGION}:000000000000:ss-dead-letters")
    mesh.schedules.create_schedule_group(Name=GROUP)
    mesh.turn_clock(NOW)
    return TemplateDesk(mesh)
