"""``docs/reference/audit.md``: what an audit row says, and every action that the code writes, with its sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from local.operator.row_words import HOWS, Told
from local.operator.sentences import FAMILIES, MINOR, SENTENCES
from local.reference.markdown import code, table, words
from mesh.ledger import audit
from mesh.ledger.audit import Act, audit_row
from mesh.ledger.items import AuditHead, Says

_REASONS = {"asked": ("new", "changed", "reminder", "tick", "late", "released", "fresh"), "answered": tuple(Says)}
_AT = datetime(2027, 3, 26, 8, tzinfo=UTC)


def audit_page() -> str:
    """Markdown. Same code, same page."""
    act = Act("approved", "ada@cafe.example", _AT, "t_0123456789abcdef", "mail", "9f" * 32, "on-time", "as planned")
    row, _ = audit_row("p_7k2m9qf4", AuditHead(), act, {}, {"state": "queued"})
    return "\n".join(
        [
            "# The audit",
            "",
            words(audit.__doc__),
            words(Act.__doc__),
            "",
            f"A row has {code(row)}. `make verify-audit` walks every chain, `make history POST=p_…` tells a",
            "post's life in the sentences below.",
            "",
            f"`how` is one of {', '.join(f'`{name}` ({said})' for name, said in HOWS.items())}. `before` and",
            "`after` hold what differs, and no text of a post: where",
            "one stood there is its hash. Rows are never overwritten and never forgotten.",
            "",
            "## Actions",
            "",
            "Sentences are shown of a row that says nothing else; those marked minor appear in a history with `--all` only.",
            "",
            *table(
                ("action", "said as", ""),
                ((f"`{action}`", _said(action), "minor" if action in MINOR else "") for action in SENTENCES),
            ),
            *[line for family in FAMILIES for line in _family(family)],
        ]
    )


def _family(family: str) -> list[str]:
    rows = ((f"`{family}: {reason}`", _said(f"{family}: {reason}")) for reason in _REASONS[family])
    return [f"### {family}: …", "", *table(("action", "said as"), rows)]


def _said(action: str) -> str:
    sentence = SENTENCES.get(action) or FAMILIES[action.partition(":")[0]]
    row = {
        "action": action,
        "subject": "p_7k2m9qf4#x-main" if action in _OF_A_CHANNEL else "p_7k2m9qf4",
        "by_user": "ada",
        "after": {"package": {"revision": "9f3a61c7"}} if action == "package ready" else {},
    }
    return sentence(Told(row, ZoneInfo("Europe/Berlin"))).replace("an unknown time", "…").replace("None", "…")


_OF_A_CHANNEL = {
    "booked", "booking cancelled", "booking not made", "claim", "noted", "not sent", "published", "found", "failed",
    "to be retried", "unknown", "look again", "ask", "pause", "lift pause",
}  # fmt: skip
