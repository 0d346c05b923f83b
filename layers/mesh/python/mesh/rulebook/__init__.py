"""The rules doc: plain text a person writes, read forgivingly; every mistake is named with its line and a suggestion. Pure.

``parse_rules`` is the way in; ``usable_rules`` for who only plans by them. What the owner and the log are told of a doc is in
``mesh.rulebook.telling``; on which days a template comes, in ``mesh.recurring``. Both are for the few who need them: this is read on
every invocation.
"""

from typing import TYPE_CHECKING, Any

from mesh.rulebook.model import Ads, Channel, Region, Rulebook, RuleProblem, Template, fatal_in

if TYPE_CHECKING:
    from mesh.rulebook.reading import parse_rules, usable_rules
else:

    def __getattr__(name: str) -> Any:
        """The reader is for who reads a doc; most only speak of what stands in one."""
        if name not in {"parse_rules", "usable_rules"}:
            raise AttributeError(name)
        from mesh.rulebook import reading

        return getattr(reading, name)


__all__ = ["Ads", "Channel", "Region", "RuleProblem", "Rulebook", "Template", "fatal_in", "parse_rules", "usable_rules"]
