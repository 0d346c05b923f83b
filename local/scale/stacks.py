"""What one business's stacks hold, counted from the templates as SAM hands them on, and how many businesses fit into one account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from local import ROOT
from local.cost.business import CHANNELS
from local.deploy import read_template
from local.scale.quotas import KEPT, Quota
from local.translated import made

STACKS = ("template.yaml", "stacks/channel-secrets.yaml", "stacks/watch.yaml")
SECRET = "AWS::SecretsManager::Secret"


@cache
def held() -> Mapping[str, int]:
    """How many of each type, with three channels, in the three stacks that ``make deploy`` brings up."""
    count = Counter(resource["Type"] for resource in made().values())
    for name in STACKS[1:]:
        count.update(_types(read_template(ROOT / name)["Resources"]))
    count["AWS::CloudFormation::Stack"] = len(STACKS)
    return count


def _types(resources: Mapping[str, Any]) -> Iterator[str]:
    """A loop over the channels makes one of its kind for each of them."""
    for name, resource in resources.items():
        if name.startswith("Fn::ForEach"):
            for one in resource[2].values():
                yield from [one["Type"]] * len(CHANNELS)
        else:
            yield resource["Type"]


@dataclass(frozen=True)
class Fit:
    """``each`` of a business count against the quota, so ``businesses`` fit under it, and ``raised`` under the most it is raised to."""

    quota: Quota
    each: int

    @property
    def businesses(self) -> int:
        return int(self.quota.value // self.each)

    @property
    def raised(self) -> int | None:
        """None where no most is published."""
        return int(self.quota.up_to // self.each) if self.quota.up_to is not None else None


def fits() -> list[Fit]:
    """The tightest first. What no business has any of is left out."""
    found = [Fit(quota, sum(held()[kind] for kind in kinds)) for quota, kinds in KEPT]
    return sorted((one for one in found if one.each), key=lambda one: one.businesses)


def largest_stack() -> int:
    """Resources in the largest of the stacks, of the 500 that one may have."""
    return max(len(made()), *(len(list(_types(read_template(ROOT / name)["Resources"]))) for name in STACKS[1:]))
