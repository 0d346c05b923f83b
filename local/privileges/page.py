"""``docs/privileges.md``: what each function and role may touch, and what was seen to use it; made of template.yaml and recordings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from local import ROOT
from local.aws.known_refusals import KNOWN
from local.console.mesh_template import Template
from local.deploy import read_template
from local.privileges.roles import GIVEN, Role, mesh_roles
from local.privileges.table import kept, lines

_BEGINNING = """# Who may do what

Made by `python -m local.generate` of template.yaml and of what the tests and the story asked of AWS (`make privileges`); `make test` holds
the three together. Every call that a function makes in any test is held against its role here, and one that the role does not allow fails
that test. Every grant was used by a recorded call: by the function's own, or by what Lambda, Scheduler and the bus do with a role by
themselves on the local AWS side (logs, dead letters, a function that a schedule wakes).

`make story` holds the whole path against the roles too, and `python -m local story --enforce-roles` refuses what they do not allow;
`--without "sender s3:GetObject"` takes a grant away, and the story fails by that name. `--emulator-roles` has MiniStack's own judge
refuse as well, each function signed in as its role; what that judge refuses wrongly stands [below](#what-the-emulator-refuses-wrongly).

What AWS is asked with a call is written down in `local/privileges/asked.py`; how a policy is judged in `policy.py`, which is held against
two evaluators of others on thousands of cases.

The policies for the person who runs `make setup` and `make doctor` ([setting up](setting-up.md#which-rights-it-needs)) are judged the same
way: tests hold every call of the two, with its resource and its conditions, against them, and every statement against the calls.

## Where a `*` stands, and why

| grant | why not narrower |
| --- | --- |
| `images/*`, `packages/*`, `uploads/*`, `RenderCacheBucket/*` | the names behind it are made while it runs, of contents and posts |
| `schedule/BookingGroup/*`, `schedule/TemplateGroup/*` | a schedule's name is made of its post |
| `schedule/*/*`, for ListSchedules alone | the service takes no narrower grant: names and times of every group, nothing that wakes |
| `secret:ss/channels/*`, the sender's alone | channels are connected while the stack stands |
| `secret:ss/slack-??????` | Secrets Manager puts six characters behind a name, and this secret is made outside the stack |
| `bedrock foundation-model/anthropic.*` | a global profile answers from whichever region has room; the model is a parameter |

## What SAM makes, not we

No role. The permissions by which each rule wakes its function (`SourceArn` is that rule), and those of the two public doors, the two that a
Function URL without sign-in needs: `lambda:InvokeFunctionUrl` with `AuthType NONE`, and `lambda:InvokeFunction` only by way of the URL.

## Who takes a role on

A function's role is taken on by Lambda, which documents no source that it would tell of then (`lambda:SourceFunctionArn` is for what a
function calls): there is no condition, and what is bound is who may pass a role on, which goes no further than its account. Every other
role is for one thing of this account alone (`aws:SourceAccount`, `aws:SourceArn`), which stands with it below: schedules of one group, the
rule that starts the machine, the machine. The role of a workflow (`stacks/deploy-role.yaml`) is for one environment of one repository.
"""


def privileges_page() -> str:
    """Markdown. Same template and recordings, same page."""
    template = Template(read_template(ROOT / "template.yaml"), GIVEN)
    return "\n".join([_BEGINNING, *_tables(template, mesh_roles()), *_wrongly_refused()])


def _wrongly_refused() -> Iterator[str]:
    yield "## What the emulator refuses wrongly"
    yield ""
    yield "Of MiniStack's own judge; our own judge decides these in its stead. `python -m local story --emulator-roles` fails on any"
    yield "other refusal, and on an entry that is not met any more."
    yield ""
    yield "| call | on | why it is wrong | where that is decided |"
    yield "| --- | --- | --- | --- |"
    for one in KNOWN:
        cells = (f"`{one.action}`", f"`{one.resource}`", one.why, one.where)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def _tables(template: Template, roles: Mapping[str, Role]) -> Iterator[str]:
    used = kept()
    told = list(lines(roles, used))
    for role in roles.values():
        yield f"## {role.owner}"
        yield ""
        yield _about(template, role)
        yield ""
        yield "| may | on | used by |"
        yield "| --- | --- | --- |"
        for owner, label, actions, by in told:
            if owner == role.owner:
                yield f"| {actions} | `{label}` | {by} |"
        yield ""
        if conditions := _conditions(role):
            yield f"Only where {'; '.join(conditions)}."
            yield ""


def _about(template: Template, role: Role) -> str:
    """The function's own description, or for whose sake the role is there."""
    for resource in template.resources.values():
        properties = resource.get("Properties") or {}
        if role.logical_id in template.meant(properties.get("Role")) and "Description" in properties:
            return f"{template.text(properties['Description'])}."
    held = role.taken_on_for.split(":", 5)[-1]
    return f"Taken on by {role.taken_on_by} for `{held}` of this account alone."


def _conditions(role: Role) -> list[str]:
    return list(
        dict.fromkeys(
            f"`{key}` is `{', '.join(values)}` ({', '.join(statement.actions)})"
            for statement in role.statements
            for keys in statement.conditions.values()
            for key, values in keys.items()
        )
    )
