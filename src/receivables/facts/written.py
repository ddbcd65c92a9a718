"""How a fact is written as JSON: an object of its fields and its `kind`, so that what is read again is of the same kind."""

from __future__ import annotations

from typing import Any

from pydantic_core import CoreSchema, core_schema

KIND = "kind"


def with_kind(kind: type[Any], plain: Any) -> CoreSchema:
    """Return the schema of a fact that in JSON says its kind, and is read only where the kind is right.

    Args:
        kind: The class of the fact.
        plain: Its schema without; given back as it is when it already has it.
    """
    if plain["type"] != "dataclass" or plain["schema"]["type"] != "dataclass-args":
        return plain  # type: ignore[no-any-return]
    fields = {
        it["name"]: core_schema.typed_dict_field(it["schema"]) for it in plain["schema"]["fields"]
    }
    fields[KIND] = core_schema.typed_dict_field(core_schema.literal_schema([kind.kind]))
    written = core_schema.typed_dict_schema(fields, config=plain.get("config"))
    return core_schema.json_or_python_schema(
        core_schema.no_info_after_validator_function(lambda it: _made(kind, it), written),
        plain,
        serialization=core_schema.wrap_serializer_function_ser_schema(
            lambda it, fields_of: {KIND: kind.kind, **fields_of(it)}, schema=plain, when_used="json"
        ),
    )


def _made(kind: type[Any], values: dict[str, Any]) -> Any:
    return kind(**{name: value for name, value in values.items() if name != KIND})
