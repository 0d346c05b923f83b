"""The page about the local Google names everything that there is."""

from __future__ import annotations

import re
import subprocess
import sys

from sheets_server import ROOT

from local.sheets import faults, owner
from local.sheets.gate import Trouble
from local.sheets.workspace import Workspace

PAGE = (ROOT / "docs" / "local-google.md").read_text()


def test_every_call_of_the_owners_side_is_there():
    paths = {re.sub(r":\w+", "", route.path) for route in owner.routes(Workspace(), Trouble())}
    assert not [path for path in paths if f"{path}`" not in PAGE]


def test_every_option_is_there():
    command = [sys.executable, "-m", "local", "sheets", "--help"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=True).stdout
    assert not [option for option in re.findall(r"--[a-z-]+", said) if option != "--help" and option not in PAGE]


def test_every_kind_of_fault_is_there():
    assert not [how for how in faults.HOWS if f"`{how}`" not in PAGE]
