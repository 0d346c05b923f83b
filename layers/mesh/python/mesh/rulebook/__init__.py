"""The rules doc: plain text a person writes, read forgivingly; every mistake is named with its line and a suggestion. Pure.

``parse_rules`` is the way in; ``usable_rules`` for who only plans by them. What the owner and the log are told of a doc is in
``mesh.rulebook.telling``; on which days a template comes, in ``mesh.recurring``. Both are for the few who need them: this is read on
every invocation.
"""

from mesh.rulebook.model import Ads, Channel, Region, Rulebook, RuleProblem, Template, fatal_in
from mesh.rulebook.reading import parse_rules, usable_rules

__all__ = ["Ads", "Channel", "Region", "RuleProblem", "Rulebook", "Template", "fatal_in", "parse_rules", "usable_rules"]
