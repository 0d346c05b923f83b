"""The whole mesh on one computer, no account and no Docker (docs/architecture.md).

The checkout's layers are put on this process's path here and not by PYTHONPATH: the environment would reach the functions, which must
import what was deployed.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

for _folder in ("layers/mesh/python", "layers/networks/python"):
    if str(ROOT / _folder) not in sys.path:
        sys.path.insert(0, str(ROOT / _folder))
