"""Models that are built late are built once, whoever comes first."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from mesh.models import Deferred


@pytest.fixture(autouse=True)
def impatient() -> Iterator[None]:
    """Threads take turns at every step, as they do in the worst of cases."""
    was = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(was)


def test_threads_that_read_the_first_of_a_kind_together_all_read_it() -> None:
    failed: list[Exception] = []
    for _ in range(40):

        class Part(Deferred):
            number: int = 1

        class Whole(Deferred):
            part: Part
            parts: tuple[Part, ...] = ()

        together = threading.Barrier(4)

        def read(whole: type[Whole] = Whole, part: type[Part] = Part, together: threading.Barrier = together) -> None:
            together.wait(10)
            try:
                whole.model_validate({"part": {"number": 2}}).model_dump_json()
                part(number=3).model_dump()
            except Exception as error:  # noqa: BLE001 - told below, in the thread that the test runs in
                failed.append(error)

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
