"""``python -m local run|story|setup-sheet|import|export|…``; each server (aws, sheets, networks, slack, bedrock) also starts alone."""

from __future__ import annotations

import sys
from importlib import import_module

_COMMANDS = {
    "run": "local.run",
    "story": "local.story",
    "week": "local.week",
    "quarter": "local.quarter",
    "bench": "local.bench.command",
    "eval": "local.evals.command",
    "cost": "local.cost.command",
    "scale": "local.scale.command",
    "privileges": "local.privileges.command",
    "setup-sheet": "local.owner_sheet.setup",
    "import": "local.owner_sheet.importing",
    "export": "local.owner_sheet.exporting",
    "verify-audit": "local.operator.verify_audit",
    "history": "local.operator.history",
    "status": "local.operator.status",
    "trace": "local.operator.trace",
    "redrive": "local.operator.redrive",
    "hold-all": "local.operator.holding:hold",
    "release": "local.operator.holding:release",
    "rotate-signing-key": "local.operator.rotating",
    "backup": "local.backup.command:backup",
    "restore": "local.backup.command:main_restore",
    "connect": "local.connect.command",
    "deploy": "local.ship.command:deploy",
    "undeploy": "local.ship.command:undeploy",
    "deploy-emulator": "local.ship.emulated",
    "audit": "local.supply.command",
    "release-files": "local.supply.release",
    "local-invoke": "local.local_invoke",
    "setup": "local.setup.command",
    "doctor": "local.checks.command",
    "aws": "local.aws.serve",
    "sheets": "local.sheets.serve",
    "networks": "local.networks.serve",
    "slack": "local.slack.serve",
    "bedrock": "local.bedrock.serve",
}


def main(argv: list[str]) -> int:
    if not argv or argv[0] not in _COMMANDS:
        print(f"usage: python -m local {'|'.join(_COMMANDS)} [options]", file=sys.stderr)
        return 2
    module, _, name = _COMMANDS[argv[0]].partition(":")
    command: int = getattr(import_module(module), name or "main")(argv[1:])
    return command


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
