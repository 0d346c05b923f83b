"""The mesh as the deployed template has it: what there is, and what leads to what. Pure; no function is known here by its name.

A node's id is where the page shows it: ``function/sender``, ``type/ss.send`` (a kind of event), ``schedule/sweep``, ``table/status``. An
edge's ``kind`` says what it does: ``wakes``, ``puts``, ``reads``, ``writes``, ``books``, ``uses``, ``runs``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from local.console.mesh_template import Template, listed

_FUNCTIONS = {"AWS::Serverless::Function", "AWS::Lambda::Function"}
_MACHINES = {"AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine"}
_STORES = {
    "AWS::DynamoDB::Table": "table",
    "AWS::S3::Bucket": "bucket",
    "AWS::SQS::Queue": "queue",
    "AWS::Scheduler::ScheduleGroup": "group",
}
_RULES = {"EventBridgeRule", "CloudWatchEvent"}
_SCHEDULES = {"Schedule", "ScheduleV2"}
_READS = ("Get", "BatchGet", "Query", "Scan", "ConditionCheck", "List", "Receive")
# What stands outside, by what a function has to reach it: its variables, and the actions of its policy.
_Reaches = Callable[[Mapping[str, Any], list[str]], bool]
_OUTSIDE: tuple[tuple[str, str, _Reaches], ...] = (
    ("sheet", "Google Sheet", lambda names, actions: "SHEET_ID" in names),
    ("mail", "Mail", lambda names, actions: any(action.startswith("ses:Send") for action in actions)),
    ("slack", "Slack", lambda names, actions: bool(names.get("SLACK_SECRET"))),
    ("networks", "Networks", lambda names, actions: "CHANNEL_SECRETS_PREFIX" in names),
    ("model", "Bedrock", lambda names, actions: any(action.startswith("bedrock:Invoke") for action in actions)),
)


@dataclass(frozen=True)
class Node:
    """``facts`` are names and figures for its page, in the order in which they are said."""

    id: str
    kind: str
    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Edge:
    source: str
    target: str
    kind: str
    words: str = ""


class _Drawn:
    """Nodes and edges in the order of the template, each once."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.edges: dict[tuple[str, str, str], Edge] = {}

    def node(self, kind: str, name: str, **facts: Any) -> str:
        made = Node(f"{kind}/{name}", kind, name, facts)
        known = self.nodes.get(made.id)
        if known is None or (facts and not known.facts):
            self.nodes[made.id] = made
        return made.id

    def edge(self, source: str, target: str, kind: str, words: str = "") -> None:
        self.edges.setdefault((source, target, kind), Edge(source, target, kind, words))


def mesh_map(
    body: Mapping[str, Any], given: Mapping[str, str], may_put: Mapping[str, Iterable[str]] | None = None
) -> dict[str, Any]:
    """``{"nodes": […], "edges": […]}``. ``may_put``: by a handler's package, the kinds of event that its code makes.

    Only who may put events by its policy is said to put any, and none of a kind that the policy does not name.
    """
    template, drawn = Template(body, given), _Drawn()
    for logical_id, resource in template.resources.items():
        kind = _STORES.get(str(resource["Type"]))
        if kind:
            drawn.node(kind, template.name_of(logical_id), **_store_facts(resource))
    for logical_id, resource in template.resources.items():
        properties = resource.get("Properties") or {}
        if resource["Type"] in _FUNCTIONS:
            _function(template, drawn, logical_id, properties, may_put or {})
        elif resource["Type"] in _MACHINES:
            _machine(template, drawn, logical_id, properties)
        elif resource["Type"] == "AWS::Events::Rule":
            for target in listed(properties.get("Targets")):
                for woken in _by_id(template, drawn, target):
                    _rule(template, drawn, woken, template.name_of(logical_id), properties)
        elif resource["Type"] == "AWS::Scheduler::Schedule":
            for woken in _by_id(template, drawn, properties.get("Target")):
                _schedule(template, drawn, woken, template.name_of(logical_id), properties)
    nodes = [asdict(node) for node in drawn.nodes.values()]
    return {"nodes": nodes, "edges": [asdict(edge) for edge in drawn.edges.values()]}


def _function(
    template: Template,
    drawn: _Drawn,
    logical_id: str,
    properties: Mapping[str, Any],
    may_put: Mapping[str, Iterable[str]],
) -> None:
    shared = ((template.body.get("Globals") or {}).get("Function")) or {}
    handler = template.text(properties.get("Handler") or shared.get("Handler"))
    retries = template.value(properties.get("EventInvokeConfig")) or {}
    facts = {
        "description": template.text(properties.get("Description")),
        "handler": handler,
        "memory_mb": properties.get("MemorySize") or shared.get("MemorySize"),
        "timeout_seconds": properties.get("Timeout") or shared.get("Timeout"),
        "retries": retries.get("MaximumRetryAttempts"),
    }
    own = drawn.node("function", template.name_of(logical_id), **facts)
    _wakes(template, drawn, own, properties)
    if "FunctionUrlConfig" in properties:
        drawn.edge(drawn.node("door", template.name_of(logical_id)), own, "wakes")
    own_roles = [template.resources.get(role) or {} for role in sorted(template.meant(properties.get("Role")))]
    holders = (properties, *(role.get("Properties") or {} for role in own_roles))
    statements = [one for holder in holders for one in _statements(template, holder)]
    letters = template.meant((properties.get("EventInvokeConfig") or {}).get("DestinationConfig"))
    for statement in statements:
        _touches(template, drawn, own, statement, letters)
    groups = [edge.target for edge in drawn.edges.values() if edge.source == own and edge.kind == "books"]
    roles = {
        role
        for one in statements
        if "iam:PassRole" in listed(one.get("Action"))
        for role in template.meant(one.get("Resource"))
    }
    for group in groups:
        _fires(template, drawn, group, roles)
    actions = [str(action) for one in statements for action in listed(one.get("Action"))]
    names = template.value((properties.get("Environment") or {}).get("Variables")) or {}
    for name, words, uses in _OUTSIDE:
        if uses(names, actions):
            drawn.edge(own, drawn.node("outside", name, words=words), "uses")
    made = may_put.get(handler.split(".", 1)[0], ())
    for event_type in dict.fromkeys(kind for one in statements for kind in _may_put(one, made)):
        drawn.edge(own, drawn.node("type", event_type), "puts")
    for target in letters:
        drawn.edge(own, drawn.node("queue", template.name_of(target)), "fails")


def _machine(template: Template, drawn: _Drawn, logical_id: str, properties: Mapping[str, Any]) -> None:
    own = drawn.node("machine", template.name_of(logical_id))
    _wakes(template, drawn, own, properties)
    for meant in sorted(template.meant(properties.get("DefinitionSubstitutions"))):
        if (template.resources.get(meant) or {}).get("Type") in _FUNCTIONS:
            drawn.edge(own, drawn.node("function", template.name_of(meant)), "runs")


def _wakes(template: Template, drawn: _Drawn, own: str, properties: Mapping[str, Any]) -> None:
    for name, event in (properties.get("Events") or {}).items():
        told = event.get("Properties") or {}
        if event["Type"] in _RULES:
            _rule(template, drawn, own, template.short(template.text(told.get("RuleName")) or name), told)
        elif event["Type"] in _SCHEDULES:
            _schedule(template, drawn, own, template.short(template.text(told.get("Name")) or name), told)


def _rule(template: Template, drawn: _Drawn, woken: str, name: str, properties: Mapping[str, Any]) -> None:
    pattern = template.value(properties.get("Pattern") or properties.get("EventPattern")) or {}
    for matched in listed(pattern.get("detail-type")):
        event_type = matched if isinstance(matched, str) else f"{matched.get('prefix', '')}*"
        drawn.edge(drawn.node("type", event_type), woken, "wakes", name)


def _schedule(template: Template, drawn: _Drawn, woken: str, name: str, properties: Mapping[str, Any]) -> None:
    expression = template.text(properties.get("ScheduleExpression") or properties.get("Schedule"))
    zone = template.text(properties.get("ScheduleExpressionTimezone"))
    drawn.edge(drawn.node("schedule", name, expression=expression, zone=zone), woken, "wakes")


def _statements(template: Template, properties: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    policies = listed(template.value(properties.get("Policies")))
    return [
        one
        for policy in policies
        if isinstance(policy, Mapping)
        for one in listed((policy.get("PolicyDocument") or policy).get("Statement"))
        if isinstance(one, Mapping) and one.get("Effect") == "Allow"
    ]


def _touches(
    template: Template, drawn: _Drawn, own: str, statement: Mapping[str, Any], letters: Collection[str]
) -> None:
    """Stores that the statement names, and the groups in which it may make schedules. Where its failures go is told by another edge."""
    verbs = [str(action).rpartition(":")[2] for action in listed(statement.get("Action"))]
    reads = any(verb.startswith(_READS) for verb in verbs)
    writes = any(not verb.startswith(_READS) for verb in verbs)
    for meant in sorted(template.meant(statement.get("Resource")) - set(letters)):
        kind = _STORES.get(str((template.resources.get(meant) or {}).get("Type")))
        if kind is None:
            continue
        store = drawn.node(kind, template.name_of(meant))
        if kind == "group":
            drawn.edge(own, store, "books")
            continue
        if reads:
            drawn.edge(own, store, "reads", ", ".join(verb for verb in verbs if verb.startswith(_READS)))
        if writes:
            drawn.edge(own, store, "writes", ", ".join(verb for verb in verbs if not verb.startswith(_READS)))


def _may_put(statement: Mapping[str, Any], made: Iterable[str]) -> list[str]:
    """Of the kinds that are made, those that this statement lets onto the bus; all, where it names none."""
    if "events:PutEvents" not in listed(statement.get("Action")):
        return []
    named = listed(((statement.get("Condition") or {}).get("StringEquals") or {}).get("events:detail-type"))
    return [one for one in made if not named or one in named]


def _fires(template: Template, drawn: _Drawn, group: str, roles: Iterable[str]) -> None:
    """What a group's schedules may do, by the role that its maker hands on: wake a function, or put an event on the bus."""
    for role in sorted(roles):
        for statement in _statements(template, (template.resources.get(role) or {}).get("Properties") or {}):
            if "events:PutEvents" in listed(statement.get("Action")):
                drawn.nodes[group] = Node(group, "group", group.partition("/")[2], {"puts": True})
            if "lambda:InvokeFunction" in listed(statement.get("Action")):
                for arn in listed(statement.get("Resource")):
                    drawn.edge(group, f"function/{template.short(str(arn).rpartition(':')[2])}", "wakes")


def _store_facts(resource: Mapping[str, Any]) -> dict[str, Any]:
    properties = resource.get("Properties") or {}
    facts: dict[str, Any] = {}
    if "KeySchema" in properties:
        facts["keys"] = [str(key["AttributeName"]) for key in properties["KeySchema"]]
        indexes = properties.get("GlobalSecondaryIndexes") or []
        facts["indexes"] = {one["IndexName"]: [key["AttributeName"] for key in one["KeySchema"]] for one in indexes}
        facts["forgets"] = "TimeToLiveSpecification" in properties
    return facts


def _by_id(template: Template, drawn: _Drawn, target: Any) -> list[str]:
    """The functions and machines that a rule's or schedule's target names."""
    found = []
    for meant in sorted(template.meant(target)):
        kind = (template.resources.get(meant) or {}).get("Type")
        if kind in _FUNCTIONS or kind in _MACHINES:
            found.append(drawn.node("function" if kind in _FUNCTIONS else "machine", template.name_of(meant)))
    return found
