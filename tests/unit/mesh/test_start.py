"""In a process of its own: it is about the whole process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

MESH = Path(__file__).resolve().parents[3] / "layers" / "mesh" / "python"
TOLD = """
import gc, json, weakref
from mesh.start import search_for_cycles_later
searched = []
gc.callbacks.append(lambda phase, info: searched.append(phase))
usual = gc.get_threshold()
search_for_cycles_later()
search_for_cycles_later()
made = [[] for _ in range(200_000)]
before = len(searched)
made += [[] for _ in range(100_000)]
class Node: ...
node = Node(); node.itself = node
gone = weakref.ref(node)
del node
made += [[] for _ in range(200_000)]
gc.collect()
print(json.dumps({"before": before, "after": len(searched), "frozen": gc.get_freeze_count(), "gone": gone() is None,
    "as_usual": gc.get_threshold() == usual, "ours_left": sum("mesh" in getattr(one, "__module__", "") for one in gc.callbacks)}))
"""


def test_nothing_is_searched_while_it_starts_and_all_that_comes_later_is() -> None:
    command = [sys.executable, "-c", TOLD]
    done = subprocess.run(command, env={"PYTHONPATH": str(MESH)}, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["before"] == 0
    assert found["after"] > 2
    assert found["frozen"] > 200_000
    assert found["gone"]
    assert found["as_usual"]
    assert found["ours_left"] == 0
