"""``make privileges``: the table of grants and of what used them; with ``--from FOLDER`` made anew from recordings."""

from __future__ import annotations

import argparse
from pathlib import Path

from local import ROOT
from local.privileges.page import privileges_page
from local.privileges.recording import gathered
from local.privileges.roles import mesh_roles
from local.privileges.table import USED, as_json, kept, lines, wrong

PAGE = ROOT / "docs" / "privileges.md"


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make privileges", description=__doc__)
    parser.add_argument("--from", dest="folder", type=Path, help="recordings, as PRIVILEGES_TO=folder has them written")
    options = parser.parse_args(argv)
    roles = mesh_roles()
    denied: list[str] = []
    if options.folder:
        used, denied = gathered(options.folder)
        USED.write_text(as_json(used), "utf-8")
        PAGE.write_text(privileges_page(), "utf-8")
    used = kept()
    owner = ""
    for who, label, actions, by in lines(roles, used):
        if who != owner:
            print(f"\n{who}")
            owner = who
        print(f"  {label:<52} {actions.replace('dynamodb:', '').replace('s3:', ''):<64} {by}")
    told = [*denied, *wrong(roles, used)]
    print()
    print("\n".join(told) or f"{len(used)} grants, each of them used; nothing was asked for that is not granted")
    return 1 if told else 0
