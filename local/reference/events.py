"""``docs/reference/events.md``: every event with who emits it, who is woken by it and its fields, from the models in ``mesh.events``."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from local.reference.functions import Drawn
from local.reference.markdown import table, words
from mesh.events import REGISTRY, Detail

_COMMON = set(Detail.model_fields)


def events_page(mesh: Drawn) -> str:
    """Markdown. Same models, template and code, same page."""
    return "\n".join(
        [
            "# Events",
            "",
            "They go over the account's default bus; `source` is the stack's prefix. An event says that",
            "something is in the tables and names it by id; it",
            "carries no word of a post, and whoever gets it reads the tables again. Losing one, getting it",
            "twice or out of order changes nothing but the",
            "moment ([when at the latest](../sweep.md)). Every detail has `schema_version` (1) and `trace_id`;",
            "a consumer ignores what it does not know.",
            "Where a list would not fit into one event it becomes several. Samples and JSON Schemas: [events/bus](../../events/bus).",
            "",
            *table(
                ("event", "emitted by", "wakes"),
                ((f"[{name}](#{_anchor(name)})", _emitters(mesh, name), _woken(mesh, name)) for name in REGISTRY),
            ),
            *[line for model in REGISTRY.values() for line in _event(mesh, model)],
        ]
    )


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _emitters(mesh: Drawn, name: str) -> str:
    found = [str(one["name"]) for one in mesh.to(f"type/{name}", "puts", "function")]
    if name in {"ss.send", "ss.retry"}:
        found.append("a booking at its minute")
    return ", ".join(found)


def _woken(mesh: Drawn, name: str) -> str:
    return ", ".join(str(one["name"]) for one in mesh.from_(f"type/{name}", "wakes"))


def _event(mesh: Drawn, model: type[Detail]) -> Iterator[str]:
    name = model.detail_type
    yield f"## {name}"
    yield ""
    yield words(model.__doc__)
    yield ""
    folder = f"../../events/bus/{name}"
    yield f"Emitted by {_emitters(mesh, name)}; wakes {_woken(mesh, name)}."
    yield f"[A sample]({folder}/v1.json), [its schema]({folder}/v1.schema.json)."
    yield ""
    yield from fields_table(model, without=_COMMON)
    for part in parts_of(model):
        yield f"`{part.__name__}`: {words(part.__doc__)}"
        yield ""
        yield from fields_table(part)


def fields_table(model: type[BaseModel], without: set[str] | None = None) -> list[str]:
    """Its fields, but for those that every model of its kind has."""
    rows = [
        (f"`{name}`", type_words(field.annotation), _default(field))
        for name, field in model.model_fields.items()
        if name not in (without or set()) and not field.exclude
    ]
    return table(("field", "type", "when absent"), rows) if rows else []


def parts_of(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The models that its fields hold, each once."""
    found: dict[str, type[BaseModel]] = {}
    for field in model.model_fields.values():
        for part in _models_in(field.annotation):
            found.setdefault(part.__name__, part)
    return list(found.values())


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def type_words(annotation: Any) -> str:
    """ "list of str", "Approval or none"."""
    inner = [one for one in get_args(annotation) if one is not Ellipsis]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of " + ", ".join(str(one.value) for one in annotation)
    if not inner:
        return "none" if annotation is type(None) else str(getattr(annotation, "__name__", annotation))
    origin = get_origin(annotation)
    if origin in {list, tuple, set, frozenset}:
        return f"list of {type_words(inner[0])}"
    if (isinstance(origin, type) and issubclass(origin, dict)) or "Mapping" in str(origin):
        return f"{type_words(inner[1])} by {type_words(inner[0])}"
    return " or ".join(type_words(one) for one in inner)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "it must be there"
    value = field.get_default(call_default_factory=False)
    if value is None and field.default_factory is None:
        return "none"
    if field.default_factory is not None or isinstance(value, BaseModel | tuple | list | dict):
        return "empty"
    return f"`{value}`" if str(value) else '""'
