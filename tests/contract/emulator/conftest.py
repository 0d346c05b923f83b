"""The local AWS side, once per module, with the small mesh of ``mesh/template.yaml`` deployed to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from local_aws import LocalAws


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    launched = LocalAws(
        tmp_path_factory.mktemp("aws") / "state", CANARY="sings", AWS_PROFILE="host", PYTHONPATH="/nowhere"
    )
    try:
        launched.deploy()
        yield launched
    finally:
        launched.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., LocalAws]]:
    """Start further launchers; all are stopped in the end."""
    launched: list[LocalAws] = []

    def starting(state: Path | None = None, *options: str) -> LocalAws:
        launched.append(LocalAws(state or tmp_path / "state", *options))
        return launched[-1]

    yield starting
    for one in launched:
        one.stop()
