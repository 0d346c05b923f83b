"""The rules doc: plain text a person writes, read forgivingly; every mistake is named with its line and a suggestion. Pure.

``parse_rules`` is the way in; ``mesh.recurring`` says on which days a template comes.
"""

from mesh.rulebook.model import Channel, Rulebook, RuleProblem, Template
from mesh.rulebook.reading import parse_rules
from mesh.rulebook.telling import changes, mistakes_message

__all__ = ["Channel", "RuleProblem", "Rulebook", "Template", "changes", "mistakes_message", "parse_rules"]
