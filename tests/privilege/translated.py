"""The templates as CloudFormation gets them: SAM's resources worked out, each channel's secret made."""

from __future__ import annotations

from functools import cache
from typing import Any

from local import ROOT
from local.ship.environments import WATCH
from local.ship.naming import template
from local.translated import made

__all__ = ["all_made", "made"]


@cache
def all_made() -> dict[str, dict[str, Any]]:
    """Of all three stacks, with the secret of one channel."""
    secret = {
        "Type": "AWS::SecretsManager::Secret",
        "DeletionPolicy": "Retain",
        "Properties": {"Name": {"Fn::Sub": "${Prefix}/channels/x-main"}, "Description": "of one channel"},
    }
    return {**made(), **template(ROOT, WATCH)["Resources"], "Channelxmain": secret}
